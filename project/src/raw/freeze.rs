//! `[[freeze]]`.

use super::{At, Length};
use schemars::JsonSchema;
use serde::Deserialize;

/// Times at which environments aren't to be changed. `deploy`, `provision`, `teardown` and `sweep` are refused then;
/// what mends (`rollback`, `scale`, `restart`), what moves an end, and an end that has come go on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "[[freeze]]")]
pub(crate) struct Freeze {
    /// Where: names or patterns of environments. Left out, everywhere.
    #[schemars(length(min = 1), example = ["prod", "staging"], extend("x-also" = ["envs", "in", "where"]))]
    pub(crate) environments: Option<Vec<At<String>>>,
    /// When it begins: every day (`22:00`), every week (`fri 16:00`, or `fri` for its first moment) or once (a date, with
    /// a time or without). Left out where `cron` says when.
    #[schemars(example = &"fri 16:00", example = &"2026-12-24 12:00", extend("x-also" = ["start", "begin", "since"]))]
    pub(crate) from: Option<At<String>>,
    /// When it ends, written like `from`. A day without a time is counted in.
    #[schemars(example = &"mon 08:00", example = &"2027-01-01", extend("x-also" = ["end", "to", "till"]))]
    pub(crate) until: Option<At<String>>,
    /// When it begins, as cron says it (minute, hour, day of the month, month, day of the week), instead of `from` and
    /// `until`.
    #[schemars(example = &"0 18 28-31 * *", extend("x-also" = ["schedule", "rule"]))]
    pub(crate) cron: Option<At<String>>,
    /// How long it lasts from each moment of `cron` on.
    #[schemars(example = &"36h", extend("x-also" = ["for", "length", "duration"]))]
    pub(crate) lasts: Option<At<Length>>,
    /// The time zone of these, as an IANA name. Left out, the project's. Where clocks are set, a freeze is never shorter
    /// than it is written.
    #[schemars(example = &"Europe/Berlin", extend("x-also" = ["time_zone", "timezone", "tz"]))]
    pub(crate) zone: Option<At<String>>,
    /// Why, for whoever is refused.
    #[schemars(required, example = &"nobody is there to look", extend("x-also" = ["reason", "why"]))]
    pub(crate) because: Option<At<String>>,
}
