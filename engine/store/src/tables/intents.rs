//! What deliveries are about to have done that no journal tells.

use super::audit;
use crate::codec::{FORM, decode, encode, limit};
use crate::error::Result;
use crate::sql::intents as sql;
use gantry_engine::audit::Event;
use gantry_engine::names::{DeliveryId, EnvKey};
use sqlx::SqliteConnection;

const WHAT: &str = "what somebody wanted";

pub(crate) async fn add(tx: &mut SqliteConnection, delivery: &DeliveryId, key: &EnvKey, event: &Event) -> Result<bool> {
    let add = sqlx::query(sql::ADD).bind(delivery.as_str()).bind(key.project.as_str()).bind(key.env.as_str());
    let added = add.bind(FORM).bind(encode(WHAT, event)?).execute(&mut *tx).await?;
    if added.rows_affected() == 0 {
        return Ok(false);
    }
    audit::add(tx, event).await?;
    Ok(true)
}

pub(crate) async fn list(conn: &mut SqliteConnection, key: Option<&EnvKey>, most: usize) -> Result<Vec<Event>> {
    let query = sqlx::query_as(if key.is_some() { sql::OF } else { sql::ALL }).bind(limit(most));
    let query = match key {
        Some(key) => query.bind(key.project.as_str()).bind(key.env.as_str()),
        None => query,
    };
    let found: Vec<(i64, String)> = query.fetch_all(conn).await?;
    found.into_iter().map(|(form, body)| decode(WHAT, form, &body)).collect()
}
