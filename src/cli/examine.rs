//! `station examine`: any card on the desk reader. Shows what the chip, its signature and the
//! authority say; keeps nothing, moves nothing but what lies on the desk.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chip::{Files, ReadChance};
use clap::Args;
use jiff::Timestamp;
use reader::Readers;
use serde_json::{Value, json};

use super::context::Context;
use super::outcome::{Exit, Failure, Outcome};
use super::record::write;
use super::{layout, stop};
use crate::authority::client::{Client, Enrolment, Patience};
use crate::authority::contract::NumberState;
use crate::config::Config;
use crate::desk::{self, Known, Looked, Permits, Seen, Signature, Trust, Verdict};
use crate::fault::Code;
use crate::product::CardNumber;
use crate::station::request::Stop;

/// Examine any card on the desk reader.
#[derive(Debug, Args)]
pub(super) struct ExamineArgs {
    /// The reader; by default the one on the desk
    #[arg(long, value_name = "NAME")]
    reader: Option<String>,
    /// The card's number, as printed on it
    #[arg(long, value_name = "NO")]
    number: Option<String>,
    /// Write the chip's face image to this PNG file
    #[arg(long, value_name = "FILE")]
    face: Option<PathBuf>,
    /// Seconds to wait for a card
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    wait_s: u64,
}

/// Examines the card on the desk.
///
/// # Errors
/// Exit code 3 when the reader or the authority cannot be reached, 1 when there is no card.
pub(super) fn run(args: &ExamineArgs, context: &mut Context) -> Outcome {
    let config = context.config()?;
    let number = number(args, context)?;
    let enrolment = Enrolment::load(&config.authority.enrolment_folder)
        .map_err(|cause| told(Code::AuthorityUntrusted, &cause))?;
    let looked = look(args, &config, &number, &enrolment, context)?;
    let state = asked(&enrolment, &number)?;
    let verdict = desk::judge(looked.seen, Known::from(&state));
    tell(&looked, &state, verdict, context);
    let face = match (&args.face, looked.files.as_ref()) {
        (Some(file), Some(files)) => Some(write_face(file, files, context)?),
        (Some(_), None) => return Err(no_face()),
        (None, _) => None,
    };
    Ok(json!({
        "number": number,
        "authority": state,
        "judged": verdict,
        "fault": verdict.code(),
        "face": face,
    }))
}

fn number(args: &ExamineArgs, context: &Context) -> Result<CardNumber, Failure> {
    let typed = match &args.number {
        Some(number) => number.clone(),
        None => context
            .prompt
            .ask(("カード番号：", "Card number:"), "--number")?,
    };
    CardNumber::parse(&typed).map_err(|cause| {
        Failure::refused(
            Exit::Usage,
            "not-a-number",
            (
                "カード番号の形ではありません。".to_owned(),
                format!("{cause}."),
            ),
            (
                "英大文字 2、数字 8、英大文字 2 の 12 文字を入力する。",
                "Type the twelve characters that are printed on the card.",
            ),
        )
    })
}

fn look(
    args: &ExamineArgs,
    config: &Config,
    number: &CardNumber,
    enrolment: &Enrolment,
    context: &Context,
) -> Result<Looked, Failure> {
    let name = args.reader.as_ref().unwrap_or(&config.readers.desk);
    let readers = Readers::connect().map_err(|cause| told(Code::ReaderGone, &cause))?;
    context.output.remark(
        &format!("カードを読み取り台に置いてください（{name}）。"),
        &format!("Place the card on the reader ({name})."),
    );
    let mut card = match readers.wait_card(name, Duration::from_secs(args.wait_s)) {
        Ok(card) => card,
        Err(reader::Error::Mute { .. }) => {
            return Ok(Looked {
                seen: Seen::Silent,
                files: None,
            });
        }
        Err(cause) => return Err(unread(&cause)),
    };
    let trust = Trust {
        authorities: &enrolment.chip_cas,
        on: Timestamp::now(),
    };
    desk::look(&mut card, number, trust, &chance()?)
        .map_err(|cause| told(Code::AuthorityUntrusted, &cause))
}

/// What of the reader's errors is no card, and what no reader.
fn unread(cause: &reader::Error) -> Failure {
    use reader::Error as E;
    let code = match cause {
        E::NoCard { .. } | E::CardGone { .. } | E::Mute { .. } | E::Cancelled => Code::NoOldCard,
        E::NoService(_)
        | E::NoReader { .. }
        | E::InUse { .. }
        | E::Unsendable { .. }
        | E::Broken { .. } => Code::ReaderGone,
    };
    told(code, cause)
}

