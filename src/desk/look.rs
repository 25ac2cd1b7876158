//! Asks the card on the desk reader what it is and what its signature is worth. Generic over the
//! reader; time and chance are parameters. Knows no job.

use chip::{Files, Kind, ReadChance, Reading, SignatureError};
use jiff::Timestamp;
use thiserror::Error;
use wire::apdu::Transmit;

use super::{Seen, Signature};
use crate::product::CardNumber;

/// Front image and photo with their filling: what a card's signature covers (card specification §3.4.3).
const FRONT_BYTES: usize = 7000;

/// Why a card cannot be judged though the card itself is not at fault.
#[derive(Debug, Error)]
pub enum Error {
    /// The trusted authorities that the enrolment gave are unusable.
    #[error("a trusted authority's certificate of the enrolment cannot be used")]
    BadTrust(#[source] SignatureError),
}

/// Whom to trust, and on what day.
#[derive(Debug, Clone, Copy)]
pub struct Trust<'a> {
    /// Certificates of the card-signing authorities, DER.
    pub authorities: &'a [Vec<u8>],
    /// The time of the examination.
    pub on: Timestamp,
}

/// A card that was looked at: the finding, and what it let be read.
#[derive(Debug)]
pub struct Looked {
    /// The finding.
    pub seen: Seen,
    /// The files; wiped when dropped. `None` when nothing could be read.
    pub files: Option<Files>,
}

impl Looked {
    fn at_nothing(seen: Seen) -> Looked {
        Looked { seen, files: None }
    }
}

/// Looks at the card on the reader, with the number that it should open with.
///
/// # Errors
/// [`Error::BadTrust`]: the station's own trust is unusable. Whatever the card does is a finding.
pub fn look<T: Transmit>(
    card: &mut T,
    number: &CardNumber,
    trust: Trust,
    chance: &ReadChance,
) -> Result<Looked, Error> {
    let Some(opens) = chip::Number::parse(number.as_str()) else {
        return Ok(Looked::at_nothing(Seen::Shut));
    };
    match chip::read_public(card, Some(&opens), chance) {
        Ok(reading) => seen(reading, trust),
        Err(cause) => Ok(Looked::at_nothing(unread(&cause))),
    }
}

/// What a card is that could not be read to its end.
fn unread(cause: &chip::Error) -> Seen {
    match cause {
        chip::Error::Lost { .. } | chip::Error::Garbled { .. } => Seen::Silent,
        chip::Error::WrongNumber => Seen::Shut,
        // Refused: blank or terminated; such a chip is nobody's residence card.
        chip::Error::Foreign { .. }
        | chip::Error::Refused { .. }
        | chip::Error::OtherCard { .. }
        | chip::Error::NotBlank { .. }
        | chip::Error::WrongKeys { .. }
        | chip::Error::NotLocked { .. }
        | chip::Error::Mismatch { .. }
        | chip::Error::Unproven { .. } => Seen::OtherCard,
    }
}

fn seen(reading: Reading, trust: Trust) -> Result<Looked, Error> {
    let seen = match reading.kind {
        Kind::SecondGeneration(_) => Seen::SecondGeneration,
        Kind::FirstGeneration(_) => Seen::Open(worth(&reading.files, trust)?),
    };
    Ok(Looked {
        seen,
        files: Some(reading.files),
    })
}

/// What the signature over the files is worth.
fn worth(files: &Files, trust: Trust) -> Result<Signature, Error> {
    let (Some((check_code, certificate)), Some(message)) =
        (files.signature(), files.signed_message())
    else {
        return Ok(Signature::Missing);
    };
    let (front, photo) = message.split_at(FRONT_BYTES.min(message.len()));
    let authorities: Vec<&[u8]> = trust.authorities.iter().map(Vec::as_slice).collect();
    let on = trust.on.as_second();
    match chip::signature::verify(front, photo, check_code, certificate, &authorities, on) {
        Ok(()) => {
            let digest = ring::digest::digest(&ring::digest::SHA256, &message);
            let mut signed_data = [0; 32];
            signed_data.copy_from_slice(digest.as_ref());
            Ok(Signature::Verified(signed_data))
        }
        Err(cause) => distrust(cause),
    }
}

fn distrust(cause: SignatureError) -> Result<Signature, Error> {
    match cause {
        SignatureError::DataAltered | SignatureError::WrongSize => Ok(Signature::Altered),
        SignatureError::CertificateUnreadable
        | SignatureError::UnknownIssuer
        | SignatureError::ForgedCertificate
        | SignatureError::WrongUsage => Ok(Signature::Untrusted),
        SignatureError::OutsideValidity | SignatureError::AuthorityOutsideValidity => {
            Ok(Signature::Expired)
        }
        SignatureError::BadAuthority => Err(Error::BadTrust(cause)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use wire::apdu::{Command, Length, Response, StatusWord};

    /// A reader whose card always gives the same answer, or none.
    struct Always(Option<u16>);

    impl Transmit for Always {
        type Error = io::Error;

        fn transmit(&mut self, _: &Command) -> Result<Response, io::Error> {
            let status = self.0.ok_or(io::ErrorKind::NotConnected)?;
            Ok(Response {
                data: Vec::new(),
                sw: StatusWord(status),
            })
        }

        fn length(&self) -> Length {
            Length::Short
        }
    }

    fn look_at(mut card: Always) -> Seen {
        let number = CardNumber::parse("AB12345678CD").expect("a number");
        let chance = ReadChance {
            challenge: [1; 8],
            key: [2; 16],
        };
        let trust = Trust {
            authorities: &[],
            on: Timestamp::UNIX_EPOCH,
        };
        look(&mut card, &number, trust, &chance)
            .expect("trust is not asked")
            .seen
    }

    #[test]
    fn a_card_that_does_not_answer_is_silent_and_a_foreign_one_is_another() {
        assert_eq!(look_at(Always(None)), Seen::Silent);
        assert_eq!(look_at(Always(Some(0x6A82))), Seen::OtherCard);
        // 6985: blank or terminated.
        assert_eq!(look_at(Always(Some(0x6985))), Seen::OtherCard);
    }

    #[test]
    fn an_expired_certificate_is_no_forgery_and_bad_trust_is_no_finding() {
        let worth = |cause| distrust(cause).ok();
        assert_eq!(
            worth(SignatureError::OutsideValidity),
            Some(Signature::Expired)
        );
        assert_eq!(
            worth(SignatureError::UnknownIssuer),
            Some(Signature::Untrusted)
        );
        assert_eq!(worth(SignatureError::DataAltered), Some(Signature::Altered));
        assert_eq!(worth(SignatureError::BadAuthority), None);
    }

    #[test]
    fn a_card_for_a_holder_under_16_has_no_signature() {
        let files = Files::assemble(&chip::Contents {
            version: *b"0001",
            card_type: chip::CardType::ResidenceCard,
            front_tiff: b"II",
            photo_jp2: None,
            address_date: chip::Date8::new(2024, 4, 1).expect("a day"),
            municipality: None,
            address: "",
            blanket: None,
            individual: None,
            pending: false,
        })
        .expect("files");
        let trust = Trust {
            authorities: &[],
            on: Timestamp::UNIX_EPOCH,
        };
        assert_eq!(worth(&files, trust).ok(), Some(Signature::Missing));
    }
}
