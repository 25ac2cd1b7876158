//! What a browser watches: whole regions of its screen, whenever they change. Losing an event
//! costs nothing, because the next one carries the whole region.

use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::handle::{Caller, counter, home_of, pairs};
use super::house::House;
use super::routes::Route;
use super::screens::{Page, View, Viewer, main, regions, screen};
use crate::people::People;

/// A screen that hears nothing for longer than three of these knows that it is alone.
const BEAT: Duration = Duration::from_secs(1);

/// The stream of one browser's screen. It ends when the browser goes away.
pub(super) fn stream(house: Arc<House>, caller: &Caller) -> Response {
    let (sender, receiver) = mpsc::channel(8);
    let asked = pairs(caller.uri.query().unwrap_or_default());
    let find = |name| {
        let pair = asked.iter().find(|(key, _)| key == name);
        pair.map(|(_, value)| value.clone())
    };
    let at = find("at");
    let mut watched = Watched {
        id: caller.id.clone(),
        viewer: caller.viewer(),
        at: at.unwrap_or_default(),
        shown: None,
        drawn_at: find("seen").and_then(|seen| seen.parse().ok()),
        sent: Vec::new(),
    };
    let (path, query) = watched.at.split_once('?').unwrap_or((&watched.at, ""));
    let (path, query) = (path.to_owned(), pairs(query));
    watched.at = path;
    watched.viewer.query = query;
    tokio::spawn(async move { watched.run(&house, &sender).await });
    Sse::new(ReceiverStream::new(receiver)).into_response()
}

type Sent = Result<Event, std::convert::Infallible>;

struct Watched {
    id: String,
    viewer: Viewer,
    /// The address that the browser shows.
    at: String,
    /// The page last sent, with who saw it and in which turn.
    shown: Option<(Page, String)>,
    /// After how many changes the page that watches was drawn.
    drawn_at: Option<u64>,
    /// Each region as last sent.
    sent: Vec<(&'static str, String)>,
}

impl Watched {
    async fn run(mut self, house: &Arc<House>, sender: &mpsc::Sender<Sent>) {
        let mut changes = house.watch();
        let mut beat = tokio::time::interval(BEAT);
        loop {
            changes.mark_unchanged();
            if !self.refresh(house).await {
                return;
            }
            let events = self.render(house);
            // The page that asks was drawn from this very state: it needs nothing yet.
            let known = self.drawn_at.take() == Some(*changes.borrow());
            for event in events.into_iter().filter(|_| !known) {
                if sender.send(Ok(event)).await.is_err() {
                    return;
                }
            }
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return },
                _ = beat.tick() => {
                    let event = Event::default().event("beat").data("1");
                    if sender.send(Ok(event)).await.is_err() { return }
                }
            }
        }
    }

    /// Who looks now; false when the browser's id is worth nothing any more.
    async fn refresh(&mut self, house: &Arc<House>) -> bool {
        let Some((session, idle)) = house.browser(&self.id) else {
            return false;
        };
        self.viewer.idle = idle;
        self.viewer.person = session.person;
        self.viewer.lang = session.lang;
        self.viewer.large = session.large;
        self.viewer.sound = session.sound;
        let asked = house.read(|state| state.approval.is_some());
        let needed = self.viewer.person.is_none() || asked;
        if needed && self.viewer.people.is_empty() {
            let file = house.people_file.clone();
            let list = move || People::open(&file).and_then(|people| people.list());
            if let Ok(Ok(mut people)) = tokio::task::spawn_blocking(list).await {
                people.sort_by_key(|person| person.role);
                self.viewer.people = people;
            }
        }
        true
    }

    /// What changed since the last time.
    fn render(&mut self, house: &Arc<House>) -> Vec<Event> {
        house.read(|state| {
            let counter = counter(house);
            let view = View {
                state,
                viewer: &self.viewer,
                counter: &counter,
                now: Timestamp::now(),
            };
            let home = home_of(&view);
            let free = Route::free_page(&self.at).filter(|(route, page)| {
                let person = self.viewer.person.is_some();
                let role = self.viewer.role();
                let fits = page.fits(state) && home != Page::Locked;
                person && fits && role.is_some_and(|role| route.is_for(role))
            });
            let page = free.map_or(home, |(_, page)| page);
            let drawn = screen(page, &view);
            let whole = (page, drawn.page.path(state));
            let mut parts: Vec<(&'static str, String)> = regions(&drawn, &view)
                .into_iter()
                .chain(drawn.regions.iter().map(|region| super::screens::Region {
                    id: region.id,
                    body: region.body.clone(),
                }))
                .map(|region| (region.id, region.body.into_string()))
                .collect();
            let same_shape = self.shown.as_ref() == Some(&whole)
                && self
                    .sent
                    .iter()
                    .map(|(id, _)| id)
                    .eq(parts.iter().map(|(id, _)| id));
            let events = if same_shape {
                let changed = parts.iter().zip(&self.sent).filter(|(new, old)| new != old);
                changed
                    .map(|((id, html), _)| Event::default().event("region").id(*id).data(html))
                    .collect()
            } else {
                let html = main(&drawn, &view).into_string();
                vec![Event::default().event("screen").data(html)]
            };
            self.shown = Some(whole);
            std::mem::swap(&mut self.sent, &mut parts);
            events
        })
    }
}
