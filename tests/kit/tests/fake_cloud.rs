//! The fake cloud is as nasty as it says: each nastiness, seen through the port.

use gantry_engine::address::{Generation, Kind, Mark};
use gantry_engine::names::InstallationId;
use gantry_engine::plan::{Diff, Rules, Transition};
use gantry_engine::ports::Platform;
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Put, Remove, Token};
use gantry_engine::value::{Output, Spec};
use gantry_testkit::fake::{FakeCloud, FakePlatform, FakeRules, Weather, kind};
use gantry_testkit::life::Edge;
use gantry_testkit::sample;
use std::collections::BTreeSet;
use std::time::Duration;

/// More asks than anything takes in the weather of these tests.
const ASKS: usize = 60;

fn put(kind: &Kind, at: &str, spec: Spec) -> Put {
    let mark = Mark {
        installation: InstallationId::new("here"),
        project: sample::project_name("shop"),
        incarnation: 1,
        addr: at.parse().expect("a test's address is one"),
        generation: Generation::FIRST,
    };
    let token = Token(format!("token of {mark} {spec:?}"));
    Put {
        at: Handle { mark, kind: kind.clone(), id: None },
        token,
        spec,
        replaces: None,
        tried: None,
        begun: Duration::ZERO,
    }
}

fn removal(of: &Put) -> Remove {
    Remove { at: of.at.clone(), token: Token(format!("gone: {}", of.token.0)), tried: None }
}

async fn ask(platform: &FakePlatform, want: &Put) -> Result<Progress, ProviderError> {
    platform.driver(&want.at.kind).expect("it is one of its kinds").put(want).await
}

async fn remove(platform: &FakePlatform, what: &Put) -> Result<Progress, ProviderError> {
    platform.driver(&what.at.kind).expect("it is one of its kinds").remove(&removal(what)).await
}

