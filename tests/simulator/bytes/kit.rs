//! Preparing for the level of bytes: panels of an eighth of the real resolution, drawn from the
//! job's digest instead of fonts, with chip files of the real form and a real signature. Each is made
//! once in a thread and kept.

use card_station::job::{Digest, Job};
use card_station::prepare::Prepared;
use card_station::station::seams::Seal;
use chip::{CardType, Contents, Date8, Files};
use image::RgbImage;
use layouts::{Bitmap, ElementBox, Grey, Layout, Panel, PanelImage, PixelBox, SCAN};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use std::cell::RefCell;
use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::rc::Rc;

use super::super::kit;

/// Rows of a panel, and dots in a row: an eighth of 300 dpi.
const ROWS: usize = 127;
const DOTS: usize = 81;
/// Dots an inch of such a panel.
const DPI: f64 = 300.0 / 8.0;
/// The scanner's pixels an inch.
const SCAN_DPI: f64 = 200.0;
/// Edge of a block of ink, dots, and where the first one begins.
const BLOCK: usize = 8;
const MARGIN: usize = 8;
/// Blocks along the travel and across.
const BLOCKS: (usize, usize) = (14, 8);
/// Pixels of the photo in the chip.
const PHOTO: (u32, u32) = (60, 76);
/// Prepared jobs that are kept; then the memory begins anew.
const KEPT: usize = 4_000;

thread_local! {
    static PREPARED: RefCell<HashMap<[u8; 32], Rc<Prepared>>> = RefCell::default();
    static SIGNER: Signer = Signer::new();
    static SEALS: RefCell<HashMap<[u8; 32], [u8; 256]>> = RefCell::default();
    static PHOTO_JP2: Vec<u8> = {
        let photo = photo();
        chip::image::jpeg2000::encode_photo(PHOTO.0, PHOTO.1, photo.as_raw()).expect("a photo")
    };
}

/// What station and authority prepare alike.
pub(crate) fn prepared(job: &Job) -> Rc<Prepared> {
    let content = kit::content(job);
    let known = PREPARED.with_borrow(|known| known.get(&content).map(Rc::clone));
    known.unwrap_or_else(|| {
        let made = Rc::new(prepare(job, content));
        PREPARED.with_borrow_mut(|known| {
            if known.len() >= KEPT {
                known.clear();
            }
            known.insert(content, Rc::clone(&made));
        });
        made
    })
}

fn prepare(job: &Job, content: [u8; 32]) -> Prepared {
    let layout = Layout::builtin(layouts::Product::ResidenceCard1).expect("the layout");
    let mut prepared = kit::prepared(job);
    let faces = &mut prepared.faces;
    let with_photo = job.photo.is_some();
    let front = beside_photo(ink(&content, 0), &layout);
    let back = ink(&content, 1);
    faces.panels = Panel::ALL
        .into_iter()
        .map(|panel| match panel {
            Panel::BackK => bits(panel, &back),
            Panel::K => bits(panel, &front),
            // What no scanner sees is the same on every card.
            Panel::Uv | Panel::Pearl => bits(panel, &ink(&[0x5A; 32], panel as usize)),
            Panel::Y | Panel::M | Panel::C => dye(panel, &layout, with_photo),
        })
        .collect();
    faces.front_ir = scanned(&front);
    faces.back_ir = scanned(&back);
    faces.front_elements = elements(&front);
    faces.back_elements = elements(&back);
    faces.chip_photo = with_photo.then(photo);
    faces.photo_grey = with_photo.then(|| Grey {
        x_mm100: 0,
        y_mm100: 0,
        w_px: 1,
        h_px: 1,
        pixels: vec![0],
    });
    prepared.files = files(job, &prepared.faces.front_ir);
    prepared.signed_message = prepared.files.signed_message();
    prepared
}

/// Chip files of this job, or of an old card that shows this.
fn assembled(front: &Bitmap, address: &str, with_photo: bool) -> Files {
    let tiff = chip::image::mmr::encode_front(&front.bits).expect("a front image");
    PHOTO_JP2.with(|photo| {
        Files::assemble(&Contents {
            version: *b"0001",
            card_type: CardType::ResidenceCard,
            front_tiff: &tiff,
            photo_jp2: with_photo.then_some(photo),
            address_date: Date8::new(2024, 6, 10).expect("a day"),
            municipality: None,
            address,
            blanket: None,
            individual: None,
            pending: false,
        })
        .expect("contents that fit")
    })
}

fn files(job: &Job, front: &Bitmap) -> Files {
    let address = job.approval.holder.address.text.as_str();
    assembled(front, address, job.photo.is_some())
}

