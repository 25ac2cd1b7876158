//! The residence card's faces, laid out with Debian's fonts: what fits, what is refused, and
//! what the comparison of a scan finds.

use std::sync::{Arc, LazyLock};

use layouts::*;

const FOLDERS: [&str; 3] = [
    "/usr/share/fonts/opentype/ipaexfont-mincho",
    "/usr/share/fonts/opentype/ipaexfont-gothic",
    "/usr/share/fonts/truetype/ipamj",
];

struct Rig {
    layout: Layout,
    fonts: Fonts,
}

static RIG: LazyLock<Rig> = LazyLock::new(|| {
    let layout = Layout::builtin(Product::ResidenceCard1).expect("the layout that is compiled in");
    let fonts = Fonts::new(&layout, font_files(&layout)).expect("Debian's fonts");
    Rig { layout, fonts }
});

fn font_files(layout: &Layout) -> Vec<(String, Arc<[u8]>)> {
    let read = |font: &Font| {
        let path = FOLDERS
            .iter()
            .map(|folder| format!("{folder}/{}", font.file));
        let bytes = path.filter_map(|path| std::fs::read(path).ok()).next();
        (
            font.name.clone(),
            Arc::from(bytes.expect("fonts-ipaexfont, fonts-ipamj-mincho")),
        )
    };
    layout.fonts.iter().map(read).collect()
}

fn specimen() -> Values {
    let mut values = Values::default();
    for (field, text) in [
        ("number", "AB12345678CD"),
        ("name_roman", "MIHON TARO"),
        ("name_kanji", "見本　太郎"),
        ("birth_date", "1985年12月31日"),
        ("sex", "男 M."),
        ("nationality", "米国"),
        (
            "address",
            "東京都千代田区霞が関1丁目1番1号霞が関ハイツ202号",
        ),
        ("status", "留学"),
        ("status_english", "Student"),
        ("work_restriction", "就労不可"),
        ("period", "4年3月"),
        ("stay_through", "2018年10月20日"),
        (
            "permission_type",
            "在留期間更新許可（東京出入国在留管理局長）",
        ),
        ("permission_date", "2014年06月10日"),
        ("delivery_date", "2014年06月10日"),
        ("valid_through", "2018年10月20日"),
    ] {
        values.set(field, text);
    }
    values
}

fn with(field: &str, text: &str) -> Values {
    let mut values = specimen();
    values.set(field, text);
    values
}

fn lay_out(values: &Values) -> Result<Faces, Error> {
    render(&RIG.layout, &RIG.fonts, values, None, Dpi::D300)
}

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

#[test]
fn long_texts_shrink_and_wrap_and_longer_ones_are_refused_by_field() {
    let long = "北海道紋別郡遠軽町丸瀬布上武利無番地12番地34号ハイツ・ミホンガーデンテラス遠軽壱番館1203号室見本様方（仮設住宅）";
    assert!(lay_out(&with("address", long)).is_ok());
    let longer = long.repeat(2);
    match lay_out(&with("address", &longer)) {
        Err(error @ Error::Overflow { .. }) => assert_eq!(error.field(), Some("address")),
        other => panic!("{other:?}"),
    }
    let name = "MIHON-SPECIMEN ".repeat(12);
    assert!(matches!(
        lay_out(&with("name_roman", &name)),
        Err(Error::Overflow { .. })
    ));
}

#[test]
fn every_glyph_comes_from_a_permitted_font_or_is_refused_by_character() {
    // IPAmj has this sequence, IPAex does not; neither knows Adobe-Japan1's E0100 for it.
    assert!(lay_out(&with("name_kanji", "葛\u{E0102}城")).is_ok());
    for (text, named) in [
        ("見本 𠀋😀", '😀'),
        ("葛\u{E01EF}城", '葛'),
        ("見\u{200B}本", '\u{200B}'),
        ("見\n本", '\n'),
    ] {
        match lay_out(&with("name_kanji", text)) {
            Err(Error::Glyph {
                field, character, ..
            }) => {
                assert_eq!((field.as_str(), character), ("name_kanji", named));
            }
            other => panic!("{text:?} gave {other:?}"),
        }
    }
    // The Roman name has one font only: a kanji that it lacks is not taken from another.
    assert!(matches!(
        lay_out(&with("name_roman", "MIHON 葛\u{E0102}")),
        Err(Error::Glyph { .. })
    ));
}

