//! How a request that reached its goal is told, in words and as an object.

use serde_json::{Value, json};

use super::output::Output;
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
        } => {
            let time = elapsed_ms.map_or("—".to_owned(), |ms| {
                format!("{:.1}", f64::from(ms) / 1000.0)
            });
            let mut lines = pick(
                format!("{number} ができました（{time} 秒）。排出口で保持しています。"),
                format!("{number} is finished ({time} s). It is held in the exit slot."),
            );
            if let Some(old) = old_number {
                lines.extend(pick(
                    format!("旧カード {old} を回収してから渡します。"),
                    format!("The old card {old} is collected first."),
                ));
            }
            lines.extend(pick(
                "次に：station handover".to_owned(),
                "Next: station handover".to_owned(),
            ));
            lines
        }
        Reply::Delivered { number, record, .. } => {
            let mut lines = pick(
                format!("{number} を交付しました。"),
                format!("{number} is handed over."),
            );
            lines.extend(record.iter().map(|file| file.display().to_string()));
            lines
        }
        Reply::Withdrawn { number, .. } => pick(
            format!("{number} を取り消しました。番号は失効しました。"),
            format!("{number} is withdrawn. Its number is burned."),
        ),
        Reply::Returned { job } => pick(
            format!("{job} のカードは作っていません。白カードは無傷です。"),
            format!("No card was made for {job}. The blank is unharmed."),
        ),
        Reply::Idle => pick(
            "作業中の案件はありません。".to_owned(),
            "No job is open.".to_owned(),
        ),
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
        Reply::Proof { job, .. } => pick(format!("{job} の券面"), format!("Faces of {job}")),
        Reply::Diagnosed(report) => super::diag_show::lines(report, output.lang),
        Reply::Record(closed) => pick(
            format!("{} の発行記録", closed.job),
            format!("Record of {}", closed.job),
        ),
    }
}
