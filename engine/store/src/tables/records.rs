//! What stands: records of environments, rows of resources, releases, revisions of project files.

use super::audit;
use crate::codec::{FORM, count, decode, encode, int, parse, time};
use crate::error::Result;
use crate::sql::records as sql;
use gantry_engine::address::{Addr, Generation};
use gantry_engine::audit::Event;
use gantry_engine::environment::{Environment, Release};
use gantry_engine::names::{Digest, EnvKey, ProjectName};
use gantry_engine::ports::{RecordChange, Revision, RowChange, StoreError};
use gantry_engine::resource::{Actual, Row};
use sqlx::SqliteConnection;

/// Written only where it is what the change was computed from.
pub(super) async fn change(tx: &mut SqliteConnection, change: &RecordChange) -> Result<()> {
    let RecordChange { from, to } = change;
    let key = &to.key;
    let statement = if from.is_some() { sql::CHANGE } else { sql::BEAR };
    let mut write = sqlx::query(statement)
        .bind(key.project.as_str())
        .bind(key.env.as_str())
        .bind(i64::from(to.incarnation))
        .bind(int(to.version))
        .bind(FORM)
        .bind(encode("a record", to)?);
    if let Some((incarnation, version)) = from {
        write = write.bind(i64::from(*incarnation)).bind(int(*version));
    }
    if write.execute(tx).await?.rows_affected() == 0 {
        return Err(StoreError::RecordMoved(key.clone()).into());
    }
    Ok(())
}

pub(crate) async fn environment(conn: &mut SqliteConnection, key: &EnvKey) -> Result<Option<Environment>> {
    let found: Option<(i64, String)> =
        sqlx::query_as(sql::ENVIRONMENT).bind(key.project.as_str()).bind(key.env.as_str()).fetch_optional(conn).await?;
    found.map(|(form, body)| decode(format_args!("the record of {key}"), form, &body)).transpose()
}

pub(crate) async fn environments(conn: &mut SqliteConnection) -> Result<Vec<Environment>> {
    let found: Vec<(String, String, i64, String)> = sqlx::query_as(sql::ENVIRONMENTS).fetch_all(conn).await?;
    let read = |(project, env, form, body): (String, String, i64, String)| {
        decode(format_args!("the record of {project}/{env}"), form, &body)
    };
    found.into_iter().map(read).collect()
}

/// The address says in which environment it is; the project is the operation's.
pub(super) async fn change_row(tx: &mut SqliteConnection, key: &EnvKey, change: &RowChange) -> Result<()> {
    let RowChange { addr, generation, row } = change;
    let statement = if row.is_some() { sql::PUT_ROW } else { sql::REMOVE_ROW };
    let mut write = sqlx::query(statement)
        .bind(key.project.as_str())
        .bind(addr.env.as_str())
        .bind(addr.to_string())
        .bind(i64::from(generation.0));
    if let Some(row) = row {
        write = write.bind(FORM).bind(encode("a row", row)?);
    }
    write.execute(tx).await?;
    Ok(())
}

pub(crate) async fn rows(conn: &mut SqliteConnection, key: &EnvKey) -> Result<Actual> {
    let found: Vec<(String, i64, i64, String)> =
        sqlx::query_as(sql::ROWS).bind(key.project.as_str()).bind(key.env.as_str()).fetch_all(conn).await?;
    let mut actual = Actual::default();
    for (addr, generation, form, body) in found {
        let what = format!("the row of {addr} in {key}");
        let addr: Addr = parse(&what, &addr)?;
        let row: Row = decode(&what, form, &body)?;
        actual.rows.insert((addr, Generation(count(&what, generation)?)), row);
    }
    Ok(actual)
}

pub(super) async fn put_release(tx: &mut SqliteConnection, key: &EnvKey, release: &Release) -> Result<()> {
    let put = sqlx::query(sql::PUT_RELEASE)
        .bind(key.project.as_str())
        .bind(key.env.as_str())
        .bind(release.service.as_str())
        .bind(i64::from(release.number.0))
        .bind(FORM)
        .bind(encode("a release", release)?);
    put.execute(tx).await?;
    Ok(())
}

pub(crate) async fn releases(conn: &mut SqliteConnection, key: &EnvKey) -> Result<Vec<Release>> {
    let found: Vec<(String, i64, i64, String)> =
        sqlx::query_as(sql::RELEASES).bind(key.project.as_str()).bind(key.env.as_str()).fetch_all(conn).await?;
    let read = |(service, number, form, body): (String, i64, i64, String)| {
        decode(format_args!("release {number} of {service} in {key}"), form, &body)
    };
    found.into_iter().map(read).collect()
}

pub(crate) async fn keep_revision(tx: &mut SqliteConnection, revision: &Revision, event: Option<&Event>) -> Result<()> {
    let Revision { project, digest, text, at } = revision;
    let keep = sqlx::query(sql::KEEP_REVISION).bind(project.as_str()).bind(digest.as_str()).bind(text);
    keep.bind(time(*at)).execute(&mut *tx).await?;
    match event {
        Some(event) => audit::add(tx, event).await,
        None => Ok(()),
    }
}

pub(crate) async fn revision(
    conn: &mut SqliteConnection,
    project: &ProjectName,
    digest: &Digest,
) -> Result<Option<Revision>> {
    let found: Option<(String, String)> =
        sqlx::query_as(sql::REVISION).bind(project.as_str()).bind(digest.as_str()).fetch_optional(conn).await?;
    let Some((text, at)) = found else { return Ok(None) };
    let at = parse(format_args!("the time of the revision {} of {project}", digest.short()), &at)?;
    Ok(Some(Revision { project: project.clone(), digest: digest.clone(), text, at }))
}