#[test]
fn a_missing_value_and_an_unknown_field_are_refused() {
    assert!(
        matches!(lay_out(&with("address", "")), Err(Error::ValueMissing { field, .. }) if field == "address")
    );
    assert!(
        matches!(lay_out(&with("blood_group", "A")), Err(Error::FieldUnknown { field }) if field == "blood_group")
    );
}

#[test]
fn fonts_are_pinned() {
    let mut files = font_files(&RIG.layout);
    let other = files[1].1.clone();
    files[0].1 = other;
    assert!(
        matches!(Fonts::new(&RIG.layout, files.clone()), Err(Error::FontDigest { font, .. }) if font == "mincho")
    );
    files.remove(0);
    assert!(
        matches!(Fonts::new(&RIG.layout, files), Err(Error::FontMissing { font, .. }) if font == "mincho")
    );
}

#[test]
fn a_wrong_layout_is_refused_with_file_and_line() {
    let refuse = |file: &str, from: &str, to: &str| {
        let changed: Vec<(&str, String)> = built_in_files(Product::ResidenceCard1)
            .iter()
            .map(|&(name, text)| {
                (
                    name,
                    if name == file {
                        text.replacen(from, to, 1)
                    } else {
                        text.to_owned()
                    },
                )
            })
            .collect();
        let files: Vec<(&str, &str)> = changed
            .iter()
            .map(|(name, text)| (*name, text.as_str()))
            .collect();
        match Layout::parse(&files) {
            Err(Error::Layout {
                file: named,
                line,
                reason,
            }) => {
                assert_eq!(named, file);
                assert!(line > 1, "{reason} at line {line}");
                reason
            }
            other => panic!("{from} -> {to} gave {other:?}"),
        }
    };
    assert!(
        refuse("front.toml", "align = \"right\"", "colour_of_ink = 3").contains("unknown field")
    );
    assert!(
        refuse("front.toml", "fonts = [\"mincho\"]", "fonts = [\"comic\"]")
            .contains("unknown font")
    );
    assert!(refuse("front.toml", "{sex}", "{height}").contains("unknown field"));
    assert!(refuse("front.toml", "{sex}", "{sex").contains("brace"));
    assert!(
        refuse(
            "front.toml",
            "box = [65.2, 2.8, 18.9, 2.6]",
            "box = [75.2, 2.8, 18.9, 2.6]"
        )
        .contains("off the card")
    );
    assert!(
        refuse(
            "front.toml",
            "box = [35.7, 13.0, 5.8, 2.5]",
            "box = [30.7, 13.0, 5.8, 2.5]"
        )
        .contains("overlaps")
    );
    assert!(refuse("front.toml", "file = \"uv.svg\"", "file = \"none.svg\"").contains("no file"));
    assert!(
        refuse("back.toml", "panels = [\"K\"]", "panels = [\"Y\"]").contains("back has panel K")
    );
    assert!(refuse("layout.toml", "7a306386", "7A306386").contains("SHA-256"));
    assert!(
        refuse(
            "blank-front.toml",
            "colour = \"#2d3b4a\"",
            "colour = \"grey\""
        )
        .contains("#rrggbb")
    );
}

#[test]
fn a_changed_layout_has_another_digest() {
    let mut files = built_in_files(Product::ResidenceCard1).to_vec();
    let before = Layout::parse(&files).expect("built in").digest;
    let moved = files[1].1.replace("18.9, 50.8", "19.0, 50.8");
    files[1].1 = &moved;
    assert_ne!(Layout::parse(&files).expect("still right").digest, before);
}

