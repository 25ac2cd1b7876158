//! `firmware-sim printer`: the printer as a process, behind a pseudo terminal.

use super::antennas::Antennas;
use super::out::Out;
use super::person;
use super::pty::Pty;
use super::signals::Stop;
use super::state::State;
use clap::Args;
use firmware_sim::Error;
use firmware_sim::machine::{Effect, Machine, Setup, Speed, Times};
use firmware_sim::scenario::Scenario;
use firmware_sim::session::Session;
use firmware_sim::vpcd::AirTime;
use nix::sys::signal::Signal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long the process rests when the line is quiet.
const REST: Duration = Duration::from_millis(1);
/// How often hopper and a person's acts are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Arguments of `printer`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What outlives a power cut: counters, hopper, tags.
    #[arg(long)]
    state: PathBuf,
    /// Where the serial port appears, as a symbolic link.
    #[arg(long)]
    link: PathBuf,
    /// Where cards that left the machine are written; STATE/out if not named.
    #[arg(long)]
    out: Option<PathBuf>,
    /// How many times faster than real mechanics and air run.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// Faults to inject.
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// Measured times of the mechanics instead of the defaults.
    #[arg(long)]
    times: Option<PathBuf>,
    /// Port of the PC/SC service's slot of the encoder.
    #[arg(long, default_value_t = 20480)]
    encoder_port: u16,
    /// Port of the PC/SC service's slot of the check station.
    #[arg(long, default_value_t = 20481)]
    check_port: u16,
    /// Bits a second between antenna and chip.
    #[arg(long, default_value_t = 106_000)]
    bit_rate: u32,
    /// Pre-print of the blanks: front.png and back.png.
    #[arg(long)]
    preprint: Option<PathBuf>,
    /// Pace the line to this instead of to the terminal's own setting.
    #[arg(long)]
    baud: Option<u32>,
}

/// Runs until SIGTERM or SIGINT.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let stop = stop_on_signals()?;
    let start = Instant::now();
    let mut printer = Printer::new(arguments, start)?;
    tracing::info!(link = %arguments.link.display(), "the printer is on");
    while !stop.load(Ordering::Relaxed) {
        printer.turn()?;
    }
    printer.out.finish()
}

/// The machine with the world around it.
struct Printer {
    start: Instant,
    session: Session,
    pty: Pty,
    state: State,
    out: Out,
    antennas: Antennas,
    half_sent: Vec<u8>,
    looked: Duration,
}

impl Printer {
    fn new(arguments: &Arguments, start: Instant) -> Result<Printer, Error> {
        let now = start.elapsed();
        let speed = Speed::new(arguments.speed)
            .ok_or_else(|| parameter("--speed", "a factor between 0.01 and 1000"))?;
        if arguments.baud == Some(0) {
            return Err(parameter("--baud", "a line of 0 baud carries nothing"));
        }
        let scenario = match &arguments.scenario {
            Some(path) => Scenario::parse(&read(path)?, path)?,
            None => Scenario::default(),
        };
        let times = arguments
            .times
            .as_deref()
            .map_or_else(|| Ok(Times::default()), times)?;
        let mut state = State::open(&arguments.state)?;
        let root = arguments
            .out
            .clone()
            .unwrap_or_else(|| arguments.state.join("out"));
        let air = AirTime {
            speed: arguments.speed,
            bit_rate: arguments.bit_rate,
        };
        let setup = Setup {
            times,
            speed,
            scenario,
        };
        let machine = Machine::new(
            setup,
            state.nonvolatile()?,
            state.new_blanks()?.unwrap_or_default(),
            state.card()?,
            now,
        );
        let mut printer = Printer {
            start,
            session: Session::new(machine, "SIM-0001".to_owned()),
            pty: Pty::open(&arguments.link, arguments.baud, now)?,
            out: Out::new(root, arguments.preprint.as_deref())?,
            state,
            antennas: Antennas::new(arguments.encoder_port, arguments.check_port, air),
            half_sent: Vec::new(),
            looked: Duration::ZERO,
        };
        printer.session.poll(now);
        printer.settle()?;
        Ok(printer)
    }

