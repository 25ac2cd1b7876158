//! Orders that look and orders of the printer itself: identity, sensors, counters, supplies, log,
//! checks. What the firmware does not know is absent.

use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use super::super::request::{Person, Stop};
use super::super::seams::Moves as _;
use super::super::{Station, chips, hands};
use crate::diag::{Detail, Live, Reading, Report, Value, machine};
use crate::fault::{By, Code};
use crate::stock::Supply;
use wire::Condition;

/// How often the sensors are asked while they are watched.
const WATCH: Duration = Duration::from_millis(250);

impl Station<'_> {
    pub(super) fn identity(&mut self) -> Result<Report, Stop> {
        let printer = self.open_hands()?.printer();
        let more = match printer.identity() {
            Ok(more) => Some(more),
            Err(printer::Error::NotUnderstood { .. }) => None,
            Err(error) => return Err(self.failed(&error)),
        };
        let mut readings = machine::identity(&printer.hello(), more.as_ref());
        readings.extend(self.reader_lines()?);
        readings.extend(self.station_lines());
        Ok(Report::of("identity", readings))
    }

    fn reader_lines(&mut self) -> Result<Vec<Reading>, Stop> {
        let there = self.open_hands()?.readers();
        let there = there.map_err(|error| self.stop(chips::say(&error, Code::ReaderGone)))?;
        let wanted = &self.config.readers;
        let named = [
            (
                "encoder_reader",
                ("チップ部のリーダー", "Encoder's reader"),
                &wanted.encoder,
            ),
            (
                "check_reader",
                ("検査部のリーダー", "Check station's reader"),
                &wanted.check,
            ),
            (
                "desk_reader",
                ("読み取り台のリーダー", "Desk reader"),
                &wanted.desk,
            ),
        ];
        let line = |(name, words, reader): (&str, (&str, &str), &String)| {
            Reading::text(name, words, reader).judged(there.contains(reader))
        };
        Ok(named.into_iter().map(line).collect())
    }

    fn station_lines(&self) -> Vec<Reading> {
        let config = self.config;
        let layout = &self.kit.layout;
        let port = config.printer.port.display().to_string();
        let mut lines = vec![
            Reading::text("station", ("発行機", "Station"), &config.station.id),
            Reading::text(
                "station_version",
                ("発行機の版", "Station version"),
                env!("CARGO_PKG_VERSION"),
            ),
            Reading::text("port", ("ポート", "Port"), port),
            Reading::count("baud", ("速度", "Speed"), config.printer.baud).unit("bit/s"),
            Reading::text(
                "layout",
                ("レイアウト", "Layout"),
                format!(
                    "{} {} {}",
                    layout.product,
                    layout.version,
                    hex::encode(&layout.digest[..8])
                ),
            ),
            Reading::count(
                "resolution",
                ("解像度", "Resolution"),
                self.kit.dpi.number(),
            )
            .unit("dpi"),
        ];
        for (font, digest) in self.kit.fonts.digests() {
            let words = (format!("書体 {font}"), format!("Font {font}"));
            let digest = hex::encode(&digest[..8]);
            lines.push(Reading::text(
                &format!("font_{font}"),
                (&words.0, &words.1),
                digest,
            ));
        }
        lines.push(Reading::text(
            "chip_profile",
            ("チップの仕様", "Chip profile"),
            crate::prepare::CHIP_PROFILE,
        ));
        lines
    }

    /// What the sensors show; watched, until the person asks to stop.
    pub(super) fn sensors(&mut self, watch: bool, person: &mut dyn Person) -> Result<Report, Stop> {
        let events = self.open_hands()?.printer().events();
        loop {
            let asked = self.clock.steady();
            let seen = self.look()?;
            let age = self.clock.steady().saturating_sub(asked).as_millis();
            let readings = machine::sensors(&seen.sensors, u32::try_from(age).unwrap_or(u32::MAX));
            if !watch || person.stop_asked() {
                return Ok(Report::of("sensors", readings));
            }
            self.view.show(Live {
                japanese: "センサーを見ています".to_owned(),
                english: "Watching the sensors".to_owned(),
                percent: None,
                readings,
            });
            // Whatever the printer tells unasked is worth a look at once.
            match events.recv_timeout(WATCH) {
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(self.stop(Code::Silent));
                }
            }
        }
    }

    pub(super) fn counters(&mut self) -> Result<Report, Stop> {
        let seen = self.look()?;
        let mut readings = machine::counters(&seen.counters);
        let counters = super::super::translate::counters(&seen.counters);
        let told = !self.ledger.contradicts(&counters);
        let words = ("台帳と一致", "As the journal says");
        readings.push(Reading::new("as_journalled", words, Value::Flag(told)).judged(told));
        Ok(Report::of("counters", readings))
    }

    pub(super) fn supplies(&mut self) -> Result<Report, Stop> {
        let seen = self.look()?;
        let mut readings = machine::supplies(&seen.supplies);
        let stock = self.ledger.stock();
        let terms = stock.terms();
        let believed = |name: &str, words: (&str, &str), left: i64| {
            Reading::new(name, words, Value::Milli(left * 1000))
        };
        let film = |name: &str, words: (&str, &str), supply: Supply| {
            let kept = stock.film(supply).filter(|film| film.is_kept());
            kept.map_or_else(
                || Reading::text(name, words, "—"),
                |film| believed(name, words, film.left()),
            )
        };
        let spoiled = ("台帳：不良（箱と袋）", "Journal: in tray and bag");
        let tests = (
            "台帳：テストカード（廃棄待ち）",
            "Journal: test cards in bins",
        );
        readings.extend([
            believed(
                "journal_blanks",
                ("台帳：白カード", "Journal: blanks"),
                terms.hopper,
            ),
            film(
                "journal_ribbon",
                ("台帳：リボン", "Journal: ribbon sets"),
                Supply::Ribbon,
            ),
            film(
                "journal_patches",
                ("台帳：ホログラム", "Journal: patches"),
                Supply::Patches,
            ),
            believed("journal_spoiled", spoiled, terms.tray + terms.bag),
            believed("journal_tests", tests, terms.tests),
        ]);
        Ok(Report::of("supplies", readings))
    }

    /// What the printer shows, whether or not it fits this journal.
    pub(super) fn look(&mut self) -> Result<wire::Survey, Stop> {
        let sequence = self.sequence();
        let seen = self.open_hands()?.printer_survey(sequence);
        seen.map_err(|code| self.stop(code))
    }

    pub(super) fn printer_log(&mut self, from: u64, code: Option<&str>) -> Result<Report, Stop> {
        let printer = self.open_hands()?.printer();
        match printer.log(from) {
            Ok(entries) => {
                Ok(Report::of("log", Vec::new()).with(Detail::Log(machine::log(&entries, code))))
            }
            Err(printer::Error::NotUnderstood { .. }) => {
                Ok(Report::of("log", vec![lacking("log")]))
            }
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// An order of the printer's own, journalled around.
    pub(super) fn checks(
        &mut self,
        name: &'static str,
        order: wire::service::Order,
        by: By,
    ) -> Result<Report, Stop> {
        let printer = self.hands()?.printer();
        let words = (
            format!("{name} を実行しています"),
            format!("Running {name}"),
        );
        self.show((&words.0, &words.1), Some(0));
        let checks = self.between(name, by, |station, _| {
            let mut progress = |percent| station.show((&words.0, &words.1), Some(percent));
            match printer.service(order, &mut progress) {
                Ok(checks) => Ok(Some(checks)),
                Err(printer::Error::NotUnderstood { .. }) => Ok(None),
                Err(error @ printer::Error::Refused(Condition::NotWhereExpected)) => {
                    chips::say(&error, Code::CardInPath);
                    Err(station.stop(Code::CardInPath).detailed(in_the_way(order)))
                }
                Err(error) => Err(station.failed(&error)),
            }
        })?;
        let readings = checks.map_or_else(|| vec![lacking(name)], |all| machine::checks(&all));
        Ok(Report::of(name, readings))
    }

    /// A driver's error as a stop.
    pub(super) fn failed(&mut self, error: &printer::Error) -> Stop {
        let code = chips::say(error, hands::printer_fault(error));
        self.stop(code).detailed(error.to_string())
    }
}

/// What keeps the printer from an order.
fn in_the_way(order: wire::service::Order) -> &'static str {
    match order {
        wire::service::Order::Move {
            motor: wire::service::Motor::Feeder,
            ..
        } => "給紙部の白カードを出してから動かす / take the blanks out of the hopper first",
        wire::service::Order::Move { .. }
        | wire::service::Order::SelfTest
        | wire::service::Order::ScannerCheck
        | wire::service::Order::CleanHead => super::super::service::CLEAR,
    }
}

/// A machine that has no such thing.
fn lacking(name: &str) -> Reading {
    Reading::new(name, ("この機能", "This function"), Value::Absent)
}
