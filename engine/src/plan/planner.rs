//! The planner: a pure function from what is wanted and what is there to the steps between.
//!
//! It decides everything there is to decide: which generation, which order, what moves when something is replaced.
//! Dependents of a replaced resource move before the old one goes; what isn't the plan's business is reported as drift.

mod clear;
mod drift;
mod early;
mod edges;

use super::graph::{self, Cycle};
use super::step::{Action, FieldChange, Plan, Step, StepId};
use super::{Diff, Rules, Transition};
use crate::address::{Addr, Generation, Kind};
use crate::environment::Delta;
use crate::names::{Component, EnvName};
use crate::ports::Drift;
use crate::resource::{Actual, Desired, Fingerprint, Resource, Row, RowState};
use crate::value::{Ref, Spec, Value, When};
use drift::{fingerprint, put_right};
use edges::Edges;
use std::collections::{BTreeMap, BTreeSet};

/// What a plan may touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// This environment; others are only referred to.
    pub env: EnvName,
    /// These components, and whatever they need that isn't there yet; none means everything.
    pub components: Option<BTreeSet<Component>>,
    /// Of those only these addresses, where that is said.
    pub addrs: Option<BTreeSet<Addr>>,
    /// Whether resources that hold data may be removed.
    pub remove_data: bool,
}

impl Scope {
    fn holds(&self, addr: &Addr) -> bool {
        addr.env == self.env
            && self.components.as_ref().is_none_or(|all| all.contains(&addr.component))
            && self.addrs.as_ref().is_none_or(|all| all.contains(addr))
    }
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Resources wait for each other.
    #[error(transparent)]
    Cycle(#[from] Cycle),
    /// A reference to something that is neither wanted nor there.
    #[error("{from} refers to {to}, which is neither wanted nor there")]
    Dangling {
        /// Whose reference.
        from: Addr,
        /// To what.
        to: Addr,
    },
}

/// The exact steps from what is to what is wanted.
///
/// # Errors
/// [`PlanError`] where references lead nowhere or in a circle.
pub fn plan(
    desired: &Desired,
    actual: &Actual,
    rules: &dyn Rules,
    scope: &Scope,
    delta: Delta,
) -> Result<Plan, PlanError> {
    let order = order(desired, actual)?;
    let mut besides = BTreeSet::new();
    let mut planner = loop {
        let mut planner = Planner::new(desired, actual, rules, scope);
        let wanted = planner.wanted(&besides);
        for addr in &order {
            planner.bring(addr, wanted.contains(addr));
        }
        planner.move_bystanders();
        // Who has to move can't while something else that it refers to isn't there.
        let lacking = planner.lacked_by_bystanders();
        if lacking.is_subset(&besides) {
            break planner;
        }
        besides.extend(lacking);
    };
    planner.clear_away();
    planner.check_needs_stay()?;
    planner.early = early::spread(&mut planner.drafts, actual);
    Ok(planner.finish(&order, delta))
}

/// Every wanted address, what it needs first.
fn order<'a>(desired: &'a Desired, actual: &Actual) -> Result<Vec<&'a Addr>, PlanError> {
    let mut needs: BTreeMap<&Addr, Vec<&Addr>> = BTreeMap::new();
    for (addr, resource) in &desired.resources {
        let all: Vec<&Addr> = resource.needs().into_iter().collect();
        for to in &all {
            if !desired.resources.contains_key(to) && actual.standing(to).is_none() {
                return Err(PlanError::Dangling { from: addr.clone(), to: (*to).clone() });
            }
        }
        needs.insert(addr, all);
    }
    graph::check(&needs)?;
    let mut order = Vec::with_capacity(needs.len());
    let mut seen = BTreeSet::new();
    let mut stack: Vec<(&Addr, bool)> = needs.keys().rev().map(|addr| (*addr, false)).collect();
    while let Some((addr, expanded)) = stack.pop() {
        if expanded {
            order.push(addr);
        } else if seen.insert(addr) {
            stack.push((addr, true));
            let open = needs[addr].iter().filter_map(|to| needs.get_key_value(*to)).map(|(key, _)| *key);
            stack.extend(open.filter(|to| !seen.contains(to)).map(|to| (to, false)));
        }
    }
    Ok(order)
}

