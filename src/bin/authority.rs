//! The binary `authority`: the counterpart that stations fetch their jobs from.
//!
//! Command line in, one line or one JSON object out; the work is in `authority::server`.

#[path = "authority/persons.rs"]
mod persons;

use card_station::authority::server::acts;
use card_station::authority::server::store::Store;
use card_station::authority::server::{
    Authority, Error, Fault, Home, Reproduce, Reproduced, Secrets, enrol, import, routes, setup,
    tls,
};
use card_station::job::{Approval, Digest, OfficeId, StationId};
use card_station::prepare::{Kit, prepare, rehearse};
use card_station::station::kit;
use clap::{Parser, Subcommand};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::io::{IsTerminal as _, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

/// Grants approved jobs to card stations.
#[derive(Debug, Parser)]
#[command(name = "authority", version)]
struct Arguments {
    /// The authority's folder.
    #[arg(long, global = true, default_value = "authority")]
    home: PathBuf,
    /// Answer in JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Make the folder, with all keys and certificates. Never overwrites.
    Init {
        /// Use the documented test value as transport master: for simulated blanks only.
        #[arg(long)]
        test_transport_master: bool,
    },
    /// Enrol a station: writes the folder that it gets.
    EnrolStation {
        /// The station, such as TYO-W3.
        station: StationId,
        /// Its office, such as TYO.
        #[arg(long)]
        office: OfficeId,
        /// Where the station finds the authority.
        #[arg(long, default_value = "https://localhost:8443")]
        url: String,
        /// The folder to write; must not hold anything yet.
        #[arg(long)]
        out: PathBuf,
    },
    /// Register delivered blanks: one serial a line, from a file or from standard input.
    Stock {
        /// The list; standard input when it is left out or '-'.
        list: Option<PathBuf>,
    },
    /// Import a folder of approvals (*.json, photos beside them).
    Import {
        /// The folder.
        folder: PathBuf,
        /// Folders that hold the layout's fonts.
        #[arg(long = "font-folder", default_values = FONT_FOLDERS)]
        font_folders: Vec<PathBuf>,
    },
    /// Serve the stations.
    Serve {
        /// Where to listen.
        #[arg(long, default_value = "127.0.0.1:8443")]
        listen: SocketAddr,
        /// How long a lease lasts as long as no keys were released, in seconds.
        #[arg(long, default_value_t = 1800)]
        lease_s: u32,
        /// Folders that hold the layout's fonts.
        #[arg(long = "font-folder", default_values = FONT_FOLDERS)]
        font_folders: Vec<PathBuf>,
    },
    /// Show where a card number or a job stands, or the totals with all reports of forged cards.
    Show {
        /// A card number or a job; the totals when it is left out.
        what: Option<String>,
    },
    #[command(flatten)]
    Persons(persons::Decision),
}

/// What is said at the end, and whether the goal was reached.
struct Said {
    text: String,
    json: Value,
    reached: bool,
}

impl Said {
    fn new(text: String, json: Value) -> Said {
        Said {
            text,
            json,
            reached: true,
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info")),
        )
        .init();
    let home = Home::at(&arguments.home);
    match act(&home, &arguments.home, arguments.act) {
        Ok(said) if arguments.json => {
            println!("{}", said.json);
            exit(said.reached)
        }
        Ok(said) => {
            println!("{}", said.text);
            exit(said.reached)
        }
        Err(failure) => {
            tell(&failure, arguments.json);
            ExitCode::from(failure.exit)
        }
    }
}

fn exit(reached: bool) -> ExitCode {
    ExitCode::from(u8::from(!reached))
}

/// Why the command did not reach its goal.
struct Failure {
    exit: u8,
    code: String,
    words: String,
    remedy: Option<(String, String)>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let exit = match &error {
            Error::Exists(_) | Error::Keys(_) => 2,
            Error::File { .. } | Error::KeyMaker(_) | Error::Chance | Error::Tls(_) => 3,
            Error::Store(_) | Error::Key(_) | Error::Certificate(_) => 4,
        };
        Failure {
            exit,
            code: "A-HOME".to_owned(),
            words: chain(&error),
            remedy: None,
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        let report = fault.report();
        Failure {
            exit: 1,
            code: report.code,
            words: chain(&fault),
            remedy: Some((report.remedy_ja, report.remedy_en)),
        }
    }
}

impl Failure {
    fn plain(exit: u8, code: &str, error: &dyn std::error::Error) -> Failure {
        Failure {
            exit,
            code: code.to_owned(),
            words: chain(error),
            remedy: None,
        }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}

fn tell(failure: &Failure, json: bool) {
    let (ja, en) = failure.remedy.clone().unwrap_or_default();
    if json {
        let said = json!({ "code": failure.code, "error": failure.words, "remedy_ja": ja,
            "remedy_en": en });
        println!("{said}");
    } else {
        eprintln!("{}: {}", failure.code, failure.words);
        if !en.is_empty() {
            eprintln!("  → {ja}\n  → {en}");
        }
    }
}

fn act(home: &Home, path: &Path, act: Act) -> Result<Said, Failure> {
    match act {
        Act::Init {
            test_transport_master,
        } => {
            setup::init(path, test_transport_master)?;
            let warning = if test_transport_master {
                "\nTransport master: the documented TEST value. Never use it with real blanks."
            } else {
                ""
            };
            let text = format!("Authority made in {}.{warning}", path.display());
            let json = json!({ "home": path, "test_transport_master": test_transport_master });
            Ok(Said::new(text, json))
        }
        Act::EnrolStation {
            station,
            office,
            url,
            out,
        } => {
            let text = format!(
                "Station {station} of office {office} enrolled: {}.",
                out.display()
            );
            let json = json!({ "station": station, "office": office, "folder": out });
            enrol::enrol(
                home,
                &enrol::Enrolment {
                    station,
                    office,
                    url,
                },
                &out,
            )?;
            Ok(Said::new(text, json))
        }
        Act::Stock { list } => stock(home, list),
        Act::Import {
            folder,
            font_folders,
        } => take_approvals(home, &folder, &font_folders),
        Act::Serve {
            listen,
            lease_s,
            font_folders,
        } => serve(home, listen, lease_s, font_folders),
        Act::Show { what } => show(home, what.as_deref()),
        Act::Persons(decision) => {
            let mut store = Store::open(&home.database())?;
            persons::decide(&mut store, decision, Timestamp::now())
        }
    }
}

fn stock(home: &Home, list: Option<PathBuf>) -> Result<Said, Failure> {
    let text = match list {
        Some(path) if path != Path::new("-") => std::fs::read_to_string(path),
        Some(_) | None => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map(|_| text)
        }
    };
    let text = text.map_err(|error| Failure::plain(3, "A-FILE", &error))?;
    let mut store = Store::open(&home.database())?;
    let new =
        import::stock(&mut store, &text).map_err(|error| Failure::plain(1, "A-SERIAL", &error))?;
    Ok(Said::new(
        format!("{new} new blanks registered."),
        json!({ "new": new }),
    ))
}

fn take_approvals(home: &Home, folder: &Path, fonts: &[PathBuf]) -> Result<Said, Failure> {
    let secrets = Secrets::load(home)?;
    let mut store = Store::open(&home.database())?;
    let kanji = secrets.job_keys().kanji();
    let kit = kit::load(fonts, 300).map_err(|error| Failure::plain(2, "A-LAYOUT", &error))?;
    let rehearse =
        |approval: &Approval, photo: Option<&[u8]>, day| rehearse(approval, photo, day, &kit);
    let done = import::import(&mut store, folder, kanji, &rehearse, Timestamp::now())?;
    let reached = !done.is_empty() && done.iter().all(|one| one.result.is_ok());
    let lines: Vec<String> = done.iter().map(line).collect();
    let json: Vec<Value> = done.iter().map(as_json).collect();
    let text = if done.is_empty() {
        "No *.json there.".to_owned()
    } else {
        lines.join("\n")
    };
    Ok(Said {
        text,
        json: json!({ "imported": json }),
        reached,
    })
}

fn line(one: &import::Imported) -> String {
    let file = one.file.display();
    match &one.result {
        Ok(job) => format!("{file}: job {job}"),
        Err(error) => {
            let (ja, en) = error.remedy();
            format!(
                "{file}: {}: {}\n  → {ja}\n  → {en}",
                error.code(),
                chain(error)
            )
        }
    }
}

fn as_json(one: &import::Imported) -> Value {
    match &one.result {
        Ok(job) => json!({ "file": one.file, "job": job }),
        Err(error) => {
            let (ja, en) = error.remedy();
            json!({ "file": one.file, "code": error.code(), "field": error.field(),
                "error": chain(error), "remedy_ja": ja, "remedy_en": en })
        }
    }
}

fn show(home: &Home, what: Option<&str>) -> Result<Said, Failure> {
    let mut store = Store::open(&home.database())?;
    let json = acts::standing(&mut store, what)?;
    let text = serde_json::to_string_pretty(&json).unwrap_or_default();
    Ok(Said::new(text, json))
}

fn serve(
    home: &Home,
    listen: SocketAddr,
    lease_s: u32,
    font_folders: Vec<PathBuf>,
) -> Result<Said, Failure> {
    let lease = SignedDuration::from_secs(lease_s.into());
    let reproduce = reproduce(font_folders)?;
    let authority = Arc::new(Authority::open(home, lease, reproduce)?);
    let config = tls::config(home)?;
    let failed = |error: std::io::Error| Failure::plain(3, "A-SERVE", &error);
    let runtime = tokio::runtime::Runtime::new().map_err(failed)?;
    runtime.block_on(async {
        let handle = axum_server::Handle::new();
        let stop = handle.clone();
        tokio::spawn(async move {
            stopped().await;
            stop.graceful_shutdown(Some(std::time::Duration::from_secs(5)));
        });
        tracing::info!(%listen, "serving");
        axum_server::bind(listen)
            .acceptor(tls::StationAcceptor::new(config))
            .handle(handle)
            .serve(routes::router(authority).into_make_service())
            .await
            .map_err(failed)
    })?;
    Ok(Said::new("Stopped.".to_owned(), json!({ "stopped": true })))
}

/// Where Debian's font packages put the layout's fonts.
const FONT_FOLDERS: [&str; 3] = [
    "/usr/share/fonts/opentype/ipaexfont-gothic",
    "/usr/share/fonts/opentype/ipaexfont-mincho",
    "/usr/share/fonts/truetype/ipamj",
];

/// Prepares as stations do, at 300 dpi or, when one asks for it, at 600.
fn reproduce(folders: Vec<PathBuf>) -> Result<Box<Reproduce>, Failure> {
    let load = |folders: &[PathBuf], dpi| kit::load(folders, dpi);
    let usual = load(&folders, 300).map_err(|error| Failure::plain(2, "A-LAYOUT", &error))?;
    let fine: OnceLock<Option<Kit>> = OnceLock::new();
    Ok(Box::new(move |job, photo, dpi| {
        let kit = match dpi {
            300 => &usual,
            600 => fine.get_or_init(|| load(&folders, 600).ok()).as_ref()?,
            _ => return None,
        };
        match prepare(job, photo, kit) {
            Ok(prepared) => Some(Reproduced {
                digest: Digest(prepared.digest),
                signed_message: prepared.signed_message,
            }),
            Err(error) => {
                tracing::warn!(job = %job.id, error = %error, "a job cannot be prepared");
                None
            }
        }
    }))
}

/// Waits for SIGTERM or Ctrl-C.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
