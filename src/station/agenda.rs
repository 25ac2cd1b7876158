//! What there is to do here: the jobs that wait at this office, the one that is open, and how the
//! open one will look. Moves nothing and asks no device.

use super::office::Refused;
use super::real::Real;
use super::request::{Picture, Reply, Select, Stop};
use super::seams::{Prepares as _, World};
use super::work::Work;
use super::{Goal, Station};
use crate::fault::{By, Code, Signed};
use crate::issuance::{Course, Issuance, Phase, Place, ReportKind, Step, What};
use crate::job::Approval;
use crate::product::{CardNumber, Ground, OldCardRule};
use crate::stock::Supply;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use zeroize::Zeroizing;

/// What there is to do.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Agenda {
    /// The jobs that wait at this office, the longest first. Names nobody.
    pub waiting: Vec<Waiting>,
    /// Why the authority did not say which jobs wait.
    pub unheard: Option<Code>,
    /// The job that is open here.
    pub open: Option<OpenJob>,
    /// What is left in the machine by the books.
    pub left: Left,
    /// When all this was looked up.
    pub at: Timestamp,
}

/// One approved job that waits for its card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// The job.
    pub job: String,
    /// The number under which it was taken.
    pub reception: String,
    /// Why a card is issued.
    pub ground: Ground,
    /// What becomes of the old card.
    pub old_card: OldCardRule,
    /// Since when it waits.
    pub since: Timestamp,
    /// The attempt that the next lease would be.
    pub attempt: u32,
}

/// What is left by the books; none where nothing is recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Blanks in the hopper.
    pub blanks: Option<i64>,
    /// Sets on the ribbon.
    pub ribbon: Option<i64>,
    /// Patches.
    pub patches: Option<i64>,
}

/// The job that is open here, as the journal tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenJob {
    /// The job; none while nothing was granted.
    pub job: Option<String>,
    /// The new card's number.
    pub number: Option<CardNumber>,
    /// How far it is.
    pub far: Far,
    /// Whether an old card is still to be collected: not where its loss was declared, or two persons
    /// waived it.
    pub old_due: bool,
}

/// How far the open job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Far {
    /// Nothing has moved for it.
    Fresh,
    /// It was cut short, or stopped, and has to be examined.
    Interrupted,
    /// The finished card lies in the slot, and the authority knows it.
    Produced,
    /// The clerk or the holder has the card, and the record is not closed.
    InHand,
}

/// What the card of a job will say. Of a holder: shown, never kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The job.
    pub job: String,
    /// The number under which it was taken.
    pub reception: String,
    /// The attempt.
    pub attempt: u32,
    /// The new card's number.
    pub number: CardNumber,
    /// Why it is issued.
    pub ground: Ground,
    /// What becomes of the old card.
    pub old_card: OldCardRule,
    /// The old card's number.
    pub old_number: Option<CardNumber>,
    /// What the holder owes, in yen.
    pub fee_yen: Option<u32>,
    /// The day of delivery: today.
    pub delivery: Date,
    /// The last day on which the card is valid.
    pub valid_through: Date,
    /// The items of the card, in the order of its front.
    pub items: Vec<Item>,
    /// The photo as it is printed; none on a card without one.
    pub photo: Option<Box<Picture>>,
}

impl std::fmt::Debug for Sheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sheet({}, …)", self.job)
    }
}

/// One item of a card.
#[derive(Clone, PartialEq, Eq)]
pub struct Item {
    /// Stable name.
    pub name: &'static str,
    /// What it is called, Japanese.
    pub japanese: &'static str,
    /// What it is called, English.
    pub english: &'static str,
    /// What stands on the card.
    pub value: Zeroizing<String>,
}

impl Station<'_, Real> {
    /// What there is to do. An authority that is not reached hides the jobs, nothing else.
    pub(super) fn agenda(&mut self) -> Result<Reply, Stop> {
        let (waiting, unheard) = match self.office.queue(self.sequence()) {
            Ok(waiting) => (waiting, None),
            Err(Refused { code, .. }) => (Vec::new(), Some(code)),
        };
        let stock = self.ledger.stock();
        let film = |supply| {
            let film = stock.film(supply).filter(|film| film.roll().is_some());
            film.map(|film| film.left())
        };
        let terms = stock.terms();
        Ok(Reply::Agenda(Box::new(Agenda {
            waiting,
            unheard,
            open: self.ledger.open().map(open_job),
            left: Left {
                blanks: (terms.loaded != 0).then_some(terms.hopper),
                ribbon: film(Supply::Ribbon),
                patches: film(Supply::Patches),
            },
            at: self.clock.now(),
        })))
    }
}

impl<W: World> Station<'_, W> {
    /// Leases a job and prepares it, up to the first thing that moves, and shows how its card
    /// will look. The same request for the job that is open shows it again.
    pub(super) fn open_job(&mut self, select: Select, clerk: Signed) -> Result<Reply, Stop> {
        let again = self.ledger.open().is_some_and(|open| {
            let same = |grant: &crate::issuance::Grant| select == Select::Job(grant.job.clone());
            open_job(open).far == Far::Fresh && open.grant().is_none_or(same)
        });
        if self.ledger.open().is_some() && !again {
            return Err(self.stop(Code::JobOpen));
        }
        self.signed = Some(By::One(clerk.clone()));
        self.clock_trusted()?;
        self.meet_witnesses()?;
        if !again {
            self.settle_service()?;
            self.write(What::Wanted { select, clerk })?;
            self.ask()?;
        }
        self.run(Goal::Prepared, &mut Nobody)?;
        match self.issuance().grant().map(|grant| grant.job.clone()) {
            Some(job) if self.ending().is_none() => self.proof(&job),
            Some(_) | None => {
                let cause = self.issuance().cause().unwrap_or(Code::NoJob);
                Err(self.stop(cause))
            }
        }
    }

    /// The sheet of the job at hand.
    pub(super) fn sheet(&self, work: &Work, front: &Picture) -> Sheet {
        let (job, approval) = (&work.job, &work.job.approval);
        Sheet {
            job: job.id.to_string(),
            reception: approval.reception.to_string(),
            attempt: job.attempt,
            number: job.number,
            ground: approval.ground,
            old_card: approval.previous_card.rule(),
            old_number: approval.previous_card.number(),
            fee_yen: approval.exchange_fee_yen,
            delivery: job.delivery_date,
            valid_through: job.valid_through,
            items: items(approval),
            photo: self
                .kit
                .layout()
                .photo_box_mm()
                .filter(|_| approval.photo.is_some())
                .map(|area| Box::new(cut(front, area, self.kit.dpi().number()))),
        }
    }
}

