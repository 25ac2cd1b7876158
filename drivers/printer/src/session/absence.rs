//! While there is no line: nothing is sent, time goes on, and what was asked waits for the
//! same printer on another line.

use std::io;
use std::time::Duration;

use wire::frame::Decoder;
use wire::message::Hello;
use zeroize::Zeroizing;

use super::{Event, Session};

/// Why a line is gone: what can be told of an error more than once.
#[derive(Debug, Clone, Copy)]
pub struct Cause {
    kind: io::ErrorKind,
    code: Option<i32>,
}

impl Default for Cause {
    fn default() -> Cause {
        io::Error::from(io::ErrorKind::BrokenPipe).into()
    }
}

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Cause {
        let (kind, code) = (error.kind(), error.raw_os_error());
        Cause { kind, code }
    }
}

impl From<Cause> for io::Error {
    fn from(cause: Cause) -> io::Error {
        match cause.code {
            Some(code) => io::Error::from_raw_os_error(code),
            None => cause.kind.into(),
        }
    }
}

impl Session {
    /// The line is gone, but the printer may come back on another.
    pub fn detach(&mut self, cause: Cause) {
        self.detached = Some(cause);
        self.control.clear();
        self.decoder = Decoder::default();
        if !std::mem::replace(&mut self.link_lost, true) {
            self.events.push_back(Event::LinkLost);
        }
    }

    /// Why there is no line now.
    pub fn detached(&self) -> Option<Cause> {
        self.detached
    }

    /// The same printer is on a new line and has answered `hello` there. What was asked is
    /// asked again, and the raster asks what arrived before it goes on.
    pub fn attach(&mut self, hello: &Hello, now: Duration) {
        self.detached = None;
        self.control.push_back(Zeroizing::new(vec![0]));
        self.hear(now);
        self.see_boot(hello.boot);
        for request in &mut self.requests {
            request.resend_at = now;
        }
        if let Some(stream) = &mut self.stream {
            stream.ask_again();
        }
    }
}
