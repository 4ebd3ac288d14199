//! Fifty secrets, each in a place of its own, given to the real program with every log on; none of them is found in anything that it
//! writes, prints, sends or shows. That each was used where it was put is checked as well, and that what is
//! searched for can be found: one is said in a channel.

mod ground;
mod nest;

use gantry_tests::process;
use gantry_tests::wait::until;
use ground::{Ground, Square, raw};
use nest::{Nest, Traces, holds};
use nix::sys::resource::Resource;
use std::fs;
use std::net::SocketAddr;
use std::process::Stdio;

/// How many there are to be.
const CANARIES: usize = 50;
/// How many a task has from the runtime's environment, and as many from files.
const OF_TASKS: usize = 10;
/// How many threads the program has that do nothing but work.
const WORKERS: usize = 2;
/// What companies have in environments, and what is none of ours.
const BYSTANDERS: [&str; 5] =
    ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "DATABASE_URL", "NPM_TOKEN"];

/// The example, with secrets for its `web`, which tells a file that isn't searched what it was given.
fn project(ground: &Ground, nest: &Nest) -> (String, Vec<(String, String)>) {
    let mut given = Vec::new();
    let mut secrets = String::new();
    for number in 0..OF_TASKS {
        let (variable, file) =
            (nest.lay(format!("variable {number} of a task")), nest.lay(format!("file {number} of a task")));
        secrets += &format!("CANARY_V{number} = \"env:GIVEN_{number}\"\n");
        secrets += &format!("CANARY_F{number} = \"file:{}\"\n", ground.give(&format!("secret-{number}"), &file));
        given.push((format!("GIVEN_{number}"), variable));
    }
    let proof = ground.dir.path().join("given/proof");
    let command =
        format!("command = [\"sh\", \"-c\", \"env > {}.$GANTRY_TASK; exec gantry example web\"]", proof.display());
    // No process can be started with this one.
    let unfit = ground.give("unfit", &format!("{}\0", nest.lay("a file that no variable can hold")));
    let unfit = format!("secrets = {{ UNFIT = \"file:{unfit}\" }}");
    let text = gantry_tests::EXAMPLE.replacen("command = [\"gantry\", \"example\", \"web\"]", &command, 1);
    let text =
        text.replacen("[services.web.env]", &format!("[services.web.secrets]\n{secrets}\n[services.web.env]"), 1);
    let comment = "# secrets = { SLACK_TOKEN = \"env:SLACKBOT_TOKEN\" }";
    assert!(text.contains(comment) && text.contains(&command) && text.contains("CANARY_V0"), "the example is another");
    (text.replacen(comment, &unfit, 1), given)
}

/// Requests through the edge, to a site that is there and to one that isn't.
async fn through_the_edge(nest: &Nest, site: &str, traces: &mut Traces) {
    let port = site.rsplit(':').next().unwrap().trim_end_matches('/');
    for (host, says) in [
        ("www.dev.mini-soa.localhost", "there is nothing here"),
        ("nobody.dev.mini-soa.localhost", "no environment serves"),
    ] {
        let lay = |what: &str| nest.lay(format!("{what} of a request to {host}"));
        let (query, cookie, key) = (lay("the query"), lay("the cookie"), lay("the credentials"));
        let request = format!(
            "GET /?key={query} HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: session={cookie}\r\nAuthorization: Bearer {key}\r\n\
             Connection: close\r\n\r\n"
        );
        let answer = raw(&format!("127.0.0.1:{port}"), &request).await;
        assert!(answer.contains(says), "{answer}");
        traces.add(format!("the page of {host}"), answer);
    }
}

