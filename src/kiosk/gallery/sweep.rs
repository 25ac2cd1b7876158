//! Every screen at its fullest, in both languages and one that is two fifths longer, in normal and
//! large type, at every size of a counter: no box flows over, no rule of accessibility is broken.

use browser::measure::{self, Rules};

use super::parts::Texts;
use super::specimens::{self, Specimen};
use super::{Gallery, books, html, viewer};
use crate::kiosk::words::Lang;

const SIZES: [(u32, u32); 4] = [(1280, 800), (1024, 768), (1920, 1080), (1080, 1920)];

/// The smallest counter holds both languages and promises no third.
const SMALLEST: (u32, u32) = SIZES[1];

/// Makes every text of the page that is ours two fifths longer, as a language might.
const LONGER: &str = r"
const texts = document.createTreeWalker(document.querySelector('#app'), NodeFilter.SHOW_TEXT);
for (let node = texts.nextNode(); node; node = texts.nextNode()) {
  const text = node.data.trim();
  const theirs = node.parentElement.closest('kbd, .number, [lang]:not(html), svg, .value, option');
  if (theirs || !/\p{L}{2}/u.test(text)) continue;
  node.data = node.data.trimEnd() + ' ' + 'ëñdléss '.repeat(9).slice(0, Math.ceil(text.length * 0.4));
}
";

/// What no program can decide and a person looked at, with the reason.
const REVIEWED: [(&str, &str); 2] = [
    (
        "class=\"good\">✓</",
        "a tick alone, which no rule of letters weighs: #197a4b on white (5.3 to 1)",
    ),
    (
        "<text ",
        "labels of drawings: #333 on white and on #f2f2f2 (11 to 1), which no rule sees through an SVG",
    ),
];

/// How a specimen is looked at, and at which size its accessibility is asked for, too.
struct Look {
    lang: Lang,
    large: bool,
    longer: bool,
    access: Option<(usize, Rules)>,
}

const fn look(lang: Lang, large: bool, access: Option<(usize, Rules)>) -> Look {
    Look {
        lang,
        large,
        longer: false,
        access,
    }
}

const LOOKS: [Look; 5] = [
    look(Lang::Ja, false, Some((0, Rules::All))),
    look(Lang::En, false, Some((0, Rules::All))),
    look(Lang::Ja, true, Some((1, Rules::OfSize))),
    look(Lang::En, true, Some((3, Rules::OfSize))),
    Look {
        longer: true,
        ..look(Lang::En, false, None)
    },
];

#[test]
fn every_screen_of_a_card_holds_the_most_there_can_be_at_every_size_and_breaks_no_rule() {
    let texts = Texts::longest();
    let screens = specimens::on_the_way(&texts);
    sweep("sweep-a", &texts, screens);
}

#[test]
fn every_screen_of_trouble_and_of_technicians_holds_it_too() {
    let texts = Texts::longest();
    let screens = specimens::off_the_way(&texts);
    sweep("sweep-b", &texts, screens);
}

#[test]
fn every_screen_of_material_and_of_the_shift_holds_it_too() {
    let texts = Texts::longest();
    let screens = books::all(&texts);
    sweep("sweep-c", &texts, screens);
}

#[test]
fn every_code_is_told_whole_on_the_smallest_counter() {
    let texts = Texts::longest();
    let gallery = Gallery::open("sweep-d");
    let mut wrong = Vec::new();
    gallery.browser.size(SMALLEST.0, SMALLEST.1);
    for specimen in specimens::of_codes(&texts) {
        for lang in [Lang::Ja, Lang::En] {
            let viewer = viewer(&specimen, &texts, lang, false);
            gallery.show(html(&specimen, &viewer), &[]);
            let name = format!("{}-{}", specimen.name.replace('?', "X"), lang.tag());
            let found = measure::boxes(&gallery.browser);
            // One language is enough for the eye; both are measured.
            if lang == Lang::Ja || !found.is_empty() {
                measure::picture(&gallery.browser, "kiosk-codes", &name);
            }
            wrong.extend(found.iter().map(|one| format!("{name}: {one}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn sweep(name: &str, texts: &Texts, screens: Vec<Specimen>) {
    let gallery = Gallery::open(name);
    let mut wrong = Vec::new();
    for specimen in screens {
        for look in &LOOKS {
            wrong.extend(at_every_size(&gallery, &specimen, texts, look));
        }
    }
    assert_eq!(gallery.browser.violations(), "");
    let faults = wrong.len();
    assert!(wrong.is_empty(), "{faults} faults:\n{}", wrong.join("\n"));
}

fn at_every_size(
    gallery: &Gallery,
    specimen: &Specimen,
    texts: &Texts,
    look: &Look,
) -> Vec<String> {
    let viewer = viewer(specimen, texts, look.lang, look.large);
    let face = specimen
        .state
        .job
        .as_ref()
        .map(|job| job.faces.front.to_vec());
    gallery.show(html(specimen, &viewer), &face.unwrap_or_default());
    if look.longer {
        gallery.browser.run(LONGER);
    }
    let mut wrong = Vec::new();
    for (at, (width, height)) in SIZES.into_iter().enumerate() {
        if look.longer && (width, height) == SMALLEST {
            continue;
        }
        gallery.browser.size(width, height);
        let mut found = measure::boxes(&gallery.browser);
        if let Some((_, rules)) = look.access.filter(|(size, _)| *size == at) {
            let told = access(gallery, rules);
            let reviewed = |one: &&String| !REVIEWED.iter().any(|(rule, _)| one.contains(rule));
            found.extend(told.iter().filter(reviewed).cloned());
        }
        let kind = match (look.large, look.longer) {
            (true, _) => "-large",
            (_, true) => "-longer",
            (false, false) => "",
        };
        let name = format!("{}-{}{kind}-{width}", specimen.name, look.lang.tag());
        let plain = at == 0 && !look.large && !look.longer;
        if plain || !found.is_empty() {
            measure::picture(&gallery.browser, "kiosk-gallery", &name);
        }
        wrong.extend(found.iter().map(|one| format!("{name}: {one}")));
    }
    wrong
}

/// The accessibility of the page itself. Where a busy machine let its stream wait, the page is inert
/// behind a warning, and the rules find nothing else: then it is loaded and asked anew.
fn access(gallery: &Gallery, rules: Rules) -> Vec<String> {
    for _ in 0..8 {
        let told = measure::access(&gallery.browser, rules);
        if gallery.browser.has("#lost[hidden]") {
            return told;
        }
        gallery.browser.reload();
    }
    panic!("the page never hears its stream");
}
