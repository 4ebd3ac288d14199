//! Several people at once.

use gantry_engine::journal::{Entry, State};
use gantry_engine::names::OpId;
use gantry_tests::chronicle::buttons;
use gantry_tests::town::Plot;
use gantry_tests::transcript;

#[tokio::test]
async fn the_second_waits_with_its_position_and_then_runs_on_a_fresh_plan() {
    Plot::new()
        .visit(async |town| {
            town.say("developer", "#dev", "deploy web to dev").await;
            let first = town.send("developer", "#dev", "deploy web:2.0 to dev").await;
            let second = town.send("platform", "#dev", "deploy web:3.0 to dev").await;
            let (first, second) = (town.outcome(first).await, town.outcome(second).await);
            assert_ne!(first.place, second.place, "each has its own thread");
            let (one, two) = (town.operation(OpId(2)).await, town.operation(OpId(3)).await);
            assert_eq!((one.state(), two.state()), (State::Succeeded, State::Succeeded));

            let journal = town.journal(OpId(3)).await;
            let queued =
                journal.iter().find_map(|s| if let Entry::Queued { ahead } = &s.entry { Some(ahead) } else { None });
            assert_eq!(queued, Some(&vec![OpId(2)]), "it waited: {journal:#?}");
            let fresh = journal.iter().any(|stamped| matches!(stamped.entry, Entry::Replanned { .. }));
            assert!(fresh, "it runs on a fresh plan");
            let shown = town
                .chronicle
                .versions()
                .iter()
                .any(|message| transcript::text(message).contains("in line, after `op-2`"));
            assert!(shown, "its place in the line was shown");
            let web = &town.environment("dev").await.unwrap().services[&"web".parse().unwrap()];
            assert_eq!(web.version.as_str(), "3.0", "the last word counts");
            assert!(town.cloud.tally().duplicates.is_empty());
        })
        .await;
}

#[tokio::test]
async fn environments_do_not_wait_for_each_other() {
    Plot::new()
        .visit(async |town| {
            let all = [
                ("developer", "deploy web to dev"),
                ("platform", "deploy web to pr-1"),
                ("platform-two", "deploy web to pr-2"),
            ];
            let mut sent = Vec::new();
            for (who, words) in all {
                sent.push(town.send(who, "#dev", words).await);
            }
            for delivery in sent {
                town.outcome(delivery).await;
            }
            for op in 1..=3 {
                let journal = town.journal(OpId(op)).await;
                assert!(!journal.iter().any(|stamped| matches!(stamped.entry, Entry::Queued { .. })));
                assert_eq!(town.operation(OpId(op)).await.state(), State::Succeeded);
            }
        })
        .await;
}

#[tokio::test]
async fn a_stuck_rollout_can_be_cancelled_and_the_next_goes_on() {
    Plot::new()
        .visit_both_ways(async |town| {
            town.say("developer", "#dev", "deploy web to dev").await;
            let stuck = town.send("developer", "#dev", "deploy web:stuck to dev").await;
            let running = town
                .until("the rollout runs", async |town| {
                    let (_, card, _) = town.chronicle.answer(&stuck)?;
                    buttons(&card).contains(&"Cancel".to_owned()).then_some(())?;
                    transcript::text(&card).contains("is running").then_some(card)
                })
                .await;
            let next = town.send("platform", "#dev", "deploy web:1.1 to dev").await;
            let place = (town.chronicle.channel("dev"), running.ts);
            town.mention("developer", &place, "cancel because it hangs").await;
            town.outcome(next).await;
            assert_eq!(town.operation(OpId(2)).await.state(), State::Cancelled);
            assert_eq!(town.operation(OpId(3)).await.state(), State::Succeeded);
            let web = &town.environment("dev").await.unwrap().services[&"web".parse().unwrap()];
            assert_eq!(web.version.as_str(), "1.1");
        })
        .await;
}
