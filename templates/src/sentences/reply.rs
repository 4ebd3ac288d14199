//! Answers to commands and questions.

use crate::{Moment, Said};

sentences! {
    /// What was said is no command.
    Invalid "reply/invalid" { problem: String = text("there's no command `depoly`") }
    /// What was probably meant.
    DidYouMean "reply/did_you_mean" { words: String = text("deploy") }
    /// A command that works.
    Example "reply/example" { words: String = text("deploy web to dev") }
    /// A rule is missing or says no.
    MayNot "reply/may_not" { who: String = text("U01ALICE"), verb: String = text("deploy"), env: Option<String> = some("prod"), line: Option<u32> = Some(12), file: String = text("gantry.toml"), allowed: Vec<Said> = vec![said("platform")] }
    /// Who can help.
    WhoCan "reply/who_can" { who: Vec<Said> = vec![said("platform")] }
    /// Another refusal, with the way out.
    Refused "reply/refused" { what: String = text("`dev` is torn down already"), remedy: Option<String> = some("Make it anew with `provision dev`") }
    /// A short answer.
    Told "reply/told" { text: String = text("`prod` waits for its second vote") }
    /// What has to be chosen.
    Choice "reply/choice" { question: String = text("Which environment? `web` runs in more than one.") }
    /// The title of help.
    HelpHead "reply/help_head" {}
    /// A kind of verbs.
    HelpTopic "reply/help_topic" { title: String = text("Change an environment") }
    /// A verb in a line.
    HelpLine "reply/help_line" { usage: String = text("deploy SERVICE to ENV"), summary: String = text("runs a version of a service") }
    /// One verb.
    HelpVerb "reply/help_verb" { name: String = text("deploy"), summary: String = text("runs a version of a service") }
    /// How it is written.
    HelpUsage "reply/help_usage" { usage: String = text("deploy SERVICE to ENV") }
    /// Other words for it.
    HelpAliases "reply/help_aliases" { words: Vec<String> = texts(&["destroy", "tear down"]) }
    /// Commands that work.
    HelpExamples "reply/help_examples" { words: Vec<String> = texts(&["deploy web to dev"]) }
    /// Where commands work.
    HelpFoot "reply/help_foot" {}
    /// An environment.
    StatusEnv "reply/status_env" { sign: String = text("large_green_circle"), env: String = text("dev"), project: String = text("shop"), platform: String = text("local"), owner: String = text("U01ALICE") }
    /// An environment that was.
    StatusGone "reply/status_gone" { env: String = text("dev"), project: String = text("shop") }
    /// A service.
    StatusService "reply/status_service" { sign: String = text("white_check_mark"), service: String = text("web"), version: String = text("1.4"), release: String = text("r3"), healthy: u32 = 2, wanted: u32 = 3, why: Option<String> = some("starting") }
    /// A task.
    StatusTask "reply/status_task" { id: String = text("web-1"), node: String = text("a-1"), health: String = text("healthy"), restarts: u32 = 2 }
    /// A cluster.
    StatusCluster "reply/status_cluster" { cluster: String = text("a"), up: usize = 1, nodes: usize = 2, names: Vec<String> = texts(&["a-1", "a-2"]), more: usize = 3 }
    /// An operation that isn't over.
    StatusOperation "reply/status_operation" { op: String = text("op-17"), what: Said = said("deploy web to dev"), state: Said = said("is running") }
    /// What runs can't be seen.
    StatusUnseen "reply/status_unseen" { why: String = text("the runtime doesn't answer") }
    /// There is nothing.
    StatusNone "reply/status_none" { example: String = text("deploy web to dev") }
    /// Outputs of an environment.
    OutputsHead "reply/outputs_head" { env: String = text("dev") }
    /// There are none.
    OutputsNone "reply/outputs_none" { env: String = text("dev") }
    /// History of something.
    HistoryHead "reply/history_head" { what: String = text("dev") }
    /// One operation.
    HistoryLine "reply/history_line" { at: Moment = at(), op: String = text("op-17"), what: Said = said("deploy web to dev"), state: Said = said("succeeded"), by: Option<String> = some("U01ALICE") }
    /// One release.
    HistoryRelease "reply/history_release" { release: String = text("r3"), version: String = text("1.4"), op: String = text("op-17"), at: Moment = at(), served: bool = false }
    /// Nothing was done.
    HistoryNone "reply/history_none" { what: String = text("dev") }
    /// What a service wrote.
    LogsHead "reply/logs_head" { service: String = text("web"), env: String = text("dev"), lines: usize = 20, since: Option<Moment> = Some(at()) }
    /// It wrote nothing.
    LogsNone "reply/logs_none" { service: String = text("web"), env: String = text("dev"), since: Option<Moment> = Some(at()) }
    /// Who somebody is.
    Whoami "reply/whoami" { who: String = text("U01ALICE"), groups: Vec<String> = texts(&["@platform"]), zone: String = text("Europe/Berlin") }
    /// What they may do.
    WhoamiMay "reply/whoami_may" { project: String = text("shop"), verbs: Vec<String> = texts(&["deploy", "scale"]), environments: Vec<String> = texts(&["dev", "pr-*"]) }
    /// They may do nothing.
    WhoamiNothing "reply/whoami_nothing" {}
    /// A task was ended.
    KilledTask "reply/killed_task" { task: String = text("web-1") }
    /// A node was ended.
    KilledNode "reply/killed_node" { node: String = text("a-1"), tasks: u32 = 3 }
    /// A project was read again.
    Reloaded "reply/reloaded" { project: String = text("shop"), revision: String = text("77ab0000"), unchanged: bool = true }
}
