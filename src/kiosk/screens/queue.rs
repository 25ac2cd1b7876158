//! The jobs that wait at this office. Names nobody: the next holder stands beside the counter.

use jiff::Timestamp;
use maud::{Markup, html};

use super::parts::{clock, ids, number};
use super::{Page, Region, Screen, View, supplies};
use crate::kiosk::words::Lang;
use crate::product::OldCardRule;
use crate::station::agenda::Waiting;

/// Rows of one page: no scrolling beside acts.
const ROWS: usize = 5;

/// The queue.
pub(super) fn screen(view: &View<'_>) -> Screen {
    Screen {
        page: Page::Queue,
        title: title(view),
        regions: vec![
            Region::new("lead", lead(view)),
            Region::new("search", search(view)),
            Region::new("rows", rows(view)),
        ],
    }
}

/// Says that cards can be made only where the authority answers.
fn title(view: &View<'_>) -> String {
    view.viewer.lang.say(match view.state.agenda.unheard {
        Some(_) => "queue-title-offline",
        None => "queue-title",
    })
}

fn lead(view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let agenda = &view.state.agenda;
    html! {
        h1 tabindex="-1" { (title(view)) }
        @match agenda.unheard {
            Some(code) => p.bad role="status" {
                b { "■ " (lang.of(&code.fault().what)) }
                " " (lang.say("offline-queue")) " " small { (code.name()) }
            },
            None => p role="status" {
                (lang.tell("ready-line", &[("count", &agenda.waiting.len().to_string())]))
            },
        }
    }
}

fn search(view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let find = view.viewer.asked("find").unwrap_or_default();
    html! {
        form #find-form method="get" action="/queue" role="search" {
            label for="find" { (lang.say("find")) }
            input #find name="find" value=(find) inputmode="numeric" maxlength="16"
                placeholder="2026-000123" autocomplete="off";
            button #find-go.other { (lang.say("find-go")) }
            @if !find.is_empty() { a #find-all.quiet href="/queue" { (lang.say("find-all")) } }
        }
    }
}

fn rows(view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let find = view
        .viewer
        .asked("find")
        .unwrap_or_default()
        .trim()
        .to_owned();
    let all = &view.state.agenda.waiting;
    let found: Vec<&Waiting> = all
        .iter()
        .filter(|job| job.reception.contains(&find))
        .collect();
    if found.is_empty() {
        return html! {
            p.empty { (empty(view, &find)) }
            div.below { (supplies::entrance(view)) }
        };
    }
    let pages = found.len().div_ceil(ROWS);
    let asked = view.viewer.asked("page").and_then(|page| page.parse().ok());
    let page = asked.unwrap_or(1).clamp(1, pages);
    let shown = found.iter().skip((page - 1) * ROWS).take(ROWS);
    let to = |page: usize| format!("/queue?find={}&page={page}", plain(&find));
    html! {
        table {
            thead {
                tr {
                    th scope="col" { (lang.say("reception")) }
                    th scope="col" { (lang.say("ground")) }
                    th scope="col" { (lang.say("old-card")) }
                    th scope="col" { (lang.say("waiting")) }
                    th scope="col" { span.unseen { (lang.say("choose")) } }
                }
            }
            tbody { @for (at, job) in shown.enumerate() { (row(job, at, view)) } }
        }
        div.below {
            @if pages > 1 {
                nav.pages aria-label=(lang.say("pages")) {
                    @if page > 1 { a #page-before.other href=(to(page - 1)) { "‹ " (lang.say("before")) } }
                    span { (page) "／" (pages) }
                    @if page < pages { a #page-next.other href=(to(page + 1)) { (lang.say("next-page")) " ›" } }
                }
            }
            (supplies::entrance(view))
        }
    }
}

/// What of a searched text may stand in an address.
pub(super) fn plain(find: &str) -> String {
    find.chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect()
}

fn row(job: &Waiting, at: usize, view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let old = match job.old_card {
        OldCardRule::NotRequired => lang.say("old-short-none"),
        OldCardRule::Return => lang.say("old-short-return"),
        OldCardRule::DeclaredLost => lang.say("old-short-lost"),
    };
    let label = lang.tell("choose-job", &[("reception", &job.reception)]);
    html! {
        tr {
            th scope="row" { (number(&job.reception)) }
            td { (lang.pick(job.ground.ja(), job.ground.en())) }
            td { (old) }
            td { (waited(job.since, view.now, lang)) }
            td {
                form.act method="post" action="/queue/open" {
                    (ids(view))
                    input type="hidden" name="job" value=(job.job);
                    button.other id=(format!("job-{}", job.reception))
                        data-key=(format!("F{}", 5 + at)) {
                        span aria-hidden="true" { (lang.say("choose")) }
                        span.unseen { (label) }
                        kbd aria-hidden="true" { "F" (5 + at) }
                    }
                }
            }
        }
    }
}

fn waited(since: Timestamp, now: Timestamp, lang: Lang) -> String {
    let minutes = now.as_second().saturating_sub(since.as_second()).max(0) / 60;
    if minutes < 60 {
        lang.tell("minutes", &[("n", &minutes.to_string())])
    } else if minutes < 60 * 24 {
        lang.tell("hours", &[("n", &(minutes / 60).to_string())])
    } else {
        lang.tell("days", &[("n", &(minutes / 60 / 24).to_string())])
    }
}

fn empty(view: &View<'_>, find: &str) -> String {
    let lang = view.viewer.lang;
    if find.is_empty() {
        let time = clock(view.state.agenda.at, true);
        lang.tell("queue-empty", &[("time", &time)])
    } else {
        lang.tell("none-found", &[("find", find)])
    }
}
