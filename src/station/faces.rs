//! Whether chip and face agree: the scans beside what the chip returned and what was drawn.

use super::chips::{files_digest, say};
use super::hands::{Outcome, digest};
use super::work::Work;
use crate::fault::Code;
use crate::issuance::{Finding, Proof};
use chip::Files;
use image::RgbImage;
use layouts::{Bitmap, Grey, Layout, SCAN, compare_ir, compare_photo};
use wire::{BoxMm100, GreyBox, Scan};

/// Where the scanner looks for the photo; none on a card without one.
pub(super) fn photo_box(layout: &Layout, work: &Work) -> Option<BoxMm100> {
    work.prepared.faces.photo_grey.as_ref()?;
    let [x, y, w, h] = layout.photo_box_mm()?.map(|mm| (mm * 100.0).round() as u16);
    Some(BoxMm100 {
        x_mm100: x,
        y_mm100: y,
        w_mm100: w,
        h_mm100: h,
    })
}

/// Compares the front with the image from the chip, the photo with the chip's photo, the back
/// with its panel.
pub(super) fn compare(layout: &Layout, work: &Work, files: &Files, scan: &Scan) -> Outcome {
    match differs(layout, work, files, scan) {
        Some(code) => Outcome::Found(Finding::Spoiled, code),
        None => Outcome::Done(Proof::Faces {
            chip: files_digest(files),
            front: digest(&scan.front_ir),
            back: digest(&scan.back_ir),
        }),
    }
}

fn differs(layout: &Layout, work: &Work, files: &Files, scan: &Scan) -> Option<Code> {
    let faces = &work.prepared.faces;
    let seen = |packed: &[u8]| Bitmap::from_packed(SCAN.0, SCAN.1, packed.to_vec());
    let Some(image) = front_from(files) else {
        return Some(Code::VerifyFail);
    };
    let (Some(front), Some(back)) = (seen(&scan.front_ir), seen(&scan.back_ir)) else {
        return Some(Code::Garbled);
    };
    if let Err(difference) = compare_ir(&faces.front_elements, &image, &front) {
        return Some(say(&difference, Code::FrontDiffers));
    }
    if let Err(difference) = compare_ir(&faces.back_elements, &faces.back_ir, &back) {
        return Some(say(&difference, Code::BackDiffers));
    }
    faces.photo_grey.as_ref()?;
    let same = photo_from(files)
        .zip(scan.photo.as_ref())
        .is_some_and(|(chip, seen)| same_photo(layout, &chip, seen));
    (!same).then_some(Code::PhotoDiffers)
}

fn same_photo(layout: &Layout, chip: &RgbImage, seen: &GreyBox) -> bool {
    let grey = Grey {
        x_mm100: seen.x_mm100,
        y_mm100: seen.y_mm100,
        w_px: seen.w_px,
        h_px: seen.h_px,
        pixels: seen.pixels.clone(),
    };
    let matched = compare_photo(layout, chip, &grey);
    tracing::info!(?matched, "photo compared");
    matched.same()
}

/// The front image as the chip holds it.
fn front_from(files: &Files) -> Option<Bitmap> {
    let image = chip::image::mmr::decode(files.front_image()?)
        .map_err(|error| say(&error, Code::VerifyFail))
        .ok()?;
    Bitmap::from_packed(image.width as usize, image.height as usize, image.packed)
}

/// The photo as the chip holds it.
fn photo_from(files: &Files) -> Option<RgbImage> {
    let photo = chip::image::jpeg2000::decode(files.photo()?)
        .map_err(|error| say(&error, Code::VerifyFail))
        .ok()?;
    RgbImage::from_raw(photo.width, photo.height, photo.pixels.to_vec())
}
