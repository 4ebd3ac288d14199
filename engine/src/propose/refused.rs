//! Why there is no proposal: each with its remedy.

use crate::address::Addr;
use crate::environment::ReleaseNo;
use crate::names::{EnvName, OpId, ProjectName, ServiceName};
use jiff::Timestamp;

/// Why there is no proposal, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The project says nothing about such an environment.
    #[error("{project} has no environment `{env}`; its project file names {}", known.join(", "))]
    NoSuchEnvironment {
        /// The project.
        project: ProjectName,
        /// The name.
        env: EnvName,
        /// Names and patterns that it has.
        known: Vec<String>,
    },
    /// Nothing lives there.
    #[error("nothing is running in {0}; `deploy SERVICE to {0}` or `provision {0}` creates it")]
    NotThere(EnvName),
    /// The project has no such service.
    #[error("{project} has no service `{service}`; it has {}", known.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    NoSuchService {
        /// The project.
        project: ProjectName,
        /// The name.
        service: ServiceName,
        /// Those that it has.
        known: Vec<ServiceName>,
    },
    /// The service isn't deployed there.
    #[error("{service} isn't deployed in {env}; `deploy {service} to {env}` does that")]
    NotRunning {
        /// The service.
        service: ServiceName,
        /// The environment.
        env: EnvName,
    },
    /// More than one task can't share a volume.
    #[error("{0} has a volume, which only one task can use; scale it to 0 or 1")]
    OneTaskPerVolume(ServiceName),
    /// No release to go back to.
    #[error("{service} has no earlier release in {env} that ever served; `history {service}` lists them")]
    NoEarlierRelease {
        /// The service.
        service: ServiceName,
        /// The environment.
        env: EnvName,
    },
    /// Such a release never served.
    #[error("{release} of {service} never served; these did: {}", known.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    NoSuchRelease {
        /// The service.
        service: ServiceName,
        /// The number.
        release: ReleaseNo,
        /// Those that did.
        known: Vec<ReleaseNo>,
    },
    /// Longer than the project allows.
    #[error("{env} may live until {latest} at the latest, counted from its creation")]
    BeyondMaximum {
        /// The environment.
        env: EnvName,
        /// The latest end.
        latest: Timestamp,
    },
    /// An end that has passed.
    #[error("{0} has passed already; name a time that is still to come")]
    InThePast(Timestamp),
    /// No end to move.
    #[error("{0} has no end that could be moved; `extend {0} until ..` sets one")]
    NoEnd(EnvName),
    /// The project wants an end.
    #[error("{env} must end by {latest}; `extend {env} until ..` moves its end that far")]
    MustEnd {
        /// The environment.
        env: EnvName,
        /// The latest end.
        latest: Timestamp,
    },
    /// The schedule's teardown came when there was another end.
    #[error("the end of {0} has moved; nothing to tear down yet")]
    NotDue(EnvName),
    /// Nobody's word is waited for, and nobody knows why.
    #[error("a change that skips approval needs a reason: say it again with `because ..`")]
    NoReason,
    /// Others need it.
    #[error("{} refer to {env}; tear them down first", by.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Used {
        /// The environment.
        env: EnvName,
        /// By whom.
        by: Vec<EnvName>,
    },
    /// It isn't over, so nobody knows what it leaves.
    #[error("wait until {0} is over, or `cancel {0}`; then what it leaves can be undone or gone on with")]
    NotOver(OpId),
    /// It came to its end.
    #[error(
        "nothing is left of {0} to undo or to go on with: it did all that was asked for; `rollback` takes a release back, `teardown` an environment"
    )]
    DidItAll(OpId),
    /// Nothing of it is there.
    #[error("nothing of {0} stands, so there is nothing to undo or to go on with")]
    NothingStands(OpId),
    /// An undo is gone on with by undoing the same once more.
    #[error("an undo can't be undone; `undo {of}` goes on with {op}")]
    IsUndo {
        /// The undo.
        op: OpId,
        /// Of what.
        of: OpId,
    },
    /// Somebody was faster.
    #[error("somebody was faster: {by} takes {op} back, or goes on with it; wait for it, or `cancel {by}`")]
    GoesOn {
        /// The operation.
        op: OpId,
        /// Who does.
        by: OpId,
    },
    /// It was taken back before.
    #[error("nothing is left to undo or to go on with: {by} has undone {op}")]
    UndoneAlready {
        /// The operation.
        op: OpId,
        /// What undid it.
        by: OpId,
    },
    /// Something newer was done.
    #[error(
        "since {op} the environment was changed by {by}; `status` shows what runs now, and `deploy`, `rollback` or `teardown` change that"
    )]
    ChangedSince {
        /// The operation.
        op: OpId,
        /// Who changed it.
        by: OpId,
    },
    /// Something that stays uses what it made.
    #[error("something else needs what {op} made: {from} refers to {to}; remove that first")]
    NeededNow {
        /// The operation.
        op: OpId,
        /// Who needs it.
        from: Addr,
        /// What.
        to: Addr,
    },
    /// What was removed held data.
    #[error(
        "what {op} did to {} can't be taken back, since it holds data and data can't be brought back; `deploy` makes it anew, and empty",
        list(addrs)
    )]
    DataIsGone {
        /// The operation.
        op: OpId,
        /// What.
        addrs: Vec<Addr>,
    },
    /// It ran before journals kept what was there.
    #[error("nobody kept how {} {} before {op}; `deploy` brings what is wanted now", list(addrs), if addrs.len() == 1 { "was" } else { "were" })]
    NotKept {
        /// The operation.
        op: OpId,
        /// What.
        addrs: Vec<Addr>,
    },
    /// The release to go back to isn't known any more.
    #[error("no way back to {release} of {service}: it isn't known any more; `history {service}` lists what was done")]
    ReleaseIsGone {
        /// The service.
        service: ServiceName,
        /// The number.
        release: ReleaseNo,
    },
}

fn list(addrs: &[Addr]) -> String {
    addrs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
