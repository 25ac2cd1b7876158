//! A scan on its way to the host: announced, then asked for in windows of
//! chunks until none is missing.

use std::time::Duration;

use wire::message::{HostMessage, ScanReady};
use wire::scan::{Collector, MAX_PACKED};
use wire::{Condition, Malformed, Motion};

use super::requests::{Request, Stage};
use super::{Reply, Session};
use crate::error::{Asked, Error};
use crate::patience::RESEND;

/// Chunks of a scan that are asked for at a time.
const CHUNKS: u16 = 16;

impl Session {
    pub(super) fn scan_ready(
        &mut self,
        tag: u32,
        scan: Result<ScanReady, Condition>,
        now: Duration,
    ) {
        let ours = |stage: &Stage| matches!(stage, Stage::Scan(t) if *t == tag);
        let checking = self.requests.iter().any(|request| {
            matches!(request.asked, Asked::Motion(Motion::Check)) && request.moving().is_some()
        });
        match scan {
            // The check that makes it is under way: the request is sent again.
            Err(Condition::ScanAbsent) if checking => {}
            Err(condition) => self.settle(ours, || Err(Error::Refused(condition))),
            Ok(ScanReady { bytes, .. }) if bytes as usize > MAX_PACKED => {
                let refused = || Malformed::Value {
                    field: "scan",
                    value: bytes.into(),
                };
                self.settle(ours, || Err(Error::Form(refused())));
            }
            Ok(ScanReady { scan, bytes, crc }) => {
                self.begin_reading(tag, scan, bytes, crc, now);
                self.read_scan(now);
            }
        }
    }

    /// A request that was sent twice may be answered with two scans: the newest
    /// is the one that the printer still gives.
    fn begin_reading(&mut self, tag: u32, scan: u32, bytes: u32, crc: u32, now: Duration) {
        for request in &mut self.requests {
            let begins = match &request.stage {
                Stage::Scan(asked) => *asked == tag,
                Stage::Reading {
                    tag: asked,
                    scan: reading,
                    ..
                } => *asked == tag && *reading != scan,
                Stage::Hello(_) | Stage::Survey(_) | Stage::Streaming(_) | Stage::Motion(_) => {
                    false
                }
                Stage::Moving(_) | Stage::Load(_) | Stage::Erase(_) | Stage::Service(_) => false,
            };
            if let (true, Ok(collector)) = (begins, Collector::new(scan, bytes, crc)) {
                request.stage = Stage::Reading {
                    tag,
                    scan,
                    collector,
                };
                request.resend_at = now;
                request.message = None;
            }
        }
    }

    pub(super) fn scan_chunk(&mut self, scan: u32, chunk: u16, bytes: &[u8], now: Duration) {
        for request in &mut self.requests {
            if let Stage::Reading { collector, .. } = &mut request.stage {
                collector.take(scan, chunk, bytes);
            }
        }
        self.read_scan(now);
    }

    /// Asks for the next missing chunks once those asked for have come; ends
    /// the request when none is missing.
    fn read_scan(&mut self, now: Duration) {
        let mut due = Vec::new();
        for request in &mut self.requests {
            let Stage::Reading {
                scan, collector, ..
            } = &request.stage
            else {
                continue;
            };
            let Some((first, run)) = collector.missing() else {
                continue;
            };
            let window = match request.message {
                Some(HostMessage::ScanRead { first, count, .. }) => first..first + count,
                _ => 0..0,
            };
            let message = HostMessage::ScanRead {
                scan: *scan,
                first,
                count: run.min(CHUNKS),
            };
            if !window.contains(&first) {
                due.push(message.clone());
                request.resend_at = now + RESEND;
            }
            request.message = Some(message);
        }
        for message in due {
            self.say(&message);
        }
        let whole = |request: &mut Request| matches!(&request.stage, Stage::Reading { collector, .. } if collector.missing().is_none());
        for request in self.requests.extract_if(.., whole) {
            let Stage::Reading { collector, .. } = &request.stage else {
                continue;
            };
            let outcome = collector.finish().map(Reply::Scan).map_err(Error::Form);
            self.outcomes.push_back((request.ticket, outcome));
        }
    }
}
