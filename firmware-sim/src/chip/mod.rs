//! The chip: card operating system, application, keys. Without IO.
