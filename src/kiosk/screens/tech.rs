//! A technician's screen: every order at the left, what came of the last one at the right. Shows
//! nothing of a holder; what the machine lacks is absent, not broken.

use maud::{Markup, PreEscaped, html};

use super::parts::{Button, clock, day, ids, turn};
use super::{Page, Region, Screen, View, tech_chart};
use crate::diag::bundle::File;
use crate::diag::history::{Fault, OUTCOMES, ZONES};
use crate::diag::machine::Logged;
use crate::diag::{Detail, Motor, Reading, Report, State, Value, spoken};
use crate::kiosk::tech::report;
use crate::kiosk::words::Lang;
use crate::station::request::Stop;

/// The orders in the order of their weight: looking, testing, moving.
const GROUPS: [(&str, &[&str]); 3] = [
    (
        "tech-look",
        &[
            "order-sensors",
            "order-counters",
            "order-supplies",
            "order-identity",
            "order-history",
            "order-timing",
            "order-late",
            "order-log",
            "order-bundle",
        ],
    ),
    (
        "tech-test",
        &[
            "order-self-test",
            "order-scanner",
            "order-line",
            "order-encoder",
            "order-desk",
        ],
    ),
    (
        "tech-move",
        &[
            "order-clean",
            "order-test-card",
            "order-pattern",
            "order-clear",
        ],
    ),
];
/// Rows of a table that fit without scrolling; those of stops have three lines.
const ROWS: usize = 9;
const STOPS: usize = 5;

/// The technician's screen.
pub(super) fn screen(view: &View<'_>) -> Screen {
    Screen {
        page: Page::Tech,
        title: view.viewer.lang.say("away-title"),
        regions: vec![
            Region::new("orders", orders(view)),
            Region::new("result", result(view)),
        ],
    }
}

fn orders(view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let tech = &view.state.tech;
    let busy = tech.running.then_some("true");
    html! {
        h1 tabindex="-1" { (lang.say("away-title")) }
        @for (group, names) in GROUPS {
            form method="post" action="/tech/order" {
                (ids(view))
                h2 { (lang.say(group)) }
                div.orders role="group" aria-label=(lang.say(group)) {
                    @for key in names {
                        @let name = key.trim_start_matches("order-");
                        button.other id=(key) name="order" value=(name)
                            aria-current=[(tech.order == Some(name)).then_some("true")]
                            aria-disabled=[busy] aria-describedby=[busy.map(|_| "tech-busy")] {
                            (lang.say(key))
                        }
                    }
                }
            }
        }
        form.motors method="post" action="/tech/order" {
            (ids(view))
            input type="hidden" name="order" value="move";
            label for="motor" { (lang.say("order-move")) }
            select #motor name="motor" {
                @for motor in Motor::ALL {
                    @let (ja, en) = spoken(motor.name());
                    option value=(motor.name()) { (lang.pick(ja, en)) }
                }
            }
            @for (id, way, label) in [("motor-back", "back", "− 50"), ("motor-on", "on", "+ 50")] {
                button.other id=(id) name="way" value=(way) aria-disabled=[busy]
                    aria-describedby=[busy.map(|_| "tech-busy")] { (label) }
            }
        }
    }
}

fn result(view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let tech = &view.state.tech;
    let Some(name) = tech.order else {
        return html! { p.empty { (lang.say("tech-nothing")) } };
    };
    let title = lang.say(&format!("order-{name}"));
    if tech.running {
        return running(view, &title);
    }
    let told = view.state.told.as_deref();
    html! {
        @match (report(told), told) {
            (Some(report), _) => (told_by(report, &title, view)),
            (None, Some(Err(stop))) => (stopped(stop, &title, lang)),
            (None, Some(Ok(_)) | None) => p.empty { (lang.say("tech-nothing")) },
        }
    }
}

fn running(view: &View<'_>, title: &str) -> Markup {
    let lang = view.viewer.lang;
    let live = view.state.snapshot.service.as_ref();
    let doing = live.map(|live| lang.pick(live.japanese.as_str(), live.english.as_str()));
    html! {
        div role="status" { h2 { "▶ " (title) " " (doing.unwrap_or_default()) } }
        @if let Some(percent) = live.and_then(|live| live.percent) { p { (percent) " %" } }
        @if let Some(live) = live { (readings(&live.readings, view)) }
        div.row {
            p #tech-busy { (lang.say("tech-busy")) }
            (Button::other("/tech/halt", "tech-halt", &lang.say("tech-halt")).key("F4").draw(view))
        }
    }
}

/// Why something was not done, with its remedy; of no card.
pub(super) fn stopped(stop: &Stop, title: &str, lang: Lang) -> Markup {
    let notice = stop.notice();
    html! {
        div.notice.error role="alert" {
            h2 { "■ " (title) "： " (lang.of(&notice.what)) }
            @if let Some(detail) = stop.told(lang == Lang::Ja) { p { (detail) } }
            ol.todo { @for step in &notice.todo { li { (lang.of(step)) } } }
            p.code { span.number { (stop.code) } }
        }
    }
}

