//! How a request that reached its goal is told, in words and as an object.

use serde_json::{Value, json};

use super::output::Output;
use crate::issuance::TakenOver;
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
            elapsed_ms,
            old_number,
            ..
        } => produced(number, *elapsed_ms, old_number.as_ref(), output),
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
        Reply::Supplies(_) => Vec::new(),
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
    elapsed_ms: Option<u32>,
    old_number: Option<&CardNumber>,
    output: &Output,
) -> Vec<String> {
    let pick = |ja: String, en: String| output.lang.pick(ja, en);
    let time = elapsed_ms.map_or("—".to_owned(), |ms| {
        format!("{:.1}", f64::from(ms) / 1000.0)
    });
    let mut lines = vec![pick(
        format!("{number} ができました（{time} 秒）。排出口で保持しています。"),
        format!("{number} is finished ({time} s). It is held in the exit slot."),
    )];
    lines.extend(old_number.map(|old| {
        pick(
            format!("旧カード {old} を回収してから渡します。"),
            format!("The old card {old} is collected first."),
        )
    }));
    lines.push(next(output, "station handover"));
    lines
}
