-- The authority's tables. Times are RFC 3339 texts, digests and serials lower-case hexadecimal.
CREATE TABLE station (
    id TEXT PRIMARY KEY,
    office TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    sequence INTEGER NOT NULL DEFAULT 0,
    checkpoint TEXT,
    enrolled_at TEXT NOT NULL
) STRICT;

CREATE TABLE job (
    id TEXT PRIMARY KEY,
    office TEXT NOT NULL,
    reception TEXT NOT NULL,
    approval TEXT NOT NULL,
    photo BLOB,
    photo_digest TEXT,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    epoch INTEGER NOT NULL DEFAULT 0,
    imported_at TEXT NOT NULL,
    UNIQUE (office, reception)
) STRICT;

-- Every number that was ever given or voided; rows are never deleted.
CREATE TABLE number (
    number TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    product TEXT,
    chip TEXT,
    signed INTEGER,
    since TEXT NOT NULL
) STRICT;

CREATE TABLE blank (
    serial TEXT PRIMARY KEY,
    state TEXT NOT NULL
) STRICT;

CREATE TABLE grant_ (
    job TEXT NOT NULL REFERENCES job (id),
    attempt INTEGER NOT NULL,
    station TEXT NOT NULL REFERENCES station (id),
    number TEXT NOT NULL UNIQUE REFERENCES number (number),
    token TEXT NOT NULL,
    lease_key TEXT NOT NULL,
    request TEXT NOT NULL,
    expires TEXT NOT NULL,
    state TEXT NOT NULL,
    blank TEXT REFERENCES blank (serial),
    chip TEXT,
    signed INTEGER,
    PRIMARY KEY (job, attempt),
    UNIQUE (station, lease_key)
) STRICT;

CREATE TABLE report (
    id TEXT PRIMARY KEY,
    station TEXT NOT NULL REFERENCES station (id),
    body TEXT NOT NULL,
    received_at TEXT NOT NULL
) STRICT;

-- What two persons decided.
CREATE TABLE act (
    id INTEGER PRIMARY KEY,
    act TEXT NOT NULL,
    first TEXT NOT NULL,
    second TEXT NOT NULL CHECK (second <> first),
    reason TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
