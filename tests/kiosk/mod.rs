//! The screens in Debian's own browser, in front of the real devices of a rig: what a person
//! touches, what a page shows, what came of it in the journal. Waits for elements, never for time.
//! Every screen that is reached is looked at in both languages (`measure`); its pictures lie in
//! `target/kiosk-shots`.

mod axe;
mod browser;
mod clerk;
mod counter;
mod measure;
mod supervisor;
mod technician;
mod texts;
mod trouble;
