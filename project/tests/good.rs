//! Files that can be used: what becomes of them.

mod sea;

use gantry_engine::names::{EnvName, ServiceName};
use gantry_engine::project::{Policy, Project, Who};
use gantry_project::{Platform, Vocabulary, inspect, read};

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
    assert_eq!(environment("prod").approval, Policy::votes(1, "platform"));
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

#[test]
fn what_a_platform_should_know_is_read_and_not_understood() {
    let text = "version = 1\n[project]\nname = \"x\"\n[sea]\nharbour = \"kiel\"\nbanned = [\"rome\"]\n\
                [clusters.a]\nnodes = 1\nsea = { drive = \"sail\", draught = 0x9 }\n\
                [environments.dev]\nplatform = \"sea\"\n[environments.dev.sea]\nharbour = \"bremen\"\n";
    let platforms = [sea::platform()];
    let inspection = inspect(text, "gantry.toml", &Vocabulary { verbs: &[], platforms: &platforms });
    assert!(inspection.findings.is_empty(), "{:?}", inspection.findings);
    let project = inspection.project.unwrap();
    let sea = gantry_engine::names::PlatformName::new("sea").unwrap();
    let ship = &project.clusters.values().next().unwrap().settings[&sea];
    assert_eq!((ship.get("drive").unwrap().as_text(), ship.get("draught").unwrap().as_int()), (Some("sail"), Some(9)));
    let dev = &project.environments[0];
    let settings = project.settings_for(dev);
    assert_eq!(settings.get("harbour").unwrap().as_text(), Some("bremen"), "the environment's word wins");
    assert_eq!(settings.get("banned").unwrap().to_string(), "[rome]", "and the project's stands where it has none");
    let stored = serde_json::to_string(&project).unwrap();
    assert_eq!(serde_json::from_str::<Project>(&stored).unwrap(), project);
}

#[test]
fn editors_and_the_handbook_know_a_platform_s_settings() {
    let platforms = [sea::platform(), Platform::named("bare")];
    let schema = gantry_project::schema(&platforms);
    let ship = "/properties/clusters/additionalProperties/properties/sea/properties/draught";
    assert_eq!(schema.pointer(ship).unwrap()["type"], "integer", "an optional key has no null");
    assert!(
        schema.pointer("/properties/services/additionalProperties/properties/sea").is_none(),
        "nothing to set there"
    );
    assert!(schema.pointer("/properties/bare").is_none());
    let page = gantry_project::reference(&platforms);
    for part in ["## `[sea]`", "## `[clusters.NAME.sea]`", "The harbour that ships leave from.", "`sail`: By the wind."]
    {
        assert!(page.contains(part), "{part} in\n{page}");
    }
    assert!(!gantry_project::reference(&[]).contains("sea]"));
}
