//! The control socket's language: one line of text in, one line of JSON out. Steers the machine
//! and shows the truth; no part of the wire, and no bytes of a socket here.

use crate::fault::{Fault, Row, Step, Supply, TABLE, What, Wish};
use crate::machine::{Load, Person};
use crate::session::Session;
use serde_json::{Value, json};
use std::time::Duration;
use wire::SupplyKind;

/// What the commands are, for whoever asks.
pub const HELP: &str = "\
inject FAULT [--card N|current|next] [--step STEP] [--at PART] [--times N] [--standing]
             [--condition NAME|CODE]
    without card and step: into the motion that moves now if it can be, else the next one
    standing: sensors and conditions show it until it is cleared
clear [FAULT]                 takes faults out of store
faults                        lists every fault, where it can strike and what it does
show                          the truth, and beside it what the firmware shows
power-cut [--for MS]          pulls the mains
noise --rate R --seed N       damages so many bytes of the line; noise off
open-cover  close-cover  remove-card  empty-tray  fill-tray  clean
load-ribbon | load-patches [COUNT] [--remaining N] [--left N] [--type ribbon|patches|blanks|N]
             [--serial TEXT] [--lot N] [--expires DAY] [--unreadable]
unload-ribbon  unload-patches  free-ribbon  free-patches";

/// Sets or patches on a new supply.
const NEW_SUPPLY: u32 = 500;

/// One command.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Puts a fault in.
    Inject(Wish, Target),
    /// Takes faults out.
    Clear(Option<What>),
    /// Lists them all.
    Faults,
    /// Shows the truth.
    Show,
    /// Pulls the mains for so many milliseconds.
    PowerCut(Option<u32>),
    /// Damages the line at this rate by this seed, or no more.
    Noise(Option<(f64, u64)>),
    /// A person's hands.
    Person(Person),
}

/// Which card a fault is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The one at hand, the next when there is none.
    Current,
    /// The next out of the hopper.
    Next,
    /// The n-th as they are fed by this process.
    Nth(u32),
}

/// Understands a line.
///
/// # Errors  Why there is no such command.
pub fn parse(line: &str) -> Result<Command, String> {
    let mut words = Words::new(line);
    let command = match words.next().ok_or("an empty line is no command")? {
        "inject" => inject(&mut words)?,
        "clear" => Command::Clear(words.next().map(named).transpose()?),
        "faults" => Command::Faults,
        "show" => Command::Show,
        "power-cut" => Command::PowerCut(words.option("--for")?.map(count).transpose()?),
        "noise" => noise(&mut words)?,
        "person" => {
            let act = words.next().ok_or("a person does what?")?;
            Command::Person(person(act, &mut words)?)
        }
        act => Command::Person(person(act, &mut words)?),
    };
    words.end()?;
    Ok(command)
}

/// Obeys a command; `Noise` is not for the machine and is given back as understood.
pub fn obey(session: &mut Session, command: Command, now: Duration) -> Value {
    match command {
        Command::Inject(wish, target) => put_in(session, wish, target, now),
        Command::Clear(what) => {
            let cleared = session.steer(now, |machine| machine.clear(what, now));
            json!({ "ok": true, "cleared": cleared })
        }
        Command::Faults => listed(),
        Command::Show => match serde_json::to_value(session.machine().show(now)) {
            Ok(Value::Object(mut shown)) => {
                shown.insert("ok".to_owned(), Value::Bool(true));
                Value::Object(shown)
            }
            Ok(_) | Err(_) => refused("the truth has no JSON form"),
        },
        Command::PowerCut(outage_ms) => {
            session.steer(now, |machine| machine.pull_mains(outage_ms, now));
            json!({ "ok": true })
        }
        Command::Noise(noise) => json!({ "ok": true, "rate": noise.map_or(0.0, |it| it.0) }),
        Command::Person(act) => {
            session.act(act, now);
            json!({ "ok": true })
        }
    }
}

/// The answer to what cannot be done.
pub fn refused(reason: &str) -> Value {
    json!({ "ok": false, "error": reason })
}

/// Every fault of the table.
pub fn listed() -> Value {
    let row = |row: &Row| {
        json!({
            "fault": row.name,
            "steps": row.steps.iter().map(|step| step.name()).collect::<Vec<_>>(),
            "usual": row.usual.iter().map(|step| step.name()).collect::<Vec<_>>(),
            "can_stand": row.kind.can_stand(),
            "does": row.does,
        })
    };
    json!({ "ok": true, "faults": TABLE.iter().map(row).collect::<Vec<_>>() })
}

