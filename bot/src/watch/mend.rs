//! How an environment gets over the loss of a task or a node, seen from outside: what was lost, what there was too little
//! of and for how long, and when all was well again. It looks at what runs, so it is the same on every platform.

use super::{Below, Watchers};
use gantry_engine::environment::{Environment, Phase};
use gantry_engine::names::{ClusterName, EnvKey, ServiceName};
use gantry_engine::provider::{Killed, Live, Task, TaskHealth};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// How long it looks: a machine in a cloud takes minutes to be replaced, hardly ever more than this.
const PATIENCE: SignedDuration = SignedDuration::from_mins(20);

/// The shortest and the longest time between two looks. In between, a tenth of the time that has passed: what is told
/// is as exact as that.
const SHORTEST: SignedDuration = SignedDuration::from_millis(500);
const LONGEST: SignedDuration = SignedDuration::from_secs(10);

/// Something that was ended on purpose.
#[derive(Debug, Clone)]
pub struct Kill {
    /// Where.
    pub key: EnvKey,
    /// What.
    pub killed: Killed,
    /// What ran before.
    pub before: Live,
    /// When.
    pub at: Timestamp,
    /// Where its story is told.
    pub below: Below,
}

/// What a loss came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// Where.
    pub key: EnvKey,
    /// What was ended.
    pub killed: Killed,
    /// Whether all is well again; otherwise it wasn't seen to get well.
    pub well: bool,
    /// How long that took, or how long it was looked.
    pub took: SignedDuration,
    /// How many tasks ended.
    pub lost: usize,
    /// Services that had too few healthy tasks.
    pub services: BTreeMap<ServiceName, Lack>,
    /// Clusters that had too few nodes.
    pub clusters: BTreeMap<ClusterName, Lack>,
}

/// Too little of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lack {
    /// The least that there was.
    pub least: u32,
    /// So many were wanted.
    pub wanted: u32,
    /// How long there were too few, as far as was seen.
    pub time: SignedDuration,
}

impl Watchers {
    /// What a loss came to; nothing where the environment is torn down meanwhile.
    pub(super) async fn until_well(&self, kill: &Kill) -> Option<Mended> {
        let mut mending = Mending::new(kill);
        loop {
            let passed = self.engine.clock.now().duration_since(kill.at);
            self.sleep((passed / 10).clamp(SHORTEST, LONGEST)).await;
            let now = self.engine.clock.now();
            match self.engine.store.environment(&kill.key).await {
                Ok(Some(env)) if env.phase == Phase::Live => self.look(&mut mending, &env, now).await,
                Ok(_) => return None,
                // The next look may tell.
                Err(_) => {}
            }
            if mending.well || now.duration_since(kill.at) > PATIENCE {
                return Some(mending.told(kill, now));
            }
        }
    }

    /// What can't be looked at now may be at the next look.
    async fn look(&self, mending: &mut Mending, env: &Environment, now: Timestamp) {
        if let Some(platform) = self.engine.platform(env)
            && let Ok(live) = platform.live(&env.key).await
        {
            mending.look(env, &live, now);
        }
    }
}

/// One life of a task: a replacement may have the same name.
type Life = (String, Option<Timestamp>, u32);

fn life(task: &Task) -> Life {
    (task.id.clone(), task.since, task.restarts)
}

/// What was seen so far. Pure.
struct Mending {
    lost: BTreeSet<Life>,
    nodes: BTreeMap<ClusterName, u32>,
    last: Timestamp,
    well: bool,
    services: BTreeMap<ServiceName, Lack>,
    clusters: BTreeMap<ClusterName, Lack>,
}

impl Mending {
    fn new(kill: &Kill) -> Self {
        let ended = |task: &&Task| match &kill.killed {
            Killed::Task(id) => &task.id == id,
            Killed::Node(node, _) => &task.node == node && !matches!(task.health, TaskHealth::Dead(_)),
        };
        Self {
            lost: kill.before.tasks.iter().filter(ended).map(life).collect(),
            nodes: up(&kill.before),
            last: kill.at,
            well: false,
            services: BTreeMap::new(),
            clusters: BTreeMap::new(),
        }
    }

    fn look(&mut self, env: &Environment, live: &Live, now: Timestamp) {
        let since = std::mem::replace(&mut self.last, now);
        let time = now.duration_since(since);
        let mut well = true;
        for (name, running) in &env.services {
            let own = |task: &&Task| &task.service == name && !self.lost.contains(&life(task));
            let healthy = live.tasks.iter().filter(own).filter(|task| task.health == TaskHealth::Healthy).count();
            let healthy = u32::try_from(healthy).unwrap_or(u32::MAX);
            well &= enough(&mut self.services, name, (healthy, running.replicas), time);
        }
        let there = up(live);
        for (name, before) in &self.nodes {
            well &= enough(&mut self.clusters, name, (there.get(name).copied().unwrap_or(0), *before), time);
        }
        self.well = well;
    }

    fn told(self, kill: &Kill, now: Timestamp) -> Mended {
        let lost = match &kill.killed {
            Killed::Task(_) => 1,
            Killed::Node(_, tasks) => self.lost.len().max(*tasks as usize),
        };
        let (services, clusters) = (self.services, self.clusters);
        let (key, killed, took) = (kill.key.clone(), kill.killed.clone(), now.duration_since(kill.at));
        Mended { key, killed, well: self.well, took, lost, services, clusters }
    }
}

