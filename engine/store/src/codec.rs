//! Stored forms: JSON with the number of its form beside it, times as texts, numbers that fit. What can't be read is
//! named; nothing is guessed.

use crate::error::Result;
use gantry_engine::names::{EnvKey, EnvName, ProjectName};
use gantry_engine::ports::StoreError;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;

/// The form that is written. A new form gets the next number, and an arm in [`decode`] that reads the old one for ever.
pub(crate) const FORM: i64 = 1;

/// Writes a value in the newest form.
pub(crate) fn encode<T: Serialize>(what: &str, value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| unreadable(what, error).into())
}

/// Reads a value in any form that was ever written.
pub(crate) fn decode<T: DeserializeOwned>(what: impl Display, form: i64, body: &str) -> Result<T> {
    match form {
        FORM => serde_json::from_str(body).map_err(|error| unreadable(what, error).into()),
        newer => {
            Err(unreadable(what, format_args!("its form is {newer}, this gantry reads up to {FORM}; update it")).into())
        }
    }
}

/// Reads a text that has a form of its own (a name, a time, an address).
pub(crate) fn parse<T: std::str::FromStr<Err: Display>>(what: impl Display, text: &str) -> Result<T> {
    text.parse().map_err(|error| unreadable(what, error).into())
}

/// Reads an environment's full name.
pub(crate) fn env_key(project: &str, env: &str) -> Result<EnvKey> {
    let project: ProjectName = parse("a project's name", project)?;
    let env: EnvName = parse("an environment's name", env)?;
    Ok(EnvKey { project, env })
}

/// Writes a time: to the nanosecond, so that it reads back the same.
pub(crate) fn time(at: Timestamp) -> String {
    at.to_string()
}

/// Writes a number. Those of the engine count things, so that none gets anywhere near the limit.
pub(crate) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Reads a number that counts something.
pub(crate) fn count<T: TryFrom<i64, Error: Display>>(what: impl Display, number: i64) -> Result<T> {
    T::try_from(number).map_err(|error| unreadable(what, error).into())
}

/// How many rows are wanted.
pub(crate) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// The refusal for something that can't be read.
pub(crate) fn unreadable(what: impl Display, why: impl Display) -> StoreError {
    StoreError::Unreadable { what: what.to_string(), why: why.to_string() }
}
