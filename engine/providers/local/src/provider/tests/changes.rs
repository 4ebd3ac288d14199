//! How an environment gets from one record to the next, through the engine's own planner.

use super::sample::{cluster, environment, with};
use crate::provider::kinds;
use crate::provider::lower::lower;
use crate::provider::rules::LocalRules;
use gantry_engine::address::{Addr, Generation, Kind};
use gantry_engine::environment::{Delta, Environment};
use gantry_engine::names::OpId;
use gantry_engine::plan::{Action, Plan, Rules, Scope, plan};
use gantry_engine::provider::Facts;
use gantry_engine::resource::{Actual, Desired, PhysicalId, Row, RowState};
use gantry_engine::value::{Output, Outputs};
use std::collections::BTreeMap;

fn lowered(env: &Environment) -> Desired {
    lower(env, &Facts::default()).unwrap()
}

/// Everything as it is after a plan for `desired` was carried out.
fn standing(desired: &Desired) -> Actual {
    let outputs = |addr: &Addr| -> Outputs {
        let names = ["id", "address", "host", "port", "url", "server"];
        names.into_iter().map(|name| (Output::named(name), format!("<{addr}.{name}>"))).collect()
    };
    let row = |(addr, resource): (&Addr, &gantry_engine::resource::Resource)| {
        let refs = resource.spec.refs().into_iter();
        let resolved = refs.map(|r| (r.clone(), outputs(&r.addr)[&r.output].clone())).collect();
        let row = Row {
            kind: resource.kind.clone(),
            incarnation: 1,
            state: RowState::Live,
            id: Some(PhysicalId(addr.to_string())),
            spec: resource.spec.clone(),
            resolved,
            outputs: outputs(addr),
            by: OpId(1),
            known: None,
        };
        ((addr.clone(), Generation::FIRST), row)
    };
    Actual { rows: desired.resources.iter().map(row).collect(), ..Actual::default() }
}

fn whole(remove_data: bool) -> Scope {
    Scope { env: environment().key.env, components: None, addrs: None, remove_data }
}

fn change(from: &Environment, to: &Environment) -> Plan {
    let actual = standing(&lowered(from));
    plan(&lowered(to), &actual, &LocalRules, &whole(false), Delta::default()).unwrap()
}

/// One line per step: what, where, which fields, after which.
fn show(plan: &Plan) -> String {
    let line = |step: &gantry_engine::plan::Step| {
        let what = match &step.action {
            Action::Create { .. } => "create".to_owned(),
            Action::Update { changes, .. } => {
                let fields: Vec<&str> = changes.iter().map(|change| change.field.as_str()).collect();
                format!("update({})", fields.join(" "))
            }
            Action::Delete { .. } => "delete".to_owned(),
        };
        format!("{} {what} {}@{}", step.id, step.addr, step.generation)
    };
    plan.steps.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_first_deploy_makes_what_is_needed_first() {
    let plan = plan(&lowered(&environment()), &Actual::default(), &LocalRules, &whole(false), Delta::default());
    let plan = plan.unwrap();
    let at: BTreeMap<String, usize> =
        plan.steps.iter().enumerate().map(|(at, step)| (step.addr.to_string(), at)).collect();
    for order in [
        ["dev/network/zone", "dev/web/public-record", "dev/web/public-record"],
        ["dev/cluster-a/node-1", "dev/db/service", "dev/api/service"],
        ["dev/cluster-b/node-2", "dev/cluster-b/nodes", "dev/api/service"],
        ["dev/db/volume", "dev/db/service", "dev/api/service"],
        ["dev/api/balancer", "dev/api/service", "dev/web/service"],
        ["dev/web/balancer", "dev/web/service", "dev/web/route"],
    ] {
        assert!(order.is_sorted_by_key(|addr| at[*addr]), "{order:?} in {}", show(&plan));
    }
    assert!(change(&environment(), &environment()).is_empty(), "and nothing remains to be done");
}

#[test]
fn changes_are_made_in_place_where_they_can_be() {
    let before = environment();
    let to = |name, apply: fn(&mut gantry_engine::environment::Running)| show(&change(&before, &with(name, apply)));
    insta::assert_snapshot!(to("api", |api| api.replicas = 5), @r"
    0 create dev/cluster-b/node-3@g1
    1 update(after data.txt) dev/cluster-b/nodes@g1
    2 update(replicas) dev/api/service@g1
    ");
    insta::assert_snapshot!(to("api", |api| api.replicas = 1), @r"
    0 update(after data.txt) dev/cluster-b/nodes@g1
    1 update(replicas) dev/api/service@g1
    2 delete dev/cluster-b/node-2@g1
    ");
    insta::assert_snapshot!(to("web", |web| web.version = gantry_engine::names::Version::new("2")), @"0 update(task.version) dev/web/service@g1");
    insta::assert_snapshot!(to("web", |web| web.restarts = 1), @"0 update(task.env.GANTRY_RESTART) dev/web/service@g1");
    insta::assert_snapshot!(to("web", |web| web.service.host = Some("shop".to_owned())), @r"
    0 create dev/web/public-record@g2
    1 create dev/web/route@g2
    2 delete dev/web/route@g1
    3 delete dev/web/public-record@g1
    ");
    insta::assert_snapshot!(to("web", |web| web.service.host = None), @r"
    0 delete dev/web/public-record@g1
    1 delete dev/web/route@g1
    ");
}

#[test]
fn another_node_size_is_another_node() {
    let mut env = environment();
    env.clusters.get_mut(&cluster("a")).unwrap().node.cpu_millis = 2000;
    insta::assert_snapshot!(show(&change(&environment(), &env)), @r"
    0 create dev/cluster-a/node-1@g2
    1 update() dev/cluster-a/nodes@g1
    2 delete dev/cluster-a/node-1@g1
    ");
}

#[test]
fn a_teardown_leaves_volumes_unless_told() {
    let actual = standing(&lowered(&environment()));
    let gone =
        |remove_data| plan(&Desired::default(), &actual, &LocalRules, &whole(remove_data), Delta::default()).unwrap();
    let volume = |plan: &Plan| plan.steps.iter().any(|step| step.addr.to_string() == "dev/db/volume");
    assert!(!volume(&gone(false)) && volume(&gone(true)));
    assert_eq!(gone(true).steps.len(), actual.rows.len());
    let holding: Vec<_> =
        kinds::ALL.iter().map(|object| object.kind()).filter(|kind| LocalRules.holds_data(kind)).collect();
    assert_eq!(holding, [Kind::new("local.volume")]);
}
