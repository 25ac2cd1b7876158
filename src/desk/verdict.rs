//! Whether the card on the desk is the old card that the job names. Pure: reads what was seen and
//! what the authority knows, touches neither.

use serde::Serialize;

use crate::fault::Code;

/// What the desk reader saw of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// The chip does not answer, or falls silent before it could be read.
    Silent,
    /// It answers, and is no residence card.
    OtherCard,
    /// A card of the second generation, which this station cannot open.
    SecondGeneration,
    /// A first-generation card that does not open with the expected number.
    Shut,
    /// A first-generation card that opened with the expected number.
    Open(Signature),
}

/// What the card's electronic signature is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// The card bears none.
    Missing,
    /// It verifies up to a trusted authority: SHA-256 of the signed data.
    Verified([u8; 32]),
    /// The signed data are not what was signed.
    Altered,
    /// Nobody trusted stands behind it.
    Untrusted,
    /// A certificate is outside its validity, so that the signature proves nothing.
    Expired,
}

/// What the authority knows of the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Where the number stands.
    pub standing: Standing,
    /// SHA-256 of the signed data of the card that bears it.
    pub signed_data: Option<[u8; 32]>,
    /// Whether that card is signed at all (under 16 it is not); `None` when unknown.
    pub signed: Option<bool>,
}

/// Where a number stands at the authority, as far as the desk cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The holder has the card.
    Live,
    /// It was live and is void.
    Void,
    /// Given, but no card that bears it was ever handed over.
    NeverLive,
    /// Nobody there ever gave it.
    Unknown,
}

/// What the card on the desk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// It is the card that it says it is.
    Genuine {
        /// SHA-256 of its signed data.
        #[serde(serialize_with = "hexadecimal")]
        signed_data: [u8; 32],
    },
    /// Another card than the expected one.
    WrongCard,
    /// It bears the expected number and is not the card that was issued under it.
    Forged {
        /// How that shows.
        how: Forgery,
    },
    /// Its chip does not answer.
    Dead,
    /// It was issued without a signature (under 16), so that its chip proves nothing.
    Unsigned,
    /// A card of the second generation, which this station cannot open.
    SecondGeneration,
    /// Its signature can no longer be judged: a certificate is outside its validity.
    Expired,
    /// The authority does not hold this number for a live card, or not its data.
    NotConfirmed {
        /// Where the number stands.
        standing: Standing,
    },
}

/// How a forgery shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forgery {
    /// The number is that of a signed card; this one is not signed.
    SignatureMissing,
    /// Image or photo were changed after signing.
    DataAltered,
    /// No trusted authority stands behind the signature.
    UntrustedSigner,
    /// A good signature over the data of another card.
    OtherData,
}

impl Forgery {
    /// The stable name that is reported.
    pub fn name(self) -> &'static str {
        match self {
            Forgery::SignatureMissing => "signature-missing",
            Forgery::DataAltered => "data-altered",
            Forgery::UntrustedSigner => "untrusted-signer",
            Forgery::OtherData => "other-data",
        }
    }

    /// What was found, Japanese and English.
    #[rustfmt::skip]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Forgery::SignatureMissing => ("チップに電子署名がありません。", "The chip bears no signature."),
            Forgery::DataAltered => ("署名の後に画像が変えられています。", "The images were changed after signing."),
            Forgery::UntrustedSigner => ("署名者が信頼できる機関ではありません。", "The signer is no trusted authority."),
            Forgery::OtherData => ("別のカードのデータが入っています。", "It holds the data of another card."),
        }
    }
}

/// What may follow from a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permits {
    /// The card counts as sighted, or as confirmed at collection.
    Proceed,
    /// A supervisor's recorded look at the card may stand for the chip's proof.
    SupervisorsEye,
    /// Another card must be laid on the reader.
    Refused,
    /// The card is kept and reported; the new card is never released.
    Keep,
}

impl Verdict {
    /// What may follow (invariant I-26).
    pub fn permits(self) -> Permits {
        match self {
            Verdict::Genuine { .. } => Permits::Proceed,
            Verdict::Dead | Verdict::Unsigned | Verdict::SecondGeneration | Verdict::Expired => {
                Permits::SupervisorsEye
            }
            Verdict::WrongCard | Verdict::NotConfirmed { .. } => Permits::Refused,
            Verdict::Forged { .. } => Permits::Keep,
        }
    }

    /// The fault that it is; `None` for a genuine card.
    pub fn code(self) -> Option<Code> {
        match self {
            Verdict::Genuine { .. } => None,
            Verdict::WrongCard => Some(Code::WrongCard),
            Verdict::Forged { .. } => Some(Code::Forged),
            Verdict::Dead | Verdict::Unsigned | Verdict::SecondGeneration | Verdict::Expired => {
                Some(Code::OldByEye)
            }
            Verdict::NotConfirmed { .. } => Some(Code::OldVoid),
        }
    }

    /// What it is, Japanese and English.
    #[rustfmt::skip]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Verdict::Genuine { .. } => ("真正なカードです。", "The card is genuine."),
            Verdict::WrongCard => ("この番号のカードではありません。", "This is not the card of this number."),
            Verdict::Forged { how } => how.words(),
            Verdict::Dead => ("チップが応答しません。", "The chip does not answer."),
            Verdict::Unsigned => ("電子署名のないカードです（16 歳未満）。", "A card without signature (under 16)."),
            Verdict::SecondGeneration => ("第二世代のカードです。この発行機では開けません。", "A second-generation card, which this station cannot open."),
            Verdict::Expired => ("署名の証明書が期限を過ぎています。", "The signature's certificate is outside its validity."),
            Verdict::NotConfirmed { standing: Standing::Live } => ("電算記録に照合できるデータがありません。", "The record holds no data to compare with."),
            Verdict::NotConfirmed { standing } => standing.words(),
        }
    }
}

