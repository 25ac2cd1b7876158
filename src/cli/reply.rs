//! How a request that reached its goal is told, in words and as an object.

use serde_json::{Value, json};

use super::output::Output;
use crate::fault::Words;
use crate::issuance::{Seen, TakenOver};
use crate::product::CardNumber;
use crate::station::request::Reply;

/// Tells a reply in words; gives the members of the result object.
pub(super) fn tell(reply: &Reply, output: &Output) -> Value {
    for line in lines(reply, output) {
        output.line(&line);
    }
    serde_json::to_value(reply).unwrap_or_else(|cause| json!({ "unprintable": cause.to_string() }))
}

fn lines(reply: &Reply, output: &Output) -> Vec<String> {
    let pick = |ja: String, en: String| vec![output.lang.pick(ja, en)];
    match reply {
        Reply::Produced {
            number,
            attempt,
            elapsed_ms,
            old_number,
            ..
        } => produced(number, (*attempt, *elapsed_ms), old_number.as_ref(), output),
        Reply::Delivered { number, record, .. } => {
            let mut lines = pick(
                format!("{number} を交付しました。"),
                format!("{number} is handed over."),
            );
            lines.extend(record.iter().map(|file| file.display().to_string()));
            lines.push(next(output, "station issue"));
            lines
        }
        Reply::Withdrawn { number, .. } => {
            let mut lines = pick(
                format!("{number} を取り消しました。番号は失効しました。"),
                format!("{number} is withdrawn. Its number is burned."),
            );
            lines.push(next(output, "station issue"));
            lines
        }
        Reply::Quarantined { number, seen, .. } => quarantined(number, seen.as_ref(), output),
        Reply::Returned { job } => {
            let mut lines = pick(
                format!("{job} のカードは作っていません。白カードは無傷です。"),
                format!("No card was made for {job}. The blank is unharmed."),
            );
            lines.push(next(output, "station issue"));
            lines
        }
        Reply::Idle => {
            let mut lines = pick(
                "作業中の案件はありません。".to_owned(),
                "No job is open.".to_owned(),
            );
            lines.push(next(output, "station issue"));
            lines
        }
        Reply::Fits { printer } => pick(
            format!("印刷機 {printer} は、この窓口の記録と合っています。何も書いていません。"),
            format!("The printer {printer} fits this journal; nothing was written."),
        ),
        Reply::TakenOver(taken) => taken_over(taken, output),
        Reply::Surveyed { lines } => lines
            .iter()
            .map(|line| {
                format!(
                    "{}\t{}",
                    output.lang.pick(&line.japanese, &line.english),
                    line.value
                )
            })
            .collect(),
        Reply::Preflight { checks, .. } => checks
            .iter()
            .map(|check| format!("{}\t{:?}\t{}", check.name, check.state, check.value))
            .collect(),
        // Told by the commands that ask for it, in more words than these.
        Reply::Supplies(_) | Reply::Agenda(_) | Reply::Shift(_) => Vec::new(),
        Reply::Proof { job, .. } => pick(format!("{job} の券面"), format!("Faces of {job}")),
        Reply::Diagnosed(report) => super::diag_show::lines(report, output.lang),
        Reply::Record(closed) => pick(
            format!("{} の発行記録", closed.job),
            format!("Record of {}", closed.job),
        ),
    }
}

/// The command to run next.
fn next(output: &Output, command: &str) -> String {
    super::stop::command(command, output.lang)
}

/// A card set aside may still lie in the machine.
fn quarantined(number: &CardNumber, seen: Option<&Seen>, output: &Output) -> Vec<String> {
    let pick = |ja: String, en: String| output.lang.pick(ja, en);
    let mut lines = vec![pick(
        format!("{number} のカードを隔離しました。番号は失効しました。"),
        format!("The card {number} is quarantined. Its number is burned."),
    )];
    lines.extend(seen.map(|seen| {
        let Words(ja, en) = seen.words();
        pick(ja, en)
    }));
    lines.push(pick(
        "機械の中に残っていれば、取り出して監督者に渡す。".to_owned(),
        "If it is still in the machine, take it out and give it to the supervisor.".to_owned(),
    ));
    lines.push(next(output, "station issue"));
    lines
}

fn taken_over(taken: &TakenOver, output: &Output) -> Vec<String> {
    let (first, second) = (&taken.by.first().person, &taken.by.second().person);
    let TakenOver {
        printer, counters, ..
    } = taken;
    let pick = |ja: String, en: String| output.lang.pick(ja, en);
    vec![
        pick(
            format!("印刷機 {printer} を {first} と {second} が引き継ぎました。"),
            format!("{first} and {second} took the printer {printer} over."),
        ),
        pick(
            format!(
                "計数：給紙 {}、排出 {}、受取 {}、不良 {}",
                counters.fed, counters.ejected, counters.taken, counters.rejected
            ),
            format!(
                "Counters: fed {}, ejected {}, taken {}, rejected {}",
                counters.fed, counters.ejected, counters.taken, counters.rejected
            ),
        ),
        next(output, "station issue"),
    ]
}

fn produced(
    number: &CardNumber,
    (attempt, elapsed_ms): (u32, Option<u32>),
    old_number: Option<&CardNumber>,
    output: &Output,
) -> Vec<String> {
    let pick = |ja: String, en: String| output.lang.pick(ja, en);
    // None where the making was cut in two: nobody measured it then.
    let time = elapsed_ms.map(|ms| f64::from(ms) / 1000.0);
    let (ja, en) = (
        time.map_or(String::new(), |s| format!("（{s:.1} 秒）")),
        time.map_or(String::new(), |s| format!(" ({s:.1} s)")),
    );
    let mut lines = vec![pick(
        format!("{number} ができました{ja}。排出口で保持しています。"),
        format!("{number} is finished{en}. It is held in the exit slot."),
    )];
    if attempt > 1 {
        lines.push(pick(
            format!("{attempt} 回目の許可で作りました。前の番号は失効しています。"),
            format!("It was made under grant {attempt}; the number before is burned."),
        ));
    }
    lines.extend(old_number.map(|old| {
        pick(
            format!("旧カード {old} を回収してから渡します。"),
            format!("The old card {old} is collected first."),
        )
    }));
    lines.push(next(output, "station handover"));
    lines
}