/// Asks until it is done.
async fn made(platform: &FakePlatform, want: &Put) -> Observed {
    for _ in 0..ASKS {
        match ask(platform, want).await {
            Ok(Progress::Done(seen)) => return seen,
            Ok(Progress::Pending { .. }) | Err(ProviderError::NotYet(_) | ProviderError::Transient(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    panic!("{} never gets done", want.at.mark);
}

fn network() -> Put {
    put(&kind::NETWORK, "dev/net/main", Spec::new().with("range", "10.0.0.0/16"))
}

fn service(version: &str) -> Put {
    put(&kind::SERVICE, "dev/web/service", Spec::new().with("version", version).with("replicas", 2_i64))
}

#[tokio::test]
async fn outputs_come_late_and_some_before_it_is_ready() {
    let cloud = FakeCloud::new(Weather::FAIR);
    let platform = FakePlatform::new(&cloud);
    let balancer = put(&kind::BALANCER, "dev/web/balancer", Spec::new().with("port", 80_i64));
    let Ok(Progress::Pending { seen, note: Note::Usually { .. }, .. }) = ask(&platform, &balancer).await else {
        panic!("it isn't ready at once")
    };
    assert!(seen.outputs.contains_key(&Output::new("address")), "known at once");
    assert!(!seen.outputs.contains_key(&Output::new("url")), "not yet");
    let done = made(&platform, &balancer).await;
    assert!(done.outputs.contains_key(&Output::new("url")));
    assert_eq!(done.outputs[&Output::new("address")], seen.outputs[&Output::new("address")]);
}

#[tokio::test]
async fn what_is_in_use_cant_go() {
    let cloud = FakeCloud::new(Weather { clinging: 6, ..Weather::FAIR });
    let platform = FakePlatform::new(&cloud);
    let id = made(&platform, &network()).await.id.expect("it has one");
    let group = put(&kind::GROUP, "dev/cluster-a/group", Spec::new().with("network", id.0.as_str()));
    made(&platform, &group).await;
    assert!(matches!(remove(&platform, &network()).await, Err(ProviderError::Conflict(_))));
    assert!(matches!(remove(&platform, &group).await, Ok(Progress::Done(_))));
    assert!(matches!(remove(&platform, &network()).await, Err(ProviderError::Conflict(_))), "it clings for a while");
    for _ in 0..ASKS {
        if matches!(remove(&platform, &network()).await, Ok(Progress::Done(_))) {
            assert_eq!(cloud.marks(), []);
            return;
        }
    }
    panic!("it clings for ever");
}

#[tokio::test]
async fn a_role_cant_be_used_at_once_and_what_is_gone_never() {
    let cloud = FakeCloud::new(Weather::FAIR);
    let platform = FakePlatform::new(&cloud);
    let role = put(&kind::ROLE, "dev/cluster-a/role", Spec::new());
    let id = made(&platform, &role).await.id.expect("it has one");
    let user = |part: &str| put(&kind::DISK, &format!("dev/web/{part}"), Spec::new().with("role", id.0.as_str()));
    assert!(matches!(ask(&platform, &user("disk")).await, Err(ProviderError::NotYet(_))));
    made(&platform, &user("disk")).await;
    cloud.vanish(&role.at.mark.addr);
    assert!(matches!(ask(&platform, &user("other")).await, Err(ProviderError::Invalid(_))));
}

#[tokio::test]
async fn a_name_belongs_to_one() {
    let cloud = FakeCloud::new(Weather::FAIR);
    let platform = FakePlatform::new(&cloud);
    let record = |at: &str| put(&kind::RECORD, at, Spec::new().with("name", "www.fake"));
    made(&platform, &record("dev/web/record")).await;
    assert!(matches!(ask(&platform, &record("dev/api/record")).await, Err(ProviderError::Conflict(_))));
    made(&platform, &record("dev/web/record")).await;
    assert_eq!(cloud.tally().created[&kind::RECORD], 1);
}

#[tokio::test]
async fn look_ups_lag_so_two_who_only_look_make_two() {
    let cloud = FakeCloud::new(Weather { lag: 30, ..Weather::FAIR });
    // Each looks for the other's in vain: nobody told them that they are two. That is what leases are for.
    for platform in [FakePlatform::new(&cloud), FakePlatform::new(&cloud)] {
        assert!(matches!(ask(&platform, &network()).await, Ok(Progress::Pending { .. })));
    }
    assert_eq!(cloud.tally().duplicates.len(), 1);
}

#[tokio::test]
async fn what_a_lost_reply_was_about_is_looked_for_until_it_would_show() {
    let cloud = FakeCloud::new(Weather { lag: 30, ..Weather::FAIR });
    cloud.fail_effect(0, Edge::After);
    let lost = ask(&FakePlatform::new(&cloud), &network()).await;
    assert!(matches!(lost, Err(ProviderError::Transient(_))), "{lost:?}");
    assert_eq!(cloud.marks().len(), 1, "it is there, and nobody knows");
    // Whoever goes on knows how long ago that was, and nothing else.
    let platform = FakePlatform::new(&cloud);
    for seconds in [0, 10, 19] {
        let again = Put { tried: Some(Duration::from_secs(seconds)), ..network() };
        assert!(matches!(ask(&platform, &again).await, Err(ProviderError::NotYet(_))), "{seconds} s");
    }
    cloud.pass(Duration::from_secs(30));
    made(&platform, &Put { tried: Some(Duration::from_secs(30)), ..network() }).await;
    assert_eq!(cloud.tally().created[&kind::NETWORK], 1);
}

#[tokio::test]
async fn who_forgets_what_was_tried_makes_two() {
    let cloud = FakeCloud::new(Weather { lag: 30, ..Weather::FAIR });
    cloud.fail_effect(0, Edge::After);
    let platform = FakePlatform::new(&cloud);
    assert!(ask(&platform, &network()).await.is_err());
    assert!(ask(&platform, &network()).await.is_ok());
    assert_eq!(cloud.tally().duplicates.len(), 1);
}

#[tokio::test]
async fn rollouts_go_task_by_task_and_back() {
    let cloud = FakeCloud::new(Weather::FAIR);
    let platform = FakePlatform::new(&cloud);
    let first = ask(&platform, &service("1.0")).await;
    assert!(
        matches!(first, Ok(Progress::Pending { note: Note::Tasks { healthy: 1, wanted: 2, .. }, .. })),
        "{first:?}"
    );
    made(&platform, &service("1.0")).await;
    let mut asks = 0;
    while !matches!(ask(&platform, &service("broken")).await, Ok(Progress::Reverted { .. })) {
        asks += 1;
        assert!(asks < ASKS, "it is never taken back");
    }
    let serves = cloud.spec(&service("").at.mark.addr).expect("it is there");
    assert_eq!(serves, service("1.0").spec);
    let live = platform.live(&sample::key("dev")).await.expect("fair weather");
    assert!(live.tasks.iter().all(|task| task.version.as_str() == "1.0"));
}

#[tokio::test]
async fn groups_change_by_themselves_and_nobodys_spec_says_so() {
    let cloud = FakeCloud::new(Weather::FAIR);
    let platform = FakePlatform::new(&cloud);
    let group = put(&kind::GROUP, "dev/cluster-b/group", Spec::new().with("min", 1_i64).with("max", 3_i64));
    let before = made(&platform, &group).await;
    let mut sizes = BTreeSet::new();
    for _ in 0..ASKS {
        sizes.insert(platform.live(&sample::key("dev")).await.expect("fair weather").nodes.len());
    }
    assert_eq!(sizes.into_iter().collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(made(&platform, &group).await, before);
}

#[tokio::test]
async fn throttling_and_failures_come_by_seed() {
    let weather = Weather { throttle: 30, fail: 30, ..Weather::FAIR };
    let answers = |seed: u64| async move {
        let cloud = FakeCloud::new(Weather { seed, ..weather });
        let platform = FakePlatform::new(&cloud);
        let mut answers = Vec::new();
        for _ in 0..ASKS {
            answers.push(format!("{:?}", platform.live(&sample::key("dev")).await));
        }
        answers
    };
    let one = answers(1).await;
    assert!(one.iter().any(|answer| answer.contains("Throttled")) && one.iter().any(|answer| answer.contains("broke")));
    assert_eq!(one, answers(1).await, "the same seed, the same day");
    assert_ne!(one, answers(2).await);
}

#[test]
fn kinds_are_replaced_in_their_own_ways() {
    let colour = |field: &str, value: &str| Spec::new().with(field, value);
    let rule = |kind: &Kind, field: &str| {
        let (from, to, moved) = (colour(field, "a"), colour(field, "b"), BTreeSet::new());
        FakeRules.transition(&Diff { kind, from: &from, to: &to, moved: &moved })
    };
    assert_eq!(rule(&kind::CERTIFICATE, "host"), Transition::CreateFirst);
    assert_eq!(rule(&kind::DISK, "size"), Transition::DeleteFirst);
    assert_eq!(rule(&kind::SERVICE, "version"), Transition::InPlace);
    assert!(FakeRules.holds_data(&kind::VOLUME) && !FakeRules.holds_data(&kind::DISK));
}
