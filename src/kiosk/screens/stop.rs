//! A stop, always in the same anatomy: what happened, this card, its number, the old card, what
//! to do, what may be decided and by whom. Also a job that is found open.

use maud::{Markup, html};

use super::parts::{Button, Weight, ids, keypad, number, turn, weight};
use super::{Page, Region, Screen, View, machine, supplies};
use crate::fault::{By, CardFate, Class, Code, NumberFate};
use crate::issuance::{Decision, Finding, Seen, Step, Waiver, Withdrawal};
use crate::kiosk::state::{Doing, Question, Slip, Stage};
use crate::kiosk::words::Lang;
use crate::product::CardNumber;
use crate::station::agenda::Far;
use crate::station::request::{Act, Open, Stop};
use crate::station::says::says;

/// What stands still.
pub(super) fn screen(view: &View<'_>) -> Screen {
    match &view.state.stage {
        Stage::Asked(_, Question::Decide(stop)) => of_stop(view, stop, choices(view, stop)),
        Stage::Stopped(stop, doing) => of_stop(view, stop, next(view, stop, *doing)),
        Stage::Out(stop) => of_stop(view, stop, html! {}),
        Stage::Asked(_, Question::Act(act)) => of_act(view, *act),
        Stage::Waiting(far) => waiting(view, *far),
        Stage::Starting
        | Stage::Idle
        | Stage::Opening
        | Stage::Review(_)
        | Stage::Busy(_)
        | Stage::Produced { .. }
        | Stage::Ended(_) => waiting(view, Far::Interrupted),
    }
}

fn of_stop(view: &View<'_>, stop: &Stop, acts: Markup) -> Screen {
    let lang = view.viewer.lang;
    Screen {
        page: Page::Stop,
        title: lang.of(&stop.notice().what).to_owned(),
        regions: vec![
            Region::new("stop", anatomy(stop, lang, true)),
            Region::new("acts", acts),
        ],
    }
}

/// The four fields, the steps, the place; the same for whoever reads it. It `leads` a screen, or
/// stands below another title.
pub(super) fn anatomy(stop: &Stop, lang: Lang, leads: bool) -> Markup {
    let notice = stop.notice();
    let tone = match notice.class {
        Class::Error => "error",
        Class::Warning => "warning",
        Class::Info => "info",
    };
    let (ja, en) = notice.class.words();
    let title = format!("■ {}　{}", lang.pick(ja, en), lang.of(&notice.what));
    html! {
        div.notice.(tone) {
            @if leads {
                div role="alert" { h1 tabindex="-1" data-attention="stop" { (title) } }
            } @else {
                h2 { (title) }
            }
            dl.fates {
                @if stop.fates.card != CardFate::None {
                    dt { (lang.say("this-card")) }
                    dd {
                        (lang.of(&notice.card))
                        @if let Some(standing) = &stop.standing { " " (lang.of(&standing.whereabouts())) }
                    }
                }
                @if stop.fates.number != NumberFate::None {
                    dt { (lang.say("card-number")) }
                    dd { (lang.of(&notice.number)) }
                }
                @if let Some(old) = &notice.old {
                    dt { (lang.say("old-card")) }
                    dd {
                        @if let Some(number) = &stop.old_number { (self::number(number.as_str())) " " }
                        (lang.of(old))
                    }
                }
                @if let Some(detail) = stop.told(lang == Lang::Ja) {
                    dt { (lang.say("detail")) }
                    dd { (detail) }
                }
            }
            @if let Some(picture) = machine::of_stop(stop, lang) { (picture) }
            h2 { (lang.say("todo")) }
            ol.todo { @for step in &notice.todo { li { (lang.of(step)) } } }
            p.code {
                span.number { (stop.code) }
                @if let Some(reception) = &stop.reception {
                    " " (lang.say("reception")) " " (number(reception))
                }
            }
        }
    }
}

/// The decisions that are open, each with its consequence and the hands it needs.
fn choices(view: &View<'_>, stop: &Stop) -> Markup {
    let lang = view.viewer.lang;
    let leave = lang.say(leave_of(stop.code));
    html! {
        h2 { (lang.say("decide")) }
        div #choices.choices data-fold {
            @for (at, open) in in_order(stop).into_iter().enumerate() {
                (choice(view, stop, open, at))
            }
        }
        (turn(view, "choices"))
        (Button::quiet("/leave", "leave", &leave).key("F4").draw(view))
    }
}

/// What goes on with the card stands before what gives it up: the steps name it, and a long list
/// folds.
fn in_order(stop: &Stop) -> Vec<Open> {
    let mut ordered = stop.decisions.clone();
    ordered.sort_by_key(|open| match open.decision {
        // The card that no sensor sees any more is in somebody's hand.
        Decision::ByHand if out_of_sight(stop) => 0,
        Decision::Continue
        | Decision::Answer(_)
        | Decision::ByHand
        | Decision::ByEye
        | Decision::Waive(_) => 1,
        Decision::Cancel => 2,
        Decision::Withdraw(_) | Decision::Quarantine => 3,
    });
    ordered
}

