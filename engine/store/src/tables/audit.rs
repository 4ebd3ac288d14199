//! The audit log: lines at its end, each on the one before.

use crate::codec::{count, encode, int, limit};
use crate::error::Result;
use crate::sql::audit as sql;
use gantry_engine::audit::{Chain, Event, Line};
use gantry_engine::names::Digest;
use gantry_engine::ports::LogFilter;
use sqlx::SqliteConnection;

pub(crate) async fn add(tx: &mut SqliteConnection, event: &Event) -> Result<()> {
    add_all(tx, std::slice::from_ref(event)).await
}

/// One after the other; whoever writes is alone, so that what is newest here stays it.
pub(super) async fn add_all(tx: &mut SqliteConnection, events: &[Event]) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let newest: Option<(i64, String)> = sqlx::query_as(sql::NEWEST).fetch_optional(&mut *tx).await?;
    let mut chain = match newest {
        Some((seq, digest)) => Chain { seq: count("a line's number", seq)?, digest: Digest::new(digest) },
        None => Chain::default(),
    };
    for event in events {
        let line = chain.next(encode("an event", event)?);
        let add = sqlx::query(sql::ADD).bind(int(line.seq)).bind(event.op.map(|op| int(op.0)));
        add.bind(&line.body).bind(line.digest.as_str()).execute(&mut *tx).await?;
        chain = Chain { seq: line.seq, digest: line.digest };
    }
    Ok(())
}

pub(crate) async fn list(conn: &mut SqliteConnection, filter: &LogFilter) -> Result<Vec<Line>> {
    let statement = if filter.op.is_some() { sql::OF_OPERATION } else { sql::ALL };
    let all_at_zero = if filter.limit == 0 { usize::MAX } else { filter.limit };
    let mut query = sqlx::query_as(statement).bind(int(filter.after)).bind(limit(all_at_zero));
    if let Some(op) = filter.op {
        query = query.bind(int(op.0));
    }
    let found: Vec<(i64, String, String)> = query.fetch_all(conn).await?;
    let read = |(seq, body, digest): (i64, _, String)| {
        Ok(Line { seq: count("a line's number", seq)?, body, digest: Digest::new(digest) })
    };
    found.into_iter().map(read).collect()
}
