//! Technicians' messages to frames and back (PROTOCOL.md §9).

use super::{read_refusal, write_refusal};
use crate::bytes::{Malformed, Reader, Writer};
use crate::frame::Channel;
use crate::service::{
    Ask, CHECKS_A_PAGE, Check, ChecksPage, ENTRIES_A_PAGE, Echo, Identity, LogEntry, LogPage,
    MAX_NAME, MAX_PROBE, MAX_UNIT, Motor, Order, Outcome, Probe, Tell,
};

const ORDER: u8 = 0x60;
const LOG: u8 = 0x61;
pub(super) const PROBE: u8 = 0x62;
const IDENTIFY: u8 = 0x63;

const ORDERED: u8 = 0xE0;
const PROGRESS: u8 = 0xE1;
const ENDED: u8 = 0xE2;
const LOG_PAGE: u8 = 0xE3;
pub(super) const ECHO: u8 = 0xE4;
const IDENTITY: u8 = 0xE5;

impl Ask {
    pub(super) fn write(&self, to: &mut Writer) -> u8 {
        match self {
            Ask::Order { tag, boot, order } => {
                to.u32(*tag).u32(*boot);
                order.write(to);
                ORDER
            }
            Ask::Log { tag, from } => {
                to.u32(*tag).u64(*from);
                LOG
            }
            Ask::Probe(Probe { tag, back, bytes }) => {
                to.u32(*tag).u16(*back).raw(bytes);
                PROBE
            }
            Ask::Identify { tag } => {
                to.u32(*tag);
                IDENTIFY
            }
        }
    }

    pub(super) fn read(
        channel: Channel,
        kind: u8,
        from: &mut Reader<'_>,
    ) -> Result<Ask, Malformed> {
        Ok(match (channel, kind) {
            (Channel::Control, ORDER) => Ask::Order {
                tag: from.u32()?,
                boot: from.u32()?,
                order: Order::read(from)?,
            },
            (Channel::Control, LOG) => Ask::Log {
                tag: from.u32()?,
                from: from.u64()?,
            },
            (Channel::Bulk, PROBE) => {
                let (tag, back) = (from.u32()?, from.u16()?);
                within("bytes back", back.into(), MAX_PROBE)?;
                let bytes = ballast(from)?;
                Ask::Probe(Probe { tag, back, bytes })
            }
            (Channel::Control, IDENTIFY) => Ask::Identify { tag: from.u32()? },
            (Channel::Control | Channel::Bulk, kind) => return Err(Malformed::Type(kind)),
        })
    }
}

impl Tell {
    pub(super) fn write(&self, to: &mut Writer) -> u8 {
        match self {
            Tell::Ordered { tag, refused } => {
                to.u32(*tag);
                write_refusal(*refused, to);
                ORDERED
            }
            Tell::Progress { tag, percent } => {
                to.u32(*tag).u8(*percent);
                PROGRESS
            }
            Tell::Ended { tag, result } => {
                to.u32(*tag);
                write_refusal(result.as_ref().err().copied(), to);
                if let Ok(page) = result {
                    page.write(to);
                }
                ENDED
            }
            Tell::Log(page) => {
                page.write(to);
                LOG_PAGE
            }
            Tell::Echo(echo) => {
                to.u32(echo.tag).u32(echo.echoes).u32(echo.damaged);
                to.raw(&echo.bytes);
                ECHO
            }
            Tell::Identity(Identity {
                tag,
                hardware,
                hours,
                cards,
            }) => {
                to.u32(*tag).counted(clip(hardware, 255));
                to.u32(*hours).u32(*cards);
                IDENTITY
            }
        }
    }

    pub(super) fn read(
        channel: Channel,
        kind: u8,
        from: &mut Reader<'_>,
    ) -> Result<Tell, Malformed> {
        Ok(match (channel, kind) {
            (Channel::Control, ORDERED) => Tell::Ordered {
                tag: from.u32()?,
                refused: read_refusal(from)?,
            },
            (Channel::Control, PROGRESS) => {
                let (tag, percent) = (from.u32()?, from.u8()?);
                within("percent", percent.into(), 100)?;
                Tell::Progress { tag, percent }
            }
            (Channel::Control, ENDED) => {
                let tag = from.u32()?;
                let result = match read_refusal(from)? {
                    Some(condition) => Err(condition),
                    None => Ok(ChecksPage::read(from)?),
                };
                Tell::Ended { tag, result }
            }
            (Channel::Control, LOG_PAGE) => Tell::Log(LogPage::read(from)?),
            (Channel::Bulk, ECHO) => Tell::Echo(Echo {
                tag: from.u32()?,
                echoes: from.u32()?,
                damaged: from.u32()?,
                bytes: ballast(from)?,
            }),
            (Channel::Control, IDENTITY) => Tell::Identity(Identity {
                tag: from.u32()?,
                hardware: text("hardware", 255, from)?,
                hours: from.u32()?,
                cards: from.u32()?,
            }),
            (Channel::Control | Channel::Bulk, kind) => return Err(Malformed::Type(kind)),
        })
    }
}

