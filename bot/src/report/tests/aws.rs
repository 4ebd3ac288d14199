//! What people read before anything is made on AWS: the example's first plan there, from its file to its lines.

use super::super::{cost, plan as told};
use super::journals::{name, request, start};
use crate::platforms;
use gantry_aws::{AwsRules, Table};
use gantry_engine::change::Change;
use gantry_engine::cost::Cost;
use gantry_engine::names::EnvName;
use gantry_engine::plan::{Plan, Rules, plan};
use gantry_engine::propose::{World, propose};
use gantry_engine::provider::Facts;
use gantry_engine::resource::Actual;
use gantry_project::Vocabulary;
use std::collections::BTreeMap;

/// What a survey of an account would find.
fn facts() -> Facts {
    let image = format!("111122223333.dkr.ecr.eu-central-1.amazonaws.com/mini-soa@sha256:{}", "0".repeat(64));
    let images = ["web", "api", "db", "slackbot"].map(|service| (format!("image.{service}"), image.clone()));
    let place = [
        ("account", "111122223333"),
        ("cidr", "10.20.0.0/16"),
        ("partition", "aws"),
        ("region", "eu-central-1"),
        ("zone", "Z0123456789"),
        ("zones", "eu-central-1a eu-central-1b"),
    ];
    let place = place.map(|(key, value)| (key.to_owned(), value.to_owned()));
    Facts(BTreeMap::from_iter(place.into_iter().chain(images)))
}

#[test]
fn a_first_plan_on_aws_is_short_and_tells_its_price_by_component_and_in_all() {
    let text = include_str!("../../../../examples/mini-soa/gantry-aws.toml");
    let vocabulary = Vocabulary { verbs: &[], platforms: &platforms::known() };
    let project = gantry_project::inspect(text, "gantry-aws.toml", &vocabulary).project.unwrap();
    let services = ["web", "slackbot"].map(|service| (name(service), None)).into();
    let mut request = request(Change::Deploy { services, lifetime: None }, None);
    request.key.project = project.name.clone();
    request.key.env = EnvName::new("staging").unwrap();
    let world = World { project: &project, current: None, releases: &[], others: &[], residue: None };
    let proposal = propose(&request, &world).unwrap();

    let (facts, actual) = (facts(), Actual::default());
    let desired = gantry_aws::lower(&proposal.after, &facts).unwrap();
    let planned = plan(&desired, &actual, &AwsRules, &proposal.scope, proposal.delta).unwrap();
    let planned = Plan { facts, ..planned };
    let cost = Cost::of(&Table, &actual, &planned, &request.key.env);
    let price = cost::plan(&cost, Some(&proposal.after), start());
    let planned = Plan { cost: Some(cost), ..planned };
    let lines = told::lines(&planned, &|kind| AwsRules.holds_data(kind));
    let said: Vec<String> = lines.iter().chain([&price]).map(|said| said.text.to_string()).collect();
    insta::assert_snapshot!(said.join("\n"));
}
