//! The card's way through the machine as a picture, its six stations with their times, and the
//! bar of the forty seconds. Shows what is proved; the script lets seconds run between events.

use maud::{Markup, html};

use super::View;
use super::parts::seconds;
use crate::diag::history::zone_of;
use crate::issuance::Spot;
use crate::kiosk::words::Lang;
use crate::station::request::Stop;
use crate::station::view::{Phase, PhaseState, Snapshot};

/// One station of the machine: its key in the catalogue and the phases of the plan in it.
struct Station {
    key: &'static str,
    /// Where it stands in the picture, from the left.
    x: u32,
    phases: &'static [&'static str],
}

const STATIONS: [Station; 6] = [
    Station {
        key: "station-feed",
        x: 90,
        phases: &["link_check", "feed"],
    },
    Station {
        key: "station-chip",
        x: 250,
        phases: &["keys", "chip_write", "chip_verify"],
    },
    Station {
        key: "station-back",
        x: 410,
        phases: &["to_head", "back"],
    },
    Station {
        key: "station-front",
        x: 570,
        phases: &[
            "flip",
            "front_yellow",
            "front_magenta",
            "front_cyan",
            "front_black",
            "front_uv",
            "front_pearl",
        ],
    },
    Station {
        key: "station-hologram",
        x: 730,
        phases: &["to_hologram", "hologram"],
    },
    Station {
        key: "station-check",
        x: 890,
        phases: &["check", "eject"],
    },
];

/// Where head and flipper stand in the picture. The front is printed under the head, too.
const HEAD: u32 = 410;
const FLIPPER: u32 = 570;

/// How a station stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Far {
    Ahead,
    Now,
    Done,
    Stopped,
}

struct Seen {
    far: Far,
    planned_ms: u32,
    /// Time taken by what is done.
    actual_ms: u32,
}

fn look(station: &Station, snapshot: &Snapshot) -> Seen {
    let own = |phase: &&Phase| station.phases.contains(&phase.name);
    let phases: Vec<&Phase> = snapshot.phases.iter().filter(own).collect();
    let done = |phase: &&Phase| matches!(phase.state, PhaseState::Done { .. });
    let any = |state| phases.iter().any(|phase| phase.state == state);
    let far = if any(PhaseState::Stopped) {
        Far::Stopped
    } else if !phases.is_empty() && phases.iter().all(&done) {
        Far::Done
    } else if any(PhaseState::Underway) || phases.iter().any(done) {
        Far::Now
    } else {
        Far::Ahead
    };
    let taken = phases.iter().map(|phase| match phase.state {
        PhaseState::Done { actual_ms } => actual_ms,
        PhaseState::Ahead | PhaseState::Underway | PhaseState::Stopped => 0,
    });
    Seen {
        far,
        planned_ms: phases.iter().map(|phase| phase.planned_ms).sum(),
        actual_ms: taken.sum(),
    }
}

/// The station at which the card is, from 1, and how many there are.
pub(super) fn place(snapshot: &Snapshot) -> (usize, usize) {
    let at = STATIONS
        .iter()
        .position(|station| matches!(look(station, snapshot).far, Far::Now | Far::Stopped));
    let done = STATIONS
        .iter()
        .filter(|station| look(station, snapshot).far == Far::Done)
        .count();
    (at.map_or(done.max(1), |at| at + 1).min(6), STATIONS.len())
}

/// The six stations: what is done with its time, what is being done, what is ahead.
pub(super) fn strip(view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let snapshot = &view.state.snapshot;
    html! {
        ol.stations {
            @for station in &STATIONS {
                @let seen = look(station, snapshot);
                li class=(class(seen.far)) aria-current=[(seen.far == Far::Now).then_some("step")] {
                    b { (mark(seen.far)) " " (lang.say(station.key)) }
                    span { (time_of(&seen, lang)) }
                }
            }
        }
    }
}

fn time_of(seen: &Seen, lang: Lang) -> String {
    match seen.far {
        Far::Done => lang.tell("took", &[("seconds", &seconds(seen.actual_ms))]),
        Far::Now => lang.say("under-way"),
        Far::Stopped => lang.say("stopped"),
        Far::Ahead => lang.tell("planned", &[("seconds", &seconds(seen.planned_ms))]),
    }
}

fn class(far: Far) -> &'static str {
    match far {
        Far::Ahead => "ahead",
        Far::Now => "now",
        Far::Done => "done",
        Far::Stopped => "halted",
    }
}

fn mark(far: Far) -> &'static str {
    match far {
        Far::Ahead => "–",
        Far::Now => "▶",
        Far::Done => "✓",
        Far::Stopped => "■",
    }
}

/// The machine from the side, with the card where the plan has it now.
pub(super) fn picture(view: &View<'_>) -> Markup {
    let snapshot = &view.state.snapshot;
    let (at, _) = place(snapshot);
    let begun = snapshot
        .phases
        .iter()
        .any(|phase| phase.state != PhaseState::Ahead);
    let out = snapshot.finished_ms.is_some();
    let printing = snapshot
        .underway()
        .is_some_and(|(_, phase)| phase.name.starts_with("front_"));
    let x = if out {
        1010
    } else if printing {
        HEAD
    } else if begun {
        STATIONS.get(at - 1).map_or(90, |station| station.x)
    } else {
        20
    };
    drawing(view.viewer.lang, Some(x), &[], None)
}

