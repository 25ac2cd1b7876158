//! The laws of the machine: each row of the recovery table, and a small world of truth in
//! which power is cut at random and two live cards must never meet.

use super::*;
