//! Who is signed in at which browser: a small store in memory. Time and chance are parameters.
//! A browser holds a random id and nothing else.

use std::collections::HashMap;
use std::time::Duration;

use super::words::Lang;
use crate::fault::Signed;

/// No more browsers than this are remembered; the one that was silent longest is forgotten.
const MOST: usize = 64;
/// A browser at which nobody signs in is forgotten after this time.
const NOBODY_FOR: Duration = Duration::from_secs(15 * 60);

/// 256 bits of chance, in hexadecimal digits.
pub(super) type Id = String;

/// One browser.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Session {
    /// Who is signed in.
    pub(super) person: Option<Signed>,
    /// Bound into every form of this browser.
    pub(super) csrf: String,
    /// In which language it is spoken to.
    pub(super) lang: Lang,
    /// Large type.
    pub(super) large: bool,
    /// Sounds.
    pub(super) sound: bool,
    /// When a person last did something, since the program began.
    pub(super) seen: Duration,
    /// Since when it is locked.
    pub(super) locked: bool,
}

/// How long a browser has been left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Idle {
    /// Not long.
    Active,
    /// It is locked soon.
    Warned,
    /// It is locked.
    Locked,
}

/// Every browser.
#[derive(Debug)]
pub(super) struct Sessions {
    all: HashMap<Id, Session>,
    lock_after: Duration,
}

/// So long before the lock a person is warned.
const WARNING: Duration = Duration::from_secs(20);

impl Sessions {
    /// None yet.
    pub(super) fn new(lock_after: Duration) -> Sessions {
        Sessions {
            all: HashMap::new(),
            lock_after,
        }
    }

    /// A browser that nobody signed in at.
    pub(super) fn begin(&mut self, id: Id, csrf: String, lang: Lang, now: Duration) -> Session {
        self.all.retain(|_, session| {
            session.person.is_some() || now.saturating_sub(session.seen) < NOBODY_FOR
        });
        while self.all.len() >= MOST {
            let silent = self.all.iter().min_by_key(|(_, session)| session.seen);
            let Some(id) = silent.map(|(id, _)| id.clone()) else {
                break;
            };
            self.all.remove(&id);
        }
        let session = Session {
            person: None,
            csrf,
            lang,
            large: false,
            sound: false,
            seen: now,
            locked: false,
        };
        self.all.insert(id, session.clone());
        session
    }

    /// A person signed in: the browser gets another id, so that the old one is worth nothing.
    pub(super) fn sign_in(
        &mut self,
        old: &str,
        new: Id,
        csrf: String,
        person: Signed,
        now: Duration,
    ) {
        let before = self.all.remove(old);
        let (lang, large, sound) = before.map_or((Lang::default(), false, false), |session| {
            (session.lang, session.large, session.sound)
        });
        self.all.insert(
            new,
            Session {
                person: Some(person),
                csrf,
                lang,
                large,
                sound,
                seen: now,
                locked: false,
            },
        );
    }

    /// The person left; how the browser is spoken to stays.
    pub(super) fn sign_out(&mut self, id: &str) {
        if let Some(session) = self.all.get_mut(id) {
            session.person = None;
            session.locked = false;
        }
    }

    /// The browser of this id, locked if it was left alone.
    pub(super) fn get(&mut self, id: &str, now: Duration) -> Option<Session> {
        let lock_after = self.lock_after;
        let session = self.all.get_mut(id)?;
        if session.person.is_some() && now.saturating_sub(session.seen) >= lock_after {
            session.locked = true;
        }
        Some(session.clone())
    }

    /// A person did something there.
    pub(super) fn touch(&mut self, id: &str, now: Duration) {
        if let Some(session) = self.all.get_mut(id).filter(|session| !session.locked) {
            session.seen = now;
        }
    }

    /// Changes how the browser is spoken to.
    pub(super) fn set(&mut self, id: &str, change: impl FnOnce(&mut Session)) {
        if let Some(session) = self.all.get_mut(id) {
            change(session);
        }
    }

    /// How long this browser has been left alone.
    pub(super) fn idle(&self, session: &Session, now: Duration) -> Idle {
        let alone = now.saturating_sub(session.seen);
        if session.person.is_none() {
            Idle::Active
        } else if session.locked || alone >= self.lock_after {
            Idle::Locked
        } else if alone + WARNING >= self.lock_after {
            Idle::Warned
        } else {
            Idle::Active
        }
    }

    /// Whether anybody who may see a holder's data is signed in.
    pub(super) fn anybody(&self) -> bool {
        self.all.values().any(|session| session.person.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Role;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn signed() -> Signed {
        Signed {
            person: "a.mihon".into(),
            role: Role::Clerk,
        }
    }

    fn sessions() -> Sessions {
        let mut sessions = Sessions::new(at(120));
        sessions.begin("old".into(), "c1".into(), Lang::En, at(0));
        sessions.sign_in("old", "new".into(), "c2".into(), signed(), at(1));
        sessions
    }

    #[test]
    fn signing_in_makes_the_old_id_worthless_and_keeps_the_language() {
        let mut sessions = sessions();
        assert_eq!(sessions.get("old", at(1)), None);
        let session = sessions.get("new", at(1)).expect("a session");
        assert_eq!((session.lang, session.csrf.as_str()), (Lang::En, "c2"));
    }

    #[test]
    fn a_browser_left_alone_is_warned_then_locked_and_no_touch_unlocks_it() {
        let mut sessions = sessions();
        let idle = |sessions: &mut Sessions, s| {
            let session = sessions.get("new", at(s)).expect("a session");
            sessions.idle(&session, at(s))
        };
        assert_eq!(idle(&mut sessions, 100), Idle::Active);
        assert_eq!(idle(&mut sessions, 102), Idle::Warned);
        sessions.touch("new", at(110));
        assert_eq!(idle(&mut sessions, 112), Idle::Active);
        assert_eq!(idle(&mut sessions, 231), Idle::Locked);
        sessions.touch("new", at(232));
        assert_eq!(idle(&mut sessions, 233), Idle::Locked);
    }

    #[test]
    fn browsers_without_a_person_cannot_fill_the_store() {
        let mut sessions = sessions();
        for n in 0..200 {
            sessions.begin(format!("b{n}"), String::new(), Lang::Ja, at(2 + n));
        }
        assert!(sessions.all.len() <= MOST);
        sessions.begin("late".into(), String::new(), Lang::Ja, at(2000));
        // The one who signed in is locked by then, and still known.
        assert!(sessions.all.len() <= 2);
    }
}
