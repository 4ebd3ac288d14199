//! Files that can be used: what becomes of them.

use gantry_engine::names::{EnvName, ServiceName};
use gantry_engine::project::{Policy, Project, Who};
use gantry_project::{Vocabulary, inspect, read};

const EXAMPLE: &str = include_str!("../../examples/mini-soa/gantry.toml");

fn good(text: &str) -> Project {
    read(text, "gantry.toml").unwrap_or_else(|findings| {
        let why: Vec<String> = findings.iter().map(|f| format!("{}:{} {f}", f.line(), f.column())).collect();
        panic!("{findings}:\n{}", why.join("\n"))
    })
}

#[test]
fn everything_that_can_be_written_is_read() {
    insta::assert_debug_snapshot!(good(include_str!("everything.toml")));
}

#[test]
fn what_is_left_out_has_a_default() {
    let text = "version = 1\n[project]\nname = \"least\"\n[clusters.only]\nnodes = 1\n[services.job]\ncommand = [\"job\"]\n\
                [environments.dev]\nplatform = \"local\"\n";
    insta::assert_debug_snapshot!(good(text));
}

#[test]
fn a_project_survives_its_stored_form() {
    let project = good(EXAMPLE);
    let stored = serde_json::to_string(&project).unwrap();
    assert_eq!(serde_json::from_str::<Project>(&stored).unwrap(), project);
}

#[test]
fn the_revision_is_the_digest_of_the_text() {
    let (one, same, other) = (good(EXAMPLE), good(EXAMPLE), good(&format!("{EXAMPLE}\n# a word more\n")));
    assert_eq!(one.revision, same.revision);
    assert_ne!(one.revision, other.revision);
    assert_eq!(one.revision.as_str().len(), 64);
    // What `sha256sum` says of this text.
    let small = good("version = 1\n[project]\nname = \"x\"\n");
    assert_eq!(small.revision.as_str(), "cb7aa643df913facbb0f99e9d8711e80707e89b7073c0e172c592cf85bd7b02e");
}

#[test]
fn the_example_holds_what_it_promises() {
    let inspection = inspect(EXAMPLE, "gantry.toml", &Vocabulary::default());
    assert!(inspection.findings.is_empty(), "{:?}", inspection.findings);
    let project = inspection.project.unwrap();
    let service = |name: &str| &project.services[&ServiceName::new(name).unwrap()];
    let name = |name: &str| ServiceName::new(name).unwrap();
    assert_eq!(project.services.keys().map(ServiceName::as_str).collect::<Vec<_>>(), ["api", "db", "slackbot", "web"]);
    assert_eq!(service("web").host.as_deref(), Some("www"));
    assert!(service("db").volume.is_some());
    let needed = project.with_dependencies(&[name("web")].into());
    assert_eq!(needed, [name("api"), name("db"), name("web")].into(), "web brings what it needs");
    let environment = |name: &str| project.environment(&EnvName::new(name).unwrap()).unwrap();
    assert_eq!(environment("dev").approval, Policy::None);
    assert_eq!(environment("staging").approval, Policy::Confirm);
    assert!(matches!(&environment("prod").approval, Policy::Votes { count: 1, from } if from.as_str() == "platform"));
    assert_eq!(environment("prod").expiry, None);
    assert_eq!(environment("pr-12").pattern.0, "pr-*");
    assert!(project.allow.iter().all(|rule| !rule.who.contains(&Who::Everyone)), "a newcomer has no rights");
    for rule in &project.allow {
        assert_eq!(EXAMPLE.lines().nth(rule.line as usize - 1), Some("[[allow]]"), "rules know their line");
    }
}

#[test]
fn exact_names_come_first_then_longer_patterns() {
    let text = "version = 1\n[project]\nname = \"x\"\n[environments.\"*\"]\nplatform = \"local\"\n\
                [environments.\"pr-*\"]\nplatform = \"local\"\n[environments.zone]\nplatform = \"local\"\n";
    let order: Vec<String> = good(text).environments.into_iter().map(|settings| settings.pattern.0).collect();
    assert_eq!(order, ["zone", "pr-*", "*"]);
}
