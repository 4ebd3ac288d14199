//! Other people's tools operate what Gantry made: fabfuel's `ecs-deploy` and the AWS CLI, the real programs. What they did
//! is told as drift, in the words of the service's spec; a plan that is about the service puts it right, any other one
//! only tells it.

use crate::bed::{Bed, own_id, value};
use crate::ground::{Ground, done};
use crate::running::environment;
use gantry_aws::AwsRules;
use gantry_engine::address::{Addr, Generation, Kind};
use gantry_engine::environment::Delta;
use gantry_engine::names::{Component, OpId};
use gantry_engine::plan::{Action, FieldChange, Plan, Scope, plan};
use gantry_engine::ports::{Drift, Drifted, Platform};
use gantry_engine::provider::Observed;
use gantry_engine::resource::{Actual, Desired, Resource, Row, RowState};
use gantry_engine::value::{Output, Ref, Spec, Value, When};
use gantry_standin::program;
use serde_json::{Value as Json, json};
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output as Said};
use std::time::Duration;

const SERVICE: Kind = Kind::new("aws.service");
const TASK: Kind = Kind::new("aws.task-definition");

/// Runs a program as somebody with credentials of the account would, from a shell.
fn run(bed: &Bed, name: &str, args: &[&str]) -> Said {
    Command::new(program(name))
        .args(args)
        .env_clear()
        .envs([("AWS_ENDPOINT_URL", bed.standin.url()), ("AWS_DEFAULT_REGION", "eu-central-1")])
        .envs([("AWS_ACCESS_KEY_ID", "somebody"), ("AWS_SECRET_ACCESS_KEY", "testing")])
        .envs([("AWS_EC2_METADATA_DISABLED", "true"), ("LC_ALL", "C.UTF-8")])
        .env("PATH", format!("{}:/usr/bin:/bin", plugins().display()))
        .output()
        .expect("the program starts")
}

/// Where the AWS CLI finds the program that it opens sessions with: here one that does nothing, as none is opened.
fn plugins() -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugins");
    fs::create_dir_all(&dir).expect("the target directory can be written");
    match symlink("/bin/true", dir.join("session-manager-plugin")) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => panic!("{error}"),
        _ => dir,
    }
}

/// What a program that succeeds prints.
fn said(bed: &Bed, name: &str, args: &[&str]) -> String {
    let said = run(bed, name, args);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    assert!(said.status.success(), "{name} {args:?}: {}\n{}", text(&said.stdout), text(&said.stderr));
    text(&said.stdout)
}

fn aws(bed: &Bed, line: &str) -> String {
    let args: Vec<&str> = line.split(' ').chain(["--output", "text"]).collect();
    said(bed, "aws", &args)
}

/// The engine's records of a service and its task definition, and what is wanted of them.
struct Books<'g> {
    ground: &'g Ground,
    actual: Actual,
    wanted: Desired,
}

impl<'g> Books<'g> {
    fn of(ground: &'g Ground) -> Self {
        Self { ground, actual: Actual::default(), wanted: Desired::default() }
    }

    fn addr(&self, part: &str) -> Addr {
        self.ground.bed.mark(part).addr
    }

    /// Notes down what was made.
    fn enter(&mut self, part: &str, kind: Kind, spec: Spec, seen: &Observed) {
        let known = |r: &Ref| {
            let row = self.actual.newest(&r.addr).expect("what it refers to is there").1;
            (r.clone(), row.outputs[&r.output].clone())
        };
        let row = Row {
            kind: kind.clone(),
            incarnation: 1,
            state: RowState::Live,
            id: seen.id.clone(),
            resolved: spec.refs().into_iter().map(known).collect(),
            outputs: seen.outputs.clone(),
            spec: spec.clone(),
            by: OpId(1),
            known: None,
        };
        self.actual.rows.insert((self.addr(part), Generation::FIRST), row);
        self.wanted.resources.insert(self.addr(part), Resource { kind, spec });
    }

    async fn drift(&self) -> Vec<Drift> {
        let ground = self.ground;
        ground.bed.ecs.drift(&environment(ground), &self.actual).await.expect("drift")
    }