/// How far an open issuance is.
fn open_job(issuance: &Issuance) -> OpenJob {
    let grant = issuance.grant();
    let place = issuance.card().place;
    let still = matches!(
        issuance.phase(),
        Phase::New | Phase::Asked | Phase::Granted | Phase::Ready
    );
    let making = issuance.course() == Course::Making;
    let first = matches!(issuance.current(), None | Some(Step::SightOld | Step::Feed));
    let far = match place {
        Place::Nowhere if still && making && first => Far::Fresh,
        Place::Exit if still && making && issuance.acknowledged(ReportKind::Produced) => {
            Far::Produced
        }
        Place::Hand | Place::Delivered => Far::InHand,
        Place::Nowhere | Place::Unsure | Place::Inside | Place::Exit | Place::Tray | Place::Bag => {
            Far::Interrupted
        }
    };
    OpenJob {
        job: grant.map(|grant| grant.job.clone()),
        number: grant.and_then(|grant| CardNumber::parse(&grant.number).ok()),
        far,
        old_due: !issuance.old_settled(),
    }
}

/// Up to the first motion nobody is asked anything: whatever stops there is told.
struct Nobody;

impl super::request::Person for Nobody {
    fn act(&mut self, _: super::request::Act) -> bool {
        false
    }
    fn decide(&mut self, _: &Stop) -> Option<(crate::issuance::Decision, By)> {
        None
    }
    fn show(&mut self, _: super::request::Shown) {}
    fn stop_asked(&mut self) -> bool {
        false
    }
}

/// The items that a person compares with the application, as they stand on the card.
fn items(approval: &Approval) -> Vec<Item> {
    let holder = &approval.holder;
    let day = |date: Date| {
        let (year, month, day) = (date.year(), date.month(), date.day());
        format!("{year:04}年{month:02}月{day:02}日")
    };
    let kanji = holder.kanji_name.as_ref().map(|name| name.as_str());
    let stay = approval.stay.last_day.map(day);
    let period = match &stay {
        Some(last) => format!("{}（{last}）", approval.stay.period.ja()),
        None => approval.stay.period.ja(),
    };
    let permission = format!(
        "{}　{}",
        approval.permission.kind.ja(),
        day(approval.permission.date)
    );
    let one = |name, japanese, english, value: &str| Item {
        name,
        japanese,
        english,
        value: Zeroizing::new(value.to_owned()),
    };
    let mut items = vec![one("name", "氏名", "Name", holder.roman_name.as_str())];
    items.extend(kanji.map(|kanji| one("kanji", "氏名（漢字）", "Name in kanji", kanji)));
    items.extend([
        one(
            "birth",
            "生年月日",
            "Date of birth",
            &day(holder.birth_date),
        ),
        one("sex", "性別", "Sex", holder.sex.on_card()),
        one(
            "nationality",
            "国籍・地域",
            "Nationality",
            holder.nationality.ja.as_str(),
        ),
        one("address", "住居地", "Address", holder.address.text.as_str()),
        one("status", "在留資格", "Status", &approval.status.ja),
        one("work", "就労制限の有無", "Work", approval.work.ja()),
        one("period", "在留期間（満了日）", "Period of stay", &period),
        one(
            "permission",
            "許可の種類・年月日",
            "Permission",
            &permission,
        ),
    ]);
    items
}

/// The part of a face within this area: left, top, width, height in millimetres.
fn cut(face: &Picture, area: [f32; 4], dpi: u32) -> Picture {
    let dots = |mm: f32| (mm * dpi as f32 / 25.4).round() as u32;
    let [left, top, width, height] = area.map(dots);
    let left = left.min(face.width);
    let top = top.min(face.height);
    let (width, height) = (width.min(face.width - left), height.min(face.height - top));
    let mut rgb = Zeroizing::new(Vec::with_capacity(3 * (width * height) as usize));
    for row in top..top + height {
        let from = 3 * (row * face.width + left) as usize;
        rgb.extend_from_slice(&face.rgb[from..from + 3 * width as usize]);
    }
    Picture { width, height, rgb }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_the_dots_of_its_area_and_never_leaves_the_face() {
        let face = Picture {
            width: 4,
            height: 3,
            rgb: Zeroizing::new((0..36).collect()),
        };
        // At 25.4 dots an inch a millimetre is a dot.
        let inner = cut(&face, [0.1, 0.1, 0.2, 0.1], 254);
        assert_eq!((inner.width, inner.height), (2, 1));
        assert_eq!(inner.rgb[..], [15, 16, 17, 18, 19, 20]);
        let beyond = cut(&face, [0.3, 0.2, 9.0, 9.0], 254);
        assert_eq!((beyond.width, beyond.height), (1, 1));
    }
}
