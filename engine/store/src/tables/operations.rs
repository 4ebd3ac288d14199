//! Operations as lists show them, and where they begin.

use super::audit;
use super::journal::add_entries;
use crate::codec::{count, env_key, int, limit, parse, time, unreadable};
use crate::error::Result;
use crate::sql::{operations as sql, posts};
use gantry_engine::audit::Event;
use gantry_engine::change::Place;
use gantry_engine::journal::State;
use gantry_engine::names::{ChannelId, DeliveryId, MessageTs, OpId, ServiceName};
use gantry_engine::ports::{Effect, NewOperation, OpFilter, OpRecord, PostKey, Proposed};
use sqlx::SqliteConnection;
use std::collections::BTreeSet;

/// A row of the list, as [`sql::GET`] and its like select it.
type Listed = (i64, String, String, String, String, Option<String>, String, i64, i64, String);

pub(crate) async fn propose(tx: &mut SqliteConnection, new: &NewOperation) -> Result<Proposed> {
    let NewOperation { first, key, services, delivery, place, state, at } = new;
    let before: Option<(i64,)> = sqlx::query_as(sql::FIND).bind(delivery.as_str()).fetch_optional(&mut *tx).await?;
    if let Some((id,)) = before {
        return Ok(Proposed::Already(op_id(id)?));
    }
    let (id,): (i64,) = sqlx::query_as(sql::INSERT)
        .bind(delivery.as_str())
        .bind(key.project.as_str())
        .bind(key.env.as_str())
        .bind(join(services))
        .bind(place.channel.as_str())
        .bind(place.thread.as_ref().map(MessageTs::as_str))
        .bind(state.as_str())
        .bind(!state.is_closed())
        .bind(time(*at))
        .fetch_one(&mut *tx)
        .await?;
    let id = op_id(id)?;
    let seq = add_entries(tx, id, 0, std::slice::from_ref(first), *at).await?;
    advance(tx, id, seq, *state).await?;
    let event = Event::of_entry(id, key, *at, first);
    audit::add_all(tx, event.as_slice()).await?;
    Ok(Proposed::New(id))
}

/// Notes the newest entry's number and the state after it.
pub(super) async fn advance(tx: &mut SqliteConnection, op: OpId, seq: u64, state: State) -> Result<()> {
    let advance = sqlx::query(sql::ADVANCE).bind(int(op.0)).bind(int(seq)).bind(state.as_str());
    advance.bind(!state.is_closed()).execute(tx).await?;
    Ok(())
}

pub(crate) async fn of(conn: &mut SqliteConnection, delivery: &DeliveryId) -> Result<Option<OpId>> {
    let found: Option<(i64,)> = sqlx::query_as(sql::FIND).bind(delivery.as_str()).fetch_optional(conn).await?;
    found.map(|(id,)| op_id(id)).transpose()
}

pub(crate) async fn effect(conn: &mut SqliteConnection, delivery: &DeliveryId) -> Result<Option<Effect>> {
    if let Some(op) = of(conn, delivery).await? {
        return Ok(Some(Effect::Made(op)));
    }
    let found: Option<(i64,)> = sqlx::query_as(sql::EFFECT).bind(delivery.as_str()).fetch_optional(conn).await?;
    found.map(|(id,)| op_id(id).map(Effect::Wrote)).transpose()
}

pub(crate) async fn get(conn: &mut SqliteConnection, id: OpId) -> Result<Option<OpRecord>> {
    let found: Option<Listed> = sqlx::query_as(sql::GET).bind(int(id.0)).fetch_optional(conn).await?;
    found.map(read).transpose()
}

pub(crate) async fn list(conn: &mut SqliteConnection, filter: &OpFilter) -> Result<Vec<OpRecord>> {
    let statement = match filter {
        OpFilter { key: Some(_), .. } => sql::OF_ENVIRONMENT,
        OpFilter { open: true, .. } => sql::OPEN,
        OpFilter { .. } => sql::ALL,
    };
    let all_at_zero = if filter.limit == 0 { usize::MAX } else { filter.limit };
    let found: Vec<Listed> = sqlx::query_as(statement)
        .bind(filter.key.as_ref().map(|key| key.project.as_str()))
        .bind(filter.key.as_ref().map(|key| key.env.as_str()))
        .bind(filter.service.as_ref().map(ServiceName::as_str))
        .bind(filter.open)
        .bind(limit(all_at_zero))
        .fetch_all(conn)
        .await?;
    found.into_iter().map(read).collect()
}

pub(crate) async fn unreported(conn: &mut SqliteConnection) -> Result<Vec<OpRecord>> {
    let found: Vec<Listed> = sqlx::query_as(sql::UNREPORTED).fetch_all(conn).await?;
    found.into_iter().map(read).collect()
}

pub(crate) async fn in_thread(
    conn: &mut SqliteConnection,
    channel: &ChannelId,
    thread: &MessageTs,
) -> Result<Option<OpId>> {
    let (asked,): (Option<i64>,) =
        sqlx::query_as(sql::ASKED_IN_THREAD).bind(channel.as_str()).bind(thread.as_str()).fetch_one(&mut *conn).await?;
    let posts: Vec<(String,)> =
        sqlx::query_as(posts::KEYS_AT).bind(channel.as_str()).bind(thread.as_str()).fetch_all(conn).await?;
    let cards = posts.into_iter().filter_map(|(key,)| PostKey(key).card_of());
    Ok(asked.map(op_id).transpose()?.into_iter().chain(cards).max())
}

fn read(row: Listed) -> Result<OpRecord> {
    let (id, project, env, services, channel, thread, state, seq, reported, at) = row;
    let id = op_id(id)?;
    let place = Place { channel: ChannelId::new(channel), thread: thread.map(MessageTs::new) };
    let known = State::from_word(&state);
    Ok(OpRecord {
        id,
        key: env_key(&project, &env)?,
        services: split(&services)?,
        place,
        state: known.ok_or_else(|| unreadable(format_args!("the state of {id}"), format_args!("`{state}` is none")))?,
        seq: count(format_args!("the newest number of {id}"), seq)?,
        reported: count(format_args!("the marker of {id}"), reported)?,
        at: parse(format_args!("the time of {id}"), &at)?,
    })
}

pub(super) fn op_id(id: i64) -> Result<OpId> {
    count("an operation's number", id).map(OpId)
}

/// `,a,b,`: each name between commas, so that it can be looked for.
fn join(services: &BTreeSet<ServiceName>) -> String {
    services.iter().fold(",".to_owned(), |text, name| text + name.as_str() + ",")
}

fn split(text: &str) -> Result<BTreeSet<ServiceName>> {
    text.split(',').filter(|name| !name.is_empty()).map(|name| parse("a service's name", name)).collect()
}