fn told(code: Code, cause: &dyn std::error::Error) -> Failure {
    let stop = Stop::plain(code).of_no_card();
    stop.detailed(stop::causes(cause)).into()
}

fn chance() -> Result<ReadChance, Failure> {
    let (a, b) = (super::init::chance()?, super::init::chance()?);
    let mut challenge = [0; 8];
    challenge.copy_from_slice(&a[..8]);
    Ok(ReadChance { challenge, key: b })
}

/// What the authority knows of the number. A look-up moves nothing, so it speaks with the sequence
/// that the authority itself remembers and needs no journal.
fn asked(enrolment: &Enrolment, number: &CardNumber) -> Result<NumberState, Failure> {
    let client = Client::new(enrolment, Patience::default())
        .map_err(|cause| told(Code::AuthorityUntrusted, &cause))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|cause| told(Code::Offline, &cause))?;
    let state = runtime.block_on(async {
        let known = client.station().await?;
        client.set_sequence(known.sequence);
        client.number(number).await
    });
    state.map_err(|cause| told(Code::Offline, &cause))
}

/// Tells it line by line. Address and endorsements are read from the chip, and unsigned.
fn tell(looked: &Looked, state: &NumberState, verdict: Verdict, context: &Context) {
    let output = &context.output;
    let pick = |words: (&'static str, &'static str)| output.lang.pick(words.0, words.1);
    let row = |ja: &str, en: &str, text: &str| {
        output.line(&format!("{}\t{text}", output.lang.pick(ja, en)));
    };
    row("番号", "number", state.number.as_str());
    row("署名", "signature", pick(signature(looked.seen)));
    row(
        "電算記録",
        "authority",
        pick(Known::from(state).standing.words()),
    );
    row("判定", "verdict", pick(verdict.words()));
    row("すること", "to do", pick(to_do(verdict.permits())));
    if let Some(address) = looked.files.as_ref().and_then(Files::address) {
        row("住居地（署名なし）", "address (unsigned)", address);
    }
}

/// What a person does about a card that was examined.
fn to_do(permits: Permits) -> (&'static str, &'static str) {
    match permits {
        Permits::Proceed => (
            "券面と本人を見比べる。",
            "Compare the face with the holder.",
        ),
        Permits::SupervisorsEye => (
            "監督者がカードを目で確かめる。",
            "A supervisor looks at the card itself.",
        ),
        Permits::Refused => (
            "番号を確かめ、正しいカードを置く。",
            "Check the number, or lay the right card on the reader.",
        ),
        Permits::Keep => (
            "偽変造の疑い。返さずに保管し、監督者に渡す。",
            "Suspected forgery: keep it, do not give it back, call the supervisor.",
        ),
    }
}

fn signature(seen: Seen) -> (&'static str, &'static str) {
    match seen {
        Seen::Open(Signature::Verified(_)) => ("署名は正しい。", "It verifies."),
        Seen::Open(Signature::Missing) => ("署名はない。", "There is none."),
        Seen::Open(Signature::Altered) => ("署名とデータが合わない。", "It does not fit the data."),
        Seen::Open(Signature::Untrusted) => {
            ("署名者を信頼できない。", "Its signer is not trusted.")
        }
        Seen::Open(Signature::Expired) => (
            "証明書が期限の外にある。",
            "A certificate is outside its validity.",
        ),
        Seen::Silent | Seen::OtherCard | Seen::SecondGeneration | Seen::Shut => {
            ("読めない。", "It cannot be read.")
        }
    }
}

fn write_face(file: &Path, files: &Files, context: &Context) -> Result<Value, Failure> {
    let photo = files.photo().ok_or_else(no_face)?;
    let face = chip::image::jpeg2000::decode(photo).map_err(|_| no_face())?;
    let dots = image::RgbImage::from_raw(face.width, face.height, face.pixels);
    let png = dots.as_ref().and_then(layout::encode).ok_or_else(no_face)?;
    write(file, &png)?;
    context.output.remark(
        "顔画像を書きました。本人の情報です。用が済んだら消してください。",
        "The face image is written. It shows the holder: delete it when it is no longer needed.",
    );
    Ok(json!(file))
}

fn no_face() -> Failure {
    Failure::refused(
        Exit::Person,
        "no-face",
        (
            "チップに読める顔画像がありません。",
            "The chip holds no face image that can be read.",
        ),
        (
            "カードの写真を目で確かめる。",
            "Look at the photo on the card.",
        ),
    )
}
