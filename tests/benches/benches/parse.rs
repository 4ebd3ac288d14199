//! How long one parse takes, with as many names to look in as a company has. What a parse decides, and whether it is
//! right, is tested elsewhere.

use gantry_benches::{Table, micros, rounds};
use gantry_commands::{Context, Names, Vocabulary, parse};
use gantry_engine::names::{ClusterName, EnvName, ProjectName, ServiceName};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::hint::black_box;

/// Parses in one round: enough that the clock's grain doesn't matter.
const PARSES: u32 = 2_000;
const ROUNDS: usize = 15;

const PROJECTS: [&str; 4] = ["shop", "billing", "search", "platform"];
const SERVICES: [&str; 10] =
    ["web", "api", "db", "cache", "mailer", "worker", "search", "checkout", "inventory", "gateway"];
const ENVIRONMENTS: [&str; 6] = ["dev", "staging", "prod", "load", "demo", "nightly"];

const TEXTS: [(&str, &str); 9] = [
    ("short", "status dev"),
    ("usual", "deploy web-3:1.4.2 to staging for 8h because the release is due"),
    ("several services", "deploy web, api-1:2.0, cache-2, worker-4:nightly to dev"),
    ("a time of day", "teardown demo at tomorrow 9am"),
    ("a mention, quotes, a long dash", "<@U1> deploy `web-3` to staging —for 8h because “it’s time”"),
    ("a misspelt verb", "depoly web-3 to staging"),
    ("a misspelt name", "deploy chekout-4 to staging"),
    ("nothing it knows", "what is the meaning of all this, and who is to blame for it?"),
    ("3,000 characters of nonsense", ""),
];

fn vocabulary() -> Vocabulary {
    let mut vocabulary = Vocabulary::new();
    for project in PROJECTS {
        let service = |name: &str, number: u32| match number {
            0 => ServiceName::new(name),
            _ => ServiceName::new(&format!("{name}-{number}")),
        };
        let services = SERVICES.iter().flat_map(|name| (0..5).map(move |number| service(name, number)));
        let services: Vec<_> = services.collect::<Result<_, _>>().expect("names");
        let lasting = ENVIRONMENTS.iter().map(|name| EnvName::new(name));
        let passing = (0..24).map(|number| EnvName::new(&format!("pr-{number}")));
        let environments: Vec<_> = lasting.chain(passing).collect::<Result<_, _>>().expect("names");
        let clusters = ["a", "b"].map(|name| ClusterName::new(name).expect("a name"));
        let names = Names::new(services, environments, clusters).with_new(["pr-*".to_owned()]);
        vocabulary.insert(ProjectName::new(project).expect("a name"), names);
    }
    vocabulary
}

fn main() {
    let vocabulary = vocabulary();
    let now: Timestamp = "2026-11-20T09:00:00Z".parse().expect("a time");
    let cx = Context { now, zone: TimeZone::UTC, vocabulary: &vocabulary, me: None };
    let nonsense = "deploi \"we)b tö <@> `".repeat(150);
    let title = format!(
        "One parse, with {} services and {} environments in {} projects",
        PROJECTS.len() * SERVICES.len() * 5,
        PROJECTS.len() * (ENVIRONMENTS.len() + 24),
        PROJECTS.len()
    );
    let mut table = Table::new(&title, &["what is said", "ends in", "µs of CPU", "least", "most"]);
    for (what, text) in TEXTS {
        let text = if text.is_empty() { nonsense.as_str() } else { text };
        let ends = match parse(text, &cx) {
            Ok(Some(_)) => "a command",
            Ok(None) => "nothing said",
            Err(_) => "an error with a hint",
        };
        let all = rounds(ROUNDS, || {
            for _ in 0..PARSES {
                black_box(parse(black_box(text), &cx)).ok();
            }
        });
        let each = |cost: gantry_benches::Cost| micros(cost.cpu / PARSES);
        table.row([what.to_owned(), ends.to_owned(), each(all.median), each(all.least), each(all.most)]);
    }
    table.print();
}