/// The same for people: name, where it can strike, where it does when nobody says, what it does.
pub fn table() -> String {
    let names = |steps: &[Step]| {
        let names: Vec<_> = steps.iter().map(|step| step.name()).collect();
        names.join(" ")
    };
    let mut text = String::new();
    for row in TABLE {
        let usual = match row.usual {
            [] => "must be said".to_owned(),
            steps => names(steps),
        };
        let (name, does, steps) = (row.name, row.does, names(row.steps));
        text += &format!("{name}\n    {does}\n    steps: {steps}; without --step: {usual}\n");
    }
    text
}

fn put_in(session: &mut Session, mut wish: Wish, target: Target, now: Duration) -> Value {
    let machine = session.machine();
    let at_once = target == Target::Current && wish.step.is_none() && !wish.standing;
    wish.card = match target {
        Target::Current => machine.ordinal(),
        Target::Next => machine.next_ordinal(),
        Target::Nth(card) => card,
    };
    // Whatever moves now is a step, if it can be struck there.
    if at_once && let Some(step) = machine.step_now().filter(|step| can(&wish, step.name())) {
        wish.step = Some(step.name().to_owned());
    }
    let fault: Fault = match wish.check() {
        Ok(fault) => fault,
        Err(reason) => return refused(&reason),
    };
    let (card, what) = (fault.card, fault.what.row().name);
    match session.steer(now, |machine| machine.inject(fault, at_once, now)) {
        Ok(became) => json!({ "ok": true, "fault": what, "card": card, "became": became }),
        Err(other) => refused(&format!(
            "excludes `{other}`, which is in store for that card"
        )),
    }
}

fn can(wish: &Wish, step: &str) -> bool {
    let row = What::named(&wish.what).map(What::row);
    row.is_some_and(|row| row.steps.iter().any(|it| it.name() == step))
}

fn inject(words: &mut Words) -> Result<Command, String> {
    let what = words.next().ok_or("inject which fault?")?.to_owned();
    let target = match words.option("--card")? {
        None | Some("current") => Target::Current,
        Some("next") => Target::Next,
        Some(number) => Target::Nth(count(number)?),
    };
    let wish = Wish {
        card: 1,
        what,
        step: words.option("--step")?.map(str::to_owned),
        at: words.option("--at")?.map(number).transpose()?,
        times: words.option("--times")?.map(count).transpose()?,
        standing: words.flag("--standing"),
        condition: words.option("--condition")?.map(str::to_owned),
    };
    Ok(Command::Inject(wish, target))
}

fn noise(words: &mut Words) -> Result<Command, String> {
    if words.flag("off") {
        return Ok(Command::Noise(None));
    }
    let rate = words.option("--rate")?.ok_or("noise at which --rate?")?;
    let rate = number(rate)?;
    if !(0.0..=1.0).contains(&rate) {
        return Err("--rate is a probability, 0 to 1".to_owned());
    }
    let seed = words.option("--seed")?.map_or(Ok(0), |text| {
        text.parse().map_err(|_| format!("`{text}` is no seed"))
    })?;
    Ok(Command::Noise(Some((rate, seed))))
}

fn person(act: &str, words: &mut Words) -> Result<Person, String> {
    Ok(match act {
        "open-cover" => Person::OpenCover,
        "close-cover" => Person::CloseCover,
        "remove-card" => Person::RemoveCard,
        "empty-tray" => Person::EmptyTray,
        "fill-tray" => Person::FillTray,
        "clean" => Person::Clean,
        "load-ribbon" => Person::Load(load(Supply::Ribbon, words)?),
        "load-patches" => Person::Load(load(Supply::Patches, words)?),
        "unload-ribbon" => Person::Unload(Supply::Ribbon),
        "unload-patches" => Person::Unload(Supply::Patches),
        "free-ribbon" => Person::Free(Supply::Ribbon),
        "free-patches" => Person::Free(Supply::Patches),
        _ => return Err(format!("`{act}` is no command; `help` lists them")),
    })
}

