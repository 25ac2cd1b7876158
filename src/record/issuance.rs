//! The issuance record 「発行記録」, Japanese: one page, or more where much went wrong.

use super::page::{LEFT_MM, Page, VALUE_MM, tokyo, wrapped};
use super::sheet::{BLACK, Face, GREY};
use super::{Attempt, Closed, Error, PhaseTime, Stopped};
use crate::config::LIMIT_MS;

pub(super) fn draw(closed: &Closed, face: &Face) -> Result<Vec<u8>, Error> {
    let mut page = Page::new(&format!("在留カード発行記録 {}", closed.job), face);
    page.head("在留カード発行記録", &closed.office, &closed.station);
    page.card(closed);
    if let Some(last) = closed.attempts.last() {
        page.phases(last);
        page.digests(last);
    }
    page.hands(closed);
    page.stops(&closed.stops);
    let note = "カード番号のほかに、本人に関する情報は含みません。";
    page.foot(closed.journal, &closed.journal_head, note);
    page.finish()
}

impl Page<'_> {
    fn card(&mut self, closed: &Closed) {
        self.entry("受付番号", &closed.reception);
        self.entry("案件", &closed.job);
        for attempt in &closed.attempts {
            let label = format!("試行 {}", attempt.attempt);
            self.entry(
                &label,
                &format!("{}　{}", attempt.number, attempt.end.words()),
            );
            let serial = attempt.chip_serial.as_deref().unwrap_or("—");
            self.entry("　チップ", serial);
        }
        self.entry("旧カード", &closed.old_card.words());
        self.entry("記録の時刻", &tokyo(closed.closed_at));
    }

    fn phases(&mut self, attempt: &Attempt) {
        self.section("作業と時間（秒）");
        let columns = [
            (0.0, "作業"),
            (85.0, "予定"),
            (105.0, "実績"),
            (125.0, "差"),
            (140.0, "遅れの原因"),
        ];
        for (x, title) in columns {
            self.sheet.text(LEFT_MM + x, self.y, 8.5, GREY, title);
        }
        self.step(4.6);
        for phase in &attempt.phases {
            self.phase(phase);
        }
        let total = match attempt.elapsed_ms {
            Some(ms) => format!(
                "印刷データの送信から排出まで {} 秒／{} 秒{}",
                seconds(i64::from(ms)),
                LIMIT_MS / 1000,
                over(ms, &attempt.late_by),
            ),
            None => "印刷データの送信から排出まで —".to_owned(),
        };
        self.keep(5.2);
        self.sheet.text(LEFT_MM, self.y + 0.6, 9.5, BLACK, &total);
        self.step(5.2);
    }

    fn phase(&mut self, phase: &PhaseTime) {
        let planned = i64::from(phase.planned_ms);
        let (actual, apart) = match phase.actual_ms {
            Some(ms) => {
                let apart = i64::from(ms) - planned;
                let sign = if apart < 0 { "−" } else { "+" };
                (
                    seconds(i64::from(ms)),
                    format!("{sign}{}", seconds(apart.abs())),
                )
            }
            None => ("—".to_owned(), "—".to_owned()),
        };
        self.keep(4.2);
        let cells = [
            (0.0, phase.name.clone()),
            (85.0, seconds(planned)),
            (105.0, actual),
            (125.0, apart),
            (140.0, foremost(&phase.late_by)),
        ];
        for (x, cell) in cells {
            self.sheet.text(LEFT_MM + x, self.y, 8.5, BLACK, &cell);
        }
        self.step(4.2);
    }

    fn digests(&mut self, attempt: &Attempt) {
        self.section("照合値（SHA-256）");
        for (name, digest) in &attempt.digests {
            self.keep(4.2);
            self.sheet.text(LEFT_MM, self.y, 8.0, GREY, name);
            self.sheet.text(VALUE_MM, self.y, 7.5, BLACK, digest);
            self.step(4.2);
        }
    }

    fn hands(&mut self, closed: &Closed) {
        self.section("担当");
        for hand in &closed.hands {
            self.entry(&hand.act, &format!("{}（{}）", hand.person, hand.role));
        }
    }

    fn stops(&mut self, stops: &[Stopped]) {
        self.section("停止");
        if stops.is_empty() {
            self.sheet.text(LEFT_MM, self.y, 9.0, BLACK, "なし");
            self.step(4.8);
        }
        for stop in stops {
            let decided = stop.decided.as_deref().unwrap_or("自動");
            let line = format!(
                "試行 {}　{}　{}　→ {decided}",
                stop.attempt, stop.code, stop.what
            );
            for part in wrapped(&line, 58) {
                self.keep(4.4);
                self.sheet.text(LEFT_MM, self.y, 8.5, BLACK, &part);
                self.step(4.4);
            }
        }
    }
}

/// The greatest cause, and that there are others; `station timings` names them all.
fn foremost(late_by: &[String]) -> String {
    match late_by {
        [] => String::new(),
        [only] => only.clone(),
        [first, ..] => format!("{first} ほか"),
    }
}

/// That a card is over its limit, and why.
fn over(elapsed_ms: u32, late_by: &[String]) -> String {
    match (elapsed_ms > LIMIT_MS, late_by) {
        (false, _) => String::new(),
        (true, []) => "（超過）".to_owned(),
        (true, causes) => format!("（超過：{}）", foremost(causes)),
    }
}

fn seconds(ms: i64) -> String {
    format!("{:.1}", ms as f64 / 1000.0)
}
