//! What each posted act with material does: taken as typed, put right, put before a second person,
//! or given to the worker. Only while no job is open.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::books::{Errand, Next};
use super::entry::{Act, COUNTED, Typed};
use super::handle::Caller;
use super::house::House;
use super::post::{Form, Tell, paper};
use super::routes::{Does, Material};
use super::state::{Approval, Stage, State, Subject};
use crate::fault::Signed;
use crate::record::shift_file;
use crate::station::supplies::Reason;

/// Where acts with material lead, and a second person who does not agree with one.
pub(super) fn way(does: Does, state: &State, form: &Form) -> Option<String> {
    if does == Does::Refuse {
        return state.approval.as_ref()?.subject.path();
    }
    let Does::Material(material) = does else {
        return None;
    };
    match material {
        Material::Look => Some("/supplies".to_owned()),
        Material::Enter => Act::of_name(form.text("act")).map(Act::path),
        Material::Count | Material::Recount | Material::Close => Some("/shift".to_owned()),
    }
}

/// Changes the state; none when the act does not fit it.
pub(super) fn change(does: Does, state: &mut State, person: &Signed, form: &Form) -> Option<Tell> {
    let Does::Material(material) = does else {
        return None;
    };
    let shift = matches!(
        material,
        Material::Count | Material::Recount | Material::Close
    );
    let free = state.stage == Stage::Idle || (state.lies_still() && !shift);
    if !free || state.books.acting() {
        return None;
    }
    let books = &mut state.books;
    let (errand, next) = match material {
        Material::Look => return Some(Tell::Order(books.look())),
        Material::Enter => {
            let act = Act::of_name(form.text("act"))?;
            let typed = Typed::of(act.fields(), |name| form.text(name));
            (Errand::Record(act), books.enter(act, typed, person))
        }
        Material::Count => {
            let typed = Typed::of(&COUNTED, |name| form.text(name));
            (Errand::Compare, books.count(typed))
        }
        Material::Recount => {
            books.compared = None;
            return Some(Tell::Nothing);
        }
        Material::Close => {
            books.compared.as_ref()?;
            let reason = form.text("reason");
            let reason = Reason::ALL.into_iter().find(|why| why.name() == reason);
            let close = books.close(reason).map(Subject::Shift);
            state.approval = close.map(|subject| Approval {
                subject,
                asked_by: person.clone(),
            });
            return Some(Tell::Nothing);
        }
    };
    match next {
        Next::Ask(ask) => return Some(Tell::Order(books.send(errand, ask))),
        Next::Mend => {}
        Next::Second(entry) => {
            state.approval = Some(Approval {
                subject: Subject::Material(entry),
                asked_by: person.clone(),
            });
        }
    }
    Some(Tell::Nothing)
}

/// The report of a closed shift, as it was written beside the journal.
pub(super) async fn report(house: &Arc<House>, caller: &Caller) -> Response {
    let number = caller.uri.path().split('/').nth(2);
    match number.and_then(|number| number.parse().ok()) {
        Some(number) => paper(house, &shift_file(number)).await,
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
