//! A process that dies at any point: what it was told is stored is there afterwards, and nothing is there by half.
//!
//! Killing a process tests our transactions and answers. That the disk itself keeps what it was told to flush, when the
//! power goes, is SQLite's and the disk's word; the store only makes sure to ask for it (`synchronous = FULL`).

use gantry_engine::ports::{Commit, OpFilter, OpRecord, PostKey, RecordChange, Report, RowChange, Store};
use gantry_engine::value::Output;
use gantry_store::SqliteStore;
use gantry_testkit::store_suite::samples::{
    FIRST, addr, delivery, draft, entry, environment, leased, release, row, work,
};
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

const ROUNDS: u64 = 20;

/// So many loops of each sort write at once, so that batches have several requests in them when the end comes.
const TASKS: u64 = 4;

/// The writing half ends by itself after so many writes of each loop, should nobody end it.
const ENOUGH: u64 = 5_000;

#[test]
fn what_was_acknowledged_survives_and_nothing_is_there_by_half() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gantry.db");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut acknowledged = BTreeSet::new();
    for round in 0..ROUNDS {
        // A different number each round, the same ones in each run.
        let acknowledgements = 1 + round.wrapping_mul(2_654_435_761) % 300;
        acknowledged.extend(write_and_die(&path, round, acknowledgements));
        runtime.block_on(check(&path, &acknowledged));
    }
    assert!(acknowledged.len() as u64 > ROUNDS * 10, "the test has to be about something");
}

/// Lets another process write until it has acknowledged so much, and kills it.
fn write_and_die(path: &Path, round: u64, acknowledgements: u64) -> Vec<String> {
    let mut scribe = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "scribe", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("another process of this program");
    let mut orders = scribe.stdin.take().expect("it listens");
    writeln!(orders, "{round} {}", path.display()).expect("it listens");
    let mut lines = BufReader::new(scribe.stdout.take().expect("it tells"))
        .lines()
        .map_while(Result::ok)
        // The last line may be cut off.
        .filter(|line| line.ends_with(" ."))
        .filter_map(|line| line.strip_prefix("stored ").map(str::to_owned));
    let count = usize::try_from(acknowledgements).expect("a small number");
    let mut told: Vec<String> = lines.by_ref().take(count).collect();
    assert_eq!(told.len(), count, "it ended by itself in round {round}");
    scribe.kill().expect("it runs");
    // What it told before it died counts, also what is still on the way.
    told.extend(lines);
    scribe.wait().expect("it is gone");
    told
}

#[test]
#[ignore = "the half of the crash test that dies; started by it"]
fn scribe() {
    let mut orders = String::new();
    std::io::stdin().read_line(&mut orders).expect("orders");
    let Some((round, path)) = orders.trim().split_once(' ') else { return };
    let round: u64 = round.parse().expect("a number");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(path).await.expect("a store"));
        let mut tasks = tokio::task::JoinSet::new();
        for task in 0..TASKS {
            tasks.spawn(accept(Arc::clone(&store), format!("r{round}-{task}")));
            tasks.spawn(append(Arc::clone(&store), format!("e{round}-{task}")));
            tasks.spawn(report(Arc::clone(&store), format!("p{round}-{task}")));
        }
        tasks.join_all().await;
    });
}

/// One line at once: the end may come between two lines and, by the pipe, within one.
fn tell(stored: &str) {
    writeln!(std::io::stdout(), "stored {stored} .").expect("the other half listens");
}

async fn accept(store: Arc<dyn Store>, name: String) {
    for number in 0..ENOUGH {
        let id = format!("{name}-{number}");
        store.accept(delivery(&id, 1)).await.expect("stored");
        tell(&format!("delivery {id}"));
    }
}

/// Each transaction adds two entries and moves the record, a row and the releases to the same number.
async fn append(store: Arc<dyn Store>, env: String) {
    let lease = leased(&*store, &env, &env).await.expect("an operation");
    for number in 1..ENOUGH {
        let to = environment(&env, 1, number);
        let small = u32::try_from(number).expect("a small number");
        let commit = Commit {
            entries: vec![entry("first"), entry("second")],
            rows: vec![RowChange { addr: addr(&env, "a"), generation: FIRST, row: Some(row(lease.op, small)) }],
            record: Some(RecordChange { from: (number > 1).then(|| (1, number - 1)), to }),
            releases: vec![release(lease.op, "web", small, true)],
            ..work(&lease, 2 * number - 1, "")
        };
        let seq = store.append(commit).await.expect("stored");
        tell(&format!("entry {} {seq}", lease.op.0));
    }
}

/// Each report edits two messages.
async fn report(store: Arc<dyn Store>, name: String) {
    let op = leased(&*store, &name, "reported").await.expect("an operation").op;
    for number in 1..ENOUGH {
        let posts = ["a", "b"].map(|part| draft(&format!("{name}/{part}"), &number.to_string())).into();
        store.report(Report { op, upto: 1, posts }).await.expect("stored");
        tell(&format!("report {name} {number}"));
    }
}

async fn check(path: &Path, acknowledged: &BTreeSet<String>) {
    let store = SqliteStore::open(path).await.expect("it opens after a crash");
    let deliveries: BTreeSet<String> =
        store.unhandled(usize::MAX).await.expect("deliveries").into_iter().map(|d| d.id.to_string()).collect();
    for line in acknowledged {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["delivery", id, "."] => assert!(deliveries.contains(id), "{line}"),
            ["entry", op, seq, "."] => {
                let op = store.operation(op.parse().expect("a number")).await.expect("operations").expect(line);
                assert!(op.seq >= seq.parse().expect("a number"), "{line}, but {}", op.seq);
            }
            ["report", name, number, "."] => {
                let post = |part| PostKey(format!("{name}/{part}"));
                let one = store.post(&post("a")).await.expect("posts").expect(line);
                let other = store.post(&post("b")).await.expect("posts").expect(line);
                assert!(one.version >= number.parse().expect("a number"), "{line}, but {}", one.version);
                assert_eq!((one.version, one.draft.body), (other.version, other.draft.body), "{line}");
            }
            _ => panic!("what is `{line}`?"),
        }
    }
    for op in store.operations(&OpFilter::default()).await.expect("operations") {
        whole(&store, op).await;
    }
    let again = store.accept(delivery("after", 1)).await;
    assert!(again.is_ok(), "it goes on");
    store.close().await;
}

/// Whether everything that was written with an operation's newest entry is there, and nothing newer.
async fn whole(store: &SqliteStore, op: OpRecord) {
    let OpRecord { id, key, seq, .. } = op;
    let seqs: Vec<u64> = store.history(id, 0).await.expect("a journal").into_iter().map(|entry| entry.seq).collect();
    assert_eq!(seqs, (1..=seq).collect::<Vec<_>>(), "{id}");
    assert_eq!(seq % 2, 1, "{id}: two entries came together");
    let number = (seq - 1) / 2;
    let record = store.environment(&key).await.expect("a record");
    assert_eq!(record.map_or(0, |record| record.version), number, "{id}");
    let rows = store.rows(&key).await.expect("rows").rows;
    let row = rows.values().next().map(|row| row.outputs[&Output::new("number")].clone());
    assert_eq!(row, (number > 0).then(|| number.to_string()), "{id}");
    let releases = store.releases(&key).await.expect("releases");
    assert_eq!(releases.len() as u64, number, "{id}");
}
