//! The screens in Debian's own browser, in front of the real devices of a rig: what a person
//! touches, what a page shows, what came of it in the journal. Waits for elements, never for time.
//! One browser serves all stories, one rig a story with several cards. Every screen that is reached
//! is measured, its picture lies in `target/kiosk-shots`; what is slow to ask of a page (axe-core,
//! sizes, languages) is asked once, of specimens (`src/kiosk/gallery`).

mod clerk;
mod counter;
mod figures;
mod four_eyes;
mod shared;
mod supervisor;
mod technician;
mod trouble;
