//! The help texts in Japanese. The English ones stand beside the arguments; a test keeps both
//! complete.

use clap::Command;

use super::diag_words;
use super::lang::Lang;

/// The command with its help in this language.
pub(super) fn command(command: Command, lang: Lang) -> Command {
    match lang {
        Lang::En => command,
        Lang::Ja => japanese(command, ""),
    }
}

fn japanese(command: Command, path: &str) -> Command {
    let own = format!("{path} {}", command.get_name())
        .trim_start()
        .to_owned();
    let key = own.strip_prefix("station ").unwrap_or(&own);
    let diag = key == "diag" || key.starts_with("diag ");
    let told = if diag {
        diag_words::about(key)
    } else {
        about(key)
    };
    let mut command = match told {
        Some(about) => command.about(about).long_about(None),
        None => command,
    };
    let arguments: Vec<String> = command
        .get_arguments()
        .map(|argument| argument.get_id().to_string())
        .collect();
    for argument in arguments {
        let own = diag.then(|| diag_words::help(&argument)).flatten();
        if let Some(help) = own.or_else(|| help(&argument)) {
            command = command.mut_arg(&argument, |argument| argument.help(help).long_help(None));
        }
    }
    let commands: Vec<String> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    for sub in commands {
        command = command.mut_subcommand(&sub, |sub| japanese(sub, &own));
    }
    command
}

fn about(key: &str) -> Option<&'static str> {
    ABOUT
        .iter()
        .find(|(name, _)| *name == key)
        .map(|(_, text)| *text)
}

fn help(argument: &str) -> Option<&'static str> {
    HELP.iter()
        .find(|(name, _)| *name == argument)
        .map(|(_, text)| *text)
}

/// What each command does.
const ABOUT: &[(&str, &str)] = &[
    ("station", "窓口で在留カードを発行する"),
    ("issue", "カードを 1 枚作る（排出口まで）"),
    (
        "handover",
        "旧カードを回収し、新カードを交付し、旧カードに穴をあける",
    ),
    (
        "withdraw",
        "完成したカードを交付せずに取り消す。番号は失効する",
    ),
    ("recover", "途中で切れた作業を調べ、続きから進める"),
    ("serve", "窓口の画面を、この機械のブラウザーに出す"),
    ("survey", "機器の状態を示す。何も動かさない"),
    (
        "take-over",
        "交換や手作業の後の印刷機を 2 人で引き継ぐ。何も動かさない",
    ),
    ("preflight", "発行の前に確かめることを、順に確かめる"),
    (
        "supplies",
        "入っている材料と、廃棄を待つものを示す・記録する",
    ),
    (
        "supplies load",
        "印刷機に入れた材料を記録する。白カードは監督者も署名する",
    ),
    (
        "supplies unload",
        "取り外した材料を記録する。使用済みリボンには本人の情報が残る",
    ),
    (
        "supplies empty-tray",
        "不良箱を袋に空けたことを記録する。監督者も署名する",
    ),
    (
        "supplies book-back",
        "未使用の白カードを読み取り台で読み、給紙部に戻す",
    ),
    ("reconcile", "全部を数え、台帳と印刷機に突き合わせる"),
    ("shift", "窓口の締めと、その報告"),
    (
        "shift close",
        "全部を数えて窓口を締め、報告を書く。監督者も署名する",
    ),
    ("shift report", "締めの報告（PDF）を台帳から描き直す"),
    ("destroy", "廃棄を記録する。監督者も署名する"),
    ("destroy cards", "不良箱と袋のカード（不良・試験）"),
    ("destroy ribbons", "使用済みリボン。本人の情報が残っている"),
    ("destroy old-cards", "穴をあけた旧カード"),
    ("old-cards", "ここで回収した旧カードを示す"),
    ("examine", "読み取り台のカードを調べる"),
    ("layout", "案件の券面を印刷どおりに描く"),
    ("journal", "台帳"),
    ("journal show", "記録を番号順に示す"),
    ("journal verify", "最初から最後まで鎖を確かめる"),
    ("record", "閉じた案件の発行記録（1 ページ）"),
    (
        "timings",
        "新しいカードにかかった時間を予定と並べ、遅れの原因とともに示す",
    ),
    ("people", "ここで働く人"),
    ("people add", "人を加える。本人が PIN を 2 回入力する"),
    ("people list", "ID と役割の一覧を示す"),
    ("config", "設定ファイル"),
    (
        "config check",
        "設定ファイルを確かめる。行、項目、問題、直し方を示す",
    ),
    ("init", "この発行機の台帳と人の名簿を一度だけ作る"),
    ("help", "コマンドや停止コードを説明する"),
    ("help command", "コマンドの使い方を示す"),
    ("help fault", "停止コードの意味と、することを示す"),
    (
        "help faults",
        "すべての停止コードの一覧：意味、すること、決められる人",
    ),
];

