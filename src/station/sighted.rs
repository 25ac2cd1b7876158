//! The card on the desk reader as its chip shows it: front and photo, for a person's eye. Pure;
//! what cannot be decoded is left out, because the verdict rests on the signature alone.

use chip::Files;
use chip::image::{jpeg2000, mmr};
use zeroize::Zeroizing;

use super::request::{Picture, Sighted};

/// The pictures in a chip's files.
pub(super) fn sighted(files: &Files) -> Sighted {
    Sighted {
        front: files.front_image().and_then(front),
        photo: files.photo().and_then(photo),
    }
}

/// The front, ink black on white.
fn front(tiff: &[u8]) -> Option<Picture> {
    let image = mmr::decode(tiff).ok()?;
    let packed = Zeroizing::new(image.packed);
    let row = image.width.div_ceil(8) as usize;
    let mut rgb = Zeroizing::new(Vec::with_capacity(
        3 * (image.width * image.height) as usize,
    ));
    for line in packed.chunks(row.max(1)).take(image.height as usize) {
        for x in 0..image.width as usize {
            let ink = line[x / 8] & (0x80 >> (x % 8)) != 0;
            rgb.extend_from_slice(if ink { &[0; 3] } else { &[255; 3] });
        }
    }
    Some(Picture {
        width: image.width,
        height: image.height,
        rgb,
    })
}

fn photo(jp2: &[u8]) -> Option<Picture> {
    let image = jpeg2000::decode(jp2).ok()?;
    Some(Picture {
        width: image.width,
        height: image.height,
        rgb: Zeroizing::new(image.pixels),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_is_black_paper_white_and_what_is_no_picture_is_left_out() {
        let packed = vec![0b1010_0000, 0b0100_0000];
        let tiff = mmr::encode(3, 2, &packed).expect("a TIFF");
        let picture = front(&tiff).expect("a picture");
        let red: Vec<u8> = picture.rgb.iter().step_by(3).copied().collect();
        assert_eq!(red, [0, 255, 0, 255, 0, 255]);
        assert_eq!(front(b"no picture"), None);
        assert_eq!(photo(b"no picture"), None);
    }
}
