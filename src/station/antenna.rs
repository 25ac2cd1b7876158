//! A card at one of the station's readers: the same commands, with a watch beside them. Notes
//! answers that came late, and says nothing more once the phase's deadline is over.

use std::error::Error as Cause;
use std::sync::Arc;
use std::time::Duration;

use super::devices::Pulse;
use super::notes::Notes;
use wire::apdu::{Command, Length, Response, Transmit};

/// What a byte takes on the air at the slowest bit rate, both ways counted alike.
const BYTE: Duration = Duration::from_nanos(94_340);
/// What a chip takes to think and to write, at most, before it counts as late.
const THOUGHT: Duration = Duration::from_millis(60);

/// Why a command got no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error<E: Cause + 'static> {
    /// The reader or the card failed.
    #[error(transparent)]
    Reader(#[from] E),
    /// The phase should have ended: nothing more is said to the card.
    #[error("the card was given {0:?} for all of it, and they are over")]
    Late(Duration),
}

/// A connected card.
pub(super) struct Card<C, P> {
    card: C,
    pulse: P,
    notes: Arc<Notes>,
    due: Option<(Duration, Duration)>,
}

impl<C: Transmit, P: Pulse> Card<C, P> {
    pub(super) fn new(card: C, pulse: P, notes: Arc<Notes>) -> Card<C, P> {
        Card {
            card,
            pulse,
            notes,
            due: None,
        }
    }

    /// The same card, which gets no command any more when this time is over.
    #[must_use]
    pub(super) fn within(mut self, patience: Duration) -> Card<C, P> {
        self.due = Some((self.pulse.steady() + patience, patience));
        self
    }
}

impl<C: Transmit, P: Pulse> Transmit for Card<C, P> {
    type Error = Error<C::Error>;

    fn transmit(&mut self, command: &Command) -> Result<Response, Error<C::Error>> {
        let asked = self.pulse.steady();
        if let Some((_, patience)) = self.due.filter(|(due, _)| asked > *due) {
            return Err(Error::Late(patience));
        }
        let response = self.card.transmit(command)?;
        let took = self.pulse.steady().saturating_sub(asked);
        self.notes.chip(took);
        if let Some(by) = late_by(command.data.len() + response.data.len(), took) {
            self.notes.late_command(by);
        }
        Ok(response)
    }

    fn length(&self) -> Length {
        self.card.length()
    }
}

/// By how much an answer was later than the slowest air and a chip's own time explain.
fn late_by(bytes: usize, took: Duration) -> Option<Duration> {
    let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
    let explained = THOUGHT + BYTE.saturating_mul(bytes) * 5 / 4;
    took.checked_sub(explained).filter(|by| !by.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_neither_air_nor_writing_explains_is_late() {
        let ms = Duration::from_millis;
        // 239 bytes out, 10 back at 106 kbit/s, written: about 51 ms by the simulator's sum.
        assert_eq!(late_by(249, ms(52)), None);
        assert_eq!(late_by(249, ms(89)), None);
        let late = late_by(249, ms(190)).expect("late");
        assert!((ms(95)..ms(105)).contains(&late), "{late:?}");
        // A whole file in one extended command.
        assert_eq!(late_by(7_000, ms(700)), None);
    }
}
