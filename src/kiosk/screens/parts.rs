//! What screens are made of: buttons that are forms, keypads, times. Each button carries the
//! one-time action id and the browser's own token.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::View;

/// How heavy an act weighs: one filled button on a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// The screen's one main act.
    Main,
    /// Another act.
    Other,
    /// A way back.
    Quiet,
}

/// A button that is a form.
pub(super) struct Button<'a> {
    /// Where it posts to.
    pub(super) to: &'a str,
    /// Its id, by which focus is kept.
    pub(super) id: &'a str,
    /// Its verb.
    pub(super) label: &'a str,
    /// The key that presses it.
    pub(super) key: Option<&'a str>,
    /// How heavy it weighs.
    pub(super) weight: Weight,
    /// What it posts beside the ids.
    pub(super) fields: &'a [(&'a str, &'a str)],
    /// Why it cannot be pressed now.
    pub(super) off: Option<&'a str>,
}

impl<'a> Button<'a> {
    /// The screen's main act.
    pub(super) fn main(to: &'a str, id: &'a str, label: &'a str) -> Button<'a> {
        Button {
            to,
            id,
            label,
            key: Some("F12"),
            weight: Weight::Main,
            fields: &[],
            off: None,
        }
    }

    /// Another act.
    pub(super) fn other(to: &'a str, id: &'a str, label: &'a str) -> Button<'a> {
        Button {
            key: None,
            weight: Weight::Other,
            ..Button::main(to, id, label)
        }
    }

    /// A way back.
    pub(super) fn quiet(to: &'a str, id: &'a str, label: &'a str) -> Button<'a> {
        Button {
            weight: Weight::Quiet,
            ..Button::other(to, id, label)
        }
    }

    /// The same, pressed by this key.
    pub(super) fn key(mut self, key: &'a str) -> Button<'a> {
        self.key = Some(key);
        self
    }

    /// The same with these fields.
    pub(super) fn with(mut self, fields: &'a [(&'a str, &'a str)]) -> Button<'a> {
        self.fields = fields;
        self
    }

    /// The same, off for this reason.
    pub(super) fn off(mut self, reason: Option<&'a str>) -> Button<'a> {
        self.off = reason;
        self
    }

    /// Draws it.
    pub(super) fn draw(&self, view: &View<'_>) -> Markup {
        let why = format!("{}-why", self.id);
        html! {
            form.act method="post" action=(self.to) {
                (ids(view))
                @for (name, value) in self.fields {
                    input type="hidden" name=(name) value=(value);
                }
                @if let Some(reason) = self.off {
                    p.why id=(why) { (reason) }
                }
                button.(weight(self.weight)) id=(self.id) data-key=[self.key]
                    aria-disabled=[self.off.map(|_| "true")]
                    aria-describedby=[self.off.map(|_| why.as_str())] {
                    span { (self.label) }
                    @if let Some(key) = self.key { kbd aria-hidden="true" { (key) } }
                }
            }
        }
    }
}

/// The class of a weight.
pub(super) fn weight(weight: Weight) -> &'static str {
    match weight {
        Weight::Main => "main",
        Weight::Other => "other",
        Weight::Quiet => "quiet",
    }
}

/// What every form carries: the browser's token and the one-time action id.
pub(super) fn ids(view: &View<'_>) -> Markup {
    html! {
        input type="hidden" name="csrf" value=(view.viewer.csrf);
        input type="hidden" name="turn" value=(view.state.turn.0);
    }
}

/// Keys on the glass for the field of this id: digits, and letters where the field takes them.
pub(super) fn keypad(view: &View<'_>, field: &str, letters: bool) -> Markup {
    let say = |key: &str| view.viewer.lang.say(key);
    html! {
        div.keypad data-for=(field) role="group" aria-label=(say("keypad")) {
            div.digits {
                @for digit in ["1", "2", "3", "4", "5", "6", "7", "8", "9"] {
                    button type="button" data-put=(digit) { (digit) }
                }
                button type="button" data-put="clear" { (say("key-clear")) }
                button type="button" data-put="0" { "0" }
                button type="button" data-put="back" { (say("key-back")) }
            }
            @if letters {
                div.letters {
                    @for letter in 'A'..='Z' {
                        button type="button" data-put=(letter) { (letter) }
                    }
                }
            }
        }
    }
}

/// The way on in the list of this id, where not all of it has room; the script says how far it is.
pub(super) fn turn(view: &View<'_>, list: &str) -> Markup {
    html! {
        button.turn.other type="button" id=(format!("{list}-turn")) hidden {
            span { (view.viewer.lang.say("next-page")) " ›" } " " span {}
        }
    }
}

fn tokyo(at: Timestamp) -> DateTime {
    TimeZone::fixed(jiff::tz::offset(9)).to_datetime(at)
}

/// A moment as hours and minutes in Tokyo.
pub(super) fn clock(at: Timestamp, seconds: bool) -> String {
    let time = tokyo(at).time();
    if seconds {
        format!(
            "{:02}:{:02}:{:02}",
            time.hour(),
            time.minute(),
            time.second()
        )
    } else {
        format!("{:02}:{:02}", time.hour(), time.minute())
    }
}

/// A moment's month and day in Tokyo.
pub(super) fn day(at: Timestamp) -> String {
    let date = tokyo(at).date();
    format!("{:02}-{:02}", date.month(), date.day())
}

/// Milliseconds as seconds with one decimal.
pub(super) fn seconds(ms: u32) -> String {
    format!("{:.1}", f64::from(ms) / 1000.0)
}

/// A name and a value, as rows of a list that folds where it has no room.
pub(super) fn pairs(id: &str, rows: &[(String, Markup)]) -> Markup {
    html! {
        dl.pairs id=(id) data-fold {
            @for (name, value) in rows {
                div { dt { (name) } dd { (value) } }
            }
        }
    }
}

/// A card number or another text to be read character by character.
pub(super) fn number(text: &str) -> Markup {
    html! { span.number { (text) } }
}