#[test]
fn both_resolutions_give_whole_panels_and_a_card_without_photo_has_bare_dyes() {
    for (dpi, rows, dots) in [(Dpi::D300, 1016, 648), (Dpi::D600, 2032, 1296)] {
        let faces = render(&RIG.layout, &RIG.fonts, &specimen(), None, dpi).expect("fits");
        assert_eq!(faces.panels.len(), 7);
        for (image, panel) in faces.panels.iter().zip(Panel::ALL) {
            assert_eq!((image.panel, image.rows, image.dots), (panel, rows, dots));
            let row = if image.bits == 8 {
                dots
            } else {
                dots.div_ceil(8)
            };
            assert_eq!(image.packed.len(), usize::from(rows) * usize::from(row));
            let bare = image.packed.iter().all(|&byte| byte == 0);
            assert_eq!(bare, panel.bits() == 8, "{panel:?}");
        }
        assert!(faces.photo_grey.is_none() && faces.chip_photo.is_none());
    }
}

mod photo {
    use super::*;
    use image::{ImageFormat, Rgb, RgbImage};

    fn sample(name: &str) -> Vec<u8> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/samples/photos");
        std::fs::read(format!("{folder}/{name}.jpg")).expect("a sample photo")
    }

    fn parse(bytes: &[u8]) -> Result<Photo, PhotoError> {
        Photo::parse(bytes, &RIG.layout.photo)
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let picture = RgbImage::from_pixel(width, height, Rgb([120, 130, 140]));
        picture
            .write_to(&mut bytes, ImageFormat::Png)
            .expect("encodes");
        bytes.into_inner()
    }

    #[test]
    fn only_a_photo_of_the_right_size_is_taken() {
        assert!(parse(&sample("taro")).is_ok());
        assert!(parse(&png(300, 400)).is_ok());
        assert!(matches!(parse(b"GIF89a..."), Err(PhotoError::NotAnImage)));
        assert!(matches!(parse(b""), Err(PhotoError::NotAnImage)));
        assert!(matches!(
            parse(&png(299, 399)),
            Err(PhotoError::TooSmall { .. })
        ));
        assert!(matches!(
            parse(&png(400, 400)),
            Err(PhotoError::Proportions { .. })
        ));
        assert!(matches!(
            parse(&vec![0; 2_000_001]),
            Err(PhotoError::TooManyBytes { .. })
        ));
        let cut = &sample("taro")[..9000];
        assert!(matches!(parse(cut), Err(PhotoError::Damaged(_))));
    }

    #[test]
    fn a_decompression_bomb_is_refused_by_its_header() {
        // PNG: 60,000 x 80,000 pixels declared, a few hundred bytes long.
        let mut bomb = png(300, 400);
        bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&80_000_u32.to_be_bytes());
        let crc = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        assert!(matches!(
            parse(&bomb),
            Err(PhotoError::TooLarge { width: 60_000, .. })
        ));
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |crc, &byte| {
            (0..8).fold(crc ^ u32::from(byte), |crc: u32, _| {
                (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
            })
        })
    }

    fn printed(name: &str) -> Faces {
        let photo = parse(&sample(name)).expect("a sample photo");
        render(
            &RIG.layout,
            &RIG.fonts,
            &specimen(),
            Some(&photo),
            Dpi::D300,
        )
        .expect("fits")
    }

    #[test]
    fn the_photo_is_recognised_and_anybody_elses_is_not() {
        let names = ["taro", "hanako", "jiro", "keiko", "saburo"];
        let faces = names.map(printed);
        for (chip, on_chip) in faces.iter().zip(names) {
            for (seen, on_face) in faces.iter().zip(names) {
                let mut grey = seen.photo_grey.clone().expect("a photo");
                // The scanner's own noise, seeded.
                let mut chance = 7_u32;
                for pixel in &mut grey.pixels {
                    chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    *pixel = pixel.saturating_add((chance >> 28) as u8);
                }
                let found = compare_photo(
                    &RIG.layout,
                    chip.chip_photo.as_ref().expect("a photo"),
                    &grey,
                );
                println!("{on_chip} {on_face} {found:?}");
                assert_eq!(
                    found.same(),
                    on_chip == on_face,
                    "{on_chip} seen as {on_face}: {found:?}"
                );
            }
        }
        let mut white = faces[0].photo_grey.clone().expect("a photo");
        white.pixels.fill(255);
        let chip = faces[0].chip_photo.as_ref().expect("a photo");
        assert!(!compare_photo(&RIG.layout, chip, &white).same());
    }
}
