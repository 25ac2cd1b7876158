//! The holder's photo: parsed from untrusted bytes with limits set before decoding, then
//! trusted; cropped and scaled for the face, the chip and the scanner's grey box.

use std::io::Cursor;

use image::error::{DecodingError, ImageError, ImageFormatHint};
use image::imageops::{self, FilterType};
use image::{DynamicImage, GrayImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};

use crate::error::PhotoError;
use crate::source::PhotoRules;

/// The marker that closes a JPEG file.
const JPEG_END: [u8; 2] = [0xFF, 0xD9];

/// A photo of permitted size and proportions, upright, in colour.
#[derive(Clone)]
pub struct Photo {
    rgb: RgbImage,
}

impl std::fmt::Debug for Photo {
    /// Shape only.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Photo({} x {})", self.rgb.width(), self.rgb.height())
    }
}

impl Photo {
    /// Parses JPEG or PNG. Size and proportions are checked on the declared header, before
    /// any picture memory is taken, so a decompression bomb costs nothing.
    ///
    /// # Errors
    /// Each [`PhotoError`], with what was found and what is needed.
    pub fn parse(bytes: &[u8], rules: &PhotoRules) -> Result<Self, PhotoError> {
        if bytes.len() > rules.max_bytes {
            return Err(PhotoError::TooManyBytes {
                found: bytes.len(),
                limit: rules.max_bytes,
            });
        }
        let format = image::guess_format(bytes)
            .ok()
            .filter(|format| matches!(format, ImageFormat::Jpeg | ImageFormat::Png))
            .ok_or(PhotoError::NotAnImage)?;
        if format == ImageFormat::Jpeg && !bytes.ends_with(&JPEG_END) {
            // The decoder fills what is missing with grey and says nothing.
            let cut = DecodingError::from_format_hint(ImageFormatHint::Exact(format));
            return Err(PhotoError::Damaged(ImageError::Decoding(cut)));
        }
        let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
        reader.limits(Limits::default());
        let mut decoder = reader.into_decoder().map_err(PhotoError::Damaged)?;
        let turn = decoder.orientation().map_err(PhotoError::Damaged)?;
        let (width, height) = decoder.dimensions();
        check_size(width, height, rules)?;
        let mut picture = DynamicImage::from_decoder(decoder).map_err(PhotoError::Damaged)?;
        picture.apply_orientation(turn);
        check_shape(picture.width(), picture.height(), rules)?;
        Ok(Self {
            rgb: on_white(&picture),
        })
    }

    /// The picture as the chip stores it.
    pub fn for_chip(&self, rules: &PhotoRules) -> RgbImage {
        self.scaled(rules.chip_px[0], rules.chip_px[1])
    }

    /// Cropped about its centre to the proportions asked for, then scaled. Only additions
    /// and multiplications: the same bytes on every machine.
    pub(crate) fn scaled(&self, width: u32, height: u32) -> RgbImage {
        let (own_w, own_h) = (f64::from(self.rgb.width()), f64::from(self.rgb.height()));
        let wanted = f64::from(width) / f64::from(height);
        let crop_w = own_w.min(own_h * wanted).round();
        let crop_h = own_h.min(own_w / wanted).round();
        let (x, y) = (
            ((own_w - crop_w) / 2.0) as u32,
            ((own_h - crop_h) / 2.0) as u32,
        );
        let crop = imageops::crop_imm(&self.rgb, x, y, crop_w as u32, crop_h as u32).to_image();
        resample(&crop, width, height)
    }
}

fn check_size(width: u32, height: u32, rules: &PhotoRules) -> Result<(), PhotoError> {
    let limit = rules.max_side_px;
    if width > limit || height > limit {
        return Err(PhotoError::TooLarge {
            width,
            height,
            limit,
        });
    }
    Ok(())
}

fn check_shape(width: u32, height: u32, rules: &PhotoRules) -> Result<(), PhotoError> {
    let [need_width, need_height] = rules.min_px;
    if width < need_width || height < need_height {
        return Err(PhotoError::TooSmall {
            width,
            height,
            need_width,
            need_height,
        });
    }
    let wanted = rules.proportions_mm[0] / rules.proportions_mm[1];
    let found = width as f32 / height as f32;
    if (found / wanted - 1.0).abs() > rules.proportions_tolerance {
        return Err(PhotoError::Proportions { width, height });
    }
    Ok(())
}

/// Catmull-Rom in fixed point, widened where the picture gets smaller.
fn resample(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    let columns = taps(picture.width() as usize, width as usize);
    let lines = taps(picture.height() as usize, height as usize);
    let (own, new) = (picture.width() as usize * 3, width as usize * 3);
    let mut narrow = vec![0; new * picture.height() as usize];
    for (row, out) in picture
        .as_raw()
        .chunks_exact(own)
        .zip(narrow.chunks_exact_mut(new))
    {
        for (pixel, (first, weights)) in out.chunks_exact_mut(3).zip(&columns) {
            for (channel, value) in pixel.iter_mut().enumerate() {
                let under = row[first * 3 + channel..].iter().step_by(3);
                *value = weigh(under.zip(weights));
            }
        }
    }
    let mut small = vec![0; new * height as usize];
    for (out, (first, weights)) in small.chunks_exact_mut(new).zip(&lines) {
        for (x, value) in out.iter_mut().enumerate() {
            *value = weigh(narrow[first * new + x..].iter().step_by(new).zip(weights));
        }
    }
    RgbImage::from_raw(width, height, small).expect("three bytes a pixel")
}

