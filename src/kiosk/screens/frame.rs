//! The frame of every page: header, footer, what the script needs, and one screen in its middle.

use maud::{DOCTYPE, Markup, html};

use super::parts::{clock, ids};
use super::queue::plain;
use super::{Notice, Page, Region, Screen, View, Viewer};
use crate::fault::{Role, Words};
use crate::kiosk::session::Idle;
use crate::kiosk::words::Lang;

/// A whole page.
pub(in crate::kiosk) fn page(screen: &Screen, view: &View<'_>) -> Markup {
    let Viewer {
        lang, large, sound, ..
    } = view.viewer;
    html! {
        (DOCTYPE)
        html lang=(lang.tag()) class=[large.then_some("large")] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (screen.title) " – " (view.counter.station) }
                link rel="stylesheet" href="/assets/kiosk.css";
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                script src="/assets/kiosk.js" defer {}
            }
            body data-seen=(view.viewer.seen) data-csrf=(view.viewer.csrf) data-sound=(if *sound { "on" } else { "off" })
                data-lost=(lang.say("lost")) data-back=(lang.say("lost-back")) {
                (main(screen, view))
                div #lost role="alert" hidden { p { (lang.say("lost")) } }
            }
        }
    }
}

/// The screen with header and footer: what a live update replaces as a whole.
pub(in crate::kiosk) fn main(screen: &Screen, view: &View<'_>) -> Markup {
    html! {
        div #app data-page=(screen.page.name()) data-path=(screen.page.path(view.state))
            data-title=(format!("{} – {}", screen.title, view.counter.station)) {
            header #head { (head(screen, view)) }
            (main_of(screen, view))
            footer #foot { (foot(view)) }
        }
    }
}

fn main_of(screen: &Screen, view: &View<'_>) -> Markup {
    html! {
        main {
            div #notice { (notice(view)) }
            div #screen class=(screen.page.name()) {
                @for region in &screen.regions {
                    section id=(region.id) { (region.body) }
                }
            }
        }
    }
}

/// Every region that may change by itself, the frame's own among them.
pub(in crate::kiosk) fn regions(screen: &Screen, view: &View<'_>) -> Vec<Region> {
    vec![
        Region::new("head", head(screen, view)),
        Region::new("notice", notice(view)),
        Region::new("foot", foot(view)),
    ]
}

fn head(screen: &Screen, view: &View<'_>) -> Markup {
    let viewer = view.viewer;
    let lang = viewer.lang;
    let other = lang.pick(Lang::En, Lang::Ja);
    html! {
        p.counter {
            b { (lang.say("product")) } " " span.station { (view.counter.station) }
        }
        p.who {
            @if let Some(person) = &viewer.person {
                (lang.pick(person.role.name_ja(), person.role.name())) " " b { (person.person) }
            }
        }
        p.time { (clock(view.now, false)) }
        form method="post" action="/view" {
            (ids(view))
            @if screen.page.is_free() { input type="hidden" name="back" value=(here(screen, view)); }
            button #lang.bar name="lang" value=(other.tag()) lang=(other.tag()) data-key="F2" {
                (lang.pick("English", "日本語"))
            }
            button #large.bar name="large" value=(if viewer.large { "off" } else { "on" })
                aria-pressed=(viewer.large) data-key="F3" { (lang.say("large")) }
            button #sound.bar name="sound" value=(if viewer.sound { "off" } else { "on" })
                aria-pressed=(viewer.sound) { (lang.say("sound")) }
        }
        @if screen.page != Page::Help {
            a #help.bar href="/help" data-key="?" { (lang.say("help")) }
        }
        @if viewer.person.is_some() {
            form method="post" action="/sign-out" {
                (ids(view))
                button #sign-out.bar { (lang.say("sign-out")) }
            }
        }
    }
}

/// The address of a page that a person chose, with what it was asked for.
fn here(screen: &Screen, view: &View<'_>) -> String {
    let asked = view.viewer.query.iter();
    let asked: Vec<String> = asked
        .map(|(name, value)| format!("{}={}", plain(name), plain(value)))
        .collect();
    let path = screen.page.path(view.state);
    if asked.is_empty() {
        path
    } else {
        format!("{path}?{}", asked.join("&"))
    }
}

fn foot(view: &View<'_>) -> Markup {
    let lang = view.viewer.lang;
    let left = view.state.agenda.left;
    let supply = |key: &str, left: Option<i64>| {
        html! {
            li {
                (lang.say(key)) " "
                @match left {
                    Some(left) if left > 0 => b { (left) },
                    Some(left) => b.bad { "■ " (left) },
                    None => b { "—" },
                }
            }
        }
    };
    html! {
        ul {
            (supply("ribbon", left.ribbon))
            (supply("blanks", left.blanks))
            (supply("patches", left.patches))
            li {
                (lang.say("authority")) " "
                @match view.state.agenda.unheard {
                    None => b { (lang.say("connected")) },
                    Some(code) => b.bad { "■ " (lang.say("unconnected")) " " (code.name()) },
                }
            }
            li.at { (lang.tell("as-of", &[("time", &clock(view.state.agenda.at, true))])) }
        }
    }
}

/// What is said above the screen: what the last try came to, and that the browser locks soon.
fn notice(view: &View<'_>) -> Markup {
    let viewer = view.viewer;
    let said = viewer
        .notice
        .as_ref()
        .map(|notice| said(notice, viewer.lang));
    html! {
        @if let Some(said) = said {
            p.banner role="alert" { (said) }
        }
        @if let Some(remark) = remark(view) {
            p.banner role="status" { (viewer.lang.of(remark)) }
        }
        @if viewer.idle == Idle::Warned {
            form.banner.warn method="post" action="/stay" data-attention="idle" {
                (ids(view))
                p role="alert" { (viewer.lang.say("idle-warning")) }
                button #stay.other { (viewer.lang.say("stay")) }
            }
        }
    }
}

/// What became of a card while the station went on by itself, for those who work at it.
fn remark<'a>(view: &View<'a>) -> Option<&'a Words> {
    let viewer = view.viewer;
    let counter = matches!(viewer.role(), Some(Role::Clerk | Role::Supervisor));
    let remark = view.state.remark.as_ref();
    remark.filter(|_| counter && viewer.idle != Idle::Locked)
}

fn said(notice: &Notice, lang: Lang) -> String {
    match notice {
        Notice::Stale => lang.say("stale"),
        Notice::WrongPin => lang.say("wrong-pin"),
        Notice::Throttled(seconds) => lang.tell("throttled", &[("seconds", &seconds.to_string())]),
        Notice::BadPerson => lang.say("bad-person"),
        Notice::NoPeople => lang.say("no-people"),
        Notice::NotYours => lang.say("not-yours"),
        Notice::Foreign => lang.say("foreign"),
        Notice::NoPage => lang.say("no-page"),
        Notice::Broken => lang.say("broken"),
    }
}
