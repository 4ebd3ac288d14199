//! A platform that answers as a test tells it to: for what the fake cloud never does. It holds nothing and checks
//! nothing; every environment is so many things that don't know of each other.

use crate::sim::World;
use async_trait::async_trait;
use gantry_engine::address::{Addr, Kind};
use gantry_engine::apply::Engine;
use gantry_engine::environment::Environment;
use gantry_engine::names::{EnvKey, InstallationId, PlatformName};
use gantry_engine::plan::{Diff, Rules, Transition};
use gantry_engine::ports::{Driver, Finding, Findings, Platform, Platforms, Survey, Whose};
use gantry_engine::provider::{
    Facts, Handle, Killed, Live, LogLine, LogQuery, Note, Observed, Progress, ProviderError, Put, Remove,
};
use gantry_engine::receipt::Found;
use gantry_engine::resource::{Desired, PhysicalId, Resource};
use gantry_engine::value::{Outputs, Spec};
use gantry_testkit::fake::FakePlatform;
use gantry_testkit::life::Life;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const THING: Kind = Kind::new("script.thing");

/// What a driver is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verb {
    Put,
    Remove,
    Abort,
    Inventory,
}

pub(crate) type Answer = Result<Progress, ProviderError>;
/// What a put was told: how long ago an earlier try was, and how long its step has been going on.
type Told = (Option<Duration>, Duration);
type Answers = dyn Fn(Verb, u32) -> Answer + Send + Sync;

/// Answers by verb and by how often it was asked for the same address, from 1.
#[derive(Clone)]
pub(crate) struct Script {
    things: usize,
    answers: Arc<Answers>,
    asked: Arc<Mutex<BTreeMap<(Verb, String), u32>>>,
    told: Arc<Mutex<Vec<Told>>>,
}

pub(crate) fn done() -> Answer {
    Ok(Progress::Done(Observed { id: Some(PhysicalId("thing".to_owned())), outputs: Outputs::new() }))
}

pub(crate) fn pending() -> Answer {
    let note = Note::Other("patience".to_owned());
    Ok(Progress::Pending { seen: Observed::default(), note, again: Duration::from_secs(5) })
}

pub(crate) fn broken() -> Answer {
    Err(ProviderError::Transient("the connection broke".to_owned()))
}

impl Script {
    pub(crate) fn new(things: usize, answers: impl Fn(Verb, u32) -> Answer + Send + Sync + 'static) -> Self {
        Self { things, answers: Arc::new(answers), asked: Arc::default(), told: Arc::default() }
    }

    /// A process of which the platform follows this script.
    pub(crate) fn engine(&self, world: &World) -> Engine {
        let platform: Arc<dyn Platform> = Arc::new(self.clone());
        let name = FakePlatform::platform_name();
        Engine { platforms: Platforms::from([(name, platform)]), ..world.engine(&Life::forever()) }
    }

    /// How often a driver was asked, over all addresses.
    pub(crate) fn asked(&self, verb: Verb) -> u32 {
        let asked = self.asked.lock().expect("no test panics while it counts");
        asked.iter().filter(|((of, _), _)| *of == verb).map(|(_, count)| count).sum()
    }

    /// What each put so far was told about the tries before it, in whole seconds.
    pub(crate) fn tried(&self) -> Vec<Option<u64>> {
        let told = self.told.lock().expect("no test panics while it counts");
        told.iter().map(|(tried, _)| tried.map(|tried| tried.as_secs())).collect()
    }

    /// How long each put so far was told that its step had been going on, in whole seconds.
    pub(crate) fn begun(&self) -> Vec<u64> {
        self.told.lock().expect("no test panics while it counts").iter().map(|(_, begun)| begun.as_secs()).collect()
    }

    fn answer(&self, verb: Verb, at: &str) -> Answer {
        let mut asked = self.asked.lock().expect("no test panics while it counts");
        let count = asked.entry((verb, at.to_owned())).or_default();
        *count += 1;
        (self.answers)(verb, *count)
    }
}

#[async_trait]
impl Driver for Script {
    async fn read(&self, _: &Handle) -> Result<Option<Observed>, ProviderError> {
        Ok(None)
    }

    async fn put(&self, want: &Put) -> Answer {
        self.told.lock().expect("no test panics while it counts").push((want.tried, want.begun));
        self.answer(Verb::Put, &want.at.mark.to_string())
    }

    async fn remove(&self, want: &Remove) -> Answer {
        self.answer(Verb::Remove, &want.at.mark.to_string())
    }

    async fn abort(&self, want: &Put) -> Result<(), ProviderError> {
        self.answer(Verb::Abort, &want.at.mark.to_string()).map(drop)
    }
}

impl Rules for Script {
    fn transition(&self, _: &Diff<'_>) -> Transition {
        Transition::InPlace
    }

    fn holds_data(&self, _: &Kind) -> bool {
        false
    }
}

#[async_trait]
impl Platform for Script {
    fn name(&self) -> PlatformName {
        FakePlatform::platform_name()
    }

    async fn survey(&self, _: &Environment) -> Result<Survey, ProviderError> {
        Ok(Survey::default())
    }

    fn lower(&self, env: &Environment, _: &Facts) -> Result<Desired, Findings> {
        let mut desired = Desired::default();
        for number in 0..self.things {
            let addr = Addr::new(&env.key.env, "network", &format!("thing-{number}"))
                .map_err(|error| Finding { what: error.to_string(), remedy: "mend the script".to_owned() })?;
            desired.resources.insert(addr, Resource { kind: THING, spec: Spec::new().with("number", 1_u32) });
        }
        Ok(desired)
    }

    fn rules(&self) -> &dyn Rules {
        self
    }

    fn driver(&self, _: &Kind) -> Option<&dyn Driver> {
        Some(self)
    }

    async fn inventory(&self, _: &InstallationId, _: Whose<'_>) -> Result<Vec<Found>, ProviderError> {
        self.answer(Verb::Inventory, "").map(|_| Vec::new())
    }

    async fn live(&self, _: &EnvKey) -> Result<Live, ProviderError> {
        Ok(Live::default())
    }

    async fn logs(&self, _: &EnvKey, _: &LogQuery) -> Result<Vec<LogLine>, ProviderError> {
        Ok(Vec::new())
    }

    async fn kill(&self, _: &EnvKey, target: &str) -> Result<Killed, ProviderError> {
        Err(ProviderError::Invalid(format!("there is no {target}")))
    }
}