    /// The plan for one component, or for all.
    async fn plan(&self, component: Option<&str>) -> Plan {
        let env = &self.ground.bed.env.env;
        let components = component.map(|name| [Component::new(name).unwrap()].into());
        let scope = Scope { env: env.clone(), components, addrs: None, remove_data: false };
        let actual = self.actual.clone().drifted(env, self.drift().await);
        plan(&self.wanted, &actual, &AwsRules, &scope, Delta::default()).expect("a plan")
    }

    /// Does what a plan says: at most both of the two.
    async fn run(&mut self, plan: &Plan, operation: u64) {
        let bed = &self.ground.bed;
        for step in &plan.steps {
            let spec = step.spec().expect("nothing is removed").clone();
            let resolved = spec.resolve(&|r| self.actual.lookup(r)).expect("in order");
            let mut wish = bed.wish_of(operation, "aws.service", step.addr.part.as_str(), json!({}));
            (wish.at.kind, wish.spec) = (step.kind.clone(), resolved);
            if matches!(step.action, Action::Update { .. }) {
                wish.at.id = self.actual.newest(&step.addr).and_then(|(_, row)| row.id.clone());
            }
            let seen = done(bed.end_of(wish).await);
            self.enter(step.addr.part.as_str(), step.kind.clone(), spec, &seen);
        }
    }
}

fn table(json: Json) -> Spec {
    let Value::Map(spec) = value(json) else { panic!("a spec is a table") };
    spec
}

/// A service behind a load balancer with its books, of one release.
async fn opened(ground: &Ground, desired: u32) -> Books<'_> {
    let mut books = Books::of(ground);
    let definition = ground.definition("1");
    let task = ground.bed.put("aws.task-definition", "task-1", definition.clone()).await;
    let arn = own_id(&task);
    books.enter("task-1", TASK, table(definition), &task);
    let service = done(ground.roll(ground.service(&arn, desired), 1).await);
    let link = Ref { addr: books.addr("task-1"), output: Output::new("id"), when: When::Known };
    let spec = table(ground.service(&arn, desired)).with("task", Value::Ref(link));
    books.enter("service", SERVICE, spec, &service);
    books
}

fn shown(drift: &[Drift]) -> Vec<String> {
    let how = |drift: &Drift| match &drift.how {
        Drifted::Field { field, ours, theirs } => format!("{} {field}: {ours} -> {theirs}", drift.addr.part),
        other => format!("{} {other:?}", drift.addr.part),
    };
    drift.iter().map(how).collect()
}

/// What a plan puts right of what others did, by field.
fn put_right(plan: &Plan) -> Vec<&FieldChange> {
    let changes = plan.steps.iter().filter_map(|step| match &step.action {
        Action::Update { changes, .. } => Some(changes),
        _ => None,
    });
    changes.flatten().filter(|change| change.outside).collect()
}

#[tokio::test]
async fn a_service_that_ecs_deploy_scaled_is_told_and_scaled_back() {
    let ground = Ground::with_balancer().await;
    let mut books = opened(&ground, 1).await;
    assert_eq!(shown(&books.drift().await), [""; 0]);
    let (name, bed) = (ground.name(), &ground.bed);
    let (cluster, service) = name.pair();
    let said = said(bed, "ecs", &["scale", cluster, service, "3", "--timeout", "120"]);
    assert!(said.contains("Scaling successful"), "{said}");
    let number = ["service desired: 1 -> 3"];
    assert_eq!(shown(&books.drift().await), number);

    let elsewhere = books.plan(Some("other")).await;
    assert_eq!(
        (elsewhere.steps.len(), shown(&elsewhere.drift), elsewhere.mends.len()),
        (0, number.map(String::from).to_vec(), 0)
    );
    let plan = books.plan(None).await;
    assert_eq!((shown(&plan.mends), plan.drift.len()), (number.map(String::from).to_vec(), 0));
    let theirs =
        put_right(&plan).into_iter().map(|change| (change.field.as_str(), change.from.clone(), change.to.clone()));
    let three_to_one = ("desired", Some(Value::text("3")), Some(Value::text("1")));
    assert_eq!(theirs.collect::<Vec<_>>(), [three_to_one]);
    books.run(&plan, 2).await;
    assert_eq!(shown(&books.drift().await), [""; 0]);
    assert!(books.plan(None).await.steps.is_empty());
    // Those that are told to end take a while over it.
    for _ in 0..60 {
        if bed.count("ecs", "task") > 1 {
            bed.sleep(Duration::from_secs(5)).await;
        }
    }
    assert_eq!((bed.count("ecs", "task"), ground.rollouts()), (1, 1), "scaled back, and not rolled out");
}

