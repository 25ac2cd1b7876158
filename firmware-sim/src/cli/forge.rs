//! `firmware-sim card forge`: copies an issued card and does to the copy what a forger would.
//! A CA of the forger's own is made by the `openssl` program when one is asked for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::{Args, ValueEnum};
use firmware_sim::Error;
use firmware_sim::chip::{Card, forge};

/// Extensions of the forger's CA and of its signer, as a card authority would set them.
const OPENSSL_CONFIGURATION: &str = "[req]\ndistinguished_name = name\n[name]\n\
    [authority]\nbasicConstraints = critical,CA:TRUE,pathlen:0\nkeyUsage = critical,keyCertSign,cRLSign\n\
    subjectKeyIdentifier = hash\n\
    [signer]\nkeyUsage = critical,digitalSignature\nauthorityKeyIdentifier = keyid\n";

/// Arguments of `card forge`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Folder of a card that was issued; it stays as it is.
    folder: PathBuf,
    /// What the forger did.
    #[arg(long)]
    how: How,
    /// Folder for the forged card; must not exist.
    #[arg(long)]
    out: PathBuf,
    /// Folder of the card whose signed data are put in (for `other-data`).
    #[arg(long, required_if_eq("how", "other-data"))]
    other: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum How {
    /// Signed data of another card under this card's number.
    OtherData,
    /// The same data, signed under a CA that nobody knows.
    UnknownCa,
    /// One changed glyph in the front image, old signature.
    AlteredImage,
    /// A chip that never answers.
    DeadChip,
}

/// Runs the forgery.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    // Loaded first: nothing is written for a folder that holds no card.
    let mut card = Card::load(&arguments.folder)?;
    copy(&arguments.folder, &arguments.out)?;
    match arguments.how {
        How::OtherData => {
            let other = arguments.other.as_deref().unwrap_or(&arguments.folder);
            forge::other_data(&mut card, &Card::load(other)?)?;
        }
        How::UnknownCa => sign_under_own_ca(&mut card, &arguments.out)?,
        How::AlteredImage => forge::alter_image(&mut card)?,
        How::DeadChip => {}
    }
    card.store(&arguments.out)?;
    if matches!(arguments.how, How::DeadChip) {
        card.kill()?;
    }
    println!("{card:?} forged in {}", arguments.out.display());
    Ok(())
}

/// Copies the files of a card's folder (pictures, truth) into a new one.
fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let failed = |path: &Path, source| Error::File {
        path: path.into(),
        source,
    };
    fs::create_dir(to).map_err(|cause| failed(to, cause))?;
    for entry in fs::read_dir(from).map_err(|cause| failed(from, cause))? {
        let path = entry.map_err(|cause| failed(from, cause))?.path();
        if let (true, Some(name)) = (path.is_file(), path.file_name()) {
            fs::copy(&path, to.join(name)).map_err(|cause| failed(&path, cause))?;
        }
    }
    Ok(())
}

fn sign_under_own_ca(card: &mut Card, out: &Path) -> Result<(), Error> {
    let (message, certificate) = forge::signed(card)?;
    let workshop = out.join("workshop");
    fs::create_dir(&workshop).map_err(|cause| unusable(&workshop, cause))?;
    let made = Workshop(&workshop).sign(&message, &certificate);
    // The forger's keys are worth nothing, but they are keys.
    fs::remove_dir_all(&workshop).map_err(|cause| unusable(&workshop, cause))?;
    let (signature, certificate) = made?;
    forge::sign_anew(card, &signature, &certificate)
}

/// A folder in which `openssl` makes keys, certificates and a signature.
struct Workshop<'a>(&'a Path);

impl Workshop<'_> {
    /// Signature and certificate, under names copied from the true certificate.
    fn sign(&self, message: &[u8], certificate: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Error> {
        self.put("openssl.cnf", OPENSSL_CONFIGURATION.as_bytes())?;
        self.put("message", message)?;
        self.put("true.der", certificate)?;
        let issuer = self.name("-issuer")?;
        let subject = self.name("-subject")?;
        let key = "req -config openssl.cnf -newkey rsa:2048 -nodes -sha256 -utf8";
        self.openssl(
            &format!("{key} -x509 -days 3650 -extensions authority -keyout ca.key -out ca.pem"),
            &["-subj", &issuer],
        )?;
        self.openssl(
            &format!("{key} -keyout signer.key -out signer.csr"),
            &["-subj", &subject],
        )?;
        self.openssl(
            "x509 -req -in signer.csr -CA ca.pem -CAkey ca.key -set_serial 93 -days 3650 -sha256 \
             -extfile openssl.cnf -extensions signer -outform DER -out signer.der",
            &[],
        )?;
        self.openssl("dgst -sha256 -sign signer.key -out signature message", &[])?;
        Ok((self.get("signature")?, self.get("signer.der")?))
    }

    /// One name of the true certificate, in the form that `-subj` takes.
    fn name(&self, which: &str) -> Result<String, Error> {
        let text = self.openssl(
            "x509 -inform DER -in true.der -noout -nameopt compat",
            &[which],
        )?;
        let name = text.split_once('=').map(|(_, name)| name.trim());
        Ok(name
            .filter(|name| name.starts_with('/'))
            .unwrap_or("/CN=Unknown CA")
            .into())
    }

    fn openssl(&self, arguments: &str, more: &[&str]) -> Result<String, Error> {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .args(more)
            .current_dir(self.0)
            .stdin(Stdio::null())
            .output()
            .map_err(|source| Error::Port {
                what: "openssl program",
                source,
            })?;
        if !output.status.success() {
            let cause = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            let source = std::io::Error::other(cause);
            return Err(Error::Port {
                what: "openssl program's answer",
                source,
            });
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.0.join(name);
        fs::write(&path, bytes).map_err(|cause| unusable(&path, cause))
    }

    fn get(&self, name: &str) -> Result<Vec<u8>, Error> {
        let path = self.0.join(name);
        fs::read(&path).map_err(|cause| unusable(&path, cause))
    }
}

fn unusable(path: &Path, source: std::io::Error) -> Error {
    Error::File {
        path: path.into(),
        source,
    }
}