/// Whether there is enough; where there isn't, that is noted.
fn enough<N: Ord + Clone>(
    lacks: &mut BTreeMap<N, Lack>,
    name: &N,
    (there, wanted): (u32, u32),
    time: SignedDuration,
) -> bool {
    if there >= wanted {
        return true;
    }
    let lack = lacks.entry(name.clone()).or_insert(Lack { least: there, wanted, time: SignedDuration::ZERO });
    *lack = Lack { least: lack.least.min(there), wanted, time: lack.time.saturating_add(time) };
    false
}

/// How many nodes of each cluster are up.
fn up(live: &Live) -> BTreeMap<ClusterName, u32> {
    let mut clusters = BTreeMap::new();
    for node in live.nodes.iter().filter(|node| node.up) {
        *clusters.entry(node.cluster.clone()).or_default() += 1;
    }
    clusters
}

#[cfg(test)]
mod tests {
    use super::*;
    use gantry_engine::environment::{ReleaseNo, Running};
    use gantry_engine::names::{ChannelId, DeliveryId, Version};
    use gantry_engine::ports::Thread;
    use gantry_engine::provider::Node;
    use gantry_testkit::{sample, store_suite::samples};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn task(id: &str, node: &str, born: i64, health: TaskHealth) -> Task {
        let (service, version) = (sample::service_name("web"), Version::new("1"));
        Task { id: id.to_owned(), service, version, node: node.to_owned(), health, since: Some(at(born)), restarts: 0 }
    }

    fn node(id: &str, up: bool) -> Node {
        Node { id: id.to_owned(), cluster: ClusterName::new("a").unwrap(), up, tasks: 1 }
    }

    fn kill(killed: Killed, before: Live) -> Kill {
        let (delivery, channel) = (DeliveryId::new("d1"), ChannelId::new("C1"));
        let below = Below { delivery, channel, thread: Thread::None };
        Kill { key: sample::key("dev"), killed, before, at: at(100), below }
    }

    /// `web` with two tasks.
    fn env() -> Environment {
        let project = sample::project(&gantry_testkit::fake::FakePlatform::platform_name());
        let web = sample::service_name("web");
        let (service, version) = (project.services[&web].clone(), Version::new("1"));
        let running = Running { release: ReleaseNo(1), version, service, replicas: 2, restarts: 0 };
        Environment { services: [(web, running)].into(), ..samples::environment("dev", 1, 1) }
    }

    #[test]
    fn a_task_that_still_shows_isn_t_well_and_its_name_may_come_again() {
        let healthy = || task("web-1", "a-1", 1, TaskHealth::Healthy);
        let before = Live { tasks: vec![healthy(), task("web-2", "a-2", 1, TaskHealth::Healthy)], nodes: Vec::new() };
        let kill = kill(Killed::Task("web-2".to_owned()), before.clone());
        let mut mending = Mending::new(&kill);
        mending.look(&env(), &before, at(101));
        assert!(!mending.well, "the platform shows what was");
        mending.look(&env(), &Live { tasks: vec![healthy()], nodes: Vec::new() }, at(103));
        assert!(!mending.well);
        let again = Live { tasks: vec![healthy(), task("web-2", "a-2", 104, TaskHealth::Healthy)], nodes: Vec::new() };
        mending.look(&env(), &again, at(107));
        assert!(mending.well);
        let mended = mending.told(&kill, at(107));
        let lack = Lack { least: 1, wanted: 2, time: SignedDuration::from_secs(3) };
        assert_eq!(mended.services, [(sample::service_name("web"), lack)].into());
        assert_eq!((mended.lost, mended.took, mended.clusters.len()), (1, SignedDuration::from_secs(7), 0));
    }

    #[test]
    fn a_node_is_got_over_once_its_cluster_is_whole() {
        let before = Live {
            tasks: vec![task("w1", "a-1", 1, TaskHealth::Healthy), task("w2", "a-2", 1, TaskHealth::Healthy)],
            nodes: vec![node("a-1", true), node("a-2", true)],
        };
        let kill = kill(Killed::Node("a-2".to_owned(), 1), before);
        let mut mending = Mending::new(&kill);
        let moved = vec![task("w1", "a-1", 1, TaskHealth::Healthy), task("w3", "a-1", 110, TaskHealth::Healthy)];
        mending.look(
            &env(),
            &Live { tasks: moved.clone(), nodes: vec![node("a-1", true), node("a-2", false)] },
            at(115),
        );
        assert!(!mending.well, "its tasks have moved, and it isn't replaced yet");
        mending.look(&env(), &Live { tasks: moved, nodes: vec![node("a-1", true), node("a-3", true)] }, at(200));
        assert!(mending.well);
        let mended = mending.told(&kill, at(200));
        assert_eq!((mended.lost, mended.services.len()), (1, 0));
        assert_eq!(mended.clusters.values().next().map(|lack| (lack.least, lack.wanted)), Some((1, 2)));
    }
}
