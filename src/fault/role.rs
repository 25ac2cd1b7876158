//! Who may decide: roles, one signature, two signatures. Knows no PIN and no storage.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a person is here for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// 窓口係: issues and hands over.
    Clerk,
    /// 監督者: the second pair of eyes; waives, withdraws, confirms.
    Supervisor,
    /// 技術者: mends the machine, sees no holder's data.
    Technician,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 3] = [Role::Clerk, Role::Supervisor, Role::Technician];

    /// The word in commands and records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Role::Clerk => "clerk",
            Role::Supervisor => "supervisor",
            Role::Technician => "technician",
        }
    }

    /// The word on the screen, Japanese.
    #[must_use]
    pub fn name_ja(self) -> &'static str {
        match self {
            Role::Clerk => "窓口係",
            Role::Supervisor => "監督者",
            Role::Technician => "技術者",
        }
    }

    /// The role with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// A person who proved who they are: what a decision is signed with. Made by
/// `people::People::authenticate`, or read back from the journal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// The person's id, never a name.
    pub person: String,
    /// The role in which they signed.
    pub role: Role,
}

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.person, self.role.name())
    }
}

/// Two different persons, at least one of them a supervisor (invariant I-22).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Pair", into = "Pair")]
pub struct TwoPersons {
    first: Signed,
    second: Signed,
}

/// Why two signatures do not make a decision of two persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTwo {
    /// The same person signed twice.
    #[error("both signatures are of the same person")]
    SamePerson,
    /// Neither of them is a supervisor.
    #[error("neither of the two persons is a supervisor")]
    NoSupervisor,
}

impl TwoPersons {
    /// Joins two signatures.
    ///
    /// # Errors
    /// The same person twice, or no supervisor among them.
    pub fn new(first: Signed, second: Signed) -> Result<TwoPersons, NotTwo> {
        if first.person == second.person {
            return Err(NotTwo::SamePerson);
        }
        if first.role != Role::Supervisor && second.role != Role::Supervisor {
            return Err(NotTwo::NoSupervisor);
        }
        Ok(TwoPersons { first, second })
    }

    /// Who signed first.
    #[must_use]
    pub fn first(&self) -> &Signed {
        &self.first
    }

    /// Who signed second.
    #[must_use]
    pub fn second(&self) -> &Signed {
        &self.second
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    first: Signed,
    second: Signed,
}

impl TryFrom<Pair> for TwoPersons {
    type Error = NotTwo;
    fn try_from(pair: Pair) -> Result<Self, NotTwo> {
        TwoPersons::new(pair.first, pair.second)
    }
}

impl From<TwoPersons> for Pair {
    fn from(two: TwoPersons) -> Pair {
        Pair {
            first: two.first,
            second: two.second,
        }
    }
}

/// The hand under a decision: one person or two.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// One person.
    One(Signed),
    /// Two different persons, one a supervisor.
    Two(TwoPersons),
}

impl By {
    /// Whether a supervisor is among them.
    #[must_use]
    pub fn supervised(&self) -> bool {
        match self {
            By::One(one) => one.role == Role::Supervisor,
            By::Two(_) => true,
        }
    }

    /// Whether somebody of one of these roles is among them.
    #[must_use]
    pub fn any_of(&self, roles: &[Role]) -> bool {
        match self {
            By::One(one) => roles.contains(&one.role),
            By::Two(two) => roles.contains(&two.first.role) || roles.contains(&two.second.role),
        }
    }
}

/// The hands that a decision needs, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hands {
    /// Whoever is signed in.
    Anyone,
    /// A clerk or a supervisor: not a technician alone.
    Counter,
    /// A supervisor.
    Supervisor,
    /// Two persons, one of them a supervisor.
    Two,
}

impl Hands {
    /// Whether these are such hands.
    #[must_use]
    pub fn are(self, by: &By) -> bool {
        match self {
            Hands::Anyone => true,
            Hands::Counter => by.any_of(&[Role::Clerk, Role::Supervisor]),
            Hands::Supervisor => by.supervised(),
            Hands::Two => matches!(by, By::Two(_)),
        }
    }

    /// The words on the screen: Japanese, English.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Hands::Anyone => ("だれでも", "anyone here"),
            Hands::Counter => ("窓口係か監督者", "clerk or supervisor"),
            Hands::Supervisor => ("監督者", "supervisor"),
            Hands::Two => ("2 人、うち 1 人は監督者", "two persons, one a supervisor"),
        }
    }

    /// The word in tables and programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Hands::Anyone => "anyone",
            Hands::Counter => "counter",
            Hands::Supervisor => "supervisor",
            Hands::Two => "two",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(person: &str, role: Role) -> Signed {
        Signed {
            person: person.into(),
            role,
        }
    }

    #[test]
    fn a_waiver_needs_two_different_persons_and_a_supervisor() {
        let clerk = signed("p1", Role::Clerk);
        assert_eq!(
            TwoPersons::new(clerk.clone(), signed("p1", Role::Supervisor)),
            Err(NotTwo::SamePerson)
        );
        assert_eq!(
            TwoPersons::new(clerk.clone(), signed("p2", Role::Technician)),
            Err(NotTwo::NoSupervisor)
        );
        assert!(TwoPersons::new(clerk, signed("p2", Role::Supervisor)).is_ok());
    }

    #[test]
    fn a_record_of_one_person_twice_is_not_read_back_as_two() {
        let forged = r#"{"first":{"person":"p1","role":"clerk"},"second":{"person":"p1","role":"supervisor"}}"#;
        assert!(serde_json::from_str::<TwoPersons>(forged).is_err());
    }
}
