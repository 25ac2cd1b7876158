//! What the files of a first-generation card hold: assembled with exact sizes and headers
//! (card specification §3.3.4), and read back tolerantly. Knows no command and no key.

use super::files::{CardType, FileId};
use crate::tlv;
use std::fmt;
use zeroize::Zeroizing;

/// Bytes of the front image in its data object D0, filled with NUL.
pub const FRONT_BYTES: usize = 7000;
/// Bytes of the photograph in its data object D1, filled with NUL.
pub const PHOTO_BYTES: usize = 3000;
/// Bytes of the check code in its data object DA.
pub const SIGNATURE_BYTES: usize = 256;
/// Bytes of the certificate area in its data object DB, filled with NUL.
pub const CERTIFICATE_BYTES: usize = 1200;
const ADDRESS_BYTES: usize = 320;
const ADDRESS_CHARACTERS: usize = 80;
const PERMISSION_BYTES: usize = 120;

/// A day as eight digits, `YYYYMMDD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date8([u8; 8]);

impl Date8 {
    /// The digits of a day that the caller knows to exist; `None` where they are more than eight.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Date8> {
        format!("{year:04}{month:02}{day:02}")
            .into_bytes()
            .try_into()
            .ok()
            .map(Date8)
    }

    /// Eight ASCII digits.
    pub fn bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

/// What one card is to hold, before it is laid out in files.
#[derive(Clone)]
pub struct Contents<'a> {
    /// Version of the card specification, four ASCII digits, such as `0001`.
    pub version: [u8; 4],
    /// The product.
    pub card_type: CardType,
    /// Front image as MMR TIFF, at most 7,000 bytes.
    pub front_tiff: &'a [u8],
    /// Photograph as JPEG 2000, at most 3,000 bytes; none on a card for a holder under 16.
    pub photo_jp2: Option<&'a [u8]>,
    /// Day on which the address was written.
    pub address_date: Date8,
    /// Municipality code, six digits.
    pub municipality: Option<[u8; 6]>,
    /// Address, at most 80 characters; empty where none is notified yet.
    pub address: &'a str,
    /// Text of the blanket permission for other activity.
    pub blanket: Option<&'a str>,
    /// Text of the individual permission for other activity.
    pub individual: Option<&'a str>,
    /// Whether an application for extension or change is pending.
    pub pending: bool,
}

/// Why contents cannot be laid out in files: the approval or its preparation must change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentsError {
    /// A value is longer than its data object.
    #[error("{} holds at most {limit} bytes, not {bytes}", file.name())]
    TooLong {
        /// The file.
        file: FileId,
        /// Length of the value, bytes.
        bytes: usize,
        /// Length of the data object, bytes.
        limit: usize,
    },
    /// The address has more characters than the card specification allows.
    #[error("the address holds at most {ADDRESS_CHARACTERS} characters, not {characters}")]
    AddressTooLong {
        /// Characters of the address.
        characters: usize,
    },
    /// The product has no such file.
    #[error("this card product has no file {}", file.name())]
    NoSuchFile {
        /// The file.
        file: FileId,
    },
    /// A card without a photograph carries no signature (card specification §3.3.5).
    #[error("a card without a photograph carries no signature")]
    NothingToSign,
}

/// The complete files of one card, wiped when dropped. `Debug` names files, never contents.
#[derive(Clone, PartialEq, Eq)]
pub struct Files(Vec<(FileId, Zeroizing<Vec<u8>>)>);

impl Files {
    /// Lays the contents out in files of exact size. The signature file stays in its unsigned form
    /// (`DA 00 DB 00`, NUL) until [`Files::with_signature`].
    ///
    /// # Errors
    /// A value that is too long, or a permission on a product without permission files.
    pub fn assemble(contents: &Contents<'_>) -> Result<Files, ContentsError> {
        contents.card_type.check(contents)?;
        let files = contents.card_type.files().map(|file| {
            let mut bytes = Zeroizing::new(Vec::with_capacity(file.size()));
            fill_file(file, contents, &mut bytes)?;
            bytes.resize(file.size(), 0);
            Ok((file, bytes))
        });
        files.collect::<Result<_, _>>().map(Files)
    }

