//! One text item set in its box: font choice, line breaking, shrinking, underline, marks.
//! Returns outlines in mm on the upright face; knows no dots and no panel.

use std::ops::Range;

use resvg::tiny_skia::{Path, PathBuilder, Rect, Transform};
use unicode_linebreak::{BreakOpportunity, linebreaks};

use crate::Values;
use crate::error::Error;
use crate::fonts::{Fonts, Glyph, Shaped};
use crate::layout::{Part, parts};
use crate::source::{Align, Text, Vertical};

/// Sizes are tried in steps of this many mm.
const STEP_MM: f32 = 0.05;
/// Japanese em squares stand 0.88 above and 0.12 below the baseline.
const ASCENT: f32 = 0.88;

/// A text that fits, ready to be filled.
pub(crate) struct Placed {
    pub(crate) name: String,
    /// All outlines, in mm.
    pub(crate) outline: Path,
    /// Ink of each glyph in mm, left, top, right, bottom.
    pub(crate) glyphs: Vec<Rect>,
}

/// Sets one item; `None` if its condition or an empty optional field leaves it away.
///
/// # Errors
/// `ValueMissing`, `Glyph`, `Overflow`.
pub(crate) fn place(item: &Text, values: &Values, fonts: &Fonts) -> Result<Option<Placed>, Error> {
    let given = |field: &Option<String>| field.as_ref().map(|name| values.get(name).is_some());
    if given(&item.when) == Some(false) || given(&item.unless) == Some(true) {
        return Ok(None);
    }
    let Some(filled) = fill(item, values)? else {
        return Ok(None);
    };
    let shaped = choose(item, &filled, fonts)?;
    let (size, lines) = fit(item, &filled, &shaped)?;
    let mut pen = Setter {
        fonts,
        embolden: item.embolden,
        builder: PathBuilder::new(),
        glyphs: Vec::new(),
    };
    let height = size * (1.0 + item.leading * (lines.len() as f32 - 1.0));
    let top = match item.vertical {
        Vertical::Top => item.area[1],
        Vertical::Middle => item.area[1] + (item.area[3] - height) / 2.0,
        Vertical::Bottom => item.area[1] + item.area[3] - height,
    };
    for (index, line) in lines.iter().enumerate() {
        let glyphs = &shaped.glyphs[line.clone()];
        let top = top + index as f32 * item.leading * size;
        let set = Line {
            item,
            filled: &filled,
            font: &shaped.font,
            glyphs,
            size,
            top,
        };
        set.draw(&mut pen);
        set.underline(&mut pen);
        set.marks(&mut pen)?;
    }
    let Some(path) = pen.builder.finish() else {
        return Ok(None);
    };
    Ok(Some(Placed {
        name: item.name.clone(),
        outline: path,
        glyphs: pen.glyphs,
    }))
}

/// The text with its fields filled in.
struct Filled {
    text: String,
    /// Byte ranges that fields gave.
    fields: Vec<(Range<usize>, String)>,
}

impl Filled {
    /// The field that holds a byte, or all of them for a message about the whole.
    fn field_at(&self, byte: usize) -> String {
        let field = self.fields.iter().find(|(range, _)| range.contains(&byte));
        field.map_or_else(String::new, |(_, name)| name.clone())
    }

