//! Technicians' messages: orders, log, echoes, identity (PROTOCOL.md §9).

use super::Session;
use std::time::Duration;
use wire::message::PrinterMessage;
use wire::service::{Ask, Echo, Probe, Tell};

/// Bulk frames that may wait for the line; what is beyond gets no echo.
const BULK_WAITING: usize = 64;

/// What is counted in each boot, for those who probe the line.
#[derive(Debug, Default)]
pub(super) struct Counts {
    echoes: u32,
    /// Frames dropped as damaged.
    pub(super) damaged: u32,
}

impl Session {
    pub(super) fn serve(&mut self, ask: Ask, now: Duration) {
        match ask {
            Ask::Order { tag, boot, order } => {
                let refused = self.machine.order(tag, boot, order, now);
                tracing::info!(?order, ?refused, "order");
                self.tell_technician(Tell::Ordered { tag, refused });
            }
            Ask::Log { tag, from } => {
                let page = self.machine.log_page(tag, from);
                self.tell_technician(Tell::Log(page));
            }
            Ask::Probe(probe) => self.echo(&probe),
            Ask::Identify { tag } => {
                let identity = self.machine.identity(tag);
                self.tell_technician(Tell::Identity(identity));
            }
        }
    }

    fn echo(&mut self, probe: &Probe) {
        if self.bulk.len() >= BULK_WAITING {
            return;
        }
        self.counts.echoes = self.counts.echoes.wrapping_add(1);
        self.tell_technician(Tell::Echo(Echo {
            tag: probe.tag,
            echoes: self.counts.echoes,
            damaged: self.counts.damaged,
            bytes: probe.ballast(),
        }));
    }

    pub(super) fn tell_technician(&mut self, tell: Tell) {
        self.say(&PrinterMessage::Service(tell));
    }
}
