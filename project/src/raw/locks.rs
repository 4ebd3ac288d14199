//! `[locks]`.

use super::{At, Length};
use schemars::JsonSchema;
use serde::Deserialize;

/// How long locks last.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "[locks]")]
pub(crate) struct Locks {
    /// How long a lock lasts when a command doesn't say. Left out, 4 hours.
    #[schemars(example = &"4h", extend("x-also" = ["default", "expiry", "for"]))]
    pub(crate) length: Option<At<Length>>,
    /// How long a lock may last, counted from when it was taken. Left out, 3 days.
    #[schemars(example = &"3d", extend("x-also" = ["maximum", "longest"]))]
    pub(crate) max: Option<At<Length>>,
    /// How long a service is locked by itself after a rollback, for whoever rolled it back. Left out, they are asked.
    #[schemars(example = &"2h", extend("x-also" = ["rollback", "lock_after_rollback"]))]
    pub(crate) after_rollback: Option<At<Length>>,
}