fn told_by(report: &Report, title: &str, view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let sound = lang.say(if report.sound {
        "tech-sound"
    } else {
        "tech-unsound"
    });
    html! {
        div role="status" {
            @if report.readings.is_empty() { h2 { (title) } }
            @else { h2 { (if report.sound { "✓ " } else { "■ " }) (title) " — " (sound) } }
        }
        (readings(&report.readings, view))
        @match &report.detail {
            Detail::Log(entries) => (log(entries, view)),
            Detail::Faults(faults) if view.state.tech.order == Some("late") => (late(faults, lang)),
            Detail::Faults(faults) => (history(faults, view)),
            Detail::Speeds(_) | Detail::None {} => {},
            Detail::Measured { phases, .. } => {
                @let rows = tech_chart::rows(phases, &view.state.tech.plan, lang == Lang::Ja);
                (times(&rows, lang))
            },
            Detail::Files(files) => (bundle(files, lang)),
        }
    }
}

/// Each reading with its mark, its normal band and where in the band it lies.
fn readings(all: &[Reading], view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    html! {
        @if !all.is_empty() {
            dl #readings.readings data-fold {
                @for one in all {
                    div.outside[one.state == State::Outside] {
                        dt { (mark(one.state)) " " (lang.pick(&one.japanese, &one.english)) }
                        dd {
                            b { (one.shown(lang == Lang::Ja)) }
                            @if let Some(band) = one.band() { " " small { (lang.say("normal")) " " (band) } }
                            @if let (Value::Milli(value), Some(band)) = (&one.value, one.normal) { (gauge(*value, band)) }
                        }
                    }
                }
            }
            (turn(view, "readings"))
            @if let Some(age) = all.iter().filter_map(|one| one.age_ms).max() {
                p.small { (lang.tell("reading-age", &[("seconds", &super::parts::seconds(age))])) }
            }
        }
    }
}

fn mark(state: State) -> &'static str {
    match state {
        State::Normal => "✓",
        State::Outside => "■",
        State::Absent => "—",
        State::Plain => "・",
    }
}

/// A line with its normal band and the value on it; none where the band has no two ends.
fn gauge(value: i64, (low, high): (i64, i64)) -> Markup {
    if low == i64::MIN || high == i64::MAX || high <= low {
        return html! {};
    }
    let width = (high - low) as f64;
    let from = low as f64 - width / 2.0;
    let x = (100.0 * (value as f64 - from) / (2.0 * width)).clamp(1.0, 99.0);
    html! {
        svg.gauge viewBox="0 0 100 10" aria-hidden="true" {
            rect.ground x="0" y="4" width="100" height="2" {}
            rect.normal x="25" y="2" width="50" height="6" {}
            rect.value x=(format!("{:.0}", x - 1.0)) y="0" width="2" height="10" {}
        }
    }
}

