//! Every statement, by table. Binds are `$N`; what differs between databases stands here and in the migrations only, so
//! that another database is another small set of texts and not another store.

pub(crate) mod audit;
pub(crate) mod claims;
pub(crate) mod deliveries;
pub(crate) mod intents;
pub(crate) mod locks;
pub(crate) mod operations;
pub(crate) mod posts;
pub(crate) mod records;
pub(crate) mod retention;
pub(crate) mod schema;
pub(crate) mod times;

/// SQLite's own: takes the write lock at once. A transaction that reads first and asks for the lock later is refused
/// without waiting if somebody wrote in between.
pub(crate) const BEGIN: &str = "BEGIN IMMEDIATE";
pub(crate) const COMMIT: &str = "COMMIT";
pub(crate) const ROLLBACK: &str = "ROLLBACK";

/// One request of a batch: refused alone.
pub(crate) const SAVE: &str = "SAVEPOINT request";
pub(crate) const KEEP: &str = "RELEASE SAVEPOINT request";
pub(crate) const UNDO: &str = "ROLLBACK TO SAVEPOINT request";

/// SQLite's own: writes the log back into the file and empties it.
pub(crate) const CHECKPOINT: &str = "PRAGMA wal_checkpoint(TRUNCATE)";
