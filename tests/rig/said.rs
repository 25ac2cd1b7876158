//! What one command of the station came to: exit code, objects, words.

use serde_json::Value;

/// The end of one command.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) exit: Option<i32>,
    pub(crate) objects: Vec<Value>,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn new(exit: Option<i32>, out: &str, err: String) -> Said {
        let objects = out
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        Said { exit, objects, err }
    }

    /// It must have reached its goal.
    #[track_caller]
    pub(crate) fn reached(self) -> Said {
        assert_eq!(self.exit, Some(0), "{}\n{}", self.result(), self.err);
        self
    }

    /// It must have stopped with this fault.
    #[track_caller]
    pub(crate) fn stopped(self, code: &str) -> Said {
        assert_eq!(self.fault(), code, "{}\n{}", self.result(), self.err);
        assert!(self.exit.is_some_and(|exit| (1..=4).contains(&exit)));
        self
    }

    /// The code of the fault that it stopped with; empty when it did not.
    pub(crate) fn fault(&self) -> &str {
        self.result()["stop"]["code"].as_str().unwrap_or_default()
    }

    /// The last object.
    pub(crate) fn result(&self) -> &Value {
        self.objects.last().unwrap_or(&Value::Null)
    }

    pub(crate) fn text(&self, member: &str) -> String {
        self.result()[member]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The new card's number, of a goal reached or of a stop.
    pub(crate) fn number(&self) -> String {
        let stop = self.result()["stop"]["number"].as_str();
        stop.map_or_else(|| self.text("number"), str::to_owned)
    }

    /// The decisions that the stop leaves open.
    pub(crate) fn decisions(&self) -> Vec<&str> {
        let open = self.result()["stop"]["decisions"].as_array();
        open.into_iter()
            .flatten()
            .filter_map(|one| one["decision"].as_str())
            .collect()
    }
}

/// The characters that a person types to confirm a number.
pub(crate) fn last_four(number: &str) -> &str {
    number
        .get(number.len().saturating_sub(4)..)
        .unwrap_or_default()
}
