//! Faults to inject, from a TOML file.