/// The files of an old card of this number, signed if it is.
pub(crate) fn old_files(number: &str, signed: bool) -> Files {
    let content = Digest::of(number.as_bytes()).0;
    let files = assembled(&scanned(&ink(&content, 0)), "", signed);
    if !signed {
        return files;
    }
    let message = files.signed_message().expect("it has a photo");
    let seal = seal(&message);
    files
        .with_signature(&seal.signature, &seal.certificate)
        .expect("it has a photo")
}

/// Blocks of ink out of a digest: whether this dot is black.
fn ink(content: &[u8; 32], which: usize) -> Vec<bool> {
    let mut black = vec![false; ROWS * DOTS];
    for (at, dot) in black.iter_mut().enumerate() {
        let (row, dot_at) = (at / DOTS, at % DOTS);
        let (Some(across), Some(down)) = (row.checked_sub(MARGIN), dot_at.checked_sub(MARGIN))
        else {
            continue;
        };
        let (x, y) = (across / BLOCK, down / BLOCK);
        let bit = (x * BLOCKS.1 + y + 131 * which) % 256;
        *dot = x < BLOCKS.0 && y < BLOCKS.1 && content[bit / 8] >> (bit % 8) & 1 == 1;
    }
    black
}

fn bits(panel: Panel, black: &[bool]) -> PanelImage {
    let packed = black.chunks(DOTS).flat_map(|row| {
        row.chunks(8).map(|dots| {
            let set = dots.iter().enumerate().filter(|(_, black)| **black);
            set.fold(0, |byte, (at, _)| byte | 0x80 >> at)
        })
    });
    image_of(panel, 1, packed.collect())
}

fn image_of(panel: Panel, bits: u8, packed: Vec<u8>) -> PanelImage {
    PanelImage {
        panel,
        rows: ROWS as u16,
        dots: DOTS as u16,
        bits,
        packed,
    }
}

/// The photo in dye, where the layout has it: grey, so that all three dyes are alike.
fn dye(panel: Panel, layout: &Layout, with_photo: bool) -> PanelImage {
    let mut packed = vec![0; ROWS * DOTS];
    if with_photo {
        let photo = photo();
        for (at, dot) in packed.iter_mut().enumerate() {
            let (across, down) = in_photo(at, layout);
            if (0.0..1.0).contains(&across) && (0.0..1.0).contains(&down) {
                let pixel = (
                    (across * f64::from(PHOTO.0)) as u32,
                    (down * f64::from(PHOTO.1)) as u32,
                );
                *dot = 255 - photo.get_pixel(pixel.0, pixel.1).0[0];
            }
        }
    }
    image_of(panel, 8, packed)
}

/// The same ink without what would lie on the photo.
fn beside_photo(mut black: Vec<bool>, layout: &Layout) -> Vec<bool> {
    for (at, dot) in black.iter_mut().enumerate() {
        let (across, down) = in_photo(at, layout);
        *dot &= !((-0.1..1.1).contains(&across) && (-0.1..1.1).contains(&down));
    }
    black
}

/// Where a dot lies in the photo's box: from 0 to 1 along each edge.
fn in_photo(at: usize, layout: &Layout) -> (f64, f64) {
    let [x, y, w, h] = layout.photo_box_mm().expect("a place for the photo");
    let (left, top) = bleed();
    let per_mm = DPI / 25.4;
    let across = ((at / DOTS) as f64 + 0.5 - left) / per_mm - f64::from(x);
    let down = ((at % DOTS) as f64 + 0.5 - top) / per_mm - f64::from(y);
    (across / f64::from(w), down / f64::from(h))
}

/// Rows and dots before the card's edges: it is centred in its panel.
fn bleed() -> (f64, f64) {
    let per_mm = DPI / 25.4;
    (
        (ROWS as f64 - 85.60 * per_mm) / 2.0,
        (DOTS as f64 - 53.98 * per_mm) / 2.0,
    )
}

/// What stands for a face: a slope with two spots on it.
fn photo() -> RgbImage {
    RgbImage::from_fn(PHOTO.0, PHOTO.1, |x, y| {
        let spot = |at: (u32, u32)| x.abs_diff(at.0).pow(2) + y.abs_diff(at.1).pow(2) < 120;
        let grey = if spot((18, 26)) || spot((42, 26)) {
            30
        } else {
            (60 + 2 * y) as u8
        };
        image::Rgb([grey; 3])
    })
}

