//! A whole environment as the lowering has it: made on the stand-in step by step in the order of its plan, looked at,
//! and taken down to nothing. What the engine does about crashes and faults isn't tested here; whether each resource is
//! taken by AWS in the form and the order that it is lowered in is.

use crate::bed::{Bed, installation, spec};
use gantry_aws::{AwsRules, Ecs};
use gantry_engine::address::{Addr, Mark};
use gantry_engine::environment::{Delta, Environment, Phase, ReleaseNo, Running};
use gantry_engine::names::{ClusterName, Digest, OpId, PlatformName, ServiceName, UserId, Version};
use gantry_engine::plan::{Action, Plan, Scope, Step, StepId, plan};
use gantry_engine::ports::Platform;
use gantry_engine::project::{
    Capacity, Cluster, HealthCheck, Port, Protocol, SecretRef, Service, Template, TemplatePart, Volume, VolumesAtEnd,
};
use gantry_engine::provider::{Handle, Observed, Progress, ProviderError, Put, Remove, Token};
use gantry_engine::resource::{Actual, Desired, PhysicalId, Row, RowState};
use gantry_engine::value::{Output, Outputs, Ref, Spec};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;

const REPOSITORY: &str = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop/mini";
/// How long a step may take by the stand-in's clock.
const LONGEST: Duration = Duration::from_secs(2 * 3600);

fn service(cluster: &str, needs: &[&str]) -> Service {
    let seconds = SignedDuration::from_secs;
    let address = |of: &str| {
        let output = TemplatePart::Output { service: ServiceName::new(of).unwrap(), output: "address".to_owned() };
        (format!("{}_ADDRESS", of.to_uppercase()), Template(vec![output]))
    };
    Service {
        image: Some(REPOSITORY.to_owned()),
        command: Vec::new(),
        version: Version::new("1.0"),
        replicas: 1,
        cluster: ClusterName::new(cluster).unwrap(),
        size: Capacity { cpu_millis: 100, memory_mib: 128 },
        ports: vec![Port { name: "http".to_owned(), protocol: Protocol::Http, container: Some(8080) }],
        health: Some(HealthCheck {
            path: Some("/health".to_owned()),
            interval: seconds(5),
            timeout: seconds(2),
            healthy_after: 2,
            unhealthy_after: 3,
        }),
        env: needs.iter().map(|of| address(of)).collect(),
        secrets: BTreeMap::new(),
        volume: None,
        host: None,
        depends_on: needs.iter().map(|name| ServiceName::new(name).unwrap()).collect(),
        stop_timeout: seconds(10),
        deadline: seconds(300),
        settings: BTreeMap::new(),
    }
}

pub(crate) fn environment(bed: &Bed) -> Environment {
    let ecs = |settings| BTreeMap::from([(PlatformName::new("ecs").unwrap(), spec(settings))]);
    let cluster = |max, settings| Cluster {
        min: 1,
        max,
        node: Capacity { cpu_millis: 2000, memory_mib: 2048 },
        settings: ecs(settings),
    };
    let secret = SecretRef("secretsmanager:shop/token".to_owned());
    let services = [
        ("web", Service { host: Some("www".to_owned()), ..service("a", &["api"]) }),
        (
            "api",
            Service {
                host: Some("api".to_owned()),
                replicas: 2,
                secrets: BTreeMap::from([("TOKEN".to_owned(), secret)]),
                ..service("b", &["db"])
            },
        ),
        ("db", Service { volume: Some(Volume { path: "/data".to_owned(), size_gib: 10 }), ..service("a", &[]) }),
    ];
    let running = |service: Service| Running {
        release: ReleaseNo(1),
        version: service.version.clone(),
        replicas: service.replicas,
        service,
        restarts: 0,
    };
    Environment {
        key: bed.env.clone(),
        incarnation: 1,
        version: 1,
        phase: Phase::Live,
        platform: Ecs::platform_name(),
        revision: Digest::new("00"),
        clusters: BTreeMap::from([
            (ClusterName::new("a").unwrap(), cluster(3, json!({ "capacity": "ec2" }))),
            (ClusterName::new("b").unwrap(), cluster(1, json!({}))),
        ]),
        services: services.map(|(name, service)| (ServiceName::new(name).unwrap(), running(service))).into(),
        owner: UserId::new("U1"),
        created: Timestamp::UNIX_EPOCH,
        expiry: None,
        latest: None,
        volumes: VolumesAtEnd::Keep,
        uses: BTreeSet::new(),
        home: None,
        settings: spec(json!({ "zone": "example.com", "snapshot": false })),
        meter: None,
        opened_by: None,
        moved: None,
    }
}