/// For each new place the first old one that counts, and the weights from there (sum 2^14).
fn taps(old: usize, new: usize) -> Vec<(usize, Vec<i32>)> {
    let ratio = old as f64 / new as f64;
    let wide = ratio.max(1.0);
    let tap = |place: usize| {
        let centre = (place as f64 + 0.5) * ratio - 0.5;
        let first = (centre - 2.0 * wide).ceil().max(0.0) as usize;
        let last = ((centre + 2.0 * wide).floor() as usize).min(old - 1);
        let raw: Vec<f64> = (first..=last)
            .map(|at| kernel((at as f64 - centre) / wide))
            .collect();
        let sum: f64 = raw.iter().sum();
        (
            first,
            raw.iter()
                .map(|weight| (weight / sum * 16384.0).round() as i32)
                .collect(),
        )
    };
    (0..new).map(tap).collect()
}

fn kernel(x: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 {
        (1.5 * x - 2.5) * x * x + 1.0
    } else if x < 2.0 {
        ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    } else {
        0.0
    }
}

fn weigh<'a>(parts: impl Iterator<Item = (&'a u8, &'a i32)>) -> u8 {
    let sum: i32 = parts
        .map(|(&value, &weight)| i32::from(value) * weight)
        .sum();
    ((sum + 8192) >> 14).clamp(0, 255) as u8
}

/// Transparent parts show the paper.
fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let rgba = picture.to_rgba8();
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [r, g, b, a] = rgba.get_pixel(x, y).0.map(u32::from);
        image::Rgb([r, g, b].map(|c| ((c * a + 255 * (255 - a) + 127) / 255) as u8))
    })
}

/// A grey picture of a box on the upright front, as the scanner returns it.
#[derive(Clone, PartialEq, Eq)]
pub struct Grey {
    /// Left border in 0.01 mm.
    pub x_mm100: u16,
    /// Top border in 0.01 mm.
    pub y_mm100: u16,
    /// Pixels a row.
    pub w_px: u16,
    /// Rows.
    pub h_px: u16,
    /// Rows top to bottom, 0 = black.
    pub pixels: Vec<u8>,
}

impl std::fmt::Debug for Grey {
    /// Shape only.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Grey({} x {})", self.w_px, self.h_px)
    }
}

/// Luminance, BT.601 in integers, as the scanner's grey channel has it.
pub(crate) fn grey(rgb: &RgbImage) -> GrayImage {
    GrayImage::from_fn(rgb.width(), rgb.height(), |x, y| {
        let [r, g, b] = rgb.get_pixel(x, y).0.map(u32::from);
        image::Luma([((299 * r + 587 * g + 114 * b + 500) / 1000) as u8])
    })
}

/// Normalised correlation of the chip's picture with the scanned photo box, -1..=1. The
/// chip's picture may have other proportions than the frame: both were cropped about the
/// same centre, so the common part is compared. 0 where either has no contrast at all.
pub(crate) fn correlate(chip: &RgbImage, seen: &Grey, frame_mm: (f32, f32)) -> f32 {
    let (w, h) = (u32::from(seen.w_px), u32::from(seen.h_px));
    let Some(seen) = GrayImage::from_raw(w, h, seen.pixels.clone()).filter(|_| w > 0 && h > 0)
    else {
        return 0.0;
    };
    let (frame, own) = (
        frame_mm.0 / frame_mm.1,
        chip.width() as f32 / chip.height() as f32,
    );
    let (part_w, part_h) = ((own / frame).min(1.0), (frame / own).min(1.0));
    let (crop_w, crop_h) = ((w as f32 * part_w) as u32, (h as f32 * part_h) as u32);
    let seen =
        imageops::crop_imm(&seen, (w - crop_w) / 2, (h - crop_h) / 2, crop_w, crop_h).to_image();
    // Softened to the same grid: dye dots and JPEG 2000 noise are finer than this.
    let (grid_w, grid_h) = (crop_w / 2, crop_h / 2);
    let a = imageops::resize(&grey(chip), grid_w, grid_h, FilterType::Triangle);
    let b = imageops::resize(&seen, grid_w, grid_h, FilterType::Triangle);
    normalised(&a, &b)
}

fn normalised(a: &GrayImage, b: &GrayImage) -> f32 {
    let mean = |image: &GrayImage| {
        image.iter().map(|&v| f64::from(v)).sum::<f64>() / image.len().max(1) as f64
    };
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (&x, &y) in a.iter().zip(b.iter()) {
        let (x, y) = (f64::from(x) - mean_a, f64::from(y) - mean_b);
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    if aa <= 0.0 || bb <= 0.0 {
        0.0
    } else {
        (ab / (aa * bb).sqrt()) as f32
    }
}
