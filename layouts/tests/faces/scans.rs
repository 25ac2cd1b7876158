//! A printed face against its infrared scan: equal in another scanner, one swapped glyph found.

use super::{lay_out, specimen, with};
use layouts::*;

/// A scan of front K by another scanner of the same kind: exact areas in other arithmetic,
/// centred by its own pixels, moved by whole dots, some edges taken for their neighbour.
fn scan(faces: &Faces, moved: (isize, isize), jitter: u32) -> Bitmap {
    let panel = faces.panel(Panel::K);
    let covered = |pixel: usize, pixels: usize, dots: usize| {
        let from = dots as f64 / 2.0 + (pixel as f64 - pixels as f64 / 2.0) * 1.5;
        (from.floor() as usize..(from + 1.5).ceil() as usize).map(move |dot| {
            (
                dot,
                (from + 1.5).min(dot as f64 + 1.0) - from.max(dot as f64),
            )
        })
    };
    let mut exact = Bitmap::blank(SCAN.0, SCAN.1);
    for x in 0..SCAN.0 {
        for y in 0..SCAN.1 {
            let rows = covered(x, SCAN.0, 1016);
            let area =
                rows.flat_map(|(r, w)| covered(y, SCAN.1, 648).map(move |(d, h)| (r, d, w * h)));
            let ink: f64 = area
                .filter(|&(r, d, _)| panel.at(r, d) > 0)
                .map(|(_, _, a)| a)
                .sum();
            if ink >= 0.5 * 1.5 * 1.5 {
                exact.set(x, y);
            }
        }
    }
    let mut seen = Bitmap::blank(SCAN.0, SCAN.1);
    let mut chance = 12345_u32;
    for y in 0..SCAN.1 {
        for x in 0..SCAN.0 {
            let at = |dx: isize, dy: isize| {
                exact.get(x as isize + moved.0 + dx, y as isize + moved.1 + dy)
            };
            chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let edge = at(1, 0) != at(0, 0) || at(0, 1) != at(0, 0);
            let slip = edge && (chance >> 8) % 100 < jitter;
            if if slip { at(1, 0) } else { at(0, 0) } {
                seen.set(x, y);
            }
        }
    }
    seen
}

