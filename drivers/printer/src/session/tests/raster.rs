//! A card's panels on the line: whole, within their size, never before control.

use super::*;

#[test]
fn raster_arrives_whole_over_a_bad_line() {
    let panels = specimen_panels();
    for seed in 0..4 {
        let mut rig = Rig::new(seed, 10);
        assert!(
            matches!(rig.load(&panels), Ok(Reply::Loaded)),
            "seed {seed}"
        );
        for panel in &panels {
            let result = rig.perform(10 + panel.panel as u8, Motion::Pass(panel.panel));
            assert!(
                matches!(result, Ok(MotionResult::Done { .. })),
                "seed {seed}: {result:?}"
            );
            let assembly = rig.peer.assembly.as_ref().unwrap();
            let (_, rows) = assembly.panel(panel.panel).unwrap();
            assert!(
                rows == panel.packed,
                "seed {seed}: another {:?} arrived",
                panel.panel
            );
        }
        assert_eq!(rig.session.progress().bands_missing, 0);
        assert!(
            rig.session.progress().resent > 0,
            "what was lost is counted"
        );
    }
}

#[test]
fn a_card_is_at_most_500_kilobytes_on_the_line() {
    let mut rig = Rig::new(1, u64::MAX / 8);
    rig.load(&specimen_panels()).unwrap();
    while rig.session.progress().bands_missing > 0 {
        rig.step();
    }
    assert_eq!(rig.session.progress().resent, 0);
    let bytes = rig.session.progress().bytes_sent;
    assert!((100_000..=500_000).contains(&bytes), "{bytes} bytes");
    let at_baud = Duration::from_secs_f64(bytes as f64 * 10.0 / f64::from(BAUD));
    assert!(
        rig.now < at_baud + at_baud / 10,
        "{:?} for {at_baud:?} of bytes",
        rig.now
    );
}

#[test]
fn a_link_that_comes_back_sends_nothing_that_had_arrived() {
    // At any place of a panel, a band or a fragment.
    for seed in 0..6 {
        let mut rig = Rig::new(seed, u64::MAX / 8);
        rig.load(&specimen_panels()).unwrap();
        rig.run(Duration::from_millis(300 + 411 * seed));
        rig.cut = true;
        rig.run(Duration::from_secs(2));
        let lost = rig.session.progress().bytes_sent - rig.peer.raster_bytes;
        rig.cut = false;
        while rig.session.progress().bands_missing > 0 {
            rig.step();
        }
        assert_eq!(rig.events(), [Event::LinkLost, Event::LinkBack]);
        let (sent, came) = (rig.session.progress().bytes_sent, rig.peer.raster_bytes);
        assert_eq!(sent, came + lost, "seed {seed}");
        // All that is lost is what left before the silence was noticed, within the credit.
        assert!(
            lost <= u64::from(peer::WINDOW) * 21 / 20,
            "seed {seed}: {lost}"
        );
        // A band is asked for whole: what had come of the one that was cut comes again.
        let again = came - rig.peer.useful_bytes;
        assert!(
            again < peer::LONGEST_BAND,
            "seed {seed}: {again} bytes twice"
        );
    }
}

#[test]
fn a_printer_that_comes_back_on_another_line_goes_on_in_mid_panel() {
    let mut rig = Rig::new(5, u64::MAX / 8);
    rig.load(&specimen_panels()).unwrap();
    rig.run(Duration::from_millis(900));
    rig.session.detach(Cause::default());
    rig.cut = true;
    let before = rig.session.progress().bytes_sent;
    rig.run(Duration::from_secs(3));
    assert_eq!(
        rig.session.progress().bytes_sent,
        before,
        "nowhere to send to"
    );
    rig.cut = false;
    let hello = rig.peer.who();
    rig.session.attach(&hello, rig.now);
    rig.perform(1, Motion::Pass(Panel::Pearl)).unwrap();
    assert_eq!(rig.events(), [Event::LinkLost, Event::LinkBack]);
    assert_eq!(rig.session.progress().bytes_sent, rig.peer.raster_bytes);
    assert!(rig.peer.raster_bytes - rig.peer.useful_bytes < peer::LONGEST_BAND);
}

