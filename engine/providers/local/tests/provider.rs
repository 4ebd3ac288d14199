//! The platform `local` as the engine uses it, against a real daemon: what is lowered and planned is carried out step by
//! step, and the result is looked at from outside.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "tests; clippy.toml's exceptions don't reach helpers")]

#[expect(dead_code, reason = "shared with the runtime's own tests, which use more of it")]
mod support;

use gantry_engine::address::{Generation, Mark};
use gantry_engine::environment::{Delta, Environment, Phase, ReleaseNo, Running};
use gantry_engine::journal::Serving;
use gantry_engine::names::*;
use gantry_engine::plan::{Action, Scope, Step, plan};
use gantry_engine::ports::Platform;
use gantry_engine::project::*;
use gantry_engine::provider::{Handle, Killed, LogQuery, Progress, ProviderError, Put, Remove, TaskHealth, Token};
use gantry_engine::resource::{Actual, Desired, PhysicalId, Row, RowState};
use gantry_engine::value::Value;
use gantry_local::provider::Local;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use support::{Bed, get, get_as, until};

/// An engine without a journal: it runs the steps of plans one after another and remembers the rows.
struct World {
    bed: Bed,
    platform: Local,
    actual: Actual,
    ops: u64,
}

impl World {
    async fn new() -> Self {
        let bed = Bed::new().await;
        let programs: Vec<PathBuf> = vec![support::host().parent().unwrap().to_owned()];
        let platform = Local::new(InstallationId::new("test"), bed.client.clone(), programs);
        Self { bed, platform, actual: Actual::default(), ops: 0 }
    }

    async fn desired(&self, env: &Environment) -> Desired {
        let facts = self.platform.survey(env).await.unwrap();
        self.platform.lower(env, &facts).unwrap()
    }

    /// Brings the environment there. The outcome is the first revert, if there was one.
    async fn bring(&mut self, env: &Environment) -> Result<BTreeMap<String, String>, (Serving, String)> {
        let desired = self.desired(env).await;
        self.carry_out(&desired).await?;
        let outputs = desired.outputs.into_iter();
        Ok(outputs.map(|(label, value)| (label, self.resolve(&value))).collect())
    }

    async fn carry_out(&mut self, desired: &Desired) -> Result<(), (Serving, String)> {
        let scope = Scope { env: EnvName::new("dev").unwrap(), components: None, remove_data: true };
        let plan = plan(desired, &self.actual, self.platform.rules(), &scope, Delta::default()).unwrap();
        self.ops += 1;
        for step in &plan.steps {
            self.step(step).await?;
        }
        Ok(())
    }

    async fn step(&mut self, step: &Step) -> Result<(), (Serving, String)> {
        let mark = mark(&step.addr.to_string(), step.generation);
        let driver = self.platform.driver(&step.kind).unwrap();
        let key = (step.addr.clone(), step.generation);
        let id = self.actual.rows.get(&key).and_then(|row| row.id.clone());
        let at = Handle { mark: mark.clone(), kind: step.kind.clone(), id };
        let Some(spec) = step.spec() else {
            let want = Remove { at, token: Token::derive(OpId(self.ops), &mark, None) };
            until(&format!("{} is gone", step.addr), || async {
                match driver.remove(&want).await {
                    Ok(Progress::Done(_)) => Some(()),
                    Ok(Progress::Pending { .. }) => None,
                    other => panic!("{}: {other:?}", step.addr),
                }
            })
            .await;
            self.actual.rows.remove(&key);
            return Ok(());
        };
        let resolved = spec.resolve(&|r| self.actual.lookup(r)).unwrap();
        let token = Token::derive(OpId(self.ops), &mark, Some(&resolved));
        let replaces = match &step.action {
            Action::Create { replaces, .. } => *replaces,
            _ => None,
        };
        let want = Put { at, token, spec: resolved, replaces };
        let seen = until(&format!("{} is there", step.addr), || async {
            match driver.put(&want).await {
                Ok(Progress::Done(seen)) => Some(Ok(seen)),
                Ok(Progress::Reverted { serving, why }) => Some(Err((serving, why))),
                Ok(Progress::Pending { .. }) => None,
                Err(error) => panic!("{}: {error}", step.addr),
            }
        })
        .await?;
        let row = Row {
            kind: step.kind.clone(),
            incarnation: 1,
            state: RowState::Live,
            id: seen.id,
            spec: spec.clone(),
            resolved: spec.refs().into_iter().map(|r| (r.clone(), self.actual.lookup(r).unwrap())).collect(),
            outputs: seen.outputs,
            by: OpId(self.ops),
        };
        self.actual.rows.insert(key, row);
        Ok(())
    }