    fn all_fields(&self) -> String {
        self.fields
            .iter()
            .map(|(_, name)| name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

fn fill(item: &Text, values: &Values) -> Result<Option<Filled>, Error> {
    let mut filled = Filled {
        text: String::new(),
        fields: Vec::new(),
    };
    for part in parts(&item.text).unwrap_or_default() {
        match part {
            Part::Words(words) => filled.text.push_str(&words),
            Part::Field(field) => match values.get(&field) {
                Some(value) => {
                    let start = filled.text.len();
                    filled.text.push_str(value);
                    filled.fields.push((start..filled.text.len(), field));
                }
                None if item.optional => return Ok(None),
                None => {
                    return Err(Error::ValueMissing {
                        item: item.name.clone(),
                        field,
                    });
                }
            },
        }
    }
    Ok((!filled.text.is_empty()).then_some(filled))
}

/// The first font of the item that shows the whole text; fonts are never mixed.
fn choose(item: &Text, filled: &Filled, fonts: &Fonts) -> Result<Shaped, Error> {
    let mut refused = None;
    for font in &item.fonts {
        match fonts.shape(font, &filled.text) {
            Ok(shaped) => return Ok(shaped),
            Err(character) => refused = Some(character),
        }
    }
    let character = refused.unwrap_or(' ');
    let at = filled.text.find(character).unwrap_or(0);
    Err(Error::Glyph {
        item: item.name.clone(),
        field: filled.field_at(at),
        character,
    })
}

/// The largest permitted size at which the text fits, and its lines as glyph ranges.
fn fit(item: &Text, filled: &Filled, shaped: &Shaped) -> Result<(f32, Vec<Range<usize>>), Error> {
    let min = item.min_size.unwrap_or(item.size);
    let pieces = pieces(&filled.text, &shaped.glyphs);
    let mut step = 0;
    loop {
        let size = (item.size - step as f32 * STEP_MM).max(min);
        if let Some(lines) = break_lines(item, &pieces, shaped, size) {
            let height = size * (1.0 + item.leading * (lines.len() as f32 - 1.0));
            if lines.len() <= item.max_lines && height <= item.area[3] + 0.001 {
                return Ok((size, lines));
            }
        }
        if size <= min {
            return Err(Error::Overflow {
                item: item.name.clone(),
                field: filled.all_fields(),
                max_lines: item.max_lines,
                min_size_mm: min,
            });
        }
        step += 1;
    }
}

/// Stretches of glyphs between which a line may be broken.
fn pieces(text: &str, glyphs: &[Glyph]) -> Vec<Range<usize>> {
    let breaks: Vec<usize> = linebreaks(text)
        .filter(|&(at, kind)| kind == BreakOpportunity::Allowed && !bound(text, at))
        .map(|(at, _)| at)
        .collect();
    let mut pieces = Vec::new();
    let mut start = 0;
    for (index, glyph) in glyphs.iter().enumerate().skip(1) {
        if breaks.contains(&glyph.start) {
            pieces.push(start..index);
            start = index;
        }
    }
    pieces.push(start..glyphs.len());
    pieces
}

/// House numbers and dates stay together: 1番, 2丁目, 3号, 101号室, 12月.
fn bound(text: &str, at: usize) -> bool {
    let digit = |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c);
    let joint = |c: char| matches!(c, '-' | '－' | '−' | '‐' | '‑' | '–' | 'ー');
    let (Some(before), Some(after)) = (text[..at].chars().next_back(), text[at..].chars().next())
    else {
        return false;
    };
    let counter = "丁番号階室棟条年月日円地".contains(after);
    (digit(before) && (digit(after) || joint(after) || counter))
        || (joint(before) && digit(after))
        || ["丁目", "番地", "番号", "号室", "号棟"]
            .iter()
            .any(|word| text[..at].ends_with(&word[..3]) && text[at..].starts_with(&word[3..]))
}

fn break_lines(
    item: &Text,
    pieces: &[Range<usize>],
    shaped: &Shaped,
    size: f32,
) -> Option<Vec<Range<usize>>> {
    let width = |range: &Range<usize>| line_width(&shaped.glyphs[range.clone()], item.tracking);
    let limit = (item.area[2] + 0.001) / size;
    let mut lines: Vec<Range<usize>> = Vec::new();
    for piece in pieces {
        let longer = lines.last().map(|line| line.start..piece.end);
        match longer.filter(|line| width(line) <= limit) {
            Some(line) => *lines.last_mut()? = line,
            None if width(piece) <= limit => lines.push(piece.clone()),
            None => return None,
        }
    }
    Some(lines)
}

/// Width in ems without the space at the end and without tracking after the last glyph.
fn line_width(glyphs: &[Glyph], tracking: f32) -> f32 {
    let shown = glyphs
        .iter()
        .rposition(|glyph| !glyph.blank)
        .map_or(0, |last| last + 1);
    let advances: f32 = glyphs[..shown].iter().map(|glyph| glyph.advance).sum();
    advances + tracking * shown.saturating_sub(1) as f32
}

struct Setter<'a> {
    fonts: &'a Fonts,
    /// Added to each stroke, in mm.
    embolden: f32,
    builder: PathBuilder,
    glyphs: Vec<Rect>,
}

impl Setter<'_> {
    fn glyph(&mut self, font: &str, glyph: &Glyph, x: f32, baseline: f32, size: f32) {
        let at = Transform::from_row(
            size,
            0.0,
            0.0,
            size,
            x + glyph.offset.0 * size,
            baseline + glyph.offset.1 * size,
        );
        let weight = (self.embolden / size * 1000.0).round() as u16;
        let outline = self.fonts.outline(font, glyph, weight);
        if let Some(path) = outline.and_then(|path| path.transform(at)) {
            self.glyphs.push(path.bounds());
            self.builder.push_path(&path);
        }
    }
}

