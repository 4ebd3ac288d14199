//! One situation each.

use super::world::{addr, behind, built, carried_out, desired, everything, only, planned, resource, steps, to, waits};
use gantry_engine::plan::{Action, PlanError};
use gantry_engine::resource::{Actual, Desired, RowState};
use gantry_engine::value::Value;
use gantry_engine::value::When::{Known, Ready};

/// A network, a balancer on it, a service behind it.
fn stack(network: &str, size: i64) -> Desired {
    desired([
        ("net/main", resource("first", 1, network, &[])),
        ("web/balancer", resource("plain", 1, "red", &[to("net/main", Known)])),
        ("web/service", resource("plain", size, "red", &[to("web/balancer", Known), to("net/main", Ready)])),
    ])
}

#[test]
fn from_nothing_everything_is_made_in_the_order_of_need() {
    let plan = planned(&stack("red", 1), &Actual::default(), &everything()).unwrap();
    assert_eq!(steps(&plan), ["+net/main@g1", "+web/balancer@g1", "+web/service@g1"]);
    assert_eq!(waits(&plan, "+web/balancer@g1"), ["+net/main@g1?"], "the id is enough");
    assert_eq!(waits(&plan, "+web/service@g1"), ["+net/main@g1!", "+web/balancer@g1?"]);
}

#[test]
fn what_is_as_wanted_needs_nothing() {
    let all = stack("red", 1);
    let plan = planned(&all, &built(&all), &everything()).unwrap();
    assert!(plan.is_empty() && plan.drift.is_empty());
}

#[test]
fn a_change_in_place_names_its_fields_and_moves_nobody() {
    let plan = planned(&stack("red", 2), &built(&stack("red", 1)), &everything()).unwrap();
    assert_eq!(steps(&plan), ["~web/service@g1"]);
    let Action::Update { changes, .. } = &plan.steps[0].action else { panic!("it is a change") };
    assert_eq!(changes.iter().map(|change| change.field.as_str()).collect::<Vec<_>>(), ["size"]);
}

#[test]
fn create_first_makes_the_next_moves_dependents_and_then_removes() {
    let plan = planned(&stack("blue", 1), &built(&stack("red", 1)), &everything()).unwrap();
    assert_eq!(steps(&plan), ["+net/main@g2", "~web/balancer@g1", "~web/service@g1", "-net/main@g1"]);
    assert_eq!(waits(&plan, "~web/balancer@g1"), ["+net/main@g2?"]);
    assert_eq!(waits(&plan, "-net/main@g1"), ["+net/main@g2!", "~web/balancer@g1!", "~web/service@g1!"]);
}

#[test]
fn delete_first_removes_before_it_makes() {
    let disks = |colour| {
        desired([
            ("a/disk", resource("last", 1, colour, &[])),
            ("a/group", resource("plain", 1, "red", &[to("a/disk", Ready)])),
        ])
    };
    let plan = planned(&disks("blue"), &built(&disks("red")), &everything()).unwrap();
    assert_eq!(waits(&plan, "-a/disk@g1"), Vec::<String>::new());
    assert_eq!(waits(&plan, "+a/disk@g2"), ["-a/disk@g1!"]);
    assert_eq!(waits(&plan, "~a/group@g1"), ["+a/disk@g2!"]);
}

#[test]
fn a_dependent_that_is_made_first_doesnt_wait_for_itself_through_one_that_is_removed_first() {
    let all = |colour| {
        desired([
            ("a/disk", resource("last", 1, colour, &[])),
            ("a/certificate", resource("first", 1, colour, &[to("a/disk", Ready)])),
            ("a/group", resource("last", 1, colour, &[to("a/certificate", Ready)])),
        ])
    };
    let before = built(&all("red"));
    let plan = planned(&all("blue"), &before, &everything()).unwrap();
    let after = carried_out(&plan, &before);
    assert!(planned(&all("blue"), &after, &everything()).unwrap().is_empty());
}

