//! What is said before an environment ends.

use crate::Moment;

sentences! {
    /// When, and whose it is.
    WarningHead "warning/head" { env: String = text("dev"), project: String = text("shop"), at: Moment = at(), left: String = text("1 hour"), owner: String = text("U01DEVELOPER") }
    /// The data goes too.
    WarningDeleted "warning/deleted" { services: Vec<String> = texts(&["db"]) }
    /// The data stays.
    WarningKept "warning/kept" { services: Vec<String> = texts(&["db"]) }
    /// What silence means.
    WarningSilence "warning/silence" { words: Vec<String> = texts(&["extend dev by 1h", "keep dev"]) }
}
