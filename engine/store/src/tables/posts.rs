//! Messages: one per key, edited by another body, sent in the order they were stored.

use super::leases;
use crate::codec::{FORM, count, decode, encode, int, limit as rows, unreadable};
use crate::error::Result;
use crate::sql::{operations, posts as sql};
use gantry_engine::names::{ChannelId, MessageTs, UserId};
use gantry_engine::ports::{Post, PostDraft, PostKey, Report, Undelivered};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteQueryResult;

/// A row as [`sql::GET`] and its like select it.
type Stored = (String, String, Option<String>, i64, String, String, i64, i64, bool, Option<String>);

/// A report that knows less than an earlier one is late: what it would say has been said, and edits would go backwards.
pub(crate) async fn report(tx: &mut SqliteConnection, report: &Report) -> Result<()> {
    let Report { op, upto, posts } = report;
    leases::head(tx, *op).await?;
    let marked = sqlx::query(operations::REPORTED).bind(int(op.0)).bind(int(*upto)).execute(&mut *tx).await?;
    if marked.rows_affected() == 0 {
        return Ok(());
    }
    put_all(tx, posts).await
}

pub(super) async fn put_all(tx: &mut SqliteConnection, drafts: &[PostDraft]) -> Result<()> {
    for draft in drafts {
        put(tx, sql::PUT, draft).await?;
        sqlx::query(sql::FOLLOW).bind(&draft.key.0).bind(&draft.body).execute(&mut *tx).await?;
    }
    Ok(())
}

pub(crate) async fn once(tx: &mut SqliteConnection, draft: &PostDraft) -> Result<bool> {
    Ok(put(tx, sql::PUT_ONCE, draft).await?.rows_affected() == 1)
}

async fn put(tx: &mut SqliteConnection, statement: &'static str, draft: &PostDraft) -> Result<SqliteQueryResult> {
    let PostDraft { key, channel, thread, only_for, body } = draft;
    let put = sqlx::query(statement)
        .bind(&key.0)
        .bind(channel.as_str())
        .bind(only_for.as_ref().map(UserId::as_str))
        .bind(FORM)
        .bind(encode("a thread", thread)?)
        .bind(body);
    Ok(put.execute(tx).await?)
}

pub(crate) async fn get(conn: &mut SqliteConnection, key: &PostKey) -> Result<Option<Post>> {
    let found: Option<Stored> = sqlx::query_as(sql::GET).bind(&key.0).fetch_optional(conn).await?;
    found.map(read).transpose()
}

pub(crate) async fn unsent(conn: &mut SqliteConnection, limit: usize) -> Result<Vec<Post>> {
    let found: Vec<Stored> = sqlx::query_as(sql::UNSENT).bind(rows(limit)).fetch_all(conn).await?;
    found.into_iter().map(read).collect()
}

pub(crate) async fn sending(tx: &mut SqliteConnection, key: &PostKey) -> Result<()> {
    let noted = sqlx::query(sql::TRIED).bind(&key.0).execute(tx).await?;
    found(&noted, key)
}

pub(crate) async fn sent(tx: &mut SqliteConnection, key: &PostKey, version: u64, ts: Option<&MessageTs>) -> Result<()> {
    let sent = sqlx::query(sql::SENT).bind(&key.0).bind(int(version)).bind(ts.map(MessageTs::as_str));
    found(&sent.execute(tx).await?, key)
}

pub(crate) async fn undeliverable(
    tx: &mut SqliteConnection,
    (key, version): (&PostKey, u64),
    why: &Undelivered,
    elsewhere: &[PostDraft],
) -> Result<()> {
    let (statement, why) = match why {
        Undelivered::Never(why) => (sql::NEVER, why),
        Undelivered::Closed(why) => (sql::CLOSED, why),
    };
    sqlx::query(statement).bind(&key.0).bind(int(version)).bind(why).execute(&mut *tx).await?;
    for draft in elsewhere {
        once(tx, draft).await?;
    }
    Ok(())
}

pub(crate) async fn reopen(tx: &mut SqliteConnection, channel: Option<&ChannelId>) -> Result<u64> {
    let reopened = sqlx::query(sql::REOPEN).bind(channel.map(ChannelId::as_str)).execute(tx).await?;
    Ok(reopened.rows_affected())
}

/// Whoever sends a message has read it here: one that isn't there is a fault, not a race.
fn found(result: &SqliteQueryResult, key: &PostKey) -> Result<()> {
    if result.rows_affected() == 1 {
        return Ok(());
    }
    Err(unreadable(format_args!("the message {}", key.0), "there is none with that key and version").into())
}

fn read(row: Stored) -> Result<Post> {
    let (key, channel, only_for, form, thread, body, version, sent, tried, ts) = row;
    let what = format!("the message {key}");
    let draft = PostDraft {
        key: PostKey(key),
        channel: ChannelId::new(channel),
        thread: decode(&what, form, &thread)?,
        only_for: only_for.map(UserId::new),
        body,
    };
    let (version, sent) = (count(&what, version)?, count(&what, sent)?);
    Ok(Post { draft, version, sent, tried, ts: ts.map(MessageTs::new) })
}