#[test]
fn removals_go_from_the_leaves_to_the_roots() {
    let plan = planned(&Desired::default(), &built(&stack("red", 1)), &everything()).unwrap();
    assert_eq!(steps(&plan), ["-web/service@g1", "-web/balancer@g1", "-net/main@g1"]);
    assert_eq!(waits(&plan, "-net/main@g1"), ["-web/service@g1!", "-web/balancer@g1!"]);
}

#[test]
fn data_stays_unless_the_scope_says_otherwise() {
    let all = desired([("db/volume", resource("data", 1, "red", &[]))]);
    let kept = super::world::everything();
    let kept = gantry_engine::plan::Scope { remove_data: false, ..kept };
    assert!(planned(&Desired::default(), &built(&all), &kept).unwrap().is_empty());
    assert_eq!(steps(&planned(&Desired::default(), &built(&all), &everything()).unwrap()), ["-db/volume@g1"]);
}

#[test]
fn the_scope_brings_what_it_lacks_and_reports_the_rest() {
    let all = || {
        desired([
            ("net/main", resource("first", 1, "red", &[])),
            ("net/spare", resource("plain", 1, "red", &[])),
            ("web/service", resource("plain", 1, "red", &[to("net/main", Ready)])),
        ])
    };
    let plan = planned(&all(), &Actual::default(), &only(&["web"])).unwrap();
    assert_eq!(steps(&plan), ["+net/main@g1", "+web/service@g1"]);
    assert_eq!(behind(&plan), [addr("net/spare")]);
    // What is there but differs is drift, although the scope needs it.
    let mut changed = all();
    changed.resources.insert(addr("net/main"), resource("first", 7, "red", &[]));
    let plan = planned(&changed, &built(&all()), &only(&["web"])).unwrap();
    assert_eq!((steps(&plan), behind(&plan)), (vec![], vec![addr("net/main")]));
}

#[test]
fn bystanders_of_a_replacement_move_and_change_nothing_else() {
    let all = |colour, size| {
        desired([
            ("net/main", resource("first", 1, colour, &[])),
            ("web/service", resource("plain", size, "red", &[to("net/main", Ready)])),
        ])
    };
    let before = built(&all("red", 1));
    let plan = planned(&all("blue", 5), &before, &only(&["net"])).unwrap();
    assert_eq!(steps(&plan), ["+net/main@g2", "~web/service@g1", "-net/main@g1"]);
    let Action::Update { spec, changes } = &plan.steps[1].action else { panic!("it moves") };
    assert_eq!(spec.get("size").and_then(Value::as_int), Some(1), "its own drift isn't mended on the side");
    assert!(changes.is_empty(), "{changes:?}");
    assert_eq!(behind(&plan), [addr("web/service")]);
}

#[test]
fn what_somebody_outside_of_the_scope_holds_on_to_stays() {
    let before = built(&desired([
        ("net/old", resource("plain", 1, "red", &[])),
        ("web/service", resource("plain", 1, "red", &[to("net/old", Ready)])),
    ]));
    let after = desired([("web/service", resource("plain", 1, "red", &[]))]);
    let plan = planned(&after, &before, &only(&["net"])).unwrap();
    assert_eq!((steps(&plan), behind(&plan)), (vec![], vec![addr("net/old"), addr("web/service")]));
    assert_eq!(steps(&planned(&after, &before, &everything()).unwrap()), ["~web/service@g1", "-net/old@g1"]);
}

#[test]
fn another_environment_is_referred_to_and_never_touched() {
    let shared = desired([("base/net/main", resource("plain", 1, "red", &[]))]);
    let foreign = {
        let scope = gantry_engine::plan::Scope { env: "base".parse().unwrap(), ..everything() };
        carried_out(&planned(&shared, &Actual::default(), &scope).unwrap(), &Actual::default())
    };
    let own = desired([("web/service", resource("plain", 1, "red", &[to("base/net/main", Ready)]))]);
    let plan = planned(&own, &foreign, &everything()).unwrap();
    assert_eq!(steps(&plan), ["+web/service@g1"]);
    assert!(plan.base.contains_key(&addr("base/net/main")), "a plan is void when what it refers to moves on");
    let both = carried_out(&plan, &foreign);
    assert_eq!(steps(&planned(&Desired::default(), &both, &everything()).unwrap()), ["-web/service@g1"]);
}

