//! Preparing the sample approvals: the golden faces, what the digest covers, what is refused,
//! and that what is printed agrees with what the chip holds.

use card_station::fault::Code;
use card_station::job::{Digest, Job, JobId, StationId};
use card_station::prepare::{Error, Kit, Prepared, prepare};
use card_station::product::CardNumber;
use card_station::station::kit;
use layouts::{Dpi, Fonts, Layout, Panel, Product, built_in_files};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use wire::raster::{Shape, encode_band};

const FONT_FOLDERS: [&str; 3] = [
    "/usr/share/fonts/opentype/ipaexfont-gothic",
    "/usr/share/fonts/opentype/ipaexfont-mincho",
    "/usr/share/fonts/truetype/ipamj",
];
const SAMPLES: [&str; 5] = [
    "1-landing",
    "2-extension",
    "3-reissue-lost",
    "4-under-16",
    "5-permanent",
];

static KIT: LazyLock<Kit> = LazyLock::new(|| load(300));

fn load(dpi: u32) -> Kit {
    kit::load(&FONT_FOLDERS.map(PathBuf::from), dpi).expect("Debian's fonts")
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// The job that the authority would grant for a sample approval, and the photo beside it.
fn granted(sample: &str) -> (Job, Option<Vec<u8>>) {
    let file = tests().join(format!("samples/approvals/{sample}.json"));
    let text = std::fs::read(file).expect("a sample approval");
    let approval: card_station::job::Approval = serde_json::from_slice(&text).expect("an approval");
    let photo = approval.photo.as_ref().map(|name| {
        std::fs::read(tests().join("samples/photos").join(name.as_str())).expect("a sample photo")
    });
    let job = Job {
        id: JobId::of(&approval.office, &approval.reception),
        attempt: 1,
        epoch: 1,
        station: StationId::parse("TYO-W3").expect("plain"),
        number: CardNumber::parse("AB12345678CD").expect("a number"),
        delivery_date: jiff::civil::date(2024, 6, 10),
        valid_through: jiff::civil::date(2027, 6, 9),
        not_before: jiff::Timestamp::UNIX_EPOCH,
        expires: jiff::Timestamp::MAX,
        photo: photo.as_ref().map(|bytes| Digest::of(bytes).0),
        digest: [0; 32],
        approval,
    };
    (job, photo)
}

fn prepared(sample: &str, kit: &Kit) -> Result<Prepared, Error> {
    let (job, photo) = granted(sample);
    prepare(&job, photo.as_deref(), kit)
}

#[test]
fn every_sample_can_be_prepared_and_twice_is_the_same() {
    for sample in SAMPLES {
        let first = prepared(sample, &KIT).expect(sample);
        let second = prepared(sample, &KIT).expect(sample);
        assert_eq!(first.digest, second.digest, "{sample}");
        assert_eq!(first.faces.panels, second.faces.panels, "{sample}");
        assert!(first.files == second.files, "{sample}");
    }
}

// Letters differ in width: a number that the authority draws must never be refused by a face.
#[test]
fn the_widest_number_fits() {
    let (mut job, photo) = granted("2-extension");
    for letter in 'A'..='Z' {
        let number = format!("{letter}{letter}88888888{letter}{letter}");
        job.number = CardNumber::parse(&number).expect("a number");
        prepare(&job, photo.as_deref(), &KIT).unwrap_or_else(|error| panic!("{number}: {error}"));
    }
}

/// Run with `UPDATE_GOLDEN=1` to write the files anew, then look at the pictures.
#[test]
fn faces_equal_the_golden_ones() {
    for sample in ["2-extension", "4-under-16"] {
        let faces = prepared(sample, &KIT).expect(sample).faces;
        let mut digests = String::new();
        for image in &faces.panels {
            digests += &format!("{:?} {}\n", image.panel, Digest::of(&image.packed));
        }
        let folder = tests().join("golden");
        let file = folder.join(format!("{sample}.sha256"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&file, &digests).expect("written");
            for (side, bitmap) in [("front", &faces.front_ir), ("back", &faces.back_ir)] {
                let ink = |x: u32, y: u32| bitmap.get(x as isize, y as isize);
                let picture = image::GrayImage::from_fn(674, 425, |x, y| {
                    image::Luma([if ink(x, y) { 0 } else { 255 }])
                });
                picture
                    .save(folder.join(format!("{sample}-{side}.png")))
                    .expect("written");
            }
        }
        let golden = std::fs::read_to_string(&file).expect("a golden file");
        assert_eq!(digests, golden, "{sample}: see tests/golden/README.md");
        let picture = image::open(folder.join(format!("{sample}-front.png"))).expect("a picture");
        let ink = picture
            .to_luma8()
            .pixels()
            .filter(|pixel| pixel.0 == [0])
            .count();
        assert_eq!(ink, faces.front_ir.ink(), "{sample}");
    }
}

#[test]
fn the_digest_covers_layout_fonts_and_resolution() {
    let plain = prepared("2-extension", &KIT).expect("prepares").digest;
    assert_ne!(
        prepared("2-extension", &load(600))
            .expect("prepares")
            .digest,
        plain
    );
    let mut files = built_in_files(Product::ResidenceCard1).to_vec();
    let described = format!("# Reworded.\n{}", files[2].1);
    files[2].1 = &described;
    assert_ne!(
        prepared("2-extension", &kit_of(&files, &[]))
            .expect("prepares")
            .digest,
        plain
    );
    // Another build of the gothic font, accepted as well: the K panel is the same, the card is not.
    let gothic = font("ipaexg.ttf");
    let other: Arc<Vec<u8>> = Arc::new([gothic.as_slice(), &[0]].concat());
    let accepts = built_in_files(Product::ResidenceCard1)[0].1.replace(
        &Digest::of(&gothic).to_string(),
        &format!("{}\", \"{}", Digest::of(&gothic), Digest::of(&other)),
    );
    let mut files = built_in_files(Product::ResidenceCard1).to_vec();
    files[0].1 = &accepts;
    let same_fonts = prepared("2-extension", &kit_of(&files, &[]))
        .expect("prepares")
        .digest;
    let other_font = kit_of(&files, &[("gothic", other)]);
    assert_ne!(
        prepared("2-extension", &other_font)
            .expect("prepares")
            .digest,
        same_fonts
    );
}

fn font(file: &str) -> Arc<Vec<u8>> {
    let paths = FONT_FOLDERS
        .iter()
        .map(|folder| Path::new(folder).join(file));
    let bytes = paths.filter_map(|path| std::fs::read(path).ok()).next();
    bytes.expect("fonts-ipaexfont, fonts-ipamj-mincho").into()
}

fn kit_of(files: &[(&str, &str)], changed: &[(&str, Arc<Vec<u8>>)]) -> Kit {
    let layout = Layout::parse(files).expect("a layout");
    let bytes = |name: &str, file: &str| {
        let other = changed.iter().find(|(changed, _)| *changed == name);
        other.map_or_else(|| font(file), |(_, bytes)| Arc::clone(bytes))
    };
    let given = layout
        .fonts
        .iter()
        .map(|f| (f.name.clone(), bytes(&f.name, &f.file)))
        .collect();
    Kit {
        fonts: Fonts::new(&layout, given).expect("fonts"),
        layout,
        dpi: Dpi::D300,
    }
}

#[test]
fn chip_and_face_agree() {
    let prepared = prepared("2-extension", &KIT).expect("prepares");
    let tiff = prepared.files.front_image().expect("a front image");
    let front = chip::image::mmr::decode(tiff).expect("an MMR TIFF");
    let front = layouts::Bitmap::from_packed(674, 425, front.packed).expect("its size");
    assert_eq!(front, prepared.faces.front_ir);
    let photo =
        chip::image::jpeg2000::decode(prepared.files.photo().expect("a photo")).expect("decodes");
    let photo =
        image::RgbImage::from_raw(photo.width, photo.height, photo.pixels).expect("its size");
    let seen = prepared.faces.photo_grey.as_ref().expect("a photo");
    let found = layouts::compare_photo(&KIT.layout, &photo, seen);
    assert!(found.same(), "{found:?}");
    assert_eq!(prepared.signed_message.expect("a photo").len(), 10_000);
}

#[test]
fn under_16_has_neither_photo_nor_anything_to_sign() {
    let prepared = prepared("4-under-16", &KIT).expect("prepares");
    assert!(prepared.files.photo().is_none() && prepared.signed_message.is_none());
    assert!(prepared.signed(&[0; 256], &[]).is_err());
    assert!(
        prepared
            .faces
            .panel(Panel::Y)
            .packed
            .iter()
            .all(|&dye| dye == 0)
    );
}

#[test]
fn a_raster_takes_less_than_500_kilobytes_on_the_wire() {
    let prepared = prepared("2-extension", &KIT).expect("prepares");
    let bytes: usize = prepared
        .faces
        .panels
        .iter()
        .map(|image| {
            let shape = Shape::new(image.rows, image.dots, image.bits).expect("a panel");
            let band = |band| {
                encode_band(&shape, &image.packed, band)
                    .expect("encodes")
                    .len()
            };
            (0..shape.bands()).map(band).sum::<usize>()
        })
        .sum();
    println!("raster of one card: {bytes} bytes");
    assert!(bytes < 480_000, "{bytes}"); // the rest is for frames
}

#[test]
fn what_cannot_be_made_is_refused_with_code_field_and_remedy() {
    let refuse = |change: &dyn Fn(&mut Job, &mut Option<Vec<u8>>)| {
        let (mut job, mut photo) = granted("2-extension");
        change(&mut job, &mut photo);
        let error = prepare(&job, photo.as_deref(), &KIT).expect_err("refused");
        assert!(!error.remedy().0.is_empty() && !error.remedy().1.is_empty());
        (error.code(), error.field().unwrap_or_default())
    };
    let photo = |field: &str| (Code::PhotoRefused, field.to_owned());
    let layout = |field: &str| (Code::LayoutRefused, field.to_owned());
    let replaced = |bytes: Vec<u8>| {
        refuse(&move |job: &mut Job, photo: &mut Option<Vec<u8>>| {
            job.photo = Some(Digest::of(&bytes).0);
            *photo = Some(bytes.clone());
        })
    };
    assert_eq!(refuse(&|_, given| *given = None), photo("photo"));
    assert_eq!(refuse(&|job, _| job.photo = None), photo("photo"));
    assert_eq!(
        refuse(&|_, given| given.iter_mut().for_each(|bytes| bytes[200] ^= 1)),
        photo("photo")
    );
    assert_eq!(replaced(b"not an image".to_vec()), photo("photo"));
    let name = "MIHON ".repeat(40);
    assert_eq!(
        refuse(&|job, _| job.approval.holder.roman_name = name.trim().into()),
        layout("name_roman")
    );
    assert_eq!(
        refuse(&|job, _| job.approval.holder.kanji_name = Some("見\u{1F600}".into())),
        layout("name_kanji")
    );
    let address = "見".repeat(81);
    assert_eq!(
        refuse(&|job, _| job.approval.holder.address.text = address.as_str().into()),
        layout("address")
    );
    assert_eq!(
        refuse(&|job, _| job.approval.holder.address.municipality = Some("13101".into())),
        layout("municipality")
    );
}