    /// One turn: line in, mechanics on, line out, rest.
    fn turn(&mut self) -> Result<(), Error> {
        let now = self.start.elapsed();
        if now >= self.looked + LOOK_EVERY {
            self.looked = now;
            if let Some(blanks) = self.state.new_blanks()? {
                self.session.fill_hopper(blanks);
            }
            for act in person::taken(&self.state.acts())? {
                self.session.act(act, now);
                self.settle()?;
            }
        }
        let bytes = self.pty.read(now)?;
        if bytes.is_empty() {
            self.session.poll(now);
        } else {
            self.session.receive(&bytes, now);
        }
        self.settle()?;
        let sent = self.send()?;
        if bytes.is_empty() && !sent {
            self.pty.wait(REST);
        } else {
            std::thread::yield_now();
        }
        Ok(())
    }

    fn send(&mut self) -> Result<bool, Error> {
        if self.half_sent.is_empty() {
            self.half_sent = self.session.send().unwrap_or_default();
        }
        if self.half_sent.is_empty() {
            return Ok(false);
        }
        let count = self.pty.write(&self.half_sent, self.start.elapsed())?;
        self.half_sent.drain(..count);
        Ok(count > 0)
    }

    /// Does what the machine asks for, in order.
    fn settle(&mut self) -> Result<(), Error> {
        for effect in self.session.effects() {
            match effect {
                Effect::Keep(kept) => self.state.keep(&kept)?,
                Effect::Picked(blank) => self.state.picked(&blank)?,
                Effect::Couple(spot, _) => self.antennas.couple(spot, &self.state.inside())?,
                Effect::Uncouple(_) => {
                    if let Some((spot, air)) = self.antennas.uncouple() {
                        self.session.chip_spent(spot, air);
                    }
                }
                Effect::CardChanged => {
                    if let Some(card) = self.session.machine().card() {
                        self.state.write_card(card)?;
                    }
                }
                Effect::Left(departed) => self.out.left(*departed, &mut self.state)?,
                Effect::PowerLost => {
                    self.half_sent.clear();
                    tracing::warn!("mains power is gone");
                }
                Effect::PowerOn => tracing::info!(boot = self.session.machine().boot(), "power"),
                Effect::Ended(id, result) => {
                    tracing::info!(
                        card = id.card,
                        step = id.step,
                        end = end(&result),
                        "motion ended"
                    );
                }
                Effect::Told(tell) => tracing::debug!(?tell, "told"),
                Effect::Happened(happening) => tracing::info!(?happening, "event"),
            }
        }
        Ok(())
    }
}

fn end(result: &wire::MotionResult) -> &'static str {
    match result {
        wire::MotionResult::Done { .. } => "done",
        wire::MotionResult::Failed { condition, .. } => condition.name(),
    }
}

fn times(path: &Path) -> Result<Times, Error> {
    let text = read(path)?;
    toml::from_str(&text).map_err(|error| Error::Content {
        path: path.to_owned(),
        line: error
            .span()
            .map_or(0, |span| text[..span.start].lines().count().max(1)),
        reason: error.message().to_owned(),
    })
}

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}

fn parameter(name: &'static str, reason: &str) -> Error {
    Error::Parameter {
        name,
        reason: reason.to_owned(),
    }
}

/// A flag that SIGTERM or SIGINT sets: the printer stops between two turns.
fn stop_on_signals() -> Result<Arc<AtomicBool>, Error> {
    let signals = Stop::prepare()?;
    let stop = Arc::new(AtomicBool::new(false));
    let theirs = Arc::clone(&stop);
    std::thread::spawn(move || {
        while let Ok(signal) = signals.wait() {
            if signal != Signal::SIGCHLD {
                theirs.store(true, Ordering::Relaxed);
            }
        }
    });
    Ok(stop)
}
