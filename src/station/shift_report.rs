//! The report of a closed shift, read from the journal alone: the same journal gives the same
//! report. Takes no number, no job and no old card's number over from it.

use super::closed::{decision_words, end};
use crate::config::Config;
use crate::diag::history::{self, Filter};
use crate::fault::{By, Code};
use crate::issuance::{Entry, Event, Ledger, What};
use crate::record::{ClosedShift, End, SignedAct};
use crate::stock::{self, Line, Reason, Shift, Stock, Supply};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What the records of one shift tell.
#[derive(Default)]
struct Told {
    ends: BTreeMap<End, u32>,
    acts: Vec<SignedAct>,
    lines: Vec<Line>,
    reason: Option<Reason>,
    span: Vec<(u64, Entry)>,
}

/// The report of this shift; none when it is not closed. `hash` gives a record's hash.
pub(super) fn of(
    number: u32,
    records: &[(u64, Vec<u8>)],
    config: &Config,
    hash: impl Fn(u64) -> Option<String>,
) -> Option<ClosedShift> {
    // The journal was folded at opening, so that every record reads.
    let entries = records
        .iter()
        .filter_map(|(at, bytes)| Some((*at, Entry::parse(bytes).ok()?)));
    let mut ledger = Ledger::default();
    let mut told = Told::default();
    let mut opened = (ledger.stock().clone(), None);
    for (at, entry) in entries {
        let before = ledger.newest().clone();
        let compared = compared(&ledger, &entry.what);
        ledger.apply(&entry).ok()?;
        if let What::Stock(stock::Event::ShiftClosed(shift)) = &entry.what {
            if shift.number == number {
                let since = opened.1.unwrap_or(entry.at);
                let opening = (&opened.0, since);
                let closing = (ledger.stock(), entry.at);
                let head = hash(at).unwrap_or_default();
                return Some(told.report(shift, opening, closing, config, head));
            }
            told = Told::default();
            opened = (ledger.stock().clone(), Some(entry.at));
        }
        opened.1 = opened.1.or(Some(entry.at));
        if entry.what == What::Issuance(Event::Closed) {
            *told.ends.entry(end(&before)).or_default() += 1;
        }
        told.take(&entry, compared);
        told.span.push((at, entry));
    }
    None
}

/// What a count found, held against the books as they stood before it.
fn compared(ledger: &Ledger, what: &What) -> Vec<Line> {
    if let What::Stock(stock::Event::Reconciled {
        count, readings, ..
    }) = what
    {
        ledger.stock().compare(count, readings).lines
    } else {
        Vec::new()
    }
}

impl Told {
    fn take(&mut self, entry: &Entry, compared: Vec<Line>) {
        let mut sign = |what: String, by: &By| {
            self.acts.push(SignedAct {
                at: entry.at,
                what,
                by: by.clone(),
            });
        };
        match &entry.what {
            What::Stock(event) => {
                if let Some((what, by)) = signed(event) {
                    sign(what, &by);
                }
                if let stock::Event::Reconciled { reason, .. } = event {
                    self.lines = compared;
                    self.reason = *reason;
                }
            }
            What::Issuance(Event::Decided {
                decision,
                by: by @ By::Two(_),
            }) => sign(decision_words(*decision).to_owned(), by),
            What::TakenOver(taken) => {
                sign("印刷機の引継ぎ".to_owned(), &By::Two(taken.by.clone()));
            }
            What::Issuance(_)
            | What::Wanted { .. }
            | What::Timed { .. }
            | What::Service(_)
            | What::Checkpoint { .. }
            | What::Started { .. }
            | What::Counted { .. } => {}
        }
    }

    fn report(
        self,
        shift: &Shift,
        (opening, since): (&Stock, Timestamp),
        (closing, until): (&Stock, Timestamp),
        config: &Config,
        journal_head: String,
    ) -> ClosedShift {
        ClosedShift {
            office: config.station.office.clone(),
            station: config.station.id.clone(),
            number: shift.number,
            since,
            until,
            opened: opening.terms(),
            closed: shift.terms,
            ends: self.ends.into_iter().collect(),
            rolls: [Supply::Ribbon, Supply::Patches]
                .into_iter()
                .filter_map(|supply| roll(supply, opening, closing))
                .collect(),
            lines: self.lines,
            reason: self.reason,
            acts: self.acts,
            stops: stops(&self.span),
            by: shift.by.clone(),
            journal: (shift.from, shift.to),
            journal_head,
        }
    }
}

/// What of a roll is left, and was when the shift began.
fn roll(supply: Supply, opening: &Stock, closing: &Stock) -> Option<(String, String)> {
    let film = closing.film(supply)?;
    let now = film.roll()?;
    let before = opening.film(supply).filter(|film| film.roll() == Some(now));
    let (serial, left) = (&now.serial, film.left());
    let before = match before {
        Some(film) => format!("開始時 {}", film.left()),
        None => "この期間に入れた".to_owned(),
    };
    Some((
        supply.words().0.to_owned(),
        format!("{serial}　残 {left}（{before}）"),
    ))
}

/// What stopped the work, most often first.
fn stops(span: &[(u64, Entry)]) -> Vec<(String, String, u32)> {
    let numbered = span.iter().map(|(at, entry)| (*at, entry));
    let mut times: BTreeMap<Code, u32> = BTreeMap::new();
    for fault in history::faults(numbered, &Filter::default()) {
        if let Some(code) = fault.code {
            *times.entry(code).or_default() += 1;
        }
    }
    let mut stops: Vec<_> = times
        .into_iter()
        .map(|(code, times)| {
            let what = code.fault().what.ja().to_owned();
            (code.name().to_owned(), what, times)
        })
        .collect();
    stops.sort_by_key(|(_, _, times)| std::cmp::Reverse(*times));
    stops
}

/// An act with material in words, and who signed it. A count speaks for itself; a shift's close
/// is signed by the report.
fn signed(event: &stock::Event) -> Option<(String, By)> {
    use stock::Event as E;
    let two = |by: &crate::fault::TwoPersons| By::Two(by.clone());
    Some(match event {
        E::Loaded {
            supply,
            roll,
            count,
            by,
        } => {
            let (name, serial, lot) = (supply.words().0, &roll.serial, roll.lot);
            (
                format!("{name} {serial}（ロット {lot}）を {count} 入れた"),
                by.clone(),
            )
        }
        E::Unloaded { supply, left, by } => {
            let name = supply.words().0;
            (format!("{name}を取り外した（残 {left}）"), by.clone())
        }
        E::TrayEmptied { counted, by } => (format!("不良箱の {counted} 枚を袋に移した"), two(by)),
        E::BookedBack { by, .. } => (
            "未使用の白カード 1 枚を給紙部に戻した".to_owned(),
            by.clone(),
        ),
        E::Reconciled { reason, by, .. } => {
            let why = reason.map(|reason| format!("（{}）", reason.words().0));
            (
                format!("全部を数えた{}", why.unwrap_or_default()),
                by.clone(),
            )
        }
        E::Destroyed { cards, counted, by } => {
            let cards: Vec<String> = cards.iter().map(|card| format!("#{card}")).collect();
            let which = cards.join(" ");
            (
                format!("不良カード・試験カード {counted} 枚を廃棄した（{which}）"),
                two(by),
            )
        }
        E::RibbonsDestroyed { counted, by } => {
            (format!("使用済みリボン {counted} 本を廃棄した"), two(by))
        }
        E::OldCardsDestroyed { counted, by, .. } => {
            (format!("旧カード {counted} 枚を廃棄した"), two(by))
        }
        E::ShiftClosed(_) => return None,
    })
}
