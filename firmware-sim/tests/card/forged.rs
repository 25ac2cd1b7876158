//! `card blank` and `card forge` as programs: what a forgery changes, and what it leaves.

use std::path::Path;
use std::process::{Command, Output};

use firmware_sim::chip::{Card, forge};

use crate::reading::finished;

fn simulator(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_firmware-sim"))
        .args(arguments)
        .output()
        .unwrap()
}

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()
        .expect("the openssl program is installed");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// An issued card with a signature of its own CA, in `folder/true`.
fn issued(folder: &Path) -> String {
    let image = folder.join("true");
    let mut card = finished();
    let (message, _) = forge::signed(&card).unwrap();
    std::fs::write(folder.join("message"), message).unwrap();
    openssl(
        folder,
        "req -x509 -newkey rsa:2048 -nodes -keyout key -days 2 -subj /C=JP/CN=SpecimenCA \
         -outform DER -out der",
    );
    openssl(folder, "dgst -sha256 -sign key -out signature message");
    let read = |name| std::fs::read(folder.join(name)).unwrap();
    forge::sign_anew(&mut card, &read("signature"), &read("der")).unwrap();
    card.store(&image).unwrap();
    image.display().to_string()
}

#[test]
fn a_blank_is_made_once_and_never_over_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("blank").display().to_string();
    let made = simulator(&["card", "blank", &path, "--serial", "0102030405060708090A"]);
    assert!(made.status.success());
    assert_eq!(made.stdout, b"0102030405060708090A\n");
    assert_eq!(simulator(&["card", "blank", &path]).status.code(), Some(2));
    assert_eq!(Card::load(Path::new(&path)).unwrap().serial()[9], 0x0A);
}

#[test]
fn an_unknown_ca_signs_the_same_data_under_the_true_names() {
    let folder = tempfile::tempdir().unwrap();
    let source = issued(folder.path());
    let out = folder.path().join("out");
    let target = out.display().to_string();
    let made = simulator(&[
        "card",
        "forge",
        &source,
        "--how",
        "unknown-ca",
        "--out",
        &target,
    ]);
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let (was, true_certificate) = forge::signed(&Card::load(Path::new(&source)).unwrap()).unwrap();
    let (is, certificate) = forge::signed(&Card::load(&out).unwrap()).unwrap();
    assert_eq!(was, is);
    assert_ne!(true_certificate, certificate);
    assert!(
        certificate
            .windows(10)
            .any(|window| window == b"SpecimenCA")
    );
    assert!(!out.join("workshop").exists(), "the forger's keys are gone");
}

#[test]
fn data_of_another_card_and_a_dead_chip_are_made_from_copies() {
    let folder = tempfile::tempdir().unwrap();
    let source = issued(folder.path());
    let before = std::fs::read(Path::new(&source).join("chip.json")).unwrap();
    let target = |name: &str| folder.path().join(name).display().to_string();
    let other = [
        "card",
        "forge",
        &source,
        "--how",
        "other-data",
        "--out",
        &target("other"),
    ];
    assert_eq!(simulator(&other).status.code(), Some(2), "whose data?");
    let with = [&other[..], &["--other", &source]].concat();
    assert!(simulator(&with).status.success());
    let dead = [
        "card",
        "forge",
        &source,
        "--how",
        "dead-chip",
        "--out",
        &target("dead"),
    ];
    assert!(simulator(&dead).status.success());
    assert!(Card::load(Path::new(&target("dead"))).unwrap().is_dead());
    assert_eq!(
        simulator(&dead).status.code(),
        Some(3),
        "never over another"
    );
    assert_eq!(
        std::fs::read(Path::new(&source).join("chip.json")).unwrap(),
        before
    );
}
