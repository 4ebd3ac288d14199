//! Nothing that is secret is told: not the value of a secret, not a credential of the account, in no log, error, fact,
//! plan, spec or task definition.
//!
//! Credentials come from a process's environment, so what is looked at is a process of its own: this test's binary once
//! more, which does what it can to get things told, with all logs on, and prints everything that it gets hold of.

#![expect(clippy::print_stdout, reason = "what is printed is what is looked through")]

use crate::bed::{Bed, installation, own_id};
use crate::outside::SECRET;
use crate::whole::{desired, environment};
use gantry_aws::{AwsRules, Ecs, Endpoint, tells_requests};
use gantry_engine::environment::Delta;
use gantry_engine::names::ServiceName;
use gantry_engine::plan::{Scope, plan};
use gantry_engine::ports::Platform;
use gantry_engine::project::SecretRef;
use gantry_engine::resource::Actual;
use gantry_standin::{Options, Standin};
use serde_json::{Value as Json, json};
use std::env;
use std::fmt::Debug;
use std::process::Command;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Where the other process finds the stand-in.
const URL: &str = "SECRECY_STANDIN";
/// Whether it lets through what product logs keep back.
const ALL: &str = "SECRECY_ALL";

const KEY: &str = "canary-access-key";
const SECRET_KEY: &str = "canary-secret-key";
const TOKEN: &str = "canary-session-token";

/// What one process with these credentials says.
fn said(standin: &Standin, all: bool) -> String {
    let mut command = Command::new(env::current_exe().expect("a test knows its own binary"));
    command.args(["--exact", "secrecy::nothing_that_is_secret_is_told", "--nocapture"]);
    command.envs([(URL, standin.url()), ("AWS_ENDPOINT_URL", standin.url()), ("AWS_REGION", "eu-central-1")]);
    command.envs([("AWS_ACCESS_KEY_ID", KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY), ("AWS_SESSION_TOKEN", TOKEN)]);
    let done = command.env(ALL, all.to_string()).output().expect("it runs");
    let said = [done.stdout, done.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(done.status.success(), "{said}");
    said
}

#[expect(clippy::disallowed_methods, reason = "this is how the other process knows that it is the other process")]
fn told_by_parent(name: &str) -> Option<String> {
    env::var(name).ok()
}

#[tokio::test]
async fn nothing_that_is_secret_is_told() {
    if let Some(url) = told_by_parent(URL) {
        return tell(&url, told_by_parent(ALL).is_some_and(|all| all == "true")).await;
    }
    let standin = Standin::start(Options::default());
    let said = said(&standin, false);
    // It got as far as it had to.
    for part in [
        "connected to AWS",
        "have expired",
        "policy.json",
        "VPCs per Region",
        "AWS couldn't be reached",
        "isn't one of",
    ] {
        assert!(said.contains(part), "nothing says {part:?} in {said}");
    }
    let mut texts = vec![("the process", said), ("the stand-in's state", standin.get("state?builtin=1").to_string())];
    let registered = standin.act("ecs", "list_task_definitions", &json!({}));
    for arn in registered["taskDefinitionArns"].as_array().expect("a list") {
        let whole = standin.act("ecs", "describe_task_definition", &json!({ "taskDefinition": arn }));
        texts.push(("a task definition", whole.to_string()));
    }
    assert!(texts.len() > 2, "a task definition was registered");
    for (what, text) in texts {
        for canary in [SECRET, KEY, SECRET_KEY, TOKEN] {
            let line = text.lines().find(|line| line.contains(canary));
            assert_eq!(line, None, "{what} tells {canary}");
        }
    }
}

#[test]
fn without_what_product_logs_keep_back_a_key_would_be_told() {
    let said = said(&Standin::start(Options::default()), true);
    let told = said.lines().filter(|line| line.contains(KEY)).count();
    assert!(told > 0, "it can be told, so the other test can fail");
}

/// Prints all logs: everything, or as the product's own are at their most talkative (`bot/src/cli/run.rs`).
struct Printed {
    all: bool,
}

impl Subscriber for Printed {
    fn enabled(&self, about: &Metadata<'_>) -> bool {
        self.all || *about.level() <= Level::INFO || !tells_requests(about.target())
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Line);
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, values: &Record<'_>) {
        values.record(&mut Line);
    }

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        println!("{} {}", event.metadata().level(), event.metadata().target());
        event.record(&mut Line);
    }

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}

/// Prints fields, one a line.
struct Line;

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        println!("  {field}={value:?}");
    }
}

fn print(what: &impl Debug) {
    println!("{what:?}");
}