/// One line in its place.
struct Line<'a> {
    item: &'a Text,
    filled: &'a Filled,
    font: &'a str,
    glyphs: &'a [Glyph],
    size: f32,
    top: f32,
}

impl Line<'_> {
    fn left(&self) -> f32 {
        let slack = self.item.area[2] - line_width(self.glyphs, self.item.tracking) * self.size;
        self.item.area[0]
            + match self.item.align {
                Align::Left => 0.0,
                Align::Centre => slack / 2.0,
                Align::Right => slack,
            }
    }

    /// Each glyph with its left border in mm.
    fn places(&self) -> impl Iterator<Item = (&Glyph, f32)> {
        self.glyphs.iter().scan(self.left(), |x, glyph| {
            let at = *x;
            *x += (glyph.advance + self.item.tracking) * self.size;
            Some((glyph, at))
        })
    }

    fn draw(&self, pen: &mut Setter<'_>) {
        for (glyph, x) in self.places() {
            pen.glyph(
                self.font,
                glyph,
                x,
                self.top + ASCENT * self.size,
                self.size,
            );
        }
    }

    fn underline(&self, pen: &mut Setter<'_>) {
        let Some(line) = &self.item.underline else {
            return;
        };
        let in_field = |glyph: &Glyph| {
            self.filled
                .fields
                .iter()
                .any(|(range, _)| range.contains(&glyph.start))
        };
        let under = self
            .places()
            .filter(|(glyph, _)| !line.fields_only || in_field(glyph));
        let (left, right) = under.fold((f32::MAX, f32::MIN), |(left, right), (glyph, x)| {
            (left.min(x), right.max(x + glyph.advance * self.size))
        });
        let top = self.top + self.size + line.gap;
        if let Some(rect) = Rect::from_ltrb(left, top, right, top + line.width) {
            pen.builder.push_rect(rect);
            pen.glyphs.push(rect);
        }
    }

    fn marks(&self, pen: &mut Setter<'_>) -> Result<(), Error> {
        let Some(marks) = &self.item.marks else {
            return Ok(());
        };
        for (glyph, x) in self.places() {
            let shown = &self.filled.text[glyph.start..glyph.end];
            let mark = marks.of.iter().find(|(of, _)| shown.chars().eq([*of]));
            let Some((_, mark)) = mark else { continue };
            let shaped = pen
                .fonts
                .shape(&marks.font, mark)
                .map_err(|character| Error::Glyph {
                    item: self.item.name.clone(),
                    field: String::new(),
                    character,
                })?;
            let centre = x + glyph.advance * self.size / 2.0;
            let mut x = centre - line_width(&shaped.glyphs, 0.0) * marks.size / 2.0;
            let baseline = self.top + self.size + marks.drop + ASCENT * marks.size;
            for glyph in &shaped.glyphs {
                pen.glyph(&shaped.font, glyph, x, baseline, marks.size);
                x += glyph.advance * marks.size;
            }
        }
        Ok(())
    }
}
