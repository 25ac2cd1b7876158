//! The residence card's faces, laid out with Debian's fonts: what fits and what is refused.

mod photo;
mod scans;
mod test_card;

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

fn font_files(layout: &Layout) -> Vec<(String, Arc<Vec<u8>>)> {
    let read = |font: &Font| {
        let path = FOLDERS
            .iter()
            .map(|folder| format!("{folder}/{}", font.file));
        let bytes = path.filter_map(|path| std::fs::read(path).ok()).next();
        (
            font.name.clone(),
            Arc::new(bytes.expect("fonts-ipaexfont, fonts-ipamj-mincho")),
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
