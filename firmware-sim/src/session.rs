//! Frames in and out: what the firmware answers. Without IO, time as a parameter.
