//! What an operation's card says, line by line.

use crate::{Moment, Said};

sentences! {
    /// The first line, and the whole card in a sentence.
    Head "card/head" { sign: String = text("white_check_mark"), op: String = text("op-17"), what: Said = said("deploy web to dev"), state: Said = said("is running"), done: usize = 3, total: usize = 5 }
    /// Who wants it, and why.
    Asked "card/asked" { by: String = text("U01DEVELOPER"), because: Option<String> = some("the demo"), plan: String = text("9f2c41aa"), numbers: Option<Said> = Some(said("3 to create")), revision: Option<String> = some("77ab0000") }
    /// The schedule wants it.
    Scheduled "card/scheduled" { plan: String = text("9f2c41aa"), numbers: Option<Said> = Some(said("12 to destroy")), revision: Option<String> = some("77ab0000") }
    /// The plan in numbers.
    PlanSum "card/plan" { numbers: Said = said("3 to create, 1 to destroy") }
    /// One of a plan's numbers.
    ToCreate "number/create" { n: usize = 3 }
    /// One of a plan's numbers.
    ToChange "number/change" { n: usize = 1 }
    /// One of a plan's numbers.
    ToReplace "number/replace" { n: usize = 2 }
    /// One of a plan's numbers.
    ToDestroy "number/destroy" { n: usize = 1 }
    /// What a plan without steps has to build.
    NothingToBuild "number/none" {}
    /// The same, where the record stays as it is, too.
    NothingToChange "number/unchanged" {}
    /// A plan that builds nothing.
    PlanOfRecord "card/plan_record" { env: String = text("dev") }
    /// Everything is as it is wanted.
    PlanOfNothing "card/plan_nothing" { env: String = text("dev") }
    /// What happens in one component.
    PlanLine "card/plan_line" { sign: String = text("+"), component: String = text("network"), count: usize = 9, parts: Vec<String> = texts(&["balancer", "zone"]), more: usize = 7, price: Option<String> = some("$0.05") }
    /// Data that a plan deletes.
    PlanData "card/plan_data" { addr: String = text("dev/db/volume") }
    /// What a folded plan doesn't show.
    PlanMore "card/plan_more" { components: usize = 4, steps: usize = 120 }
    /// What differs besides.
    Drift "card/drift" { addrs: Vec<String> = texts(&["dev/web/tasks"]), more: usize = 2 }
    /// When the environment ends, and what becomes of its data.
    Ends "card/ends" { env: String = text("dev"), at: Moment = at(), latest: Option<Moment> = Some(at()), deleted: Vec<String> = texts(&["db"]), kept: Vec<String> = texts(&["cache"]) }
    /// It has no end.
    Endless "card/endless" { env: String = text("dev") }
    /// This very operation deletes data.
    LosesData "card/loses_data" { services: Vec<String> = texts(&["db"]) }
    /// This operation leaves data.
    KeepsData "card/keeps_data" { services: Vec<String> = texts(&["db"]) }
    /// The requester is asked.
    Confirmation "card/confirmation" { by: String = text("U01DEVELOPER"), until: Option<Moment> = Some(at()), because: Vec<Said> = vec![said("deletes data")] }
    /// Others are asked.
    Votes "card/votes" { need: Said = said("2 approvals from @platform"), by: String = text("U01DEVELOPER"), have: usize = 1, missing: u32 = 1, until: Option<Moment> = Some(at()) }
    /// Somebody's vote.
    VoteLine "card/vote" { sign: String = text("thumbsup"), by: String = text("U02PLATFORM"), approves: bool = true, at: Moment = at(), because: Option<String> = some("looks good") }
    /// Nobody's word was waited for.
    Bypassed "card/bypassed" { by: String = text("U01DEVELOPER"), because: String = text("checkout is down"), needs: Vec<Said> = vec![said("2 approvals from @platform")] }
    /// What others' word is needed.
    NeedVotes "need/votes" { wanted: u32 = 2, groups: Vec<String> = texts(&["@platform", "@security"]), because: Vec<Said> = vec![said("deletes data"), said("replaces something")] }
    /// The requester's word is needed.
    NeedConfirm "need/confirm" { because: Vec<Said> = vec![said("deletes data")] }
    /// What makes a plan dangerous.
    LosesDataDanger "danger/loses_data" {}
    /// What makes a plan dangerous.
    DeletesDanger "danger/deletes" {}
    /// What makes a plan dangerous.
    ReplacesDanger "danger/replaces" {}
    /// What makes a plan dangerous.
    BeyondMaxDanger "danger/beyond_max" {}
    /// What makes a plan dangerous.
    FrozenDanger "danger/frozen" {}
    /// What makes a plan dangerous.
    HourlyDanger "danger/hourly" { above: String = text("$5.00") }
    /// What makes a plan dangerous.
    InAllDanger "danger/in_all" { above: String = text("$200.00") }
    /// Whose word it has.
    ApprovedBy "card/approved" { by: Vec<String> = texts(&["U02PLATFORM", "U03OTHER"]) }
    /// The schedule's word is the card that showed the end.
    ScheduledVotes "card/scheduled_votes" {}
    /// Its place in line.
    Queued "card/queued" { ordinal: String = text("2nd"), ahead: Vec<String> = texts(&["op-3"]) }
    /// What holds it back.
    CardHeld "card/held" { by: Said = said("dev is locked.") }
    /// The plan is another one than before.
    Replanned "card/replanned" { void: bool = true, changes: Vec<Said> = vec![said("api is at r4 now")] }
    /// What can be said next.
    Next "card/next" { words: Vec<String> = texts(&["status dev", "outputs dev"]) }
    /// A resource moved on.
    ChangedResource "changed/resource" { addr: String = text("dev/web/tasks") }
    /// A service moved on.
    ChangedService "changed/service" { service: String = text("api"), release: Option<String> = some("r4") }
    /// The project moved on.
    ChangedRevision "changed/revision" {}
    /// Other people are asked.
    ChangedRule "changed/rule" {}
    /// Something else moved on.
    ChangedSteps "changed/steps" {}
    /// A component that hasn't begun.
    Todo "progress/todo" { component: String = text("web") }
    /// A component on its way.
    Started "progress/started" { component: String = text("web"), done: usize = 1, total: usize = 3 }
    /// A component on its way, and what it waits for.
    Moving "progress/moving" { component: String = text("web"), done: usize = 1, total: usize = 3, note: Said = said("3 of 5 tasks healthy") }
    /// A component that will be tried again.
    Retrying "progress/retrying" { component: String = text("web"), done: usize = 1, total: usize = 3, at: Moment = at(), failure: Said = said("it took too long") }
    /// A component that is stuck.
    Stuck "progress/stuck" { component: String = text("web"), done: usize = 1, total: usize = 3, failure: Said = said("it isn't allowed") }
    /// A component whose rollout was taken back.
    TakenBack "progress/reverted" { component: String = text("web"), why: String = text("exit code 1") }
    /// A component that is done.
    Done "progress/done" { component: String = text("web") }
    /// Components that aren't shown.
    ProgressMore "progress/more" { components: usize = 7 }
}