#[test]
fn control_waits_for_one_frame_of_bulk_at_most() {
    let mut rig = Rig::new(3, u64::MAX / 8);
    rig.load(&specimen_panels()).unwrap();
    rig.run(Duration::from_millis(200));
    rig.session.ask(Ask::Survey { sequence: 1 }, rig.now);
    let frame = rig.session.next_frame(rig.now).unwrap();
    let found = wire::frame::Decoder::default()
        .feed(&frame)
        .remove(0)
        .unwrap();
    assert!(matches!(
        HostMessage::try_from(&found),
        Ok(HostMessage::Survey { .. })
    ));
    rig.now += Duration::from_secs(1);
    let at_once = std::iter::from_fn(|| rig.session.next_frame(rig.now)).count();
    assert!(
        at_once <= 2,
        "{at_once} frames of bulk would stand before control"
    );
}

#[test]
fn a_pass_waits_for_its_panel() {
    let mut rig = Rig::new(4, u64::MAX / 8);
    let panels = specimen_panels();
    rig.load(&panels).unwrap();
    rig.perform(1, Motion::Pass(Panel::C)).unwrap();
    assert_eq!(rig.peer.moved, [Motion::Pass(Panel::C)]);
    assert_eq!(rig.peer.refusals, 0);
}

#[test]
fn panels_lost_with_the_power_come_again_after_a_survey() {
    let mut rig = Rig::new(10, 10);
    let panels = specimen_panels();
    rig.load(&panels).unwrap();
    rig.perform(1, Motion::Pass(Panel::BackK)).unwrap();
    rig.peer.lose_power();
    rig.run(Duration::from_secs(2));
    assert!(rig.peer.assembly.is_none());
    assert!(matches!(rig.ask(Ask::Survey { sequence: 6 }), Ok(Reply::Survey(s)) if s.boot == 8));
    rig.perform(2, Motion::Pass(Panel::Pearl)).unwrap();
    let assembly = rig.peer.assembly.as_ref().unwrap();
    assert!(assembly.panel(Panel::Pearl).unwrap().1 == panels[6].packed);
}

#[test]
fn an_erasure_is_acknowledged_and_stops_the_stream() {
    let mut rig = Rig::new(9, 6);
    rig.load(&specimen_panels()).unwrap();
    rig.run(Duration::from_millis(300));
    assert!(matches!(rig.ask(Ask::Erase { card: 1 }), Ok(Reply::Erased)));
    assert!(rig.peer.assembly.is_none());
    let sent = rig.session.progress().bytes_sent;
    rig.run(Duration::from_secs(1));
    assert_eq!(rig.session.progress().bytes_sent, sent);
}

/// A face as hard as a real one: a noisy portrait on smooth ground, some text.
fn specimen_panels() -> Vec<PanelRaster> {
    let mut chance = Chance(0x5EED);
    Panel::ALL
        .map(|panel| specimen_panel(panel, &mut chance))
        .to_vec()
}

fn specimen_panel(panel: Panel, chance: &mut Chance) -> PanelRaster {
    let (rows, dots, bits) = (1016u16, 648u16, panel.bits());
    let row_bytes = usize::from(dots) * usize::from(bits) / 8;
    let mut packed = vec![0; row_bytes * usize::from(rows)];
    for (at, byte) in packed.iter_mut().enumerate() {
        let (row, column) = (at / row_bytes, at % row_bytes);
        *byte = match bits {
            8 if row > 700 && (100..500).contains(&column) => {
                let noise: u64 = (0..4).map(|_| chance.below(8)).sum();
                (column / 3 + row / 7 + noise as usize) as u8
            }
            8 => 0,
            _ if row % 40 < 24 && column % 9 < 5 => (((row * 7) ^ (column * 13)) as u8) & 0x7E,
            _ => 0,
        };
    }
    PanelRaster {
        panel,
        rows,
        dots,
        bits,
        packed,
    }
}