/// The machine with the place of a stop: where its sensors see a card, else where the hand is needed.
pub(super) fn of_stop(stop: &Stop, lang: Lang) -> Option<Markup> {
    let seen = stop.standing.as_ref().and_then(|one| one.seen.as_ref());
    let seen: Vec<u32> = seen
        .iter()
        .flat_map(|seen| seen.spots.iter().map(|spot| x_of(*spot)))
        .collect();
    if !seen.is_empty() {
        return Some(drawing(lang, None, &seen, None));
    }
    let x = match zone_of(stop.code)? {
        "hopper" | "feeder" => 90,
        "encoder" => 250,
        "head" => HEAD,
        "flipper" => FLIPPER,
        "hologram" => 730,
        "check" => 890,
        "exit" => 1010,
        _ => return None,
    };
    Some(drawing(lang, None, &[], Some(x)))
}

fn x_of(spot: Spot) -> u32 {
    match spot {
        Spot::Feeder => 90,
        Spot::Encoder => 250,
        Spot::Head => HEAD,
        Spot::FlipperFront | Spot::FlipperBack | Spot::FlipperBetween => FLIPPER,
        Spot::Hologram => 730,
        Spot::Check => 890,
        Spot::Exit => 1010,
    }
}

/// `card`: where the card is by the plan; `marks`: where sensors see one; `hand`: where to reach in.
fn drawing(lang: Lang, card: Option<u32>, marks: &[u32], hand: Option<u32>) -> Markup {
    let label = lang.say("machine");
    let parts = [
        (90, "place-feeder"),
        (250, "place-encoder"),
        (410, "place-head"),
        (570, "place-flipper"),
        (730, "place-hologram"),
        (890, "place-check"),
        (1010, "place-exit"),
    ];
    html! {
        svg.machine viewBox="0 0 1100 150" role="img" aria-label=(label) {
            rect.body x="30" y="8" width="950" height="96" rx="10" {}
            line.way x1="20" y1="70" x2="1070" y2="70" {}
            @for (x, key) in parts {
                @let name = lang.say(key);
                circle.spot cx=(x) cy="70" r="7" {}
                text x=(x) y="136" text-anchor="middle" { (name) }
            }
            @if let Some(x) = card {
                rect.card x=(x - 44.min(x)) y="54" width="88" height="32" rx="5" {}
            }
            // The knob of the flipper turns by hand what is stuck in it.
            @if marks.contains(&FLIPPER) || hand == Some(FLIPPER) {
                circle.knob cx=(FLIPPER + 66) cy="104" r="13" {}
                path.knob d=(format!("M{} 104h14", FLIPPER + 59)) {}
            }
            @if let Some(x) = hand {
                rect.reach x=(x - 44) y="54" width="88" height="32" rx="5" {}
                text.here x=(x) y="40" text-anchor="middle" { "▼" }
            }
            @for x in marks {
                rect.found x=(x - 44) y="54" width="88" height="32" rx="5" {}
                text.here x=(x) y="40" text-anchor="middle" { "▼" }
            }
        }
    }
}

/// The forty seconds: time run, the plan's end, the limit. Never runs backwards.
pub(super) fn bar(view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let snapshot = &view.state.snapshot;
    let elapsed = snapshot.finished_ms.or(snapshot.elapsed_ms).unwrap_or(0);
    let running = snapshot.elapsed_ms.is_some() && snapshot.finished_ms.is_none();
    let limit = snapshot.limit_ms.max(1);
    let planned: u32 = snapshot.phases.iter().map(|phase| phase.planned_ms).sum();
    // The bar ends a tenth beyond the limit, so that what is over it is seen.
    let scale = |ms: u32| (1000.0 * f64::from(ms) / (1.1 * f64::from(limit))).min(1000.0);
    let at = |ms: u32| format!("{:.0}", scale(ms));
    html! {
        svg.bar viewBox="0 0 1000 60" role="img" preserveAspectRatio="none"
            aria-label=(lang.tell("elapsed", &[("seconds", &seconds(elapsed))])) {
            rect.ground x="0" y="8" width="1000" height="26" {}
            rect.run x="0" y="8" height="26" width=(at(elapsed))
                data-run=[running.then(|| elapsed.to_string())] data-full=(limit * 11 / 10) {}
            line.plan x1=(at(planned)) x2=(at(planned)) y1="2" y2="40" {}
            line.limit x1=(at(limit)) x2=(at(limit)) y1="2" y2="40" {}
        }
        p.scale {
            span.elapsed {
                (lang.say("elapsed-word")) " "
                b data-clock=[running.then(|| elapsed.to_string())] { (seconds(elapsed)) }
                " " (lang.say("s"))
            }
            span { (lang.tell("plan-and-limit", &[("plan", &seconds(planned)), ("limit", &(limit / 1000).to_string())])) }
        }
    }
}