#[tokio::test]
async fn a_release_that_ecs_deploy_rolled_out_is_told_and_ours_is_made_again() {
    let ground = Ground::new().await;
    let mut books = opened(&ground, 1).await;
    let (name, bed) = (ground.name(), &ground.bed);
    let (cluster, service) = name.pair();
    let ours = ground.there().more["task_definition"].as_str().unwrap().to_owned();
    // A copy of ours with another variable, its tags included; ours is deregistered, which is how the tool tidies up.
    let args = ["deploy", cluster, service, "-e", "web", "MODE", "theirs", "--timeout", "120"];
    assert!(said(bed, "ecs", &args).contains("Deployment successful"));
    let theirs = ground.there().more["task_definition"].as_str().unwrap().to_owned();
    let all = [format!("service task: {ours} -> {theirs}"), "task-1 Gone".to_owned()];
    assert_eq!(shown(&books.drift().await), all);

    let elsewhere = books.plan(Some("other")).await;
    assert!(elsewhere.steps.is_empty() && elsewhere.mends.is_empty(), "{elsewhere:?}");
    assert_eq!(elsewhere.drift.len(), 2);
    let plan = books.plan(None).await;
    let steps: Vec<_> = plan.steps.iter().map(|step| step.addr.part.as_str()).collect();
    assert_eq!((steps, put_right(&plan).len()), (vec!["task-1", "service"], 1));
    books.run(&plan, 2).await;
    assert_eq!(shown(&books.drift().await), [""; 0]);
    let now = ground.there().more["task_definition"].as_str().unwrap().to_owned();
    assert!(now != ours && now != theirs, "{now}: made again, and not the copy taken for ours");
    let env = format!(
        "ecs describe-task-definition --task-definition {now} --query taskDefinition.containerDefinitions[0].environment[0].value"
    );
    assert_eq!(aws(bed, &env), "test");

    // What the tool left behind carries our mark: a removal takes it too.
    bed.remove("aws.service", "service", None).await;
    bed.remove("aws.task-definition", "task-1", None).await;
    assert_eq!((bed.count("ecs", "task-definition"), bed.count("ecs", "service")), (0, 0));
}

#[tokio::test]
async fn another_image_and_number_by_the_aws_cli_are_told_and_put_right() {
    let ground = Ground::new().await;
    let mut books = opened(&ground, 1).await;
    let (name, bed) = (ground.name(), &ground.bed);
    let (cluster, service) = name.pair();
    let ours = ground.there().more["task_definition"].as_str().unwrap().to_owned();
    let args = ["deploy", cluster, service, "-t", "2", "--no-deregister", "--timeout", "120"];
    said(bed, "ecs", &args);
    aws(
        bed,
        &format!("ecs update-service --cluster {cluster} --service {service} --desired-count 2 --query service.status"),
    );
    let theirs = ground.there().more["task_definition"].as_str().unwrap().to_owned();
    let all = [format!("service task: {ours} -> {theirs}"), "service desired: 1 -> 2".to_owned()];
    assert_eq!(shown(&books.drift().await), all, "ours is still registered");
    let live = bed.ecs.live(&bed.env).await.expect("tasks");
    assert!(live.tasks.iter().any(|task| task.service.as_str() == "test"), "{live:?}");
    let plan = books.plan(None).await;
    assert_eq!((plan.steps.len(), put_right(&plan).len()), (1, 2));
    books.run(&plan, 2).await;
    assert_eq!(shown(&books.drift().await), [""; 0]);

    aws(bed, &format!("ecs delete-service --cluster {cluster} --service {service} --force --query service.status"));
    assert_eq!(shown(&books.drift().await), ["service Gone"]);
    let plan = books.plan(None).await;
    assert!(matches!(&plan.steps[..], [step] if matches!(step.action, Action::Create { .. })), "{:?}", plan.steps);
    books.run(&plan, 3).await;
    assert_eq!(shown(&books.drift().await), [""; 0]);
    assert_eq!((bed.count("ecs", "service"), bed.count("ecs", "task")), (1, 1), "made again, once");
}

