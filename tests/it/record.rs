//! The record: who did what, told the same wherever it is asked for, and a log that nobody changes unseen.

use gantry::message::MarkState;
use gantry_engine::audit::{Event, What};
use gantry_engine::ports::{Keeping, LogFilter, Retention, Store};
use gantry_store::SqliteStore;
use gantry_tests::machine;
use gantry_tests::machine::Machine;
use gantry_tests::town::Plot;
use gantry_tests::transcript;
use jiff::{SignedDuration, Timestamp};
use tokio::process::Command;

#[tokio::test]
async fn the_story_of_an_operation_is_told_event_by_event() {
    Plot::new()
        .visit_both_ways(async |town| {
            town.say("platform", "#prod", "deploy web to prod because it is new").await;
            town.click("platform-two", "Approve").await;
            town.say("platform", "#prod", "scale web 3 in prod").await;
            town.say("platform-two", "#prod", "reject op-2 because two are enough").await;
            town.say("platform", "#prod", "history op-1").await;
            town.say("platform", "#prod", "history op-2").await;
            insta::assert_snapshot!("the_story_of_an_operation_is_told_event_by_event", town.transcript());

            let stranger = town.say("newcomer", "#prod", "history op-1").await;
            assert_eq!(stranger.state, MarkState::Refused, "{}", transcript::text(&stranger.answer));
            let none = town.say("platform", "#prod", "history op-9").await;
            assert_eq!(none.state, MarkState::Refused, "{}", transcript::text(&none.answer));
        })
        .await;
}

/// `gantry audit ..`: its exit code and what it printed.
async fn audit(machine: &Machine, args: &[&str]) -> (Option<i32>, String) {
    let args: Vec<&str> = std::iter::once("audit").chain(args.iter().copied()).collect();
    let output = machine.command(&args).output().await.unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[tokio::test]
async fn the_log_is_whole_and_says_who_was_refused() {
    let machine = Machine::start().await;
    assert_eq!(machine.say("provision dev because I want to look").await.exit, 0);
    assert_eq!(machine.say_as("newcomer", "dev", "teardown dev").await.exit, 1);

    // Beside the bot that writes it.
    let (exit, whole) = audit(&machine, &["verify"]).await;
    assert_eq!(exit, Some(0), "{whole}");
    let newest = whole.trim().rsplit(' ').next().unwrap().to_owned();
    let (_, exported) = audit(&machine, &["export"]).await;
    let lines: Vec<serde_json::Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = lines.iter().map(|line| line["event"]["what"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["reloaded", "asked", "started", "changed", "changed", "ended", "refused"], "{exported}");
    assert_eq!(lines[1]["event"]["because"], "I want to look");
    assert_eq!(lines[6]["event"]["verb"], "teardown");
    let (_, said) = audit(&machine, &["export", "--as", "text", "--after", "5"]).await;
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(said.contains("op-1 succeeded") && said.contains("may not"), "{said}");

    // What somebody wrote down earlier is still in it later, and another log's line isn't.
    machine.say("extend dev by 1h").await;
    assert_eq!(audit(&machine, &["verify", "--known", &newest]).await.0, Some(0));
    let other = format!("2:{}", "0".repeat(64));
    let (exit, unknown) = audit(&machine, &["verify", "--known", &other]).await;
    assert_eq!(exit, Some(1), "{unknown}");
    assert!(unknown.contains("isn't the one that you know"), "{unknown}");
    machine.leave().await;
}

#[tokio::test]
async fn a_log_whose_oldest_lines_were_pruned_is_still_proved() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("gantry.db");
    let day = |n: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * n);
    let asked = |n| What::Refused { verb: format!("verb-{n}") };
    let event = |n| Event { at: day(n), by: None, key: None, op: None, because: None, what: asked(n) };
    let store = SqliteStore::open(&file).await.unwrap();
    for n in 1..=6 {
        store.audit(event(n)).await.unwrap();
    }
    let lines = store.audited(&LogFilter::default()).await.unwrap();
    let keeping = Keeping { audit: Some(SignedDuration::from_hours(24 * 30)), ..Keeping::default() };
    assert_eq!(store.prune(&keeping.horizon(day(34)), 100).await.unwrap().lines, 3);
    store.close().await;

    let gantry = async |args: &[&str]| {
        let mut command = Command::new(machine::program(dir.path()));
        let output = command.arg("audit").args(args).arg("--dir").arg(dir.path()).output().await.unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (exit, whole) = gantry(&["verify"]).await;
    assert_eq!(exit, Some(0), "{whole}");
    assert!(whole.contains("whole: 4 lines"), "{whole}");
    let known = |place: usize| format!("{}:{}", lines[place].seq, lines[place].digest);
    for (place, still) in [(5, Some(0)), (2, Some(0)), (1, Some(1))] {
        let (exit, said) = gantry(&["verify", "--known", &known(place)]).await;
        assert_eq!(exit, still, "{said}");
        assert_eq!(said.contains("was pruned"), still == Some(1), "{said}");
    }
    let (_, exported) = gantry(&["export", "--as", "text"]).await;
    assert!(exported.starts_with("4 ") && exported.contains("the one after 3"), "{exported}");
}
