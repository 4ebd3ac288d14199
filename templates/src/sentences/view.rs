//! What forms ask, and what the Home tab shows.

use crate::{Moment, Said};

sentences! {
    /// The title of a form.
    FormDeploy "form/deploy" {}
    /// The title of a form.
    FormProvision "form/provision" {}
    /// The title of a form.
    FormExtend "form/extend" {}
    /// The title of a form.
    FormReject "form/reject" { op: String = text("op-17") }
    /// The title of a form.
    FormLock "form/lock" {}
    /// About a lock's end.
    HintLock "field/hint_lock" {}
    /// Which service.
    FieldService "field/service" {}
    /// Which version of it.
    FieldVersion "field/version" {}
    /// Where.
    FieldEnvironment "field/environment" {}
    /// Where, by a new name.
    FieldNew "field/new" {}
    /// When it ends.
    FieldEnd "field/end" {}
    /// When it ends instead.
    FieldLater "field/later" {}
    /// Why.
    FieldReason "field/reason" {}
    /// Why not.
    FieldAgainst "field/against" {}
    /// About versions.
    HintVersion "field/hint_version" {}
    /// About new names.
    HintNew "field/hint_new" { patterns: Vec<String> = texts(&["pr-*"]) }
    /// About ends.
    HintEnd "field/hint_end" {}
    /// About ends that move.
    HintLater "field/hint_later" {}
    /// A field is empty.
    Lacking "field/lacking" {}
    /// A field has words where a word belongs.
    OneWord "field/one_word" {}
    /// Sends a form.
    LabelDeploy "label/deploy" {}
    /// Sends a form.
    LabelProvision "label/provision" {}
    /// Sends a form.
    LabelLater "label/later" {}
    /// Sends a form.
    LabelLockIt "label/lock_it" {}
    /// Leaves a form.
    LabelClose "label/close" {}
    /// Opens a form.
    LabelAskDeploy "label/ask_deploy" {}
    /// Opens a form.
    LabelAskProvision "label/ask_provision" {}
    /// Opens a form.
    LabelAskExtend "label/ask_extend" {}
    /// Opens a form.
    LabelAskReject "label/ask_reject" {}
    /// Every verb that somebody may use.
    HelpHere "reply/help_here" { env: Option<String> = some("dev"), words: Vec<String> = texts(&["deploy", "scale"]) }
    /// And those that they may not.
    HelpMore "reply/help_more" { more: usize = 3, words: String = text("help all") }
    /// Shows all of help.
    LabelHelpAll "label/help_all" {}
    /// A form came too late.
    InWords "reply/in_words" { example: String = text("extend dev by 4h") }
    /// What was asked for beside everybody is told where everybody is.
    ToldElsewhere "reply/told_elsewhere" { op: String = text("op-17"), place: String = text("C01DEV") }
    /// A title.
    HomeEnvironments "home/environments" {}
    /// A title.
    HomeVotes "home/votes" {}
    /// A title.
    HomeOperations "home/operations" {}
    /// There is nothing to see.
    HomeNone "home/none" {}
    /// At the end.
    HomeFoot "home/foot" { command: String = text("/gantry help") }
    /// An environment.
    HomeEnv "home/env" { sign: String = text("large_green_circle"), env: String = text("dev"), project: String = text("shop"), platform: String = text("local"), owner: String = text("U01DEVELOPER") }
    /// What runs in it, and what that costs.
    HomeRuns "home/runs" { services: Vec<String> = texts(&["web 1.4 (2)", "api 1.0 (1)"]), rate: Option<String> = some("$0.42") }
    /// What goes on in it.
    HomeOpen "home/open" { op: String = text("op-17"), state: Said = said("is running") }
    /// An operation that waits for the reader's word.
    HomeVote "home/vote" { sign: String = text("ballot_box_with_ballot"), op: String = text("op-17"), words: String = text("deploy web to dev"), env: String = text("shop/dev"), by: Option<String> = some("U01DEVELOPER"), because: Option<String> = some("the fix is in it"), numbers: Said = said("3 to create") }
    /// A title.
    AboutHistory "about/history" {}
    /// An event of an operation.
    AboutLine "about/line" { at: Moment = at(), what: Said = said("op-17 has started") }
}
