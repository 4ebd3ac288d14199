//! Locks and freezes: what they hold back, and what happens to them.

use crate::{Moment, Said};

sentences! {
    /// Somebody's lock.
    LockHeld "lock/held" { what: String = text("web in dev"), by: String = text("U01DEVELOPER"), until: Moment = at(), because: String = text("the demo") }
    /// The project's freeze.
    Frozen "lock/frozen" { env: String = text("prod"), until: Moment = at(), because: String = text("nobody is there to look"), line: u32 = 12 }
    /// What to do about a lock.
    LockAsk "lock/ask" { by: String = text("U01DEVELOPER"), again: String = text("deploy web to dev when free"), steal: String = text("steal dev because ..") }
    /// What to do about a freeze.
    FrozenAsk "lock/wait" { words: Vec<String> = texts(&["rollback", "scale", "restart"]), again: String = text("deploy web to prod when free") }
    /// A lock was taken.
    LockTaken "lock/taken" { by: String = text("U01DEVELOPER"), what: String = text("web in dev"), until: Moment = at(), because: String = text("the demo") }
    /// A lock has another end.
    LockMoved "lock/moved" { by: String = text("U01DEVELOPER"), what: String = text("web in dev"), until: Moment = at(), because: String = text("the demo") }
    /// A lock was taken over.
    LockStolen "lock/stolen" { by: String = text("U02PLATFORM"), what: String = text("web in dev"), from: String = text("U01DEVELOPER"), until: Moment = at(), because: String = text("the shop is down") }
    /// A lock was given up.
    LockReleased "lock/released" { by: String = text("U01DEVELOPER"), what: String = text("web in dev"), because: Option<String> = some("the demo is over") }
    /// A lock has ended.
    LockEnded "lock/ended" { by: String = text("U01DEVELOPER"), what: String = text("web in dev") }
    /// For whoever held a lock.
    YoursStolen "lock/yours_stolen" { by: String = text("U02PLATFORM"), what: String = text("web in dev"), project: String = text("shop"), because: String = text("the shop is down") }
    /// A lock ends soon.
    LockEnding "lock/ending" { by: String = text("U01DEVELOPER"), what: String = text("web in dev"), until: Moment = at() }
    /// A lock is held for long.
    LockLong "lock/long" { by: String = text("U01DEVELOPER"), what: String = text("web in dev"), held: String = text("8 hours"), because: String = text("the demo"), until: Moment = at() }
    /// A lock came with a rollback.
    LockAfter "lock/after" { by: String = text("U01DEVELOPER"), what: String = text("web in dev"), until: Moment = at(), because: String = text("rollback web in dev") }
    /// Nobody holds it.
    LockNot "lock/not" { what: String = text("web in dev"), words: String = text("locks dev") }
    /// Somebody else holds it.
    LockOthers "lock/others" { by: String = text("U01DEVELOPER"), what: String = text("web in dev"), steal: String = text("steal web in dev because ..") }
    /// Longer than the project allows.
    LockTooLong "lock/too_long" { what: String = text("web in dev"), latest: Moment = at() }
    /// Nothing is.
    LocksNone "lock/none" {}
    /// An operation that waits.
    LockWaits "lock/waits" { op: String = text("op-17"), state: Said = said("is held back") }
    /// Something that happened.
    LockHappened "lock/event" { at: Moment = at(), what: Said = said("Somebody has locked dev.") }
    /// An end that has come waits for a lock.
    EndWaits "lock/end_waits" { env: String = text("dev"), until: Moment = at() }
}
