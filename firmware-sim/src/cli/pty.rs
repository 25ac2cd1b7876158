//! The serial port that is not there: a pseudo terminal behind a symbolic link, paced to its
//! baud. Survives a host that closes and opens again. Knows bytes only.

use firmware_sim::Error;
use firmware_sim::pace::Bucket;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::openpty;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often the terminal's own baud is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How long a terminal that its host closed is still watched for one that opened it just then.
const GRACE: Duration = Duration::from_millis(200);

/// The master end.
pub(crate) struct Pty {
    link: PathBuf,
    terminal: Terminal,
    retired: Option<(Terminal, Duration)>,
    seen_host: bool,
    fixed_baud: Option<u32>,
    looked: Duration,
    towards_us: Bucket,
    towards_host: Bucket,
}

impl Pty {
    /// Opens a pseudo terminal and links it.
    pub(crate) fn open(link: &Path, baud: Option<u32>, now: Duration) -> Result<Pty, Error> {
        let rate = baud.unwrap_or(460_800);
        Ok(Pty {
            link: link.to_owned(),
            terminal: Terminal::linked(link)?,
            retired: None,
            seen_host: false,
            fixed_baud: baud,
            looked: now,
            towards_us: Bucket::new(rate, now),
            towards_host: Bucket::new(rate, now),
        })
    }

    /// Bytes from the host, as many as the line could carry by now; none when there is no host.
    pub(crate) fn read(&mut self, now: Duration) -> Result<Vec<u8>, Error> {
        self.follow_baud(now);
        self.watch_retired(now)?;
        let mut bytes = vec![0; self.towards_us.room(now)];
        if bytes.is_empty() {
            return Ok(bytes);
        }
        match nix::unistd::read(&self.terminal.master, &mut bytes) {
            Ok(count) => {
                self.seen_host = true;
                bytes.truncate(count);
                self.towards_us.draw(count);
                Ok(bytes)
            }
            Err(Errno::EAGAIN | Errno::EINTR) => {
                self.seen_host = true;
                Ok(Vec::new())
            }
            // No one has the slave end open.
            Err(Errno::EIO) if self.seen_host => self.renew(now).map(|()| Vec::new()),
            Err(Errno::EIO) => Ok(Vec::new()),
            Err(error) => Err(port(error)),
        }
    }

    /// Writes what the line could carry by now; says how much. Without a host all falls down.
    pub(crate) fn write(&mut self, bytes: &[u8], now: Duration) -> Result<usize, Error> {
        let room = self.towards_host.room(now).min(bytes.len());
        if room == 0 {
            return Ok(0);
        }
        match nix::unistd::write(&self.terminal.master, &bytes[..room]) {
            Ok(count) => {
                self.towards_host.draw(count);
                Ok(count)
            }
            Err(Errno::EAGAIN | Errno::EINTR) => Ok(0),
            Err(Errno::EIO) => Ok(bytes.len()),
            Err(error) => Err(port(error)),
        }
    }

    /// Waits until the host says something or the time is up.
    pub(crate) fn wait(&self, time: Duration) {
        let milliseconds = u8::try_from(time.as_millis()).unwrap_or(u8::MAX).max(1);
        let mut fds = [PollFd::new(self.terminal.master.as_fd(), PollFlags::POLLIN)];
        let polled = poll(&mut fds, PollTimeout::from(milliseconds));
        let hung_up = fds[0]
            .revents()
            .is_some_and(|seen| seen.contains(PollFlags::POLLHUP));
        if polled.is_err() || hung_up {
            std::thread::sleep(time);
        }
    }

    fn follow_baud(&mut self, now: Duration) {
        if self.fixed_baud.is_some() || now < self.looked + LOOK_EVERY {
            return;
        }
        self.looked = now;
        if let Ok(settings) = rustix::termios::tcgetattr(&self.terminal.master) {
            let baud = settings.output_speed();
            if baud > 0 {
                self.towards_us.set_baud(baud, now);
                self.towards_host.set_baud(baud, now);
            }
        }
    }

    /// A host that closed leaves its settings, its lock and unread bytes on the terminal: the
    /// next one gets a fresh terminal under the same name.
    fn renew(&mut self, now: Duration) -> Result<(), Error> {
        tracing::info!("the host closed the port");
        let old = std::mem::replace(&mut self.terminal, Terminal::linked(&self.link)?);
        self.retired = Some((old, now));
        self.seen_host = false;
        Ok(())
    }

