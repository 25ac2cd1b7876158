//! A roll in the machine, ribbon or patch film: which it is, what is left, which ones were
//! here before.

use super::event::Roll;

/// The rolls of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Film {
    now: Option<Roll>,
    left: i64,
    past: Vec<String>,
}

impl Film {
    /// The roll in the machine, as persons recorded it.
    #[must_use]
    pub fn roll(&self) -> Option<&Roll> {
        self.now.as_ref()
    }

    /// Sets or patches left on it. Below zero: more were used than anybody loaded.
    #[must_use]
    pub fn left(&self) -> i64 {
        self.left
    }

    /// Whether a roll of this kind was ever recorded here: from then on every one is.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.now.is_some() || !self.past.is_empty()
    }

    /// Whether the roll with this serial was here before and taken out.
    #[must_use]
    pub fn was_here(&self, serial: &str) -> bool {
        self.past.iter().any(|past| past == serial)
    }

    pub(super) fn load(&mut self, roll: Roll, count: u32) {
        // Used before anybody wrote down what was in: of that roll nothing is known.
        self.left = i64::from(count);
        self.now = Some(roll);
    }

    pub(super) fn unload(&mut self) -> Option<String> {
        let serial = self.now.take().map(|roll| roll.serial)?;
        self.left = 0;
        self.past.push(serial.clone());
        Some(serial)
    }

    pub(super) fn spend(&mut self) {
        self.left -= 1;
    }

    pub(super) fn unspend(&mut self) {
        self.left += 1;
    }

    /// From now on so many are left; nothing is known of a roll that is not recorded.
    pub(super) fn settle(&mut self, left: Option<u32>) {
        if let (Some(left), true) = (left, self.now.is_some()) {
            self.left = i64::from(left);
        }
    }
}
