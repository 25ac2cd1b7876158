//! What can be wrong with a journal: which record, what, and what to do, in both languages.

/// What is wrong with a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// There is no file.
    Missing,
    /// The file cannot be copied, or changes all the time.
    NoCopy,
    /// It is no database with a journal's tables.
    NoDatabase,
    /// It does not name exactly one station.
    Genesis,
    /// The database breaks off after this record.
    Unreadable {
        /// The last record that was read.
        after: u64,
    },
    /// Records are missing.
    Gap {
        /// The first of them.
        from: u64,
        /// The last of them.
        to: u64,
    },
    /// A record stands where its number has been before, or behind a later one.
    Twice {
        /// Its number.
        at: u64,
    },
    /// A column is not of its type.
    Form {
        /// The record.
        at: u64,
    },
    /// The record, its hash or what stands before it is not what was written.
    Changed {
        /// The record.
        at: u64,
    },
    /// A record says that the authority keeps another hash.
    Noted {
        /// The record that says so.
        by: u64,
        /// The record whose hash it tells.
        at: u64,
    },
    /// The journal ends before a checkpoint that somebody remembers.
    Cut {
        /// The checkpoint.
        at: u64,
        /// The newest record here.
        newest: u64,
    },
    /// Somebody remembers another hash at this record.
    Another {
        /// The record.
        at: u64,
    },
}

impl Flaw {
    /// The stable word for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Flaw::Missing => "missing",
            Flaw::NoCopy => "no-copy",
            Flaw::NoDatabase => "no-database",
            Flaw::Genesis => "genesis",
            Flaw::Unreadable { .. } => "unreadable",
            Flaw::Gap { .. } => "gap",
            Flaw::Twice { .. } => "twice",
            Flaw::Form { .. } => "form",
            Flaw::Changed { .. } => "changed",
            Flaw::Noted { .. } => "noted",
            Flaw::Cut { .. } => "cut",
            Flaw::Another { .. } => "another",
        }
    }

    /// The record that it is about; none when it is the file.
    #[must_use]
    pub fn record(self) -> Option<u64> {
        match self {
            Flaw::Missing | Flaw::NoCopy | Flaw::NoDatabase | Flaw::Genesis => None,
            Flaw::Unreadable { after } => Some(after + 1),
            Flaw::Gap { from, .. } => Some(from),
            Flaw::Cut { newest, .. } => Some(newest + 1),
            Flaw::Twice { at }
            | Flaw::Form { at }
            | Flaw::Changed { at }
            | Flaw::Noted { at, .. }
            | Flaw::Another { at } => Some(at),
        }
    }

    /// What is the matter, Japanese and English.
    #[must_use]
    pub fn words(self) -> (String, String) {
        match self {
            Flaw::Missing => both("台帳がありません。", "There is no journal."),
            Flaw::NoCopy => both(
                "台帳を写せません。",
                "The journal cannot be copied, or changes all the time.",
            ),
            Flaw::NoDatabase => both(
                "台帳の形をしたファイルではありません。",
                "The file is no database with a journal's tables.",
            ),
            Flaw::Genesis => both(
                "台帳の持ち主の記載が 1 件ではありません。",
                "The file does not name exactly one station.",
            ),
            Flaw::Unreadable { after } => (
                format!("記録 {after} の後が読めません。"),
                format!("Nothing can be read after record {after}."),
            ),
            Flaw::Gap { from, to } if from == to => (
                format!("記録 {from} が欠けています。"),
                format!("Record {from} is missing."),
            ),
            Flaw::Gap { from, to } => (
                format!("記録 {from}〜{to} が欠けています。"),
                format!("Records {from} to {to} are missing."),
            ),
            Flaw::Twice { at } => (
                format!("記録 {at} が二重か、順序が違います。"),
                format!("Record {at} is there twice or out of order."),
            ),
            Flaw::Form { at } => (
                format!("記録 {at} の形が違います。"),
                format!("Record {at} is not of its form."),
            ),
            Flaw::Changed { at } => (
                format!("記録 {at}、そのハッシュ、またはその前が書き換えられています。"),
                format!("Record {at}, its hash or what stands before it was changed."),
            ),
            Flaw::Noted { by, at } => (
                format!("記録 {by} が控えた記録 {at} のハッシュと合いません。"),
                format!("Record {at} has not the hash that record {by} tells of it."),
            ),
            Flaw::Cut { at, newest } => (
                format!("記録 {newest} で終わっていますが、控えは記録 {at} まであります。"),
                format!("The journal ends at record {newest}; a checkpoint stands at record {at}."),
            ),
            Flaw::Another { at } => (
                format!("記録 {at} が控えと違います。"),
                format!("Record {at} is not the one of the checkpoint."),
            ),
        }
    }

    /// What to do, Japanese and English.
    #[must_use]
    pub fn remedy(self) -> (&'static str, &'static str) {
        match self {
            Flaw::Missing | Flaw::NoCopy => (
                "ファイルの場所と権限を確かめる。新しい台帳を作ってはならない。",
                "Check where the file is and who may read it; never start a new journal.",
            ),
            Flaw::NoDatabase | Flaw::Genesis | Flaw::Unreadable { .. } | Flaw::Form { .. } => (
                "端末を止め、ディスクを写して保全し、本部に連絡する。",
                "Stop the station, keep an image of its disk, call the authority.",
            ),
            Flaw::Gap { .. } | Flaw::Twice { .. } | Flaw::Changed { .. } | Flaw::Noted { .. } => (
                "端末を止め、ディスクを写して保全する。この記録からは証拠にならない。監督者が本部に連絡する。",
                "Stop the station and keep an image of its disk: from this record on it is no \
                 evidence. A supervisor calls the authority.",
            ),
            Flaw::Cut { .. } | Flaw::Another { .. } => (
                "端末を止める。台帳は切られたか、古い写しである。監督者が本部に連絡する。",
                "Stop the station: its journal was cut or is an old copy. A supervisor calls the \
                 authority.",
            ),
        }
    }
}

fn both(ja: &str, en: &str) -> (String, String) {
    (ja.to_owned(), en.to_owned())
}
