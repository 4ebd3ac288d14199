//! What goes on after an answer was given: lines that are followed, and how a loss was got over.

use crate::Moment;

sentences! {
    /// Lines are followed.
    Following "follow/head" { of: String = text("web in dev"), until: Moment = at(), words: String = text("logs web in dev unfollow") }
    /// Its time is over.
    FollowedTime "follow/time" { of: String = text("web in dev") }
    /// Somebody said so.
    FollowedWord "follow/word" { of: String = text("web in dev") }
    /// The process ends.
    FollowedRestart "follow/restart" { of: String = text("web in dev") }
    /// The environment is gone.
    FollowedGone "follow/gone" { of: String = text("web in dev") }
    /// The platform doesn't tell.
    FollowedPlatform "follow/platform" { of: String = text("web in dev"), why: String = text("there is no service `web`") }
    /// The answer to who ended it.
    Unfollowed "follow/stopped" { of: String = text("web in dev") }
    /// There was nothing to end.
    NotFollowed "follow/none" { of: String = text("web in dev") }
    /// A loss was got over.
    MendedWell "mended/well" { env: String = text("dev"), target: String = text("a-1"), took: String = text("40 seconds"), lost: usize = 3 }
    /// A loss wasn't got over, as far as was seen.
    MendedUnwell "mended/unwell" { env: String = text("dev"), target: String = text("a-1"), took: String = text("20 minutes"), lost: usize = 1, words: String = text("status shop/dev") }
    /// Nobody looks any more, since the process ends.
    MendedRestart "mended/restart" { env: String = text("dev"), target: String = text("a-1"), words: String = text("status shop/dev") }
    /// Nobody felt it.
    MendedUnfelt "mended/unfelt" {}
    /// A service felt it.
    MendedService "mended/service" { service: String = text("web"), least: u32 = 1, wanted: u32 = 2, short: String = text("9 seconds") }
    /// A cluster felt it.
    MendedCluster "mended/cluster" { cluster: String = text("a"), least: u32 = 1, wanted: u32 = 2, short: String = text("2 minutes") }
}