/// The bot on sockets with its tokens in variables; tasks with secrets; mistakes in the project file.
async fn on_sockets(ground: &mut Ground, nest: &Nest, traces: &mut Traces, planted: &str) {
    let square = Square::open(nest, "in variables").await;
    let (text, given) = project(ground, nest);
    let file = ground.give("gantry.toml", &text);
    ground.env.extend(given);
    ground.env.extend(BYSTANDERS.map(|name| (name.to_owned(), nest.lay(format!("the bystander {name}")))));
    let (api, secrets) = (square.workspace.api_url(), square.workspace.secrets().clone());
    let tokens = [("GANTRY_BOT_TOKEN", secrets.bot_token.as_str()), ("GANTRY_APP_TOKEN", secrets.app_token.as_str())];
    let mut bot = ground.start("sockets", &["serve", "--project", &file, "--api-url", &api, "--metrics", "0"], &tokens);
    // Both tokens are needed for this.
    until("the bot has its sockets", || async { (square.people.state().await.unwrap().sockets > 0).then_some(()) })
        .await;
    let metrics = metrics(ground).await;
    let numbers = scrape(&metrics, "before", traces).await;
    for line in ["gantry_environments 0", "gantry_panics_total 0", "gantry_operations_open{state=\"running\"} 0"] {
        assert!(numbers.contains(line), "{line} in {numbers}");
    }
    square.say(&format!("deploy web to dev because {planted}")).await;
    let done = square.hear("succeeded").await;
    let site = done.split_whitespace().find(|word| word.starts_with("http://www.")).unwrap().trim_end_matches('.');
    through_the_edge(nest, site, traces).await;
    used_by_tasks(ground, nest, bot.id().unwrap());
    after_a_deploy(&metrics, traces).await;

    for (mistake, wrong) in mistakes(nest) {
        let broken =
            ground.give("broken.toml", &text.replacen("[services.api]\n", &format!("[services.api]\n{wrong}\n"), 1));
        let said = ground.run(&["validate", &broken], &[], true, traces).await;
        assert!(said.contains("broken.toml"), "{mistake}: {said}");
        fs::copy(&broken, &file).unwrap();
        let said = square.ask("reload").await;
        assert!(said.contains("can't be used"), "{mistake}: {said}");
    }
    fs::write(&file, &text).unwrap();
    for words in ["history dev", "status dev", "outputs dev", "logs web in dev", "whoami"] {
        square.ask(words).await;
    }
    a_panic(ground, &square, bot.id().unwrap(), (&metrics, traces)).await;
    until("a task can't be started", || async {
        ground.printed("state/runtime/daemon.log").contains("could not be started").then_some(())
    })
    .await;
    traces.look_at(&ground.own(), "while it runs");
    process::terminate(bot.id().unwrap());
    assert!(bot.wait().await.unwrap().success());
    ground.run(&["audit", "export"], &[], false, traces).await;
    assert!(ground.printed("sockets.log").contains(" DEBUG "), "every log is on");
    square.close("in variables", traces).await;
}

/// Something is said when the machine refuses every thread, and tokio panics where one is needed. What was said isn't lost:
/// whoever calls this sees its effect, once there are threads again.
async fn a_panic(ground: &Ground, square: &Square, bot: u32, (metrics, traces): (&str, &mut Traces)) {
    until("no thread is left that could do it", || async {
        (process::threads(bot, "tokio-rt-worker") == WORKERS).then_some(())
    })
    .await;
    ground.limit_threads(bot, "1").await;
    square.say("deploy slackbot to dev").await;
    let printed = until("it panics", || async {
        let printed = ground.printed("sockets.log");
        printed.contains("the way to it").then_some(printed)
    })
    .await;
    let (threads, _) = nix::sys::resource::getrlimit(Resource::RLIMIT_NPROC).unwrap();
    ground.limit_threads(bot, &threads.to_string()).await;
    let line = printed.lines().find(|line| line.contains("something panicked")).unwrap();
    assert!(line.contains("/tokio-"), "{line}");
    assert!(printed.contains("spawn_blocking"), "the way to it is told");
    let numbers = scrape(metrics, "after a panic", traces).await;
    assert!(!numbers.contains("gantry_panics_total 0"), "{numbers}");
}

/// Where the metrics are.
async fn metrics(ground: &Ground) -> String {
    until("the metrics have a place", || async {
        let printed = ground.printed("sockets.out");
        let (place, _) = printed.split_once("Metrics are at http://")?.1.split_once("/metrics")?;
        Some(place.to_owned())
    })
    .await
}