    /// Adds the check code and the certificate of its key (DER, at most 1,200 bytes).
    ///
    /// # Errors
    /// `TooLong` for the certificate; `NothingToSign` on a card without a photograph.
    pub fn with_signature(
        mut self,
        check_code: &[u8; SIGNATURE_BYTES],
        certificate: &[u8],
    ) -> Result<Files, ContentsError> {
        self.photo().ok_or(ContentsError::NothingToSign)?;
        let area = filled(FileId::Signature, certificate, CERTIFICATE_BYTES)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(FileId::Signature.size()));
        tlv::put(&mut bytes, 0xDA, check_code);
        tlv::put(&mut bytes, 0xDB, &area);
        self.0.retain(|(file, _)| *file != FileId::Signature);
        self.0.push((FileId::Signature, bytes));
        Ok(self)
    }

    /// Files as they were read from a card, of whatever size and form.
    pub(crate) fn from_read(files: Vec<(FileId, Zeroizing<Vec<u8>>)>) -> Files {
        Files(files)
    }

    /// What the signature covers: front image value and photo value with their filling, 10,000 bytes
    /// (card specification §3.4.3). `None` on a card without a photograph.
    pub fn signed_message(&self) -> Option<Zeroizing<Vec<u8>>> {
        Some(Zeroizing::new(
            [self.front_image()?, self.photo()?].concat(),
        ))
    }

    /// Each file with its bytes, in the order in which they are written and read.
    pub fn each(&self) -> impl Iterator<Item = (FileId, &[u8])> {
        self.0.iter().map(|(file, bytes)| (*file, bytes.as_slice()))
    }

    /// The bytes of one file, headers included.
    pub fn get(&self, wanted: FileId) -> Option<&[u8]> {
        self.each()
            .find(|(file, _)| *file == wanted)
            .map(|(_, bytes)| bytes)
    }

    /// The first file that differs from, or is missing beside, `expected`.
    pub fn first_difference(&self, expected: &Files) -> Option<FileId> {
        FileId::ALL
            .into_iter()
            .find(|&file| self.get(file) != expected.get(file))
    }

    /// The version of the card specification, four ASCII digits.
    pub fn version(&self) -> Option<[u8; 4]> {
        self.value(FileId::CommonData, 0xC0)?.try_into().ok()
    }

    /// The product, where MF/EF02 names one of this generation.
    pub fn card_type(&self) -> Option<CardType> {
        match self.value(FileId::CardType, 0xC1)? {
            [code] => CardType::from_code(*code),
            _ => None,
        }
    }

    /// The front image's TIFF with its filling.
    pub fn front_image(&self) -> Option<&[u8]> {
        self.value(FileId::FrontImage, 0xD0).and_then(present)
    }

    /// The photograph's JPEG 2000 file with its filling; `None` in each known form of its absence.
    pub fn photo(&self) -> Option<&[u8]> {
        self.value(FileId::Photo, 0xD1).and_then(present)
    }

    /// Check code and certificate area; `None` in each known form of their absence.
    pub fn signature(&self) -> Option<(&[u8], &[u8])> {
        let check_code = self.value(FileId::Signature, 0xDA).and_then(present)?;
        let certificate = self.value(FileId::Signature, 0xDB).and_then(present)?;
        Some((check_code, certificate))
    }

    /// Day on which the address was written, eight digits, where recorded.
    pub fn address_date(&self) -> Option<&str> {
        self.text(FileId::Address, 0xD2)
    }

    /// Municipality code, six digits, where recorded.
    pub fn municipality(&self) -> Option<&str> {
        self.text(FileId::Address, 0xD3)
    }

    /// Address, where recorded and UTF-8.
    pub fn address(&self) -> Option<&str> {
        self.text(FileId::Address, 0xD4)
    }

    /// Text of the blanket permission, where one stands.
    pub fn blanket(&self) -> Option<&str> {
        self.text(FileId::BlanketPermission, 0xD5)
    }

    /// Text of the individual permission, where one stands.
    pub fn individual(&self) -> Option<&str> {
        self.text(FileId::IndividualPermission, 0xD6)
    }

    /// Whether an application for extension or change is pending, where recorded.
    pub fn pending(&self) -> Option<bool> {
        match self.value(FileId::Pending, 0xD7)? {
            b"0" => Some(false),
            b"1" => Some(true),
            _ => None,
        }
    }

    fn value(&self, file: FileId, tag: u8) -> Option<&[u8]> {
        self.get(file).and_then(|bytes| tlv::find(bytes, tag))
    }

    fn text(&self, file: FileId, tag: u8) -> Option<&str> {
        let value = self.value(file, tag)?;
        let end = value
            .iter()
            .position(|&byte| byte == 0)
            .unwrap_or(value.len());
        std::str::from_utf8(&value[..end])
            .ok()
            .filter(|text| !text.is_empty())
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.each().map(|(file, bytes)| (file.name(), bytes.len())))
            .finish()
    }
}

