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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::{Machine, Nonvolatile, Setup};
    use wire::frame::Decoder;
    use wire::message::HostMessage;
    use wire::service::Order;

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn session() -> Session {
        let (setup, kept) = (Setup::default(), Nonvolatile::factory());
        let machine = Machine::new(setup, kept, Vec::new(), None, Duration::ZERO);
        Session::new(machine, "T".to_owned())
    }

    /// What is told to technicians; the rest is left out.
    fn told(session: &mut Session) -> Vec<Tell> {
        let line: Vec<u8> = std::iter::from_fn(|| session.send()).flatten().collect();
        let mut told = Vec::new();
        for frame in Decoder::default().feed(&line) {
            let message = PrinterMessage::try_from(&frame.unwrap()).unwrap();
            if let PrinterMessage::Service(tell) = message {
                told.push(tell);
            }
        }
        told
    }

    fn ask(session: &mut Session, ask: Ask, now: Duration) -> Vec<Tell> {
        session.receive(&HostMessage::Service(ask).encode(), now);
        told(session)
    }

    fn probe(session: &mut Session, now: Duration) -> Echo {
        let (tag, back, bytes) = (9, 5, vec![7, 0]);
        let mut told = ask(session, Ask::Probe(Probe { tag, back, bytes }), now);
        let Some(Tell::Echo(echo)) = told.pop() else {
            panic!("{told:?}")
        };
        echo
    }

    #[test]
    fn an_echo_carries_what_was_asked_for_and_counts_what_was_damaged() {
        let mut session = session();
        let first = probe(&mut session, at(10));
        assert_eq!((first.tag, first.bytes), (9, vec![7, 0, 7, 0, 7]));
        let mut bent = HostMessage::Heartbeat { events_seen: 0 }.encode();
        bent[5] ^= 0x10;
        bent.extend([0, 0, 3, 1, 0]);
        session.receive(&bent, at(20));
        let second = probe(&mut session, at(30));
        assert_eq!((first.echoes, first.damaged), (1, 0));
        assert_eq!(
            (second.echoes, second.damaged),
            (2, 2),
            "empty frames are none"
        );
        session.steer(at(40), |machine| machine.power_cut(at(40)));
        session.poll(at(10_000));
        let third = probe(&mut session, at(10_010));
        assert_eq!((third.echoes, third.damaged), (1, 0), "of this boot");
    }

    #[test]
    fn a_flood_of_probes_does_not_fill_the_memory() {
        let mut session = session();
        let (tag, back, bytes) = (9, 1_000, Vec::new());
        let frame = HostMessage::Service(Ask::Probe(Probe { tag, back, bytes })).encode();
        for _ in 0..1_000 {
            session.receive(&frame, at(10));
        }
        assert_eq!(told(&mut session).len(), BULK_WAITING);
    }

    #[test]
    fn an_order_is_answered_at_once_goes_on_and_ends_in_pages() {
        let mut session = session();
        let order = Ask::Order {
            tag: 4,
            boot: 1,
            order: Order::SelfTest,
        };
        let (tag, refused) = (4, None);
        let answer = ask(&mut session, order.clone(), at(10));
        assert_eq!(answer, [Tell::Ordered { tag, refused }]);
        session.poll(at(12_600));
        let percent = 50;
        assert_eq!(told(&mut session), [Tell::Progress { tag, percent }]);
        session.poll(at(25_100));
        let end = told(&mut session);
        assert!(
            matches!(end[..], [Tell::Ended { .. }, Tell::Ended { .. }]),
            "{end:?}"
        );
        let mut again = ask(&mut session, order, at(25_200));
        assert_eq!(again.remove(0), Tell::Ordered { tag, refused });
        assert_eq!(again, end, "told again, not done again");
    }

    #[test]
    fn who_it_is_and_an_empty_log() {
        let mut session = session();
        let told = ask(&mut session, Ask::Identify { tag: 6 }, at(10));
        let named =
            matches!(&told[..], [Tell::Identity(who)] if who.tag == 6 && !who.hardware.is_empty());
        assert!(named, "{told:?}");
        let told = ask(&mut session, Ask::Log { tag: 7, from: 900 }, at(20));
        assert!(matches!(&told[..], [Tell::Log(page)] if page.tag == 7 && page.entries.is_empty()));
    }
}