/// The page of numbers.
async fn scrape(metrics: &str, when: &str, traces: &mut Traces) -> String {
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: gantry\r\nConnection: close\r\n\r\n");
    let page = raw(metrics, &get("/metrics")).await;
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("gantry_build_info{version="), "{page}");
    traces.add(format!("metrics {when}"), &page);
    let nothing = raw(metrics, &get("/")).await;
    assert!(nothing.starts_with("HTTP/1.1 404"), "{nothing}");
    page
}

/// The numbers of one deploy that succeeded.
async fn after_a_deploy(metrics: &str, traces: &mut Traces) {
    let numbers = scrape(metrics, "after a deploy", traces).await;
    for line in [
        "gantry_environments 1",
        "gantry_deliveries_total{way=\"command\",outcome=\"taken\"} 1",
        "gantry_operations_total{verb=\"deploy\",outcome=\"succeeded\"} 1",
        "gantry_operations_open{state=\"running\"} 0",
        "gantry_slack_calls_total{method=\"auth.test\",outcome=\"ok\"} 1",
        "gantry_expiry_last_look_timestamp_seconds 1",
    ] {
        assert!(numbers.contains(line), "{line} in {numbers}");
    }
}

/// What people write into a project file that doesn't belong there.
fn mistakes(nest: &Nest) -> [(&'static str, String); 3] {
    let lay = |what: &str| nest.lay(format!("{what} in the project file"));
    [
        ("a value", format!("secrets = {{ TOKEN = \"{}\" }}", lay("a secret where a reference belongs"))),
        ("a strange key", format!("secret = \"{}\"", lay("a secret under a key that isn't one"))),
        ("no end", format!("secrets = {{ TOKEN = \"env:{} }}", lay("a secret in a text without an end"))),
    ]
}

/// Each of a task's secrets is in its environment; nothing else that is secret is.
fn used_by_tasks(ground: &Ground, nest: &Nest, bot: u32) {
    let given = fs::read_dir(ground.dir.path().join("given")).unwrap().flatten();
    let proofs: Vec<Vec<u8>> = given
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("proof."))
        .map(|entry| fs::read(entry.path()).unwrap())
        .collect();
    assert!(!proofs.is_empty(), "tasks told what they were given");
    let environment = fs::read(format!("/proc/{bot}/environ")).unwrap();
    for (place, text) in nest.laid.borrow().iter() {
        let of_tasks = place.ends_with("of a task");
        assert!(proofs.iter().all(|proof| holds(proof, text) == of_tasks), "{place}");
        if place.starts_with("the bystander") {
            assert!(holds(&environment, text), "{place}");
        }
    }
    let of = |pid: u32, file: &str| fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
    let daemons = process::of(ground.dir.path()).into_iter().filter(|pid| holds(&of(*pid, "cmdline"), "--detached"));
    let daemons: Vec<u32> = daemons.collect();
    assert!(!daemons.is_empty(), "a daemon runs the tasks");
    for (name, pid) in
        daemons.iter().flat_map(|pid| ["GANTRY_BOT_TOKEN=", "GANTRY_APP_TOKEN="].map(|name| (name, *pid)))
    {
        assert!(holds(&environment, name) && !holds(&of(pid, "environ"), name), "{name} in the daemon's environment");
    }
}

