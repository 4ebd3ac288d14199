//! One process's view of the fake cloud as a platform.

use super::client::Client;
use super::cloud::{FakeCloud, World};
use super::driver::FakeDriver;
use super::kinds::{FakePrices, FakeRules, KINDS, kind};
use super::lowering;
use crate::life::Life;
use async_trait::async_trait;
use gantry_engine::address::Kind;
use gantry_engine::cost::Prices;
use gantry_engine::environment::Environment;
use gantry_engine::names::{ClusterName, EnvKey, InstallationId, PlatformName, ServiceName, Version};
use gantry_engine::plan::Rules;
use gantry_engine::ports::{Drift, Drifted, Driver, Findings, Platform, Survey, Whose};
use gantry_engine::provider::{Facts, Killed, Live, LogLine, LogQuery, Node, ProviderError, Task, TaskHealth};
use gantry_engine::receipt::Found;
use gantry_engine::resource::{Actual, Desired, PhysicalId, RowState};
use gantry_engine::value::Value;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

type Result<T> = std::result::Result<T, ProviderError>;

/// A platform over a [`FakeCloud`]. Drop it and make another: that is a process that died and one that began.
#[derive(Debug)]
pub struct FakePlatform {
    client: Arc<Client>,
    drivers: BTreeMap<Kind, FakeDriver>,
}

/// What a survey panics with [when it is told to](FakeCloud::break_surveys).
#[derive(Debug)]
pub struct Wanted;

impl FakePlatform {
    /// A client of a process that doesn't die.
    #[must_use]
    pub fn new(cloud: &FakeCloud) -> Self {
        Self::seen_by(cloud, &Life::forever())
    }

    /// A client of a process with this life.
    #[must_use]
    pub fn seen_by(cloud: &FakeCloud, life: &Life) -> Self {
        let client = Arc::new(Client::new(cloud.clone(), life.clone()));
        let driver =
            |(kind, habits): &'static (Kind, _)| FakeDriver { kind: kind.clone(), habits, client: client.clone() };
        let drivers = KINDS.iter().map(|row| (row.0.clone(), driver(row))).collect();
        Self { client, drivers }
    }

    /// What project files call it.
    ///
    /// # Panics
    /// Never: the name follows the rule for names.
    #[must_use]
    pub fn platform_name() -> PlatformName {
        PlatformName::new("fake").expect("`fake` follows the rule for names")
    }
}

#[async_trait]
impl Platform for FakePlatform {
    fn name(&self) -> PlatformName {
        Self::platform_name()
    }

    async fn survey(&self, _env: &Environment) -> Result<Survey> {
        let (range, breaks) = self.client.ask(|world| (world.range.clone(), world.breaks)).await?;
        if breaks {
            std::panic::panic_any(Wanted);
        }
        Ok(Facts([(lowering::RANGE.to_owned(), range)].into()).into())
    }

    fn lower(&self, env: &Environment, facts: &Facts) -> std::result::Result<Desired, Findings> {
        Ok(lowering::lower(env, facts)?)
    }

    fn rules(&self) -> &dyn Rules {
        &FakeRules
    }

    fn driver(&self, kind: &Kind) -> Option<&dyn Driver> {
        self.drivers.get(kind).map(|driver| driver as &dyn Driver)
    }

    fn prices(&self) -> Option<&dyn Prices> {
        Some(&FakePrices)
    }

    async fn drift(&self, _env: &Environment, actual: &Actual) -> Result<Vec<Drift>> {
        self.client.ask(|world| drift(world, actual)).await
    }

    fn lag(&self) -> Duration {
        self.client.lag()
    }

    async fn inventory(&self, installation: &InstallationId, of: Whose<'_>) -> Result<Vec<Found>> {
        let ours = |world: &mut World| world.find(|mark, _| &mark.installation == installation && of.is(mark));
        let found = self.client.ask(ours).await?.into_iter();
        let mut found: Vec<Found> = found.map(|(id, mark, kind)| Found { mark, kind, id }).collect();
        // The parts of one thing count once.
        found.sort_by(|a, b| (&a.mark, &a.kind, &a.id).cmp(&(&b.mark, &b.kind, &b.id)));
        found.dedup_by(|a, b| (&a.mark, &a.kind) == (&b.mark, &b.kind));
        Ok(found)
    }

