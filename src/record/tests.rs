//! Papers as they read back: text, fonts, pages, and what is refused.

use super::*;

fn face() -> Face {
    face_from(&["/usr/share/fonts/opentype/ipaexfont-gothic"])
        .expect("fonts-ipaexfont is installed")
}

fn attempt(attempt: u32, number: &str, end: End) -> Attempt {
    let phases =
        crate::config::Budget::default()
            .each_ms()
            .into_iter()
            .map(|(name, planned_ms)| PhaseTime {
                name: name.to_owned(),
                planned_ms,
                actual_ms: Some(planned_ms + 40 * attempt),
                late_by: Vec::new(),
            });
    let digest = |name: &str, byte: &str| (name.to_owned(), byte.repeat(32));
    Attempt {
        attempt,
        number: number.to_owned(),
        chip_serial: Some("00010203040506070809".to_owned()),
        end,
        digests: vec![
            digest("発行許可", "0a"),
            digest("準備した内容", "1b"),
            digest("チップの署名対象", "2c"),
            digest("表の読み取り", "3d"),
            digest("裏の読み取り", "4e"),
        ],
        phases: phases.collect(),
        elapsed_ms: Some(36_412),
        late_by: Vec::new(),
    }
}

fn closed() -> Closed {
    let hand = |act: &str, person: &str, role: &str| Hand {
        act: act.to_owned(),
        person: person.to_owned(),
        role: role.to_owned(),
    };
    Closed {
        office: "見本出入国在留管理局".to_owned(),
        station: "T-01".to_owned(),
        job: "TYO-2026-000123".to_owned(),
        reception: "2026-000123".to_owned(),
        attempts: vec![
            attempt(1, "AB12345678CD", End::Spoiled),
            attempt(2, "EF12345678GH", End::Delivered),
        ],
        old_card: OldCard::Punched {
            number: "CD87654321AB".to_owned(),
            by_eye: None,
        },
        hands: vec![
            hand("発行・交付", "C01", "窓口係"),
            hand("旧カードの回収", "C01", "窓口係"),
        ],
        stops: vec![Stopped {
            attempt: 1,
            code: "P-RIBBON-OUT".to_owned(),
            what: "表面シアンの途中でリボンが終わりました。".to_owned(),
            decided: Some("カードを取り出す".to_owned()),
        }],
        closed_at: "2026-04-01T02:03:04Z".parse().expect("a time"),
        journal: (41, 97),
        journal_head: "5f".repeat(32),
    }
}

/// Runs a tool of poppler-utils or qpdf over a file; its output.
fn tool(name: &str, arguments: &[&str], pdf: &[u8]) -> (bool, String) {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("paper.pdf");
    std::fs::write(&file, pdf).expect("written");
    let file = file.to_string_lossy().into_owned();
    let arguments = arguments
        .iter()
        .map(|a| if *a == "FILE" { file.as_str() } else { a });
    let run = std::process::Command::new(name).args(arguments).output();
    let run = run.unwrap_or_else(|_| panic!("{name} is installed"));
    (
        run.status.success(),
        String::from_utf8_lossy(&run.stdout).into_owned(),
    )
}

fn text_of(pdf: &[u8]) -> String {
    tool("pdftotext", &["-layout", "FILE", "-"], pdf).1
}

#[test]
fn the_record_reads_back_and_is_one_page() {
    let pdf = issuance_pdf(&closed(), &face()).expect("drawn");
    let text = text_of(&pdf);
    for part in [
        "在留カード発行記録",
        "見本出入国在留管理局",
        "2026-000123",
        "EF12345678GH",
        "AB12345678CD",
        "廃棄（番号は失効）",
        "CD87654321AB",
        "00010203040506070809",
        "front_magenta",
        "36.4 秒／40 秒",
        "P-RIBBON-OUT",
        "2026年04月01日 11:03:04",
    ] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
    assert_eq!(text.matches('\u{c}').count(), 1, "one page");
    assert!(tool("qpdf", &["--check", "FILE"], &pdf).0);
    assert!(tool("pdffonts", &["FILE"], &pdf).1.contains("IPAexGothic"));
    assert!(
        pdf.len() < 300_000,
        "the font is a subset: {} bytes",
        pdf.len()
    );
}

#[test]
fn what_the_font_cannot_draw_is_refused() {
    let mut closed = closed();
    closed.office = "\u{1F600}".to_owned();
    assert!(matches!(
        issuance_pdf(&closed, &face()),
        Err(Error::NoGlyph('\u{1F600}'))
    ));
}

#[test]
fn a_job_in_which_much_went_wrong_takes_more_pages_and_loses_no_line() {
    let mut closed = closed();
    let stop = closed.stops[0].clone();
    closed.stops = (0..90)
        .map(|attempt| Stopped {
            attempt,
            ..stop.clone()
        })
        .collect();
    let pdf = issuance_pdf(&closed, &face()).expect("drawn");
    let text = text_of(&pdf);
    assert!(text.matches('\u{c}').count() > 1, "more than one page");
    assert!(text.contains("2 枚目"), "{text}");
    for attempt in 0..90 {
        assert!(
            text.contains(&format!("試行 {attempt} ")),
            "stop {attempt} is lost"
        );
    }
    assert!(text.contains(&closed.journal_head), "the foot is there");
    assert!(tool("qpdf", &["--check", "FILE"], &pdf).0);
}

