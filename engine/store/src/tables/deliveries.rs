//! Deliveries: stored once, handled once.

use super::{audit, posts};
use crate::codec::{limit as rows, parse, time};
use crate::error::Result;
use crate::sql::deliveries as sql;
use gantry_engine::names::DeliveryId;
use gantry_engine::ports::{Accepted, Delivery, Told};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use std::collections::HashSet;

/// Stores many in one statement, which is all or nothing by itself. Tells of each, in order, whether it was new: of the
/// same one twice, the first is.
pub(crate) async fn accept(conn: &mut SqliteConnection, deliveries: &[&Delivery]) -> Result<Vec<Accepted>> {
    let mut insert = QueryBuilder::<Sqlite>::new(sql::INSERT);
    insert.push_values(deliveries, |mut row, Delivery { id, kind, body, at }| {
        row.push_bind(id.as_str()).push_bind(kind).push_bind(body).push_bind(time(*at));
    });
    let stored: Vec<(String,)> = insert.push(sql::INSERTED).build_query_as().fetch_all(conn).await?;
    let mut new: HashSet<String> = stored.into_iter().map(|(id,)| id).collect();
    let tell = |delivery: &&Delivery| {
        if new.remove(delivery.id.as_str()) { Accepted::New } else { Accepted::Duplicate }
    };
    Ok(deliveries.iter().map(tell).collect())
}

pub(crate) async fn unhandled(conn: &mut SqliteConnection, limit: usize) -> Result<Vec<Delivery>> {
    let found: Vec<(String, String, String, String)> =
        sqlx::query_as(sql::UNHANDLED).bind(rows(limit)).fetch_all(conn).await?;
    let read = |(id, kind, body, at): (String, _, _, String)| {
        let at = parse(format_args!("the time of the delivery {id}"), &at)?;
        Ok(Delivery { id: DeliveryId::new(id), kind, body, at })
    };
    found.into_iter().map(read).collect()
}

/// The first handling counts. A delivery that was never stored (it came from inside) is answered all the same.
pub(crate) async fn handled(tx: &mut SqliteConnection, id: &DeliveryId, told: &Told) -> Result<()> {
    let before: Option<(bool,)> = sqlx::query_as(sql::IS_HANDLED).bind(id.as_str()).fetch_optional(&mut *tx).await?;
    if before == Some((true,)) {
        return Ok(());
    }
    sqlx::query(sql::HANDLE).bind(id.as_str()).execute(&mut *tx).await?;
    audit::add_all(tx, &told.events).await?;
    posts::put_all(tx, &told.posts).await
}
