//! The record: every event in a sentence, the same wherever it is told.

use crate::{Moment, Said};

sentences! {
    /// A person who did it.
    Person "record/person" { id: String = text("U01DEVELOPER") }
    /// The schedule did it.
    TheSchedule "record/schedule" {}
    /// It came of what was done before.
    Itself "record/itself" {}
    /// A change was asked for.
    RecordAsked "record/asked" { who: Said = said("somebody"), op: String = text("op-17"), words: String = text("deploy web to dev"), bypassed: bool = true, resumes: Option<String> = some("op-16"), because: Option<String> = some("it is new"), plan: String = text("0a1b2c3d") }
    /// Somebody is for a plan.
    RecordApproved "record/approved" { by: String = text("U02PLATFORM"), op: String = text("op-17"), because: Option<String> = some("looks good"), plan: String = text("0a1b2c3d") }
    /// Somebody is against a plan.
    RecordRejected "record/rejected" { by: String = text("U02PLATFORM"), op: String = text("op-17"), because: Option<String> = some("not on Fridays"), plan: String = text("0a1b2c3d") }
    /// Another plan took the place of the one before.
    RecordReplanned "record/replanned" { op: String = text("op-17"), plan: String = text("0a1b2c3d") }
    /// It began to run.
    RecordStarted "record/started" { op: String = text("op-17"), plan: String = text("0a1b2c3d") }
    /// Somebody had it tried again.
    RecordRetried "record/retried" { who: Said = said("somebody"), op: String = text("op-17"), because: Option<String> = some("I made room") }
    /// Somebody ended it.
    RecordCancelled "record/cancelled" { who: Said = said("somebody"), op: String = text("op-17"), because: Option<String> = some("not today") }
    /// It waits for people.
    RecordParked "record/parked" { op: String = text("op-17"), why: Said = said("it isn't allowed") }
    /// An environment is another one.
    RecordChanged "record/changed" { env: String = text("shop/dev"), moved: Vec<Said> = vec![said("services.web.replicas 2 → 3")] }
    /// From what to what.
    RecordMoved "record/moved" { field: String = text("services.web.release"), from: Option<Said> = Some(said("r1 (1.3)")), to: Option<Said> = Some(said("r2 (1.4)")) }
    /// What one thing about an environment was, or is.
    RecordValue "record/value" { value: String = text("r1 (1.3)") }
    /// It is over.
    RecordEnded "record/ended" { op: String = text("op-17"), state: Said = said("succeeded") }
    /// A schedule is another one.
    RecordKill "record/kill" { who: Said = said("somebody"), target: String = text("a-1"), env: String = text("shop/dev"), because: Option<String> = some("we rehearse") }
    /// What became of a schedule.
    RecordSchedule "record/schedule_is" { who: Said = said("somebody"), what: Said = said("s-3 rests") }
    /// Somebody asked for what they may not do.
    RecordRefused "record/refused" { who: Said = said("somebody"), verb: String = text("deploy"), env: Option<String> = some("shop/prod") }
    /// The oldest lines of the log are gone.
    RecordPruned "record/pruned" { upto: u64 = 1_200, digest: String = text("0a1b2c3d") }
    /// A project file was read.
    RecordReloaded "record/reloaded" { project: String = text("shop"), by: Option<Said> = Some(said("somebody")), from: Option<String> = some("0a1b2c3d"), to: String = text("4e5f6a7b") }
    /// An event with its time.
    RecordLine "record/line" { at: Moment = at(), what: Said = said("op-17 started") }
    /// The title of an operation's story.
    StoryHead "record/head" { op: String = text("op-17") }
    /// An operation from before there was a record.
    StoryNone "record/none" { op: String = text("op-17") }
}