    /// A host that opened the port in the moment of its renewal holds the old terminal: it is
    /// served there.
    fn watch_retired(&mut self, now: Duration) -> Result<(), Error> {
        let Some((old, since)) = self.retired.take() else {
            return Ok(());
        };
        if self.seen_host || now > since + GRACE {
            return Ok(());
        }
        if old.is_open()? {
            old.relink(&self.link)?;
            self.terminal = old;
            self.seen_host = true;
        } else {
            self.retired = Some((old, since));
        }
        Ok(())
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // The link may be gone already; nobody is left to be told.
        let _ = fs::remove_file(&self.link);
    }
}

/// The master end of a raw pseudo terminal, and the name of its slave end.
struct Terminal {
    master: OwnedFd,
    name: PathBuf,
}

impl Terminal {
    /// A new one that `link` names.
    fn linked(link: &Path) -> Result<Terminal, Error> {
        let pair = openpty(None, None).map_err(port)?;
        let mut settings = tcgetattr(&pair.slave).map_err(port)?;
        cfmakeraw(&mut settings);
        tcsetattr(&pair.slave, SetArg::TCSANOW, &settings).map_err(port)?;
        let name = nix::unistd::ttyname(&pair.slave).map_err(port)?;
        fcntl(&pair.master, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).map_err(port)?;
        let terminal = Terminal {
            master: pair.master,
            name,
        };
        terminal.relink(link)?;
        Ok(terminal)
    }

    fn relink(&self, link: &Path) -> Result<(), Error> {
        let beside = link.with_extension("new");
        let file = |source| Error::File {
            path: link.to_owned(),
            source,
        };
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(file(error)),
            Ok(()) | Err(_) => {}
        }
        symlink(&self.name, &beside)
            .and_then(|()| fs::rename(&beside, link))
            .map_err(file)
    }

    /// Whether a host has the slave end open.
    fn is_open(&self) -> Result<bool, Error> {
        let mut fds = [PollFd::new(self.master.as_fd(), PollFlags::POLLIN)];
        poll(&mut fds, PollTimeout::ZERO).map_err(port)?;
        Ok(!fds[0]
            .revents()
            .is_some_and(|seen| seen.contains(PollFlags::POLLHUP)))
    }
}

fn port(error: Errno) -> Error {
    Error::Port {
        what: "pseudo terminal",
        source: error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{File, OpenOptions};
    use std::io::{Read, Write};

    fn opened(link: &Path) -> File {
        OpenOptions::new()
            .read(true)
            .write(true)
            .open(link)
            .unwrap()
    }

    /// Reads in virtual time until something came.
    fn heard(pty: &mut Pty, now: &mut Duration) -> Vec<u8> {
        for _ in 0..1_000 {
            *now += Duration::from_millis(1);
            let bytes = pty.read(*now).unwrap();
            if !bytes.is_empty() {
                return bytes;
            }
        }
        panic!("nothing was heard in a second of the line");
    }

    #[test]
    fn hosts_come_and_go_and_bytes_pass_raw() {
        let folder = std::env::temp_dir().join(format!("pty-test-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let link = folder.join("tty");
        let mut now = Duration::ZERO;
        let mut pty = Pty::open(&link, Some(921_600), now).unwrap();
        for _ in 0..3 {
            let mut host = opened(&link);
            host.write_all(b"\x03\x11\x13\x0d\x0a\x00").unwrap();
            assert_eq!(heard(&mut pty, &mut now), b"\x03\x11\x13\x0d\x0a\x00");
            now += Duration::from_millis(10);
            assert_eq!(pty.write(b"\x0a\x00", now).unwrap(), 2);
            let mut back = [0; 2];
            host.read_exact(&mut back).unwrap();
            assert_eq!(&back, b"\x0a\x00");
            drop(host);
            // One host comes in the moment of the renewal, the next ones after it.
            let early = opened(&link);
            now += Duration::from_millis(5);
            pty.read(now).unwrap();
            drop(early);
            now += Duration::from_millis(5);
            assert_eq!(pty.read(now).unwrap(), b"");
        }
        drop(pty);
        assert!(
            fs::symlink_metadata(&link).is_err(),
            "the link goes with the printer"
        );
        fs::remove_dir_all(&folder).unwrap();
    }
}
