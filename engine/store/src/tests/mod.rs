//! What only this store can promise. What every store promises is in `tests/conformance.rs`.

mod batches;
mod files;
mod golden;
mod samples;
mod trouble;

use crate::SqliteStore;
use std::path::PathBuf;
use tempfile::TempDir;

/// A store in a folder of its own.
struct Bed {
    store: SqliteStore,
    path: PathBuf,
    _folder: TempDir,
}

async fn bed() -> Bed {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gantry.db");
    Bed { store: SqliteStore::open(&path).await.unwrap(), path, _folder: folder }
}

/// Changes what is stored behind the store's back.
async fn meddle(path: &std::path::Path, statement: &'static str) {
    use sqlx::{ConnectOptions as _, Connection as _};
    let mut conn = sqlx::sqlite::SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    sqlx::raw_sql(statement).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}
