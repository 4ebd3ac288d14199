//! What happened: notes and failures of steps, milestones in the thread, the end, the receipt.

use crate::{Moment, Said};

sentences! {
    /// Tasks of a rollout.
    NoteTasks "note/tasks" { healthy: u32 = 3, wanted: u32 = 5, blocked: Option<String> = some("no room on cluster a") }
    /// Something that takes its time.
    NoteUsually "note/usually" { what: String = text("balancer provisioning"), from: String = text("2 minutes"), to: String = text("4 minutes") }
    /// Things that go first.
    NoteDraining "note/draining" { left: u32 = 2 }
    /// Anything else.
    NoteOther "note/other" { text: String = text("waiting for the zone") }
    /// The request is wrong.
    FailedInvalid "failure/invalid" { message: String = text("no such image") }
    /// We may not.
    FailedDenied "failure/denied" { message: String = text("no right to create networks") }
    /// Something is in the way.
    FailedConflict "failure/conflict" { message: String = text("the name is taken") }
    /// Something isn't visible yet.
    FailedNotYet "failure/not_yet" { message: String = text("the subnet") }
    /// Too many calls.
    FailedThrottled "failure/throttled" { message: String = text("again in 200 ms") }
    /// It may work the next time.
    FailedTransient "failure/transient" { message: String = text("no answer") }
    /// It took too long.
    FailedDeadline "failure/deadline" { message: String = text("3 of 5 tasks healthy after 10 minutes") }
    /// What serves.
    ServingRelease "serving/release" { version: String = text("1.4"), number: Option<String> = some("r3") }
    /// Nothing serves.
    ServingNothing "serving/nothing" {}
    /// All is as planned.
    Succeeded "outcome/succeeded" { took: Option<String> = some("2 minutes 41 seconds") }
    /// What people are shown.
    Output "outcome/output" { label: String = text("web"), value: String = text("http://www.dev.shop.localhost:8080/?a=1&b=2"), href: Option<String> = None }
    /// A rollout was taken back.
    Reverted "outcome/reverted" { service: String = text("web"), why: String = text("exit code 1"), serving: Said = said("1.4 serves") }
    /// It can't be done.
    Failed "outcome/failed" { at: Option<String> = some("dev/web/tasks"), why: Said = said("it isn't allowed") }
    /// Somebody ended it.
    Cancelled "outcome/cancelled" { by: String = text("U01DEVELOPER"), because: Option<String> = some("not today") }
    /// The schedule ended it.
    Superseded "outcome/superseded" {}
    /// Somebody said no.
    Rejected "outcome/rejected" { by: String = text("U02PLATFORM"), because: Option<String> = some("not on Fridays") }
    /// Nobody decided.
    Expired "outcome/expired" {}
    /// Made, and still there.
    StandingCreated "outcome/created" { addrs: Vec<String> = texts(&["dev/network/zone"]), more: usize = 3 }
    /// Changed.
    StandingChanged "outcome/changed" { addrs: Vec<String> = texts(&["dev/web/tasks"]), more: usize = 3 }
    /// Unknown.
    StandingUnsure "outcome/unsure" { addrs: Vec<String> = texts(&["dev/web/tasks"]), more: usize = 3 }
    /// An operation was taken back.
    Undone "outcome/undone" { op: String = text("op-16") }
    /// What it had made is gone.
    UndoneRemoved "outcome/undone_removed" { addrs: Vec<String> = texts(&["dev/network/zone"]), more: usize = 3 }
    /// What it had changed is as before.
    UndoneChanged "outcome/undone_changed" { addrs: Vec<String> = texts(&["dev/web/tasks"]), more: usize = 3 }
    /// What it had removed is there again.
    UndoneMade "outcome/undone_made" { addrs: Vec<String> = texts(&["dev/web/tasks"]), more: usize = 3 }
    /// Nothing stands.
    Untouched "outcome/untouched" {}
    /// The receipt in numbers.
    ReceiptSum "receipt/sum" { created: u32 = 12, destroyed: u32 = 11, kept: usize = 1, left: usize = 0 }
    /// What was kept.
    ReceiptKept "receipt/kept" { items: Vec<String> = texts(&["dev/db/volume"]), more: usize = 2 }
    /// What is left over.
    ReceiptLeft "receipt/left" { items: Vec<String> = texts(&["dev/web/tasks g2 (local.tasks web-2)"]), more: usize = 2 }
    /// Somebody approved.
    ApprovedNow "event/approved" { by: String = text("U02PLATFORM"), op: String = text("op-17"), because: Option<String> = some("looks good"), missing: u32 = 1 }
    /// Somebody skips approval: for those who aren't in the thread.
    Announced "event/announced" { op: String = text("op-17"), what: Said = said("deploy web to prod"), by: String = text("U01DEVELOPER"), because: String = text("checkout is down"), needs: Vec<Said> = vec![said("2 approvals from @platform")] }
    /// Half of the time is over.
    Reminder "event/reminder" { op: String = text("op-17"), what: Said = said("deploy web to prod"), who: Vec<String> = texts(&["U02PLATFORM", "U03OTHER"]), more: usize = 3, needs: Vec<Said> = vec![said("2 approvals from @platform")], missing: u32 = 1, until: Moment = at(), words: Vec<String> = texts(&["approve op-17", "reject op-17 because .."]) }
    /// The plan is another one.
    ReplannedNow "event/replanned" { op: String = text("op-17"), why: Said = said("The world has moved on.") }
    /// A lock or a freeze holds it back.
    HeldNow "event/held" { op: String = text("op-17"), by: Said = said("dev is locked.") }
    /// It runs, after it had to wait.
    YourTurn "event/your_turn" { by: String = text("U01DEVELOPER"), op: String = text("op-17"), steps: usize = 5 }
    /// It runs.
    StartedNow "event/started" { op: String = text("op-17"), steps: usize = 5 }
    /// A rollout was taken back.
    RevertedNow "event/reverted" { service: String = text("web"), why: String = text("exit code 1"), serving: Said = said("1.4 serves") }
    /// People have to decide.
    ParkedNow "event/parked" { op: String = text("op-17"), at: String = text("dev/web/tasks"), why: Said = said("it isn't allowed"), retry: String = text("retry op-17"), cancel: String = text("cancel op-17") }
    /// Somebody wants another try.
    RetryNow "event/retry" { by: String = text("U01DEVELOPER"), because: Option<String> = some("I made room") }
    /// Somebody ends it.
    CancellingNow "event/cancelling" { by: String = text("U01DEVELOPER"), op: String = text("op-17"), because: Option<String> = some("not today") }
    /// The schedule ends it.
    SupersededNow "event/superseded" { op: String = text("op-17") }
    /// It is over.
    Ended "event/ended" { sign: String = text("white_check_mark"), op: String = text("op-17"), what: Said = said("deploy web to dev"), state: Said = said("succeeded"), outcome: Said = said("Done in 2 minutes.") }
}
