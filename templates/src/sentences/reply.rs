//! Answers to commands and questions.

use crate::{Moment, Said};

sentences! {
    /// What was said is no command.
    Invalid "reply/invalid" { problem: String = text("there's no command `depoly`") }
    /// What was probably meant.
    DidYouMean "reply/did_you_mean" { words: String = text("deploy") }
    /// A command that works.
    Example "reply/example" { words: String = text("deploy web to dev") }
    /// The title of help.
    HelpHead "reply/help_head" {}
    /// Every verb, in a sentence.
    HelpAll "reply/help_all" { words: Vec<String> = texts(&["deploy", "scale"]) }
    /// A kind of verbs.
    HelpTopic "reply/help_topic" { title: String = text("Change an environment") }
    /// A verb in a line.
    HelpLine "reply/help_line" { usage: String = text("deploy SERVICE to ENV"), summary: String = text("runs a version of a service") }
    /// One verb.
    HelpVerb "reply/help_verb" { name: String = text("deploy"), summary: String = text("runs a version of a service") }
    /// How it is written.
    HelpUsage "reply/help_usage" { usage: String = text("deploy SERVICE to ENV") }
    /// What one should know besides.
    HelpNote "reply/help_note" { note: String = text("A data volume stays.") }
    /// Other words for it.
    HelpAliases "reply/help_aliases" { words: Vec<String> = texts(&["destroy", "tear down"]) }
    /// Commands that work.
    HelpExamples "reply/help_examples" { words: Vec<String> = texts(&["deploy web to dev"]) }
    /// Where commands work.
    HelpFoot "reply/help_foot" {}
    /// An environment.
    StatusEnv "reply/status_env" { sign: String = text("large_green_circle"), env: String = text("dev"), project: String = text("shop"), platform: String = text("local"), owner: String = text("U01DEVELOPER") }
    /// A service.
    StatusService "reply/status_service" { sign: String = text("white_check_mark"), service: String = text("web"), version: String = text("1.4"), release: String = text("r3"), healthy: u32 = 2, wanted: u32 = 3 }
    /// A service that can't be looked at.
    StatusRecorded "reply/status_recorded" { service: String = text("web"), version: String = text("1.4"), release: String = text("r3"), wanted: u32 = 3 }
    /// On its way.
    TaskStarting "task/starting" {}
    /// Well.
    TaskHealthy "task/healthy" {}
    /// Not well.
    TaskUnhealthy "task/unhealthy" {}
    /// On its way out.
    TaskStopping "task/stopping" {}
    /// Gone, and why.
    TaskDead "task/dead" { why: String = text("exit code 1") }
    /// A task.
    StatusTask "reply/status_task" { id: String = text("web-1"), node: String = text("a-1"), health: Said = said("healthy"), restarts: u32 = 2 }
    /// A cluster.
    StatusCluster "reply/status_cluster" { cluster: String = text("a"), up: usize = 1, nodes: usize = 2, names: Vec<String> = texts(&["a-1", "a-2"]), more: usize = 3 }
    /// What runs can't be seen.
    StatusUnseen "reply/status_unseen" { why: String = text("the runtime doesn't answer") }
    /// There is nothing.
    StatusNone "reply/status_none" { example: String = text("deploy web to dev") }
    /// Outputs of an environment.
    OutputsHead "reply/outputs_head" { env: String = text("dev"), project: String = text("shop") }
    /// There are none.
    OutputsNone "reply/outputs_none" { env: String = text("dev"), project: String = text("shop") }
    /// A task was ended.
    KilledTask "reply/killed_task" { task: String = text("web-1") }
    /// A node was ended.
    KilledNode "reply/killed_node" { node: String = text("a-1"), tasks: u32 = 3 }
    /// Whether something was ended isn't known.
    KillInterrupted "reply/kill_interrupted" { target: String = text("a-1"), env: String = text("dev"), words: String = text("status dev") }
    /// A guest or a stranger, whom rules don't mean.
    Outsider "reply/outsider" { who: String = text("U04GUEST"), verb: String = text("deploy"), env: Option<String> = some("prod"), guest: bool = true, gone: bool = false, word: String = text("guests") }
    /// A rule for other channels.
    NotHere "reply/not_here" { who: String = text("U01DEVELOPER"), verb: String = text("deploy"), env: Option<String> = some("prod"), channels: Vec<String> = texts(&["#ops"]), line: u32 = 12 }
    /// A rule is missing or says no.
    MayNot "reply/may_not" { who: String = text("U01DEVELOPER"), verb: String = text("deploy"), env: Option<String> = some("prod"), line: Option<u32> = Some(12) }
    /// Who can help.
    WhoCan "reply/who_can" { who: Vec<String> = texts(&["@platform"]) }
    /// The operation is past that point.
    TooLate "reply/too_late" { op: String = text("op-17"), state: Said = said("succeeded"), decided: Option<Said> = Some(said("It was approved.")) }
    /// Whose approval an operation ran on.
    WasApproved "reply/was_approved" { by: Vec<String> = texts(&["U02PLATFORM"]) }
    /// Who rejected or cancelled it.
    WasEnded "reply/was_ended" { by: String = text("U02PLATFORM") }
    /// Nothing failed.
    NotParked "reply/not_parked" { op: String = text("op-17"), state: Said = said("is running") }
    /// There is no plan.
    NoPlan "reply/no_plan" { why: String = text("web isn't deployed in dev; `deploy web to dev` does that") }
    /// Several things stand in the way of a plan, or one.
    Findings "reply/findings" { many: bool = true }
    /// One of them.
    Finding "reply/finding" { what: String = text("the image `web:2` isn't in the registry"), remedy: String = text("push it, or deploy another version") }
    /// What is left over of an environment.
    LeftHead "reply/left_head" { env: String = text("dev"), project: String = text("shop"), left: usize = 3 }
    /// A thing that is left over.
    LeftItem "reply/left_item" { item: String = text("dev/network/vpc g1 (aws.vpc vpc-1)") }
    /// Such a thing, with data.
    LeftData "reply/left_data" { item: String = text("dev/db/volume g1 (aws.volume vol-1)") }
    /// Nothing is left over.
    LeftNone "reply/left_none" {}
    /// It can't be told.
    LeftUnseen "reply/left_unseen" { project: String = text("shop"), why: String = text("the account doesn't answer") }
    /// Somebody else's to decide.
    VoteVoid "reply/vote_void" { op: String = text("op-17"), why: String = text("only members of @platform can decide on this plan") }
    /// The newest plan isn't shown yet.
    VoteUnseen "reply/vote_unseen" { op: String = text("op-17"), changed: bool = true, words: String = text("approve op-17") }
    /// Nobody skips approval unseen.
    Unannounced "reply/unannounced" { channel: String = text("#ops") }
    /// No such operation.
    NoOperation "reply/no_operation" { op: String = text("op-99") }
    /// No operation is named, and the thread has none.
    WhichOperation "reply/which_operation" { example: String = text("approve op-17") }
    /// Something was left out that nothing tells.
    Missing "reply/missing" { what: String = text("service") }
    /// No project has both.
    Elsewhere "reply/elsewhere" { what: String = text("web in dev") }
    /// Nothing lives there.
    NotThere "reply/not_there" { env: String = text("dev"), example: String = text("provision dev") }
    /// The workspace doesn't answer.
    Unknown "reply/unknown" { what: String = text("the group platform"), why: String = text("no answer") }
    /// The platform can't.
    PlatformCant "reply/platform" { why: String = text("there is no task web-9") }
    /// We can't.
    Broken "reply/broken" {}
    /// A project file is wrong.
    BadProject "reply/bad_project" {}
    /// What has to be chosen.
    Choice "reply/choice" { what: String = text("environment") }
    /// What a change would do.
    PreviewHead "reply/preview" { words: String = text("deploy web to dev") }
    /// Whose word it would need.
    PreviewNeeds "reply/preview_needs" { needs: Vec<Said> = vec![said("2 approvals from @platform")] }
    /// Nobody's.
    PreviewFree "reply/preview_free" {}
    /// An operation that isn't over.
    StatusOperation "reply/status_operation" { op: String = text("op-17"), state: Said = said("is running") }
    /// History.
    HistoryHead "reply/history_head" {}
    /// One operation.
    HistoryLine "reply/history_line" { at: Moment = at(), op: String = text("op-17"), words: String = text("deploy web to dev"), env: String = text("shop/dev"), state: Said = said("succeeded"), by: Option<String> = some("U01DEVELOPER"), bypassed: bool = true, because: Option<String> = some("the demo"), releases: Vec<String> = texts(&["web r3 (1.4)"]) }
    /// Nothing was done.
    HistoryNone "reply/history_none" {}
    /// What a service wrote.
    LogsHead "reply/logs_head" { of: String = text("web in dev"), lines: usize = 20 }
    /// It wrote nothing.
    LogsNone "reply/logs_none" { of: String = text("web in dev") }
    /// Who somebody is.
    Whoami "reply/whoami" { who: String = text("U01DEVELOPER"), handle: String = text("developer"), zone: String = text("Europe/Berlin") }
    /// Their groups in a project.
    WhoamiGroups "reply/whoami_groups" { project: String = text("shop"), groups: Vec<String> = texts(&["@platform"]) }
    /// What a rule allows them.
    WhoamiMay "reply/whoami_may" { verbs: Vec<String> = texts(&["deploy", "scale"]), environments: Vec<String> = texts(&["dev", "pr-*"]), channels: Vec<String> = texts(&["#ops"]), line: u32 = 12 }
    /// What a guest or a stranger is.
    WhoamiOutsider "reply/whoami_outsider" { guest: bool = true, gone: bool = false }
    /// How old that may be.
    WhoamiAge "reply/whoami_age" { groups: String = text("1 minute"), people: String = text("10 minutes") }
    /// They may do nothing.
    WhoamiNothing "reply/whoami_nothing" {}
    /// Project files were read again.
    Reloaded "reply/reloaded" { projects: Vec<String> = texts(&["shop"]) }
    /// They were as before.
    ReloadedSame "reply/reloaded_same" {}
    /// A button of a message that isn't so any more.
    Stale "reply/stale" { env: String = text("shop/dev"), gone: bool = false, owner: String = text("U01DEVELOPER"), at: Option<Moment> = Some(at()) }
    /// A vote or a signal was written down.
    Noted "reply/noted" { words: String = text("approve op-17") }
}
