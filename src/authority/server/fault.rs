//! Why a request gets no: each with its HTTP status, stable code and remedy in both languages.

use super::home::Error;
use crate::authority::contract::ProblemReport;
use crate::job::rules::Breach;
use crate::job::strict::ContentError;

/// What the state of things forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing waits at this office.
    #[error("no approved job waits")]
    NothingWaits,
    /// No such job, attempt or number for this station.
    #[error("this station has no such job or attempt")]
    Unknown,
    /// The job is not waiting.
    #[error("the job is not waiting for a card")]
    NotWaiting,
    /// The station still holds a grant.
    #[error("this station still holds a grant")]
    StationBusy,
    /// The key or id was used for something else.
    #[error("this key was used for another request")]
    KeyReused,
    /// The attempt has ended, or a newer one began.
    #[error("this attempt has ended")]
    Ended,
    /// The lease expired before keys were released.
    #[error("the lease has expired")]
    Expired,
    /// The attempt is fenced to another blank.
    #[error("the keys of this attempt were released for another blank")]
    OtherBlank,
    /// The blank is not of the registered stock.
    #[error("this blank is not of the registered stock")]
    UnknownBlank,
    /// The report does not fit what is known.
    #[error("this report does not fit the state of the attempt")]
    DoesNotFit,
    /// The digests differ.
    #[error("the authority prepares other data from this job")]
    DigestDiffers,
    /// The authority has seen a newer journal.
    #[error("the authority has seen a newer journal of this station")]
    StaleJournal,
}

impl Refused {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Refused::NothingWaits => "G-NOTHING-WAITS",
            Refused::Unknown => "G-UNKNOWN",
            Refused::NotWaiting => "G-NOT-WAITING",
            Refused::StationBusy => "G-STATION-BUSY",
            Refused::KeyReused => "G-KEY-REUSED",
            Refused::Ended => "G-ENDED",
            Refused::Expired => "G-EXPIRED",
            Refused::OtherBlank => "G-OTHER-BLANK",
            Refused::UnknownBlank => "G-UNKNOWN-BLANK",
            Refused::DoesNotFit => "G-DOES-NOT-FIT",
            Refused::DigestDiffers => "G-DIGEST-DIFFERS",
            Refused::StaleJournal => "G-STALE-JOURNAL",
        }
    }

    fn status(self) -> u16 {
        match self {
            Refused::NothingWaits | Refused::Unknown => 404,
            Refused::KeyReused => 422,
            Refused::Expired | Refused::Ended => 410,
            Refused::NotWaiting
            | Refused::StationBusy
            | Refused::OtherBlank
            | Refused::UnknownBlank
            | Refused::DoesNotFit
            | Refused::DigestDiffers
            | Refused::StaleJournal => 409,
        }
    }

    fn remedy(self) -> (&'static str, &'static str) {
        match self {
            Refused::NothingWaits => ("承認を待つ。", "Wait for an approval."),
            Refused::Unknown => (
                "受付番号を確認する。",
                "Check the reception number and the office.",
            ),
            Refused::NotWaiting => (
                "この受付の状態を本部で確認する。",
                "Ask the authority where this job stands.",
            ),
            Refused::StationBusy => (
                "先に、作成中のカードを終える。",
                "Finish the card in hand first (station recover).",
            ),
            Refused::KeyReused => (
                "端末を止め、技術者を呼ぶ。",
                "Stop the station and call a technician.",
            ),
            Refused::Ended | Refused::Expired => (
                "未使用なら返し、新しい許可を受ける。",
                "Return the blank if untouched, then lease the job again.",
            ),
            Refused::OtherBlank => (
                "最初のカードを廃棄してから、新しい許可を受ける。",
                "Report the first blank as spoiled, then lease the job again.",
            ),
            Refused::UnknownBlank => (
                "このカードを隔離し、在庫の登録を確認する。",
                "Set the blank apart and check the registered stock.",
            ),
            Refused::DoesNotFit => (
                "端末を止め、監督者が本部に連絡する。",
                "Stop the station; a supervisor calls the authority.",
            ),
            Refused::DigestDiffers => (
                "レイアウト・フォント・プログラムの版を本部と合わせる。",
                "Bring layout, fonts and program to the authority's versions.",
            ),
            Refused::StaleJournal => (
                "端末を止める。記録が古い。監督者が本部に連絡する。",
                "Stop the station: its journal is an old copy. A supervisor calls the authority.",
            ),
        }
    }
}

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The state of things forbids it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The approval may not become a card today.
    #[error("the approval breaks a rule")]
    Rule(#[source] Breach),
    /// The request is not of the form.
    #[error("the request is not of the form")]
    Content(#[from] ContentError),
    /// A path or header is not of the form.
    #[error("{0} is missing or not of the form")]
    Form(&'static str),
    /// The certificate names no enrolled station.
    #[error("the certificate is not the one of an enrolled station")]
    NotEnrolled,
    /// The job cannot be prepared.
    #[error("the authority cannot prepare this job")]
    Unprepared,
    /// The authority itself failed.
    #[error("the authority failed")]
    Broken(#[from] Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Fault {
        Fault::Broken(Error::Store(error))
    }
}

impl Fault {
    /// As it is sent.
    pub fn report(&self) -> ProblemReport {
        let (status, code, (ja, en)) = match self {
            Fault::Refused(refused) => (refused.status(), refused.code(), refused.remedy()),
            Fault::Rule(breach) => (409, breach.rule.code(), breach.rule.remedy()),
            Fault::Content(_) | Fault::Form(_) => (
                400,
                "G-FORM",
                (
                    "端末のプログラムを更新する。",
                    "Update the station's program.",
                ),
            ),
            Fault::NotEnrolled => (
                403,
                "G-NOT-ENROLLED",
                ("端末を登録し直す。", "Enrol the station again."),
            ),
            Fault::Unprepared => (
                409,
                "G-UNPREPARED",
                (
                    "承認の内容と写真を確認する。",
                    "Check the approval and its photo.",
                ),
            ),
            Fault::Broken(_) => (
                500,
                "G-BROKEN",
                ("本部の技術者を呼ぶ。", "Call the authority's technician."),
            ),
        };
        ProblemReport {
            status,
            code: code.to_owned(),
            title: self.to_string(),
            field: match self {
                Fault::Content(error) => error.field.clone(),
                Fault::Rule(breach) => breach.field.to_owned(),
                Fault::Form(what) => (*what).to_owned(),
                Fault::Refused(_) | Fault::NotEnrolled | Fault::Unprepared | Fault::Broken(_) => {
                    String::new()
                }
            },
            remedy_ja: ja.to_owned(),
            remedy_en: en.to_owned(),
        }
    }
}
