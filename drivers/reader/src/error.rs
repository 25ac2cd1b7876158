//! Why a reader or its card could not be used, split by who must act.

/// Why a reader or its card could not be used. Names readers, never what was said to a card.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The card service of the machine does not answer: a technician starts it.
    #[error("the card service does not answer")]
    NoService(#[source] pcsc::Error),
    /// There is no reader of this name: it is unplugged, or the configuration names another.
    #[error("there is no reader {reader:?}")]
    NoReader {
        /// Name that was asked for.
        reader: String,
    },
    /// No card came, or it was taken before it could be used: lay one on.
    #[error("there is no card on {reader:?}")]
    NoCard {
        /// The reader.
        reader: String,
    },
    /// A card lies there and answers, but not as a card must: it is broken or foreign. (A contactless
    /// chip that is dead altogether is `NoCard`: the reader cannot tell it from an empty field.)
    #[error("the card on {reader:?} does not answer")]
    Mute {
        /// The reader.
        reader: String,
        /// What the service said.
        #[source]
        source: pcsc::Error,
    },
    /// Another program holds the card: end it.
    #[error("another program holds the card on {reader:?}")]
    InUse {
        /// The reader.
        reader: String,
    },
    /// The card broke off. Whether it acted on the last command is unknown, and what lies there
    /// next may be another card: wait for a card and identify it.
    #[error("the card on {reader:?} is gone")]
    CardGone {
        /// The reader.
        reader: String,
        /// What the service said.
        #[source]
        source: pcsc::Error,
    },
    /// The wait was called off.
    #[error("the wait for a card was called off")]
    Cancelled,
    /// A command longer than this reader carries: a mistake in the program or in the configuration.
    #[error("the command cannot be sent to {reader:?}")]
    Unsendable {
        /// The reader.
        reader: String,
        /// Why.
        #[source]
        source: wire::apdu::Error,
    },
    /// The reader itself failed: a technician looks at it.
    #[error("the reader {reader:?} failed")]
    Broken {
        /// The reader.
        reader: String,
        /// What the service said.
        #[source]
        source: pcsc::Error,
    },
}

impl Error {
    /// What an error of the service means before a card is connected.
    pub(crate) fn of_reader(reader: &str, source: pcsc::Error) -> Error {
        use pcsc::Error as E;
        let reader = reader.to_owned();
        // The service has some sixty errors; those that name nobody in particular are the reader's.
        if matches!(
            source,
            E::NoService | E::ServiceStopped | E::Shutdown | E::InvalidHandle
        ) {
            Error::NoService(source)
        } else if matches!(
            source,
            E::UnknownReader | E::ReaderUnavailable | E::NoReadersAvailable
        ) {
            Error::NoReader { reader }
        } else if matches!(source, E::NoSmartcard | E::RemovedCard | E::Timeout) {
            Error::NoCard { reader }
        } else if matches!(source, E::UnresponsiveCard | E::UnpoweredCard)
            || matches!(source, E::UnsupportedCard | E::ProtoMismatch)
        {
            Error::Mute { reader, source }
        } else if source == E::SharingViolation {
            Error::InUse { reader }
        } else if source == E::Cancelled {
            Error::Cancelled
        } else {
            Error::Broken { reader, source }
        }
    }
}
