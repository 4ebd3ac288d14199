//! How the fake's services change: task by task, and back where the new ones die.

use gantry_engine::environment::ReleaseNo;
use gantry_engine::journal::Serving;
use gantry_engine::names::Version;
use gantry_engine::provider::{Note, Token};
use gantry_engine::value::{Spec, Value};

/// The version whose tasks die.
const BROKEN: &str = "broken";
/// The version whose tasks never get anywhere.
const STUCK: &str = "stuck";

/// The newest rollout of a service.
#[derive(Debug, Clone)]
pub(super) struct Rollout {
    /// Who asked for it: asked again, it is the same rollout.
    pub(super) token: Token,
    /// What served before.
    before: Option<Spec>,
    /// How often somebody looked.
    looks: u32,
    /// Tasks of it that are well.
    pub(super) healthy: u32,
    /// Why it was taken back.
    reverted: Option<String>,
}

/// How far a rollout is.
pub(super) enum Stage {
    Done,
    Moving(Note),
    Reverted { serving: Serving, why: String },
}

impl Rollout {
    pub(super) fn new(token: Token, before: Option<Spec>) -> Self {
        Self { token, before, looks: 0, healthy: 0, reverted: None }
    }

    /// What served before it, if it was taken back; that is the service's spec again.
    pub(super) fn back_to(&self) -> Option<Option<&Spec>> {
        self.reverted.as_ref().map(|_| self.before.as_ref())
    }

    /// What serves while this one is on its way.
    pub(super) fn serving_beside(&self, spec: &Spec) -> Option<&Spec> {
        self.before.as_ref().filter(|_| matches!(self.stage(spec), Stage::Moving(_)))
    }

    /// Goes on by one look; each task takes `slowness` of them.
    pub(super) fn look(&mut self, spec: &Spec, slowness: u32) {
        if self.reverted.is_some() {
            return;
        }
        self.looks += 1;
        match text(spec, "version") {
            BROKEN if self.looks > 2 * slowness => {
                self.reverted = Some("2 of 2 new tasks ended with exit status 1 before they were healthy".to_owned());
            }
            BROKEN | STUCK => {}
            _ => self.healthy = (self.looks / slowness.max(1)).min(wanted(spec)),
        }
    }

    /// Takes it back, unless it is over.
    pub(super) fn abort(&mut self, spec: &Spec) {
        if matches!(self.stage(spec), Stage::Moving(_)) {
            self.reverted = Some("it was ended before it was done".to_owned());
        }
    }

    pub(super) fn stage(&self, spec: &Spec) -> Stage {
        if let Some(why) = &self.reverted {
            let serving = self.before.as_ref().map_or(Serving::Nothing, |before| Serving::Release {
                number: before
                    .get("release")
                    .and_then(Value::as_int)
                    .and_then(|n| u32::try_from(n).ok())
                    .map(ReleaseNo),
                version: Version::new(text(before, "version")),
            });
            return Stage::Reverted { serving, why: why.clone() };
        }
        let version = text(spec, "version");
        let wanted = wanted(spec);
        if self.healthy >= wanted && version != BROKEN && version != STUCK {
            return Stage::Done;
        }
        let blocked = (version == STUCK).then(|| "no room on the cluster".to_owned());
        Stage::Moving(Note::Tasks { healthy: self.healthy, wanted, blocked })
    }
}

fn wanted(spec: &Spec) -> u32 {
    spec.get("replicas").and_then(Value::as_int).and_then(|n| u32::try_from(n).ok()).unwrap_or(0)
}

fn text<'a>(spec: &'a Spec, field: &str) -> &'a str {
    spec.get(field).and_then(Value::as_text).unwrap_or_default()
}
