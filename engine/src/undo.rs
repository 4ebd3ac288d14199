//! Taking back what an operation that ended in the middle left standing: from its journal to the record and the
//! resources that there were before it. Pure: what an operation keeps with each intent is all that is looked at, so
//! neither the project file nor what a platform would make of a record today has a word in it.

use crate::address::{Addr, Generation};
use crate::change::Change;
use crate::environment::{Delta, Environment};
use crate::journal::{Entry, Operation, Outcome, Stamped, Standing, StepState};
use crate::names::{Component, EnvName, OpId, ServiceName};
use crate::plan::{Action, Plan, Rules, Scope, Step};
use crate::propose::Refused;
use crate::resource::{Actual, Desired, Resource, Row, RowState};
use std::collections::{BTreeMap, BTreeSet};

/// What an operation that ended in the middle touched, and what was there before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Residue {
    /// Which operation.
    pub op: OpId,
    /// The environment's record before it.
    before: Option<Environment>,
    /// Whether it brought the environment to life.
    born: bool,
    /// What became of the record.
    settled: Delta,
    /// Each life of an address that it began to touch, with what stood there before; none where nothing did.
    touched: BTreeMap<(Addr, Generation), Option<Row>>,
    /// What it changed or removed without keeping what that was.
    unknown: BTreeSet<Addr>,
}

impl Residue {
    /// What an operation left, as its journal tells.
    ///
    /// # Errors
    /// [`Refused`] where that can't, or needn't, be taken back.
    pub fn of(op: &Operation, journal: &[Stamped]) -> Result<Self, Refused> {
        let outcome = ended_in_the_middle(op)?;
        if let Change::Undo { op: of } = op.request.change {
            return Err(Refused::IsUndo { op: op.id, of });
        }
        let (mut touched, mut unknown, mut before) = (BTreeMap::new(), BTreeSet::new(), None);
        for stamped in journal {
            match &stamped.entry {
                Entry::Admitted { before: record, .. } => before = record.as_deref().cloned(),
                Entry::Started { step, before: row, .. } => {
                    let Some(step) = op.plan.step(*step) else { continue };
                    let key = (step.addr.clone(), step.generation);
                    if row.is_none() && !matches!(step.action, Action::Create { .. }) && !touched.contains_key(&key) {
                        unknown.insert(step.addr.clone());
                    }
                    touched.entry(key).or_insert_with(|| row.as_deref().cloned());
                }
                _ => {}
            }
        }
        let settled = op.settled_delta(outcome).unwrap_or_default();
        Ok(Self { op: op.id, before, born: op.plan.delta.birth.is_some(), settled, touched, unknown })
    }

    /// What an undo changes in the record: what the operation changed is as it was; what it brought to life ends.
    #[must_use]
    pub fn delta(&self) -> Delta {
        let Some(before) = self.before.as_ref().filter(|_| !self.born) else {
            return Delta { end: self.born, ..Delta::default() };
        };
        let mut delta = Delta::default();
        for name in self.settled.services.keys().chain(&self.settled.removed) {
            match before.services.get(name) {
                Some(running) => drop(delta.services.insert(name.clone(), running.clone())),
                None => drop(delta.removed.insert(name.clone())),
            }
        }
        for name in self.settled.clusters.keys() {
            match before.clusters.get(name) {
                Some(cluster) => drop(delta.clusters.insert(name.clone(), cluster.clone())),
                None => drop(delta.removed_clusters.insert(name.clone())),
            }
        }
        delta.revision = self.settled.revision.as_ref().map(|_| before.revision.clone());
        delta.settings = self.settled.settings.as_ref().map(|_| before.settings.clone());
        delta
    }

    /// What an undo may touch: what the operation touched, and data only where it made it.
    #[must_use]
    pub fn scope(&self, env: &EnvName) -> Scope {
        let addrs = || self.touched.keys().map(|(addr, _)| addr);
        let services = self.settled.services.keys().chain(&self.settled.removed).map(Component::from);
        Scope {
            env: env.clone(),
            components: Some(addrs().map(|addr| addr.component.clone()).chain(services).collect()),
            addrs: Some(addrs().cloned().collect()),
            remove_data: true,
        }
    }

    /// The services that it is about.
    #[must_use]
    pub fn services(&self) -> BTreeSet<ServiceName> {
        let named = self.settled.services.keys().chain(&self.settled.removed).cloned();
        let touched = self.touched.keys().filter_map(|(addr, _)| ServiceName::new(addr.component.as_str()).ok());
        let known = |name: &ServiceName| self.before.as_ref().is_some_and(|env| env.services.contains_key(name));
        named.chain(touched.filter(known)).collect()
    }