    async fn live(&self, env: &EnvKey) -> Result<Live> {
        self.client
            .ask(|world| {
                world.alive().fold(
                    Live::default(),
                    |live, (id, thing)| {
                        if &thing.mark.env() == env { with(live, id, thing) } else { live }
                    },
                )
            })
            .await
    }

    async fn logs(&self, env: &EnvKey, query: &LogQuery) -> Result<Vec<LogLine>> {
        let live = self.live(env).await?;
        let tasks = live.tasks.into_iter().filter(|task| task.service == query.service);
        let line = |task: Task| LogLine {
            at: Timestamp::UNIX_EPOCH,
            text: format!("{} {} listens", task.service, task.version),
            task: task.id,
        };
        Ok(tasks.map(line).take(query.lines).collect())
    }

    async fn kill(&self, env: &EnvKey, target: &str) -> Result<Killed> {
        let live = self.live(env).await?;
        let end = |id: PhysicalId| {
            move |world: &mut World| {
                world.touch(&id, |thing| {
                    if let Some(rollout) = &mut thing.rollout {
                        rollout.healthy = rollout.healthy.saturating_sub(1);
                    }
                });
                Ok(())
            }
        };
        if live.tasks.iter().any(|task| task.id == target) {
            let service = target.rsplit_once('.').map_or(target, |(service, _)| service);
            self.client.effect(end(PhysicalId(service.to_owned()))).await?;
            return Ok(Killed::Task(target.to_owned()));
        }
        match live.nodes.into_iter().find(|node| node.id == target) {
            Some(node) => Ok(Killed::Node(node.id, node.tasks)),
            None => Err(ProviderError::Invalid(format!("there is no node or task {target} in {env}"))),
        }
    }
}

/// How what stands differs from how it was left.
fn drift(world: &World, actual: &Actual) -> Vec<Drift> {
    let mut found = Vec::new();
    for ((addr, _), row) in actual.rows.iter().filter(|(_, row)| row.state != RowState::Deleting) {
        let Some(thing) = row.id.as_ref().and_then(|id| world.outside(id)) else { continue };
        if thing.gone.is_some() {
            found.push(Drift { addr: addr.clone(), how: Drifted::Gone });
            continue;
        }
        if row.state == RowState::Unsettled {
            continue;
        }
        // References are followed in the thing's own spec; what they were is the row's to tell.
        for (field, ours) in row.spec.0.iter().filter(|(_, ours)| ours.refs().is_empty()) {
            let theirs = thing.spec.get(field);
            if theirs != Some(ours) {
                let theirs = theirs.map_or_else(String::new, ToString::to_string);
                let how = Drifted::Field { field: field.clone(), ours: ours.to_string(), theirs };
                found.push(Drift { addr: addr.clone(), how });
            }
        }
    }
    found
}

/// What a thing adds to what runs.
fn with(mut live: Live, id: &PhysicalId, thing: &super::thing::Thing) -> Live {
    let component = thing.mark.addr.component.as_str();
    if let (Some(rollout), Ok(service)) = (&thing.rollout, ServiceName::new(component)) {
        let version = thing.spec.get("version").and_then(Value::as_text).unwrap_or_default();
        live.tasks.extend((0..rollout.healthy).map(|number| Task {
            id: format!("{id}.{number}"),
            service: service.clone(),
            version: Version::new(version),
            node: "somewhere".to_owned(),
            health: TaskHealth::Healthy,
            since: None,
            restarts: 0,
        }));
    }
    let cluster = component.strip_prefix("cluster-").map(ClusterName::new);
    if let (true, Some(Ok(cluster))) = (thing.kind == kind::GROUP, cluster) {
        live.nodes.extend((0..thing.nodes).map(|number| Node {
            id: format!("{id}.{number}"),
            cluster: cluster.clone(),
            up: true,
            tasks: 0,
        }));
    }
    live
}
