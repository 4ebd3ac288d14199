//! What tables of a project file come to, and what is refused in them.

use super::*;
use gantry_engine::value::Value as Setting;

fn found(settings: &Spec) -> Vec<String> {
    let read: Account = read(settings, "[ecs]").unwrap();
    check::account(&read).iter().map(ToString::to_string).collect()
}

fn list(items: &[&str]) -> Setting {
    Setting::List(items.iter().map(|item| Setting::text(*item)).collect())
}

#[test]
fn nothing_said_is_something() {
    let account: Account = read(&Spec::new(), "[ecs]").unwrap();
    assert!(check::account(&account).is_empty());
    assert!(account.https && account.snapshot && !account.keep_logs);
    assert_eq!((account.nat, account.log_retention_days), (Nat::One, 14));
    let service: Service = read(&Spec::new(), "[services.web.ecs]").unwrap();
    assert_eq!((service.exec, service.health_grace, service.deregistration_delay), (false, 60, 30));
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let wrong = Spec::new()
        .with("region", "frankfurt")
        .with("accounts", list(&["111122223333", "12"]))
        .with("create_zone", true)
        .with("cidr", "8.0.0.0/8")
        .with("private_subnets", list(&["subnet-1", "private"]))
        .with("log_retention_days", 15_u32);
    insta::assert_snapshot!(found(&wrong).join("\n"), @r"
    `[ecs]`: `frankfurt` isn't a region: write it as AWS does, such as `eu-central-1`
    `[ecs]`: `12` isn't an account's id: write its twelve digits, in quotes
    `[ecs]`: CloudWatch doesn't keep logs for 15 days: choose 14 days
    `[ecs]`: `create_zone` is set, but not `zone`: say in `zone` which domain the environments' zones stand below
    `[ecs]`: `8.0.0.0/8` can't be a network's range: write a private range (RFC 1918) of at least a `/24`, such as `10.0.0.0/8`
    `[ecs]`: `private` isn't a subnet's id: copy it from the VPC console: `subnet-..`
    `[ecs]`: there are subnets, but no `vpc`: name the `vpc` that they are in, or take them out to have a network made
    ");
}

#[test]
fn an_existing_network_needs_its_subnets_and_keeps_its_routes() {
    let bare = Spec::new().with("vpc", "vpc-1").with("nat", "none").with("cidr", "10.7.0.0/16");
    insta::assert_snapshot!(found(&bare).join("\n"), @r"
    `[ecs]`: there is a `vpc`, but none of its subnets: name `private_subnets` for tasks and `public_subnets` for the load balancer
    `[ecs]`: `nat` means nothing in a `vpc` that is there already: take it out: the routes of that VPC stay as they are
    `[ecs]`: `cidr` means nothing in a `vpc` that is there already: take it out: that VPC and its subnets have their ranges
    ");
    assert!(found(&Spec::new().with("vpc", "vpc-1").with("private_subnets", list(&["subnet-1"]))).is_empty());
}

#[test]
fn an_unknown_key_is_an_error() {
    let error = read::<Cluster>(&Spec::new().with("capacty", "ec2"), "[clusters.a.ecs]").unwrap_err();
    assert!(error.what.starts_with("`[clusters.a.ecs]` can't be read: unknown field `capacty`"), "{error}");
}

#[test]
fn schemas_have_no_references_and_explain_every_key() {
    let Schemas { project, cluster, service, environment } = schemas();
    for schema in [&project, &cluster, &service, &environment] {
        assert!(!schema.to_string().contains("$ref"), "{schema}");
        for (key, below) in schema["properties"].as_object().unwrap() {
            assert!(below["description"].is_string(), "{key}: {below}");
        }
    }
    let keys = |schema: &Value| schema["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&project), keys(&environment));
    assert_eq!(project["properties"]["https"]["default"], true);
    assert!(environment["properties"]["https"].get("default").is_none());
}
