//! What goes wrong: the database's own errors become words that say what to do. No error carries a stored value.

use gantry_engine::ports::StoreError;
use std::path::PathBuf;

/// Why a database can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder isn't there. It is not created: a typing error would make a second, empty store.
    #[error("there is no folder {folder}; create it, or point the store elsewhere")]
    NoFolder {
        /// Which.
        folder: PathBuf,
    },
    /// The file can't be made or looked at.
    #[error("{path} can't be opened: {source}; it has to be a file that this user can read and write")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A database, but not one of ours.
    #[error("{path} is a database of something else; point the store at another file")]
    Foreign {
        /// Which.
        path: PathBuf,
    },
    /// Written by a newer version.
    #[error("{path} has schema {found}, this gantry knows up to {known}; use the newer gantry, or restore a backup")]
    Newer {
        /// Which.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema that is known.
        known: i64,
    },
    /// It doesn't work as a database.
    #[error("{path} can't be used: {source}")]
    Unusable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
}

/// Why something came to nothing inside the store: a refusal that the port names, or the database itself.
#[derive(Debug)]
pub(crate) enum Failure {
    Refused(StoreError),
    Database(sqlx::Error),
}

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

impl From<StoreError> for Failure {
    fn from(refusal: StoreError) -> Self {
        Self::Refused(refusal)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal,
            Failure::Database(error) => in_words(&error),
        }
    }
}

/// Primary result codes, as <https://www.sqlite.org/rescode.html> lists them.
mod code {
    pub(super) const BUSY: u32 = 5;
    pub(super) const LOCKED: u32 = 6;
    pub(super) const READONLY: u32 = 8;
    pub(super) const IOERR: u32 = 10;
    pub(super) const CORRUPT: u32 = 11;
    pub(super) const FULL: u32 = 13;
    pub(super) const CANTOPEN: u32 = 14;
    pub(super) const NOTADB: u32 = 26;
}

/// The database's error with a remedy.
pub(crate) fn in_words(error: &sqlx::Error) -> StoreError {
    // An extended code has its primary code in the lowest byte.
    let extended = match error {
        sqlx::Error::Database(error) => error.code().and_then(|code| code.parse::<u32>().ok()),
        _ => None,
    };
    let remedy = match extended.map(|code| code & 0xff) {
        Some(code::FULL) => "the disk is full; free some space, and it goes on by itself",
        Some(code::READONLY) => "the database is read-only; make the file and its folder writable for this user",
        Some(code::BUSY | code::LOCKED) => "another process keeps the database locked; end it (a backup, a shell?)",
        Some(code::CANTOPEN) => "the database file can't be opened; look whether its folder is there and writable",
        Some(code::IOERR) => "the disk reports an error; look into the system's log",
        Some(code::CORRUPT | code::NOTADB) => {
            let why = "the file is damaged or no SQLite database; restore a backup".to_owned();
            return StoreError::Unreadable { what: "the database".to_owned(), why };
        }
        _ => return StoreError::Unavailable(error.to_string()),
    };
    StoreError::Unavailable(remedy.to_owned())
}
