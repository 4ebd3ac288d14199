//! A wanted object as it is kept: what was put, and the little that must be remembered about carrying it out.
//!
//! Stored as one JSON file per object, versioned. Nothing here acts.

use super::clock::millis_between;
use crate::api::{Mark, Order, Put, Reverted, ServiceSpec, Serving, Spec};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The format of an object's file; a reader of a later format reads this one too.
pub(super) const FORMAT: u32 = 1;
/// So many earlier tokens are remembered, to tell a late repetition of an old put from a new one.
const REMEMBERED_TOKENS: usize = 16;
/// So many starts may fail before a rollout is given up.
const FAILED_STARTS: usize = 3;

/// A wanted object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Object {
    /// The file's format.
    pub(super) format: u32,
    pub(super) id: String,
    pub(super) mark: Mark,
    /// The put that is carried out.
    pub(super) token: String,
    /// The puts before that one, newest last.
    #[serde(default)]
    pub(super) superseded: Vec<String>,
    /// What is wanted.
    pub(super) wanted: Spec,
    /// It is being taken away.
    #[serde(default)]
    pub(super) removing: bool,
    /// A balancer's port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) port: Option<u16>,
    /// A killed node is down until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) down_until: Option<Timestamp>,
    /// What a service went through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) progress: Option<Progress>,
}

/// What a service went through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// The specification that last was carried out completely; none before the first.
    pub(super) serving: Option<ServiceSpec>,
    /// The current put was carried out completely; what happens to tasks later doesn't change that.
    pub(super) settled: bool,
    /// When the current put arrived.
    pub(super) since: Timestamp,
    /// The exchange of tasks that the current put began, while it lasts.
    pub(super) rollout: Option<Rollout>,
    /// The current put was given up.
    pub(super) reverted: Option<GivenUp>,
}

/// An exchange of tasks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Rollout {
    /// Starts that failed.
    pub(super) failures: Vec<Failure>,
}

/// A start that failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Failure {
    /// What happened to the task (`exited with code 1`).
    pub(super) what: String,
    /// How long it had run. Milliseconds.
    pub(super) after_ms: u64,
    /// The last line it wrote.
    pub(super) last_line: Option<String>,
}

/// A put that was given up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct GivenUp {
    pub(super) at: Timestamp,
    pub(super) why: String,
}

impl Object {
    /// The id of this put's object: a function of kind and mark, over bytes in a fixed order.
    pub(super) fn id_of(put: &Put) -> String {
        let Mark { installation, project, env, incarnation, addr, generation } = &put.mark;
        let kind = put.spec.kind();
        let (incarnation, generation) = (incarnation.to_string(), generation.to_string());
        let mut hash = Sha256::new();
        for part in [kind.prefix(), installation, project, env, &incarnation, addr, &generation] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        format!("{}-{}", kind.prefix(), hex::encode(&hash.finalize()[..8]))
    }

    /// The object of a first put.
    pub(super) fn new(put: &Put, now: Timestamp) -> Self {
        Self {
            format: FORMAT,
            id: Self::id_of(put),
            mark: put.mark.clone(),
            token: put.token.clone(),
            superseded: Vec::new(),
            wanted: put.spec.clone(),
            removing: false,
            port: None,
            down_until: None,
            progress: matches!(put.spec, Spec::Service(_)).then(|| Progress {
                serving: None,
                settled: false,
                since: now,
                rollout: Some(Rollout::default()),
                reverted: None,
            }),
        }
    }

    /// Takes a later put over.
    pub(super) fn update(&mut self, put: &Put, now: Timestamp) {
        let token = std::mem::replace(&mut self.token, put.token.clone());
        self.superseded.push(token);
        let excess = self.superseded.len().saturating_sub(REMEMBERED_TOKENS);
        self.superseded.drain(..excess);
        self.wanted = put.spec.clone();
        if let (Spec::Service(wanted), Some(progress)) = (&self.wanted, &mut self.progress) {
            let same = progress.serving.as_ref().is_some_and(|serving| serving.task == wanted.task);
            progress.settled = false;
            progress.since = now;
            progress.rollout = (!same).then(Rollout::default);
            progress.reverted = None;
        }
    }

    /// The service's wanted specification, if it is one.
    pub(super) fn service(&self) -> Option<&ServiceSpec> {
        match &self.wanted {
            Spec::Service(spec) => Some(spec),
            _ => None,
        }
    }

    /// What a service's tasks should be now: what is wanted, or after a revert what served before; none when it should
    /// have no tasks.
    pub(super) fn effective(&self) -> Option<&ServiceSpec> {
        if self.removing {
            return None;
        }
        match &self.progress {
            Some(Progress { reverted: Some(_), serving, .. }) => serving.as_ref(),
            _ => self.service(),
        }
    }

    /// Whether the current put was carried out.
    pub(super) fn carried_out(&self) -> bool {
        self.progress.as_ref().is_none_or(|progress| progress.settled)
    }

    /// Gives the current put up, unless it is settled already. Whether it did.
    pub(super) fn give_up(&mut self, why: &str, now: Timestamp) -> bool {
        if self.carried_out() {
            return false;
        }
        match &mut self.progress {
            Some(progress) if progress.reverted.is_none() => {
                progress.reverted = Some(GivenUp { at: now, why: why.to_owned() });
                true
            }
            _ => false,
        }
    }

    /// Why the rollout has to be given up now, if it has to; `note` says how far it came.
    pub(super) fn hopeless(&self, note: &str, now: Timestamp) -> Option<String> {
        let (progress, spec) = (self.progress.as_ref()?, self.service()?);
        let rollout = progress.rollout.as_ref()?;
        if progress.reverted.is_some() || self.removing {
            return None;
        }
        if rollout.failures.len() >= FAILED_STARTS {
            return Some(describe(&rollout.failures, spec.task.release));
        }
        (millis_between(progress.since, now) > spec.deadline_ms).then(|| {
            let failures = match rollout.failures.as_slice() {
                [] => String::new(),
                some => format!("; {}", describe(some, spec.task.release)),
            };
            let seconds = spec.deadline_ms.div_ceil(1_000);
            format!("release {} wasn't complete within {seconds} s: {note}{failures}", spec.task.release)
        })
    }

    /// The outcome to show, once the put was given up.
    pub(super) fn reverted(&self) -> Option<Reverted> {
        let progress = self.progress.as_ref()?;
        let GivenUp { why, .. } = progress.reverted.as_ref()?;
        Some(Reverted {
            serving: progress
                .serving
                .as_ref()
                .map(|spec| Serving { release: spec.task.release, version: spec.task.version.clone() }),
            why: why.clone(),
        })
    }
}

/// `3 tasks of release 4 exited with code 1 within 1 s: cannot open /data`.
fn describe(failures: &[Failure], release: u64) -> String {
    let Some(last) = failures.last() else { return String::new() };
    let same: Vec<&Failure> = failures.iter().filter(|failure| failure.what == last.what).collect();
    let seconds = same.iter().map(|failure| failure.after_ms).max().unwrap_or(0) / 1_000 + 1;
    let tasks = if same.len() == 1 { "task" } else { "tasks" };
    let line = last.last_line.as_ref().map(|line| format!(": {line}")).unwrap_or_default();
    format!("{} {tasks} of release {release} {} within {seconds} s{line}", same.len(), last.what)
}

/// How a service's tasks take over: what shares a volume never runs twice at a time.
pub(super) fn order(spec: &ServiceSpec) -> Order {
    if spec.task.volumes.is_empty() { spec.order } else { Order::StopFirst }
}

#[cfg(test)]
#[path = "object_tests.rs"]
mod tests;
