//! A workspace takes so many calls and no more. In all stories it counts them; here there are many.

use gantry::message::MarkState;
use gantry_engine::journal::State;
use gantry_tests::town::Plot;

#[tokio::test]
async fn a_rush_is_answered_in_order_and_slack_never_says_that_it_is_too_much() {
    Plot::new()
        .visit(async |town| {
            let thread = town.say("developer", "#dev", "deploy web to dev").await.thread();
            let (mut asked, mut deployed) = (Vec::new(), Vec::new());
            for n in 0..40 {
                asked.push(town.mention("developer", &thread, "status").await);
                if n % 4 == 0 {
                    deployed.push(town.send("platform", "#general", &format!("deploy web to pr-{n}")).await);
                }
            }
            let mut answers = Vec::new();
            for delivery in asked {
                let said = town.outcome(delivery).await;
                assert_eq!(said.state, MarkState::Answered);
                answers.push(said.place.1);
            }
            assert!(answers.is_sorted_by(|a, b| a < b), "in order and each by itself: {}", town.transcript());
            for delivery in deployed {
                assert_eq!(town.outcome(delivery).await.state, MarkState::Operation(State::Succeeded));
            }
            assert_eq!(town.refused_as_too_many(), 0);
        })
        .await;
}
