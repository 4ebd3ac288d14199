//! Journals: entries that are only ever added, by whoever may write, after the entry that they know of.

use super::operations::advance;
use super::{audit, claims, leases, records};
use crate::codec::{FORM, count, decode, encode, int, parse, time};
use crate::error::Result;
use crate::sql::operations as sql;
use gantry_engine::audit::Event;
use gantry_engine::journal::{Entry, Stamped};
use gantry_engine::names::{DeliveryId, OpId};
use gantry_engine::ports::{Commit, StoreError, Writer};
use jiff::Timestamp;
use sqlx::SqliteConnection;

/// Who may write is asked first, then whether they know the newest entry: an old holder is told that it is one, and a
/// repeated delivery that it is one, whatever happened since.
pub(crate) async fn append(tx: &mut SqliteConnection, commit: &Commit) -> Result<u64> {
    let Commit { op, writer, after, entries, at, state, rows, record, releases } = commit;
    let head = leases::head(tx, *op).await?;
    match writer {
        Writer::Worker(lease) if lease.op != *op => return Err(StoreError::Fenced(*op).into()),
        Writer::Worker(lease) => head.check(lease)?,
        Writer::Delivery(delivery) => once(tx, *op, delivery).await?,
    }
    if head.seq != *after {
        return Err(StoreError::Moved { op: *op, seq: head.seq }.into());
    }
    let before = if record.is_some() { records::environment(tx, &head.key).await? } else { None };
    if let Some(change) = record {
        records::change(tx, change).await?;
    }
    audit::add_all(tx, &Event::of_commit(commit, &head.key, before.as_ref())).await?;
    for change in rows {
        records::change_row(tx, &head.key, change).await?;
    }
    for release in releases {
        records::put_release(tx, &head.key, release).await?;
    }
    let seq = add_entries(tx, *op, *after, entries, *at).await?;
    advance(tx, *op, seq, *state).await?;
    if state.is_closed() {
        leases::give_up(tx, *op).await?;
        claims::give_up(tx, *op).await?;
    }
    Ok(seq)
}

/// A delivery writes once, to whichever operation.
async fn once(tx: &mut SqliteConnection, op: OpId, delivery: &DeliveryId) -> Result<()> {
    let added = sqlx::query(sql::ADD_EFFECT).bind(delivery.as_str()).bind(int(op.0)).execute(tx).await?;
    if added.rows_affected() == 0 {
        return Err(StoreError::Repeated(delivery.clone()).into());
    }
    Ok(())
}

/// Gives the number of the newest entry.
pub(super) async fn add_entries(
    tx: &mut SqliteConnection,
    op: OpId,
    after: u64,
    entries: &[Entry],
    at: Timestamp,
) -> Result<u64> {
    let mut seq = after;
    for entry in entries {
        seq += 1;
        let body = encode("an entry", entry)?;
        let insert = sqlx::query(sql::ADD_ENTRY).bind(int(op.0)).bind(int(seq)).bind(time(at)).bind(FORM).bind(body);
        insert.execute(&mut *tx).await?;
    }
    Ok(seq)
}

pub(crate) async fn history(conn: &mut SqliteConnection, op: OpId, after: u64) -> Result<Vec<Stamped>> {
    let found: Vec<(i64, String, i64, String)> =
        sqlx::query_as(sql::ENTRIES).bind(int(op.0)).bind(int(after)).fetch_all(&mut *conn).await?;
    if found.is_empty() {
        // Nothing new, or no such operation?
        leases::head(conn, op).await?;
    }
    let read = |(seq, at, form, body): (i64, String, i64, String)| {
        let what = format!("entry {seq} of {op}");
        let (at, entry) = (parse(&what, &at)?, decode(&what, form, &body)?);
        Ok(Stamped { seq: count(&what, seq)?, at, entry })
    };
    found.into_iter().map(read).collect()
}
