//! A walk: one environment brought from plan to plan over the ports, step by step, as plainly as it can be done.
//!
//! It is not the engine: no journal, no store, nothing side by side. It keeps rows in memory and is as patient as an
//! operation would be.

use super::{Bed, Scene};
use crate::life::Edge;
use gantry_engine::address::{Addr, Generation, Mark};
use gantry_engine::environment::{Delta, Environment};
use gantry_engine::names::{InstallationId, OpId};
use gantry_engine::plan::{Action, Plan, Scope, Step, plan};
use gantry_engine::ports::{Driver, Platform, Whose};
use gantry_engine::provider::{Handle, Observed, Progress, ProviderError, Put, Remove, Token};
use gantry_engine::receipt::Found;
use gantry_engine::resource::{Actual, Desired, PhysicalId, Row, RowState};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// So often something on its way is asked again.
const PATIENCE: usize = 2_000;

/// So often what is done soon is asked after.
const SOON: usize = 20;

/// How a walk treats each step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// As it should be.
    Plainly,
    /// Each finished step is asked for once more, with the same token.
    Twice,
    /// A new process goes on where the one that began a step was, and is asked once more at the end.
    Anew,
    /// The first effect of each step fails, before it happened or after.
    Failing(Edge),
}

/// One environment on its way.
pub struct Walk<'a> {
    /// Where it walks.
    pub bed: &'a dyn Bed,
    /// The client in use.
    pub platform: Arc<dyn Platform>,
    /// The record that was wanted last.
    pub env: Environment,
    /// What is there, as far as the walk knows.
    pub actual: Actual,
    /// Whose marks it makes.
    pub installation: InstallationId,
    /// Ids of what is on its way.
    known: BTreeMap<(Addr, Generation), PhysicalId>,
    /// How long it had waited in all when something of a step may have happened that nobody knows of.
    unsure: BTreeMap<(Addr, Generation), u64>,
    /// How many milliseconds it has waited in all.
    waited: AtomicU64,
    operations: u64,
}

impl<'a> Walk<'a> {
    /// A walk from nothing, for a scene.
    ///
    /// # Panics
    /// Where the bed has no such scene.
    pub async fn new(bed: &'a dyn Bed, scene: Scene) -> Self {
        let env = bed.environment(scene).expect("every bed has the plain scenes");
        let platform = bed.client().await;
        let installation = bed.installation();
        let (known, unsure) = (BTreeMap::new(), BTreeMap::new());
        let (actual, waited) = (Actual::default(), AtomicU64::new(0));
        Self { bed, platform, env, actual, installation, known, unsure, waited, operations: 0 }
    }

    /// From nothing to a standing scene.
    pub async fn standing(bed: &'a dyn Bed, scene: Scene) -> Self {
        let mut walk = Self::new(bed, scene).await;
        let plan = walk.plan().await;
        walk.apply(&plan, How::Plainly).await;
        walk
    }

    /// What is wanted.
    pub async fn desired(&self) -> Desired {
        let mut tries = 0;
        let facts = loop {
            match self.platform.survey(&self.env).await {
                Ok(survey) => break survey.facts,
                Err(error) => self.patience(&error, &mut tries).await,
            }
        };
        self.platform.lower(&self.env, &facts).expect("the scene can be lowered")
    }

    /// The plan to what is wanted.
    pub async fn plan(&self) -> Plan {
        let desired = self.desired().await;
        self.plan_to(&desired, false)
    }

    /// The plan to the end.
    #[must_use]
    pub fn teardown(&self, remove_data: bool) -> Plan {
        self.plan_to(&Desired::default(), remove_data)
    }

    fn plan_to(&self, desired: &Desired, remove_data: bool) -> Plan {
        let scope = Scope { env: self.env.key.env.clone(), components: None, addrs: None, remove_data };
        plan(desired, &self.actual, self.platform.rules(), &scope, Delta::default()).expect("it can be planned")
    }

