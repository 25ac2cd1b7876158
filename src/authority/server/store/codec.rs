//! Our values as columns: states and ids as bare words, the rest as JSON.

use rusqlite::Row;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value of ours as JSON; ours always serialise.
pub(in super::super) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A state as its bare word.
pub(super) fn state<T: Serialize>(value: &T) -> String {
    json(value).trim_matches('"').to_owned()
}

pub(super) fn state_of<T: DeserializeOwned>(row: &Row<'_>, at: usize) -> rusqlite::Result<T> {
    let word: String = row.get(at)?;
    serde_json::from_value(serde_json::Value::String(word)).map_err(|error| damaged(at, error))
}

pub(super) fn json_option<T: DeserializeOwned>(
    row: &Row<'_>,
    at: usize,
) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = row.get(at)?;
    text.map(|text| serde_json::from_str(&text).map_err(|error| damaged(at, error)))
        .transpose()
}

pub(super) fn word<T>(row: &Row<'_>, at: usize) -> rusqlite::Result<T>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text: String = row.get(at)?;
    text.parse().map_err(|error| damaged(at, error))
}

pub(super) fn word_option<T>(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<T>>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text: Option<String> = row.get(at)?;
    text.map(|text| text.parse().map_err(|error| damaged(at, error)))
        .transpose()
}

pub(super) fn damaged(
    at: usize,
    error: impl std::error::Error + Send + Sync + 'static,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, Box::new(error))
}