fn out_of_sight(stop: &Stop) -> bool {
    let seen = stop.standing.as_ref().and_then(|one| one.seen.as_ref());
    seen.is_some_and(|seen| seen.spots.is_empty())
}

/// What leaving a stop as it stands is good for: what was asked to stop goes on from there, and
/// material is recorded there.
fn leave_of(code: Code) -> &'static str {
    let supplies = ["P-HOPPER", "P-RIBBON", "P-PATCH", "P-SUPPLY", "P-TRAY"];
    let starts = |start: &&str| code.name().starts_with(*start);
    if code == Code::Cancelled {
        "leave-unchanged"
    } else if supplies.iter().any(starts) {
        "leave-for-supplies"
    } else {
        "leave"
    }
}

fn choice(view: &View<'_>, stop: &Stop, open: Open, at: usize) -> Markup {
    let lang = view.viewer.lang;
    let (ja, en) = says(open.decision, stop);
    let (who_ja, who_en) = open.hands.words();
    let alone = view.viewer.person.clone().map(By::One);
    let enough = alone.is_some_and(|by| open.hands.are(&by));
    let name = name_of(open.decision);
    // The first decision is the remedy's next step; the others weigh less.
    let first = at == 0 && stop.code != Code::Cancelled;
    let heavy = if first { Weight::Main } else { Weight::Other };
    let key = if first {
        "F12".to_owned()
    } else {
        format!("F{}", 5 + at)
    };
    html! {
        form.choice method="post" action="/decide" {
            (ids(view))
            input type="hidden" name="decision" value=(name);
            p { (lang.pick(ja, en)) small { (lang.pick(who_ja, who_en)) } }
            button.(weight(heavy)) id=(format!("decide-{name}")) data-key=(key) {
                span { (lang.say(label_of(open.decision))) }
                @if !enough { span.second { (lang.say("with-second")) } }
                kbd aria-hidden="true" { (key) }
            }
        }
    }
}

/// The name of a decision in forms.
pub(in crate::kiosk) fn name_of(decision: Decision) -> &'static str {
    match decision {
        Decision::Continue => "continue",
        Decision::Cancel => "cancel",
        Decision::Answer(Finding::Done) => "done",
        Decision::Answer(Finding::Untouched) => "untouched",
        Decision::Answer(Finding::Spoiled) => "spoiled",
        Decision::Answer(Finding::Unknown) => "unknown",
        Decision::ByHand => "by-hand",
        Decision::ByEye => "by-eye",
        Decision::Waive(Waiver::LostSince) => "lost-since",
        Decision::Waive(Waiver::Destroyed) => "destroyed",
        Decision::Waive(Waiver::KeptElsewhere) => "kept-elsewhere",
        Decision::Withdraw(why) => reason_of(why),
        Decision::Quarantine => "quarantine",
    }
}

/// The name of a withdrawal's reason in forms.
pub(in crate::kiosk) fn reason_of(why: Withdrawal) -> &'static str {
    match why {
        Withdrawal::HolderAbsent => "holder-absent",
        Withdrawal::DataWrong => "data-wrong",
        Withdrawal::OldForged => "old-forged",
        Withdrawal::DatePassed => "date-passed",
    }
}

/// The verb on a decision's button.
pub(super) fn label_of(decision: Decision) -> &'static str {
    match decision {
        Decision::Continue => "do-continue",
        Decision::Cancel => "do-cancel",
        Decision::Answer(Finding::Done) => "do-done",
        Decision::Answer(Finding::Untouched) => "do-untouched",
        Decision::Answer(Finding::Spoiled | Finding::Unknown) => "do-spoiled",
        Decision::ByHand => "do-by-hand",
        Decision::ByEye => "do-by-eye",
        Decision::Waive(Waiver::LostSince) => "do-waive-lost",
        Decision::Waive(Waiver::Destroyed) => "do-waive-destroyed",
        Decision::Waive(Waiver::KeptElsewhere) => "do-waive-elsewhere",
        Decision::Withdraw(_) => "do-withdraw",
        Decision::Quarantine => "do-quarantine",
    }
}

/// What a person does next where nothing is left to decide.
fn next(view: &View<'_>, stop: &Stop, doing: Doing) -> Markup {
    let lang = view.viewer.lang;
    let far = view.state.agenda.open.as_ref().map(|open| open.far);
    let nothing_open = far.is_none();
    let handing = matches!(
        stop.step,
        Some(Step::HandOver | Step::Punch | Step::CollectOld)
    );
    let back = lang.say("back-to-queue");
    let again = lang.say(match (stop.code, doing) {
        (Code::NotDone, Doing::HandingOver) if handing => "once-more",
        (_, Doing::Making | Doing::Examining | Doing::GivingBack) => "examine-go-on",
        (_, Doing::HandingOver | Doing::Withdrawing) => "once-more",
    });
    html! {
        @if nothing_open {
            (Button::main("/next", "next", &back).draw(view))
        } @else {
            (Button::main("/resume", "resume", &again).draw(view))
            @if matches!(far, Some(Far::Produced | Far::InHand)) { (withdrawals(view)) }
            (supplies::entrance(view))
        }
    }
}

