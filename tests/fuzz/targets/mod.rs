//! Whatever takes bytes from outside, as one function each that must survive all of them,
//! beside real bytes to begin with. `make test` runs them briefly, `make fuzz` at length.

mod card;
mod files;
mod line;
mod talk;

/// One parser, or one side of a talk, and what it is fed with.
pub(crate) struct Target {
    /// As `make fuzz TARGET=…` names it.
    pub(crate) name: &'static str,
    /// Survives any bytes; a law that they break panics.
    pub(crate) run: fn(&[u8]),
    /// Real bytes.
    pub(crate) seeds: fn() -> Vec<Vec<u8>>,
    /// Inputs in a brief run.
    pub(crate) rounds: usize,
}

/// All of them.
pub(crate) static ALL: [Target; 26] = [
    target("frames", line::frames, line::frame_seeds, 600),
    target(
        "host-messages",
        line::host_messages,
        line::host_message_seeds,
        2000,
    ),
    target(
        "printer-messages",
        line::printer_messages,
        line::printer_message_seeds,
        2000,
    ),
    target("assembly", line::assembly, line::assembly_seeds, 300),
    target("bands", line::bands, line::band_seeds, 600),
    target("scan", line::scan, line::scan_seeds, 200),
    target("driver", talk::driver, talk::driver_seeds, 200),
    target("firmware", talk::firmware, talk::firmware_seeds, 200),
    target("apdu", card::apdu, card::apdu_seeds, 2000),
    target("chip-answers", card::answers, card::answer_seeds, 200),
    target("chip-talk", card::bent_answers, card::bend_seeds, 100),
    target("signature", card::signature, card::signature_seeds, 100),
    target(
        "front-image",
        card::front_image,
        card::front_image_seeds,
        100,
    ),
    target("chip-photo", card::photo, card::photo_seeds, 20),
    target("photo", files::photo, files::photo_seeds, 40),
    target("grant", files::grant, files::grant_seeds, 60),
    target("approval", files::approval, files::approval_seeds, 300),
    target("contract", files::contract, files::contract_seeds, 500),
    target("layout", files::layout, files::layout_seeds, 30),
    target(
        "station-toml",
        files::station_toml,
        files::station_toml_seeds,
        200,
    ),
    target(
        "fault-table",
        files::fault_table,
        files::fault_table_seeds,
        60,
    ),
    target("scenario", files::scenario, files::scenario_seeds, 300),
    target(
        "timing-table",
        files::timing_table,
        files::timing_table_seeds,
        300,
    ),
    target("control", files::control, files::control_seeds, 500),
    target(
        "kanji-list",
        files::kanji_list,
        files::kanji_list_seeds,
        200,
    ),
    target("journal", files::journal, files::journal_seeds, 500),
];

const fn target(
    name: &'static str,
    run: fn(&[u8]),
    seeds: fn() -> Vec<Vec<u8>>,
    rounds: usize,
) -> Target {
    Target {
        name,
        run,
        seeds,
        rounds,
    }
}

/// Takes an input apart into numbers and runs of bytes; what is not there is zero.
pub(crate) struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    pub(crate) fn of(data: &'a [u8]) -> Bytes<'a> {
        Bytes(data)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn u8(&mut self) -> u8 {
        self.run(1).first().copied().unwrap_or(0)
    }

    pub(crate) fn u16(&mut self) -> u16 {
        u16::from_be_bytes([self.u8(), self.u8()])
    }

    pub(crate) fn u32(&mut self) -> u32 {
        u32::from(self.u16()) << 16 | u32::from(self.u16())
    }

    /// At most this many bytes.
    pub(crate) fn run(&mut self, count: usize) -> &'a [u8] {
        let (head, tail) = self.0.split_at(count.min(self.0.len()));
        self.0 = tail;
        head
    }

    pub(crate) fn rest(&mut self) -> &'a [u8] {
        self.run(usize::MAX)
    }
}

/// The frames that PROTOCOL.md works through, by the side that says them.
fn worked_examples() -> Vec<(String, Vec<u8>)> {
    let protocol = include_str!("../../../drivers/wire/PROTOCOL.md");
    let blocks = protocol.split("```hex ").skip(1);
    let example = |block: &str| {
        let (name, rest) = block.split_once('\n')?;
        let (hex, _) = rest.split_once("```")?;
        let bytes = hex.split_whitespace();
        let bytes = bytes.map(|digits| u8::from_str_radix(digits, 16).ok());
        Some((name.to_owned(), bytes.collect::<Option<_>>()?))
    };
    blocks.filter_map(example).collect()
}
