//! What somebody changed outside: the services of an environment against our rows. A few calls tell; other kinds aren't
//! looked at, but for task definitions that a service was taken off.
//!
//! Managed fields only: the number of tasks and the task definition. Where something else scales a service, its number
//! isn't drift.

use crate::drivers::service::by_arn;
use crate::drivers::task_definition::described;
use crate::drivers::{Aws, Place, Result, autoscaled};
use crate::kinds::{Service, Shape, TaskDefinition};
use aws_sdk_ecs::types::{Service as Wire, TaskDefinitionStatus};
use gantry_engine::address::Addr;
use gantry_engine::ports::{Drift, Drifted};
use gantry_engine::resource::{Actual, Row, RowState};
use std::collections::{BTreeMap, BTreeSet};

/// The spec's field for the number of tasks.
const DESIRED: &str = "desired";
/// The spec's field for the task definition.
const TASK: &str = "task";

/// The services that stand, against how they are.
pub(crate) async fn drift(aws: &Aws, actual: &Actual) -> Result<Vec<Drift>> {
    let place = Place::of(aws);
    let mut by_cluster: BTreeMap<String, Vec<(Addr, String, Service)>> = BTreeMap::new();
    for ((addr, _), row) in &actual.rows {
        if row.kind != Service::KIND || row.state != RowState::Live {
            continue;
        }
        let (Some(id), Some(spec)) = (&row.id, wanted(row)) else { continue };
        let arn = place.own(id)?.0;
        by_cluster.entry(spec.cluster.clone()).or_default().push((addr.clone(), arn, spec));
    }
    let mut found = Vec::new();
    for (cluster, services) in by_cluster {
        let arns = services.iter().map(|(_, arn, _)| arn.clone()).collect();
        let there = by_arn(aws, &cluster, arns).await?;
        for (addr, arn, spec) in services {
            let seen = there.iter().find(|one| one.service_arn() == Some(&arn));
            found.extend(compared(&addr, seen, &spec).into_iter().map(|drift| (arn.clone(), drift)));
        }
    }
    let mut found = without_autoscaled(aws, found).await?;
    found.extend(deregistered(aws, actual, &found).await?);
    Ok(found)
}

/// Our task definitions that services were taken off, and that are deregistered since: tools that deploy a copy of a task
/// definition often do that to the one before. ECS starts nothing new from such a one, so it has to be made again before
/// a service can have it back.
async fn deregistered(aws: &Aws, actual: &Actual, found: &[Drift]) -> Result<Vec<Drift>> {
    let taken_off: BTreeSet<&str> = found.iter().filter_map(|drift| field(drift, TASK)).collect();
    let mut gone = Vec::new();
    for ((addr, _), row) in &actual.rows {
        let arn = row.id.as_ref().map(|id| id.0.as_str()).filter(|arn| taken_off.contains(arn));
        let Some(arn) = arn.filter(|_| row.kind == TaskDefinition::KIND && row.state == RowState::Live) else {
            continue;
        };
        let seen = described(aws, arn).await?;
        if seen.is_none_or(|(seen, _)| seen.status() != Some(&TaskDefinitionStatus::Active)) {
            gone.push(Drift { addr: addr.clone(), how: Drifted::Gone });
        }
    }
    Ok(gone)
}

/// What we want of a field, where that is what differs.
fn field<'d>(drift: &'d Drift, name: &str) -> Option<&'d str> {
    match &drift.how {
        Drifted::Field { field, ours, .. } if field == name => Some(ours),
        _ => None,
    }
}

/// The same without the numbers of tasks that are somebody else's to say. Asks only where a number differs.
async fn without_autoscaled(aws: &Aws, mut found: Vec<(String, Drift)>) -> Result<Vec<Drift>> {
    let is_number = |drift: &Drift| field(drift, DESIRED).is_some();
    let arns: Vec<&str> = found.iter().filter(|(_, drift)| is_number(drift)).map(|(arn, _)| arn.as_str()).collect();
    let scaled = autoscaled::of(aws, &arns).await?;
    found.retain(|(arn, drift)| !(is_number(drift) && scaled.contains(arn)));
    Ok(found.into_iter().map(|(_, drift)| drift).collect())
}

/// The spec that was applied last, references as they were then.
fn wanted(row: &Row) -> Option<Service> {
    let spec = row.spec.resolve(&|reference| row.resolved.get(reference).cloned()).ok()?;
    Service::read(&spec).ok()
}

fn compared(addr: &Addr, seen: Option<&Wire>, spec: &Service) -> Vec<Drift> {
    let drift = |how| Drift { addr: addr.clone(), how };
    let Some(seen) = seen.filter(|seen| seen.status() == Some("ACTIVE")) else { return vec![drift(Drifted::Gone)] };
    let field = |field: &str, ours: &str, theirs: &str| {
        let how = Drifted::Field { field: field.to_owned(), ours: ours.to_owned(), theirs: theirs.to_owned() };
        (ours != theirs).then(|| drift(how))
    };
    let (desired, theirs) = (spec.desired.to_string(), seen.desired_count().to_string());
    let task = field(TASK, &spec.task, seen.task_definition().unwrap_or_default());
    task.into_iter().chain(field(DESIRED, &desired, &theirs)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use gantry_engine::names::EnvName;

    fn spec() -> Service {
        let json = serde_json::json!({
            "cluster": "c", "task": "arn:task:1", "desired": 2, "launch": "fargate", "subnets": [], "groups": [],
            "min_percent": 100, "max_percent": 200, "grace": 0, "deadline": 60, "release": 1, "version": "1",
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn only_what_we_manage_is_compared() {
        let addr = Addr::new(&EnvName::new("staging").unwrap(), "web", "service").unwrap();
        let seen = |status: &str, task: &str, desired: i32| {
            Wire::builder().status(status).task_definition(task).desired_count(desired).running_count(0).build()
        };
        let how = |seen: Option<&Wire>| -> Vec<Drifted> {
            compared(&addr, seen, &spec()).into_iter().map(|drift| drift.how).collect()
        };
        assert_eq!(how(Some(&seen("ACTIVE", "arn:task:1", 2))), []);
        for gone in [None, Some(&seen("INACTIVE", "arn:task:1", 2)), Some(&seen("DRAINING", "arn:task:1", 0))] {
            assert_eq!(how(gone), [Drifted::Gone]);
        }
        let fields = how(Some(&seen("ACTIVE", "arn:task:2", 5)));
        let shown = fields.iter().map(|how| match how {
            Drifted::Field { field, ours, theirs } => format!("{field}: {ours} -> {theirs}"),
            other => format!("{other:?}"),
        });
        assert_eq!(shown.collect::<Vec<_>>(), ["task: arn:task:1 -> arn:task:2", "desired: 2 -> 5"]);
    }
}