/// A step before it has a number. Removals of an address stand beside what takes its place, so the key says which.
type Key = (Addr, Generation, Removal);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Removal {
    No,
    Yes,
}

struct Draft<'a> {
    kind: &'a Kind,
    action: Action,
    /// A removal that has to come before it (delete-first).
    after_removal: Option<Generation>,
}

struct Planner<'a> {
    desired: &'a Desired,
    actual: &'a Actual,
    rules: &'a dyn Rules,
    scope: &'a Scope,
    drafts: BTreeMap<Key, Draft<'a>>,
    drift: BTreeSet<Addr>,
    /// What somebody changed outside.
    outside: BTreeMap<&'a Addr, Vec<&'a Drift>>,
    /// Removals that something new waits for.
    early: BTreeSet<Key>,
    /// What only follows something that is replaced.
    bystanders: BTreeSet<&'a Addr>,
}

impl<'a> Planner<'a> {
    fn new(desired: &'a Desired, actual: &'a Actual, rules: &'a dyn Rules, scope: &'a Scope) -> Self {
        let (drafts, drift) = (BTreeMap::new(), BTreeSet::new());
        let (early, bystanders) = (BTreeSet::new(), BTreeSet::new());
        let mut outside: BTreeMap<&Addr, Vec<&Drift>> = BTreeMap::new();
        for found in &actual.drift {
            outside.entry(&found.addr).or_default().push(found);
        }
        Self { desired, actual, rules, scope, drafts, drift, outside, early, bystanders }
    }

    /// What the plan is about: what the scope holds, what is needed besides, and whatever those need and lack.
    fn wanted(&self, besides: &BTreeSet<&'a Addr>) -> BTreeSet<&'a Addr> {
        let mut wanted = BTreeSet::new();
        let held = self.desired.resources.keys().filter(|addr| self.scope.holds(addr));
        let mut open: Vec<&Addr> = held.chain(besides.iter().copied()).collect();
        while let Some(addr) = open.pop() {
            if wanted.insert(addr) {
                open.extend(self.lacks(addr));
            }
        }
        wanted
    }

    /// What something that is wanted refers to and that isn't there.
    fn lacks(&self, addr: &Addr) -> impl Iterator<Item = &'a Addr> {
        let all = &self.desired.resources;
        let lacking = |to: &&Addr| self.actual.newest(to).is_none_or(|(_, row)| row.state != RowState::Live);
        let needs = all.get(addr).into_iter().flat_map(Resource::needs).filter(lacking);
        needs.filter_map(|to| all.get_key_value(to)).map(|(key, _)| key)
    }

