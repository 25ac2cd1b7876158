//! What states are made of, with the most that it can hold: the longest name and address, every
//! warning, every decision. What others write (holders, persons, devices) is one text or another.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use jiff::civil::date;
use zeroize::Zeroizing;

use super::super::faces::{Faces, OldFaces, png};
use super::super::state::{Checks, JobView, Stage, State, Turn};
use crate::fault::{Code, Hands};
use crate::issuance::{
    Cause, ChipState, Decision, FaceState, Finding, Miss, Place, Seen, Spot, Standing, Step,
    Waiver, Why, Withdrawal,
};
use crate::product::{CardNumber, Ground, OldCardRule};
use crate::station::agenda::{Agenda, Far, Item, Left, OpenJob, Sheet, Waiting};
use crate::station::checklist::{Check, State as Found};
use crate::station::request::{Open, Picture, Stop};
use crate::station::view::{Phase, PhaseState, Snapshot};

const FACE: (u32, u32) = (1012, 638);
const PHOTO: (u32, u32) = (300, 400);

/// What others write.
pub(super) struct Texts {
    pub(super) name: String,
    pub(super) kanji: String,
    pub(super) address: String,
    /// A person's id.
    pub(super) person: String,
    /// What a fault's own words leave out, in both languages.
    pub(super) detail: String,
    /// What a device, a book or a tag says.
    pub(super) value: String,
    /// What was looked for.
    pub(super) find: String,
    pub(super) reception: String,
}

impl Texts {
    /// The longest that there can be.
    pub(super) fn longest() -> Texts {
        Texts {
            name: "SPECIMEN SAMPLE EXAMPLE MIHONO".to_owned(),
            kanji: "見本".repeat(8),
            address: "見本県見本市見本区見本町一丁目二番三号見本マンション見本館".repeat(3),
            person: "mihon-no-kakari.madoguchi-bango3".to_owned(),
            detail: "カードの番号は合いますが、署名は本部の控えと違います。\nThe card opens with \
                     the number, but its signature is not the one that the authority keeps."
                .to_owned(),
            value: "encoder, check, desk".to_owned(),
            find: "2026-000123-0000".to_owned(),
            reception: "2026-000123".to_owned(),
        }
    }

    /// The same text wherever somebody else writes.
    pub(super) fn all(text: &str) -> Texts {
        let text = || text.to_owned();
        Texts {
            name: text(),
            kanji: text(),
            address: text(),
            person: text(),
            detail: text(),
            value: text(),
            find: text(),
            reception: text(),
        }
    }
}

pub(super) fn number() -> CardNumber {
    CardNumber::parse("AB12345678CD").expect("a number")
}

pub(super) fn old_number() -> CardNumber {
    CardNumber::parse("CD87654321AB").expect("a number")
}

/// A picture without a holder; drawn once.
fn picture(size: (u32, u32)) -> Zeroizing<Vec<u8>> {
    static DRAWN: OnceLock<[Zeroizing<Vec<u8>>; 2]> = OnceLock::new();
    let drawn = DRAWN.get_or_init(|| {
        [FACE, PHOTO].map(|(width, height)| {
            let rgb = Zeroizing::new(vec![0xd9; 3 * (width * height) as usize]);
            png(&Picture { width, height, rgb })
        })
    });
    drawn[usize::from(size != FACE)].clone()
}

/// The job with everything that a card can say.
fn job(texts: &Texts) -> Arc<JobView> {
    let item = |name, japanese, english, value: &str| Item {
        name,
        japanese,
        english,
        value: Zeroizing::new(value.to_owned()),
    };
    let items = vec![
        item("name", "氏名", "Name", &texts.name),
        item("kanji", "氏名（漢字）", "Name in kanji", &texts.kanji),
        item("birth", "生年月日", "Date of birth", "2001年12月31日"),
        item("sex", "性別", "Sex", "女 F."),
        item(
            "nationality",
            "国籍・地域",
            "Nationality",
            "見本国・見本地域見本諸島",
        ),
        item("address", "住居地", "Address", &texts.address),
        item(
            "status",
            "在留資格",
            "Status",
            "高度専門職１号ロ（見本の活動）",
        ),
        item(
            "work",
            "就労制限の有無",
            "Work",
            "指定書により指定された就労活動のみ可",
        ),
        item(
            "period",
            "在留期間（満了日）",
            "Period of stay",
            "5年（2031年12月31日）",
        ),
        item(
            "permission",
            "許可の種類・年月日",
            "Permission",
            "在留期間更新許可　2026年11月29日",
        ),
    ];
    Arc::new(JobView {
        sheet: Sheet {
            job: "OFFICE-2026-000123".to_owned(),
            reception: texts.reception.clone(),
            attempt: 2,
            number: number(),
            ground: Ground::Extension,
            old_card: OldCardRule::Return,
            old_number: Some(old_number()),
            fee_yen: Some(1600),
            delivery: date(2026, 11, 29),
            valid_through: date(2031, 12, 31),
            items,
            photo: None,
        },
        faces: Faces {
            front: picture(FACE),
            back: picture(FACE),
            photo: Some(picture(PHOTO)),
        },
    })
}

