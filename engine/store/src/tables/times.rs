//! Schedules, and warnings that stand. A schedule's number and version are the table's; those in its body are of the time
//! when it was written.

use super::audit;
use super::posts::put_all;
use crate::codec::{FORM, count, decode, encode, int};
use crate::error::Result;
use crate::sql::times as sql;
use gantry_engine::audit::Event;
use gantry_engine::expiry::Warned;
use gantry_engine::names::{DeliveryId, EnvKey};
use gantry_engine::ports::{PostDraft, Told};
use gantry_engine::schedule::{Schedule, ScheduleId};
use sqlx::SqliteConnection;

/// A row as [`sql::GET`] and its like select it.
type Stored = (i64, String, i64, i64);

pub(crate) async fn add(tx: &mut SqliteConnection, new: &Schedule, delivery: &DeliveryId) -> Result<Schedule> {
    let before: Option<Stored> = sqlx::query_as(sql::FIND).bind(delivery.as_str()).fetch_optional(&mut *tx).await?;
    if let Some(before) = before {
        return read(before);
    }
    let body = encode("a schedule", new)?;
    let add = sqlx::query_as(sql::INSERT).bind(delivery.as_str()).bind(new.stands()).bind(FORM).bind(&body);
    let (id,): (i64,) = add.fetch_one(&mut *tx).await?;
    let made = read((FORM, body, id, 1))?;
    audit::add(tx, &Event::of_new_schedule(&made)).await?;
    Ok(made)
}

pub(crate) async fn get(conn: &mut SqliteConnection, id: ScheduleId) -> Result<Option<Schedule>> {
    let found: Option<Stored> = sqlx::query_as(sql::GET).bind(int(id.0)).fetch_optional(conn).await?;
    found.map(read).transpose()
}

pub(crate) async fn standing(conn: &mut SqliteConnection) -> Result<Vec<Schedule>> {
    let found: Vec<Stored> = sqlx::query_as(sql::STANDING).fetch_all(conn).await?;
    found.into_iter().map(read).collect()
}

pub(crate) async fn change(tx: &mut SqliteConnection, changed: &Schedule, told: &Told) -> Result<bool> {
    let change = sqlx::query(sql::CHANGE).bind(int(changed.id.0)).bind(int(changed.version)).bind(changed.stands());
    let change = change.bind(FORM).bind(encode("a schedule", changed)?).execute(&mut *tx).await?;
    if change.rows_affected() == 0 {
        return Ok(false);
    }
    audit::add_all(tx, &told.events).await?;
    put_all(tx, &told.posts).await?;
    Ok(true)
}

fn read((form, body, id, version): Stored) -> Result<Schedule> {
    let id = ScheduleId(count("a schedule's number", id)?);
    let schedule: Schedule = decode(format_args!("the schedule {id}"), form, &body)?;
    Ok(Schedule { id, version: count(format_args!("the version of {id}"), version)?, ..schedule })
}

pub(crate) async fn warned(conn: &mut SqliteConnection) -> Result<Vec<Warned>> {
    let found: Vec<(i64, String)> = sqlx::query_as(sql::WARNINGS).fetch_all(conn).await?;
    found.into_iter().map(|(form, body)| decode("a warning that stands", form, &body)).collect()
}

pub(crate) async fn warn(
    tx: &mut SqliteConnection,
    key: &EnvKey,
    standing: Option<&Warned>,
    posts: &[PostDraft],
) -> Result<()> {
    let statement = if standing.is_some() { sql::PUT_WARNING } else { sql::REMOVE_WARNING };
    let mut write = sqlx::query(statement).bind(key.project.as_str()).bind(key.env.as_str());
    if let Some(warned) = standing {
        write = write.bind(FORM).bind(encode("a warning", warned)?);
    }
    write.execute(&mut *tx).await?;
    put_all(tx, posts).await
}
