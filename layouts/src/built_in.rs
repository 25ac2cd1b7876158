//! The layouts that are compiled in, as names and texts. Knows no disk and does not read them.

/// What can be printed with a layout that is compiled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// 在留カード of the first generation.
    ResidenceCard1,
    /// A technician's test card: marked TEST on both faces, no number, no security art.
    TestCard,
    /// The same with ramps of each dye, fine lines and crosses of all dyes.
    TestPattern,
}

/// A file of this folder with its name.
macro_rules! files {
    ($($name:literal = $path:literal,)*) => { &[$(($name, include_str!(concat!("../", $path))),)*] };
}

type Files = &'static [(&'static str, &'static str)];

const RESIDENCE_CARD_1: Files = files! {
    "layout.toml" = "residence-card-1/layout.toml",
    "front.toml" = "residence-card-1/front.toml",
    "back.toml" = "residence-card-1/back.toml",
    "blank-front.toml" = "residence-card-1/blank-front.toml",
    "blank-back.toml" = "residence-card-1/blank-back.toml",
    "blank-front.svg" = "residence-card-1/blank-front.svg",
    "blank-back.svg" = "residence-card-1/blank-back.svg",
    "uv.svg" = "residence-card-1/uv.svg",
    "pearl.svg" = "residence-card-1/pearl.svg",
};

// Test cards are printed on the blanks that are in the hopper.
const TEST_CARD: Files = files! {
    "layout.toml" = "test-card/layout.toml",
    "front.toml" = "test-card/front.toml",
    "back.toml" = "test-card/back.toml",
    "marks.svg" = "test-card/marks.svg",
    "blank-front.toml" = "residence-card-1/blank-front.toml",
    "blank-back.toml" = "residence-card-1/blank-back.toml",
    "blank-front.svg" = "residence-card-1/blank-front.svg",
    "blank-back.svg" = "residence-card-1/blank-back.svg",
};

const TEST_PATTERN: Files = files! {
    "layout.toml" = "test-pattern/layout.toml",
    "front.toml" = "test-pattern/front.toml",
    "back.toml" = "test-card/back.toml",
    "marks.svg" = "test-card/marks.svg",
    "lines.svg" = "test-pattern/lines.svg",
    "blank-front.toml" = "residence-card-1/blank-front.toml",
    "blank-back.toml" = "residence-card-1/blank-back.toml",
    "blank-front.svg" = "residence-card-1/blank-front.svg",
    "blank-back.svg" = "residence-card-1/blank-back.svg",
};

/// The files of a compiled-in product, name and text, for tools that show or change them.
pub fn built_in_files(product: Product) -> Files {
    match product {
        Product::ResidenceCard1 => RESIDENCE_CARD_1,
        Product::TestCard => TEST_CARD,
        Product::TestPattern => TEST_PATTERN,
    }
}