    fn resolve(&self, value: &Value) -> String {
        let spec = gantry_engine::value::Spec::new().with("it", value.clone());
        spec.resolve(&|r| self.actual.lookup(r)).unwrap().get("it").unwrap().to_string()
    }

    async fn tasks(&self, service: &str) -> Vec<gantry_engine::provider::Task> {
        let live = self.platform.live(&key()).await.unwrap();
        live.tasks.into_iter().filter(|task| task.service.as_str() == service).collect()
    }
}

fn key() -> EnvKey {
    EnvKey { project: ProjectName::new("mini-soa").unwrap(), env: EnvName::new("dev").unwrap() }
}

fn mark(addr: &str, generation: Generation) -> Mark {
    let installation = InstallationId::new("test");
    Mark { installation, project: key().project, incarnation: 1, addr: addr.parse().unwrap(), generation }
}

fn service(name: &str) -> ServiceName {
    ServiceName::new(name).unwrap()
}

fn settings(role: &str) -> Service {
    Service {
        image: None,
        command: ["runtime_host", "example", role].map(str::to_owned).into(),
        version: Version::new("1.0"),
        replicas: 1,
        cluster: ClusterName::new("a").unwrap(),
        size: Capacity { cpu_millis: 100, memory_mib: 64 },
        ports: vec![Port { name: "http".to_owned(), protocol: Protocol::Http, container: None }],
        health: Some(HealthCheck {
            path: Some("/health".to_owned()),
            interval: SignedDuration::from_millis(200),
            timeout: SignedDuration::from_secs(2),
            healthy_after: 1,
            unhealthy_after: 3,
        }),
        env: BTreeMap::new(),
        secrets: BTreeMap::new(),
        volume: None,
        host: None,
        depends_on: BTreeSet::new(),
        stop_timeout: SignedDuration::from_secs(5),
        deadline: SignedDuration::from_secs(30),
    }
}

/// `web` in front of `api` in front of `db`, which keeps its counter on a volume.
fn environment() -> Environment {
    let refer =
        |name: &str| Template(vec![TemplatePart::Output { service: service(name), output: "address".to_owned() }]);
    let db = Service { volume: Some(Volume { path: "/data".to_owned(), size_gib: 1 }), ..settings("db") };
    let api = Service {
        env: BTreeMap::from([("DB_ADDRESS".to_owned(), refer("db"))]),
        depends_on: BTreeSet::from([service("db")]),
        ..settings("api")
    };
    let web = Service {
        env: BTreeMap::from([("API_ADDRESS".to_owned(), refer("api"))]),
        depends_on: BTreeSet::from([service("api")]),
        host: Some("www".to_owned()),
        ..settings("web")
    };
    let run = |service: Service| Running {
        release: ReleaseNo(1),
        version: Version::new("1.0"),
        service,
        replicas: 1,
        restarts: 0,
    };
    Environment {
        key: key(),
        incarnation: 1,
        opened_by: None,
        version: 1,
        phase: Phase::Live,
        platform: PlatformName::new("local").unwrap(),
        revision: Digest::new("0"),
        clusters: BTreeMap::from([(
            ClusterName::new("a").unwrap(),
            Cluster { min: 1, max: 4, node: Capacity { cpu_millis: 500, memory_mib: 1024 } },
        )]),
        services: [("db", db), ("api", api), ("web", web)].map(|(name, it)| (service(name), run(it))).into(),
        owner: UserId::new("U0"),
        created: Timestamp::UNIX_EPOCH,
        expiry: None,
        latest: None,
        volumes: VolumesAtEnd::Keep,
        uses: BTreeSet::new(),
        home: None,
    }
}

