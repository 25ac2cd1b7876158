//! What the fault history and the motors call themselves in programs, as people say it.

/// Zones, outcomes and motors: the name, Japanese, English.
const SPOKEN: [(&str, &str, &str); 27] = [
    ("hopper", "給紙部", "hopper"),
    ("feeder", "送り部", "feeder"),
    ("encoder", "チップ部", "encoder"),
    ("head", "ヘッド", "head"),
    ("flipper", "反転部", "flipper"),
    ("hologram", "ホログラム", "hologram"),
    ("check", "検査部", "check"),
    ("exit", "排出口", "exit slot"),
    ("desk", "読み取り台", "desk"),
    ("line", "回線", "line"),
    ("authority", "本部", "authority"),
    ("station", "発行機", "station"),
    ("refused", "始めず", "not begun"),
    ("untouched", "無傷", "untouched"),
    ("done", "完了", "done"),
    ("spoiled", "廃棄", "spoiled"),
    ("unknown", "不明", "not known"),
    ("astray", "位置違い", "astray"),
    ("given-up", "中止", "given up"),
    ("order", "技術者", "order"),
    ("late", "遅れ", "late"),
    ("transport", "搬送", "transport"),
    ("head-lift", "ヘッド上下", "head lift"),
    ("ribbon-wind", "リボン巻き", "ribbon"),
    ("patch-wind", "フィルム巻き", "patch film"),
    ("exit-gate", "排出口の扉", "exit gate"),
    ("reject-gate", "不良箱の扉", "reject gate"),
];

/// The Japanese and English word for a zone, an outcome or a motor; the name itself where it has none.
#[must_use]
pub fn spoken(name: &'static str) -> (&'static str, &'static str) {
    let known = SPOKEN.iter().find(|(known, ..)| *known == name);
    known.map_or((name, name), |(_, japanese, english)| (japanese, english))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Motor;
    use crate::diag::history::{OUTCOMES, ZONES};

    #[test]
    fn every_zone_outcome_and_motor_has_words() {
        let motors = Motor::ALL.map(Motor::name);
        for name in ZONES.into_iter().chain(OUTCOMES).chain(motors) {
            assert!(SPOKEN.iter().any(|(known, ..)| *known == name), "{name}");
        }
    }
}
