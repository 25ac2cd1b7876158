//! The printer's mechanics, supplies, counters and scanner. Without IO, time as a parameter.
