//! `firmware-sim pcscd`: a PC/SC service of one's own with the station's virtual readers, beside
//! the machine's. Copies the reader driver once per entry, binds the service's socket and hands it
//! over; as root the service runs as `nobody`, since as root it would remove the machine's pid file.

use std::fs;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clap::Args;
use firmware_sim::Error;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::signals::Stop;

const SERVICE: &str = "/usr/sbin/pcscd";
const RUN: &str = "/run/pcscd";
const DRIVER: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
/// Friendly name, offset of its first port; each entry has two slots.
const ENTRIES: [(&str, u16); 2] = [("Card Printer", 0), ("Desk Reader", 10)];
const SLOT_OFFSETS: [u16; 4] = [0, 1, 10, 11];
/// What the service has to say; that it can write no pid file is as it should be.
const LOG: &str = "pcscd.log";
const START_PATIENCE: Duration = Duration::from_secs(10);
/// Starts the service with its listening socket as file 3, which is where it looks for it.
const HAND_OVER: &str = "exec 3<&0 </dev/null; LISTEN_FDS=1 LISTEN_PID=$$; \
    export LISTEN_FDS LISTEN_PID; exec \"$0\" --foreground --config \"$1\"";

/// Arguments of `pcscd`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Folder for socket, configuration and driver copies; others must be able to enter it.
    #[arg(long)]
    dir: PathBuf,
    /// Port of the first slot: +0 encoder, +1 check station, +10 and +11 desk readers.
    #[arg(long, default_value_t = 20480, value_parser = clap::value_parser!(u16).range(1024..=32_756))]
    base_port: u16,
    /// File that appears when the readers are listed; it holds the socket's path.
    #[arg(long)]
    ready_file: Option<PathBuf>,
}

/// Runs until stopped.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let ports = SLOT_OFFSETS.map(|offset| arguments.base_port + offset);
    refuse_taken(&ports)?;
    let dir = prepare(&arguments.dir, arguments.base_port)?;
    let socket = dir.join("pcscd.comm");
    let mut service = Service(start(&dir, &socket)?);
    // Only now: the service would inherit that the signals are held back.
    let stop = Stop::prepare()?;
    service.await_readers(&ports)?;
    println!("PCSCLITE_CSOCK_NAME={}", socket.display());
    println!("ready");
    if let Some(file) = &arguments.ready_file {
        // In one move: whoever sees the file finds it whole.
        let torn = file.with_extension("new");
        write(&torn, format!("{}\n", socket.display()).as_bytes())?;
        fs::rename(&torn, file).map_err(|cause| unusable(file, cause))?;
    }
    while stop.wait()? == Signal::SIGCHLD {
        service.still_running()?;
    }
    drop(service);
    for file in arguments.ready_file.iter().chain([&socket]) {
        fs::remove_file(file).map_err(|cause| unusable(file, cause))?;
    }
    Ok(())
}

/// A slot's port that somebody holds would make his reader ours.
fn refuse_taken(ports: &[u16]) -> Result<(), Error> {
    for &port in ports {
        TcpListener::bind(("0.0.0.0", port)).map_err(|cause| Error::Parameter {
            name: "base-port",
            reason: format!("port {port} cannot be had: {cause}"),
        })?;
    }
    Ok(())
}

/// Driver copies (each entry needs its own, else the later one steals the first one's slots) and
/// the configuration that names them.
fn prepare(dir: &Path, base_port: u16) -> Result<PathBuf, Error> {
    fs::create_dir_all(dir).map_err(|cause| unusable(dir, cause))?;
    let dir = fs::canonicalize(dir).map_err(|cause| unusable(dir, cause))?;
    if is_root()? {
        set_mode(&dir, 0o755)?;
        refuse_closed_parents(&dir)?;
        // The service insists on its run folder, though it puts nothing there as `nobody`.
        fs::create_dir_all(RUN).map_err(|cause| unusable(Path::new(RUN), cause))?;
    }
    let mut configuration = String::new();
    for (at, (name, offset)) in ENTRIES.iter().enumerate() {
        let library = dir.join(format!("libvpcd-{}.so", at + 1));
        fs::copy(DRIVER, &library).map_err(|cause| unusable(Path::new(DRIVER), cause))?;
        set_mode(&library, 0o755)?;
        let port = base_port + offset;
        configuration += &format!(
            "FRIENDLYNAME \"{name}\"\nDEVICENAME   /dev/null:{port}\n\
             LIBPATH      {}\nCHANNELID    {port}\n\n",
            library.display()
        );
    }
    let file = dir.join("reader.conf");
    write(&file, configuration.as_bytes())?;
    set_mode(&file, 0o644)?;
    Ok(dir)
}

