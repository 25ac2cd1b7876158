//! The fuzz targets under libFuzzer: `FUZZ_TARGET` names one; its real bytes are laid into the
//! folder `FUZZ_SEEDS` before it begins. `make fuzz` says how.

#![no_main]

mod targets;

use std::sync::OnceLock;
use targets::{ALL, Target};

static CHOSEN: OnceLock<&Target> = OnceLock::new();

fn choose() {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let Some(target) = ALL.iter().find(|target| target.name == name) else {
        for target in &ALL {
            println!("{}", target.name);
        }
        std::process::exit(2);
    };
    if let Ok(folder) = std::env::var("FUZZ_SEEDS") {
        std::fs::create_dir_all(&folder).expect("a folder for the seeds");
        for (number, seed) in (target.seeds)().iter().enumerate() {
            std::fs::write(format!("{folder}/seed-{number:03}"), seed).expect("a seed");
        }
    }
    CHOSEN.get_or_init(|| target);
}

libfuzzer_sys::fuzz_target!(init: choose(), |data: &[u8]| {
    if let Some(target) = CHOSEN.get() {
        (target.run)(data);
    }
});
