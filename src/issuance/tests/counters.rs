//! What the printer's counters must show after a step that was not done, or that nobody can tell.

use super::books::{at_step, begins, event};
use super::healthy::*;
use super::*;
use crate::fault::Code;

#[test]
fn a_pass_that_the_printer_makes_after_it_was_found_untouched_is_seen_before_it_is_begun_again() {
    for step in [Step::Print(Panel::BackK), Step::Hologram] {
        let mut ledger = at_step(OldRule::NotRequired, step);
        begins(&mut ledger, step);
        let before = ledger.expected().cloned().expect("known");
        let late = before.after(step);
        event(
            &mut ledger,
            found(step, Finding::Unknown, Some(Code::Counters)),
        );
        event(&mut ledger, decided(Decision::Continue));
        event(&mut ledger, found(step, Finding::Untouched, None));
        let fault = Code::CardMoved;
        event(&mut ledger, Event::Astray { fault });
        event(&mut ledger, decided(Decision::Continue));
        assert_eq!(ledger.burned_unasked(step, &late), Some(&before));
        assert_eq!(ledger.burned_unasked(step, &before), None);
        assert_eq!(ledger.burned_unasked(Step::Flip, &late), None);
        let other = before.after(Step::Flip);
        assert_eq!(ledger.burned_unasked(step, &other), None);
        assert_eq!(ledger.burned_unasked(Step::Flip, &other), None);
        assert!(ledger.contradicts(&other));
        // A supervisor who looked at both may take the counters as they are.
        let fault = Code::Counters;
        event(&mut ledger, Event::Astray { fault });
        event(&mut ledger, decided(Decision::Continue));
        assert_eq!(ledger.expected(), None);
    }
}

#[test]
fn an_attempt_that_is_spoiled_or_unclear_foretells_no_counters_and_an_untouched_one_the_same() {
    let expects = |finding| {
        let mut ledger = at_step(OldRule::NotRequired, Step::Flip);
        begins(&mut ledger, Step::Flip);
        event(&mut ledger, found(Step::Flip, finding, Some(Code::JamFlip)));
        ledger.expected().is_some()
    };
    assert!(!expects(Finding::Spoiled) && !expects(Finding::Unknown));
    assert!(expects(Finding::Untouched));
}
