//! The file and its connections: one that writes, some that read.

use crate::error::{Failure, OpenError, in_words};
use crate::schema::{self, Schema};
use crate::writer::Writer;
use gantry_engine::ports::StoreError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, SqlitePool};
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;
use tokio::fs::OpenOptions;

/// How long a write waits while another process holds the lock. A backup takes less; longer would look like a hang.
const BUSY: Duration = Duration::from_secs(10);

/// So many reads at once: they never wait for the disk's flush, only for each other.
const READERS: u32 = 4;

/// A new database is for this user only: messages and project files are in it.
const MODE: u32 = 0o600;

/// Opens a database, makes it if it isn't there, and brings its schema up to date. `tune` has the last word on the
/// connection that writes.
pub(crate) async fn open(
    path: &Path,
    tune: impl FnOnce(SqliteConnectOptions) -> SqliteConnectOptions,
) -> Result<(Writer, SqlitePool), OpenError> {
    make_file(path).await?;
    let unusable = |source: StoreError| OpenError::Unusable { path: path.to_owned(), source };
    let options = SqliteConnectOptions::new().filename(path).busy_timeout(BUSY).foreign_keys(true);
    let writing = options.clone().journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    let mut conn = tune(writing).connect().await.map_err(|error| unusable(in_words(&error)))?;
    match schema::migrate(&mut conn).await.map_err(|failure: Failure| unusable(failure.into()))? {
        Schema::Ready => {}
        Schema::Foreign => return Err(OpenError::Foreign { path: path.to_owned() }),
        Schema::Newer(found) => {
            return Err(OpenError::Newer { path: path.to_owned(), found, known: schema::KNOWN });
        }
    }
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_lazy_with(options.read_only(true));
    Ok((Writer::start(conn), readers))
}

/// Makes the file before the database does, since the database would let others read it. Its log takes the same mode.
async fn make_file(path: &Path) -> Result<(), OpenError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |source| OpenError::File { path: path.to_owned(), source };
    if !tokio::fs::try_exists(folder).await.map_err(failed)? {
        return Err(OpenError::NoFolder { folder: folder.to_owned() });
    }
    match OpenOptions::new().write(true).create_new(true).mode(MODE).open(path).await {
        Ok(_) => Ok(()),
        Err(there) if there.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed(error)),
    }
}
