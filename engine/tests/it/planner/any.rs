//! What holds for any two sets of resources.

use super::world::{ByName, ID, addr, built, carried_out, everything, only, planned};
use gantry_engine::address::{Addr, Kind};
use gantry_engine::plan::{Action, Plan};
use gantry_engine::resource::{Actual, Desired, Resource, Row, RowState};
use gantry_engine::value::{Ref, Spec, Value, When};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

const KINDS: [&str; 4] = ["plain", "first", "last", "data"];

/// One resource in the raw: whether it is there, its kind, its size, its colour, what it refers to.
type Raw = (bool, usize, i64, u8, Vec<(usize, bool)>);

fn raw() -> impl Strategy<Value = Raw> {
    let needs = vec((0_usize..12, any::<bool>()), 0..4);
    (prop::bool::weighted(0.8), 0_usize..4, 1_i64..3, 0_u8..2, needs)
}

/// Up to twelve resources. `rank` orders them: each refers only to ones of a lower rank, so there are no circles; two
/// sets with other ranks turn references round.
fn resources(raws: &[Raw], rank: &[usize]) -> Desired {
    let at = |n: usize| addr(&format!("c{}/r{n}", n % 3));
    let there = |n: usize| raws.get(n).is_some_and(|raw| raw.0);
    let mut resources = BTreeMap::new();
    for (n, (_, kind, size, colour, needs)) in raws.iter().enumerate().filter(|(n, _)| there(*n)) {
        let mut spec = Spec::new().with("size", *size).with("colour", i64::from(*colour));
        for (to, known) in needs.iter().filter(|(to, _)| there(*to) && rank[*to] < rank[n]) {
            let when = if *known { When::Known } else { When::Ready };
            spec = spec.with(&format!("needs-{to}"), Value::Ref(Ref { addr: at(*to), output: ID, when }));
        }
        // The kind stays with the address, as lowering has it, but for one in a while.
        resources.insert(at(n), Resource { kind: Kind::new(KINDS[(n + kind / 3) % 4]), spec });
    }
    Desired { resources, outputs: BTreeMap::new() }
}

/// Resources, shown a line each.
#[derive(Clone)]
struct Set(Desired);

impl fmt::Debug for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (addr, resource) in &self.0.resources {
            write!(f, "\n    {addr} {} {}", resource.kind, Value::Map(resource.spec.clone()))?;
        }
        Ok(())
    }
}

fn set() -> impl Strategy<Value = Set> {
    (vec(raw(), 1..12), Just((0..12).collect::<Vec<usize>>()).prop_shuffle())
        .prop_map(|(raws, rank)| Set(resources(&raws, &rank)))
}

/// A set and a changed one, with the same order or another.
fn change() -> impl Strategy<Value = (Set, Set)> {
    let ranks = || Just((0..12).collect::<Vec<usize>>()).prop_shuffle();
    (vec(raw(), 1..12), vec(raw(), 1..12), ranks(), ranks(), any::<bool>()).prop_map(
        |(one, other, rank, turned, turn)| {
            (Set(resources(&one, &rank)), Set(resources(&other, if turn { &turned } else { &rank })))
        },
    )
}

/// Some rows as an operation that was ended may leave them.
fn unsettle(actual: &mut Actual, how: &[u8]) {
    for ((_, row), how) in actual.rows.iter_mut().zip(how.iter().cycle()) {
        match how {
            0 => row.state = RowState::Unsettled,
            1 => {
                row.state = RowState::Unsettled;
                row.id = None;
                row.outputs.clear();
            }
            2 => row.state = RowState::Deleting,
            _ => {}
        }
    }
}

/// Each step comes after those that it waits for, so a plan has no circle.
fn in_order(plan: &Plan) -> Result<(), TestCaseError> {
    for (at, step) in plan.steps.iter().enumerate() {
        prop_assert_eq!(step.id.0 as usize, at);
        for id in step.after.iter().chain(&step.after_known) {
            prop_assert!(id < &step.id, "{} waits for {}", step.id, id);
        }
    }
    Ok(())
}

