//! What buttons read, and what they ask before they count: title, text, the way on and the way back, a line each.

use crate::{Moment, Said};

sentences! {
    /// For a plan.
    LabelApprove "label/approve" {}
    /// Against a plan.
    LabelReject "label/reject" {}
    /// Ends an operation.
    LabelCancel "label/cancel" {}
    /// Tries again.
    LabelRetry "label/retry" {}
    /// Moves the end.
    LabelExtend "label/extend" { by: String = text("1h") }
    /// Moves the end as far as it can be.
    LabelKeepUntil "label/keep_until" { at: Moment = at() }
    /// Makes the speaker the owner.
    LabelTake "label/take" {}
    /// Lets a schedule rest.
    LabelPause "label/pause" {}
    /// Lets a schedule go on.
    LabelResume "label/resume" {}
    /// Removes a schedule.
    LabelUnschedule "label/unschedule" {}
    /// Takes the end away.
    LabelKeep "label/keep" {}
    /// Removes what is left over.
    LabelRemove "label/remove" { env: String = text("dev") }
    /// Ends a follow.
    LabelUnfollow "label/unfollow" {}
    /// Ends an environment.
    LabelTeardown "label/teardown" {}
    /// Ends an environment before its time.
    LabelTeardownNow "label/teardown_now" {}
    /// Holds others back.
    LabelLock "label/lock" { service: String = text("web") }
    /// Gives a lock up.
    LabelUnlock "label/unlock" {}
    /// Says it again, to wait.
    LabelWhenFree "label/when_free" {}
    /// How it is.
    LabelStatus "label/status" {}
    /// Its addresses.
    LabelOutputs "label/outputs" {}
    /// Says the same again.
    LabelAgain "label/again" {}
    /// Takes back what ended in the middle.
    LabelUndo "label/undo" {}
    /// Goes on with what ended in the middle.
    LabelGoOn "label/go_on" {}
    /// Says what was only shown.
    LabelDoIt "label/do_it" {}
    /// What can be said.
    LabelHelp "label/help" {}
    /// Before an approval.
    ConfirmApprove "confirm/approve" { op: String = text("op-17"), plan: String = text("9f2c41aa"), numbers: Said = said("3 to create, 1 to destroy") }
    /// Before an operation is ended.
    ConfirmCancel "confirm/cancel" { op: String = text("op-17") }
    /// Before an operation is taken back.
    ConfirmUndo "confirm/undo" { op: String = text("op-17") }
    /// Before an environment is ended.
    ConfirmTeardown "confirm/teardown" { env: String = text("dev"), full: String = text("shop/dev"), deleted: Vec<String> = texts(&["db"]) }
    /// Before an end is taken away.
    ConfirmKeep "confirm/keep" { env: String = text("dev"), full: String = text("shop/dev") }
}
