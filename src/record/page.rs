//! A sheet that is written from top to bottom: titles, entries, columns. What the page does not hold
//! goes to the next one.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use super::Error;
use super::sheet::{BLACK, Face, GREY, Sheet};

pub(super) const LEFT_MM: f32 = 20.0;
pub(super) const VALUE_MM: f32 = 55.0;
pub(super) const WIDE_MM: f32 = 170.0;
const TOP_MM: f32 = 20.0;
/// Below this nothing is written.
const BOTTOM_MM: f32 = 282.0;

/// The sheet and how far down it is written.
pub(super) struct Page<'a> {
    pub(super) sheet: Sheet<'a>,
    pub(super) y: f32,
    title: String,
}

impl<'a> Page<'a> {
    /// A paper of as many pages as it takes.
    pub(super) fn new(title: &str, face: &'a Face) -> Page<'a> {
        Page {
            sheet: Sheet::new(title, face),
            y: TOP_MM,
            title: title.to_owned(),
        }
    }

    /// The paper's title, and which office and station it is of.
    pub(super) fn head(&mut self, title: &str, office: &str, station: &str) {
        self.sheet.text(LEFT_MM, self.y, 17.0, BLACK, title);
        let place = format!("{office}　発行機 {station}");
        self.sheet
            .text(VALUE_MM + 40.0, self.y, 10.0, BLACK, &place);
        self.y += 3.0;
        self.sheet.rule(LEFT_MM, self.y, WIDE_MM, 1.2);
        self.y += 7.0;
    }

    /// The title of a part; never alone at the foot of a page.
    pub(super) fn section(&mut self, title: &str) {
        self.keep(16.0);
        self.y += 3.0;
        self.sheet.text(LEFT_MM, self.y, 10.5, BLACK, title);
        self.y += 1.6;
        self.sheet.rule(LEFT_MM, self.y, WIDE_MM, 0.5);
        self.step(4.6);
    }

    /// A label and its value.
    pub(super) fn entry(&mut self, label: &str, value: &str) {
        self.keep(5.2);
        self.sheet.text(LEFT_MM, self.y, 9.0, GREY, label);
        for part in wrapped(value, 42) {
            self.keep(5.2);
            self.sheet.text(VALUE_MM, self.y, 9.5, BLACK, &part);
            self.step(5.2);
        }
    }

    /// Cells of one row, each so many millimetres from the left.
    pub(super) fn row(&mut self, ink: super::sheet::Ink, cells: &[(f32, &str)]) {
        self.keep(4.4);
        for (x, cell) in cells {
            self.sheet.text(LEFT_MM + x, self.y, 8.5, ink, cell);
        }
        self.step(4.4);
    }

    /// The journal's records that it is of, and what it does not hold.
    pub(super) fn foot(&mut self, (first, last): (u64, u64), head: &str, note: &str) {
        self.keep(12.0);
        self.y += 2.0;
        self.sheet.rule(LEFT_MM, self.y, WIDE_MM, 0.5);
        self.step(4.5);
        let journal = format!("台帳 {first}～{last}　{head}");
        self.sheet.text(LEFT_MM, self.y, 7.5, GREY, &journal);
        self.step(4.0);
        self.sheet.text(LEFT_MM, self.y, 7.5, GREY, note);
    }

    /// Further down.
    pub(super) fn step(&mut self, millimetres: f32) {
        self.y += millimetres;
    }

    /// The finished file.
    ///
    /// # Errors
    /// [`Error::NoGlyph`].
    pub(super) fn finish(self) -> Result<Vec<u8>, Error> {
        self.sheet.finish()
    }

    /// What needs so much room goes to the next page where this one does not hold it.
    pub(super) fn keep(&mut self, millimetres: f32) {
        if self.y + millimetres > BOTTOM_MM {
            let number = self.sheet.next_page();
            let again = format!("{}　{number} 枚目", self.title);
            self.sheet.text(LEFT_MM, TOP_MM, 8.5, GREY, &again);
            self.y = TOP_MM + 8.0;
        }
    }
}

/// Cuts a line where it would grow wider than this many full-width characters.
pub(super) fn wrapped(text: &str, full_width: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut halves = 0;
    for character in text.chars() {
        let width = if character.is_ascii() { 1 } else { 2 };
        if halves + width > 2 * full_width {
            parts.push(String::new());
            halves = 0;
        }
        halves += width;
        if let Some(part) = parts.last_mut() {
            part.push(character);
        }
    }
    parts
}

/// Dates of law are Tokyo's, and so are the times beside them.
pub(super) fn tokyo(at: Timestamp) -> String {
    let zone = TimeZone::fixed(Offset::constant(9));
    at.to_zoned(zone)
        .strftime("%Y年%m月%d日 %H:%M:%S")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_tokyos() {
        let at: Timestamp = "2024-04-01T15:30:05Z".parse().expect("a time");
        assert_eq!(tokyo(at), "2024年04月02日 00:30:05");
    }

    #[test]
    fn a_long_line_is_wrapped_not_cut() {
        let parts = wrapped("表面シアンの途中でリボンが終わりました。", 8);
        assert_eq!(parts, ["表面シアンの途中", "でリボンが終わり", "ました。"]);
        assert_eq!(wrapped("abcd", 1), ["ab", "cd"]);
    }
}