/// What each argument is; a name means the same in every command.
const HELP: &[(&str, &str)] = &[
    (
        "file",
        "台帳のファイルかその写し。設定は要らない（既定はこの発行機の台帳）",
    ),
    (
        "checkpoints",
        "控え（番号:ハッシュ）と突き合わせる。重ねてよい",
    ),
    ("offline", "本部に控えを尋ねない"),
    ("config", "設定ファイル"),
    ("json", "結果を 1 行 1 件の JSON で出す。最後の行が結果"),
    ("lang", "言葉（既定は LC_MESSAGES）"),
    (
        "no_input",
        "質問しない。答えがなければ終了コード 2 で、必要な引数を示す",
    ),
    ("quiet", "進み具合と説明を出さない"),
    ("verbose", "ログを詳しく出す。重ねるとさらに詳しい"),
    ("no_color", "色を使わない（NO_COLOR と同じ）"),
    ("clerk", "担当者の ID"),
    ("supervisor", "確認する監督者の ID。担当者とは別の人"),
    (
        "pin_stdin",
        "PIN を標準入力から 1 行ずつ読む：担当者、監督者の順",
    ),
    ("decisions", "停止のときの決定。停止ごとに繰り返す"),
    ("job", "案件の ID"),
    ("reception", "受付番号"),
    ("next", "いちばん長く待っている案件（既定）"),
    ("dry_run", "予定と時間だけを示し、作らない"),
    ("old_card", "旧カードの扱い。回収以外は 2 人の確認がいる"),
    ("last_four", "新カードの番号の下 4 文字"),
    ("removed", "番号のないカードを取り出し、廃棄袋に入れた"),
    ("punched", "旧カードの番号の下 4 文字。穴をあけたことを示す"),
    ("reason", "理由"),
    ("reader", "リーダーの名前（既定は設定の読み取り台）"),
    ("number", "カード番号"),
    ("face", "チップの顔画像をこの PNG に書く"),
    ("wait_s", "カードを待つ秒数"),
    ("out", "書き出す先"),
    ("blank_art", "白カードの図柄を書く：front.png、back.png"),
    ("last", "新しい順に何枚のカードを見るか"),
    ("from", "最初に示す記録の番号"),
    ("person", "人の ID。氏名は使わない"),
    (
        "role",
        "役割：clerk 窓口係、supervisor 監督者、technician 技術者",
    ),
    ("by", "加えることを認める監督者。最初の監督者には要らない"),
    (
        "supply",
        "材料：blanks 白カード、ribbon リボン、patches ホログラム",
    ),
    ("serial", "ラベルの番号"),
    ("lot", "ラベルのロット"),
    ("count", "枚数"),
    ("hopper", "給紙部の白カードの枚数"),
    ("tray", "不良箱のカードの枚数"),
    ("bag", "廃棄袋のカードの枚数"),
    ("ribbons", "廃棄を待つ使用済みリボンの数"),
    ("old_cards", "箱の旧カードの枚数"),
    ("seen", "不良箱と袋のカードから読んだチップ番号かカード番号"),
    ("shift", "第何回の締めか（既定は最後の締め）"),
    ("because", "合わない理由。監督者が署名する"),
    ("cards", "station supplies の一覧の番号。なければ全部"),
    ("code", "停止コード（P-RIBBON-OUT など）"),
    ("command", "コマンド"),
    (
        "table",
        "内蔵の表の代わりに、この停止コードの表を確かめて示す",
    ),
    ("help", "使い方を示す"),
    ("version", "版を示す"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    use super::super::args::Line;

    fn every(command: &Command, visit: &mut impl FnMut(&Command)) {
        visit(command);
        for sub in command.get_subcommands() {
            every(sub, visit);
        }
    }

    #[test]
    fn every_command_and_argument_has_help_in_both_languages() {
        Line::command().debug_assert();
        let english = Line::command();
        let ours = |text: Option<String>| text.is_some_and(|t| !t.is_empty() && !t.is_ascii());
        every(&english, &mut |command| {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{}", argument.get_id());
            }
        });
        every(&super::command(Line::command(), Lang::Ja), &mut |command| {
            let about = command.get_about().map(ToString::to_string);
            assert!(ours(about), "{}", command.get_name());
            for argument in command.get_arguments() {
                let help = argument.get_help().map(ToString::to_string);
                assert!(ours(help), "{} {}", command.get_name(), argument.get_id());
            }
        });
    }
}
