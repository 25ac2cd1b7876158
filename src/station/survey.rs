//! What the devices show: for the runner, who judges by it, and for a person, line by line.

use super::Station;
use super::request::{Picture, Reply, Stop, SurveyLine};
use crate::fault::Code;
use crate::issuance::Survey;
use image::RgbImage;
use layouts::Side;
use wire::Tag;
use zeroize::Zeroizing;

impl Station<'_> {
    /// Everything that the devices show now; with `files`, the chip's files compared, too.
    pub(super) fn survey(&mut self, files: bool) -> Result<Survey, Stop> {
        let sequence = self.sequence();
        self.hands()?;
        let (hands, work) = (self.hands.as_mut(), self.work.as_ref().filter(|_| files));
        let Some(hands) = hands else {
            return Err(Stop::plain(Code::PortAbsent));
        };
        match hands.survey(sequence, work) {
            Ok(survey) => Ok(survey),
            Err(code) => Err(self.stop(code)),
        }
    }

    /// The survey as a person reads it. Moves nothing, and needs no authority.
    pub(super) fn show_devices(&mut self) -> Result<Reply, Stop> {
        let sequence = self.sequence();
        let hands = self.hands()?;
        let hello = hands.identity();
        let seen = match hands.printer_survey(sequence) {
            Ok(seen) => seen,
            Err(code) => return Err(self.stop(code)),
        };
        let missing = hands
            .missing_reader(true)
            .unwrap_or_else(|code| Some(code.to_string()));
        let mut lines = printer_lines(&hello, &seen);
        lines.push(line(
            "readers",
            "ICリーダー",
            "Chip readers",
            match missing {
                None => "OK".to_owned(),
                Some(name) => format!("— {name}"),
            },
        ));
        let place = format!("{:?}", self.issuance().card().place);
        lines.push(line(
            "journal",
            "記録上のカードの位置",
            "Card by the journal",
            place,
        ));
        let head = sequence.to_string();
        lines.push(line("sequence", "記録の番号", "Journal sequence", head));
        Ok(Reply::Surveyed { lines })
    }

    /// The faces of the job that is open here, as they are or would be printed.
    pub(super) fn proof(&mut self, job: &str) -> Result<Reply, Stop> {
        let open = self.ledger.open().and_then(|issuance| issuance.grant());
        if open.is_none_or(|grant| grant.job != job) {
            return Err(Stop::plain(Code::NoJob).detailed(job));
        }
        self.meet_authority()?;
        self.ready_work(crate::issuance::Step::Feed)?;
        let Some(work) = self.work.as_ref() else {
            return Err(Stop::plain(Code::NoJob));
        };
        let draw = |side| {
            layouts::proof(
                &self.kit.layout,
                &self.kit.fonts,
                &work.prepared.faces,
                side,
            )
            .map(picture)
            .map_err(|error| super::stopped(&error, Code::LayoutRefused))
        };
        let (front, back) = (Box::new(draw(Side::Front)?), Box::new(draw(Side::Back)?));
        Ok(Reply::Proof {
            job: job.to_owned(),
            front,
            back,
        })
    }
}

fn picture(image: RgbImage) -> Picture {
    let (width, height) = image.dimensions();
    Picture {
        width,
        height,
        rgb: Zeroizing::new(image.into_raw()),
    }
}

fn line(name: &str, japanese: &str, english: &str, value: String) -> SurveyLine {
    SurveyLine {
        name: name.to_owned(),
        japanese: japanese.to_owned(),
        english: english.to_owned(),
        value,
    }
}

fn printer_lines(hello: &str, seen: &wire::Survey) -> Vec<SurveyLine> {
    let sensors = &seen.sensors;
    let yes = |there: bool| {
        if there {
            "●".to_owned()
        } else {
            "◯".to_owned()
        }
    };
    let degrees = |tenths: i16| format!("{:.1} ℃", f32::from(tenths) / 10.0);
    let left = |tag: Option<&Tag>| {
        tag.map_or_else(
            || "—".to_owned(),
            |tag| format!("{} / {}", tag.remaining, tag.capacity),
        )
    };
    let counters = &seen.counters;
    vec![
        line("printer", "印刷機", "Printer", hello.to_owned()),
        line("boot", "起動番号", "Boot", seen.boot.to_string()),
        line("hopper", "給紙部", "Hopper", yes(sensors.hopper)),
        line("feeder", "送り部", "Feeder", yes(sensors.feeder)),
        line("encoder", "チップ部", "Encoder", yes(sensors.encoder)),
        line("head_in", "ヘッド入口", "Head, in", yes(sensors.head_in)),
        line("head_out", "ヘッド出口", "Head, out", yes(sensors.head_out)),
        line(
            "flipper",
            "反転部",
            "Flipper",
            format!("{:?}", sensors.flipper),
        ),
        line(
            "hologram",
            "ホログラム部",
            "Hologram",
            yes(sensors.hologram),
        ),
        line("check", "検査部", "Check", yes(sensors.check)),
        line("exit", "排出口", "Exit slot", yes(sensors.exit)),
        line(
            "tray_full",
            "不良箱の満杯",
            "Reject tray full",
            yes(sensors.tray_full),
        ),
        line(
            "cover_open",
            "ふたの開き",
            "Cover open",
            yes(sensors.cover_open),
        ),
        line(
            "head",
            "ヘッド温度",
            "Head",
            degrees(sensors.head_decidegrees),
        ),
        line(
            "patch",
            "貼付け温度",
            "Patch heater",
            degrees(sensors.patch_decidegrees),
        ),
        line(
            "blanks",
            "白カード",
            "Blanks",
            left(seen.supplies.blanks.as_ref()),
        ),
        line(
            "ribbon",
            "リボン",
            "Ribbon",
            left(seen.supplies.ribbon.as_ref()),
        ),
        line(
            "patches",
            "ホログラム",
            "Patches",
            left(seen.supplies.patches.as_ref()),
        ),
        line("fed", "給紙数", "Fed", counters.fed.to_string()),
        line("ejected", "排出数", "Ejected", counters.ejected.to_string()),
        line("taken", "受取数", "Taken", counters.taken.to_string()),
        line(
            "rejected",
            "不良数",
            "Rejected",
            counters.rejected.to_string(),
        ),
        line("lost", "紛失数", "Lost", counters.lost.to_string()),
    ]
}
