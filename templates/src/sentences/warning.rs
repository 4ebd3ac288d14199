//! What is said before an environment ends.

use crate::Moment;

sentences! {
    /// When, and whose it is.
    WarningHead "warning/head" { env: String = text("dev"), project: String = text("shop"), at: Moment = at(), left: String = text("1 hour"), owner: String = text("U01DEVELOPER") }
    /// The data goes too.
    WarningDeleted "warning/deleted" { services: Vec<String> = texts(&["db"]) }
    /// The data stays.
    WarningKept "warning/kept" { services: Vec<String> = texts(&["db"]) }
    /// Another one has taken its place.
    WarningNewer "warning/newer" {}
    /// The end has come.
    WarningOver "warning/over" {}
    /// The environment is gone.
    WarningGone "warning/gone" {}
    /// Its owner has left.
    OwnerLeft "warning/left" { owner: String = text("U01DEVELOPER"), env: String = text("dev"), project: String = text("shop"), ends: Option<Moment> = Some(at()), group: Option<String> = some("@platform"), people: Vec<String> = texts(&["U02PLATFORM"]), words: String = text("own shop/dev") }
    /// It can't be ended.
    EndFails "warning/end_fails" { env: String = text("dev"), owner: String = text("U01DEVELOPER"), why: String = text("the platform can't be asked now (no answer)") }
    /// What silence means.
    WarningSilence "warning/silence" { words: Vec<String> = texts(&["extend dev by 1h", "keep dev"]) }
}