/// The dot under the middle of a scanner's pixel, along one edge.
fn dot_under(pixel: usize, pixels: usize, dots: usize) -> usize {
    let pitch = DPI / SCAN_DPI;
    let start = (dots as f64 - pixels as f64 * pitch) / 2.0;
    (start + (pixel as f64 + 0.5) * pitch) as usize
}

/// The first pixel whose middle lies on this dot or beyond.
fn pixel_of(dot: usize, pixels: usize, dots: usize) -> usize {
    (0..pixels)
        .find(|pixel| dot_under(*pixel, pixels, dots) >= dot)
        .unwrap_or(pixels)
}

/// A face of ink as the scanner must see it.
fn scanned(black: &[bool]) -> Bitmap {
    let mut seen = Bitmap::blank(SCAN.0, SCAN.1);
    for x in 0..SCAN.0 {
        let row = dot_under(x, SCAN.0, ROWS);
        for y in 0..SCAN.1 {
            if black[row * DOTS + dot_under(y, SCAN.1, DOTS)] {
                seen.set(x, y);
            }
        }
    }
    seen
}

/// Some of the blocks, as a layout names its elements: what is missing there is missed.
fn elements(black: &[bool]) -> Vec<ElementBox> {
    let block = |x: usize, y: usize| {
        let (row, dot) = (MARGIN + x * BLOCK, MARGIN + y * BLOCK);
        black[row * DOTS + dot].then(|| PixelBox {
            left: pixel_of(row, SCAN.0, ROWS),
            top: pixel_of(dot, SCAN.1, DOTS),
            right: pixel_of(row + BLOCK, SCAN.0, ROWS),
            bottom: pixel_of(dot + BLOCK, SCAN.1, DOTS),
        })
    };
    (0..BLOCKS.0)
        .step_by(3)
        .flat_map(|x| (0..BLOCKS.1).map(move |y| (x, y)))
        .filter_map(|(x, y)| block(x, y))
        .map(|glyph| ElementBox {
            name: "block".to_owned(),
            area: glyph,
            glyphs: vec![glyph],
        })
        .collect()
}

/// The key that signs chip data, under an authority of its own.
struct Signer {
    pair: RsaKeyPair,
    certificate: Vec<u8>,
    authority: Vec<u8>,
}

impl Signer {
    fn new() -> Signer {
        let (of_authority, own) = (rsa_key(), rsa_key());
        let params = named("Specimen Chip CA", true);
        let authority = params.self_signed(&key_pair(&of_authority)).expect("a CA");
        let issuer = Issuer::new(params, key_pair(&of_authority));
        let certificate = named("Specimen Signer", false)
            .signed_by(&key_pair(&own), &issuer)
            .expect("a certificate");
        Signer {
            pair: RsaKeyPair::from_pkcs8(&own).expect("a key"),
            certificate: certificate.der().to_vec(),
            authority: authority.der().to_vec(),
        }
    }
}

fn named(name: &str, is_authority: bool) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2049, 1, 1);
    params.key_usages = if is_authority {
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign]
    } else {
        vec![KeyUsagePurpose::DigitalSignature]
    };
    params
}

fn key_pair(pkcs8: &[u8]) -> KeyPair {
    let der = rustls::pki_types::PrivatePkcs8KeyDer::from(pkcs8);
    KeyPair::from_pkcs8_der_and_sign_algo(&der, &rcgen::PKCS_RSA_SHA256).expect("a key")
}

fn rsa_key() -> Vec<u8> {
    use rustls::pki_types::PrivatePkcs8KeyDer;
    use rustls::pki_types::pem::PemObject as _;
    let made = Command::new("openssl")
        .args("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048".split(' '))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .expect("openssl makes a key");
    let key = PrivatePkcs8KeyDer::from_pem_slice(&made.stdout).expect("a key");
    key.secret_pkcs8_der().to_vec()
}

/// The seal over a card's signed data.
pub(crate) fn seal(message: &[u8]) -> Seal {
    let digest = Digest::of(message).0;
    let known = SEALS.with_borrow(|known| known.get(&digest).copied());
    SIGNER.with(|signer| {
        let signature = known.unwrap_or_else(|| {
            let mut signature = [0; 256];
            let random = ring::rand::SystemRandom::new();
            let signed = signer
                .pair
                .sign(&RSA_PKCS1_SHA256, &random, message, &mut signature);
            signed.expect("a signature");
            SEALS.with_borrow_mut(|known| known.insert(digest, signature));
            signature
        });
        Seal {
            signature,
            certificate: signer.certificate.clone(),
        }
    })
}

/// Whom the station trusts to sign chips.
pub(crate) fn trusted() -> Vec<Vec<u8>> {
    SIGNER.with(|signer| vec![signer.authority.clone()])
}
