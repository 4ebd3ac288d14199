//! Commands that come again by themselves.

use crate::{Moment, Said};

sentences! {
    /// It goes on.
    ScheduleActive "schedule/active" { id: String = text("s-3"), words: String = text("status dev"), owner: String = text("U01DEVELOPER"), rule: String = text("every weekday at 19:00"), zone: String = text("Europe/Berlin"), next: Option<Moment> = Some(at()), because: Option<String> = some("the demo") }
    /// Somebody lets it rest.
    SchedulePaused "schedule/paused" { id: String = text("s-3"), words: String = text("status dev"), resume: String = text("schedule resume s-3") }
    /// Its owner may not do that any more.
    ScheduleStopped "schedule/stopped" { id: String = text("s-3"), words: String = text("status dev"), owner: String = text("U01DEVELOPER"), resume: String = text("schedule resume s-3") }
    /// Its owner isn't there any more.
    ScheduleLeft "schedule/left" { id: String = text("s-3"), words: String = text("status dev"), owner: String = text("U01DEVELOPER") }
    /// It has come for the last time.
    ScheduleOver "schedule/over" { id: String = text("s-3"), words: String = text("status dev") }
    /// Somebody removed it.
    ScheduleRemoved "schedule/removed" { id: String = text("s-3"), words: String = text("status dev") }
    /// There are none.
    SchedulesNone "schedule/none" { example: String = text("schedule \"status dev\" every 2h") }
    /// Before a list.
    SchedulesHead "schedule/head" {}
    /// What can be done with those in a list.
    SchedulesFoot "schedule/foot" { words: Vec<String> = texts(&["schedule pause s-3", "unschedule s-3"]) }
    /// The run before was still open.
    ScheduleOverlapped "schedule/overlapped" { id: String = text("s-3"), words: String = text("restart web in dev"), at: Moment = at(), op: String = text("op-17") }
    /// Too late to be caught up with.
    ScheduleMissed "schedule/missed" { id: String = text("s-3"), words: String = text("status dev"), at: Moment = at(), next: Option<Moment> = Some(at()), why: Option<String> = Some(text("the workspace can't be asked about the group @platform: no answer")) }
    /// The newest was caught up with.
    ScheduleCaughtUp "schedule/caught_up" { id: String = text("s-3") }
    /// No such schedule.
    NoSchedule "schedule/none_such" { id: String = text("s-9"), example: String = text("schedules") }
    /// A time of day without an environment.
    ScheduleNamesNoEnv "schedule/name_env" {}
    /// What came of the last run: an operation.
    LastOperation "schedule/last_operation" { at: Moment = at(), op: String = text("op-17"), state: Said = said("succeeded") }
    /// An answer.
    LastAnswer "schedule/last_answer" { at: Moment = at(), refused: bool = true }
    /// Nothing, since one was open.
    LastSkipped "schedule/last_skipped" { at: Moment = at(), op: String = text("op-17") }
    /// Nothing, since nobody was there.
    LastMissed "schedule/last_missed" { at: Moment = at() }
}