    fn lacked_by_bystanders(&self) -> BTreeSet<&'a Addr> {
        self.bystanders.iter().flat_map(|addr| self.lacks(addr)).collect()
    }

    fn bring(&mut self, addr: &'a Addr, wanted: bool) {
        let resource = &self.desired.resources[addr];
        let Some((generation, row)) = self.actual.newest(addr) else {
            if wanted {
                self.create(addr, Generation::FIRST, resource, None);
            } else {
                self.drift.insert(addr.clone());
            }
            return;
        };
        let transition = match row.state {
            // Begun before and never settled: the same effect again.
            RowState::Unsettled if row.kind == resource.kind => None,
            RowState::Unsettled | RowState::Deleting => Some(Transition::DeleteFirst),
            RowState::Live => {
                if !self.differs(resource, row) && !self.outside.contains_key(addr) {
                    return;
                }
                let rule = || {
                    let moved = self.moved(&resource.spec, row);
                    let diff = Diff { kind: &resource.kind, from: &row.spec, to: &resource.spec, moved: &moved };
                    self.rules.transition(&diff)
                };
                Some(if row.kind == resource.kind { rule() } else { Transition::CreateFirst })
            }
        };
        if !wanted {
            self.drift.insert(addr.clone());
            return;
        }
        match transition {
            None if row.id.is_some() => self.update(addr, generation, row, &resource.spec),
            None => self.create(addr, generation, resource, None),
            Some(Transition::InPlace) => self.update(addr, generation, row, &resource.spec),
            Some(replace) => {
                let next = generation.next();
                self.create(addr, next, resource, Some(generation));
                self.remove(addr, generation, &row.kind, Some(next));
                if replace == Transition::DeleteFirst
                    && let Some(draft) = self.drafts.get_mut(&(addr.clone(), next, Removal::No))
                {
                    draft.after_removal = Some(generation);
                }
            }
        }
    }

    /// Whether a resource has to be touched: another spec, or references that mean something else now or soon.
    fn differs(&self, resource: &Resource, row: &Row) -> bool {
        resource.kind != row.kind || resource.spec != row.spec || self.refers_to_new(&resource.spec, row)
    }

    fn refers_to_new(&self, spec: &Spec, row: &Row) -> bool {
        spec.refs().into_iter().any(|r| self.is_new(r, row))
    }

    fn is_new(&self, r: &Ref, row: &Row) -> bool {
        self.is_created(&r.addr) || self.actual.lookup(r).as_ref() != row.resolved.get(r)
    }

    /// The fields that read the same and mean something else.
    fn moved(&self, spec: &Spec, row: &Row) -> BTreeSet<String> {
        let moved = |value: &Value| value.refs().into_iter().any(|r| self.is_new(r, row));
        spec.0.iter().filter(|(_, value)| moved(value)).map(|(field, _)| field.clone()).collect()
    }

    fn is_created(&self, addr: &Addr) -> bool {
        self.bringing(addr).is_some_and(|(_, draft)| matches!(draft.action, Action::Create { .. }))
    }

    /// The step that brings an address to where it should be.
    fn bringing(&self, addr: &Addr) -> Option<(&Key, &Draft<'a>)> {
        let all = (addr.clone(), Generation(0), Removal::No)..=(addr.clone(), Generation(u32::MAX), Removal::Yes);
        self.drafts.range(all).rev().find(|(key, _)| key.2 == Removal::No)
    }

    fn create(&mut self, addr: &Addr, generation: Generation, resource: &'a Resource, replaces: Option<Generation>) {
        let action = Action::Create { spec: resource.spec.clone(), replaces };
        let draft = Draft { kind: &resource.kind, action, after_removal: None };
        self.drafts.insert((addr.clone(), generation, Removal::No), draft);
    }

    fn update(&mut self, addr: &Addr, generation: Generation, row: &'a Row, spec: &Spec) {
        let mut changes = changes(&row.spec, spec);
        let theirs = self.outside.get(addr).into_iter().flatten().filter_map(|drift| put_right(drift, &mut changes));
        let theirs: Vec<FieldChange> = theirs.collect();
        changes.extend(theirs);
        let action = Action::Update { spec: spec.clone(), changes };
        let draft = Draft { kind: &row.kind, action, after_removal: None };
        self.drafts.insert((addr.clone(), generation, Removal::No), draft);
    }

    fn remove(&mut self, addr: &Addr, generation: Generation, kind: &'a Kind, replaced_by: Option<Generation>) {
        let draft = Draft { kind, action: Action::Delete { replaced_by }, after_removal: None };
        self.drafts.insert((addr.clone(), generation, Removal::Yes), draft);
    }

    /// Resources outside of the scope that refer to something replaced are moved, and nothing else of them changes.
    fn move_bystanders(&mut self) {
        let actual = self.actual;
        for ((addr, generation), row) in &actual.rows {
            let newest = actual.newest(addr).is_some_and(|(newest, _)| newest == *generation);
            let stays = row.state == RowState::Live && newest && self.desired.resources.contains_key(addr);
            if stays && self.bringing(addr).is_none() && row.spec.refs().iter().any(|r| self.is_created(&r.addr)) {
                self.update(addr, *generation, row, &row.spec);
                self.bystanders.insert(addr);
            }
        }
    }

    /// Numbers the steps, each after what it waits for.
    fn finish(self, order: &[&Addr], delta: Delta) -> Plan {
        let edges = self.edges();
        let place: BTreeMap<&Addr, usize> = order.iter().enumerate().map(|(at, addr)| (*addr, at)).collect();
        // Bringing steps in the order of need, removals in the reverse; ties by address. A stable topological sort
        // over the edges then keeps this order wherever the edges leave a choice.
        let mut keys: Vec<&Key> = self.drafts.keys().collect();
        // They come in the order of their addresses and generations, which a stable sort keeps where ranks are the same.
        keys.sort_by_cached_key(|(addr, _, removal)| {
            let at = place.get(addr).copied().unwrap_or(usize::MAX);
            (*removal, if *removal == Removal::No { at } else { usize::MAX - at })
        });
        let keys = edges::sort_after(keys, &edges);
        let number: BTreeMap<&Key, StepId> =
            keys.iter().enumerate().map(|(at, key)| (*key, StepId(u32::try_from(at).unwrap_or(u32::MAX)))).collect();
        let steps = keys.iter().map(|key| self.step(key, &edges, &number)).collect();
        let (drift, mends) = self.told();
        Plan { base: self.base(), steps, delta, drift, mends, ..Plan::default() }
    }

    fn step(&self, key: &Key, edges: &Edges, number: &BTreeMap<&Key, StepId>) -> Step {
        let list = |when: When| {
            let all = edges.of(key).filter(|(_, from)| *from == when);
            let mut ids: Vec<StepId> = all.filter_map(|(key, _)| number.get(key).copied()).collect();
            ids.sort_unstable();
            ids
        };
        let draft = &self.drafts[key];
        Step {
            id: number[key],
            addr: key.0.clone(),
            generation: key.1,
            kind: draft.kind.clone(),
            action: draft.action.clone(),
            after: list(When::Ready),
            after_known: list(When::Known),
        }
    }

    /// What everything that it touches or refers to was.
    fn base(&self) -> BTreeMap<Addr, Fingerprint> {
        let touched = self.drafts.keys().map(|key| &key.0);
        let specs = self.drafts.values().filter_map(|draft| match &draft.action {
            Action::Create { spec, .. } | Action::Update { spec, .. } => Some(spec),
            Action::Delete { .. } => None,
        });
        let referred = specs.flat_map(|spec| spec.refs().into_iter().map(|r: &Ref| &r.addr));
        let all: BTreeSet<&Addr> = touched.chain(referred).collect();
        all.into_iter().map(|addr| (addr.clone(), fingerprint(self.actual, self.outside.get(addr), addr))).collect()
    }
}

/// The fields that differ; those of maps one by one.
fn changes(from: &Spec, to: &Spec) -> Vec<FieldChange> {
    let fields: BTreeSet<&String> = from.0.keys().chain(to.0.keys()).collect();
    let mut found = Vec::new();
    for field in fields {
        match (from.get(field), to.get(field)) {
            (was, is) if was == is => {}
            (Some(Value::Map(was)), Some(Value::Map(is))) => {
                let inner = changes(was, is).into_iter();
                found.extend(inner.map(|change| FieldChange { field: format!("{field}.{}", change.field), ..change }));
            }
            (was, is) => {
                found.push(FieldChange { field: field.clone(), from: was.cloned(), to: is.cloned(), outside: false });
            }
        }
    }
    found
}