/// The finished card is not handed over after all.
pub(super) fn withdrawals(view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let (absent, wrong) = (lang.say("withdraw-absent"), lang.say("withdraw-wrong"));
    let reasons = [("holder-absent", absent), ("data-wrong", wrong)];
    html! {
        h2 { (lang.say("instead")) }
        p { (lang.say("withdraw-says")) }
        div.row {
            @for (reason, label) in &reasons {
                (Button::quiet("/withdraw", reason, label).with(&[("reason", reason)]).draw(view))
            }
        }
    }
}

/// An act that is asked for beside a stop: the card out by hand, the withdrawal confirmed.
fn of_act(view: &View<'_>, act: Act) -> Screen {
    let lang = view.viewer.lang;
    let (title, says, seen, card) = match act {
        Act::RemoveByHand { number, sensors } => {
            let seen = Seen::from(&sensors).words();
            let says = vec!["remove-1", "remove-2", "remove-3"];
            (
                lang.say("remove-title"),
                says,
                Some(lang.of(&seen).to_owned()),
                number,
            )
        }
        Act::Withdraw(number) => {
            let says = vec!["withdraw-1", "withdraw-2"];
            (lang.say("withdraw-title"), says, None, Some(number))
        }
        Act::PlaceOld(_) | Act::CollectOld(_) | Act::HandOver(_) | Act::Punch(_) => {
            (lang.say("once-more"), Vec::new(), None, None)
        }
    };
    let body = html! {
        div.notice.warning {
            div role="alert" { h1 tabindex="-1" { "■ " (title) } }
            @if let Some(seen) = seen { p { (seen) } }
            ol.todo { @for key in says { li { (lang.say(key)) } } }
            @if let Some(card) = &card { p.big { (number(card.as_str())) } }
        }
    };
    Screen {
        page: Page::Stop,
        title,
        regions: vec![
            Region::new("stop", body),
            Region::new("acts", confirm(view, card.as_ref())),
        ],
    }
}

/// The last four of the card's number, where it bears one.
fn confirm(view: &View<'_>, card: Option<&CardNumber>) -> Markup {
    let lang = view.viewer.lang;
    let not = lang.say("not-done");
    html! {
        form #confirm-form method="post" action="/act" autocomplete="off" {
            (ids(view))
            input type="hidden" name="done" value="yes";
            @if let Some(card) = card {
                p.field {
                    label for="last" { (lang.say("last-four")) }
                    span.typed {
                        span.number { (card.as_str().get(..8).unwrap_or_default()) }
                        input #last name="last" maxlength="4" size="4" required
                            autocapitalize="characters" spellcheck="false" data-upper="yes"
                            aria-invalid=[(view.state.slip == Some(Slip::LastFour)).then_some("true")];
                    }
                    @if view.state.slip == Some(Slip::LastFour) {
                        b.bad role="alert" { "■ " (lang.say("last-four-differs")) }
                    }
                }
            }
        }
        @if card.is_some() { (keypad(view, "last", true)) }
        div.row {
            (Button::quiet("/act", "act-not", &not).with(&[("done", "no")]).key("F4").draw(view))
            button #act-done.main form="confirm-form" data-key="F12" {
                span { (lang.say("act-done")) }
                kbd aria-hidden="true" { "F12" }
            }
        }
    }
}

/// A job is open here, from before this program began or from the command line.
fn waiting(view: &View<'_>, far: Far) -> Screen {
    let lang = view.viewer.lang;
    let says = match far {
        Far::Fresh => "open-fresh",
        Far::Interrupted => "open-interrupted",
        Far::Produced => "open-produced",
        Far::InHand => "open-in-hand",
    };
    let title = lang.say("open-title");
    let go = lang.say(if far == Far::Interrupted {
        "examine-go-on"
    } else {
        "go-on"
    });
    let body = html! {
        div.notice.warning {
            h1 tabindex="-1" { "■ " (title) }
            p { (lang.say(says)) }
            @if let Some(new) = view.state.number() { p.big { (number(&new)) } }
            @if let Some(job) = view.state.job_id() { p { (lang.say("job")) " " (number(job)) } }
        }
    };
    Screen {
        page: Page::Stop,
        title,
        regions: vec![
            Region::new("stop", body),
            Region::new("acts", Button::main("/resume", "resume", &go).draw(view)),
        ],
    }
}
