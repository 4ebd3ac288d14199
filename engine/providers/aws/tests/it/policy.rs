//! The policy that people give Gantry (`policy.json`): it allows every call that the code can make and every call that
//! any test makes, and nothing beside.

use gantry_standin::Call;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const POLICY: &str = include_str!("../../policy.json");

/// IAM's limit for a policy that can be attached to many, in characters without white space (IAM user guide, "IAM and STS
/// quotas").
const LARGEST: usize = 6_144;

/// What the code never calls itself and AWS asks for nevertheless, because of another call.
const ASKED_FOR_BY_AWS: &[(&str, &str)] = &[
    ("acm:AddTagsToCertificate", "RequestCertificate with tags"),
    ("autoscaling:CreateOrUpdateTags", "CreateAutoScalingGroup with tags; ECS tags the group of a capacity provider"),
    ("ec2:RunInstances", "CreateAutoScalingGroup checks that its caller may launch from the template"),
    ("elasticloadbalancing:AddTags", "each Create with tags"),
    ("iam:CreateServiceLinkedRole", "the first use of ECS, load balancing or Auto Scaling in an account"),
    ("iam:PassRole", "RegisterTaskDefinition and CreateAutoScalingGroup hand roles over"),
    ("iam:TagInstanceProfile", "CreateInstanceProfile with tags"),
    ("iam:TagRole", "CreateRole with tags"),
    ("route53:AssociateVPCWithHostedZone", "CreatePrivateDnsNamespace makes a private zone"),
    ("servicediscovery:TagResource", "each Create with tags"),
    ("ssm:GetParameters", "a launch template names the machine image by its public parameter"),
];

/// Every action that the policy allows, as it is written there.
fn actions() -> BTreeSet<String> {
    let policy: Json = serde_json::from_str(POLICY).expect("policy.json is JSON");
    let statements = policy["Statement"].as_array().expect("it has statements");
    let actions = statements.iter().flat_map(|statement| statement["Action"].as_array().expect("a list of actions"));
    actions.map(|action| action.as_str().expect("an action is a text").to_owned()).collect()
}

/// Whether an action as it is written, maybe with `*` at its end, means this one. IAM doesn't look at their case.
fn means(written: &str, action: &str) -> bool {
    let (written, action) = (written.to_lowercase(), action.to_lowercase());
    written.strip_suffix('*').map_or(written == action, |start| action.starts_with(start))
}

/// Checks calls that were made by Gantry.
///
/// # Panics
/// Where the policy doesn't allow one.
pub(crate) fn allows_all(calls: &[Call]) {
    let allowed = actions();
    let ours = calls.iter().filter(|call| call.key == crate::bed::KEY);
    let made: BTreeSet<String> = ours.map(|call| format!("{}:{}", call.service, call.action)).collect();
    let missing: Vec<_> = made.iter().filter(|action| !allowed.iter().any(|one| means(one, action))).collect();
    assert!(missing.is_empty(), "policy.json doesn't allow {missing:?}");
}

/// Every call that the code can make, as IAM names it.
fn callable() -> BTreeSet<String> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut found = BTreeSet::new();
    for file in files {
        let text: String = fs::read_to_string(&file).unwrap().split_whitespace().collect();
        for call in text.split("aws.").skip(1) {
            let mut parts = call.splitn(4, ['.', '(']);
            let (field, side, operation) = (parts.next(), parts.next(), parts.next());
            if let (Some(field), Some("read" | "set" | "write"), Some(operation)) = (field, side, operation) {
                found.insert(format!("{}:{}", service(field), operation.replace('_', "")));
            }
        }
    }
    found
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for path in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The name that IAM has for a service, where ours is another one.
fn service(field: &str) -> &str {
    match field {
        "discovery" => "servicediscovery",
        "elb" => "elasticloadbalancing",
        "quotas" => "servicequotas",
        "scaling" => "application-autoscaling",
        "secrets" => "secretsmanager",
        same => same,
    }
}

#[test]
fn every_call_that_the_code_can_make_is_allowed() {
    let (allowed, callable) = (actions(), callable());
    assert!(callable.len() > 100, "the calls were found: {callable:?}");
    let missing: Vec<_> = callable.iter().filter(|action| !allowed.iter().any(|one| means(one, action))).collect();
    assert!(missing.is_empty(), "policy.json doesn't allow {missing:?}");
}

#[test]
fn nothing_is_allowed_that_is_never_called() {
    let callable = callable();
    let asked = |written: &str| ASKED_FOR_BY_AWS.iter().any(|(action, _)| *action == written);
    let needless: Vec<String> = actions()
        .into_iter()
        .filter(|written| !asked(written) && !callable.iter().any(|action| means(written, action)))
        .collect();
    assert!(needless.is_empty(), "nothing calls {needless:?}");
    let stale: Vec<_> = ASKED_FOR_BY_AWS.iter().filter(|(action, _)| !actions().contains(*action)).collect();
    assert!(stale.is_empty(), "{stale:?} isn't in policy.json");
}

#[test]
fn it_fits_into_one_managed_policy() {
    let size = POLICY.chars().filter(|c| !c.is_whitespace()).count();
    assert!(size <= LARGEST, "{size} characters, {LARGEST} at most");
}

#[test]
fn no_value_of_a_secret_can_be_read() {
    let values = ["secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParametersByPath", "kms:Decrypt"];
    for value in values {
        assert!(!actions().iter().any(|written| means(written, value)), "{value}");
    }
}