/// A job open at this stage, its card in the making.
pub(super) fn state(stage: Stage, texts: &Texts) -> State {
    let mut state = State::new(Turn("0".repeat(32)));
    let waiting = (0..12).map(|n| Waiting {
        job: format!("OFFICE-2026-0001{n:02}"),
        reception: if n == 0 {
            texts.reception.clone()
        } else {
            format!("2026-0001{n:02}")
        },
        ground: Ground::Extension,
        old_card: OldCardRule::Return,
        since: Timestamp::UNIX_EPOCH,
        attempt: 1,
    });
    state.agenda = Agenda {
        waiting: waiting.collect(),
        unheard: Some(Code::Offline),
        open: Some(OpenJob {
            job: Some("OFFICE-2026-000123".to_owned()),
            number: Some(number()),
            far: Far::Produced,
            old_due: true,
        }),
        left: Left {
            blanks: Some(12_345),
            ribbon: Some(12_345),
            patches: Some(12_345),
        },
        at: Timestamp::UNIX_EPOCH,
    };
    state.job = Some(job(texts));
    state.old = Some(Arc::new(OldFaces {
        front: Some(picture(FACE)),
        photo: Some(picture(PHOTO)),
    }));
    state.snapshot = making(texts, 5);
    state.stage = stage;
    state
}

/// A card whose first `done` of the plan's phases are over, each late.
pub(super) fn making(texts: &Texts, done: usize) -> Snapshot {
    let plan = super::config().plan();
    let mut phases: Vec<Phase> = plan.iter().filter_map(Phase::ahead).collect();
    for (at, phase) in phases.iter_mut().enumerate() {
        let began = 2300 * u32::try_from(at).unwrap_or(0);
        if at <= done {
            phase.began_ms = Some(began);
        }
        phase.state = if at < done {
            let actual_ms = phase.planned_ms + 900;
            PhaseState::Done { actual_ms }
        } else if at == done {
            PhaseState::Underway
        } else {
            PhaseState::Ahead
        };
    }
    let elapsed = 2300 * u32::try_from(done).unwrap_or(0) + 700;
    Snapshot {
        job: "OFFICE-2026-000123".to_owned(),
        reception: texts.reception.clone(),
        attempt: 2,
        number: "AB12345678CD".to_owned(),
        elapsed_ms: Some(elapsed),
        misses: vec![Miss {
            phase: "chip_verify".to_owned(),
            planned_ms: 4800,
            actual_ms: 7000,
            causes: vec![Cause {
                why: Why::HeaterCold,
                ms: Some(2200),
                times: Some(3),
            }],
        }],
        ..Snapshot::planned(phases, 40_000)
    }
}

/// A stop with everything that a stop can say.
pub(super) fn stop(code: Code, step: Step, decisions: &[Decision], texts: &Texts) -> Box<Stop> {
    let hands = [Hands::Counter, Hands::Two];
    let open = decisions.iter().enumerate().map(|(at, decision)| Open {
        decision: *decision,
        hands: hands[at % 2],
    });
    Box::new(Stop {
        number: Some(number()),
        old_number: Some(old_number()),
        reception: Some(texts.reception.clone()),
        detail: Some(texts.detail.clone()),
        step: Some(step),
        standing: Some(Box::new(Standing {
            place: Place::Inside,
            seen: Some(Seen {
                spots: vec![Spot::Head, Spot::FlipperBetween],
                cover_open: true,
            }),
            chip: ChipState::Locked,
            face: FaceState::Part { passes: 3, of: 7 },
        })),
        decisions: open.collect(),
        ..Stop::plain(code)
    })
}

const AT_A_JAM: [Decision; 7] = [
    Decision::Continue,
    Decision::Cancel,
    Decision::Answer(Finding::Done),
    Decision::Answer(Finding::Untouched),
    Decision::Answer(Finding::Spoiled),
    Decision::ByHand,
    Decision::Quarantine,
];
pub(super) const AT_AN_OLD_CARD: [Decision; 8] = [
    Decision::Continue,
    Decision::ByEye,
    Decision::Waive(Waiver::LostSince),
    Decision::Waive(Waiver::Destroyed),
    Decision::Waive(Waiver::KeptElsewhere),
    Decision::Withdraw(Withdrawal::HolderAbsent),
    Decision::Withdraw(Withdrawal::DataWrong),
    Decision::Withdraw(Withdrawal::DatePassed),
];

pub(super) fn jam(texts: &Texts, decisions: usize) -> Box<Stop> {
    stop(Code::JamFlip, Step::Flip, &AT_A_JAM[..decisions], texts)
}

/// Checks of which the first so many do not hold or soon will not.
pub(super) fn checks(failed: usize, warned: usize, texts: &Texts) -> Checks {
    let names = [
        ("リボン", "Ribbon"),
        ("ホログラム", "Holograms"),
        ("ヘッドの清掃", "Head cleaning"),
        ("貼付けヒーター", "Patch heater"),
        ("ICリーダー", "Chip readers"),
    ];
    let codes = [
        Code::SupplyOther,
        Code::CleaningDue,
        Code::Counters,
        Code::HeaterCold,
    ];
    let check = |at: usize| {
        let (japanese, english) = names[at % names.len()];
        let state = if at < failed {
            Found::Failed
        } else if at < failed + warned {
            Found::Warned
        } else {
            Found::Passed
        };
        let code = (state != Found::Passed).then(|| codes[at % codes.len()]);
        Check {
            name: "ribbon",
            japanese,
            english,
            state,
            value: texts.value.clone(),
            code,
            remedy: code.map(|code| code.fault().remedy()).unwrap_or_default(),
        }
    };
    Checks {
        ready: failed == 0,
        list: (0..17.max(failed + warned)).map(check).collect(),
        stop: None,
    }
}
