//! An environment's whole life on AWS.

use super::ours;
use gantry::message::MarkState;
use gantry_engine::journal::State;
use gantry_engine::names::OpId;
use gantry_tests::town::{Plot, Town, account};
use gantry_tests::transcript;
use serde_json::json;

/// Says something and confirms it.
async fn confirmed(town: &Town, words: &str) -> State {
    let asked = town.say("platform", "#ops", words).await;
    assert_eq!(asked.state, MarkState::Operation(State::Voting), "{}", transcript::text(&asked.answer));
    let done = town.click("platform", "Confirm").await;
    let op = town.operations().await.last().expect("an operation").id;
    let state = town.operation(op).await.state();
    assert_eq!(done.state, MarkState::Operation(state));
    state
}

#[tokio::test]
async fn from_nothing_to_four_services_and_back() {
    let standin = account(&["1.0", "1.1", "broken"]);
    let before = standin.state();
    Plot::aws(&standin)
        .visit(async |town| {
            let state = confirmed(town, "deploy web to staging").await;
            println!("{}", town.transcript());
            assert_eq!(state, State::Succeeded);
            println!("{:#?}", ours(&standin));
            let _ = (OpId(1), json!({}));
        })
        .await;
    let _ = before;
}
