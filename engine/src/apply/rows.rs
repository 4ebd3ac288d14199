//! The rows of one drive: what each step's resource is as far as anybody knows, and what its row becomes before its
//! effect and after it. In memory; what is returned is written by who asked for it.

use super::drive::Run;
use crate::address::Mark;
use crate::journal::{Failure, FailureKind, Serving};
use crate::names::{InstallationId, OpId, ProjectName};
use crate::plan::{Action, Step};
use crate::ports::{RowChange, StoreError};
use crate::provider::{Handle, Observed};
use crate::receipt::Found;
use crate::resource::{Actual, Row, RowState};
use crate::value::Spec;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What there is, and whose marks it carries.
pub(super) struct Rows {
    by: OpId,
    installation: InstallationId,
    project: ProjectName,
    incarnation: u32,
    actual: Actual,
    /// Of a sweep: what each step is about.
    sweeps: Vec<Found>,
}

impl Rows {
    pub(super) async fn read(run: &Run<'_>) -> Result<Self, StoreError> {
        let key = &run.op.request.key;
        let env = run.environment().await?;
        let mut actual = match &env {
            Some(env) => run.engine.actual(env).await?,
            None => run.engine.store.rows(key).await?,
        };
        actual.back.clone_from(&run.op.plan.back);
        Ok(Self {
            by: run.op.id,
            installation: run.engine.installation.clone(),
            project: key.project.clone(),
            incarnation: env.map_or(1, |env| env.incarnation),
            actual,
            sweeps: run.op.plan.sweeps.clone(),
        })
    }

    /// The spec of a step with its references followed; none for a removal.
    pub(super) fn inputs(&self, step: &Step) -> Result<Option<Spec>, Failure> {
        let Some(spec) = step.spec() else { return Ok(None) };
        spec.resolve(&|r| self.actual.lookup(r))
            .map(Some)
            .map_err(|unresolved| Failure { kind: FailureKind::NotYet, message: unresolved.to_string() })
    }

    fn row(&self, step: &Step) -> Option<&Row> {
        let row = self.actual.rows.get(&(step.addr.clone(), step.generation));
        match self.swept(step) {
            // What is swept may have the address of something that lives, which is another thing.
            Some(found) => row.filter(|row| row.incarnation == found.mark.incarnation && row.kind == found.kind),
            None => row,
        }
    }

    /// What stands where a step is about to have its effect.
    pub(super) fn before(&self, step: &Step) -> Option<Box<Row>> {
        self.row(step).cloned().map(Box::new)
    }

    fn swept(&self, step: &Step) -> Option<&Found> {
        self.sweeps.get(step.id.0 as usize)
    }

    /// Whether an operation before may have made it, and nobody knows.
    pub(super) fn is_unsure(&self, step: &Step) -> bool {
        self.swept(step).is_none() && self.row(step).is_some_and(|row| row.id.is_none() && row.state != RowState::Live)
    }

    /// When it was made, where that is known.
    pub(super) fn known(&self, step: &Step) -> Option<Timestamp> {
        self.row(step).filter(|_| self.swept(step).is_none())?.known
    }

    pub(super) fn handle(&self, step: &Step) -> Handle {
        if let Some(Found { mark, kind, id }) = self.swept(step) {
            return Handle { mark: mark.clone(), kind: kind.clone(), id: Some(id.clone()) };
        }
        let row = self.intended_row(step);
        let mark = Mark {
            installation: self.installation.clone(),
            project: self.project.clone(),
            incarnation: row.incarnation,
            addr: step.addr.clone(),
            generation: step.generation,
        };
        Handle { mark, kind: step.kind.clone(), id: row.id }
    }

    /// The row as it is once a step may have had its effect.
    pub(super) fn intended(&self, step: &Step) -> Option<RowChange> {
        let known = self.swept(step).is_none() || self.row(step).is_some();
        known.then(|| change(step, Some(self.intended_row(step))))
    }

    /// A change in place keeps the old spec until it is done.
    fn intended_row(&self, step: &Step) -> Row {
        let fresh = || Row {
            kind: step.kind.clone(),
            incarnation: self.incarnation,
            state: RowState::Unsettled,
            id: None,
            spec: step.spec().cloned().unwrap_or_default(),
            resolved: BTreeMap::new(),
            outputs: BTreeMap::new(),
            by: self.by,
            known: None,
        };
        let mut row = match (self.row(step), &step.action) {
            // What was there was taken away outside: the plan knows, the row of an operation before doesn't yet.
            (Some(row), Action::Create { .. }) if row.id.is_some() && row.by != self.by => row.vanished(),
            (Some(row), _) => row.clone(),
            (None, _) => fresh(),
        };
        row.by = self.by;
        row.state = match step.action {
            Action::Create { .. } | Action::Update { .. } => RowState::Unsettled,
            Action::Delete { .. } => RowState::Deleting,
        };
        row
    }

    /// What became known of a step on its way.
    pub(super) fn seen(&self, step: &Step, seen: &Observed, now: Timestamp) -> Option<RowChange> {
        let mut row = self.row(step)?.clone();
        row.known = row.known.or(seen.id.as_ref().filter(|_| row.id.is_none()).map(|_| now));
        row.id = seen.id.clone().or(row.id);
        row.outputs.extend(seen.outputs.clone());
        Some(change(step, Some(row)))
    }

    pub(super) fn done(&self, step: &Step, seen: &Observed, now: Timestamp) -> Option<RowChange> {
        let Some(spec) = step.spec() else { return self.row(step).map(|_| change(step, None)) };
        let resolved = spec.refs().into_iter().filter_map(|r| Some((r.clone(), self.actual.lookup(r)?)));
        let before = self.row(step);
        let row = Row {
            kind: step.kind.clone(),
            incarnation: before.map_or(self.incarnation, |row| row.incarnation),
            state: RowState::Live,
            id: seen.id.clone(),
            resolved: resolved.collect(),
            spec: spec.clone(),
            outputs: seen.outputs.clone(),
            by: self.by,
            known: before.filter(|row| row.id == seen.id).map_or(Some(now), |row| row.known),
        };
        Some(change(step, Some(row)))
    }

    /// After a revert the resource is what it was; a fresh one that never served stays unsettled.
    pub(super) fn reverted(&self, step: &Step, serving: &Serving) -> Option<RowChange> {
        let mut row = self.row(step)?.clone();
        if matches!((serving, &step.action), (Serving::Release { .. }, Action::Update { .. })) {
            row.state = RowState::Live;
        }
        Some(change(step, Some(row)))
    }

    pub(super) fn remember(&mut self, rows: Vec<RowChange>) {
        for RowChange { addr, generation, row } in rows {
            match row {
                Some(row) => self.actual.rows.insert((addr, generation), row),
                None => self.actual.rows.remove(&(addr, generation)),
            };
        }
    }
}

fn change(step: &Step, row: Option<Row>) -> RowChange {
    RowChange { addr: step.addr.clone(), generation: step.generation, row }
}
