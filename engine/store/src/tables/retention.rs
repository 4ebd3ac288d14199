//! Forgetting: deliveries that can't come again, the words of messages that were sent, and the oldest lines of the audit
//! log.

use super::audit;
use crate::codec::{count, int, limit as rows, parse, time};
use crate::error::Result;
use crate::sql::retention as sql;
use gantry_engine::audit::{Chain, Event};
use gantry_engine::names::Digest;
use gantry_engine::ports::{Anchor, Horizon, LogFilter, Pruned};
use jiff::Timestamp;
use sqlx::SqliteConnection;

pub(crate) async fn prune(tx: &mut SqliteConnection, horizon: &Horizon, most: usize) -> Result<Pruned> {
    let deliveries = deliveries(tx, horizon.deliveries, most).await?;
    let messages = messages(tx, horizon, most).await?;
    let lines = match horizon.audit {
        Some(before) => lines(tx, before, horizon.now, most).await?,
        None => 0,
    };
    Ok(Pruned { deliveries, messages, lines })
}

/// Numbers follow each other in time, so the oldest ones go up to the first that is too young.
async fn deliveries(tx: &mut SqliteConnection, before: Timestamp, most: usize) -> Result<u64> {
    let oldest: Vec<(i64, String)> = sqlx::query_as(sql::HANDLED).bind(rows(most)).fetch_all(&mut *tx).await?;
    let mut last = None;
    for (number, at) in oldest {
        let at: Timestamp = parse("the time of a delivery", &at)?;
        if at >= before {
            break;
        }
        last = Some(number);
    }
    match last {
        Some(last) => Ok(sqlx::query(sql::FORGET_DELIVERIES).bind(last).execute(tx).await?.rows_affected()),
        None => Ok(0),
    }
}

async fn messages(tx: &mut SqliteConnection, horizon: &Horizon, most: usize) -> Result<u64> {
    sqlx::query(sql::DONE).bind(horizon.now.as_second()).execute(&mut *tx).await?;
    let forget = sqlx::query(sql::FORGET_WORDS).bind(horizon.messages.as_second()).bind(rows(most));
    Ok(forget.execute(tx).await?.rows_affected())
}

/// The line that tells of it comes first, since it follows lines that are still there.
async fn lines(tx: &mut SqliteConnection, before: Timestamp, now: Timestamp, most: usize) -> Result<u64> {
    let oldest = audit::list(tx, &LogFilter { limit: most, ..LogFilter::default() }).await?;
    let old = oldest.iter().take_while(|line| line.event().is_ok_and(|event| event.at < before));
    let Some(last) = old.last().map(|line| Chain { seq: line.seq, digest: line.digest.clone() }) else { return Ok(0) };
    audit::add(tx, &Event::of_pruning(&last, now)).await?;
    let put = sqlx::query(sql::PUT_ANCHOR).bind(int(last.seq)).bind(last.digest.as_str()).bind(time(now));
    put.execute(&mut *tx).await?;
    Ok(sqlx::query(sql::FORGET_LINES).bind(int(last.seq)).execute(tx).await?.rows_affected())
}

pub(crate) async fn anchor(conn: &mut SqliteConnection) -> Result<Option<Anchor>> {
    let found: Option<(i64, String, String)> = sqlx::query_as(sql::ANCHOR).fetch_optional(conn).await?;
    let Some((seq, digest, at)) = found else { return Ok(None) };
    let last = Chain { seq: count("the audit log's anchor", seq)?, digest: Digest::new(digest) };
    Ok(Some(Anchor { last, at: parse("the time of the audit log's anchor", &at)? }))
}
