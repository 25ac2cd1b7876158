//! Ports for one rig: a block that no other rig, in this process or another, has at the time.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// Tests have the ports from here on; all lie below those that systems give out by chance.
const FIRST: u16 = 22_000;
const LAST: u16 = 32_000;
const STEP: u16 = 40;
/// Readers (encoder, check, two on the desk) and the authority.
const USED: [u16; 5] = [0, 1, 10, 11, 20];
const CLAIM: u16 = 30;

/// A block of ports, ours while this lives: whoever holds its last port holds all of it.
pub(crate) struct Ports {
    base: u16,
    _claim: TcpListener,
}

impl Ports {
    /// The next free block. A block is not used twice by one process: sockets close late.
    pub(crate) fn claim() -> Ports {
        static NEXT: AtomicU16 = AtomicU16::new(FIRST);
        loop {
            let base = NEXT.fetch_add(STEP, Ordering::Relaxed);
            assert!(base < LAST, "no free ports between {FIRST} and {LAST}");
            let Ok(claim) = TcpListener::bind(("127.0.0.1", base + CLAIM)) else {
                continue;
            };
            let free = |offset: &u16| TcpListener::bind(("0.0.0.0", base + offset)).is_ok();
            if USED.iter().all(free) {
                return Ports {
                    base,
                    _claim: claim,
                };
            }
        }
    }

    pub(crate) fn encoder(&self) -> u16 {
        self.base
    }

    pub(crate) fn check(&self) -> u16 {
        self.base + 1
    }

    pub(crate) fn desk(&self) -> u16 {
        self.base + 10
    }

    pub(crate) fn authority(&self) -> u16 {
        self.base + 20
    }
}
