//! A technician's test cards: marked TEST on both faces, every panel burned, nothing of a holder.

use layouts::*;

use super::font_files;

fn drawn(product: Product) -> (Layout, Fonts, Faces) {
    let layout = Layout::builtin(product).expect("compiled in");
    let fonts = Fonts::new(&layout, font_files(&layout)).expect("Debian's fonts");
    let mut values = Values::default();
    values.set("station", "TYO-W3").set("day", "2026-11-21");
    values.set("count", "12345");
    let faces = render(&layout, &fonts, &values, None, Dpi::D300).expect("it fits");
    (layout, fonts, faces)
}

#[test]
fn both_faces_say_test_and_specimen_and_every_panel_is_burned() {
    for product in [Product::TestCard, Product::TestPattern] {
        let (_, _, faces) = drawn(product);
        for elements in [&faces.front_elements, &faces.back_elements] {
            let large = |name: &str, glyphs: usize, rows: usize| {
                elements.iter().any(|one| {
                    let high = one.area.bottom - one.area.top;
                    one.name == name && one.glyphs.len() == glyphs && high > rows
                })
            };
            assert!(
                large("test", 4, 60),
                "{product:?}: TEST stands in large letters"
            );
            assert!(large("specimen", 10, 20), "{product:?}: 見本 SPECIMEN");
        }
        let burned = |panel: &PanelImage| panel.packed.iter().any(|&dots| dots != 0);
        assert!(faces.panels.iter().all(burned), "{product:?}");
        assert!(faces.chip_photo.is_none() && faces.photo_grey.is_none());
    }
}

#[test]
fn a_test_card_has_no_field_for_a_number_or_a_holder() {
    for product in [Product::TestCard, Product::TestPattern] {
        let (layout, fonts, _) = drawn(product);
        let mut values = Values::default();
        values.set("number", "AB12345678CD");
        let refused = render(&layout, &fonts, &values, None, Dpi::D300);
        assert!(matches!(refused, Err(Error::FieldUnknown { .. })));
    }
}

#[test]
fn a_ramp_rises_by_its_shares_of_dye() {
    let (_, _, faces) = drawn(Product::TestCard);
    // The middle of the first and of the last step of the grey ramp.
    let at = |mm: f32| (mm * 300.0 / 25.4 + 2.5).round() as usize;
    let shades: Vec<u8> = (0..10)
        .map(|step| {
            faces
                .panel(Panel::C)
                .at(at(62.2 + 2.13 * step as f32), at(35.0))
        })
        .collect();
    assert!(shades.is_sorted_by(|a, b| a < b), "{shades:?}");
    assert_eq!((shades[0], shades[9]), (26, 255));
}

#[test]
fn only_a_dye_has_shades() {
    let mut files: Vec<_> = built_in_files(Product::TestCard).to_vec();
    let front = files
        .iter_mut()
        .find(|(name, _)| *name == "front.toml")
        .expect("there");
    front.1 = "[[rule]]\nname = \"a\"\nbox = [1.0, 1.0, 5.0, 5.0]\npanels = [\"K\"]\ndye = 0.5\n";
    let refused = Layout::parse(&files).expect_err("refused").to_string();
    assert!(
        refused.contains("front.toml") && refused.contains("dye"),
        "{refused}"
    );
}