impl CardType {
    fn check(self, contents: &Contents<'_>) -> Result<(), ContentsError> {
        let characters = contents.address.chars().count();
        if characters > ADDRESS_CHARACTERS {
            return Err(ContentsError::AddressTooLong { characters });
        }
        let asked = [
            (contents.blanket.is_some(), FileId::BlanketPermission),
            (contents.individual.is_some(), FileId::IndividualPermission),
            (contents.pending, FileId::Pending),
        ];
        match asked
            .into_iter()
            .find(|&(asked, file)| asked && !self.has(file))
        {
            Some((_, file)) => Err(ContentsError::NoSuchFile { file }),
            None => Ok(()),
        }
    }
}

fn fill_file(
    file: FileId,
    contents: &Contents<'_>,
    out: &mut Vec<u8>,
) -> Result<(), ContentsError> {
    match file {
        FileId::CommonData => tlv::put(out, 0xC0, &contents.version),
        FileId::CardType => tlv::put(out, 0xC1, &[contents.card_type.code()]),
        FileId::FrontImage => tlv::put(out, 0xD0, &filled(file, contents.front_tiff, FRONT_BYTES)?),
        FileId::Photo => match contents.photo_jp2 {
            Some(photo) => tlv::put(out, 0xD1, &filled(file, photo, PHOTO_BYTES)?),
            None => tlv::put(out, 0xD1, &[]),
        },
        FileId::Address => {
            tlv::put(out, 0xD2, contents.address_date.bytes());
            tlv::put(out, 0xD3, &contents.municipality.unwrap_or_default());
            tlv::put(
                out,
                0xD4,
                &filled(file, contents.address.as_bytes(), ADDRESS_BYTES)?,
            );
        }
        FileId::BlanketPermission => tlv::put(out, 0xD5, &permission(file, contents.blanket)?),
        FileId::IndividualPermission => {
            tlv::put(out, 0xD6, &permission(file, contents.individual)?)
        }
        FileId::Pending => tlv::put(out, 0xD7, if contents.pending { b"1" } else { b"0" }),
        FileId::Signature => {
            tlv::put(out, 0xDA, &[]);
            tlv::put(out, 0xDB, &[]);
        }
    }
    Ok(())
}

fn permission(file: FileId, text: Option<&str>) -> Result<Zeroizing<Vec<u8>>, ContentsError> {
    filled(file, text.unwrap_or_default().as_bytes(), PERMISSION_BYTES)
}

fn filled(file: FileId, value: &[u8], limit: usize) -> Result<Zeroizing<Vec<u8>>, ContentsError> {
    if value.len() > limit {
        return Err(ContentsError::TooLong {
            file,
            bytes: value.len(),
            limit,
        });
    }
    let mut filled = Zeroizing::new(vec![0; limit]);
    filled[..value.len()].copy_from_slice(value);
    Ok(filled)
}

