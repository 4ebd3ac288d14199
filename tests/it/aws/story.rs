//! An environment's whole life on AWS.

use super::{ours, twice};
use gantry::message::MarkState;
use gantry_engine::journal::State;
use gantry_standin::Standin;
use gantry_tests::town::{Plot, Said, Town, account};
use gantry_tests::transcript;
use serde_json::json;

/// A deploy that changes nothing asks AWS this often at most: it is planned when it is asked for, and twice when it is
/// admitted.
const HANDFUL: usize = 24;

fn said(said: &Said) -> String {
    transcript::text(&said.answer)
}

/// The part of a card that is about the plan: what changes, and what it costs.
fn plan(card: &str) -> String {
    let about = card.lines().skip_while(|line| !line.starts_with("*Plan*"));
    about.take_while(|line| !line.starts_with("`staging` ends")).collect::<Vec<_>>().join("\n")
}

/// Says something and confirms it; gives the card as it was asked, and how it ended.
async fn confirmed(town: &Town, words: &str) -> (String, State) {
    let asked = town.say("platform", "#ops", words).await;
    assert_eq!(asked.state, MarkState::Operation(State::Voting), "{words}: {}", said(&asked));
    (said(&asked), approved(town).await)
}

/// Approves what was asked last; gives how that ended.
pub(super) async fn approved(town: &Town) -> State {
    town.click("platform", "Approve").await;
    newest(town).await
}

/// How the newest operation stands.
pub(super) async fn newest(town: &Town) -> State {
    let all = town.operations().await;
    let op = all.iter().map(|op| op.id).max().expect("an operation");
    town.operation(op).await.state()
}

/// The tasks of a service that run, with the digest of their image.
fn tasks(standin: &Standin, service: &str) -> Vec<String> {
    let mut images = Vec::new();
    for thing in
        standin.state().iter().filter(|thing| thing.sort == "task" && thing.state.as_deref() == Some("RUNNING"))
    {
        if thing.tags.get("gantry:resource").is_some_and(|resource| resource.starts_with(&format!("{service}/"))) {
            images.push(thing.tags.get("gantry:version").cloned().unwrap_or_default());
        }
    }
    images
}

/// What is so is told to who asks, with where it is and what it is called in the account.
async fn asked(town: &Town) {
    for (words, part) in [
        ("status staging", "web"),
        ("logs web in staging", "web"),
        ("outputs staging", "https://eu-central-1.console.aws.amazon.com/ecs/v2/clusters/"),
        ("outputs staging", "arn:aws:ecs:eu-central-1:111122223333:service/"),
        ("outputs staging", "https://www.staging.example.com"),
    ] {
        let answer = town.say("platform", "#ops", words).await;
        assert_eq!(answer.state, MarkState::Answered, "{}", said(&answer));
        assert!(said(&answer).contains(part), "{part}: {}", said(&answer));
    }
}

#[tokio::test]
async fn from_nothing_to_four_services_and_back() {
    let standin = account(&["1.0", "1.1", "broken"]);
    let dies = json!({ "exit": 3, "after": 2, "log": ["the migration failed: no such table"] });
    standin.post("images", &json!({ "pattern": "mini-soa:broken", "behaviour": dies }));
    let before: Vec<String> = standin.state().into_iter().map(|thing| thing.id).collect();
    Plot::aws(&standin)
        .visit(async |town| {
            let (card, state) = confirmed(town, "deploy web, slackbot to staging").await;
            insta::assert_snapshot!("plan", plan(&card));
            assert_eq!(state, State::Succeeded, "{}", town.transcript());
            assert_eq!(twice(&standin), [""; 0]);
            insta::assert_debug_snapshot!("resources", ours(&standin));
            for family in ["/A", "/AAAA"] {
                let names: Vec<String> =
                    standin.state().into_iter().map(|thing| thing.id).filter(|id| id.ends_with(family)).collect();
                assert_eq!(names.len(), 3, "{names:?}");
            }
            for (service, count) in [("web", 2), ("api", 2), ("db", 1), ("slackbot", 1)] {
                assert_eq!(tasks(&standin, service), vec!["1.0"; count], "{service}");
            }

            standin.forget_calls();
            let same = town.say("platform", "#ops", "deploy web, slackbot to staging").await;
            let calls = standin.calls();
            assert!(calls.len() <= HANDFUL && calls.iter().all(|call| !call.mutating), "{calls:?}");
            assert!(said(&same).contains("nothing to change"), "{}", said(&same));

            assert_eq!(confirmed(town, "scale api 5").await.1, State::Succeeded);
            assert_eq!(tasks(&standin, "api").len(), 5);
            let (card, state) = confirmed(town, "deploy web:1.1 to staging").await;
            // What it comes to until the end depends on how long all that took.
            insta::assert_snapshot!("deploy", plan(&card).split("*Cost*").next().unwrap_or_default());
            assert_eq!(state, State::Succeeded, "{}", town.transcript());
            assert_eq!(tasks(&standin, "web"), ["1.1", "1.1"]);

            let (_, state) = confirmed(town, "deploy web:broken to staging").await;
            assert_eq!(state, State::Reverted, "{}", town.transcript());
            assert_eq!(tasks(&standin, "web"), ["1.1", "1.1"], "what served goes on serving");
            let told = town.transcript();
            assert!(told.contains("no such table") && told.contains('3'), "{told}");
            assert_eq!(confirmed(town, "rollback web in staging").await.1, State::Succeeded);
            assert_eq!(tasks(&standin, "web"), ["1.0", "1.0"]);

            asked(town).await;
            assert_eq!(
                confirmed(town, "teardown staging with volumes").await.1,
                State::Succeeded,
                "{}",
                town.transcript()
            );
            let (card, receipt) = (town.transcript(), ours(&standin));
            assert!(card.contains("receipt") || card.contains("Receipt"), "{card}");
            // The volume went with its own line in the plan, and a snapshot of it stays, as the settings want it.
            assert_eq!(receipt, [("ec2 snapshot".to_owned(), 1)].into(), "nothing else is left: {card}");
            let snapshot = standin.state().into_iter().find(|thing| thing.sort == "snapshot").expect("it stays");
            assert!(card.contains(&format!("(aws.snapshot {})", snapshot.id)), "the receipt names it: {card}");
            let after = standin.state().into_iter().map(|thing| thing.id);
            let left: Vec<String> = after.filter(|id| !before.contains(id) && !id.starts_with("snap-")).collect();
            assert_eq!(left, [""; 0], "nor anything that bears no mark");
        })
        .await;
}
