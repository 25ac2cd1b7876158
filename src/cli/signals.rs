//! Ctrl-C and SIGTERM mean "stop after this motion": heard here, obeyed by the station between
//! motions, never inside one.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};

use super::output::Output;

/// Set by the first Ctrl-C or SIGTERM: stop after this motion.
pub static STOP_ASKED: AtomicBool = AtomicBool::new(false);

/// Starts to listen, once in a process. Without it a signal ends the process at once, which the
/// journal bears too, but the card would be in doubt.
pub(super) fn listen(output: Output) {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            match runtime {
                Ok(runtime) => runtime.block_on(hear(output)),
                Err(cause) => tracing::warn!(%cause, "signals are not heard"),
            }
        });
    });
}

async fn hear(output: Output) {
    let both = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    let (Ok(mut interrupt), Ok(mut terminate)) = both else {
        tracing::warn!("signals are not heard");
        return;
    };
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        let again = STOP_ASKED.swap(true, Ordering::Relaxed);
        let (ja, en) = words(again);
        output.word(output.lang.pick(ja, en));
    }
}

fn words(again: bool) -> (&'static str, &'static str) {
    if again {
        (
            "カードが動いています。いまの動作が終わると止まります。",
            "A card is moving. It stops when this motion has ended.",
        )
    } else {
        (
            "この動作の後で止めます。",
            "It will stop after this motion.",
        )
    }
}