    /// Does all steps of a plan in their order, each to its end. Gives those that the platform took back.
    pub async fn apply(&mut self, plan: &Plan, how: How) -> BTreeSet<Addr> {
        self.operations += 1;
        let mut reverted = BTreeSet::new();
        for step in &plan.steps {
            if let How::Failing(edge) = how
                && !self.bed.fail_next(edge)
            {
                return reverted;
            }
            let progress = self.finish(step, how).await;
            if how == How::Twice || how == How::Anew {
                let again = self.finish(step, how).await;
                assert_eq!(ids(&again), ids(&progress), "{} asked for twice", step.addr);
            }
            match progress {
                Progress::Done(seen) => self.note(step, seen),
                Progress::Reverted { .. } => {
                    reverted.insert(step.addr.clone());
                }
                Progress::Pending { .. } => unreachable!("a finished step isn't on its way"),
            }
        }
        reverted
    }

    /// Asks for a step until it isn't on its way any more.
    pub async fn finish(&mut self, step: &Step, how: How) -> Progress {
        let mut tries = 0;
        loop {
            let answer = self.ask(step).await;
            // Not at each answer: one that only ever begins gets nowhere.
            if how == How::Anew && tries == 0 {
                self.platform = self.bed.client().await;
                self.note_unsure(step);
            }
            if let Err(ProviderError::Transient(_)) = answer {
                self.note_unsure(step);
            }
            match answer {
                Ok(Progress::Pending { seen, again, .. }) => {
                    self.learn(step, seen.id);
                    self.wait(again, &mut tries, &step.addr).await;
                }
                Ok(over) => return over,
                Err(error) => self.patience(&error, &mut tries).await,
            }
        }
    }

    /// Asks for a step once.
    pub async fn ask(&self, step: &Step) -> Result<Progress, ProviderError> {
        let driver = self.driver(step);
        match self.wanted(step) {
            Some(put) => driver.put(&put).await,
            None => driver.remove(&self.unwanted(step)).await,
        }
    }

    /// The driver of a step.
    ///
    /// # Panics
    /// Where the platform has none.
    #[must_use]
    pub fn driver(&self, step: &Step) -> &dyn Driver {
        self.platform.driver(&step.kind).unwrap_or_else(|| panic!("no driver for {}", step.kind))
    }

    /// The put of a step, unless it removes.
    #[must_use]
    pub fn wanted(&self, step: &Step) -> Option<Put> {
        let spec = step.spec()?.resolve(&|r| self.actual.lookup(r)).expect("what it refers to came before");
        let at = self.handle(step);
        let token = Token::derive(OpId(self.operations), &at.mark, Some(&spec));
        let replaces = match &step.action {
            Action::Create { replaces, .. } => *replaces,
            Action::Update { .. } | Action::Delete { .. } => None,
        };
        let waited = self.waited.load(Ordering::Relaxed);
        let unsure = self.unsure.get(&(step.addr.clone(), step.generation));
        let tried = unsure.map(|since| Duration::from_millis(waited - since));
        Some(Put { at, token, spec, replaces, tried, begun: tried.unwrap_or_default() })
    }

    /// The removal of a step.
    #[must_use]
    pub fn unwanted(&self, step: &Step) -> Remove {
        let at = self.handle(step);
        let token = Token::derive(OpId(self.operations), &at.mark, None);
        Remove { at, token, tried: None }
    }

    /// The handle of a step: with the id, if the walk knows it.
    #[must_use]
    pub fn handle(&self, step: &Step) -> Handle {
        let at = (step.addr.clone(), step.generation);
        let row = self.actual.rows.get(&at);
        let incarnation = row.map_or(self.env.incarnation, |row| row.incarnation);
        let mark = self.mark(&step.addr, step.generation, incarnation);
        let id = row.and_then(|row| row.id.clone()).or_else(|| self.known.get(&at).cloned());
        Handle { mark, kind: step.kind.clone(), id }
    }

    fn mark(&self, addr: &Addr, generation: Generation, incarnation: u32) -> Mark {
        let project = self.env.key.project.clone();
        Mark { installation: self.installation.clone(), project, incarnation, addr: addr.clone(), generation }
    }

    /// Asks for a put a few times; where it isn't done by then, gives the put that is on its way.
    ///
    /// # Errors
    /// The put, where it takes longer.
    pub async fn soon(&mut self, step: &Step) -> Result<(), Put> {
        self.operations += 1;
        for _ in 0..SOON {
            match self.ask(step).await {
                Ok(Progress::Done(seen)) => {
                    self.note(step, seen);
                    return Ok(());
                }
                Ok(Progress::Pending { seen, again, .. }) => {
                    self.learn(step, seen.id);
                    self.pause(again).await;
                }
                other => panic!("{}: {other:?}", step.addr),
            }
        }
        Err(self.wanted(step).expect("it is a put"))
    }