/// The rows of the page that the address asks for, and the way to the others.
fn paged<'a, T>(all: &'a [T], each: usize, view: &View<'_>) -> (&'a [T], Markup) {
    let lang = view.viewer.lang;
    let pages = all.len().div_ceil(each).max(1);
    let asked = view.viewer.asked("page").and_then(|page| page.parse().ok());
    let page: usize = asked.unwrap_or(1).clamp(1, pages);
    let from = (page - 1) * each;
    let rows = &all[from..(from + each).min(all.len())];
    let kept: String = ["code", "zone", "outcome"]
        .iter()
        .filter_map(|name| Some((name, view.viewer.asked(name)?)))
        .map(|(name, value)| format!("{name}={}&", super::queue::plain(value)))
        .collect();
    let to = |page: usize| format!("/tech?{kept}page={page}");
    let ways = html! {
        @if pages > 1 {
            nav.pages aria-label=(lang.say("pages")) {
                @if page > 1 { a #page-before.other href=(to(page - 1)) { "‹ " (lang.say("before")) } }
                span { (page) "／" (pages) }
                @if page < pages { a #page-next.other href=(to(page + 1)) { (lang.say("next-page")) " ›" } }
            }
        }
    };
    (rows, ways)
}

fn log(entries: &[Logged], view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let newest: Vec<&Logged> = entries.iter().rev().collect();
    let (rows, ways) = paged(&newest, ROWS, view);
    html! {
        @if entries.is_empty() { p { (lang.say("log-empty")) } } @else {
            table {
                thead { tr {
                    th scope="col" { (lang.say("log-number")) }
                    th scope="col" { (lang.say("log-boot")) }
                    th scope="col" { (lang.say("s")) }
                    th scope="col" { (lang.say("fault-code")) }
                } }
                tbody { @for one in rows { tr {
                    th scope="row" { (one.number) }
                    td { (one.boot) }
                    td { (format!("{:.1}", one.clock_ms as f64 / 1000.0)) }
                    td { (one.code) }
                } } }
            }
            (ways)
        }
    }
}

/// The faults that the journal tells of, newest first, by code, zone and outcome.
fn history(faults: &[Fault], view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let asked = |name: &str| view.viewer.asked(name).filter(|value| !value.is_empty());
    let code = |fault: &Fault| fault.code.map_or("", crate::fault::Code::name);
    let same = |name, is: &str| asked(name).is_none_or(|wanted| wanted.eq_ignore_ascii_case(is));
    let fits = |fault: &&Fault| {
        same("code", code(fault)) && same("zone", fault.zone) && same("outcome", fault.outcome)
    };
    let found: Vec<&Fault> = faults.iter().rev().filter(fits).collect();
    let (rows, ways) = paged(&found, STOPS, view);
    let said = |name: &'static str| lang.pick(spoken(name).0, spoken(name).1);
    let choice = |name: &str, all: &[&'static str]| {
        html! {
            select id=(format!("by-{name}")) name=(name) aria-label=(lang.say(&format!("fault-{name}"))) {
                option value="" { (lang.say(&format!("fault-{name}"))) "：" (lang.say("find-all")) }
                @for value in all { option value=(value) selected[asked(name) == Some(value)] { (said(value)) } }
            }
        }
    };
    let mut codes: Vec<&str> = faults
        .iter()
        .map(code)
        .filter(|code| !code.is_empty())
        .collect();
    codes.sort_unstable();
    codes.dedup();
    html! {
        form.filter method="get" action="/tech" {
            (choice("code", &codes)) (choice("zone", &ZONES)) (choice("outcome", &OUTCOMES))
            button #filter.other { (lang.say("find-go")) }
        }
        @if found.is_empty() { p { (lang.say("faults-none")) } } @else {
            table {
                thead { tr {
                    th scope="col" { (lang.say("fault-at")) }
                    th scope="col" { (lang.say("fault-code")) }
                    th scope="col" { (lang.say("fault-zone")) }
                    th scope="col" { (lang.say("fault-outcome")) }
                } }
                tbody { @for fault in rows { tr {
                    th scope="row" { (day(fault.at)) " " (clock(fault.at, false)) }
                    td {
                        @match (fault.code, &fault.late) {
                            (Some(code), _) => { b { (code.name()) } br; (lang.of(&code.fault().what)) },
                            (None, Some(miss)) => { (tech_chart::name_of(&miss.phase, lang == Lang::Ja)) },
                            (None, None) => {},
                        }
                    }
                    td { (said(fault.zone)) }
                    td { (said(fault.outcome)) }
                } } }
            }
            (ways)
        }
    }
}

/// What was late, by cause.
fn late(faults: &[Fault], lang: Lang) -> Markup {
    let rows = tech_chart::causes(faults, lang == Lang::Ja, &lang.say("late-unknown"));
    let chart = tech_chart::of_causes(&rows);
    html! {
        @if rows.is_empty() { p { (lang.say("late-none")) } } @else {
            div.chart role="img" aria-label=(lang.say("order-late")) { (PreEscaped(chart.unwrap_or_default())) }
            table {
                thead { tr {
                    th scope="col" { "#" } th scope="col" { (lang.say("late-why")) } th scope="col" { (lang.say("late-times")) }
                } }
                tbody { @for (at, (why, times)) in rows.iter().enumerate() { tr {
                    th scope="row" { (at + 1) } td { (why) } td { (times) }
                } } }
            }
        }
    }
}

/// The times of the phases over the last cards: a plot, and the figures beside it.
fn times(rows: &[tech_chart::Row], lang: Lang) -> Markup {
    let chart = tech_chart::of_times(rows);
    let s = super::parts::seconds;
    html! {
        @if rows.is_empty() { p { (lang.say("times-none")) } } @else {
            div.chart role="img" aria-label=(lang.say("order-timing")) { (PreEscaped(chart.unwrap_or_default())) }
            p.small { (lang.say("times-legend")) }
            div.times {
                @for half in rows.chunks(rows.len().div_ceil(2)) {
                    table {
                        thead { tr {
                            th scope="col" { "#" } th scope="col" { (lang.say("times-phase")) }
                            th scope="col" { (lang.say("times-plan")) } th scope="col" { "p50" }
                            th scope="col" { "p95" } th scope="col" { "n" }
                        } }
                        tbody { @for row in half { tr {
                            th scope="row" { (row.at) } td { (row.name) }
                            td { (row.planned_ms.map_or("—".to_owned(), s)) }
                            td { (s(row.p50_ms)) } td { (s(row.p95_ms)) } td { (row.count) }
                        } } }
                    }
                }
            }
        }
    }
}

/// What a bundle holds, before it is taken away.
fn bundle(files: &[File], lang: Lang) -> Markup {
    html! {
        p { (lang.say("bundle-says")) }
        table {
            thead { tr {
                th scope="col" { (lang.say("bundle-file")) }
                th scope="col" { (lang.say("bundle-what")) }
                th scope="col" { (lang.say("bundle-bytes")) }
            } }
            tbody { @for file in files { tr {
                th scope="row" { (file.name) } td { (lang.pick(file.japanese, file.english)) } td { (file.bytes) }
            } } }
        }
        p { a #bundle-save.other href="/tech/bundle.tar" download="service-bundle.tar" { (lang.say("bundle-save")) } }
    }
}