/// How far a plan is.
#[derive(Default)]
struct Far {
    done: BTreeSet<StepId>,
    outputs: BTreeMap<Addr, Outputs>,
    ids: BTreeMap<Addr, PhysicalId>,
}

impl Far {
    fn lookup(&self, r: &Ref) -> Option<String> {
        self.outputs.get(&r.addr)?.get(&r.output).cloned()
    }

    fn may_run(&self, step: &Step) -> bool {
        let known = step.spec().is_none_or(|spec| spec.resolve(&|r| self.lookup(r)).is_ok());
        known && step.after.iter().all(|id| self.done.contains(id))
    }
}

/// Runs each step as soon as what it waits for is there, until all are done.
async fn run(bed: &Arc<Bed>, plan: &Plan, before: Far) -> Far {
    let (far, _) = watch::channel(before);
    let far = Arc::new(far);
    let mut steps = JoinSet::new();
    for step in plan.steps.clone() {
        let (bed, far) = (Arc::clone(bed), Arc::clone(&far));
        steps.spawn(async move {
            far.subscribe().wait_for(|far| far.may_run(&step)).await.unwrap();
            let seen = one(&bed, &step, &far).await;
            far.send_modify(|far| {
                far.done.insert(step.id);
                note(far, &step.addr, seen);
            });
        });
    }
    while let Some(ended) = steps.join_next().await {
        ended.unwrap();
    }
    far.send_replace(Far::default())
}

fn note(far: &mut Far, addr: &Addr, seen: Observed) {
    far.ids.extend(seen.id.map(|id| (addr.clone(), id)));
    far.outputs.entry(addr.clone()).or_default().extend(seen.outputs);
}

async fn one(bed: &Bed, step: &Step, far: &watch::Sender<Far>) -> Observed {
    let env = &bed.env;
    let mark = Mark {
        installation: installation(),
        project: env.project.clone(),
        incarnation: 1,
        addr: step.addr.clone(),
        generation: step.generation,
    };
    let spec = step.spec().map(|spec| spec.resolve(&|r| far.borrow().lookup(r)).unwrap());
    let token = Token::derive(OpId(1), &mark, spec.as_ref());
    let mut at = Handle { mark, kind: step.kind.clone(), id: far.borrow().ids.get(&step.addr).cloned() };
    let driver = bed.ecs.driver(&step.kind).unwrap_or_else(|| panic!("there is no driver of {}", step.kind));
    let began = Instant::now();
    // As the engine counts: from a reply that was lost, or a new id that was told.
    let mut unsure = None;
    loop {
        let since = |then: Instant| then.elapsed().mul_f64(bed.standin.scale());
        let (taken, tried) = (since(began), unsure.map(since));
        let asked = match (&step.action, &spec) {
            (Action::Delete { .. }, _) => driver.remove(&Remove { at: at.clone(), token: token.clone(), tried }).await,
            (_, Some(spec)) => {
                let (at, token, spec) = (at.clone(), token.clone(), spec.clone());
                driver.put(&Put { at, token, spec, replaces: None, tried, begun: taken }).await
            }
            _ => panic!("{} has no spec", step.addr),
        };
        assert!(taken < LONGEST, "{} ({}) isn't done after {taken:?}: {asked:?}", step.addr, step.kind);
        let wait = match asked {
            Ok(Progress::Done(seen)) => return seen,
            Ok(Progress::Pending { seen, again, .. }) => {
                if seen.id.is_some() && seen.id != at.id {
                    (at.id, unsure) = (seen.id.clone(), Some(Instant::now()));
                }
                far.send_modify(|far| note(far, &step.addr, seen));
                again
            }
            Ok(Progress::Reverted { why, .. }) => panic!("{} was reverted: {why}", step.addr),
            Err(ProviderError::Throttled { again }) => again,
            Err(error @ (ProviderError::NotYet(_) | ProviderError::Transient(_) | ProviderError::Conflict(_))) => {
                if matches!(error, ProviderError::Transient(_)) {
                    unsure = Some(Instant::now());
                }
                Duration::from_secs(5)
            }
            Err(error) => panic!("{} ({}): {error}", step.addr, step.kind),
        };
        bed.sleep(wait).await;
    }
}

