//! The old cards that this station took from their holders, until their destruction. Known
//! by the job for which they were given up.

use serde::Serialize;

/// How far an old card is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OldState {
    /// In the collection box, not yet punched.
    Collected,
    /// Punched.
    Punched,
    /// Forged, and kept as evidence.
    Evidence,
    /// Given back, because no new card came of it.
    GivenBack,
    /// Destroyed under two names.
    Destroyed,
}

/// One old card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OldCard {
    /// The job for which it was given up.
    pub job: String,
    /// How far it is.
    pub state: OldState,
}

/// All old cards of a station, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OldCards(Vec<OldCard>);

impl OldCards {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &OldCard> {
        self.0.iter()
    }

    /// Those that are in the station's hands: box and evidence.
    pub fn held(&self) -> impl Iterator<Item = &OldCard> {
        self.0.iter().filter(|old| match old.state {
            OldState::Collected | OldState::Punched | OldState::Evidence => true,
            OldState::GivenBack | OldState::Destroyed => false,
        })
    }

    /// Those that may be handed to destruction.
    pub fn punched(&self) -> impl Iterator<Item = &OldCard> {
        self.0.iter().filter(|old| old.state == OldState::Punched)
    }

    pub(super) fn note(&mut self, job: &str, state: OldState) {
        match self.0.last_mut().filter(|old| old.job == job) {
            Some(old) => old.state = state,
            // One that was never taken is not given back by this station.
            None if state == OldState::GivenBack => {}
            None => self.0.push(OldCard {
                job: job.to_owned(),
                state,
            }),
        }
    }

    pub(super) fn destroy(&mut self, jobs: &[String]) {
        for old in &mut self.0 {
            if old.state == OldState::Punched && jobs.contains(&old.job) {
                old.state = OldState::Destroyed;
            }
        }
    }
}