#[tokio::test]
async fn the_aws_cli_reads_what_gantry_made() {
    let ground = Ground::with_balancer().await;
    let books = opened(&ground, 2).await;
    let (name, bed) = (ground.name(), &ground.bed);
    let (cluster, service) = name.pair();
    let told = aws(
        bed,
        &format!(
            "ecs describe-services --cluster {cluster} --services {service} --query services[0].[desiredCount,runningCount,status]"
        ),
    );
    assert_eq!(told, "2\t2\tACTIVE");
    let group = aws(bed, "elbv2 describe-target-groups --query TargetGroups[0].TargetGroupArn");
    let health = aws(
        bed,
        &format!(
            "elbv2 describe-target-health --target-group-arn {group} --query TargetHealthDescriptions[].TargetHealth.State"
        ),
    );
    assert_eq!(health, "healthy\thealthy");
    let lines = aws(bed, &format!("logs filter-log-events --log-group-name {} --query length(events)", ground.logs));
    assert_eq!(lines, "4", "two lines a task");
    let task = bed.ecs.live(&bed.env).await.expect("tasks").tasks[0].id.clone();
    let shell = ["ecs", "execute-command", "--cluster", cluster, "--task", &task, "--interactive", "--command", "sh"];
    let refused = run(bed, "aws", &shell);
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && why.contains("execute command was not enabled"), "{why}");
    assert_eq!(shown(&books.drift().await), [""; 0], "who only looks changes nothing");
    // A task that somebody stops is ECS's to replace, and nobody's drift.
    aws(bed, &format!("ecs stop-task --cluster {cluster} --task {task} --query task.desiredStatus"));
    assert_eq!(shown(&books.drift().await), [""; 0]);
}

/// The machines that run, by the stand-in's own account.
fn machines(bed: &Bed) -> Vec<String> {
    let running = |thing: &gantry_standin::Thing| thing.sort == "instance" && thing.state.as_deref() == Some("running");
    bed.standin.state().into_iter().filter(running).map(|thing| thing.id).collect()
}

#[tokio::test]
async fn a_machine_that_somebody_terminates_is_replaced_and_is_no_drift() {
    let ground = Ground::new().await;
    let provider = ground.machine().await;
    let (mut books, bed) = (Books::of(&ground), &ground.bed);
    let mut definition = ground.definition("1");
    definition["fargate"] = json!(false);
    let task = own_id(&bed.put("aws.task-definition", "task-1", definition).await);
    let mut spec = ground.service(&task, 1);
    (spec["launch"], spec["public_ip"]) = (json!({ "provider": provider }), json!(false));
    let seen = done(ground.roll(spec.clone(), 1).await);
    books.enter("service", SERVICE, table(spec), &seen);
    let before = machines(bed);
    assert_eq!(before.len(), 1);
    aws(
        bed,
        &format!(
            "ec2 terminate-instances --instance-ids {} --query TerminatingInstances[0].CurrentState.Name",
            before[0]
        ),
    );
    assert_eq!(shown(&books.drift().await), [""; 0], "the scaling group's to mend");
    let another = ground.until(async || {
        let live = bed.ecs.live(&bed.env).await.expect("tasks");
        let well = |task: &gantry_engine::provider::Task| task.health == gantry_engine::provider::TaskHealth::Healthy;
        live.tasks.iter().any(|task| well(task) && !before.contains(&task.node))
    });
    assert!(another.await, "{:?}", bed.ecs.live(&bed.env).await);
    let after = machines(bed);
    assert!(after.len() == 1 && after != before, "{after:?}");
}
