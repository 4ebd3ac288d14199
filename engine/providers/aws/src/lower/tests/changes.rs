//! What a plan makes of what was lowered: from nothing, of a change, and down again.

use super::sample::{Sample, mini_soa, service};
use crate::kinds::{AwsRules, outputs};
use gantry_engine::address::Generation;
use gantry_engine::environment::{Delta, ReleaseNo};
use gantry_engine::names::{Component, OpId};
use gantry_engine::plan::{Action, Plan, Scope, plan};
use gantry_engine::resource::{Actual, Desired, PhysicalId, Row, RowState};
use gantry_engine::value::Value;
use std::collections::{BTreeMap, BTreeSet};

/// As if all of it had been made.
fn made(desired: &Desired) -> Actual {
    let mut actual = Actual::default();
    for (addr, resource) in &desired.resources {
        let given = outputs(&resource.kind).iter().map(|output| (output.clone(), format!("{addr}.{output}"))).collect();
        let row = Row {
            kind: resource.kind.clone(),
            incarnation: 1,
            state: RowState::Live,
            id: Some(PhysicalId(addr.to_string())),
            spec: resource.spec.clone(),
            resolved: BTreeMap::new(),
            outputs: given,
            by: OpId(1),
            known: None,
        };
        actual.rows.insert((addr.clone(), Generation::FIRST), row);
    }
    let refs: Vec<_> = actual
        .rows
        .iter()
        .map(|(key, row)| (key.clone(), row.spec.refs().into_iter().cloned().collect::<Vec<_>>()))
        .collect();
    for (key, refs) in refs {
        let resolved = refs.into_iter().map(|r| (r.clone(), actual.lookup(&r).unwrap())).collect();
        actual.rows.get_mut(&key).unwrap().resolved = resolved;
    }
    actual
}

fn planned(sample: &Sample, actual: &Actual, components: Option<&[&str]>) -> Plan {
    let components = components.map(|all| all.iter().map(|name| Component::new(name).unwrap()).collect());
    let scope = Scope { env: sample.env.key.env.clone(), components, addrs: None, remove_data: false };
    plan(&sample.lower(), actual, &AwsRules, &scope, Delta::default()).unwrap()
}

fn steps(plan: &Plan) -> Vec<String> {
    let word = |action: &Action| match action {
        Action::Create { .. } => "create",
        Action::Update { .. } => "update",
        Action::Delete { .. } => "delete",
    };
    plan.steps.iter().map(|step| format!("{} {}/{}", word(&step.action), step.addr.component, step.addr.part)).collect()
}

#[test]
fn a_deploy_of_everything_makes_everything() {
    let sample = mini_soa();
    let all = planned(&sample, &Actual::default(), None);
    assert_eq!(all.steps.len(), sample.lower().resources.len());
    let deploy =
        planned(&sample, &Actual::default(), Some(&["web", "api", "db", "slackbot", "cluster-a", "cluster-b"]));
    assert_eq!(deploy.steps.len(), all.steps.len(), "what the services need comes with them");
}

#[test]
fn the_same_again_is_nothing() {
    for (what, sample) in super::sample::all() {
        let actual = made(&sample.lower());
        assert_eq!(steps(&planned(&sample, &actual, None)), Vec::<String>::new(), "{what}");
    }
}

#[test]
fn a_scale_is_one_step() {
    let actual = made(&mini_soa().lower());
    let more = mini_soa().with("api", |api| api.replicas = 5);
    assert_eq!(steps(&planned(&more, &actual, None)), ["update api/service"]);
    let again = mini_soa().with("api", |api| api.restarts = 1);
    assert_eq!(steps(&planned(&again, &actual, None)), ["update api/service"]);
}

#[test]
fn a_deploy_touches_the_task_definition_and_the_service() {
    let actual = made(&mini_soa().lower());
    let mut next = mini_soa().with("api", |api| api.release = ReleaseNo(2));
    let image = next.found.images.get_mut(&service("api")).unwrap();
    *image = image.replace("0123", "4567");
    assert_eq!(steps(&planned(&next, &actual, None)), ["create api/task-2", "update api/service", "delete api/task-1"]);
}