fn with(name: &str, change: impl FnOnce(&mut Running)) -> Environment {
    let mut env = environment();
    change(env.services.get_mut(&service(name)).unwrap());
    env
}

/// What a browser gets at an address that the outputs show: by name, at the edge.
async fn page(url: &str) -> Option<String> {
    let (host, port) = url.strip_prefix("http://")?.trim_end_matches('/').rsplit_once(':')?;
    get_as(&format!("127.0.0.1:{port}"), host, "/").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_environment_lives_from_its_first_deploy_to_its_teardown() {
    let mut world = World::new().await;
    let outputs = world.bring(&environment()).await.unwrap();
    assert!(outputs["web"].starts_with("http://www.dev.mini-soa.localhost:"), "{outputs:?}");
    let first = page(&outputs["web"]).await.unwrap();
    assert!(first.contains("Version <b>1.0</b>"), "{first}");
    let counted = get(&outputs["api"], "/").await.unwrap();

    world.bring(&with("api", |api| api.replicas = 5)).await.unwrap();
    assert_eq!(world.tasks("api").await.iter().filter(|task| task.health == TaskHealth::Healthy).count(), 5);
    assert!(world.platform.live(&key()).await.unwrap().nodes.len() > 1, "the cluster grew with it");
    let outputs_now =
        world.bring(&with("web", |web| (web.version, web.release) = (Version::new("2.0"), ReleaseNo(2)))).await;
    assert_eq!(outputs_now.unwrap(), outputs, "addresses outlive releases");
    assert!(page(&outputs["web"]).await.unwrap().contains("Version <b>2.0</b>"));
    let version = |task: &gantry_engine::provider::Task| task.version.as_str().to_owned();
    let live: Vec<String> = world.tasks("api").await.iter().map(version).collect();
    assert_eq!(live, ["1.0"], "scaled back by the same plan");

    let before = world.tasks("db").await[0].id.clone();
    world.bring(&with("db", |db| db.restarts = 1)).await.unwrap();
    assert_ne!(world.tasks("db").await[0].id, before, "a restart makes new tasks");
    let later = get(&outputs["api"], "/").await.unwrap();
    assert_ne!(counted, later, "and the counter on the volume went on");

    let lines = LogQuery { service: service("web"), since: None, lines: 100 };
    let logs = world.platform.logs(&key(), &lines).await.unwrap();
    assert!(logs.iter().any(|line| line.text.contains("web 2.0 listens")), "{logs:?}");

    assert_eq!(inventory(&world).await, world.actual.rows.len());
    world.carry_out(&Desired::default()).await.unwrap();
    assert_eq!(inventory(&world).await, 0);
    assert_eq!(world.bed.processes().len(), 1, "only the daemon is left");
}

async fn inventory(world: &World) -> usize {
    let found = world.platform.inventory(&InstallationId::new("test"), &key()).await.unwrap();
    assert!(
        found.iter().all(|found| world.actual.rows.contains_key(&(found.mark.addr.clone(), found.mark.generation)))
    );
    found.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_is_missing_is_found_before_anything_is_made() {
    let mut world = World::new().await;
    let lost = Local::new(InstallationId::new("test"), world.bed.client.clone(), vec!["/nowhere".into()]);
    let lowered = async || lost.lower(&environment(), &lost.survey(&environment()).await.unwrap());
    let refused = lowered().await.unwrap_err();
    assert!(refused.what.contains("`runtime_host`, and there is no such program"), "{refused}");
    world.bring(&environment()).await.unwrap();
    assert!(lowered().await.is_ok(), "what runs already isn't looked for again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_of_an_environment_are_in_the_zone() {
    let mut world = World::new().await;
    let outputs = world.bring(&environment()).await.unwrap();
    let ask = async |name: &str, kind| {
        let mut message = hickory_proto::op::Message::query();
        message.add_query(hickory_proto::op::Query::query(hickory_proto::rr::Name::from_ascii(name).unwrap(), kind));
        let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.send_to(&message.to_vec().unwrap(), &outputs["dns"]).await.unwrap();
        let mut octets = [0; 1500];
        let count = socket.recv(&mut octets).await.unwrap();
        let answers = hickory_proto::op::Message::from_vec(&octets[..count]).unwrap().answers;
        answers.into_iter().map(|answer| answer.data.to_string()).collect::<Vec<_>>()
    };
    for name in ["www", "web", "api", "db"] {
        let name = format!("{name}.dev.mini-soa.localhost");
        assert_eq!(ask(&name, hickory_proto::rr::RecordType::A).await, ["127.0.0.1"], "{name}");
    }
    let nodes = ask("cluster-a.dev.mini-soa.localhost", hickory_proto::rr::RecordType::TXT).await;
    assert_eq!(nodes, ["node-1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_release_is_taken_back_with_its_reason() {
    let mut world = World::new().await;
    let outputs = world.bring(&environment()).await.unwrap();
    let broken = with("web", |web| (web.version, web.release) = (Version::new("broken"), ReleaseNo(2)));
    let (serving, why) = world.bring(&broken).await.unwrap_err();
    assert_eq!(serving, Serving::Release { number: Some(ReleaseNo(1)), version: Version::new("1.0") });
    assert!(why.contains("exited with code 1"), "{why}");
    assert!(page(&outputs["web"]).await.unwrap().contains("Version <b>1.0</b>"), "the old release serves on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_killed_comes_back() {
    let mut world = World::new().await;
    world.bring(&with("web", |web| web.replicas = 2)).await.unwrap();
    let before: BTreeSet<String> = world.tasks("web").await.into_iter().map(|task| task.id).collect();
    let victim = before.first().unwrap();
    assert_eq!(world.platform.kill(&key(), victim).await, Ok(Killed::Task(victim.clone())));
    until("another task takes its place", || async {
        let tasks = world.tasks("web").await;
        let healthy = tasks.iter().filter(|task| task.health == TaskHealth::Healthy && task.id != *victim).count();
        (healthy == 2).then_some(())
    })
    .await;

    let node = world.tasks("web").await[0].node.clone();
    let killed = world.platform.kill(&key(), node.rsplit_once('/').unwrap().1).await.unwrap();
    assert!(matches!(&killed, Killed::Node(name, tasks) if *name == node && *tasks > 0), "{killed:?}");
    let refused = world.platform.kill(&key(), "nobody").await.unwrap_err();
    assert!(matches!(&refused, ProviderError::Invalid(why) if why.contains("cluster-a/node-1")), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resource_is_found_by_its_mark_and_made_once() {
    let world = World::new().await;
    let desired = world.desired(&environment()).await;
    let (addr, resource) = desired.resources.iter().find(|(addr, _)| addr.part.as_str() == "zone").unwrap();
    let driver = world.platform.driver(&resource.kind).unwrap();
    let mark = mark(&addr.to_string(), Generation::FIRST);
    let at = Handle { mark: mark.clone(), kind: resource.kind.clone(), id: None };
    assert_eq!(driver.read(&at).await, Ok(None));
    let token = Token::derive(OpId(1), &mark, Some(&resource.spec));
    let want = Put { at: at.clone(), token, spec: resource.spec.clone(), replaces: None };
    let (first, again) = (driver.put(&want).await.unwrap(), driver.put(&want).await.unwrap());
    assert_eq!(first, again);
    let Progress::Done(seen) = first else { panic!("{first:?}") };
    assert_eq!(driver.read(&at).await, Ok(Some(seen.clone())), "without an id");

    let stranger = Handle { id: seen.id.clone(), mark: Mark { incarnation: 2, ..mark.clone() }, ..at.clone() };
    assert_eq!(driver.read(&stranger).await, Ok(None), "an id that another mark has isn't it");
    let elsewhere = Put { at: Handle { mark: Mark { incarnation: 2, ..mark.clone() }, ..at.clone() }, ..want.clone() };
    assert!(matches!(driver.put(&elsewhere).await, Err(ProviderError::Conflict(_))), "the name is taken");

    let remove = Remove { at, token: Token::derive(OpId(2), &mark, None) };
    for _ in 0..2 {
        assert!(matches!(driver.remove(&remove).await, Ok(Progress::Done(_))));
    }
    let gone = Handle { id: Some(PhysicalId("zone-0".to_owned())), ..remove.at };
    assert_eq!(driver.read(&gone).await, Ok(None));
}
