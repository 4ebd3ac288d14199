//! What stands in the way is told in the thread, with its remedy, before anything is made or paid for; and what comes in
//! between leaves nothing half done without a name.

use super::ours;
use super::story::{approved, newest};
use gantry::message::MarkState;
use gantry_engine::journal::State;
use gantry_tests::town::{Plot, Town, account};
use gantry_tests::transcript;
use serde_json::json;

/// What the bot answers to a deploy in such an account; nothing may have been made.
async fn refused(plot: Plot, standin: &gantry_standin::Standin) -> String {
    refused_words(plot, standin, "deploy web to staging").await
}

async fn refused_words(plot: Plot, standin: &gantry_standin::Standin, words: &str) -> String {
    let mut answer = String::new();
    plot.visit(async |town| {
        let said = town.say("platform", "#ops", words).await;
        assert_eq!(said.state, MarkState::Refused, "{}", transcript::text(&said.answer));
        answer = transcript::text(&said.answer);
    })
    .await;
    let changed: Vec<_> = standin.calls().into_iter().filter(|call| call.mutating).collect();
    assert!(changed.is_empty(), "nothing is made: {changed:?}");
    answer
}

#[tokio::test]
async fn a_wrong_account_stops_everything() {
    let standin = account(&["1.0"]);
    let plot = Plot::aws(&standin).replacing("accounts = [\"111122223333\"]", "accounts = [\"444455556666\"]");
    insta::assert_snapshot!(refused(plot, &standin).await);
    // Nor is anything removed there.
    let plot = Plot::aws(&standin).replacing("accounts = [\"111122223333\"]", "accounts = [\"444455556666\"]");
    let answer = refused_words(plot, &standin, "sweep staging").await;
    assert!(answer.contains("the project file allows 444455556666 only"), "{answer}");
}

#[tokio::test]
async fn everything_that_is_missing_is_told_at_once() {
    let standin = account(&[]);
    standin.faults(json!({ "quota": { "vpcs": 1 } }));
    let plot = Plot::aws(&standin)
        .replacing("zone = \"example.com\"", "zone = \"example.net\"")
        .replacing("# secrets = { SLACK_TOKEN = \"secretsmanager:mini-soa/slackbot\" }", "")
        .replacing("env = { DB_ADDRESS", "secrets = { TOKEN = \"secretsmanager:mini-soa/none\" }\nenv = { DB_ADDRESS");
    insta::assert_snapshot!(refused(plot, &standin).await);
}

#[tokio::test]
async fn a_name_that_is_taken() {
    let standin = account(&["1.0"]);
    let zones = standin.act("route53", "list_hosted_zones", &json!({}));
    let zone = zones["HostedZones"][0]["Id"].as_str().unwrap();
    let set = json!({ "Name": "www.staging.example.com", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{ "Value": "elsewhere.example.org" }] });
    let change = json!({ "Changes": [{ "Action": "CREATE", "ResourceRecordSet": set }] });
    standin.act("route53", "change_resource_record_sets", &json!({ "HostedZoneId": zone, "ChangeBatch": change }));
    insta::assert_snapshot!(refused(Plot::aws(&standin), &standin).await);
}

#[tokio::test]
async fn a_range_that_others_have() {
    let standin = account(&["1.0"]);
    standin.act("ec2", "create_vpc", &json!({ "CidrBlock": "10.64.0.0/16" }));
    let plot = Plot::aws(&standin).replacing("accounts = [", "cidr = \"10.64.0.0/20\"\naccounts = [");
    let answer = refused(plot, &standin).await;
    for part in ["No network fits into 10.64.0.0/20", "(10.64.0.0/16)", "set `cidr` in `[ecs]`"] {
        assert!(answer.contains(part), "{part}: {answer}");
    }
}

/// What stood in the way is mended: a retry goes on, and a teardown finds everything that was made, before and after.
async fn goes_on_and_down(town: &Town, standin: &gantry_standin::Standin) {
    standin.faults(json!({}));
    town.click("platform", "Retry").await;
    assert_eq!(newest(town).await, State::Succeeded, "{}", town.transcript());
    town.say("platform", "#ops", "teardown staging with volumes").await;
    assert_eq!(approved(town).await, State::Succeeded, "{}", town.transcript());
    assert_eq!(ours(standin), [("ec2 snapshot".to_owned(), 1)].into(), "the snapshot is wanted");
}

#[tokio::test]
async fn a_missing_permission_in_the_middle_parks_and_a_retry_goes_on() {
    let standin = account(&["1.0"]);
    Plot::aws(&standin)
        .visit(async |town| {
            town.say("platform", "#ops", "deploy web to staging").await;
            standin.faults(json!({ "deny": ["iam.CreateRole"] }));
            assert_eq!(approved(town).await, State::Parked, "{}", town.transcript());
            insta::assert_snapshot!(town.transcript());
            goes_on_and_down(town, &standin).await;
        })
        .await;
}

#[tokio::test]
async fn a_quota_that_somebody_else_uses_up_in_the_middle() {
    let standin = account(&["1.0"]);
    Plot::aws(&standin)
        .visit(async |town| {
            town.say("platform", "#ops", "deploy web to staging").await;
            standin.faults(json!({ "quota": { "addresses": 0 } }));
            assert_eq!(approved(town).await, State::Parked, "{}", town.transcript());
            let told = town.transcript();
            assert!(told.contains("ask for more of \"EC2-VPC Elastic IPs\" at") && told.contains("Retry"), "{told}");
            goes_on_and_down(town, &standin).await;
        })
        .await;
}

#[tokio::test]
async fn credentials_that_expire_in_the_middle() {
    let standin = account(&["1.0"]);
    Plot::aws(&standin)
        .visit(async |town| {
            town.say("platform", "#ops", "deploy web to staging").await;
            standin.faults(json!({ "expire_credentials_after": 60 }));
            assert_eq!(approved(town).await, State::Parked, "{}", town.transcript());
            assert!(town.transcript().contains("expired"), "{}", town.transcript());
            goes_on_and_down(town, &standin).await;
        })
        .await;
}