fn present(value: &[u8]) -> Option<&[u8]> {
    value.iter().any(|&byte| byte != 0).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents() -> Contents<'static> {
        Contents {
            version: *b"0001",
            card_type: CardType::ResidenceCard,
            front_tiff: b"II*\0front",
            photo_jp2: Some(b"photo"),
            address_date: Date8::new(2012, 3, 10).unwrap(),
            municipality: Some(*b"131016"),
            address: "東京都千代田区霞が関1-1-1",
            blanket: Some("許可（原則週28時間以内・風俗営業等の従事を除く）"),
            individual: None,
            pending: true,
        }
    }

    fn start(files: &Files, file: FileId, len: usize) -> Vec<u8> {
        files.get(file).unwrap()[..len].to_vec()
    }

    #[test]
    fn each_file_has_its_size_and_headers() {
        // Card specification 1.5 §3.3.4, with its own examples of a date and a municipality.
        let files = Files::assemble(&contents()).unwrap();
        assert!(files.each().all(|(file, bytes)| bytes.len() == file.size()));
        assert_eq!(files.get(FileId::CommonData).unwrap(), b"\xC0\x040001");
        assert_eq!(files.get(FileId::CardType).unwrap(), b"\xC1\x011");
        assert_eq!(
            start(&files, FileId::FrontImage, 8),
            b"\xD0\x82\x1B\x58II*\0"
        );
        assert_eq!(start(&files, FileId::Photo, 6), b"\xD1\x82\x0B\xB8ph");
        assert_eq!(
            start(&files, FileId::Address, 22),
            b"\xD2\x0820120310\xD3\x06131016\xD4\x82\x01\x40"
        );
        assert_eq!(start(&files, FileId::BlanketPermission, 2), b"\xD5\x78");
        assert_eq!(
            start(&files, FileId::IndividualPermission, 3),
            b"\xD6\x78\0"
        );
        assert_eq!(files.get(FileId::Pending).unwrap(), b"\xD7\x011");
    }

    #[test]
    fn what_was_assembled_reads_back() {
        let files = Files::assemble(&contents()).unwrap();
        assert_eq!(files.version(), Some(*b"0001"));
        assert_eq!(files.card_type(), Some(CardType::ResidenceCard));
        assert_eq!(files.address(), Some("東京都千代田区霞が関1-1-1"));
        assert_eq!(files.address_date(), Some("20120310"));
        assert_eq!(files.municipality(), Some("131016"));
        assert!(files.blanket().unwrap().starts_with("許可"));
        assert_eq!((files.individual(), files.pending()), (None, Some(true)));
        assert_eq!(files.front_image().unwrap().len(), FRONT_BYTES);
        assert_eq!(files.signature(), None);
    }

    #[test]
    fn the_signed_message_is_both_values_with_filling() {
        let files = Files::assemble(&contents()).unwrap();
        let message = files.signed_message().unwrap();
        assert_eq!(message.len(), 10_000);
        assert_eq!(
            (&message[..9], &message[7000..7005]),
            (&b"II*\0front"[..], &b"photo"[..])
        );
        let signed = files.with_signature(&[7; 256], &[8; 900]).unwrap();
        assert_eq!(start(&signed, FileId::Signature, 4), b"\xDA\x82\x01\x00");
        assert_eq!(
            signed.get(FileId::Signature).unwrap()[260..264],
            *b"\xDB\x82\x04\xB0"
        );
        assert_eq!(signed.signature().unwrap().1.len(), CERTIFICATE_BYTES);
        assert_eq!(signed.signed_message().unwrap(), message);
    }

    #[test]
    fn under_sixteen_there_is_no_photograph_and_no_signature() {
        let files = Files::assemble(&Contents {
            photo_jp2: None,
            ..contents()
        })
        .unwrap();
        assert_eq!(start(&files, FileId::Photo, 4), [0xD1, 0, 0, 0]);
        assert_eq!(start(&files, FileId::Signature, 5), [0xDA, 0, 0xDB, 0, 0]);
        assert_eq!(files.signed_message(), None);
        assert_eq!(
            files.with_signature(&[7; 256], &[8]),
            Err(ContentsError::NothingToSign)
        );
    }

    #[test]
    fn every_known_form_of_absence_is_understood() {
        // Card specification 1.5 §3.3.5, both foot-notes; §3.3.4.6 for a withdrawn permission.
        let with = |file: FileId, start: &[u8]| {
            let mut bytes = start.to_vec();
            bytes.resize(file.size(), 0);
            Files::from_read(vec![(file, Zeroizing::new(bytes))])
        };
        for form in [
            &[0xDA, 0, 0xDB, 0][..],
            &[0xDA, 0],
            &[0xDA, 0x82, 1, 0],
            &[],
        ] {
            assert_eq!(
                with(FileId::Signature, form).signature(),
                None,
                "{form:02X?}"
            );
        }
        for form in [&[0xD1, 0][..], &[0xD1, 0x82, 0x0B, 0xB8], &[]] {
            assert_eq!(with(FileId::Photo, form).photo(), None, "{form:02X?}");
        }
        assert_eq!(with(FileId::BlanketPermission, &[]).blanket(), None);
    }

    #[test]
    fn a_special_permanent_resident_has_no_permission_files() {
        let product = CardType::SpecialPermanentResident;
        let plain = Contents {
            card_type: product,
            blanket: None,
            pending: false,
            ..contents()
        };
        assert_eq!(Files::assemble(&plain).unwrap().each().count(), 6);
        let asked = Contents {
            blanket: Some("許可"),
            ..plain
        };
        let error = Files::assemble(&asked).unwrap_err();
        assert_eq!(
            error,
            ContentsError::NoSuchFile {
                file: FileId::BlanketPermission
            }
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let long = "あ".repeat(81);
        let address = Contents {
            address: &long,
            ..contents()
        };
        let error = Files::assemble(&address).unwrap_err();
        assert_eq!(error, ContentsError::AddressTooLong { characters: 81 });
        let front = Contents {
            front_tiff: &[1; 7001],
            ..contents()
        };
        let error = Files::assemble(&front).unwrap_err();
        let wanted = ContentsError::TooLong {
            file: FileId::FrontImage,
            bytes: 7001,
            limit: 7000,
        };
        assert_eq!(error, wanted);
    }

    #[test]
    fn debug_shows_no_contents() {
        let shown = format!("{:?}", Files::assemble(&contents()).unwrap());
        assert!(shown.contains("(\"DF2/EF01\", 342)") && !shown.contains("霞"));
    }
}
