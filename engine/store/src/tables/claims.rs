//! Claims: what conflicts is held by one operation, and the others stand in the order of asking.
//!
//! Whether a claim is held is stored: a claim that grows waits for those who hold what it grew into, although it asked
//! before them. While it waits it holds nothing, so that no two wait for each other.

use super::leases;
use super::operations::op_id;
use crate::codec::{FORM, decode, encode, int};
use crate::error::Result;
use crate::sql::claims as sql;
use gantry_engine::names::OpId;
use gantry_engine::ports::{Admission, Claim, Lease};
use sqlx::SqliteConnection;

struct Asked {
    position: i64,
    held: bool,
    claim: Claim,
}

pub(crate) async fn claim(tx: &mut SqliteConnection, lease: &Lease, claim: &Claim) -> Result<Admission> {
    leases::fence(tx, lease).await?;
    let mine = mine(tx, lease.op).await?;
    if mine.as_ref().is_some_and(|mine| mine.held && mine.claim == *claim) {
        return Ok(Admission::Granted);
    }
    let position = mine.map_or(i64::MAX, |mine| mine.position);
    let others = others(tx, lease.op, claim).await?.into_iter();
    let ahead: Vec<OpId> = others
        .filter(|(_, other)| (other.held || other.position < position) && other.claim.conflicts(claim))
        .map(|(op, _)| op)
        .collect();
    let held = ahead.is_empty();
    put(tx, lease.op, claim, held).await?;
    Ok(if held { Admission::Granted } else { Admission::Queued { ahead } })
}

pub(crate) async fn unclaim(tx: &mut SqliteConnection, lease: &Lease) -> Result<()> {
    leases::fence(tx, lease).await?;
    give_up(tx, lease.op).await
}

pub(super) async fn give_up(tx: &mut SqliteConnection, op: OpId) -> Result<()> {
    sqlx::query(sql::DELETE).bind(int(op.0)).execute(tx).await?;
    Ok(())
}

async fn mine(tx: &mut SqliteConnection, op: OpId) -> Result<Option<Asked>> {
    let found: Option<(i64, bool, i64, String)> = sqlx::query_as(sql::MINE).bind(int(op.0)).fetch_optional(tx).await?;
    let Some((position, held, form, body)) = found else { return Ok(None) };
    let claim = decode(format_args!("the claim of {op}"), form, &body)?;
    Ok(Some(Asked { position, held, claim }))
}

/// The claims of other operations on the same environment, the next one to go first.
async fn others(tx: &mut SqliteConnection, op: OpId, claim: &Claim) -> Result<Vec<(OpId, Asked)>> {
    let (project, env) = (claim.key.project.as_str(), claim.key.env.as_str());
    let found: Vec<(i64, i64, bool, i64, String)> =
        sqlx::query_as(sql::OTHERS).bind(project).bind(env).bind(int(op.0)).fetch_all(tx).await?;
    let read = |(op, position, held, form, body): (i64, _, _, _, String)| {
        let op = op_id(op)?;
        let claim = decode(format_args!("the claim of {op}"), form, &body)?;
        Ok((op, Asked { position, held, claim }))
    };
    found.into_iter().map(read).collect()
}

async fn put(tx: &mut SqliteConnection, op: OpId, claim: &Claim, held: bool) -> Result<()> {
    let body = encode("a claim", claim)?;
    let put = sqlx::query(sql::PUT).bind(int(op.0)).bind(claim.key.project.as_str()).bind(claim.key.env.as_str());
    put.bind(held).bind(FORM).bind(body).execute(tx).await?;
    Ok(())
}
