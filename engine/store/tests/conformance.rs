//! The promises of the port, kept by the store on SQLite.

use gantry_engine::ports::Store;
use gantry_store::SqliteStore;
use std::sync::Arc;
use tempfile::TempDir;

async fn empty() -> (Arc<dyn Store>, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(folder.path().join("gantry.db")).await.expect("a store");
    (Arc::new(store), folder)
}

gantry_testkit::store_suite!(empty());
