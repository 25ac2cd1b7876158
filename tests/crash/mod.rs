//! Real crashes: the real programs killed at any instant, their power cut, their disk damaged or
//! full. After each, persons and recovery bring the job to its end, and truth is looked at.

mod book;
mod campaign;
mod canary;
mod chance;
mod checks;
mod cut;
mod disk;
mod memory;
mod needles;
mod story;
mod tally;
mod told;
