//! The end of an operation: the outputs, and the record as it really is.

use super::drive::{Run, Writing};
use crate::cost::{self, Meter, Money, Rate};
use crate::environment::{Delta, Environment, Phase, Release, Running};
use crate::journal::{Entry, Outcome};
use crate::names::ServiceName;
use crate::plan::Plan;
use crate::ports::{RecordChange, StoreError};
use crate::value::{Spec, Value};
use std::collections::BTreeMap;

impl Run<'_> {
    /// Closes the operation with the record as it really is. False where something moved: decide anew.
    pub(super) async fn close(&mut self, outcome: Outcome) -> Result<bool, StoreError> {
        let mut writing = Writing::default();
        if let Some(delta) = self.op.settled_delta(&outcome) {
            let current = self.engine.store.environment(&self.op.request.key).await?;
            let meter = self.metered(current.as_ref(), &delta).await?;
            writing.record = self.record(current.as_ref(), &delta, meter);
            writing.releases = self.releases(&delta, true).await?;
        }
        let outcome = match outcome {
            Outcome::Succeeded { .. } => Outcome::Succeeded { outputs: self.outputs().await? },
            other => other,
        };
        self.lock_after_rollback(&outcome).await?;
        writing.entries.push(Entry::Closed(outcome));
        self.append(writing).await
    }

    /// The record when the operation is admitted: with the birth a meter starts, at what the plan will cost. What is made
    /// is paid for from when it is made, so the time until then counts a little too much, never too little.
    pub(super) async fn admitted_record(&self, plan: &Plan) -> Result<Option<RecordChange>, StoreError> {
        let current = self.engine.store.environment(&self.op.request.key).await?;
        let (since, spent) = (self.engine.clock.now(), Money::default());
        let meter = plan.cost.as_ref().map(|cost| Meter { spent, since, rate: cost.after });
        Ok(self.record(current.as_ref(), &plan.delta.on_admission(), meter.filter(|_| plan.delta.birth.is_some())))
    }

    /// The record's change, if there is one. A meter that goes as before is none.
    fn record(&self, current: Option<&Environment>, delta: &Delta, meter: Option<Meter>) -> Option<RecordChange> {
        let before = current.and_then(|env| env.meter).map(|meter| meter.rate);
        let turns = meter.is_some_and(|meter| before != Some(meter.rate));
        if delta == &Delta::default() && !turns {
            return None;
        }
        let from = current.map(|env| (env.incarnation, env.version));
        let mut to = delta.apply(current)?;
        // Only here is it known which operation a birth belongs to.
        to.opened_by = to.opened_by.or(Some(self.op.id));
        to.meter = meter.or(to.meter);
        // Whose life goes on with another end was told so now.
        if current.is_some_and(|env| env.incarnation == to.incarnation && env.expiry != to.expiry) {
            to.moved = Some(self.engine.clock.now());
        }
        Some(RecordChange { from, to })
    }

    /// The environment's meter, going at the rate of what stands now; an end stops it.
    async fn metered(&self, current: Option<&Environment>, delta: &Delta) -> Result<Option<Meter>, StoreError> {
        let Some(env) = current.filter(|env| env.phase == Phase::Live) else { return Ok(None) };
        let platform = self.platform().await?;
        let Some(prices) = platform.prices() else { return Ok(None) };
        let now = self.engine.clock.now();
        let rows = self.engine.store.rows(&env.key).await?;
        let stands = cost::rate(prices, &rows, &env.key.env, &self.op.plan.facts);
        let rate = if delta.end { Rate::default() } else { stands };
        let meter = env.meter.unwrap_or(Meter { spent: Money::default(), since: now, rate });
        Ok(Some(if meter.rate == rate { meter } else { meter.turned(rate, now) }))
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
