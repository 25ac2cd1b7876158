//! Statuses of residence 「在留資格」 and the periods each may have (fact sheet §3.6).
//! Data: the ordinance changes it, no code does.

use super::Period;

/// One status of residence.
#[derive(Debug)]
pub struct Status {
    /// The Japanese name, as printed.
    pub ja: &'static str,
    /// The English name, as printed below it.
    pub en: &'static str,
    /// The periods that may be given by name.
    pub fixed: &'static [Period],
    /// The longest period that may be given individually.
    pub individual: Option<Period>,
}

impl Status {
    /// The status of that Japanese name.
    pub fn of(ja: &str) -> Option<&'static Status> {
        STATUSES.iter().find(|status| status.ja == ja)
    }

    /// Whether this status can have that period.
    pub fn allows(&self, period: Period) -> bool {
        let individual = match (self.individual, period) {
            (Some(longest), Period::Limited { .. }) => period.rank() <= longest.rank(),
            (Some(_), Period::Indefinite) | (None, _) => false,
        };
        individual || self.fixed.contains(&period)
    }
}

const Y1: Period = Period::years(1);
const Y2: Period = Period::years(2);
const Y3: Period = Period::years(3);
const Y5: Period = Period::years(5);
const M3: Period = Period::months(3);
const M4: Period = Period::months(4);
const M6: Period = Period::months(6);
const D30: Period = Period::days(30);
const Y4M3: Period = Period::Limited {
    years: 4,
    months: 3,
    days: 0,
};
const EVER: Period = Period::Indefinite;

const COMMON: &[Period] = &[Y5, Y3, Y1, M3];
const FAMILY: &[Period] = &[Y5, Y3, Y1, M6];

const fn fixed(ja: &'static str, en: &'static str, fixed: &'static [Period]) -> Status {
    Status {
        ja,
        en,
        fixed,
        individual: None,
    }
}

const fn individual(ja: &'static str, en: &'static str, longest: Period) -> Status {
    Status {
        ja,
        en,
        fixed: &[],
        individual: Some(longest),
    }
}

/// Every status that a residence card can state.
pub const STATUSES: &[Status] = &[
    fixed("教授", "Professor", COMMON),
    fixed("芸術", "Artist", COMMON),
    fixed("宗教", "Religious Activities", COMMON),
    fixed("報道", "Journalist", COMMON),
    fixed("法律・会計業務", "Legal/Accounting Services", COMMON),
    fixed("医療", "Medical Services", COMMON),
    fixed("研究", "Researcher", COMMON),
    fixed("教育", "Instructor", COMMON),
    fixed(
        "技術・人文知識・国際業務",
        "Engineer/Specialist in Humanities/International Services",
        COMMON,
    ),
    fixed("企業内転勤", "Intra-company Transferee", COMMON),
    fixed("介護", "Nursing Care", COMMON),
    fixed("技能", "Skilled Labor", COMMON),
    fixed(
        "高度専門職1号イ",
        "Highly Skilled Professional(i)(a)",
        &[Y5],
    ),
    fixed(
        "高度専門職1号ロ",
        "Highly Skilled Professional(i)(b)",
        &[Y5],
    ),
    fixed(
        "高度専門職1号ハ",
        "Highly Skilled Professional(i)(c)",
        &[Y5],
    ),
    fixed(HIGHLY_SKILLED_2, "Highly Skilled Professional(ii)", &[EVER]),
    fixed("経営・管理", "Business Manager", &[Y5, Y3, Y1, M6, M4, M3]),
    fixed("興行", "Entertainer", &[Y3, Y1, M6, M3, D30]),
    individual("特定技能1号", "Specified Skilled Worker(i)", Y1),
    fixed("特定技能2号", "Specified Skilled Worker(ii)", &[Y3, Y1, M6]),
    individual("技能実習1号イ", "Technical Intern Training(i)(a)", Y1),
    individual("技能実習1号ロ", "Technical Intern Training(i)(b)", Y1),
    individual("技能実習2号イ", "Technical Intern Training(ii)(a)", Y2),
    individual("技能実習2号ロ", "Technical Intern Training(ii)(b)", Y2),
    individual("技能実習3号イ", "Technical Intern Training(iii)(a)", Y2),
    individual("技能実習3号ロ", "Technical Intern Training(iii)(b)", Y2),
    fixed("文化活動", "Cultural Activities", &[Y3, Y1, M6, M3]),
    individual("留学", "Student", Y4M3),
    fixed("研修", "Trainee", &[Y1, M6, M3]),
    individual("家族滞在", "Dependent", Y5),
    individual(DESIGNATED, "Designated Activities", Y5),
    fixed(PERMANENT, "Permanent Resident", &[EVER]),
    fixed(
        "日本人の配偶者等",
        "Spouse or Child of Japanese National",
        FAMILY,
    ),
    fixed(
        "永住者の配偶者等",
        "Spouse or Child of Permanent Resident",
        FAMILY,
    ),
    Status {
        ja: "定住者",
        en: "Long-Term Resident",
        fixed: FAMILY,
        individual: Some(Y5),
    },
];

/// 「永住者」
pub const PERMANENT: &str = "永住者";
/// 「高度専門職2号」
pub const HIGHLY_SKILLED_2: &str = "高度専門職2号";
/// 「特定活動」
pub const DESIGNATED: &str = "特定活動";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_outside_the_table_is_not_allowed() {
        assert!(Status::of("技能").unwrap().allows(Y3));
        assert!(!Status::of("技能").unwrap().allows(Y2));
        assert!(Status::of("留学").unwrap().allows(Y4M3));
        assert!(!Status::of("留学").unwrap().allows(Y5));
        assert!(!Status::of("留学").unwrap().allows(EVER));
        assert!(Status::of(PERMANENT).unwrap().allows(EVER));
        assert!(Status::of("観光").is_none());
    }

    #[test]
    fn no_period_is_longer_than_five_years() {
        for status in STATUSES {
            let longest = status.fixed.iter().copied().chain(status.individual);
            assert!(
                longest
                    .into_iter()
                    .all(|p| p == EVER || p.rank() <= Y5.rank())
            );
        }
    }
}
