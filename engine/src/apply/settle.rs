//! The end of an operation: the receipt, the outputs, and the record as it really is.

use super::drive::{Run, Writing, later};
use crate::environment::{Delta, Release, Running};
use crate::journal::{Entry, Outcome};
use crate::names::ServiceName;
use crate::plan::Action;
use crate::ports::{RecordChange, RowChange, StoreError, Whose};
use crate::provider::ProviderError;
use crate::receipt::{Found, Receipt};
use crate::resource::{Row, RowState};
use crate::value::{Spec, Value};
use jiff::SignedDuration;
use std::collections::BTreeMap;
use tokio::sync::Notify;

/// How long to wait before an inventory that failed is asked for again.
const ASK_AGAIN: SignedDuration = SignedDuration::from_secs(5);

impl Run<'_> {
    /// Asks the outside what is left, by mark and not from memory.
    pub(super) async fn take_receipt(&mut self, bell: &Notify) -> Result<(), StoreError> {
        let engine = self.engine;
        let key = self.op.request.key.clone();
        let Some(env) = engine.store.environment(&key).await? else {
            return Err(StoreError::Unreadable { what: key.to_string(), why: "it has no record".to_owned() });
        };
        let Some(platform) = engine.platform(&env) else {
            return Err(StoreError::Unreadable { what: key.to_string(), why: "its platform isn't here".to_owned() });
        };
        let found = match platform.inventory(&engine.installation, Whose::Env(&key)).await {
            Ok(found) => found,
            // A receipt without an inventory would be a guess, so it is asked for until it is there or somebody cancels.
            Err(error) => {
                tracing::warn!(op = %self.op.id, %error, "the inventory can't be had yet");
                let again = match error {
                    ProviderError::Throttled { again } => SignedDuration::try_from(again).unwrap_or(ASK_AGAIN),
                    _ => ASK_AGAIN,
                };
                return self.pause(later(engine.clock.now(), again), bell).await;
            }
        };
        let removes = |action: &Action| matches!(action, Action::Delete { .. });
        let destroyed = self.op.plan.steps.iter().filter(|step| removes(&step.action)).count();
        let rows = engine.store.rows(&key).await?;
        let on_purpose = |thing: &Found| rows.rows.contains_key(&(thing.mark.addr.clone(), thing.mark.generation));
        let keep = |thing: &Found| platform.rules().holds_data(&thing.kind) && on_purpose(thing);
        // What is left gets a row, so that the next teardown has a step for it.
        let rows = found.iter().filter(|thing| !keep(thing)).map(|thing| self.adopted(thing)).collect();
        let receipt = Receipt::new(u32::try_from(destroyed).unwrap_or(u32::MAX), found.clone(), keep);
        let entries = vec![Entry::Receipted(receipt)];
        self.append(Writing { entries, rows, ..Writing::default() }).await.map(drop)
    }

    fn adopted(&self, thing: &Found) -> RowChange {
        let row = Row {
            kind: thing.kind.clone(),
            incarnation: thing.mark.incarnation,
            state: RowState::Unsettled,
            id: Some(thing.id.clone()),
            spec: Spec::new(),
            resolved: BTreeMap::new(),
            outputs: BTreeMap::new(),
            by: self.op.id,
        };
        RowChange { addr: thing.mark.addr.clone(), generation: thing.mark.generation, row: Some(row) }
    }

    /// Closes the operation with the record as it really is. False where something moved: decide anew.
    pub(super) async fn close(&mut self, outcome: Outcome) -> Result<bool, StoreError> {
        let mut writing = Writing::default();
        if let Some(delta) = self.op.settled_delta(&outcome) {
            writing.record = self.record(&delta).await?;
            writing.releases = self.releases(&delta, true).await?;
        }
        let outcome = match outcome {
            Outcome::Succeeded { .. } => Outcome::Succeeded { outputs: self.outputs().await? },
            other => other,
        };
        writing.entries.push(Entry::Closed(outcome));
        self.append(writing).await
    }

    /// The record's change, if there is one.
    pub(super) async fn record(&self, delta: &Delta) -> Result<Option<RecordChange>, StoreError> {
        let current = self.engine.store.environment(&self.op.request.key).await?;
        if delta == &Delta::default() {
            return Ok(None);
        }
        let from = current.as_ref().map(|env| (env.incarnation, env.version));
        let Some(mut to) = delta.apply(current.as_ref()) else { return Ok(None) };
        // Only here is it known which operation a birth belongs to.
        to.opened_by = to.opened_by.or(Some(self.op.id));
        Ok(Some(RecordChange { from, to }))
    }

    /// The releases of a delta: new ones, and those that have served now.
    pub(super) async fn releases(&self, delta: &Delta, served: bool) -> Result<Vec<Release>, StoreError> {
        if delta.services.is_empty() {
            return Ok(Vec::new());
        }
        let known = self.engine.store.releases(&self.op.request.key).await?;
        let find = |name: &ServiceName, running: &Running| {
            known.iter().find(|release| &release.service == name && release.number == running.release)
        };
        let mut changed = Vec::new();
        for (name, running) in &delta.services {
            match find(name, running) {
                Some(release) if release.served || !served => {}
                Some(release) => changed.push(Release { served, ..release.clone() }),
                None => changed.push(self.new_release(name, running, served)),
            }
        }
        Ok(changed)
    }

    fn new_release(&self, name: &ServiceName, running: &Running, served: bool) -> Release {
        let revision = self.op.plan.delta.revision.clone();
        Release {
            service: name.clone(),
            number: running.release,
            version: running.version.clone(),
            settings: running.service.clone(),
            revision: revision.unwrap_or_else(|| self.op.digest.clone()),
            by: self.op.id,
            at: self.engine.clock.now(),
            served,
        }
    }

    /// What people are shown of an environment that stands.
    async fn outputs(&self) -> Result<BTreeMap<String, String>, StoreError> {
        let Some(env) = self.environment().await? else { return Ok(BTreeMap::new()) };
        self.engine.outputs_with(&env, &self.op.plan.facts).await
    }
}

impl super::Engine {
    /// What people are shown of an environment as it stands, by label. What isn't known yet isn't in it.
    ///
    /// # Errors
    /// [`StoreError`] where the store refuses.
    pub async fn outputs_with(
        &self,
        env: &crate::environment::Environment,
        facts: &crate::provider::Facts,
    ) -> Result<BTreeMap<String, String>, StoreError> {
        let actual = self.actual(env).await?;
        let lowered = self.platform(env).map(|platform| platform.lower(env, facts));
        let Some(Ok(desired)) = lowered else { return Ok(BTreeMap::new()) };
        let show = |value: &Value| {
            let spec = Spec::new().with("shown", value.clone()).resolve(&|r| actual.lookup(r)).ok()?;
            spec.get("shown").map(ToString::to_string)
        };
        Ok(desired.outputs.iter().filter_map(|(label, value)| Some((label.clone(), show(value)?))).collect())
    }
}
