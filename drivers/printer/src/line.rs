//! The serial line: the only seam of this driver. Knows bytes, no frames.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serialport::{FlowControl, TTYPort};

use crate::error::Error;

/// A line that carries bytes both ways; either side may lose or damage them.
pub trait Line: Send {
    /// Waits at most `patience` for bytes; `Ok(0)` when none came.
    ///
    /// # Errors  The line is gone for good.
    fn read(&mut self, buffer: &mut [u8], patience: Duration) -> io::Result<usize>;

    /// Takes as many bytes as there is room for now, without waiting; `Ok(0)` when none.
    ///
    /// # Errors  The line is gone for good.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;

    /// A second handle of the same line, for the thread that reads.
    ///
    /// # Errors  The operating system's.
    fn twin(&self) -> io::Result<Box<dyn Line>>;

    /// Bits a second: what the driver paces bulk to, so that control never waits.
    fn baud(&self) -> u32;
}

/// A real port or a pty: 8N1, RTS/CTS, owned by this process alone.
pub struct SerialLine {
    // Bytes go through an own handle with O_NONBLOCK: serialport's write blocks
    // for good when the other side does not read, whatever its timeout says.
    port: File,
    // Holds the exclusive lock and the settings.
    _owner: Arc<TTYPort>,
    baud: u32,
}

impl SerialLine {
    /// # Errors  `Busy` when another process holds the port, else `Port`.
    pub fn open(path: &Path, baud: u32) -> Result<SerialLine, Error> {
        let refused = |source: io::Error| Error::Port {
            port: path.to_owned(),
            source,
        };
        let busy = || Error::Busy {
            port: path.to_owned(),
            owner: owner_of(path),
        };
        let port = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags((OFlag::O_NONBLOCK | OFlag::O_NOCTTY).bits())
            .open(path)
            .map_err(|cause| match cause.raw_os_error() {
                Some(code) if code == Errno::EBUSY as i32 => busy(),
                _ => refused(cause),
            })?;
        let owner = serialport::new(path.to_string_lossy(), baud)
            .flow_control(FlowControl::Hardware)
            .open_native()
            .map_err(
                |cause| match cause.kind() == serialport::ErrorKind::NoDevice {
                    true => busy(),
                    false => refused(cause.into()),
                },
            )?;
        Ok(SerialLine {
            port,
            _owner: Arc::new(owner),
            baud,
        })
    }
}

impl Line for SerialLine {
    fn read(&mut self, buffer: &mut [u8], patience: Duration) -> io::Result<usize> {
        let timeout = PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX);
        let mut waits = [PollFd::new(self.port.as_fd(), PollFlags::POLLIN)];
        match poll(&mut waits, timeout) {
            Ok(0) | Err(Errno::EINTR) => return Ok(0),
            Ok(_) => {}
            Err(errno) => return Err(errno.into()),
        }
        match self.port.read(buffer) {
            Ok(0) => Err(io::ErrorKind::BrokenPipe.into()),
            other => unless_waiting(other),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        unless_waiting(self.port.write(bytes))
    }

    fn twin(&self) -> io::Result<Box<dyn Line>> {
        let port = self.port.try_clone()?;
        Ok(Box::new(SerialLine {
            port,
            _owner: Arc::clone(&self._owner),
            baud: self.baud,
        }))
    }

    fn baud(&self) -> u32 {
        self.baud
    }
}

fn unless_waiting(result: io::Result<usize>) -> io::Result<usize> {
    match result {
        Err(cause)
            if matches!(
                cause.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
            ) =>
        {
            Ok(0)
        }
        other => other,
    }
}

/// The process that has the port open, as far as this one may see.
fn owner_of(port: &Path) -> Option<String> {
    let port = port.canonicalize().ok()?;
    let own = std::process::id().to_string();
    for process in std::fs::read_dir("/proc").ok()?.flatten() {
        let id = process.file_name().into_string().unwrap_or_default();
        if id == own || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let Ok(handles) = std::fs::read_dir(process.path().join("fd")) else {
            continue;
        };
        let holds = |handle: std::fs::DirEntry| {
            std::fs::read_link(handle.path()).is_ok_and(|target| target == port)
        };
        if handles.flatten().any(holds) {
            let name = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some(format!("{} (process {id})", name.trim()));
        }
    }
    None
}