fn load(supply: Supply, words: &mut Words) -> Result<Load, String> {
    let kind = |text: &str| -> Result<SupplyKind, String> {
        Ok(match text {
            "blanks" => SupplyKind::Blanks,
            "ribbon" => SupplyKind::Ribbon,
            "patches" => SupplyKind::Patches,
            number => SupplyKind::from(u8::try_from(count(number)?).unwrap_or(u8::MAX)),
        })
    };
    let loaded = Load {
        kind: words.option("--type")?.map(kind).transpose()?,
        remaining: words.option("--remaining")?.map(count).transpose()?,
        left: words.option("--left")?.map(count).transpose()?,
        serial: words.option("--serial")?.map(serial).transpose()?,
        lot: words.option("--lot")?.map(count).transpose()?,
        expires: words.option("--expires")?.map(day).transpose()?,
        unreadable: words.flag("--unreadable"),
        ..Load::new(supply, NEW_SUPPLY)
    };
    let capacity = words.next().map(count).transpose()?.unwrap_or(NEW_SUPPLY);
    if loaded
        .remaining
        .is_some_and(|remaining| remaining > capacity)
    {
        return Err("more remains than there was when new".to_owned());
    }
    Ok(Load { capacity, ..loaded })
}

/// A day as YYYY-MM-DD or YYYYMMDD, the way tags carry it.
fn day(text: &str) -> Result<u32, String> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let number: Option<u32> = digits.parse().ok().filter(|_| digits.len() == 8);
    let sound =
        |day: &u32| (1..=12).contains(&(day / 100 % 100)) && (1..=31).contains(&(day % 100));
    let number = number.filter(sound);
    number.ok_or_else(|| format!("`{text}` is no day: YYYY-MM-DD"))
}

fn serial(text: &str) -> Result<[u8; 8], String> {
    let bytes = text.as_bytes();
    <[u8; 8]>::try_from(bytes).map_err(|_| format!("`{text}` has not eight bytes"))
}

fn named(name: &str) -> Result<What, String> {
    What::named(name).ok_or_else(|| format!("unknown fault `{name}`; `faults` lists them"))
}

fn count(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("`{text}` is no count"))
}

fn number(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

/// The words of a line; options are taken out of wherever they stand.
struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
    fn new(line: &'a str) -> Words<'a> {
        Words(line.split_whitespace().collect())
    }

    fn next(&mut self) -> Option<&'a str> {
        let plain = self.0.first().is_some_and(|word| !word.starts_with("--"));
        plain.then(|| self.0.remove(0))
    }

    fn option(&mut self, name: &str) -> Result<Option<&'a str>, String> {
        let Some(at) = self.0.iter().position(|word| *word == name) else {
            return Ok(None);
        };
        if at + 1 >= self.0.len() {
            return Err(format!("{name} needs a value"));
        }
        let value = self.0.remove(at + 1);
        self.0.remove(at);
        Ok(Some(value))
    }

    fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|word| *word != name);
        self.0.len() < before
    }

    fn end(&self) -> Result<(), String> {
        match self.0.first() {
            None => Ok(()),
            Some(word) => Err(format!("`{word}` has no meaning here")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_can_be_put_in_by_name() {
        for row in TABLE {
            let condition = if row.name == "fails" || row.name == "refuses" {
                " --condition P-FIRMWARE"
            } else {
                ""
            };
            let step = row.steps[0].name();
            let line = format!("inject {} --card next --step {step}{condition}", row.name);
            let Ok(Command::Inject(wish, Target::Next)) = parse(&line) else {
                panic!("{line}")
            };
            assert_eq!(wish.check().expect(&line).what, row.what);
        }
    }

    #[test]
    fn what_has_no_meaning_is_said() {
        for (line, reason) in [
            ("", "an empty line"),
            ("kick", "`kick` is no command"),
            ("inject", "inject which fault?"),
            ("inject jam --card", "--card needs a value"),
            ("inject jam --card x", "`x` is no count"),
            ("inject jam twice", "`twice` has no meaning here"),
            ("noise --rate 2", "--rate is a probability"),
            ("load-ribbon 10 --remaining 11", "more remains than"),
            ("load-ribbon --serial SHORT", "has not eight bytes"),
            ("clear gremlin", "unknown fault"),
        ] {
            let refusal = parse(line).expect_err(line);
            assert!(refusal.contains(reason), "{line}: {refusal}");
        }
    }

    #[test]
    fn hands_and_supplies_are_understood() {
        let open = Ok(Command::Person(Person::OpenCover));
        assert_eq!(parse("open-cover"), open);
        assert_eq!(parse("person open-cover"), open);
        let line = "load-ribbon 7 --left 2 --lot 9 --serial RB009999 --expires 2019-03-31";
        let Ok(Command::Person(Person::Load(load))) = parse(line) else {
            panic!("a ribbon")
        };
        assert_eq!((load.capacity, load.left, load.lot), (7, Some(2), Some(9)));
        assert_eq!(load.serial, Some(*b"RB009999"));
        assert_eq!((load.remaining, load.expires), (None, Some(20_190_331)));
    }
}
