//! A job and its photo become everything that one card needs: plan, panels, chip files and
//! their digest. Whatever can fail fails here, before a blank moves. Pure and repeatable:
//! station and authority prepare the same job and must reach the same digest.

mod error;
mod values;

pub use error::Error;

use crate::issuance::{OldRule, Plan};
use crate::job::{Approval, Job};
use crate::product::{OldCardRule, Product};
use chip::{CardType, Contents, ContentsError, Date8, Files};
use jiff::civil::Date;
use layouts::{Dpi, Faces, Fonts, Layout, Photo};
use ring::digest::{Context, SHA256, digest};
use zeroize::Zeroizing;

/// The chip profile that this station writes, as technicians are told it.
pub const CHIP_PROFILE: &str = "residence card, generation 1, version 0001";
/// The specification version that the chip names (fact sheet §1.3).
const CHIP_VERSION: [u8; 4] = *b"0001";
/// Counted up when the same job would give other bytes for a reason that no other part of
/// the digest shows.
const PREPARE_VERSION: &[u8] = b"prepare 1";
/// A number of the right form, for a rehearsal.
const ANY_NUMBER: &str = "AB12345678CD";

/// What stays the same from job to job; loaded once.
#[derive(Debug)]
pub struct Kit {
    /// The product's layout.
    pub layout: Layout,
    /// Its fonts, checked.
    pub fonts: Fonts,
    /// Resolution of the print head.
    pub dpi: Dpi,
}

/// Everything that one card needs.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The steps that the machine takes.
    pub plan: Plan,
    /// The panels, and what the scanner must see of them.
    pub faces: Faces,
    /// The chip's files, not yet signed.
    pub files: Files,
    /// SHA-256 over versions, layout, fonts, resolution, panels and chip files.
    pub digest: [u8; 32],
    /// What the authority signs; `None` on a card without a photo.
    pub signed_message: Option<Zeroizing<Vec<u8>>>,
}

impl Prepared {
    /// The chip's files with signature and certificate in place.
    ///
    /// # Errors
    /// As [`Files::with_signature`].
    pub fn signed(
        &self,
        signature: &[u8; 256],
        certificate: &[u8],
    ) -> Result<Files, ContentsError> {
        self.files.clone().with_signature(signature, certificate)
    }
}

/// Prepares a job.
///
/// # Errors
/// Each [`Error`] names a fault code, the field and the remedy.
pub fn prepare(job: &Job, photo: Option<&[u8]>, kit: &Kit) -> Result<Prepared, Error> {
    check_product(job.approval.product, &kit.layout)?;
    let photo = check_photo(job, photo, &kit.layout)?;
    let values = values::of(
        &job.approval,
        job.number.as_str(),
        job.delivery_date,
        job.valid_through,
    );
    let faces = layouts::render(&kit.layout, &kit.fonts, &values, photo.as_ref(), kit.dpi)?;
    let files = chip_files(&job.approval, job.delivery_date, &faces)?;
    Ok(Prepared {
        plan: plan(job),
        digest: digest_of(kit, &faces, &files),
        signed_message: files.signed_message(),
        faces,
        files,
    })
}

/// The resolutions of the print heads that a station may have.
const HEADS: [Dpi; 2] = [Dpi::D300, Dpi::D600];

/// Prepares the card of an approval as if it were granted on `day`: finds out whether it can
/// be made at all before a number is spent on it. On every head, whichever the kit is for: the
/// chip's front image is drawn from the head's dots, and may fit the chip from one and not from
/// the other.
///
/// # Errors
/// As [`prepare`].
pub fn rehearse(
    approval: &Approval,
    photo: Option<&[u8]>,
    day: Date,
    kit: &Kit,
) -> Result<(), Error> {
    check_product(approval.product, &kit.layout)?;
    let photo = match (&approval.photo, photo) {
        (None, None) => None,
        (None, Some(_)) => return Err(Error::PhotoUnexpected),
        (Some(_), None) => return Err(Error::PhotoMissing),
        (Some(_), Some(bytes)) => Some(parsed(bytes, &kit.layout)?),
    };
    let values = values::of(approval, ANY_NUMBER, day, day);
    HEADS.into_iter().try_for_each(|dpi| {
        let faces = layouts::render(&kit.layout, &kit.fonts, &values, photo.as_ref(), dpi)?;
        chip_files(approval, day, &faces).map(drop)
    })
}

