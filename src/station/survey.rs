//! What the devices show: for the runner, who judges by it, and for a person, line by line.

use super::request::{Picture, Reply, Stop, SurveyLine};
use super::seams::{Moves as _, Prepares as _, Stands as _, World};
use super::{Station, translate};
use crate::fault::Code;
use crate::issuance::{Chip, Survey};
use image::RgbImage;
use layouts::Side;
use wire::{Counters, Sensors, Supplies, Tag};
use zeroize::Zeroizing;

impl<W: World> Station<'_, W> {
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

    /// What the printer shows now. The chip is not asked: between two steps nothing hangs on its
    /// word, and each command to it would cost the card its time.
    pub(super) fn look_at_printer(&mut self) -> Result<Survey, Stop> {
        let sequence = self.sequence();
        match self.hands()?.printer_survey(sequence) {
            Ok(seen) => Ok(translate::survey(&seen, Chip::NotAsked)),
            Err(code) => Err(self.stop(code)),
        }
    }

    /// The survey as a person reads it. Moves nothing, and needs no authority.
    pub(super) fn show_devices(&mut self) -> Result<Reply, Stop> {
        let sequence = self.sequence();
        let hands = self.open_hands()?;
        let hello = hands.identity();
        let seen = match hands.printer_survey(sequence) {
            Ok(seen) => seen,
            Err(code) => return Err(self.stop(code)),
        };
        let readers = match hands.antennas() {
            Ok(there) if there.missing().is_empty() => "OK".to_owned(),
            Ok(there) => format!("— {}", there.missing()),
            Err(code) => format!("— {code}"),
        };
        let mut lines = printer_lines(&hello, &seen);
        lines.push(line("readers", "ICリーダー", "Chip readers", readers));
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
            let drawn = self.kit.proof(&work.prepared.faces, side).map(picture);
            drawn.map_err(|error| super::stopped(&error, Code::LayoutRefused))
        };
        let (front, back) = (Box::new(draw(Side::Front)?), Box::new(draw(Side::Back)?));
        Ok(Reply::Proof {
            job: job.to_owned(),
            sheet: Box::new(self.sheet(work, &front)),
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
    let mut lines = vec![
        line("printer", "印刷機", "Printer", hello.to_owned()),
        line("boot", "起動番号", "Boot", seen.boot.to_string()),
    ];
    lines.extend(sensor_lines(&seen.sensors));
    lines.extend(supply_lines(&seen.supplies));
    lines.extend(counter_lines(&seen.counters));
    lines
}

fn sensor_lines(seen: &Sensors) -> [SurveyLine; 13] {
    let sensor = |name, japanese, english, covered: bool| {
        let mark = if covered { "●" } else { "◯" };
        line(name, japanese, english, mark.to_owned())
    };
    let heat = |name, japanese, english, tenths: i16| {
        let degrees = format!("{:.1} ℃", f32::from(tenths) / 10.0);
        line(name, japanese, english, degrees)
    };
    let flipper = format!("{:?}", seen.flipper);
    [
        sensor("hopper", "給紙部", "Hopper", seen.hopper),
        sensor("feeder", "送り部", "Feeder", seen.feeder),
        sensor("encoder", "チップ部", "Encoder", seen.encoder),
        sensor("head_in", "ヘッド入口", "Head, in", seen.head_in),
        sensor("head_out", "ヘッド出口", "Head, out", seen.head_out),
        line("flipper", "反転部", "Flipper", flipper),
        sensor("hologram", "ホログラム部", "Hologram", seen.hologram),
        sensor("check", "検査部", "Check", seen.check),
        sensor("exit", "排出口", "Exit slot", seen.exit),
        sensor(
            "tray_full",
            "不良箱の満杯",
            "Reject tray full",
            seen.tray_full,
        ),
        sensor("cover_open", "ふたの開き", "Cover open", seen.cover_open),
        heat("head", "ヘッド温度", "Head", seen.head_decidegrees),
        heat(
            "patch",
            "貼付け温度",
            "Patch heater",
            seen.patch_decidegrees,
        ),
    ]
}

fn supply_lines(seen: &Supplies) -> [SurveyLine; 3] {
    let supply = |name, japanese, english, tag: Option<&Tag>| {
        let left = tag.map_or_else(
            || "—".to_owned(),
            |tag| format!("{} / {}", tag.remaining, tag.capacity),
        );
        line(name, japanese, english, left)
    };
    [
        supply("blanks", "白カード", "Blanks", seen.blanks.as_ref()),
        supply("ribbon", "リボン", "Ribbon", seen.ribbon.as_ref()),
        supply("patches", "ホログラム", "Patches", seen.patches.as_ref()),
    ]
}

fn counter_lines(seen: &Counters) -> [SurveyLine; 5] {
    let counter =
        |name, japanese, english, count: u32| line(name, japanese, english, count.to_string());
    [
        counter("fed", "給紙数", "Fed", seen.fed),
        counter("ejected", "排出数", "Ejected", seen.ejected),
        counter("taken", "受取数", "Taken", seen.taken),
        counter("rejected", "不良数", "Rejected", seen.rejected),
        counter("lost", "紛失数", "Lost", seen.lost),
    ]
}
