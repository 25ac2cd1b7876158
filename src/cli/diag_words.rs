//! The help texts of `station diag` in Japanese; `words` looks here first. The English ones stand
//! beside the arguments.

/// What a command does.
pub(super) fn about(key: &str) -> Option<&'static str> {
    find(&ABOUT, key.strip_prefix("diag ").unwrap_or(key))
}

/// What an argument is.
pub(super) fn help(argument: &str) -> Option<&'static str> {
    find(&HELP, argument)
}

fn find(table: &[(&str, &'static str)], key: &str) -> Option<&'static str> {
    table
        .iter()
        .find(|(name, _)| *name == key)
        .map(|(_, text)| *text)
}

const ABOUT: [(&str, &str); 19] = [
    ("diag", "技術者の診断：状態、試験、テストカード"),
    ("identity", "印刷機・リーダー・発行機の識別と版"),
    ("sensors", "センサーの値と正常の範囲"),
    ("counters", "戻らない計数"),
    ("supplies", "消耗品：印刷機の札と台帳"),
    ("log", "印刷機自身の記録を書き出す"),
    ("self-test", "印刷機の自己診断。カードは動かさない"),
    ("move", "モーターを 1 つだけ動かす"),
    ("scanner", "スキャナーを自分の白で確かめる"),
    ("clean", "印字ヘッドを 1 回清掃する"),
    ("encoder", "チップのリーダーを試す：応答、速度、往復時間"),
    ("line", "回線の質：速度ごとの誤り、遅れ、転送量"),
    ("test-card", "テストカードを印刷し、検査し、不良箱に入れる"),
    ("pattern", "色と位置合わせの図を印刷する（テストカード）"),
    ("calibrate", "測った時間を計画として設定ファイルに書く"),
    (
        "bundle",
        "サービス用のまとめを書き出す。本人の情報は入らない",
    ),
    ("history", "台帳にある停止の履歴"),
    ("clear", "案件のないカードを機械から出す"),
    ("help", "使い方を示す"),
];

const HELP: [(&str, &str); 22] = [
    ("technician", "技術者（または監督者）の ID"),
    ("pin_stdin", "PIN を標準入力から 1 行で読む"),
    ("watch", "Ctrl-C まで見続け、変わったものを示す"),
    ("from", "最初に示す記録の番号"),
    ("code", "このコードだけ"),
    (
        "motor",
        "モーター：feeder 送り、transport 搬送、head-lift ヘッド昇降、flipper 反転、ribbon-wind リボン、patch-wind ホログラム、exit-gate 排出口、reject-gate 不良箱",
    ),
    ("steps", "動かすステップ数。負は逆向き"),
    ("rounds", "交信の回数"),
    ("desk", "チップ部でなく、読み取り台のリーダーを試す"),
    ("baud", "試す速度。繰り返せる（既定は設定の速度）"),
    ("all", "設定できるすべての速度を試す"),
    ("probes", "速度ごとに送る数"),
    ("bytes", "1 つの大きさ（バイト）"),
    ("count", "枚数"),
    ("patch", "ホログラムも付ける"),
    ("test_cards", "先に作るテストカードの枚数（ホログラム付き）"),
    ("last", "新しいものから数えた件数"),
    ("out", "書き出すファイル"),
    ("yes", "中身を見たうえで書き出す（質問しない）"),
    ("zone", "この場所だけ"),
    ("outcome", "この結果だけ"),
    ("bagged", "手で取り出して廃棄袋に入れた"),
];
