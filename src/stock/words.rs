//! What the things of the books are called, Japanese and English.

use super::{Item, Kind, OldState, Place, Reason, Supply};
use std::borrow::Cow;

impl Supply {
    /// What it is called.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Supply::Blanks => ("白カード", "Blanks"),
            Supply::Ribbon => ("リボン", "Ribbon"),
            Supply::Patches => ("ホログラム", "Patches"),
        }
    }
}

impl Place {
    /// What it is called.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Place::Machine => ("機械内", "machine"),
            Place::Exit => ("排出口", "exit"),
            Place::Tray => ("不良箱", "tray"),
            Place::Bag => ("袋", "bag"),
            Place::Delivered => ("交付", "delivered"),
            Place::Quarantined => ("隔離", "quarantined"),
            Place::Destroyed => ("廃棄", "destroyed"),
            Place::Missing => ("不明", "missing"),
            Place::Returned => ("給紙部", "hopper"),
        }
    }
}

impl Kind {
    /// What it is called.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Kind::Card => ("カード", "card"),
            Kind::Test => ("試験カード", "test card"),
        }
    }
}

impl OldState {
    /// What it is called.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            OldState::Collected => ("回収", "collected"),
            OldState::Punched => ("穴あけ済み", "punched"),
            OldState::Evidence => ("証拠", "evidence"),
            OldState::GivenBack => ("返却", "given back"),
            OldState::Destroyed => ("廃棄", "destroyed"),
        }
    }
}

impl Item {
    /// What it is called.
    #[must_use]
    pub fn words(&self) -> (Cow<'static, str>, Cow<'static, str>) {
        let (ja, en) = match self {
            Item::Hopper => ("給紙部", "hopper"),
            Item::Tray => ("不良箱", "tray"),
            Item::Bag => ("袋", "bag"),
            Item::Sets => ("リボン", "ribbon sets"),
            Item::Patches => ("ホログラム", "patches"),
            Item::Ribbons => ("使用済みリボン", "used ribbons"),
            Item::OldCards => ("旧カード", "old cards"),
            Item::Counter(name) => {
                return (
                    format!("計数 {name}").into(),
                    format!("counter {name}").into(),
                );
            }
        };
        (ja.into(), en.into())
    }
}

impl Reason {
    /// Every reason.
    pub const ALL: [Reason; 5] = [
        Reason::Miscounted,
        Reason::Delivered,
        Reason::Machine,
        Reason::Missing,
        Reason::Stolen,
    ];

    /// The word in forms.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Reason::Miscounted => "miscounted",
            Reason::Delivered => "delivered",
            Reason::Machine => "machine",
            Reason::Missing => "missing",
            Reason::Stolen => "stolen",
        }
    }

    /// What it is called.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Reason::Miscounted => (
                "入れたときの数え間違い",
                "It was counted wrong when it was loaded",
            ),
            Reason::Delivered => (
                "包みの枚数が表示と違った",
                "The package held fewer or more than it says",
            ),
            Reason::Machine => (
                "機械の中でのこと（2 枚送りなど）",
                "In the machine: two went as one, or one unseen",
            ),
            Reason::Missing => ("所在が分からない", "It is gone, and nobody knows where"),
            Reason::Stolen => (
                "盗難、またはその疑い",
                "It was stolen, or that is suspected",
            ),
        }
    }
}
