//! How fast deliveries are stored with 64 callers at once: what a burst of clicks needs, each of which has to be
//! answered within 3 seconds (<https://api.slack.com/interactivity/handling#acknowledgment_response>).

use futures::future::join_all;
use gantry_engine::ports::{Accepted, Store as _};
use gantry_store::SqliteStore;
use gantry_testkit::store_suite::samples::delivery;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

const CALLERS: usize = 64;
const EACH: usize = 200;

/// A slow disk flushes 100 times a second or so; with a flush for each delivery, that would be the end of it.
const AT_LEAST: f64 = 1_000.0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement: run it alone, and with --release"]
async fn deliveries_share_the_disks_flush() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Arc::new(SqliteStore::open(folder.path().join("gantry.db")).await.expect("a store"));
    let began = Instant::now();
    let callers = (0..CALLERS).map(|caller| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for number in 0..EACH {
                let accepted = store.accept(delivery(&format!("{caller}-{number}"), 1)).await;
                assert_eq!(accepted, Ok(Accepted::New));
            }
        })
    });
    for caller in join_all(callers).await {
        caller.expect("no caller panics");
    }
    let all = CALLERS * EACH;
    let rate = all as f64 / began.elapsed().as_secs_f64();
    writeln!(std::io::stdout(), "{rate:.0} deliveries a second; {all} in {} commits", store.commits()).expect("a line");
    assert!(rate > AT_LEAST, "only {rate:.0} a second");
}
