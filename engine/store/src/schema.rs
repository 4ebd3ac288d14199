//! The schema's version and the way to the newest one. Steps are files that never change once they were released; there
//! is no way back, so a database that a newer version wrote is refused.

use crate::error::Result;
use crate::sql;
use sqlx::SqliteConnection;

/// The steps to the newest schema: the first makes version 1.
const STEPS: [&str; 7] = [
    include_str!("../migrations/sqlite/0001_first.sql"),
    include_str!("../migrations/sqlite/0002_locks.sql"),
    include_str!("../migrations/sqlite/0003_audit.sql"),
    include_str!("../migrations/sqlite/0004_times.sql"),
    include_str!("../migrations/sqlite/0005_aside.sql"),
    include_str!("../migrations/sqlite/0006_retention.sql"),
    include_str!("../migrations/sqlite/0007_intents.sql"),
];

/// The newest version that this code knows.
pub(crate) const KNOWN: i64 = STEPS.len() as i64;

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Schema {
    /// It is the newest one now.
    Ready,
    /// Somebody else's tables.
    Foreign,
    /// A newer one.
    Newer(i64),
}

/// Brings the schema up to date, in one transaction: two processes that start at once do it once.
pub(crate) async fn migrate(conn: &mut SqliteConnection) -> Result<Schema> {
    sqlx::raw_sql(sql::BEGIN).execute(&mut *conn).await?;
    let found = steps(conn).await;
    if matches!(found, Ok(Schema::Ready)) {
        sqlx::raw_sql(sql::COMMIT).execute(conn).await?;
    } else {
        // Fails where the database has rolled back by itself already; what is told is why.
        sqlx::raw_sql(sql::ROLLBACK).execute(conn).await.ok();
    }
    found
}

async fn steps(conn: &mut SqliteConnection) -> Result<Schema> {
    let tables: Vec<(String,)> = sqlx::query_as(sql::schema::TABLES).fetch_all(&mut *conn).await?;
    let ours = tables.iter().any(|(name,)| name == sql::schema::TABLE);
    if !ours {
        if !tables.is_empty() {
            return Ok(Schema::Foreign);
        }
        sqlx::raw_sql(sql::schema::CREATE).execute(&mut *conn).await?;
    }
    let (version,): (i64,) = sqlx::query_as(sql::schema::VERSION).fetch_one(&mut *conn).await?;
    if version > KNOWN {
        return Ok(Schema::Newer(version));
    }
    for (step, made) in STEPS.iter().zip(1_i64..).filter(|(_, made)| *made > version) {
        sqlx::raw_sql(*step).execute(&mut *conn).await?;
        sqlx::query(sql::schema::SET).bind(made).execute(&mut *conn).await?;
        tracing::info!(version = made, "the store has a new schema");
    }
    Ok(Schema::Ready)
}
