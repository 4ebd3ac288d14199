//! One thing of the fake cloud: what it is, what it gives out, what it holds on to.

use super::kinds::{Habits, Identity, kind};
use super::rollout::Rollout;
use gantry_engine::address::{Kind, Mark};
use gantry_engine::provider::Token;
use gantry_engine::resource::PhysicalId;
use gantry_engine::value::{Outputs, Spec, Value};

/// The field in which services mention addresses that don't bind them.
const LOOSE: &str = "env";

/// One thing.
#[derive(Debug, Clone)]
pub(super) struct Thing {
    pub(super) kind: Kind,
    pub(super) mark: Mark,
    /// Some kinds are more than one thing; this says which one it is.
    pub(super) part: &'static str,
    pub(super) name: Option<String>,
    pub(super) spec: Spec,
    pub(super) born: u64,
    pub(super) gone: Option<u64>,
    pub(super) looks: u32,
    pub(super) rollout: Option<Rollout>,
    pub(super) draining: Option<u32>,
    /// How many nodes it has now: nobody's spec says so.
    pub(super) nodes: u32,
}

/// A thing to be made.
#[derive(Debug, Clone)]
pub(super) struct New<'a> {
    pub(super) kind: &'a Kind,
    pub(super) mark: &'a Mark,
    pub(super) part: &'static str,
    pub(super) token: &'a Token,
    pub(super) spec: &'a Spec,
}

/// A thing as somebody sees it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) mark: Mark,
    pub(super) spec: Spec,
    pub(super) outputs: Outputs,
    pub(super) ready: bool,
    /// Whether it is only a part of what its mark is about.
    pub(super) is_part: bool,
}

/// How far a removal is.
pub(super) enum Removed {
    Gone,
    Draining(u32),
}

impl Thing {
    /// After a rollout was taken back, the spec is what it was before.
    pub(super) fn take_back(&mut self) {
        if let Some(Some(before)) = self.rollout.as_ref().and_then(Rollout::back_to) {
            self.spec = before.clone();
        }
    }

    /// The specs that hold on to others: what serves, also while something else is rolled out.
    pub(super) fn in_use(&self) -> Vec<&Spec> {
        let mut all = vec![&self.spec];
        all.extend(self.rollout.as_ref().and_then(|rollout| rollout.serving_beside(&self.spec)));
        all
    }

    pub(super) fn output(&self, id: &PhysicalId, name: &str) -> String {
        let port = self.spec.get("port").and_then(Value::as_int).unwrap_or(80);
        match name {
            "address" => format!("{id}.fake:{port}"),
            "host" => format!("{id}.fake"),
            "port" => port.to_string(),
            "url" => format!("http://{id}.fake:{port}/"),
            "name" if self.kind == kind::RECORD => {
                self.spec.get("name").and_then(Value::as_text).unwrap_or_default().to_owned()
            }
            _ => id.to_string(),
        }
    }
}

/// The name of a thing, for kinds whose name is unique: a record's is what it is about, others' follow from the mark.
pub(super) fn unique_name(habits: &Habits, new: &New<'_>) -> Option<String> {
    (habits.identity == Identity::Name).then(|| name_of(new.kind, new.mark, new.part, new.spec))
}

/// See [`unique_name`].
pub(super) fn name_of(kind: &Kind, mark: &Mark, part: &str, spec: &Spec) -> String {
    match spec.get("name").and_then(Value::as_text) {
        Some(name) if kind == &kind::RECORD => name.to_owned(),
        _ => format!("{mark}{part}"),
    }
}

/// Whether a spec mentions an id where that binds it.
pub(super) fn mentions(spec: &Spec, id: &str) -> bool {
    fn within(value: &Value, id: &str) -> bool {
        match value {
            Value::Text(text) => text.contains(id),
            Value::List(items) | Value::Join(items) => items.iter().any(|item| within(item, id)),
            Value::Map(spec) => spec.0.values().any(|item| within(item, id)),
            Value::Bool(_) | Value::Int(_) | Value::Ref(_) => false,
        }
    }
    spec.0.iter().any(|(field, value)| field != LOOSE && within(value, id))
}
