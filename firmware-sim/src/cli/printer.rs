//! `firmware-sim printer`: the printer as a process, behind a pseudo terminal.

use super::antennas::Antennas;
use super::control::Socket;
use super::out::Out;
use super::pty::Pty;
use super::signals::Stop;
use super::sole::Sole;
use super::state::State;
use clap::Args;
use firmware_sim::Error;
use firmware_sim::fault::Chance;
use firmware_sim::machine::{Effect, Machine, Setup, Speed, Times};
use firmware_sim::noise::Noise;
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
    /// Faults by chance: a probability for each motion, or a file whose `[chance]` names them.
    #[arg(long)]
    chance: Option<String>,
    /// Every phase takes up to so many percent longer or shorter.
    #[arg(long, default_value_t = 0.0)]
    jitter: f64,
    /// Damage to so many bytes of the line, 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    noise: f64,
    /// The seed of all chance: the same seed, the same faults.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The machine stood without power for long: its heater must warm up first.
    #[arg(long)]
    cold: bool,
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
    printer.switch_off()?;
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
    control: Socket,
    _sole: (Sole, Sole),
    noise: Option<Noise>,
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
        let times = arguments.times.as_deref().map_or_else(
            || Ok(Times::default()),
            |path| Times::parse(&read(path)?, path),
        )?;
        let mut state = State::open(&arguments.state)?;
        let sole = (Sole::state(&arguments.state)?, Sole::link(&arguments.link)?);
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
            scenario: scenario(arguments)?,
            jitter_percent: arguments.jitter,
            seed: arguments.seed,
            cold: arguments.cold,
        };
        let kept = state.nonvolatile()?;
        let interior = state.interior(&kept)?;
        let machine = Machine::resumed(
            setup,
            (kept, interior),
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
            control: Socket::open(&arguments.state)?,
            _sole: sole,
            noise: (arguments.noise > 0.0)
                .then(|| Noise::new(arguments.noise, arguments.seed))
                .flatten(),
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
        }
        self.control.turn(&mut self.session, &mut self.noise, now);
        let mut bytes = self.pty.read(now)?;
        if let Some(noise) = &mut self.noise {
            bytes = noise.pass(&bytes);
        }
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
            if let Some(noise) = &mut self.noise {
                self.half_sent = noise.pass(&self.half_sent);
            }
        }
        if self.half_sent.is_empty() {
            return Ok(false);
        }
        let count = self.pty.write(&self.half_sent, self.start.elapsed())?;
        self.half_sent.drain(..count);
        Ok(count > 0)
    }

    fn switch_off(&mut self) -> Result<(), Error> {
        let now = self.start.elapsed();
        self.session.steer(now, Machine::shut_down);
        self.settle()
    }

    /// Does what the machine asks for, in order.
    fn settle(&mut self) -> Result<(), Error> {
        for effect in self.session.effects() {
            match effect {
                Effect::Keep(kept) => self.state.keep(&kept)?,
                Effect::Picked(blank) => self.state.picked(&blank)?,
                Effect::PickedBeneath(blank) => self.state.picked_beneath(&blank)?,
                Effect::InteriorChanged => {
                    let interior = self.session.machine().interior();
                    self.state.write_interior(interior)?;
                }
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
                Effect::LeftBeneath(departed) => {
                    self.out.left_beneath(*departed, &mut self.state)?;
                }
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

/// What is in store: a scenario, and chance.
fn scenario(arguments: &Arguments) -> Result<Scenario, Error> {
    let parsed = |path: &Path| Scenario::parse(&read(path)?, path);
    let scenario = match &arguments.scenario {
        Some(path) => parsed(path)?,
        None => Scenario::default(),
    };
    for (name, rate, most) in [
        ("--jitter", arguments.jitter, 90.0),
        ("--noise", arguments.noise, 1.0),
    ] {
        if !(0.0..=most).contains(&rate) {
            return Err(parameter(name, &format!("from 0 to {most}")));
        }
    }
    let chance = match &arguments.chance {
        None => None,
        Some(text) => match text.parse::<f64>() {
            Ok(rate) if (0.0..=1.0).contains(&rate) => Some(Chance::Any(rate)),
            Ok(_) => return Err(parameter("--chance", "a probability lies between 0 and 1")),
            Err(_) => parsed(Path::new(text))?.chance().cloned(),
        },
    };
    Ok(scenario.by_chance(chance, arguments.seed))
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
