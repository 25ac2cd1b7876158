//! Who is at the counter: reads PINs, signs the clerk and the supervisor in.

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::args::Hands;
use super::context::Context;
use super::outcome::{Exit, Failure};
use super::prompt::{Prompt, one_line, unanswered};
use crate::fault::{By, Role, Signed, TwoPersons};
use crate::people::People;

/// The people who signed in for this command.
#[derive(Debug, Clone)]
pub(super) struct Present {
    /// The clerk.
    pub clerk: Signed,
    /// The supervisor, when one confirms.
    pub supervisor: Option<Signed>,
}

impl Present {
    /// Both persons where there are two; the clerk alone otherwise.
    ///
    /// # Errors
    /// A refusal when both are the same person.
    pub(super) fn by(&self) -> Result<By, Failure> {
        match &self.supervisor {
            None => Ok(By::One(self.clerk.clone())),
            Some(supervisor) => TwoPersons::new(self.clerk.clone(), supervisor.clone())
                .map(By::Two)
                .map_err(|_| not_two()),
        }
    }
}

/// Signs in whoever the command line names.
///
/// # Errors
/// A refusal when somebody is unknown, has another role or another PIN.
pub(super) fn sign_in(hands: &Hands, context: &Context) -> Result<Present, Failure> {
    let clerk = match &hands.clerk {
        Some(clerk) => clerk.clone(),
        None => context
            .prompt
            .ask(("担当者 ID：", "Clerk's id:"), "--clerk")?,
    };
    let people = context.people()?;
    let clerk = one(&people, &clerk, hands.pin_stdin, context)?;
    let supervisor = match &hands.supervisor {
        None => None,
        Some(id) => {
            let signed = one(&people, id, hands.pin_stdin, context)?;
            if signed.role != Role::Supervisor {
                return Err(not_two());
            }
            Some(signed)
        }
    };
    Ok(Present { clerk, supervisor })
}

/// The same for what is done with a holder's card: a technician mends the machine and does not.
///
/// # Errors
/// As [`sign_in`], and a refusal when a technician stands in for the clerk.
pub(super) fn at_counter(hands: &Hands, context: &Context) -> Result<Present, Failure> {
    let present = sign_in(hands, context)?;
    if present.clerk.role == Role::Technician {
        return Err(Failure::refused(
            Exit::Person,
            "not-a-clerk",
            (
                "技術者は、カードの発行・交付・取消しができません。",
                "A technician does not issue, hand over or withdraw cards.",
            ),
            (
                "--clerk に担当者を指定する。",
                "Name a clerk or a supervisor with --clerk.",
            ),
        ));
    }
    Ok(present)
}

/// A supervisor who comes to a stop and signs in there.
///
/// # Errors
/// A refusal when nobody may be asked, or somebody else than a supervisor signs in.
pub(super) fn supervisor(
    file: &std::path::Path,
    from_stdin: bool,
    prompt: &Prompt,
) -> Result<Signed, Failure> {
    let question = ("確認する監督者の ID：", "The supervisor's id:");
    let id = prompt.ask(question, "--supervisor")?;
    let people = People::open(file).map_err(|cause| super::people::failure(&cause))?;
    let pin = pin_of(&id, from_stdin, prompt)?;
    let signed = people
        .authenticate(&id, &pin, Timestamp::now())
        .map_err(|cause| super::people::failure(&cause))?;
    if signed.role == Role::Supervisor {
        Ok(signed)
    } else {
        Err(not_two())
    }
}

/// Signs one person in.
///
/// # Errors
/// A refusal when there is nobody of this id and PIN, or no PIN.
pub(super) fn one(
    people: &People,
    id: &str,
    from_stdin: bool,
    context: &Context,
) -> Result<Signed, Failure> {
    let pin = pin(id, from_stdin, context)?;
    people
        .authenticate(id, &pin, Timestamp::now())
        .map_err(|cause| super::people::failure(&cause))
}

/// A PIN, from where the command line says.
pub(super) fn pin(
    id: &str,
    from_stdin: bool,
    context: &Context,
) -> Result<Zeroizing<String>, Failure> {
    pin_of(id, from_stdin, &context.prompt)
}

fn pin_of(id: &str, from_stdin: bool, prompt: &Prompt) -> Result<Zeroizing<String>, Failure> {
    if from_stdin {
        return one_line().ok_or_else(|| unanswered("--pin-stdin"));
    }
    let (ja, en) = (format!("{id} の PIN："), format!("PIN of {id}:"));
    prompt.pin((&ja, &en))
}

/// The refusal of one person where two are needed.
pub(super) fn not_two() -> Failure {
    Failure::refused(
        Exit::Person,
        "not-two-persons",
        (
            "2 人の確認がそろっていません。別の監督者の確認が必要です。",
            "Two persons are needed, one of them another person who is a supervisor.",
        ),
        (
            "--clerk と別の監督者を --supervisor に指定する。",
            "Name a supervisor other than --clerk with --supervisor.",
        ),
    )
}

/// Two different persons, one of them a supervisor.
///
/// # Errors
/// A refusal that says who is missing.
pub(super) fn two(present: &Present) -> Result<By, Failure> {
    match present.by()? {
        By::One(_) => Err(not_two()),
        by @ By::Two(_) => Ok(by),
    }
}