impl Order {
    fn write(self, to: &mut Writer) {
        match self {
            Order::SelfTest => to.u8(1).u8(0).i16(0),
            Order::ScannerCheck => to.u8(2).u8(0).i16(0),
            Order::CleanHead => to.u8(3).u8(0).i16(0),
            Order::Move { motor, steps } => to.u8(4).u8(motor.code()).i16(steps),
        };
    }

    fn read(from: &mut Reader<'_>) -> Result<Order, Malformed> {
        let (code, motor, steps) = (from.u8()?, from.u8()?, from.i16()?);
        match (code, motor, steps) {
            (1, 0, 0) => Ok(Order::SelfTest),
            (2, 0, 0) => Ok(Order::ScannerCheck),
            (3, 0, 0) => Ok(Order::CleanHead),
            (4, motor, steps) => match Motor::ALL.iter().find(|known| known.code() == motor) {
                Some(motor) => Ok(Order::Move {
                    motor: *motor,
                    steps,
                }),
                None => Err(value("motor", motor.into())),
            },
            (code, _, _) => Err(value("order", code.into())),
        }
    }
}

impl ChecksPage {
    fn write(&self, to: &mut Writer) {
        debug_assert!(self.checks.len() <= CHECKS_A_PAGE, "a page overflowed");
        to.u8(self.page).u8(self.pages).u8(self.checks.len() as u8);
        for check in &self.checks {
            to.counted(clip(&check.name, MAX_NAME));
            to.u8(match check.outcome {
                Outcome::Passed => 0,
                Outcome::Failed => 1,
                Outcome::Absent => 2,
            });
            to.u32(check.value as u32);
            to.counted(clip(&check.unit, MAX_UNIT));
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<ChecksPage, Malformed> {
        let (page, pages, count) = (from.u8()?, from.u8()?, from.u8()?);
        if page >= pages {
            return Err(value("page", page.into()));
        }
        within("checks", count.into(), CHECKS_A_PAGE)?;
        let checks = (0..count).map(|_| Check::read(from));
        Ok(ChecksPage {
            page,
            pages,
            checks: checks.collect::<Result<_, _>>()?,
        })
    }
}

impl Check {
    fn read(from: &mut Reader<'_>) -> Result<Check, Malformed> {
        Ok(Check {
            name: text("name of a check", MAX_NAME, from)?,
            outcome: match from.u8()? {
                0 => Outcome::Passed,
                1 => Outcome::Failed,
                2 => Outcome::Absent,
                other => return Err(value("outcome", other.into())),
            },
            value: from.u32()? as i32,
            unit: text("unit", MAX_UNIT, from)?,
        })
    }
}

impl LogPage {
    fn write(&self, to: &mut Writer) {
        debug_assert!(self.entries.len() <= ENTRIES_A_PAGE, "a page overflowed");
        to.u32(self.tag).u64(self.oldest).u64(self.newest);
        to.u8(self.entries.len() as u8);
        for entry in &self.entries {
            to.u64(entry.number).u32(entry.boot).u64(entry.clock_ms);
            to.u16(entry.condition.code()).u32(entry.card);
            to.u8(entry.step);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<LogPage, Malformed> {
        let (tag, oldest, newest) = (from.u32()?, from.u64()?, from.u64()?);
        let count = from.u8()?;
        within("entries", count.into(), ENTRIES_A_PAGE)?;
        let entry = |from: &mut Reader<'_>| {
            Ok(LogEntry {
                number: from.u64()?,
                boot: from.u32()?,
                clock_ms: from.u64()?,
                condition: from.u16()?.into(),
                card: from.u32()?,
                step: from.u8()?,
            })
        };
        let entries = (0..count).map(|_| entry(from));
        Ok(LogPage {
            tag,
            oldest,
            newest,
            entries: entries.collect::<Result<_, Malformed>>()?,
        })
    }
}

fn value(field: &'static str, value: u64) -> Malformed {
    Malformed::Value { field, value }
}

fn within(field: &'static str, count: usize, most: usize) -> Result<(), Malformed> {
    if count > most {
        return Err(value(field, count as u64));
    }
    Ok(())
}

fn ballast(from: &mut Reader<'_>) -> Result<Vec<u8>, Malformed> {
    let bytes = from.rest();
    within("ballast", bytes.len(), MAX_PROBE)?;
    Ok(bytes.to_vec())
}

/// The text's bytes, cut at a letter so that it stays within `most`.
fn clip(text: &str, most: usize) -> &[u8] {
    &text.as_bytes()[..text.floor_char_boundary(most)]
}

fn text(field: &'static str, most: usize, from: &mut Reader<'_>) -> Result<String, Malformed> {
    let bytes = from.counted()?;
    within(field, bytes.len(), most)?;
    let text = std::str::from_utf8(bytes);
    text.map(str::to_owned)
        .map_err(|bad| value(field, bytes[bad.valid_up_to()].into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::condition::Condition;
    use crate::frame::{Frame, MAX_PAYLOAD};
    use crate::message::{HostMessage, PrinterMessage};

    fn back(tell: &Tell) -> Result<PrinterMessage, Malformed> {
        let frame = Frame::from(&PrinterMessage::Service(tell.clone()));
        assert!(frame.payload.len() <= MAX_PAYLOAD);
        PrinterMessage::try_from(&frame)
    }

    fn check(name: String, unit: &str) -> Check {
        Check {
            name,
            outcome: Outcome::Absent,
            value: i32::MIN,
            unit: unit.to_owned(),
        }
    }

    #[test]
    fn the_fullest_pages_fit_a_frame_and_come_back() {
        let checks = vec![check("n".repeat(MAX_NAME), "unitunit"); 5 * CHECKS_A_PAGE];
        let pages = ChecksPage::all(&checks);
        assert_eq!((pages.len(), pages[4].page, pages[4].pages), (5, 4, 5));
        let entry = LogEntry {
            number: u64::MAX,
            boot: u32::MAX,
            clock_ms: u64::MAX,
            condition: Condition::Unknown(0xBEEF),
            card: u32::MAX,
            step: u8::MAX,
        };
        let log = Tell::Log(LogPage {
            tag: 1,
            oldest: 1,
            newest: u64::MAX,
            entries: vec![entry; ENTRIES_A_PAGE],
        });
        let echo = Tell::Echo(Echo {
            tag: 1,
            echoes: 1,
            damaged: 1,
            bytes: vec![0; MAX_PROBE],
        });
        let ended = pages.into_iter().map(|page| Tell::Ended {
            tag: 1,
            result: Ok(page),
        });
        for tell in ended.chain([log, echo]) {
            assert_eq!(back(&tell), Ok(PrinterMessage::Service(tell)));
        }
        assert_eq!(ChecksPage::all(&[]).len(), 1, "an end is always told");
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_between_letters() {
        let page = ChecksPage {
            page: 0,
            pages: 1,
            checks: vec![check("x".repeat(39) + "温度", "温度温")],
        };
        let told = Tell::Ended {
            tag: 1,
            result: Ok(page),
        };
        let Ok(PrinterMessage::Service(Tell::Ended { result, .. })) = back(&told) else {
            panic!("{told:?}")
        };
        let checks = result.expect("a page").checks;
        assert_eq!(checks, [check("x".repeat(39), "温度")]);
    }

    #[test]
    fn orders_out_of_their_form_are_malformed() {
        let read = |order: [u8; 4]| {
            let payload = [&[0; 8][..], &order].concat();
            let (channel, kind) = (Channel::Control, ORDER);
            HostMessage::try_from(&Frame {
                channel,
                kind,
                payload,
            })
        };
        assert!(read([3, 0, 0, 0]).is_ok() && read([4, 8, 0, 0]).is_ok());
        for order in [
            [0, 0, 0, 0],
            [3, 1, 0, 0],
            [3, 0, 0, 1],
            [4, 0, 0, 1],
            [4, 9, 0, 1],
            [5, 0, 0, 0],
        ] {
            assert!(
                matches!(read(order), Err(Malformed::Value { .. })),
                "{order:?}"
            );
        }
    }
}