    /// Everything of the environment as it was before, and the lives that addresses go back to since they still stand.
    #[must_use]
    pub fn wanted(&self, actual: &Actual, env: &EnvName) -> (Desired, BTreeMap<Addr, Generation>) {
        let untouched = actual.rows.iter().filter(|(key, _)| key.0.env == *env && !self.touched.contains_key(key));
        let touched = self.touched.iter().filter_map(|(key, row)| Some((key, row.as_ref()?)));
        let mut rows: Vec<(&(Addr, Generation), &Row)> =
            untouched.chain(touched).filter(|(_, row)| stands(row)).collect();
        rows.sort_by_key(|(key, _)| *key);
        let mut desired = Desired::default();
        let mut back = BTreeMap::new();
        for ((addr, generation), row) in rows {
            // Of several lives the newest comes last.
            desired.resources.insert(addr.clone(), Resource { kind: row.kind.clone(), spec: row.spec.clone() });
            let is_newest = actual.newest(addr).is_some_and(|(newest, _)| newest <= *generation);
            let is_there = actual.rows.get(&(addr.clone(), *generation)).is_some_and(|row| row.state == RowState::Live);
            match is_there && !is_newest {
                true => back.insert(addr.clone(), *generation),
                false => back.remove(addr),
            };
        }
        (desired, back)
    }

    /// Who else has touched since what the operation touched, except these.
    #[must_use]
    pub fn touched_by(&self, actual: &Actual, except: &BTreeSet<OpId>) -> Option<OpId> {
        let rows = self.touched.keys().filter_map(|key| actual.rows.get(key));
        rows.map(|row| row.by).find(|by| *by != self.op && !except.contains(by))
    }

    /// Whether a plan takes everything back.
    ///
    /// # Errors
    /// [`Refused`] names what it can't bring back: data that is gone, or would go; and what nobody knows any more.
    pub fn check(&self, plan: &Plan, rules: &dyn Rules) -> Result<(), Refused> {
        let had_data = |step: &&Step| {
            let was = self.touched.get(&(step.addr.clone(), step.generation));
            let before = was.is_none_or(Option::is_some);
            let loses = match step.action {
                Action::Create { .. } => true,
                Action::Update { .. } => false,
                Action::Delete { .. } => before,
            };
            loses && rules.holds_data(&step.kind)
        };
        let data: BTreeSet<Addr> = plan.steps.iter().filter(had_data).map(|step| step.addr.clone()).collect();
        if !data.is_empty() {
            return Err(Refused::DataIsGone { op: self.op, addrs: data.into_iter().collect() });
        }
        if !self.unknown.is_empty() {
            return Err(Refused::NotKept { op: self.op, addrs: self.unknown.iter().cloned().collect() });
        }
        Ok(())
    }
}

/// Whether there was something that one can go back to: what was on its way in may never have been there, and what was on
/// its way out is let go.
fn stands(row: &Row) -> bool {
    match row.state {
        RowState::Live => true,
        RowState::Unsettled => row.id.is_some(),
        RowState::Deleting => false,
    }
}

/// How an operation ended, where it began and came only part of the way: what can be undone, and gone on with.
///
/// # Errors
/// [`Refused`] says why there is nothing of that.
pub fn ended_in_the_middle(op: &Operation) -> Result<&Outcome, Refused> {
    match &op.outcome {
        None => Err(Refused::NotOver(op.id)),
        Some(Outcome::Succeeded { .. }) => Err(Refused::DidItAll(op.id)),
        Some(Outcome::Rejected { .. } | Outcome::Expired) => Err(Refused::NothingStands(op.id)),
        Some(_) if op.admitted.is_none() => Err(Refused::NothingStands(op.id)),
        Some(outcome) => Ok(outcome),
    }
}

/// Whether an operation ended in the middle with something that stands, as far as its journal alone tells.
#[must_use]
pub fn leaves_something(op: &Operation) -> bool {
    match ended_in_the_middle(op) {
        Err(_) => false,
        // What was taken back is as it was.
        Ok(Outcome::Reverted { standing, .. }) => *standing != Standing::default(),
        Ok(_) => op.plan.delta.birth.is_some() || has_applied(op),
    }
}

/// Whether an operation has changed what runs, or has begun to. Moving an end, or whose it is, changes nothing of that.
#[must_use]
pub fn has_applied(op: &Operation) -> bool {
    let settled = op.outcome.as_ref().and_then(|outcome| op.settled_delta(outcome)).unwrap_or_default();
    let Delta { birth, settings, clusters, services, removed, removed_clusters, end, .. } = &settled;
    let record = *end || birth.is_some() || settings.is_some() || !clusters.is_empty() || !services.is_empty();
    let begun = op.steps.iter().any(|state| *state != StepState::Todo);
    begun || record || !removed.is_empty() || !removed_clusters.is_empty()
}