#[test]
fn the_proof_shows_both_faces_marked() {
    let rgb: Vec<u8> = (0..648_u32 * 1016 * 3)
        .map(|at| (at / 3 % 251) as u8)
        .collect();
    let picture = Picture {
        width: 1016,
        height: 648,
        rgb: &rgb,
    };
    let pdf = proof_pdf(&picture, &picture, &face()).expect("drawn");
    let text = text_of(&pdf);
    assert!(text.contains("券面の校正"), "{text}");
    assert!(tool("qpdf", &["--check", "FILE"], &pdf).0);
    let images = tool("pdfimages", &["-list", "FILE"], &pdf).1;
    assert_eq!(images.matches("1016   648").count(), 2, "{images}");
    let short = Picture {
        width: 1016,
        height: 648,
        rgb: &rgb[1..],
    };
    assert!(matches!(
        proof_pdf(&short, &picture, &face()),
        Err(Error::Picture { .. })
    ));
}

fn shift() -> ClosedShift {
    use crate::fault::{By, Role, Signed, TwoPersons};
    use crate::stock::{Item, Line, Reason, Terms};
    let signed = |person: &str, role| Signed {
        person: person.to_owned(),
        role,
    };
    let clerk = signed("mado.a", Role::Clerk);
    let two = TwoPersons::new(clerk.clone(), signed("kanri.b", Role::Supervisor));
    let by = two.expect("two persons");
    let line = |item, journal, found| Line {
        item,
        journal,
        found,
    };
    let at = |minute: i64| {
        let start: Timestamp = "2026-04-01T00:00:00Z".parse().expect("a time");
        start + jiff::SignedDuration::from_mins(minute)
    };
    let act = |minute, what: &str, by: &By| SignedAct {
        at: at(minute),
        what: what.to_owned(),
        by: by.clone(),
    };
    let (one, both) = (By::One(clerk), By::Two(by.clone()));
    ClosedShift {
        office: "見本出入国在留管理局".to_owned(),
        station: "T-01".to_owned(),
        number: 12,
        since: at(0),
        until: at(8 * 60 + 31),
        opened: Terms {
            loaded: 500,
            hopper: 340,
            delivered: 158,
            destroyed: 2,
            ..Terms::default()
        },
        closed: Terms {
            loaded: 600,
            hopper: 396,
            delivered: 199,
            destroyed: 4,
            missing: 1,
            tests_destroyed: 1,
            ..Terms::default()
        },
        ends: vec![(End::Delivered, 41), (End::Spoiled, 1)],
        rolls: vec![(
            "リボン".to_owned(),
            "RB000001　残 312（開始時 354）".to_owned(),
        )],
        lines: vec![line(Item::Hopper, 397, 396), line(Item::Tray, 0, 0)],
        reason: Some(Reason::Miscounted),
        acts: vec![
            act(2, "白カード BL000002（ロット 202401）を 100 入れた", &both),
            act(70, "リボンを取り外した（残 0）", &one),
            act(240, "不良カード・試験カード 2 枚を廃棄した", &both),
        ],
        stops: vec![(
            "P-RIBBON-OUT".to_owned(),
            "表面シアンの途中でリボンが終わりました。".to_owned(),
            1,
        )],
        by,
        journal: (1402, 1988),
        journal_head: "5f".repeat(32),
    }
}

#[test]
fn a_shifts_report_reads_back_with_both_names_and_an_equation_that_holds() {
    let pdf = shift_pdf(&shift(), &face()).expect("drawn");
    let text = text_of(&pdf);
    for part in [
        "窓口締め報告",
        "第 12 回",
        "2026年04月01日 09:00:00",
        "2026年04月01日 17:31:00",
        "mado.a（窓口係）、kanri.b（監督者）",
        "受入 600 = 交付 199 + 廃棄 4",
        "式は一致しています。",
        "+100",
        "−1",
        "入れたときの数え間違い",
        "BL000002",
        "P-RIBBON-OUT",
        "台帳 1402～1988",
    ] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
    assert_eq!(text.matches('\u{c}').count(), 1, "one page");
    assert!(tool("qpdf", &["--check", "FILE"], &pdf).0);
}

#[test]
fn a_long_shift_takes_more_pages_and_loses_no_line() {
    let mut shift = shift();
    let act = shift.acts[0].clone();
    shift.acts = (0..120)
        .map(|n| SignedAct {
            what: format!("白カード BL{n:06}（ロット 202401）を 100 入れた"),
            ..act.clone()
        })
        .collect();
    let pdf = shift_pdf(&shift, &face()).expect("drawn");
    let text = text_of(&pdf);
    assert!(text.matches('\u{c}').count() > 1, "more than one page");
    for n in 0..120 {
        assert!(text.contains(&format!("BL{n:06}")), "act {n} is lost");
    }
    assert!(text.contains("台帳 1402～1988"), "the foot is there");
    assert!(tool("qpdf", &["--check", "FILE"], &pdf).0);
}
