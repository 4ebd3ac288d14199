//! The real binary on a real machine: what is said is done, and what is told is true.

use gantry_engine::journal::State;
use gantry_local::api::Filter;
use gantry_tests::machine::Machine;
use gantry_tests::wait::{until, within};
use gantry_tests::{dns, http, process};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

/// The task that answered, from the JSON of the API.
fn task(body: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"));
    json["task"].as_str().expect("it says which task it is").to_owned()
}

#[tokio::test]
async fn a_deploy_is_a_page_that_a_supervised_process_serves() {
    let machine = Machine::start().await;
    let said = machine.say("deploy web to dev").await;
    assert_eq!(said.exit, 0, "{}\n{}", said.text(), said.errors);
    assert_eq!(said.json["state"], "succeeded");

    // The thread holds the plan, that it went on, and the outputs.
    let text = said.text();
    for part in ["Plan ", "to create", "has started", "Done in", "www.dev.mini-soa.localhost"] {
        assert!(text.replace('*', "").contains(part), "no `{part}` in {text}");
    }
    let url = said.site("www");
    let page = http::get(&url).await.unwrap();
    assert_eq!(page.status, 200, "{page:?}");

    // Who served it is a process that the runtime knows.
    let web = machine.healthy("web").await;
    assert_eq!(web.len(), 2);
    let served = web.iter().find(|task| page.body.contains(&task.id)).expect("one of its tasks answered");
    assert!(process::alive(served.pid.unwrap().try_into().unwrap()));
    assert!(page.body.contains("&quot;counter&quot;:"), "it reached the API, and that the database: {}", page.body);

    // The name is in the DNS.
    let server = machine.runtime().await.status().await.unwrap().dns;
    let host = url.trim_start_matches("http://").split(':').next().unwrap();
    assert_eq!(dns::addresses(&server, host).await.unwrap(), [std::net::Ipv4Addr::LOCALHOST]);
    assert!(dns::addresses(&server, "nobody.dev.mini-soa.localhost").await.unwrap().is_empty());

    five_tasks_answer(&machine, &said.site("api")).await;
    the_truth(&machine).await;
    machine.no_orphans().await;
    machine.leave().await;
}

async fn five_tasks_answer(machine: &Machine, url: &str) {
    let said = machine.say("scale api 5").await;
    assert_eq!(said.exit, 0, "{}\n{}", said.text(), said.errors);
    let known: BTreeSet<String> = machine.healthy("api").await.into_iter().map(|task| task.id).collect();
    assert_eq!(known.len(), 5);
    let mut seen = BTreeSet::new();
    for _ in 0..100 {
        seen.insert(task(&http::get(url).await.unwrap().body));
    }
    assert_eq!(seen, known, "five distinct tasks answer behind one name");
}

async fn the_truth(machine: &Machine) {
    let status = machine.say("status dev").await;
    assert_eq!(status.exit, 0);
    for (service, count) in machine.counts().await {
        let line = format!("{count} of {count} task");
        let told = status.text();
        let told = told.lines().find(|told| told.replace('*', "").contains(&service) && told.contains(&line));
        assert!(told.is_some(), "{service} has {count} tasks: {}", status.text());
    }
    for task in machine.tasks().await {
        assert!(status.text().contains(&task.id), "{} runs: {}", task.id, status.text());
    }
    let outputs = machine.say("outputs dev").await;
    assert_eq!(http::get(&outputs.site("www")).await.unwrap().status, 200);
    let history = machine.say("history dev").await.text();
    let places: Vec<_> = ["op-2", "op-1"].map(|op| history.find(op)).into_iter().flatten().collect();
    assert!(places.len() == 2 && places[0] < places[1], "newest first: {history}");
    let logs = machine.say("logs api in dev since 10m").await.text();
    let api = machine.healthy("api").await;
    assert!(api.iter().all(|task| logs.contains(&task.id)), "each task's lines: {logs}");
    assert!(logs.contains("listens on port"), "{logs}");
}

#[tokio::test]
async fn a_broken_version_never_serves() {
    let machine = Machine::start().await;
    let good = machine.say("deploy web:1.0 to dev").await;
    assert_eq!(good.exit, 0, "{}\n{}", good.text(), good.errors);
    let url = good.site("www");
    let before: BTreeSet<_> = machine.healthy("web").await.into_iter().map(|task| (task.id, task.pid)).collect();

    // Somebody keeps asking all the while.
    let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let hammer = tokio::spawn({
        let (stop, asked, url) = (stop.clone(), asked.clone(), url.clone());
        async move {
            let mut failed = Vec::new();
            while !stop.load(Ordering::SeqCst) {
                match http::get(&url).await {
                    Ok(answer) if answer.status == 200 && answer.body.contains("Version <b>1.0</b>") => {}
                    other => failed.push(other),
                }
                asked.fetch_add(1, Ordering::SeqCst);
            }
            failed
        }
    });
    until("somebody asks", || async { (asked.load(Ordering::SeqCst) > 5).then_some(()) }).await;
    let broken = machine.say("deploy web:broken to dev").await;
    stop.store(true, Ordering::SeqCst);
    let failed = hammer.await.unwrap();
    assert!(failed.is_empty(), "{} of {} requests failed: {:?}", failed.len(), asked.load(Ordering::SeqCst), failed[0]);

    assert_eq!(broken.exit, 1, "{}", broken.text());
    assert_eq!(broken.json["state"], "reverted");
    assert!(broken.text().contains("cannot start: it was built broken"), "the reason is there: {}", broken.text());
    let after: BTreeSet<_> = machine.healthy("web").await.into_iter().map(|task| (task.id, task.pid)).collect();
    assert_eq!(before, after, "the same tasks go on");
    machine.no_orphans().await;
    machine.leave().await;
}

