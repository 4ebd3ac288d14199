//! What can go wrong between the client and the daemon, and what to do about it.
//!
//! Codes are for programs, messages for people: no caller has to read a message to decide.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Why the daemon refused a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// For programs.
    pub error: ErrorCode,
    /// For people: what, where, and what to do.
    pub message: String,
}

impl ApiError {
    /// An error of this kind.
    #[must_use]
    pub fn new(error: ErrorCode, message: impl Into<String>) -> Self {
        Self { error, message: message.into() }
    }
}

/// What the caller may do about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Ask for something else: this can't be had.
    Invalid,
    /// Somebody else has the name, or a newer change has been put.
    Conflict,
    /// Take the user away first.
    InUse,
    /// There is no such object or task.
    NotFound,
    /// Ask again shortly: something has to end first.
    NotYet,
    /// The daemon couldn't do it (a full disk, say). Ask again.
    Failed,
}

/// Why a call didn't work.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The daemon understood and refused.
    #[error(transparent)]
    Refused(#[from] ApiError),
    /// No daemon runs for this state directory.
    #[error("no runtime runs for {dir}; start one with `gantry runtime`")]
    NotRunning {
        /// The state directory.
        dir: PathBuf,
    },
    /// The daemon was started and didn't answer in time.
    #[error("the runtime didn't start within {seconds} s; its log, {log}, ends with: {last}")]
    NotStarted {
        /// How long it was waited for.
        seconds: u64,
        /// Its log.
        log: PathBuf,
        /// The log's last line.
        last: String,
    },
    /// The program that should become the daemon can't be run.
    #[error("cannot start the runtime from {exe}: {source}")]
    Launch {
        /// The program.
        exe: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The daemon speaks another version of this API.
    #[error(
        "the running runtime (version {version}) speaks protocol {theirs}, this program {ours}; stop it with \
         `gantry runtime stop`: its tasks go on running and the next one takes them over"
    )]
    Protocol {
        /// The daemon's version.
        version: String,
        /// Its protocol.
        theirs: u32,
        /// This program's.
        ours: u32,
    },
    /// The daemon went away in the middle, or took too long. The request may or may not have been carried out; every
    /// request can be repeated.
    #[error("the runtime didn't answer {request}: {why}")]
    Unanswered {
        /// What was asked.
        request: String,
        /// What happened.
        why: String,
    },
}

impl ClientError {
    /// The refusal's code, if it is a refusal.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(error) => Some(error.error),
            _ => None,
        }
    }
}
