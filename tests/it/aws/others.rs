//! What others do to a service on AWS is told, and mended only where the plan says so; and what a kill came to.

use super::story::approved;
use gantry::message::MarkState;
use gantry_engine::journal::State;
use gantry_standin::{Standin, Thing};
use gantry_tests::town::{Plot, account};
use gantry_tests::transcript;
use serde_json::{Value as Json, json};

/// The service `api`, as somebody else names it to ECS.
fn api(standin: &Standin) -> Json {
    let is_api = |thing: &Thing| thing.sort == "service" && thing.id.contains("staging-api-service");
    let service = standin.state().into_iter().find(is_api).expect("api runs").id;
    // arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/SERVICE
    let mut parts = service.rsplit('/');
    json!({ "service": parts.next(), "cluster": parts.next() })
}

#[tokio::test]
async fn what_somebody_else_changed_is_told_and_mended_by_a_plan_that_says_so() {
    let standin = account(&["1.0"]);
    Plot::aws(&standin)
        .visit(async |town| {
            town.say("platform", "#ops", "deploy web to staging").await;
            assert_eq!(approved(town).await, State::Succeeded, "{}", town.transcript());
            let mut theirs = api(&standin);
            theirs["desiredCount"] = json!(4);
            standin.act("ecs", "update_service", &theirs);
            town.pass(jiff::SignedDuration::from_mins(5)).await;

            let status = transcript::text(&town.say("platform", "#ops", "status staging").await.answer);
            let told = "was changed outside of Gantry: `desired` is `4`, not `2`";
            assert!(status.contains(told), "{status}");
            let plan = town.say("platform", "#ops", "deploy api to staging").await;
            let card = transcript::text(&plan.answer);
            assert!(card.contains(told) && card.contains("this plan puts that right"), "{card}");
            assert_eq!(approved(town).await, State::Succeeded, "{}", town.transcript());
            let service = standin.act(
                "ecs",
                "describe_services",
                &json!({ "cluster": theirs["cluster"], "services": [theirs["service"]] }),
            );
            assert_eq!(service["services"][0]["desiredCount"], 2, "{service}");
            let status = transcript::text(&town.say("platform", "#ops", "status staging").await.answer);
            assert!(!status.contains("outside of Gantry"), "{status}");

            let is_task = |thing: &Thing| thing.sort == "task" && thing.state.as_deref() == Some("RUNNING");
            let of_web =
                |thing: &Thing| thing.tags.get("gantry:resource").is_some_and(|whose| whose.starts_with("web/"));
            let task = standin.state().into_iter().find(|thing| is_task(thing) && of_web(thing)).expect("web runs").id;
            let task = task.rsplit('/').next().unwrap();
            let killed = town.say("platform", "#ops", &format!("kill {task} in staging")).await;
            assert_eq!(killed.state, MarkState::Answered, "{}", town.transcript());
            town.until("it is well again", async |town| town.transcript().contains("All is well again").then_some(()))
                .await;
            town.settle().await;
            assert!(town.transcript().contains("1 task lost"), "{}", town.transcript());
        })
        .await;
}