#[tokio::test]
async fn production_waits_for_a_person() {
    let machine = Machine::start().await;
    let asked = machine.say_as("platform", "prod", "deploy web to prod").await;
    assert_eq!(asked.exit, 2, "{}\n{}", asked.text(), asked.errors);
    let own = machine.click("platform", "prod", "Approve").await;
    assert_eq!(own.exit, 1, "{}\n{}", own.text(), own.errors);
    assert!(machine.tasks().await.is_empty(), "nothing runs");
    let other = machine.click("platform-two", "prod", "Approve").await;
    assert_eq!(other.exit, 0, "{}\n{}", other.text(), other.errors);
    assert_eq!(http::get(&other.site("www")).await.unwrap().status, 200);

    // At the terminal an approval can be typed as well.
    let again = machine.say_as("developer", "prod", "deploy web:2.0 to prod").await;
    assert_eq!((again.exit, again.operation()), (2, Some("op-2")), "{}\n{}", again.text(), again.errors);
    let typed = machine.say_as("platform", "prod", "approve op-2").await;
    assert_eq!(typed.exit, 0, "{}\n{}", typed.text(), typed.errors);
    until("the approved version serves", || async {
        let web = machine.healthy("web").await;
        (web.len() == 2 && web.iter().all(|task| task.version == "2.0")).then_some(())
    })
    .await;
    let nonsense = machine.say("deplyo web").await;
    assert_eq!(nonsense.exit, 1, "{}", nonsense.text());
    machine.leave().await;
}

#[tokio::test]
async fn a_short_life_in_real_time() {
    // One minute is the nearest warning, and two thirds of a life are the farthest.
    const LIFE: Duration = Duration::from_secs(92);
    let machine = Machine::start().await;
    let said = machine.say(&format!("deploy web to dev for {}s", LIFE.as_secs())).await;
    assert_eq!(said.exit, 0, "{}\n{}", said.text(), said.errors);
    let thread = said.json["thread"].as_str().unwrap().parse().unwrap();
    within(LIFE, "a warning in the environment's thread", || async {
        let replies = machine.workspace().messages("developer", "dev", Some(thread)).await.ok()?;
        let labels = replies.iter().flat_map(gantry_tests::chronicle::buttons);
        labels.into_iter().any(|label| label == "Tear down now").then_some(())
    })
    .await;
    within(LIFE, "everything is gone", || async {
        let objects = machine.runtime().await.list(&Filter::default()).await.ok()?;
        objects.is_empty().then_some(())
    })
    .await;
    let history = until("the teardown is told", || async {
        let history = machine.say("history dev").await.text();
        history.contains("teardown dev").then_some(history)
    })
    .await;
    assert!(history.contains("op-2"), "{history}");
    assert!(machine.runtime().await.tasks(&Filter::default()).await.unwrap().is_empty());
    machine.no_orphans().await;
    let mut machine = machine;
    until("the receipt is told", || async {
        let replies = machine.workspace().messages("developer", "dev", Some(thread)).await.ok()?;
        let told = |message| gantry_tests::transcript::text(message).contains("0 left over");
        replies.iter().any(told).then_some(())
    })
    .await;
    machine.stop_bot().await;
    let receipt = machine.journal().await.pop().and_then(|teardown| teardown.receipt).expect("a receipt");
    assert!(receipt.is_clean() && receipt.created == receipt.destroyed, "{receipt:?}");
    machine.leave().await;
}

#[tokio::test]
async fn ctrl_c_and_then_on() {
    let mut machine = Machine::start().await;
    let said = machine.say("deploy web to dev").await;
    assert_eq!(said.exit, 0, "{}\n{}", said.text(), said.errors);
    let before: BTreeSet<_> = machine.tasks().await.into_iter().map(|task| (task.id, task.pid)).collect();
    machine.stop_bot().await;
    assert_eq!(http::get(&said.site("www")).await.unwrap().status, 200, "what runs goes on running");
    let [operation] = &machine.journal().await[..] else { panic!("one operation") };
    assert_eq!(operation.state(), State::Succeeded);
    machine.start_bot().await;
    let scaled = machine.say("scale web 3").await;
    assert_eq!(scaled.exit, 0, "{}\n{}", scaled.text(), scaled.errors);
    let after: BTreeSet<_> = machine.tasks().await.into_iter().map(|task| (task.id, task.pid)).collect();
    assert!(after.is_superset(&before) && after.len() == before.len() + 1, "only the new task is new");
    machine.leave().await;
}
