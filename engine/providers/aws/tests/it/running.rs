//! What runs, what it wrote, how it is ended, and what somebody changed outside.

use crate::bed::{own_id, value};
use crate::ground::{Ground, done};
use gantry_engine::address::{Addr, Generation};
use gantry_engine::environment::Environment;
use gantry_engine::names::{OpId, PlatformName, ServiceName};
use gantry_engine::ports::{Drifted, Platform};
use gantry_engine::provider::{Killed, LogQuery, Observed, ProviderError, TaskHealth};
use gantry_engine::resource::{Actual, Row, RowState};
use gantry_engine::value::Value;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

/// The service that the bed's component is called after.
const SERVICE: &str = "test";

fn query(lines: usize, since: Option<Timestamp>) -> LogQuery {
    LogQuery { service: ServiceName::new(SERVICE).expect("a name"), since, lines }
}

#[tokio::test]
async fn tasks_are_shown_with_their_health_and_replaced_when_killed() {
    let ground = Ground::with_balancer().await;
    let bed = &ground.bed;
    let task = ground.release(1, "1.4").await;
    done(ground.roll(ground.service(&task, 2), 1).await);
    let live = bed.ecs.live(&bed.env).await.expect("tasks");
    let shown: Vec<_> = live.tasks.iter().map(|t| (t.version.as_str(), t.node.as_str(), t.health.clone())).collect();
    let well = ("1.4", "fargate", TaskHealth::Healthy);
    assert_eq!(shown, [well.clone(), well]);

    let victim = live.tasks[0].id.clone();
    assert_eq!(bed.ecs.kill(&bed.env, &victim).await, Ok(Killed::Task(victim.clone())));
    let during = bed.ecs.live(&bed.env).await.expect("tasks");
    let dead = during.tasks.iter().find(|task| task.id == victim).map(|task| task.health.clone());
    assert!(matches!(dead, Some(TaskHealth::Stopping | TaskHealth::Dead(_))), "{during:?}");
    done(ground.roll(ground.service(&task, 2), 1).await);
    let after = bed.ecs.live(&bed.env).await.expect("tasks");
    let healthy = after.tasks.iter().filter(|task| task.health == TaskHealth::Healthy && task.id != victim);
    assert_eq!(healthy.count(), 2, "{after:?}");

    let unknown = bed.ecs.kill(&bed.env, "nobody").await;
    assert!(matches!(&unknown, Err(ProviderError::Invalid(why)) if why.contains("there are")), "{unknown:?}");
}

#[tokio::test]
async fn tasks_that_died_say_why() {
    let ground = Ground::new().await;
    let task = ground.release(1, "1").await;
    done(ground.roll(ground.service(&task, 1), 1).await);
    ground.behave("web:1", json!({ "exit": 137, "after": 1, "reason": "OutOfMemoryError: Container killed" }));
    let live = ground.bed.ecs.live(&ground.bed.env).await.expect("tasks");
    ground.bed.ecs.kill(&ground.bed.env, &live.tasks[0].id).await.expect("a kill");
    let said = ground.until(async || {
        let live = ground.bed.ecs.live(&ground.bed.env).await.expect("tasks");
        live.tasks.into_iter().any(|task| task.health == TaskHealth::Dead("ran out of memory".to_owned()))
    });
    assert!(said.await, "nobody died of it");
}

#[tokio::test]
async fn the_newest_lines_come_in_order() {
    let ground = Ground::new().await;
    let bed = &ground.bed;
    let said: Vec<String> = (0..30).map(|n| format!("line {n}")).collect();
    ground.behave("web:1", json!({ "log": said }));
    let task = ground.release(1, "1").await;
    done(ground.roll(ground.service(&task, 2), 1).await);
    let lines = bed.ecs.logs(&bed.env, &query(10_000, None)).await.expect("lines");
    assert_eq!(lines.len(), 60, "both tasks'");
    assert!(lines.is_sorted_by_key(|line| line.at));
    let few = bed.ecs.logs(&bed.env, &query(5, None)).await.expect("lines");
    assert_eq!(few.len(), 5);
    assert!(few.iter().all(|line| line.at >= lines[54].at), "{few:?}");
    let since = bed.ecs.logs(&bed.env, &query(100, Some(lines[0].at))).await.expect("lines");
    assert_eq!(since.len(), 60);
    let later = lines[59].at.saturating_add(jiff::SignedDuration::from_secs(1)).unwrap();
    assert_eq!(bed.ecs.logs(&bed.env, &query(100, Some(later))).await, Ok(Vec::new()));
    let other = LogQuery { service: ServiceName::new("other").unwrap(), ..query(1, None) };
    assert!(matches!(bed.ecs.logs(&bed.env, &other).await, Err(ProviderError::Invalid(_))));
}

/// Our row of the service, as the engine keeps it.
fn row(ground: &Ground, spec: Json, seen: &Observed) -> Actual {
    let Value::Map(spec) = value(spec) else { panic!("a spec is a table") };
    let wish = ground.wish(json!({}), 1);
    let row = Row {
        kind: wish.at.kind,
        incarnation: 1,
        state: RowState::Live,
        id: seen.id.clone(),
        spec,
        resolved: [].into(),
        outputs: seen.outputs.clone(),
        by: OpId(1),
        known: None,
    };
    Actual { rows: [((wish.at.mark.addr, Generation::FIRST), row)].into(), ..Actual::default() }
}

