//! The report of a closed shift 「窓口締め報告」: what came, what went, what was counted, who signed
//! what. Bears neither a holder's data nor a card's number.

use jiff::Timestamp;
use serde::Serialize;

use super::page::{LEFT_MM, Page, tokyo, wrapped};
use super::sheet::{BLACK, Face, GREY};
use super::{End, Error};
use crate::fault::{By, Signed, TwoPersons};
use crate::stock::{Line, Reason, Terms};

/// Everything that the report of one closed shift says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClosedShift {
    /// The office, as configured.
    pub office: String,
    /// The station's id.
    pub station: String,
    /// The station's count of shifts, from 1.
    pub number: u32,
    /// When the shift before was closed, or the journal began.
    pub since: Timestamp,
    /// When this one was closed.
    pub until: Timestamp,
    /// Where all blanks were at its begin.
    pub opened: Terms,
    /// Where they were when it closed, as counted.
    pub closed: Terms,
    /// What became of its attempts, and of how many.
    pub ends: Vec<(End, u32)>,
    /// What lies in the machine: Japanese words.
    pub rolls: Vec<(String, String)>,
    /// The count that it closed on.
    pub lines: Vec<Line>,
    /// Why the count does not come out; none when it does.
    pub reason: Option<Reason>,
    /// What persons signed, in order.
    pub acts: Vec<SignedAct>,
    /// What stopped the work: code, Japanese words, how often.
    pub stops: Vec<(String, String, u32)>,
    /// Who closed it.
    pub by: TwoPersons,
    /// First and last journal record; the one that closed it comes after.
    pub journal: (u64, u64),
    /// Hash of the record that closed it.
    pub journal_head: String,
}

/// What a person signed, or two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignedAct {
    /// When.
    pub at: Timestamp,
    /// What, in Japanese.
    pub what: String,
    /// Who.
    pub by: By,
}

pub(super) fn draw(shift: &ClosedShift, face: &Face) -> Result<Vec<u8>, Error> {
    let title = format!("窓口締め報告　第 {} 回", shift.number);
    let mut page = Page::new(&title, face);
    page.head(&title, &shift.office, &shift.station);
    page.span(shift);
    page.places(shift);
    page.count(shift);
    page.acts(&shift.acts);
    page.halts(&shift.stops);
    let note = "本人に関する情報とカード番号は含みません。";
    page.foot(shift.journal, &shift.journal_head, note);
    page.finish()
}

/// Columns of figures, in millimetres from the left.
const FIGURES_MM: [f32; 3] = [70.0, 100.0, 130.0];

impl Page<'_> {
    fn span(&mut self, shift: &ClosedShift) {
        let span = format!("{} から {} まで", tokyo(shift.since), tokyo(shift.until));
        self.entry("期間", &span);
        let [first, second] = [shift.by.first(), shift.by.second()].map(signature);
        self.entry("締めた人", &format!("{first}、{second}"));
        let ends = shift
            .ends
            .iter()
            .map(|(end, count)| format!("{} {count}", end.words()));
        let ends: Vec<String> = ends.collect();
        self.entry("カードの作成", &none_or(&ends.join("、")));
        for (label, value) in &shift.rolls {
            self.entry(label, value);
        }
    }

    /// The equation of all blanks, place by place.
    fn places(&mut self, shift: &ClosedShift) {
        self.section("カードの所在（枚）");
        self.figures(GREY, "", ["開始時", "この期間", "締め時"]);
        for (name, of) in PLACES {
            let (before, after) = (of(&shift.opened), of(&shift.closed));
            let cells = [
                before.to_string(),
                signed(after - before),
                after.to_string(),
            ];
            self.figures(BLACK, name, cells.each_ref().map(String::as_str));
        }
        self.y += 1.2;
        for part in wrapped(&equation(&shift.closed), 56) {
            self.row(BLACK, &[(0.0, &part)]);
        }
        let tests = shift.closed.tests + shift.closed.tests_destroyed;
        let holds = if shift.closed.balanced() {
            "式は一致しています。"
        } else {
            "式は一致していません。"
        };
        let said = format!("{holds}このうち試験カードは {tests} 枚です。");
        self.row(BLACK, &[(0.0, &said)]);
    }

    fn count(&mut self, shift: &ClosedShift) {
        self.section("数えた結果");
        self.figures(GREY, "", ["記録", "実際", "差"]);
        for line in &shift.lines {
            let (name, _) = line.item.words();
            let apart = signed(line.difference());
            let cells = [line.journal.to_string(), line.found.to_string(), apart];
            self.figures(BLACK, &name, cells.each_ref().map(String::as_str));
        }
        let said = match shift.reason {
            None => "差はありません。".to_owned(),
            Some(reason) => format!("差の理由：{}", reason.words().0),
        };
        self.row(BLACK, &[(0.0, &said)]);
    }

    fn acts(&mut self, acts: &[SignedAct]) {
        self.section("署名のある操作");
        if acts.is_empty() {
            self.row(BLACK, &[(0.0, "なし")]);
        }
        for act in acts {
            let by = match &act.by {
                By::One(one) => one.person.clone(),
                By::Two(two) => format!("{}、{}", two.first().person, two.second().person),
            };
            let at = tokyo(act.at);
            let mut rest = wrapped(&act.what, 26).into_iter();
            let first = rest.next().unwrap_or_default();
            self.row(BLACK, &[(0.0, &at), (42.0, &first), (126.0, &by)]);
            for part in rest {
                self.row(BLACK, &[(42.0, &part)]);
            }
        }
    }

    fn halts(&mut self, stops: &[(String, String, u32)]) {
        self.section("停止");
        if stops.is_empty() {
            self.row(BLACK, &[(0.0, "なし")]);
        }
        for (code, what, times) in stops {
            let times = format!("{times} 回");
            self.row(BLACK, &[(0.0, code), (42.0, what), (152.0, &times)]);
        }
    }

    fn figures(&mut self, ink: super::sheet::Ink, name: &str, cells: [&str; 3]) {
        let row = FIGURES_MM.into_iter().zip(cells);
        for (x, cell) in row {
            self.sheet.text_to(LEFT_MM + x, self.y, 8.5, ink, cell);
        }
        self.row(ink, &[(0.0, name)]);
    }
}

type Of = fn(&Terms) -> i64;

/// The places in the order of the equation.
const PLACES: [(&str, Of); 10] = [
    ("受入", |terms| terms.loaded),
    ("交付", |terms| terms.delivered),
    ("廃棄", |terms| terms.destroyed),
    ("隔離", |terms| terms.quarantined),
    ("機械内", |terms| terms.machine),
    ("排出口", |terms| terms.exit),
    ("不良箱", |terms| terms.tray),
    ("袋", |terms| terms.bag),
    ("不明", |terms| terms.missing),
    ("残（給紙部）", |terms| terms.hopper),
];

fn equation(terms: &Terms) -> String {
    let [(whole, of), parts @ ..] = PLACES;
    let parts = parts.map(|(name, of)| format!("{name} {}", of(terms)));
    format!("{whole} {} = {}", of(terms), parts.join(" + "))
}

fn signed(number: i64) -> String {
    match number {
        0 => "0".to_owned(),
        less if less < 0 => format!("−{}", less.unsigned_abs()),
        more => format!("+{more}"),
    }
}

fn signature(of: &Signed) -> String {
    format!("{}（{}）", of.person, of.role.name_ja())
}

fn none_or(text: &str) -> String {
    if text.is_empty() { "なし" } else { text }.to_owned()
}
