//! `docs/aws-policy.json`: what Gantry has to be allowed in an account. It is made from the calls that the provider's
//! source makes, so none is missing and none is too many. Written anew when asked:
//! `GANTRY_WRITE_DOCS=1 cargo test -p gantry --test aws_policy`.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The clients' names in the provider, and their services' prefixes in policies.
const SERVICES: [(&str, &str); 14] = [
    ("acm", "acm"),
    ("autoscaling", "autoscaling"),
    ("discovery", "servicediscovery"),
    ("ec2", "ec2"),
    ("ecr", "ecr"),
    ("ecs", "ecs"),
    ("elb", "elasticloadbalancing"),
    ("iam", "iam"),
    ("logs", "logs"),
    ("quotas", "servicequotas"),
    ("route53", "route53"),
    ("secrets", "secretsmanager"),
    ("ssm", "ssm"),
    ("sts", "sts"),
];

/// What no call is named after, but AWS checks with one: tags given at creation (each service's page on tagging), machines
/// that a group starts from a template (Auto Scaling, "Launch template support"), zones of private namespaces (Cloud Map,
/// "API permissions reference").
const ALONG: [&str; 11] = [
    "acm:AddTagsToCertificate",
    "autoscaling:CreateOrUpdateTags",
    "ec2:CreateTags",
    "ec2:DescribeRegions",
    "ec2:RunInstances",
    "elasticloadbalancing:AddTags",
    "iam:TagInstanceProfile",
    "iam:TagRole",
    "logs:TagResource",
    "route53:AssociateVPCWithHostedZone",
    "servicediscovery:TagResource",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The provider's source without comments and white space, so that a call stands on one line.
fn source() -> String {
    fn walk(dir: &Path, text: &mut String) {
        for entry in std::fs::read_dir(dir).expect("a directory").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, text);
            } else {
                let file = std::fs::read_to_string(&path).unwrap_or_default();
                let code = file.lines().map(|line| line.split("//").next().unwrap_or_default());
                text.extend(code.flat_map(str::split_whitespace));
            }
        }
    }
    let mut text = String::new();
    walk(&root().join("engine/providers/aws/src"), &mut text);
    text
}

/// `create_vpc` as `CreateVpc`.
fn action(method: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    method.split('_').filter(|word| !word.is_empty()).map(capital).collect()
}

/// What the calls need, by service.
fn needed() -> BTreeMap<String, BTreeSet<String>> {
    let source = source();
    let mut needed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (client, service) in SERVICES {
        for way in ["read", "write"] {
            for call in source.split(&format!(".{client}.{way}.")).skip(1) {
                let method = call.split('(').next().unwrap_or_default();
                assert!(method.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit()), "{method}");
                needed.entry(service.to_owned()).or_default().insert(format!("{service}:{}", action(method)));
            }
        }
    }
    for along in ALONG {
        let (service, _) = along.split_once(':').expect("service and action");
        needed.entry(service.to_owned()).or_default().insert(along.to_owned());
    }
    needed
}

fn policy() -> Value {
    let mut statements: Vec<Value> = needed()
        .into_iter()
        .map(|(service, actions)| json!({ "Sid": service, "Effect": "Allow", "Action": actions, "Resource": "*" }))
        .collect();
    // Roles that Gantry makes are given to tasks and machines, and to nothing else.
    statements.push(json!({
        "Sid": "passroles",
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": "*",
        "Condition": { "StringEquals": { "iam:PassedToService": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"] } }
    }));
    // The first use of these services in an account makes a role of theirs.
    let services = ["autoscaling.amazonaws.com", "ecs.amazonaws.com", "elasticloadbalancing.amazonaws.com"];
    statements.push(json!({
        "Sid": "firstuse",
        "Effect": "Allow",
        "Action": "iam:CreateServiceLinkedRole",
        "Resource": "*",
        "Condition": { "StringEquals": { "iam:AWSServiceName": services } }
    }));
    json!({ "Version": "2012-10-17", "Statement": statements })
}

#[test]
fn the_policy_allows_the_calls_that_are_made_and_no_others() {
    let path = root().join("docs/aws-policy.json");
    let wanted = format!("{:#}\n", policy());
    #[expect(clippy::disallowed_methods, reason = "a developer's switch, read by this test alone")]
    let write = std::env::var_os("GANTRY_WRITE_DOCS").is_some();
    if write {
        std::fs::write(&path, &wanted).expect("docs can be written");
    }
    let there: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_default()).unwrap_or_default();
    let actions = |policy: &Value| -> BTreeSet<String> {
        let all = policy["Statement"].as_array().into_iter().flatten();
        let all = all.flat_map(|one| one["Action"].as_array().cloned().unwrap_or_else(|| vec![one["Action"].clone()]));
        all.filter_map(|action| action.as_str().map(str::to_owned)).collect()
    };
    let (has, needs) = (actions(&there), actions(&policy()));
    let missing: Vec<_> = needs.difference(&has).collect();
    let idle: Vec<_> = has.difference(&needs).collect();
    assert!(
        there == policy(),
        "docs/aws-policy.json lacks {missing:?} and has {idle:?} for nothing; write it with\n    \
         GANTRY_WRITE_DOCS=1 cargo test -p gantry --test aws_policy"
    );
}

#[test]
fn the_calls_are_found() {
    let needed = needed();
    assert_eq!(needed.len(), SERVICES.len(), "each client is used: {:?}", needed.keys());
    for known in ["ec2:CreateVpc", "ec2:DescribeVpcs", "ecs:CreateService", "route53:ChangeResourceRecordSets"] {
        assert!(needed.values().flatten().any(|action| action == known), "{known}");
    }
}