/// The other process.
async fn tell(url: &str, all: bool) {
    tracing::subscriber::set_global_default(Printed { all }).expect("the first one");
    let standin = Standin::at(url, Options::default());
    let bed = Bed { ecs: Ecs::connect(installation()), env: Bed::key(), standin };
    print(&bed.ecs.place().await.expect("a connection"));
    if all {
        return;
    }
    print(&Endpoint { url: url.to_owned(), region: "eu-central-1".to_owned(), speed: 1.0, dns: None });
    plans(&bed).await;
    errors(&bed).await;
}

/// Facts, specs with their user data, and a plan, of an environment with secrets; then findings.
async fn plans(bed: &Bed) {
    let outside = bed.outside();
    outside.zone("example.com").await;
    outside.image("shop/mini", "1.0").await;
    outside.secret("shop/token").await;
    outside.parameter("/shop/key").await;
    let mut env = environment(bed);
    let api = env.services.get_mut(&ServiceName::new("api").unwrap()).expect("it has one");
    api.service.secrets.insert("KEY".to_owned(), SecretRef("ssm:/shop/key".to_owned()));
    print(&bed.ecs.survey(&env).await.expect("a survey"));
    let wanted = desired(bed, &env).await;
    print(&wanted);
    let scope = Scope { env: bed.env.env.clone(), components: None, addrs: None, remove_data: false };
    let plan = plan(&wanted, &Actual::default(), &AwsRules, &scope, Delta::default()).expect("a plan");
    print(&plan);
    println!("{}", serde_json::to_string(&plan).expect("a plan is stored as JSON"));
    let api = env.services.get_mut(&ServiceName::new("api").unwrap()).expect("it has one");
    api.service.secrets.insert("OTHER".to_owned(), SecretRef("secretsmanager:shop/token:nobody".to_owned()));
    api.service.secrets.insert("NONE".to_owned(), SecretRef("ssm:/shop/none".to_owned()));
    print(&bed.ecs.survey(&env).await.expect("a survey"));
}

/// One of everything that can go wrong with a write.
async fn errors(bed: &Bed) {
    let role = bed.put("aws.role", "role", json!({ "service": "ecs-tasks.amazonaws.com" })).await;
    let arn = role.outputs.iter().find(|(output, _)| output.as_str() == "arn").expect("an ARN").1.clone();
    let secret = bed.standin.act("secretsmanager", "describe_secret", &json!({ "SecretId": "shop/token" }));
    let definition = json!({
        "container": "web", "image": "registry.example/web:1", "cpu": 256, "memory": 512, "fargate": true,
        "secrets": { "TOKEN": secret["ARN"] }, "execution_role": arn, "task_role": arn, "log_group": "logs",
        "log_region": "eu-central-1", "stop_timeout": 30, "version": "1",
    });
    let template = json!({
        "image": "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
        "instance_type": "t3.small", "profile": arn, "groups": ["sg-0"], "disk_gib": 30, "user_data": "#!/bin/bash\n",
    });
    let writes: [(&str, &str, Json); 6] = [
        ("aws.vpc", "ec2.CreateVpc", json!({ "cidr": "10.20.0.0/16" })),
        ("aws.role", "iam.CreateRole", json!({ "service": "ec2.amazonaws.com" })),
        ("aws.log-group", "logs.CreateLogGroup", json!({ "retention_days": 14 })),
        ("aws.cluster", "ecs.CreateCluster", json!({ "insights": false })),
        ("aws.launch-template", "ec2.CreateLaunchTemplate", template),
        ("aws.task-definition", "ecs.RegisterTaskDefinition", definition),
    ];
    for (kind, action, spec) in writes {
        for fault in ["throttle", "timeout_before", "error_5xx", "expired_credentials", "deny", "lost_reply"] {
            bed.standin.faults(json!({ "once": [{ "action": action, "n": 1, "fault": fault }] }));
            attempt(bed, kind, fault, spec.clone()).await;
        }
        attempt(bed, kind, "nonsense", json!({ "nonsense": [1] })).await;
    }
    bed.standin.faults(json!({ "quota": { "vpcs": 1 } }));
    attempt(bed, "aws.vpc", "quota", json!({ "cidr": "10.30.0.0/16" })).await;
    bed.standin.faults(json!({}));
    print(&bed.inventory().await);
    print(&own_id(&role));
}

/// Tries once, each time as another part; prints the wish and how it ended.
async fn attempt(bed: &Bed, kind: &'static str, how: &str, spec: Json) {
    let wish = bed.wish(kind, &format!("of-{}", how.replace('_', "-")), spec);
    print(&wish);
    let ended = bed.driver(kind).put(&wish).await;
    print(&ended);
    if let Err(error) = ended {
        println!("{kind}, {how}: {error}");
    }
}
