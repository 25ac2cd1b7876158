//! What opening holds the file against: its chain, from the first record to the last. An auditor's
//! reader, which shares nothing with this, is the room `audit`.

use super::Error;
use super::chain::{Hash, Sequence, row_id};
use super::store::unreadable;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

/// What a whole journal says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checked {
    /// Its station.
    pub(super) station: String,
    /// Its newest record and the chain's hash there.
    pub(super) head: (Sequence, Hash),
}

pub(super) fn read(connection: &Connection) -> Result<Checked, Error> {
    let (station, salt) = genesis(connection)?;
    let mut head = (0, Hash::genesis(&station, &salt));
    // By row id alone: an index or a trigger of the file has no say in the order.
    let mut select = connection
        .prepare("SELECT sequence, bytes, hash FROM record ORDER BY rowid")
        .map_err(unreadable)?;
    let mut rows = select.query([]).map_err(unreadable)?;
    while let Some(row) = rows.next().map_err(unreadable)? {
        head = follow(head, row)?;
    }
    Ok(Checked { station, head })
}

fn genesis(connection: &Connection) -> Result<(String, Vec<u8>), Error> {
    let row = connection.query_row("SELECT station, salt FROM genesis", [], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?))
    });
    row.map_err(|error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy) => Error::Storage(error),
        Some(_) | None => Error::Damaged {
            at: 0,
            what: "it has no readable first page",
        },
    })
}

fn follow(head: (Sequence, Hash), row: &Row<'_>) -> Result<(Sequence, Hash), Error> {
    let sequence = head.0 + 1;
    let damaged = |what| Error::Damaged { at: sequence, what };
    if row.get::<_, i64>(0).ok() != Some(row_id(sequence)) {
        return Err(damaged("a number is missing or out of order"));
    }
    let (ValueRef::Blob(bytes), ValueRef::Blob(stored)) = (
        row.get_ref(1).map_err(unreadable)?,
        row.get_ref(2).map_err(unreadable)?,
    ) else {
        return Err(damaged("a column is not of its type"));
    };
    let hash = head.1.follow(sequence, bytes);
    if Hash::read(stored) != Some(hash) {
        return Err(damaged("its hash does not follow from the one before"));
    }
    Ok((sequence, hash))
}