    /// From now on something may have happened that nobody knows of.
    pub fn note_unsure(&mut self, step: &Step) {
        self.unsure.insert((step.addr.clone(), step.generation), self.waited.load(Ordering::Relaxed));
    }

    /// What is on its way has this id. A new one tells of something made just now, which reads may not show yet.
    fn learn(&mut self, step: &Step, id: Option<PhysicalId>) {
        let at = (step.addr.clone(), step.generation);
        if let Some(id) = id
            && self.known.get(&at) != Some(&id)
        {
            self.known.insert(at, id);
            self.note_unsure(step);
        }
    }

    fn note(&mut self, step: &Step, seen: Observed) {
        let at = (step.addr.clone(), step.generation);
        self.unsure.remove(&at);
        let Some(spec) = step.spec() else {
            self.actual.rows.remove(&at);
            return;
        };
        assert!(seen.id.is_some(), "{} is done without an id", step.addr);
        if let (Action::Update { .. }, Some(before)) = (&step.action, self.actual.rows.get(&at)) {
            assert_eq!(seen.id, before.id, "{} was changed in place: it keeps its id", step.addr);
            assert_eq!(seen.outputs, before.outputs, "{} was changed in place: it keeps its outputs", step.addr);
        }
        let resolved = spec.refs().into_iter().filter_map(|r| Some((r.clone(), self.actual.lookup(r)?))).collect();
        let row = Row {
            kind: step.kind.clone(),
            incarnation: self.env.incarnation,
            state: RowState::Live,
            id: seen.id,
            spec: spec.clone(),
            resolved,
            known: None,
            outputs: seen.outputs,
            by: OpId(self.operations),
        };
        self.actual.rows.insert(at, row);
    }

    /// What the outside shows of the environment.
    pub async fn inventory(&self) -> Vec<Found> {
        let mut tries = 0;
        loop {
            match self.platform.inventory(&self.installation, Whose::Env(&self.env.key)).await {
                Ok(found) => return found,
                Err(error) => self.patience(&error, &mut tries).await,
            }
        }
    }

    /// Checks that the outside shows exactly what the walk knows of; look-ups may lag a while.
    ///
    /// # Panics
    /// Where it never does.
    pub async fn agrees(&self) {
        let rows = self.actual.rows.iter();
        let known: BTreeSet<String> = rows
            .map(|((addr, generation), row)| format!("{} {}", row.kind, self.mark(addr, *generation, row.incarnation)))
            .collect();
        let mut shown = Vec::new();
        for _ in 0..100 {
            shown = self.inventory().await.iter().map(|found| format!("{} {}", found.kind, found.mark)).collect();
            shown.sort();
            if shown.iter().eq(&known) {
                return;
            }
            self.bed.wait(Duration::from_secs(1)).await;
        }
        let missing: Vec<_> = known.iter().filter(|mark| !shown.contains(mark)).collect();
        let unknown: Vec<_> = shown.iter().filter(|mark| !known.contains(*mark)).collect();
        panic!(
            "the inventory lacks {missing:?} and has {unknown:?}, of {} known and {} shown",
            known.len(),
            shown.len()
        );
    }

    async fn wait(&self, again: Duration, tries: &mut usize, addr: &Addr) {
        *tries += 1;
        assert!(*tries < PATIENCE, "{addr} never gets done");
        self.pause(again).await;
    }

    async fn patience(&self, error: &ProviderError, tries: &mut usize) {
        *tries += 1;
        let again = match error {
            ProviderError::Invalid(_) | ProviderError::Denied(_) => panic!("it can't be helped: {error}"),
            ProviderError::Throttled { again } => *again,
            ProviderError::Conflict(_) | ProviderError::NotYet(_) | ProviderError::Transient(_) => {
                Duration::from_secs(1)
            }
        };
        assert!(*tries < PATIENCE, "it never gets better: {error}");
        self.pause(again).await;
    }

    async fn pause(&self, time: Duration) {
        self.bed.wait(time).await;
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.waited.fetch_add(millis, Ordering::Relaxed);
    }
}

fn ids(progress: &Progress) -> Option<&Observed> {
    match progress {
        Progress::Done(seen) => Some(seen),
        Progress::Pending { .. } | Progress::Reverted { .. } => None,
    }
}