#[test]
fn a_new_public_service_leaves_the_others_alone() {
    let before = mini_soa().without("slackbot");
    let plan = planned(&mini_soa(), &made(&before.lower()), Some(&["slackbot", "cluster-b"]));
    let touched: BTreeSet<&str> = plan.steps.iter().map(|step| step.addr.component.as_str()).collect();
    assert_eq!(touched, BTreeSet::from(["slackbot"]), "{:?}", steps(&plan));
}

#[test]
fn a_volume_that_comes_later_brings_its_machine_into_the_cluster() {
    let before = mini_soa().without("db").without("api").without("web").without("slackbot");
    let before =
        Sample { env: gantry_engine::environment::Environment { services: BTreeMap::new(), ..before.env }, ..before };
    let only_db = mini_soa().without("api").without("web").without("slackbot");
    let plan = planned(&only_db, &made(&before.lower()), Some(&["db", "cluster-a"]));
    let all = steps(&plan);
    let at = |step: &str| all.iter().position(|other| other == step).unwrap_or_else(|| panic!("no {step} in {all:?}"));
    assert!(at("create db/provider") < at("update cluster-a/capacity"));
    assert!(at("update cluster-a/capacity") < at("create db/service"));
}

#[test]
fn the_end_takes_all_but_the_data() {
    let sample = mini_soa();
    let actual = made(&sample.lower());
    let end = |remove_data| {
        let scope = Scope { env: sample.env.key.env.clone(), components: None, addrs: None, remove_data };
        steps(&plan(&Desired::default(), &actual, &AwsRules, &scope, Delta::default()).unwrap())
    };
    let kept = end(false);
    assert_eq!(kept.len() + 1, actual.rows.len());
    assert!(!kept.contains(&"delete db/volume".to_owned()));
    let all = end(true);
    let at = |step: &str| all.iter().position(|other| other == step).unwrap_or_else(|| panic!("no {step}"));
    // Each of these is refused by AWS the other way round.
    for (first, then) in [
        ("web/service", "api/service"),
        ("db/service", "cluster-a/capacity"),
        ("cluster-a/capacity", "db/provider"),
        ("db/provider", "db/nodes"),
        ("db/nodes", "db/volume"),
        ("cluster-a/nodes", "cluster-a/cluster"),
        ("web/rule", "web/targets"),
        ("web/service", "web/rule"),
        ("edge/https", "edge/certificate"),
        ("web/from-edge", "edge/group"),
        ("edge/balancer", "network/gateway"),
        ("network/nat", "network/nat-address"),
        ("network/nat", "network/gateway"),
        ("api/discovery", "network/namespace"),
        ("cluster-a/profile", "cluster-a/role"),
        ("web/service", "web/task-1"),
        ("network/namespace", "network/vpc"),
    ] {
        assert!(at(&format!("delete {first}")) < at(&format!("delete {then}")), "{first} before {then}");
    }
}

#[test]
fn a_listener_does_not_wait_for_the_load_balancer() {
    let plan = planned(&mini_soa(), &Actual::default(), None);
    let by_name = |name: &str| {
        plan.steps.iter().find(|step| format!("{}/{}", step.addr.component, step.addr.part) == name).unwrap()
    };
    let balancer = by_name("edge/balancer").id;
    for early in ["edge/http", "edge/https", "web/record"] {
        let step = by_name(early);
        assert!(step.after_known.contains(&balancer) && !step.after.contains(&balancer), "{early}");
    }
    let certificate = by_name("edge/certificate").id;
    assert!(by_name("edge/certificate-record").after_known.contains(&certificate));
    assert!(by_name("edge/https").after.contains(&certificate));
}

#[test]
fn priorities_stay_when_others_come_and_go() {
    let priority = |sample: &Sample, name: &str| {
        let desired = sample.lower();
        super::sample::at(&desired, &format!("{name}/rule")).spec.get("priority").and_then(Value::as_int).unwrap()
    };
    let alone = mini_soa().without("web").without("slackbot");
    assert_eq!(priority(&mini_soa(), "api"), priority(&alone, "api"));
    let all: BTreeSet<i64> = ["web", "api", "slackbot"].map(|name| priority(&mini_soa(), name)).into();
    assert!(all.len() == 3 && all.iter().all(|at| (1..=50_000).contains(at)), "{all:?}");
}
