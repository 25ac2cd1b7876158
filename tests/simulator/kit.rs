//! Preparing without drawing: chip files of the real form and size, no panels, and a digest of the
//! job's own. Every approval bears words that must be found nowhere.

use card_station::issuance::{OldRule, Plan};
use card_station::job::{Approval, Digest, Job};
use card_station::prepare::{self, Prepared};
use card_station::product::OldCardRule;
use card_station::station::seams::Prepares;
use chip::{CardType, Contents, Date8, Files};
use image::RgbImage;
use layouts::{Bitmap, Dpi, Faces, Layout, Product, Side};
use std::rc::Rc;

use super::faults::Level;

/// The photo of everybody.
pub(crate) const PHOTO: &[u8] = b"a photo, specimen";

/// What prepares a job; the layout is loaded once.
pub(crate) struct Kit {
    pub(crate) layout: Rc<Layout>,
    level: Level,
}

thread_local! {
    static LAYOUT: Rc<Layout> =
        Rc::new(Layout::builtin(Product::ResidenceCard1).expect("the layout"));
}

impl Kit {
    pub(crate) fn new(level: Level) -> Kit {
        Kit {
            level,
            layout: LAYOUT.with(Rc::clone),
        }
    }
}

impl Prepares for Kit {
    fn prepare(&self, job: &Job, _: Option<&[u8]>) -> Result<Prepared, prepare::Error> {
        Ok(prepared_at(self.level, job))
    }

    fn proof(&self, _: &Faces, _: Side) -> Result<RgbImage, layouts::Error> {
        Ok(RgbImage::new(1, 1))
    }

    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn dpi(&self) -> Dpi {
        Dpi::D300
    }
}

/// What station and authority prepare alike at this level.
pub(crate) fn prepared_at(level: Level, job: &Job) -> Prepared {
    match level {
        Level::Decision => prepared(job),
        Level::Bytes => (*super::bytes::kit::prepared(job)).clone(),
    }
}

/// The same without pictures.
pub(crate) fn prepared(job: &Job) -> Prepared {
    let files = files(job);
    let digest = content(job);
    Prepared {
        plan: Plan::residence_card(match job.approval.previous_card.rule() {
            OldCardRule::NotRequired => OldRule::NotRequired,
            OldCardRule::Return => OldRule::Return,
            OldCardRule::DeclaredLost => OldRule::DeclaredLost,
        }),
        faces: Faces {
            dpi: Dpi::D300,
            panels: Vec::new(),
            front_ir: Bitmap::blank(8, 1),
            back_ir: Bitmap::blank(8, 1),
            photo_grey: None,
            chip_photo: None,
            front_elements: Vec::new(),
            back_elements: Vec::new(),
        },
        signed_message: files.signed_message(),
        files,
        digest,
    }
}

/// The digest of what is prepared of this job: of the number, above all.
pub(crate) fn content(job: &Job) -> [u8; 32] {
    let text = format!("{} {} {}", job.id, job.number, job.delivery_date);
    Digest::of(text.as_bytes()).0
}

fn files(job: &Job) -> Files {
    let photo = job.photo.is_some();
    Files::assemble(&Contents {
        version: *b"0001",
        card_type: CardType::ResidenceCard,
        front_tiff: job.number.bytes(),
        photo_jp2: photo.then_some(PHOTO),
        address_date: Date8::new(2024, 6, 10).expect("a day"),
        municipality: None,
        address: job.approval.holder.address.text.as_str(),
        blanket: None,
        individual: None,
        pending: false,
    })
    .expect("contents that fit")
}

/// The kinds of issuance: sample approvals, one for each rule of the old card and one without photo.
pub(crate) fn samples() -> [Approval; 4] {
    [
        include_bytes!("../samples/approvals/1-landing.json").as_slice(),
        include_bytes!("../samples/approvals/2-extension.json").as_slice(),
        include_bytes!("../samples/approvals/3-reissue-lost.json").as_slice(),
        include_bytes!("../samples/approvals/4-under-16.json").as_slice(),
    ]
    .map(|bytes| serde_json::from_slice(bytes).expect("a sample approval"))
}
