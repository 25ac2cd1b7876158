//! What is no printer of ours, or a broken one: other versions, noise, any bytes, any numbers.

use proptest::prelude::*;

use super::*;

#[test]
fn another_protocol_version_is_refused() {
    let mut session = Session::new(BAUD, 1, Duration::ZERO);
    let ticket = session.ask(Ask::Hello, Duration::ZERO);
    let mut peer = Peer::new();
    peer.versions = (4, 6);
    while let Some(frame) = session.next_frame(Duration::ZERO) {
        peer.receive(&frame, Duration::ZERO);
    }
    for message in peer.said() {
        session.receive(&message.encode(), MS);
    }
    let (of, outcome) = session.outcome().unwrap();
    assert_eq!(of, ticket);
    assert!(
        matches!(
            outcome,
            Err(Error::WrongVersion {
                lowest: 4,
                highest: 6
            })
        ),
        "{outcome:?}"
    );
}

#[test]
fn something_else_on_the_port_is_noise() {
    let mut session = Session::new(BAUD, 1, Duration::ZERO);
    session.ask(Ask::Hello, Duration::ZERO);
    session.receive(b"login: \0\r\n\0", MS);
    session.tick(Duration::from_secs(4));
    let (_, outcome) = session.outcome().unwrap();
    assert!(
        matches!(outcome, Err(Error::Garbled { damaged: 2, .. })),
        "{outcome:?}"
    );
    assert!(session.heard_only_noise());
}

proptest! {
    #[test]
    fn the_session_survives_any_bytes(noise in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let mut rig = Rig::new(1, u64::MAX / 8);
        rig.session.receive(&noise, rig.now);
        rig.session.receive(&[0], rig.now);
        prop_assert!(rig.perform(1, Motion::Feed).is_ok());
    }

    #[test]
    fn the_session_survives_any_sound_frames(
        frames in proptest::collection::vec(
            (any::<bool>(), prop_oneof![0x81u8..0xA1, 0xE0u8..0xE8], proptest::collection::vec(any::<u8>(), 0..260)),
            1..60,
        ),
        ones in any::<bool>(),
    ) {
        let mut rig = Rig::new(1, u64::MAX / 8);
        let (panel, packed) = (Panel::Uv, vec![0x5A; 8 * 70]);
        rig.load(&[PanelRaster { panel, rows: 70, dots: 64, bits: 1, packed }]).unwrap();
        rig.session.ask(Ask::Scan { photo: None }, rig.now);
        let order = wire::service::Order::SelfTest;
        let probing = Ask::Probe { probes: 3, bytes: 20 };
        for ask in [Ask::Order(order), Ask::Log { from: 1 }, Ask::Identify, probing] {
            rig.session.ask(ask, rig.now);
        }
        for (bulk, kind, mut payload) in frames {
            if ones {
                // The greatest numbers where the fields are.
                payload.fill(0xFF);
            }
            let channel = if bulk { wire::frame::Channel::Bulk } else { wire::frame::Channel::Control };
            let frame = wire::frame::Frame { channel, kind, payload };
            rig.session.receive(&frame.encode(), rig.now);
            rig.step();
        }
        rig.run(Duration::from_millis(300));
    }

    #[test]
    fn the_greatest_numbers_overflow_nothing(number in u64::MAX - 3..) {
        let mut rig = Rig::new(1, u64::MAX / 8);
        let happening = Happening::CoverOpened;
        let event = wire::message::Event { number, clock_ms: number, happening };
        let heartbeat = PrinterMessage::Heartbeat {
            boot: 7,
            clock_ms: number,
            oldest_event: number,
            newest_event: number,
        };
        for message in [heartbeat.clone(), PrinterMessage::Event(event), heartbeat] {
            rig.session.receive(&message.encode(), rig.now);
            rig.step();
        }
    }
}
