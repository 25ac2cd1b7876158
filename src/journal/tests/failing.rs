//! A disk that fails at the call that a test names: SQLite's own way to files, of which writing and
//! syncing are taken. Fails for the thread that asked for it, and for no other test.

// SQLite's file layer is a table of C functions.
#![allow(unsafe_code)]

use rusqlite::ffi;
use std::cell::Cell;
use std::collections::HashMap;
use std::ffi::{c_char, c_int, c_void};
use std::sync::{Mutex, Once, OnceLock};

/// A call of the file layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// Bytes to a file.
    Write,
    /// A file to the disk.
    Sync,
}

thread_local! {
    static FAILS: Cell<Option<(Call, u32)>> = const { Cell::new(None) };
}

type Methods = ffi::sqlite3_io_methods;
type Open = unsafe extern "C" fn(
    *mut ffi::sqlite3_vfs,
    *const c_char,
    *mut ffi::sqlite3_file,
    c_int,
    *mut c_int,
) -> c_int;
static TRUE_OPEN: OnceLock<Open> = OnceLock::new();
static TRUE_METHODS: OnceLock<Methods> = OnceLock::new();
/// SQLite has one table of functions for each kind of file; ours stand beside them.
static OURS: Mutex<Option<HashMap<usize, &'static Methods>>> = Mutex::new(None);

/// From here on every new connection of this process goes through this layer.
pub(super) fn install() {
    static ONCE: Once = Once::new();
    // SAFETY: SQLite's own table is copied whole; the copy lives for ever, as SQLite asks for.
    ONCE.call_once(|| unsafe {
        let mut ours = *ffi::sqlite3_vfs_find(std::ptr::null());
        ours.zName = c"failing".as_ptr();
        let theirs = ours.xOpen.replace(open).expect("every layer opens");
        TRUE_OPEN.get_or_init(|| theirs);
        ffi::sqlite3_vfs_register(Box::leak(Box::new(ours)), 1);
    });
}

/// So many such calls of this thread are spared; the next one fails, and all after it.
pub(super) fn fail(call: Call, spared: u32) {
    FAILS.set(Some((call, spared)));
}

/// The disk is whole again.
pub(super) fn heal() {
    FAILS.set(None);
}

fn fails(call: Call) -> bool {
    match FAILS.get() {
        Some((named, 0)) => named == call,
        Some((named, spared)) if named == call => {
            FAILS.set(Some((named, spared - 1)));
            false
        }
        Some(_) | None => false,
    }
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let Some(theirs) = TRUE_OPEN.get() else {
        return ffi::SQLITE_CANTOPEN;
    };
    // SAFETY: handed on as it came; SQLite owns `file`, and its table is read only when it is set.
    unsafe {
        let result = theirs(vfs, name, file, flags, out);
        if result == ffi::SQLITE_OK && !(*file).pMethods.is_null() {
            let table = (*file).pMethods;
            let mut known = OURS.lock().unwrap_or_else(|broken| broken.into_inner());
            let known = known.get_or_insert_with(HashMap::new);
            let ours = known.entry(table as usize).or_insert_with(|| {
                TRUE_METHODS.get_or_init(|| *table);
                let taken = Methods {
                    xWrite: Some(write),
                    xSync: Some(sync),
                    ..*table
                };
                Box::leak(Box::new(taken))
            });
            (*file).pMethods = *ours;
        }
        result
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    count: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    match TRUE_METHODS.get().and_then(|methods| methods.xWrite) {
        // SAFETY: handed on as it came.
        Some(theirs) if !fails(Call::Write) => unsafe { theirs(file, bytes, count, at) },
        Some(_) | None => ffi::SQLITE_IOERR_WRITE,
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    match TRUE_METHODS.get().and_then(|methods| methods.xSync) {
        // SAFETY: handed on as it came.
        Some(theirs) if !fails(Call::Sync) => unsafe { theirs(file, flags) },
        Some(_) | None => ffi::SQLITE_IOERR_FSYNC,
    }
}