/// What is there, as the engine would have written it down.
fn rows(desired: &Desired, far: &Far) -> Actual {
    let row = |addr: &Addr| {
        let resource = &desired.resources[addr];
        let refs = resource.spec.refs().into_iter();
        Row {
            kind: resource.kind.clone(),
            incarnation: 1,
            state: RowState::Live,
            id: far.ids.get(addr).cloned(),
            spec: resource.spec.clone(),
            resolved: refs.map(|r| (r.clone(), far.lookup(r).unwrap())).collect(),
            outputs: far.outputs.get(addr).cloned().unwrap_or_default(),
            by: OpId(1),
            known: None,
        }
    };
    let first = gantry_engine::address::Generation::FIRST;
    let rows = desired.resources.keys().map(|addr| ((addr.clone(), first), row(addr))).collect();
    Actual { rows, ..Actual::default() }
}

pub(crate) async fn desired(bed: &Bed, env: &Environment) -> Desired {
    let survey = bed.ecs.survey(env).await.expect("a survey");
    assert!(survey.findings.is_empty(), "{:?}", survey.findings);
    bed.ecs.lower(env, &survey.facts).unwrap_or_else(|found| panic!("{found}"))
}

fn steps(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(|step| step.addr.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_environment_is_made_as_it_is_lowered_and_taken_down_to_nothing() {
    let bed = Arc::new(Bed::new());
    let aws = bed.outside();
    aws.zone("example.com").await;
    aws.image("shop/mini", "1.0").await;
    aws.secret("shop/token").await;
    let env = environment(&bed);
    let scope = |remove_data| Scope { env: bed.env.env.clone(), components: None, addrs: None, remove_data };

    let wanted = desired(&bed, &env).await;
    let up = plan(&wanted, &Actual::default(), &AwsRules, &scope(false), Delta::default()).unwrap();
    let far = run(&bed, &up, Far::default()).await;
    let actual = rows(&wanted, &far);
    let running = bed.standin.state().iter().filter(|thing| thing.sort == "task" && !thing.gone).count();
    assert_eq!(running, 4, "a task of web and db, two of api");
    for (label, value) in &wanted.outputs {
        let spec = Spec::new().with("value", value.clone());
        assert!(spec.resolve(&|r| far.lookup(r)).is_ok(), "the output {label} isn't known");
    }
    assert!(far.outputs.values().all(|outputs| outputs.contains_key(&Output::new("id"))), "everything has an id");

    // The survey of what stands tells the same facts, so nothing is left to do.
    let again = desired(&bed, &env).await;
    let nothing = plan(&again, &actual, &AwsRules, &scope(false), Delta::default()).unwrap();
    assert_eq!(steps(&nothing), Vec::<String>::new());

    let down = plan(&Desired::default(), &actual, &AwsRules, &scope(true), Delta::default()).unwrap();
    run(&bed, &down, far).await;
    assert_eq!(bed.listed().await, Vec::<String>::new());
    let ours = |thing: &gantry_standin::Thing| thing.tags.contains_key("gantry:installation") && !thing.gone;
    let left: Vec<_> = bed.standin.state().into_iter().filter(ours).map(|thing| thing.id).collect();
    assert!(left.is_empty(), "{left:?}");
}