/// Fields and a text in which one glyph is another.
const SWAPS: &[(&str, &str)] = &[
    ("number", "AB12345673CD"),
    ("number", "AB12345676CD"),
    ("number", "AB12345670CD"),
    ("number", "AB12345578CD"),
    ("number", "AB72345678CD"),
    ("number", "AB12345678OD"),
    ("number", "AB12345678GD"),
    ("number", "AB12345678CO"),
    ("number", "A812345678CD"),
    ("number", "AE12345678CD"),
    ("name_roman", "MIHON TAR0"),
    ("name_roman", "MIH0N TARO"),
    ("name_roman", "MIHON TAQO"),
    ("name_roman", "MTHON TARO"),
    ("name_roman", "MIHON IARO"),
    ("name_roman", "NIHON TARO"),
    ("name_roman", "MIHON TARQ"),
    ("name_roman", "MIHON TAPO"),
    ("name_kanji", "見本　大郎"),
    ("name_kanji", "見木　太郎"),
    ("name_kanji", "貝本　太郎"),
    ("name_kanji", "見末　太郎"),
    ("name_kanji", "見未　太郎"),
    ("name_kanji", "見本　犬郎"),
    ("birth_date", "1935年12月31日"),
    ("birth_date", "1986年12月31日"),
    ("birth_date", "1985年12月81日"),
    ("birth_date", "1985年72月31日"),
    ("birth_date", "1985年12月37日"),
    ("birth_date", "1985年12月30日"),
    ("birth_date", "7985年12月31日"),
    ("birth_date", "1985年13月31日"),
    (
        "address",
        "東京都千代田区霞が関1丁日1番1号霞が関ハイツ202号",
    ),
    (
        "address",
        "東京都千代田区霞が関7丁目1番1号霞が関ハイツ202号",
    ),
    (
        "address",
        "東京都千代田区霞が関1丁目1番1号霞が関ハイツ203号",
    ),
    (
        "address",
        "東京都千代田区霞が関1丁目1番1号霞が関ハイツ262号",
    ),
    (
        "address",
        "東京都千代田区霞が関1丁目1番1号霞が関バイツ202号",
    ),
    (
        "address",
        "東京都干代田区霞が関1丁目1番1号霞が関ハイツ202号",
    ),
    (
        "address",
        "東京都千代日区霞が関1丁目1番1号霞が関ハイツ202号",
    ),
    (
        "address",
        "東京都千代由区霞が関1丁目1番1号霞が関ハイツ202号",
    ),
    (
        "address",
        "東京都千伐田区霞が関1丁目1番1号霞が関ハイツ202号",
    ),
    (
        "address",
        "東京都千代田区霞が関1丁目1番1号霞が関ハイシ202号",
    ),
    (
        "address",
        "東京都千代田区霞か関1丁目1番1号霞が関ハイツ202号",
    ),
    ("sex", "女 F."),
    ("period", "4年8月"),
    ("period", "1年3月"),
    ("stay_through", "2013年10月20日"),
    ("stay_through", "2018年10月26日"),
    ("stay_through", "2018年10月28日"),
    ("stay_through", "2018年70月20日"),
    ("permission_date", "2014年06月16日"),
    ("permission_date", "2014年08月10日"),
    ("permission_date", "2014年03月10日"),
    ("permission_date", "2014年06月18日"),
    ("delivery_date", "2014年00月10日"),
    ("delivery_date", "2011年06月10日"),
    ("delivery_date", "2014年05月10日"),
    ("valid_through", "2013年10月20日"),
    ("valid_through", "2018年10月26日"),
    ("valid_through", "2018年70月20日"),
    ("valid_through", "2016年10月20日"),
    ("nationality", "来国"),
    ("nationality", "米固"),
];

#[test]
fn the_same_face_is_equal_in_another_scanner() {
    let faces = lay_out(&specimen()).expect("fits");
    for (moved, jitter) in [
        ((0, 0), 0),
        ((0, 0), 5),
        ((1, -1), 0),
        ((-1, 1), 5),
        ((1, 1), 3),
        ((0, -1), 0),
    ] {
        let seen = scan(&faces, moved, jitter);
        assert_eq!(
            compare_ir(&faces.front_elements, &faces.front_ir, &seen),
            Ok(()),
            "{moved:?} {jitter}"
        );
    }
}

#[test]
fn one_swapped_glyph_is_found_in_its_element() {
    let faces = lay_out(&specimen()).expect("fits");
    for (field, text) in SWAPS {
        let other = lay_out(&with(field, text)).expect("fits");
        for (moved, jitter) in [((0, 0), 0), ((-1, 1), 3)] {
            let found = compare_ir(
                &faces.front_elements,
                &faces.front_ir,
                &scan(&other, moved, jitter),
            );
            assert!(
                found.is_err(),
                "{field}: {text} passed as the specimen, moved {moved:?}"
            );
        }
    }
    let birth = lay_out(&with("birth_date", "1985年12月30日")).expect("fits");
    let found = compare_ir(&faces.front_elements, &faces.front_ir, &birth.front_ir);
    assert_eq!(
        found.map_err(|difference| difference.element),
        Err("date of birth".to_owned())
    );
}

#[test]
fn a_blank_face_and_ink_outside_are_found() {
    let faces = lay_out(&specimen()).expect("fits");
    let blank = Bitmap::blank(SCAN.0, SCAN.1);
    assert!(compare_ir(&faces.front_elements, &faces.front_ir, &blank).is_err());
    let mut stray = faces.front_ir.clone();
    stray.set(600, 300);
    let found = compare_ir(&faces.front_elements, &faces.front_ir, &stray);
    assert_eq!(
        found.map_err(|difference| difference.element),
        Err("outside".to_owned())
    );
}