/// Nothing is removed while something that stays, or that goes too, still refers to it - unless it has to go first.
fn dependents_first(plan: &Plan, actual: &Actual) -> Result<(), TestCaseError> {
    let reached: Vec<BTreeSet<u32>> = plan.steps.iter().fold(Vec::new(), |mut all, step| {
        let mut before = BTreeSet::new();
        for id in step.after.iter().chain(&step.after_known) {
            before.insert(id.0);
            before.extend(all[id.0 as usize].iter().copied());
        }
        all.push(before);
        all
    });
    for gone in &plan.steps {
        let Action::Delete { replaced_by } = &gone.action else { continue };
        let makes_room = plan.steps.iter().any(|step| {
            step.addr == gone.addr
                && Some(step.generation) == *replaced_by
                && reached[step.id.0 as usize].contains(&gone.id.0)
        });
        if makes_room {
            continue;
        }
        for ((addr, generation), row) in &actual.rows {
            let refers = row.spec.refs().iter().any(|r| r.addr == gone.addr);
            let newest = actual.newest(&gone.addr).is_some_and(|(newest, _)| newest == gone.generation);
            if !refers || !newest || addr == &gone.addr {
                continue;
            }
            let touched: Vec<_> = plan.steps.iter().filter(|step| &step.addr == addr).collect();
            let lets_go = |id: u32| {
                touched.iter().any(|step| step.id.0 == id && (step.generation == *generation || step.spec().is_some()))
            };
            let waits = reached[gone.id.0 as usize].iter().any(|id| lets_go(*id));
            // It may be that who holds on waits for what can only be made once this is gone.
            let circle = touched.iter().any(|step| reached[step.id.0 as usize].contains(&gone.id.0));
            prop_assert!(touched.is_empty() || waits || circle, "{} goes while {} holds on to it", gone.addr, addr);
        }
    }
    Ok(())
}

fn addrs(actual: &Actual) -> BTreeSet<&Addr> {
    actual.rows.keys().map(|(addr, _)| addr).collect()
}

fn live(row: &Row) -> bool {
    row.state == RowState::Live
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_that_was_carried_out_leaves_nothing_to_do((Set(before), Set(after)) in change()) {
        let actual = built(&before);
        let plan = planned(&after, &actual, &everything()).unwrap();
        in_order(&plan)?;
        dependents_first(&plan, &actual)?;
        let reached = carried_out(&plan, &actual);
        prop_assert_eq!(addrs(&reached), after.resources.keys().collect::<BTreeSet<_>>());
        prop_assert_eq!(reached.rows.len(), after.resources.len(), "one life each");
        let rest = planned(&after, &reached, &everything()).unwrap();
        prop_assert!(rest.is_empty() && rest.drift.is_empty(), "still to do: {:?}", super::world::steps(&rest));
    }

    #[test]
    fn whatever_was_left_on_its_way_is_mended((Set(before), Set(after)) in change(), how in vec(0_u8..6, 1..12)) {
        let mut actual = built(&before);
        unsettle(&mut actual, &how);
        let plan = planned(&after, &actual, &everything()).unwrap();
        in_order(&plan)?;
        let reached = carried_out(&plan, &actual);
        prop_assert!(reached.rows.values().all(live));
        let rest = planned(&after, &reached, &everything()).unwrap();
        prop_assert!(rest.is_empty(), "still to do: {:?}", super::world::steps(&rest));
    }

    #[test]
    fn a_scope_is_kept_and_what_it_wants_is_reached((Set(before), Set(after)) in change()) {
        let actual = built(&before);
        let scope = only(&["c0"]);
        // A reference to what this scope leaves standing, though nobody wants it, is fine or refused; never half done.
        let Ok(plan) = planned(&after, &actual, &scope) else { return Ok(()) };
        in_order(&plan)?;
        let reached = carried_out(&plan, &actual);
        for (addr, resource) in after.resources.iter().filter(|(addr, _)| addr.component.as_str() == "c0") {
            let (_, row) = reached.newest(addr).expect("it was brought");
            prop_assert_eq!(&row.spec, &resource.spec);
            for r in row.spec.refs() {
                prop_assert_eq!(row.resolved.get(r).cloned(), reached.lookup(r), "{} is stale in {}", r, addr);
            }
        }
        for step in plan.steps.iter().filter(|step| matches!(step.action, Action::Delete { replaced_by: None })) {
            prop_assert_eq!(step.addr.component.as_str(), "c0");
        }
        for row in reached.rows.values() {
            for r in row.spec.refs() {
                prop_assert!(row.resolved.contains_key(r));
            }
        }
    }

    #[test]
    fn the_digest_is_a_function_of_content_alone((Set(before), Set(after)) in change()) {
        let actual = built(&before);
        let plan = planned(&after, &actual, &everything()).unwrap();
        let text = serde_json::to_string(&plan).unwrap();
        let read: Plan = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&read, &plan);
        prop_assert_eq!(read.digest(), plan.digest());
        // Whatever changes a step changes the digest.
        let mut other = plan.clone();
        if let Some(step) = other.steps.first_mut() {
            step.generation = step.generation.next();
            prop_assert_ne!(other.digest(), plan.digest());
        }
    }

    #[test]
    fn a_teardown_takes_everything_but_data(Set(before) in set()) {
        let actual = built(&before);
        let kept = gantry_engine::plan::Scope { remove_data: false, ..everything() };
        let plan = planned(&Desired::default(), &actual, &kept).unwrap();
        in_order(&plan)?;
        let reached = carried_out(&plan, &actual);
        let data = |row: &Row| gantry_engine::plan::Rules::holds_data(&ByName, &row.kind);
        prop_assert_eq!(reached.rows.len(), actual.rows.values().filter(|row| data(row)).count());
        prop_assert!(reached.rows.values().all(data));
    }
}