/// The bot on signed requests with its secrets in files; requests that nobody signed.
async fn on_requests(ground: &Ground, nest: &Nest, traces: &mut Traces) {
    let square = Square::open(nest, "in files").await;
    let (api, secrets) = (square.workspace.api_url(), square.workspace.secrets().clone());
    let file = ground.dir.path().join("given/gantry.toml").display().to_string();
    let (bot_file, secret_file) =
        (ground.give("bot", &secrets.bot_token), ground.give("signing", &secrets.signing_secret));
    let args = ["serve", "--project", &file, "--api-url", &api, "--http", "127.0.0.1:0", "--bot-token-file", &bot_file];
    let args = [&args[..], &["--signing-secret-file", &secret_file]].concat();
    let mut bot = ground.start("requests", &args, &[]);
    let address = until("the bot listens", || async {
        let printed = ground.printed("requests.out");
        let rest = printed.split_once("http://")?.1;
        rest.split_once('/')?.0.parse::<SocketAddr>().ok()
    })
    .await;
    square.workspace.deliver_to(&format!("http://{address}/slack"));
    // It is believed for its signature, and answered with the token.
    square.say("status dev").await;
    square.hear("dev").await;
    let lay = |what: &str| nest.lay(format!("{what} of a request that nobody signed"));
    let (query, signature, credentials, body) =
        (lay("the query"), lay("the signature"), lay("the credentials"), lay("the body"));
    let bodies = [
        ("commands", format!("command=%2Fgantry&text={body}")),
        ("events", format!("{{\"type\": \"{}\"}}", lay("the event"))),
        ("interactions", format!("payload={}", lay("the interaction"))),
    ];
    for (path, body) in bodies {
        let request = format!(
            "POST /slack/{path}?token={query} HTTP/1.1\r\nHost: gantry\r\nX-Slack-Signature: v0={signature}\r\n\
             Authorization: Bearer {credentials}\r\nX-Slack-Request-Timestamp: 1\r\nContent-Length: {}\r\nConnection: close\r\n\r\n\
             {body}",
            body.len()
        );
        let answer = raw(&address.to_string(), &request).await;
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
        traces.add("the answers to requests that nobody signed", answer);
    }
    process::terminate(bot.id().unwrap());
    assert!(bot.wait().await.unwrap().success());
    refused(ground, nest, &square, &file, traces).await;
    square.close("in files", traces).await;
}

/// Tokens that Slack refuses, at the start and by `doctor`.
async fn refused(ground: &Ground, nest: &Nest, square: &Square, file: &str, traces: &mut Traces) {
    let api = square.workspace.api_url();
    let serve = ["serve", "--project", file, "--api-url", &api];
    let bot = nest.lay("a bot token that is refused");
    let app = nest.lay("an app token that is refused");
    let good = square.workspace.secrets().bot_token.clone();
    let said = ground.run(&serve, &[("GANTRY_BOT_TOKEN", &bot), ("GANTRY_APP_TOKEN", &app)], true, traces).await;
    assert!(said.contains("refuses the bot token"), "{said}");
    let said = ground.run(&serve, &[("GANTRY_BOT_TOKEN", &good), ("GANTRY_APP_TOKEN", &app)], true, traces).await;
    assert!(said.contains("refuses the app token"), "{said}");
    let taken = api.split('/').nth(2).unwrap();
    let serve = [&serve[..], &["--metrics", taken]].concat();
    let said = ground.run(&serve, &[("GANTRY_BOT_TOKEN", &good), ("GANTRY_APP_TOKEN", &app)], true, traces).await;
    assert!(said.contains(&format!("{taken} can't be listened on for metrics")), "{said}");
    let doctor = ["doctor", "--slack", "--api-url", &api];
    let (bot, app) =
        (nest.lay("a bot token that doctor sees refused"), nest.lay("an app token that doctor sees refused"));
    for (bot, app, which) in [(&bot, &app, "bot"), (&good, &app, "app")] {
        let said = ground.run(&doctor, &[("GANTRY_BOT_TOKEN", bot), ("GANTRY_APP_TOKEN", app)], true, traces).await;
        assert!(said.contains(&format!("refuses the {which} token")), "{said}");
    }
}

#[tokio::test]
async fn none_of_fifty_is_found() {
    let (mut ground, nest, mut traces) = (Ground::lay_out(), Nest::new(), Traces::default());
    let planted = nest.text();
    on_sockets(&mut ground, &nest, &mut traces, &planted).await;
    on_requests(&ground, &nest, &mut traces).await;
    let stopped = ground.gantry(&["runtime", "stop", "--tasks"]).stdout(Stdio::null()).status().await.unwrap();
    assert!(stopped.success());
    traces.look_at(&ground.own(), "afterwards");

    let places = traces.where_is(&planted);
    assert!(!places.iter().any(|place| place.starts_with("metrics")), "labels tell what was said: {places:?}");
    for place in ["gantry.db", "while it runs", "what was sent to Slack", "audit export"] {
        assert!(
            places.iter().any(|found| found.contains(place)),
            "what was said isn't found in {place}, but in {places:?}"
        );
    }
    assert!(nest.laid.borrow().len() >= CANARIES, "only {}", nest.laid.borrow().len());
    assert_eq!(traces.found(&nest), [""; 0]);
}