fn parsed(bytes: &[u8], layout: &Layout) -> Result<Photo, Error> {
    Ok(Photo::parse(bytes, &layout.photo).map_err(layouts::Error::from)?)
}

fn check_product(product: Product, layout: &Layout) -> Result<(), Error> {
    if layout.product == product.name() {
        Ok(())
    } else {
        Err(Error::OtherProduct { product })
    }
}

fn check_photo(job: &Job, photo: Option<&[u8]>, layout: &Layout) -> Result<Option<Photo>, Error> {
    match (job.photo, photo) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Error::PhotoUnexpected),
        (Some(_), None) => Err(Error::PhotoMissing),
        (Some(granted), Some(bytes)) => {
            if digest(&SHA256, bytes).as_ref() != granted {
                return Err(Error::PhotoDigest);
            }
            parsed(bytes, layout).map(Some)
        }
    }
}

fn plan(job: &Job) -> Plan {
    Plan::residence_card(match job.approval.previous_card.rule() {
        OldCardRule::NotRequired => OldRule::NotRequired,
        OldCardRule::Return => OldRule::Return,
        OldCardRule::DeclaredLost => OldRule::DeclaredLost,
    })
}

fn chip_files(approval: &Approval, day: Date, faces: &Faces) -> Result<Files, Error> {
    let front = Zeroizing::new(
        chip::image::mmr::encode_front(&faces.front_ir.bits).map_err(Error::FrontImage)?,
    );
    let photo = faces.chip_photo.as_ref().map(|photo| {
        let (width, height) = photo.dimensions();
        chip::image::jpeg2000::encode_photo(width, height, photo.as_raw()).map(Zeroizing::new)
    });
    let photo = photo.transpose().map_err(Error::ChipPhoto)?;
    let holder = &approval.holder;
    let date = Date8::new(
        day.year().unsigned_abs(),
        day.month().unsigned_abs(),
        day.day().unsigned_abs(),
    );
    let municipality = values::municipality(holder)?;
    let endorsements = &approval.endorsements;
    let contents = Contents {
        version: CHIP_VERSION,
        card_type: match approval.product {
            Product::ResidenceCard1 => CardType::ResidenceCard,
        },
        front_tiff: &front,
        photo_jp2: photo.as_ref().map(|photo| photo.as_slice()),
        address_date: date.ok_or(Error::DeliveryDate)?,
        municipality,
        // Nothing is notified yet where there is no municipality: the front says so in words.
        address: municipality.map_or("", |_| holder.address.text.as_str()),
        blanket: endorsements.blanket.as_ref().map(|text| text.as_str()),
        individual: endorsements.individual.as_ref().map(|text| text.as_str()),
        pending: endorsements.pending,
    };
    Files::assemble(&contents).map_err(Error::ChipText)
}

/// Everything that two preparations of one job must share to be the same card.
fn digest_of(kit: &Kit, faces: &Faces, files: &Files) -> [u8; 32] {
    let mut all = Framed(Context::new(&SHA256));
    all.part(PREPARE_VERSION);
    all.part(env!("CARGO_PKG_VERSION").as_bytes());
    all.part(kit.layout.product.as_bytes());
    all.part(&kit.layout.version.to_be_bytes());
    all.part(&kit.layout.digest);
    for (font, sha) in kit.fonts.digests() {
        all.part(font.as_bytes());
        all.part(&sha);
    }
    all.part(&kit.dpi.number().to_be_bytes());
    for panel in &faces.panels {
        all.part(&[panel.panel as u8, panel.bits]);
        all.part(&panel.rows.to_be_bytes());
        all.part(&panel.dots.to_be_bytes());
        all.part(&panel.packed);
    }
    for (file, bytes) in files.each() {
        all.part(file.name().as_bytes());
        all.part(bytes);
    }
    let mut out = [0; 32];
    out.copy_from_slice(all.0.finish().as_ref());
    out
}

/// Length-framed, so that no two sequences of parts run together.
struct Framed(Context);

impl Framed {
    fn part(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }
}
