//! Fencing, end to end at the service: two stations that keep to their order, lost answers, time,
//! replays, persons who write off, an authority that is put back. Truth is what was handed over;
//! belief is the authority's real storage. Needs no network: time and caller are parameters.

mod agent;
mod bench;
mod desk;
mod laws;
mod persons;
mod refusals;