impl Standing {
    /// What it means for a card that bears the number, Japanese and English.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Standing::Live => ("番号は有効です。", "The number is live."),
            Standing::Void => ("この番号は失効しています。", "The number is void."),
            Standing::NeverLive => (
                "この番号は交付されていません。",
                "The number was never issued.",
            ),
            Standing::Unknown => (
                "この番号は電算記録にありません。",
                "The number is not on record.",
            ),
        }
    }
}

/// Judges what was seen against what the authority knows of the expected number.
///
/// Evidence of forgery outranks the number's standing: a forged card of a void number is kept too.
pub fn judge(seen: Seen, known: Known) -> Verdict {
    let otherwise = |verdict| match known.standing {
        Standing::Live => verdict,
        standing @ (Standing::Void | Standing::NeverLive | Standing::Unknown) => {
            Verdict::NotConfirmed { standing }
        }
    };
    let forged = |how| Verdict::Forged { how };
    match seen {
        Seen::Silent => otherwise(Verdict::Dead),
        Seen::OtherCard | Seen::Shut => Verdict::WrongCard,
        Seen::SecondGeneration => otherwise(Verdict::SecondGeneration),
        Seen::Open(Signature::Altered) => forged(Forgery::DataAltered),
        Seen::Open(Signature::Untrusted) => forged(Forgery::UntrustedSigner),
        Seen::Open(Signature::Expired) => otherwise(Verdict::Expired),
        Seen::Open(Signature::Missing) => match known.signed {
            Some(true) => forged(Forgery::SignatureMissing),
            Some(false) | None => otherwise(Verdict::Unsigned),
        },
        Seen::Open(Signature::Verified(signed_data)) => match (known.signed_data, known.signed) {
            (Some(expected), _) if expected == signed_data => {
                otherwise(Verdict::Genuine { signed_data })
            }
            (Some(_), _) | (None, Some(false)) => forged(Forgery::OtherData),
            (None, Some(true) | None) => Verdict::NotConfirmed {
                standing: known.standing,
            },
        },
    }
}

fn hexadecimal<S: serde::Serializer>(digest: &[u8; 32], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&hex::encode(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: [u8; 32] = [7; 32];
    const LIVE: Known = Known {
        standing: Standing::Live,
        signed_data: Some(DATA),
        signed: Some(true),
    };
    const UNDER_16: Known = Known {
        standing: Standing::Live,
        signed_data: None,
        signed: Some(false),
    };

    fn open(signature: Signature) -> Verdict {
        judge(Seen::Open(signature), LIVE)
    }

    #[test]
    fn only_the_data_that_the_authority_knows_are_genuine() {
        let genuine = Verdict::Genuine { signed_data: DATA };
        assert_eq!(open(Signature::Verified(DATA)), genuine);
        let other = Verdict::Forged {
            how: Forgery::OtherData,
        };
        assert_eq!(open(Signature::Verified([8; 32])), other);
        let nothing_known = Known {
            signed_data: None,
            signed: None,
            ..LIVE
        };
        let standing = Standing::Live;
        assert_eq!(
            judge(Seen::Open(Signature::Verified(DATA)), nothing_known),
            Verdict::NotConfirmed { standing }
        );
    }

    #[test]
    fn a_forged_card_is_never_waived_and_always_kept() {
        let void = Known {
            standing: Standing::Void,
            ..LIVE
        };
        let forged = [
            open(Signature::Altered),
            open(Signature::Untrusted),
            open(Signature::Missing),
            open(Signature::Verified([8; 32])),
            // A void number makes a forgery no better.
            judge(Seen::Open(Signature::Altered), void),
            // A signature where the issued card had none.
            judge(Seen::Open(Signature::Verified(DATA)), UNDER_16),
        ];
        for verdict in forged {
            assert!(matches!(verdict, Verdict::Forged { .. }), "{verdict:?}");
            assert_eq!(verdict.permits(), Permits::Keep);
            assert_eq!(verdict.code(), Some(Code::Forged));
        }
    }

    #[test]
    fn a_chip_that_cannot_speak_goes_to_a_supervisors_eye() {
        for (verdict, expected) in [
            (judge(Seen::Silent, LIVE), Verdict::Dead),
            (
                judge(Seen::SecondGeneration, LIVE),
                Verdict::SecondGeneration,
            ),
            (
                judge(Seen::Open(Signature::Missing), UNDER_16),
                Verdict::Unsigned,
            ),
            (open(Signature::Expired), Verdict::Expired),
        ] {
            assert_eq!(verdict, expected);
            assert_eq!(verdict.permits(), Permits::SupervisorsEye);
            assert_eq!(verdict.code(), Some(Code::OldByEye));
        }
    }

    #[test]
    fn another_card_is_refused() {
        for seen in [Seen::Shut, Seen::OtherCard] {
            let verdict = judge(seen, LIVE);
            assert_eq!(verdict, Verdict::WrongCard);
            assert_eq!(verdict.permits(), Permits::Refused);
        }
    }

    #[test]
    fn a_number_that_is_not_live_is_refused_even_for_a_dead_chip() {
        for standing in [Standing::Void, Standing::NeverLive, Standing::Unknown] {
            let known = Known { standing, ..LIVE };
            for seen in [Seen::Silent, Seen::Open(Signature::Verified(DATA))] {
                let verdict = judge(seen, known);
                assert_eq!(verdict, Verdict::NotConfirmed { standing });
                assert_eq!(verdict.permits(), Permits::Refused);
                assert_eq!(verdict.code(), Some(Code::OldVoid));
            }
        }
    }
}
