//! The real program on a stand-in for AWS, killed with `kill -9` thirty times: in a provision, in a rollout, in a teardown.

use super::{ours, twice};
use gantry_engine::journal::State;
use gantry_standin::{Options, Standin, ZONE};
use gantry_tests::AWS_EXAMPLE;
use gantry_tests::machine::Machine;
use gantry_workspace::Slash;
use serde_json::json;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Its seconds per second of ours. What the program waits for by its own clock isn't shortened by it.
const SCALE: f64 = 60.0;
/// Credentials and a secret's value: nothing that the program writes may hold them.
const CANARIES: [&str; 3] = ["canary-key-of-the-account", "canary-token-of-the-session", "canary-value-of-the-secret"];
/// Between two looks at what it has done.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// How long one operation may take, deaths included.
const LONGEST: Duration = Duration::from_secs(400);

async fn type_it(machine: &Machine, text: &str) {
    let (who, channel) = ("platform".to_owned(), "ops".to_owned());
    let slash = Slash { who, channel, command: "/gantry".to_owned(), text: text.to_owned(), thread_ts: None };
    machine.workspace().command(&slash).await.unwrap();
}

fn writes(standin: &Standin) -> usize {
    standin.calls().iter().filter(|call| call.mutating).count()
}

/// Kills the program each time when so many more calls have changed something; then waits for the end.
async fn with_deaths(machine: &mut Machine, standin: &Standin, deaths: usize, every: usize) -> usize {
    let cards = machine.cards("ops").await.iter().filter(|(_, state)| state.is_closed()).count();
    let mut died = 0;
    let mut next = writes(standin) + every;
    let deadline = Instant::now() + LONGEST;
    while machine.cards("ops").await.iter().filter(|(_, state)| state.is_closed()).count() <= cards {
        assert!(Instant::now() < deadline, "it isn't over after {died} deaths");
        if died < deaths && writes(standin) >= next {
            machine.kill_bot().await;
            machine.start_bot().await;
            died += 1;
            next = writes(standin) + every;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    died
}

#[tokio::test]
async fn thirty_times() {
    let standin = Standin::start(Options { scale: SCALE, ..Options::default() });
    standin.equip(&["1.0", "1.1"]);
    let project = AWS_EXAMPLE.replace("approval = \"confirm\"", "approval = \"none\"");
    let env = [
        ("AWS_ENDPOINT_URL", standin.url()),
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", CANARIES[0]),
        ("AWS_SESSION_TOKEN", CANARIES[1]),
        ("GANTRY_LOG", "debug"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    let secret = json!({ "Name": "mini-soa/token", "SecretString": CANARIES[2] });
    standin.act("secretsmanager", "create_secret", &secret);
    let before: Vec<String> = standin.state().into_iter().map(|thing| thing.id).collect();
    let project = project
        .replace("env = { DB_ADDRESS", "secrets = { TOKEN = \"secretsmanager:mini-soa/token\" }\nenv = { DB_ADDRESS");
    let mut machine = Machine::with_env(&project, &env).await;

    type_it(&machine, "deploy web, slackbot to staging").await;
    let mut died = with_deaths(&mut machine, &standin, 14, 2).await;
    assert_eq!(twice(&standin), [""; 0]);
    let made = ours(&standin);
    assert_eq!(made.get("ecs service"), Some(&4), "{made:#?}");
    assert!(
        standin.state().iter().any(|thing| thing.sort == "record" && thing.id.contains(&format!("www.staging.{ZONE}")))
    );

    type_it(&machine, "deploy web:1.1 to staging").await;
    died += with_deaths(&mut machine, &standin, 2, 1).await;
    assert_eq!(twice(&standin), [""; 0]);
    assert_eq!(ours(&standin).get("ecs service"), Some(&4));

    type_it(&machine, "teardown staging with volumes").await;
    died += with_deaths(&mut machine, &standin, 30 - died, 1).await;
    assert_eq!(died, 30);
    assert_eq!(ours(&standin), [("ec2 snapshot".to_owned(), 1)].into(), "nothing of ours is left but what is wanted");
    let left: Vec<String> =
        standin.state().into_iter().map(|thing| thing.id).filter(|id| !before.contains(id)).collect();
    assert_eq!(left.len(), 1, "{left:?}");
    machine.stop_bot().await;
    let states: Vec<State> = machine.journal().await.iter().map(gantry_engine::journal::Operation::state).collect();
    assert_eq!(states, [State::Succeeded; 3]);
    assert_eq!(machine.files_with(&CANARIES), Vec::<PathBuf>::new(), "no credential and no secret is written anywhere");
    machine.leave().await;
}
