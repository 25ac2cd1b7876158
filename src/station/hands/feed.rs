//! How a card begins: its panels on their way, a blank from the hopper to the encoder, and what
//! that blank says of itself while it still moves.

use super::super::devices::Devices;
use super::super::{chips, translate};
use super::{
    COUPLING_PATIENCE, Deed, FEED_PATIENCE, Hands, Outcome, failed, printer_fault, settled,
};
use crate::fault::Code;
use crate::issuance::{Proof, Step};
use layouts::PanelImage;
use printer::{Encoded, PanelRaster};
use wire::Motion;

impl<D: Devices> Hands<D> {
    /// Gives the printer the panels once a run; what it already holds is not sent again.
    pub(super) fn load(&mut self, deed: &mut Deed<'_>) -> Result<(), Code> {
        let Some(work) = deed.work else {
            return Err(Code::PanelMissing);
        };
        if self.loaded == Some(deed.card) {
            return Ok(());
        }
        let encoded = |panel: &PanelImage| {
            Encoded::of(&PanelRaster {
                panel: translate::drawn_on_wire(panel.panel),
                rows: panel.rows,
                dots: panel.dots,
                bits: panel.bits,
                packed: panel.packed.clone(),
            })
        };
        let panels = work.prepared.faces.panels.iter().map(encoded);
        let panels = panels
            .collect::<Result<_, _>>()
            .map_err(printer::Error::Form);
        // The forty seconds begin when the first of it leaves.
        if deed.step == Step::Feed {
            (deed.phase)("link_check");
        }
        panels
            .and_then(|panels| self.printer.load_encoded(deed.card, panels))
            .map_err(|error| chips::say(&error, printer_fault(&error)))?;
        self.loaded = Some(deed.card);
        Ok(())
    }

    pub(super) fn feed(&mut self, deed: &mut Deed<'_>) -> Outcome {
        if let Err(code) = self.load(deed) {
            return Outcome::Refused(code);
        }
        (deed.phase)("feed");
        let pending = match self.motions.begin(deed.id(), Motion::Feed, deed.sequence) {
            Ok(pending) => pending,
            Err(error) => return failed(&error),
        };
        // The antenna couples before the feed ends: the service's polling hides behind it, and
        // so does the question whether it is a blank, which writes nothing.
        let card = self
            .card_at(&self.encoder, COUPLING_PATIENCE + FEED_PATIENCE)
            .map(|mut card| (chips::blank(&mut card), card));
        let after = match settled(self.motions.end(pending)) {
            Outcome::Done(Proof::Motion(after)) => after,
            other @ (Outcome::Done(_)
            | Outcome::Refused(_)
            | Outcome::InDoubt(_)
            | Outcome::Found(..)) => return other,
        };
        // "Done" that no counter bears out is the printer's word only.
        if !after.same_work(&deed.before.after(Step::Feed)) {
            return Outcome::InDoubt(Code::Counters);
        }
        match card {
            // A card on the move may break off; at rest it is asked anew.
            Ok((Outcome::InDoubt(_), card)) => {
                drop(card);
                match self.card_at(&self.encoder, COUPLING_PATIENCE) {
                    Ok(mut card) => chips::blank(&mut card),
                    Err(error) => chips::unreadable(&error),
                }
            }
            Ok((blank, _)) => blank,
            Err(error) => chips::unreadable(&error),
        }
    }
}
