//! What somebody changed outside of Gantry.

use crate::Said;

sentences! {
    /// It isn't there any more.
    DriftGone "drift/gone" { addr: String = text("dev/web/service"), tail: Option<Said> = Some(said("this plan puts that right")) }
    /// A field is another one.
    DriftField "drift/field" { addr: String = text("dev/web/service"), field: String = text("desired_count"), ours: String = text("2"), theirs: String = text("5"), tail: Option<Said> = Some(said("this plan leaves that as it is")) }
    /// This plan mends it.
    DriftMended "drift/mended" {}
    /// This plan leaves it.
    DriftLeft "drift/left" {}
    /// What isn't told one by one.
    DriftMore "drift/more" { more: usize = 7 }
}