pub(crate) fn environment(ground: &Ground) -> Environment {
    let json = json!({
        "key": ground.bed.env, "incarnation": 1, "version": 1, "phase": "live",
        "platform": PlatformName::new("ecs").expect("a name"), "revision": "0", "clusters": {}, "services": {},
        "owner": "U1", "created": "2026-11-20T00:00:00Z", "expiry": null, "latest": null, "volumes": "keep",
        "uses": [], "home": null,
    });
    serde_json::from_value(json).expect("a record")
}

#[tokio::test]
async fn what_somebody_changed_outside_is_drift() {
    let ground = Ground::new().await;
    let bed = &ground.bed;
    let (first, second) = (ground.release(1, "1").await, ground.release(2, "2").await);
    let seen = done(ground.roll(ground.service(&first, 1), 1).await);
    let (rows, env) = (row(&ground, ground.service(&first, 1), &seen), environment(&ground));
    bed.standin.forget_calls();
    assert_eq!(bed.ecs.drift(&env, &rows).await, Ok(Vec::new()));
    assert!(bed.standin.calls().len() <= 3, "{:?}", bed.standin.calls());

    let outside = bed.outside();
    outside.update_service(ground.name().pair(), Some(&second), 2).await;
    let found = bed.ecs.drift(&env, &rows).await.expect("drift");
    let field = |field: &str, ours: &str, theirs: &str| Drifted::Field {
        field: field.to_owned(),
        ours: ours.to_owned(),
        theirs: theirs.to_owned(),
    };
    let how: Vec<_> = found.into_iter().map(|drift| drift.how).collect();
    assert_eq!(how, [field("task", &first, &second), field("desired", "1", "2")]);

    done(ground.roll(ground.service(&first, 1), 2).await);
    assert_eq!(bed.ecs.drift(&env, &rows).await, Ok(Vec::new()), "mended");

    outside.delete_service(ground.name().pair()).await;
    let found = bed.ecs.drift(&env, &rows).await.expect("drift");
    assert_eq!(found.into_iter().map(|drift| drift.how).collect::<Vec<_>>(), [Drifted::Gone]);
    let mut wish = ground.wish(ground.service(&first, 1), 3);
    wish.at.id = seen.id;
    done(bed.end_of(wish).await);
    assert_eq!(bed.count("ecs", "service"), 1, "made again");
}

#[tokio::test]
async fn what_something_else_scales_is_left_alone() {
    let ground = Ground::new().await;
    let bed = &ground.bed;
    let task = ground.release(1, "1").await;
    let seen = done(ground.roll(ground.service(&task, 1), 1).await);
    let (rows, env) = (row(&ground, ground.service(&task, 1), &seen), environment(&ground));
    let outside = bed.outside();
    outside.autoscale(ground.name().pair(), (1, 4)).await;
    outside.update_service(ground.name().pair(), None, 3).await;
    assert_eq!(bed.ecs.drift(&env, &rows).await, Ok(Vec::new()));
    let second = ground.release(2, "2").await;
    done(ground.roll(ground.service(&second, 1), 2).await);
    assert_eq!(ground.there().more["desired"], json!(3), "a deploy changes what runs, not how many");
    done(ground.roll(ground.service(&second, 2), 3).await);
    assert_eq!(ground.there().more["desired"], json!(2), "whoever says a number means it");
}

#[tokio::test]
async fn a_node_is_shown_ended_and_replaced() {
    let ground = Ground::new().await;
    let bed = &ground.bed;
    let mut wish = bed.wish("aws.cluster", "cluster", json!({ "insights": false }));
    wish.at.mark.addr = Addr::new(&bed.env.env, "cluster-a", "cluster").unwrap();
    let cluster = own_id(&done(bed.end_of(wish).await));
    let managed = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role";
    let role = json!({ "service": "ec2.amazonaws.com", "managed": [managed] });
    let role = bed.put("aws.role", "node-role", role).await;
    let profile = bed.put("aws.instance-profile", "profile", json!({ "role": own_id(&role) })).await;
    let profile = profile.outputs.iter().find(|(output, _)| output.as_str() == "arn").expect("an ARN").1.clone();
    let template = json!({
        "image": "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
        "instance_type": "t3.small", "profile": profile, "groups": [ground.group()], "disk_gib": 30,
        "user_data": format!("#!/bin/bash\necho ECS_CLUSTER={cluster} >> /etc/ecs/ecs.config\n"),
    });
    let template = own_id(&bed.put("aws.launch-template", "template", template).await);
    let nodes = json!({ "template": template, "subnets": ground.subnets(), "min": 2, "max": 2, "protected": false });
    bed.put("aws.scaling-group", "nodes", nodes).await;
    let up = async || {
        let nodes = bed.ecs.live(&bed.env).await.expect("nodes").nodes;
        nodes.into_iter().filter(|node| node.up && node.cluster.as_str() == "a").map(|node| node.id).collect::<Vec<_>>()
    };
    assert!(ground.until(async || up().await.len() == 2).await, "both nodes join");
    let victim = up().await.remove(0);
    assert_eq!(bed.ecs.kill(&bed.env, &victim).await, Ok(Killed::Node(victim.clone(), 0)));
    let replaced = async || {
        let up = up().await;
        up.len() == 2 && !up.contains(&victim)
    };
    assert!(ground.until(replaced).await, "another node takes its place");
}
