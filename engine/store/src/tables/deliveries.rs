//! Deliveries: stored once, handled once.

use super::posts;
use crate::codec::{limit as rows, parse, time};
use crate::error::Result;
use crate::sql::deliveries as sql;
use gantry_engine::names::DeliveryId;
use gantry_engine::ports::{Accepted, Delivery, PostDraft};
use sqlx::SqliteConnection;

pub(crate) async fn accept(tx: &mut SqliteConnection, delivery: &Delivery) -> Result<Accepted> {
    let Delivery { id, kind, body, at } = delivery;
    let insert = sqlx::query(sql::INSERT).bind(id.as_str()).bind(kind).bind(body).bind(time(*at));
    let stored = insert.execute(tx).await?.rows_affected() == 1;
    Ok(if stored { Accepted::New } else { Accepted::Duplicate })
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
pub(crate) async fn handled(tx: &mut SqliteConnection, id: &DeliveryId, answers: &[PostDraft]) -> Result<()> {
    let before: Option<(bool,)> = sqlx::query_as(sql::IS_HANDLED).bind(id.as_str()).fetch_optional(&mut *tx).await?;
    if before == Some((true,)) {
        return Ok(());
    }
    sqlx::query(sql::HANDLE).bind(id.as_str()).execute(&mut *tx).await?;
    posts::put_all(tx, answers).await
}
