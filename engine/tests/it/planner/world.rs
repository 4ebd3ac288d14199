//! Resources in a shorthand, and what a plan makes of them when it is carried out to the letter.

use gantry_engine::address::{Addr, Kind};
use gantry_engine::environment::Delta;
use gantry_engine::names::{Component, EnvName, OpId};
use gantry_engine::plan::{Action, Diff, Plan, PlanError, Rules, Scope, Step, StepId, Transition, plan};
use gantry_engine::ports::Drifted;
use gantry_engine::resource::{Actual, Desired, PhysicalId, Resource, Row, RowState};
use gantry_engine::value::{Output, Outputs, Ref, Spec, Value, When};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const ID: Output = Output::new("id");

/// `component/part` in the environment `dev`; another environment where there are three parts.
pub(crate) fn addr(text: &str) -> Addr {
    let full = if text.matches('/').count() == 1 { format!("dev/{text}") } else { text.to_owned() };
    full.parse().expect("a test's address is one")
}

pub(crate) fn to(text: &str, when: When) -> Ref {
    Ref { addr: addr(text), output: ID, when }
}

/// A resource of a kind with a size, a colour and references.
///
/// Another size is in place; another colour is as the kind says: `first` create-first, `last` delete-first.
pub(crate) fn resource(kind: &'static str, size: i64, colour: &str, needs: &[Ref]) -> Resource {
    let mut spec = Spec::new().with("size", size).with("colour", colour);
    for (number, r) in needs.iter().enumerate() {
        spec = spec.with(&format!("needs-{number}"), Value::Ref(r.clone()));
    }
    Resource { kind: Kind::new(kind), spec }
}

pub(crate) fn desired(all: impl IntoIterator<Item = (&'static str, Resource)>) -> Desired {
    let resources = all.into_iter().map(|(at, resource)| (addr(at), resource)).collect();
    Desired { resources, outputs: BTreeMap::new() }
}

/// Rules by the name of the kind.
pub(crate) struct ByName;

impl Rules for ByName {
    fn transition(&self, &Diff { kind, from, to, .. }: &Diff<'_>) -> Transition {
        match kind.as_str() {
            "first" if from.get("colour") != to.get("colour") => Transition::CreateFirst,
            "last" | "data" if from.get("colour") != to.get("colour") => Transition::DeleteFirst,
            _ => Transition::InPlace,
        }
    }

    fn holds_data(&self, kind: &Kind) -> bool {
        kind.as_str() == "data"
    }
}

pub(crate) fn everything() -> Scope {
    Scope { env: EnvName::new("dev").expect("it follows the rule"), components: None, addrs: None, remove_data: true }
}

pub(crate) fn only(components: &[&str]) -> Scope {
    let all = components.iter().map(|name| Component::new(name).expect("it follows the rule"));
    Scope { components: Some(all.collect()), remove_data: false, ..everything() }
}

pub(crate) fn planned(desired: &Desired, actual: &Actual, scope: &Scope) -> Result<Plan, PlanError> {
    plan(desired, actual, &ByName, scope, Delta::default())
}

/// What a plan says is behind, though nobody changed it.
pub(crate) fn behind(plan: &Plan) -> Vec<Addr> {
    let behind = plan.drift.iter().filter(|drift| drift.how == Drifted::Behind);
    behind.map(|drift| drift.addr.clone()).collect()
}

/// What is there once everything wanted was made from nothing.
pub(crate) fn built(desired: &Desired) -> Actual {
    let plan = planned(desired, &Actual::default(), &everything()).expect("it can be planned");
    carried_out(&plan, &Actual::default())
}

/// What is there after a plan was carried out, in an order that its edges allow.
///
/// # Panics
/// Where steps wait for each other, or for what isn't there when their turn comes.
pub(crate) fn carried_out(plan: &Plan, actual: &Actual) -> Actual {
    let mut actual = actual.clone();
    let mut done = BTreeSet::new();
    while done.len() < plan.steps.len() {
        let free = |step: &&Step| {
            let mut waits = step.after.iter().chain(&step.after_known);
            !done.contains(&step.id) && waits.all(|id| done.contains(id))
        };
        let free: Vec<&Step> = plan.steps.iter().filter(free).collect();
        assert!(!free.is_empty(), "steps wait for each other: {:#?}", open(plan, &done));
        for step in free {
            carry_out(step, &mut actual);
            done.insert(step.id);
        }
    }
    actual
}

fn open(plan: &Plan, done: &BTreeSet<StepId>) -> Vec<String> {
    let open = plan.steps.iter().filter(|step| !done.contains(&step.id));
    open.map(|step| format!("{} {} after {:?} {:?}", step.id, shown(step), step.after, step.after_known)).collect()
}

fn carry_out(step: &Step, actual: &mut Actual) {
    let at = (step.addr.clone(), step.generation);
    let before = actual.rows.get(&at).cloned();
    let spec = match &step.action {
        Action::Create { spec, .. } => spec,
        Action::Update { spec, .. } => {
            assert!(before.is_some(), "{} changes what isn't there", shown(step));
            spec
        }
        Action::Delete { .. } => {
            assert!(actual.rows.remove(&at).is_some(), "{} removes what isn't there", shown(step));
            return;
        }
    };
    let resolve = |r: &Ref| actual.lookup(r).unwrap_or_else(|| panic!("{} refers to {r}, unknown", shown(step)));
    let resolved = spec.refs().into_iter().map(|r| (r.clone(), resolve(r))).collect();
    let known = before.and_then(|row| row.id).map(|id| id.0);
    let id = known.unwrap_or_else(|| format!("{}@{}", step.addr, step.generation));
    let row = Row {
        kind: step.kind.clone(),
        incarnation: 1,
        state: RowState::Live,
        id: Some(PhysicalId(id.clone())),
        spec: spec.clone(),
        resolved,
        known: None,
        outputs: Outputs::from([(ID, id)]),
        by: OpId(1),
    };
    actual.rows.insert(at, row);
}

/// A step in a word: `+` creates, `~` changes, `-` removes.
pub(crate) fn shown(step: &Step) -> String {
    let sign = match step.action {
        Action::Create { .. } => '+',
        Action::Update { .. } => '~',
        Action::Delete { .. } => '-',
    };
    format!("{sign}{}/{}@{}", step.addr.component, step.addr.part, step.generation)
}

/// The steps in words, in their order.
pub(crate) fn steps(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(shown).collect()
}

/// What each step waits for, in words: `!` where it waits until it is done, `?` until its outputs are known.
pub(crate) fn waits(plan: &Plan, of: &str) -> Vec<String> {
    let step =
        plan.steps.iter().find(|step| shown(step) == of).unwrap_or_else(|| panic!("no {of} in {:?}", steps(plan)));
    let name = |id: &StepId, sign: char| format!("{}{sign}", shown(plan.step(*id).expect("it is there")));
    let done = step.after.iter().map(|id| name(id, '!'));
    done.chain(step.after_known.iter().map(|id| name(id, '?'))).collect()
}
