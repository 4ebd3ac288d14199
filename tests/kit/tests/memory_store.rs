//! The store in memory keeps every promise of the port.

use gantry_engine::ports::Store;
use gantry_testkit::memory_store::MemoryStore;
use gantry_testkit::store_suite;
use std::sync::Arc;

async fn empty_store() -> (Arc<dyn Store>, ()) {
    (Arc::new(MemoryStore::new()), ())
}

store_suite!(empty_store());