#[test]
fn what_was_begun_is_begun_again_and_what_was_going_goes() {
    let all = stack("red", 1);
    let state = |at: &str, state, id: bool| {
        let mut actual = built(&all);
        for ((a, _), row) in &mut actual.rows {
            if *a == addr(at) {
                row.state = state;
                row.id = row.id.take().filter(|_| id);
            }
        }
        steps(&planned(&all, &actual, &everything()).unwrap())
    };
    assert_eq!(state("web/service", RowState::Unsettled, false), ["+web/service@g1"], "nobody knows: the same again");
    assert_eq!(state("web/service", RowState::Unsettled, true), ["~web/service@g1"], "it is there: brought on");
    let deleting = state("web/service", RowState::Deleting, true);
    assert_eq!(deleting, ["-web/service@g1", "+web/service@g2"], "gone first, then a new life");
}

#[test]
fn an_older_life_that_was_left_is_cleared_away() {
    let all = stack("red", 1);
    let mut actual = built(&all);
    let row = actual.rows[&(addr("net/main"), gantry_engine::address::Generation(1))].clone();
    actual.rows.insert((addr("net/main"), gantry_engine::address::Generation(2)), row);
    let plan = planned(&all, &actual, &everything()).unwrap();
    assert_eq!(steps(&plan), ["-net/main@g1"]);
}

#[test]
fn references_to_nothing_are_refused() {
    let all = desired([("web/service", resource("plain", 1, "red", &[to("net/main", Ready)]))]);
    let refused = planned(&all, &Actual::default(), &everything());
    assert_eq!(refused, Err(PlanError::Dangling { from: addr("web/service"), to: addr("net/main") }));
    // What is there, but nobody wants any more, goes with this very plan.
    let there = built(&desired([("net/main", resource("plain", 1, "red", &[]))]));
    let refused = planned(&all, &there, &everything());
    assert_eq!(refused, Err(PlanError::Dangling { from: addr("web/service"), to: addr("net/main") }));
}

#[test]
fn circles_are_refused_and_named() {
    let all = desired([
        ("a/x", resource("plain", 1, "red", &[to("a/y", Ready)])),
        ("a/y", resource("plain", 1, "red", &[to("a/z", Known)])),
        ("a/z", resource("plain", 1, "red", &[to("a/x", Ready)])),
        ("a/free", resource("plain", 1, "red", &[])),
    ]);
    let error = planned(&all, &Actual::default(), &everything()).unwrap_err();
    assert_eq!(error.to_string(), "dev/a/x, dev/a/y, dev/a/z wait for each other; take one of the references away");
    let own = desired([("a/x", resource("plain", 1, "red", &[to("a/x", Ready)]))]);
    assert!(matches!(planned(&own, &Actual::default(), &everything()), Err(PlanError::Cycle(_))));
}

#[test]
fn a_plan_of_ten_thousand_resources_has_ten_thousand_steps_and_no_more_edges_than_needs() {
    let names: Vec<&'static str> =
        (0..10_000).map(|n| &*Box::leak(format!("c{}/r{n}", n / 100).into_boxed_str())).collect();
    let all = desired(names.iter().enumerate().map(|(n, name)| {
        let needs = if n >= 100 { vec![to(names[n - 100], Ready)] } else { Vec::new() };
        (*name, resource("first", 1, "red", &needs))
    }));
    let plan = planned(&all, &Actual::default(), &everything()).unwrap();
    assert_eq!(plan.steps.len(), 10_000);
    assert_eq!(plan.steps.iter().map(|step| step.after.len() + step.after_known.len()).sum::<usize>(), 9_900);
    assert_eq!(plan.base.len(), 10_000);
}
