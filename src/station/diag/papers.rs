//! What the journal tells a technician, and the files of a service bundle. Shows no number, no
//! job, no person, no serial of a chip.

use super::super::request::Stop;
use super::super::{Station, journal_fault, stopped};
use crate::diag::bundle::File;
use crate::diag::history::{self, Filter};
use crate::diag::{Detail, Report, machine};
use crate::fault::Code;
use crate::issuance::Entry;
use serde_json::json;

/// The folder of the newest report of each order, in the station's data folder.
pub(super) const RESULTS: &str = "diag";
/// Cards that phase statistics rest on.
const STATISTICS: usize = 1_000;

impl Station<'_> {
    /// Every record of the journal with its number, oldest first.
    pub(super) fn entries(&self) -> Result<Vec<(u64, Entry)>, Stop> {
        let records = self
            .journal
            .replay()
            .map_err(|error| stopped(&error, journal_fault(&error)))?;
        let entries = records.iter().map(|(sequence, bytes)| {
            Entry::parse(bytes)
                .map(|entry| (*sequence, entry))
                .map_err(|error| stopped(&error, Code::JournalDamaged))
        });
        entries.collect()
    }

    pub(super) fn history(&mut self, filter: &Filter) -> Result<Report, Stop> {
        let entries = self.entries()?;
        let numbered = entries.iter().map(|(sequence, entry)| (*sequence, entry));
        let faults = history::faults(numbered, filter);
        Ok(Report::of("history", Vec::new()).with(Detail::Faults(faults)))
    }

    /// The files of a bundle. What a device does not tell now is left out; the bundle is for
    /// machines that are not well.
    pub(super) fn bundle(&mut self) -> Result<Report, Stop> {
        let mut files = vec![self.about(), self.configuration()];
        files.extend(self.of_the_printer());
        files.extend(self.of_the_journal()?);
        files.extend(self.results());
        Ok(Report::of("bundle", Vec::new()).with(Detail::Files(files)))
    }

    fn about(&self) -> File {
        let text = format!(
            "station {}\nversion {}\nmade {}\n",
            self.config.station.id,
            env!("CARGO_PKG_VERSION"),
            self.clock.now()
        );
        File::text(
            "about.txt",
            ("作成日時と版", "when and by what it was made"),
            &text,
        )
    }

    /// What an office set, without folders: they may name people.
    fn configuration(&self) -> File {
        let config = self.config;
        let plan = config.budget_s.each_ms();
        let text = json!({
            "station": { "id": config.station.id, "office": config.station.office },
            "printer": { "port": config.printer.port.file_name().map(|n| n.to_string_lossy()),
                         "baud": config.printer.baud },
            "readers": { "encoder": config.readers.encoder, "check": config.readers.check,
                         "desk": config.readers.desk,
                         "apdu_length": format!("{:?}", config.readers.apdu_length) },
            "layout": { "resolution_dpi": config.layout.resolution_dpi },
            "plan_ms": plan.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
        });
        let words = (
            "設定（フォルダーと鍵を除く）",
            "configuration, without folders and keys",
        );
        File::text("configuration.json", words, &format!("{text:#}\n"))
    }

    fn of_the_printer(&mut self) -> Vec<File> {
        let mut files = Vec::new();
        if let Ok(mut report) = self.identity() {
            // A path may name people.
            report.readings.retain(|one| one.name != "port");
            let words = ("識別と版", "identity and versions");
            files.push(File::lines("identity.jsonl", words, &report.readings));
        }
        if let Ok(seen) = self.look() {
            let words = ("センサー", "sensors");
            files.push(File::lines(
                "sensors.jsonl",
                words,
                &machine::sensors(&seen.sensors, 0),
            ));
            let words = ("計数", "counters");
            files.push(File::lines(
                "counters.jsonl",
                words,
                &machine::counters(&seen.counters),
            ));
        }
        if let Ok(report) = self.supplies() {
            let words = ("消耗品", "supplies");
            files.push(File::lines("supplies.jsonl", words, &report.readings));
        }
        if let Ok(Report {
            detail: Detail::Log(log),
            ..
        }) = self.printer_log(1, None)
        {
            files.push(File::lines(
                "printer-log.jsonl",
                ("印刷機の記録", "the printer's log"),
                &log,
            ));
        }
        files
    }

    fn of_the_journal(&self) -> Result<Vec<File>, Stop> {
        let entries = self.entries()?;
        let numbered = entries.iter().map(|(sequence, entry)| (*sequence, entry));
        let faults = history::faults(numbered.clone(), &Filter::default());
        let measured = history::measured(entries.iter().map(|(_, entry)| entry), STATISTICS);
        let state = |(sequence, entry): (u64, &Entry)| json!({ "sequence": sequence, "at": entry.at, "state": history::state_of(entry) });
        let states: Vec<_> = numbered.map(state).collect();
        Ok(vec![
            File::lines("faults.jsonl", ("停止の履歴", "fault history"), &faults),
            File::lines(
                "phases.jsonl",
                ("工程の時間", "phase times"),
                &history::spreads(&measured),
            ),
            File::lines(
                "journal-states.jsonl",
                (
                    "台帳の状態のみ（番号・案件・人を除く）",
                    "journal, states only",
                ),
                &states,
            ),
        ])
    }

    /// The newest report of each order that was given here.
    fn results(&self) -> Vec<File> {
        let folder = self.config.station.data_folder.join(RESULTS);
        let Ok(found) = std::fs::read_dir(folder) else {
            return Vec::new();
        };
        let mut paths: Vec<_> = found.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        let file = |path: &std::path::PathBuf| {
            let name = format!("results/{}", path.file_name()?.to_str()?);
            let text = std::fs::read_to_string(path).ok()?;
            Some(File::text(
                &name,
                ("診断の結果", "result of an order"),
                &text,
            ))
        };
        paths.iter().filter_map(file).collect()
    }
}
