//! What two persons decide at the authority's command line: voiding, writing off, putting back.

use super::{Failure, Said};
use card_station::authority::server::Fault;
use card_station::authority::server::acts::{self, TwoPersons};
use card_station::authority::server::store::Store;
use card_station::job::{JobId, PersonId};
use card_station::product::CardNumber;
use clap::Subcommand;
use jiff::Timestamp;
use serde_json::json;

/// What two persons decide.
#[derive(Debug, Subcommand)]
pub(super) enum Decision {
    /// Void a live card number; two persons.
    Void {
        /// The number.
        number: CardNumber,
        #[command(flatten)]
        by: By,
    },
    /// After a backup was put back: set every open job aside, so that none becomes a second card.
    PutBack {
        #[command(flatten)]
        by: By,
    },
    /// End what put-back began: approvals that are imported wait for a card again; two persons.
    Resume {
        #[command(flatten)]
        by: By,
    },
    /// Give a job free that was set aside, after a look in the stations' journals; two persons.
    Release {
        /// The job.
        job: JobId,
        #[command(flatten)]
        by: By,
    },
    /// Write off an attempt whose station fell silent: burns its number; two persons.
    WriteOff {
        /// The job.
        job: JobId,
        /// The attempt.
        #[arg(long)]
        attempt: u32,
        #[command(flatten)]
        by: By,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct By {
    /// Both persons, separated by a comma.
    #[arg(long, value_delimiter = ',', required = true)]
    by: Vec<PersonId>,
    /// Why.
    #[arg(long)]
    reason: String,
}

/// Does what was decided.
pub(super) fn decide(
    store: &mut Store,
    decision: Decision,
    now: Timestamp,
) -> Result<Said, Failure> {
    match decision {
        Decision::Void { number, by } => {
            acts::void_number(store, &number, &by.two()?, now)?;
            Ok(Said::new(
                format!("{number} is void."),
                json!({ "void": number }),
            ))
        }
        Decision::PutBack { by } => {
            acts::put_back(store, &by.two()?, now)?;
            let text = "Every open job is set aside: release each after a look in the journals.";
            Ok(Said::new(text.to_owned(), json!({ "put_back": true })))
        }
        Decision::Resume { by } => {
            acts::resume(store, &by.two()?, now)?;
            let text = "Approvals that are imported wait for a card again.";
            Ok(Said::new(text.to_owned(), json!({ "resumed": true })))
        }
        Decision::Release { job, by } => {
            acts::release(store, &job, &by.two()?, now)?;
            Ok(Said::new(
                format!("{job} may become a card again."),
                json!({ "released": job }),
            ))
        }
        Decision::WriteOff { job, attempt, by } => {
            acts::write_off(store, &job, attempt, &by.two()?, now)?;
            let text = format!("Attempt {attempt} of {job} is written off; its number is burned.");
            Ok(Said::new(
                text,
                json!({ "written_off": job, "attempt": attempt }),
            ))
        }
    }
}

impl By {
    fn two(self) -> Result<TwoPersons, Failure> {
        let two = <[PersonId; 2]>::try_from(self.by);
        let [first, second] = two.map_err(|_| Fault::Form("two different persons and a reason"))?;
        Ok(TwoPersons {
            first,
            second,
            reason: self.reason,
        })
    }
}
