//! Locks: what is held now, and all that ever happened to them.

use super::audit;
use crate::codec::{FORM, decode, encode, limit};
use crate::error::Result;
use crate::sql::locks as sql;
use gantry_engine::audit::Event;
use gantry_engine::lock::{Lock, LockChange, LockEvent, Target};
use gantry_engine::names::{EnvKey, ServiceName};
use gantry_engine::ports::LockChanged;
use sqlx::SqliteConnection;

pub(crate) async fn all(conn: &mut SqliteConnection) -> Result<Vec<Lock>> {
    let found: Vec<(i64, String)> = sqlx::query_as(sql::ALL).fetch_all(conn).await?;
    found.into_iter().map(|(form, body)| decode("a lock", form, &body)).collect()
}

pub(crate) async fn change(tx: &mut SqliteConnection, change: &LockChange) -> Result<LockChanged> {
    let LockChange { from, to, event } = change;
    let delivery = &event.delivery;
    let told: Option<(i64,)> = sqlx::query_as(sql::TOLD).bind(delivery.as_str()).fetch_optional(&mut *tx).await?;
    if told.is_some() {
        return Ok(LockChanged::Repeated);
    }
    let (project, env, service) = parts(&event.target);
    let one = sqlx::query_as(sql::ONE).bind(project).bind(env).bind(service);
    let found: Option<(i64, String)> = one.fetch_optional(&mut *tx).await?;
    let held: Option<Lock> = found.map(|(form, body)| decode("a lock", form, &body)).transpose()?;
    if held != *from {
        return Ok(LockChanged::Moved);
    }
    let statement = if to.is_some() { sql::PUT } else { sql::DELETE };
    let mut write = sqlx::query(statement).bind(project).bind(env).bind(service);
    if let Some(lock) = to {
        write = write.bind(FORM).bind(encode("a lock", lock)?);
    }
    write.execute(&mut *tx).await?;
    let tell = sqlx::query(sql::TELL).bind(delivery.as_str()).bind(project).bind(env);
    tell.bind(FORM).bind(encode("what happened to a lock", event)?).execute(&mut *tx).await?;
    audit::add(tx, &Event::of_lock(event)).await?;
    Ok(LockChanged::Done)
}

pub(crate) async fn events(conn: &mut SqliteConnection, key: Option<&EnvKey>, most: usize) -> Result<Vec<LockEvent>> {
    let query = sqlx::query_as(if key.is_some() { sql::EVENTS_OF } else { sql::EVENTS }).bind(limit(most));
    let query = match key {
        Some(key) => query.bind(key.project.as_str()).bind(key.env.as_str()),
        None => query,
    };
    let found: Vec<(i64, String)> = query.fetch_all(conn).await?;
    found.into_iter().map(|(form, body)| decode("what happened to a lock", form, &body)).collect()
}

fn parts(target: &Target) -> (&str, &str, &str) {
    let service = target.service.as_ref().map_or("", ServiceName::as_str);
    (target.key.project.as_str(), target.key.env.as_str(), service)
}