/// `nobody` must be able to walk to the drivers.
fn refuse_closed_parents(dir: &Path) -> Result<(), Error> {
    for parent in dir.ancestors() {
        let mode = fs::metadata(parent)
            .map_err(|cause| unusable(parent, cause))?
            .mode();
        if mode & 0o001 == 0 {
            return Err(Error::Parameter {
                name: "dir",
                reason: format!(
                    "the service runs as nobody and cannot enter {}",
                    parent.display()
                ),
            });
        }
    }
    Ok(())
}

fn start(dir: &Path, socket: &Path) -> Result<Child, Error> {
    match fs::remove_file(socket) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            return Err(unusable(socket, cause));
        }
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(socket).map_err(|cause| unusable(socket, cause))?;
    let path = dir.join(LOG);
    let log = fs::File::create(&path).map_err(|cause| unusable(&path, cause))?;
    let same = log.try_clone().map_err(|cause| unusable(&path, cause))?;
    // The service dies with us, however we die.
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM"]);
    if is_root()? {
        command.args(["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]);
    }
    command
        .args(["sh", "-c", HAND_OVER, SERVICE])
        .arg(dir.join("reader.conf"))
        .current_dir("/")
        .stdin(Stdio::from(OwnedFd::from(listener)))
        .stdout(log)
        .stderr(same)
        .spawn()
        .map_err(|source| Error::Port {
            what: "PC/SC service",
            source,
        })
}

/// The running service; dropping it ends it.
struct Service(Child);

impl Service {
    /// The drivers listen once their readers are listed; looked up, because connecting would be a
    /// card.
    fn await_readers(&mut self, ports: &[u16]) -> Result<(), Error> {
        let deadline = Instant::now() + START_PATIENCE;
        while !ports.iter().all(|port| listening(*port)) {
            self.still_running()?;
            if Instant::now() > deadline {
                let source = std::io::ErrorKind::TimedOut.into();
                return Err(Error::Port {
                    what: "PC/SC service's readers",
                    source,
                });
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    fn still_running(&mut self) -> Result<(), Error> {
        match self.0.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => {
                let source = std::io::Error::other(format!("it ended ({status}); see its {LOG}"));
                Err(Error::Port {
                    what: "PC/SC service",
                    source,
                })
            }
            Err(source) => Err(Error::Port {
                what: "PC/SC service",
                source,
            }),
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let (Ok(None), Ok(pid)) = (self.0.try_wait(), i32::try_from(self.0.id())) {
            // It can only have ended by itself meanwhile.
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
            let _ = self.0.wait();
        }
    }
}

/// Whether some socket of this machine listens on a port (column 2 and state 0A of the table).
fn listening(port: u16) -> bool {
    let table = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let end = format!(":{port:04X}");
    table.lines().any(|line| {
        let mut fields = line.split_whitespace().skip(1);
        fields.next().is_some_and(|local| local.ends_with(&end)) && fields.nth(1) == Some("0A")
    })
}

fn is_root() -> Result<bool, Error> {
    let path = Path::new("/proc/self");
    Ok(fs::metadata(path)
        .map_err(|cause| unusable(path, cause))?
        .uid()
        == 0)
}

fn set_mode(path: &Path, mode: u32) -> Result<(), Error> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(|cause| unusable(path, cause))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    fs::write(path, bytes).map_err(|cause| unusable(path, cause))
}

fn unusable(path: &Path, source: std::io::Error) -> Error {
    Error::File {
        path: path.into(),
        source,
    }
}
