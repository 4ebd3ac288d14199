//! The rooms' arrows, and the house rules that a search can check. Reads `cargo metadata` and the sources.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What each room may use of the others.
const ARROWS: [(&str, &[&str]); 10] = [
    ("gantry-engine", &[]),
    ("gantry-workspace", &[]),
    ("mini-soa", &[]),
    ("gantry-commands", &["gantry-engine"]),
    ("gantry-project", &["gantry-engine"]),
    ("gantry-store", &["gantry-engine"]),
    ("gantry-templates", &["gantry-engine"]),
    ("gantry-aws", &["gantry-engine"]),
    ("gantry-local", &["gantry-engine"]),
    (
        "gantry",
        &[
            "gantry-aws",
            "gantry-commands",
            "gantry-engine",
            "gantry-local",
            "gantry-project",
            "gantry-store",
            "gantry-templates",
            "gantry-workspace",
            "mini-soa",
        ],
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The product's packages with the names of what they depend on, dependencies of their tests aside.
fn packages() -> BTreeMap<String, BTreeSet<String>> {
    let arguments = ["metadata", "--format-version", "1", "--no-deps", "--offline"];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let of = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap().iter();
        (name(package), all.filter(|dependency| dependency["kind"].is_null()).map(name).collect())
    };
    // What lies below `tests` is for tests alone, and may use anything.
    let tests = root().join("tests");
    let product = |package: &&Value| !Path::new(package["manifest_path"].as_str().unwrap()).starts_with(&tests);
    metadata["packages"].as_array().unwrap().iter().filter(product).map(of).collect()
}

#[test]
fn arrows_point_the_right_way() {
    let packages = packages();
    let ours: BTreeSet<&str> = packages.keys().map(String::as_str).collect();
    let arrows = BTreeMap::from(ARROWS);
    for (name, dependencies) in &packages {
        let used: BTreeSet<&str> = dependencies.iter().map(String::as_str).filter(|name| ours.contains(name)).collect();
        let Some(allowed) = arrows.get(name.as_str()) else { panic!("{name} is a new room: say here what it may use") };
        let wrong: Vec<_> = used.iter().filter(|other| !allowed.contains(other)).collect();
        assert!(wrong.is_empty(), "{name} must not use {wrong:?}");
    }
}

#[test]
fn each_outside_world_is_known_in_one_room() {
    let packages = packages();
    let users = |library: &str| -> Vec<&str> {
        packages.iter().filter(|(_, all)| all.contains(library)).map(|(name, _)| name.as_str()).collect()
    };
    assert_eq!(users("sqlx"), ["gantry-store"]);
    assert_eq!(users("slack-morphism"), ["gantry"]);
    assert_eq!(users("handlebars"), ["gantry-templates"]);
    assert_eq!(users("hickory-server"), ["gantry-local"]);
    assert!(!users("tokio").contains(&"gantry-commands"), "the language does no I/O");
}

/// Every source file below the root, without what cargo and tools made.
fn sources() -> Vec<(String, String)> {
    fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            if path.is_dir() && !name.starts_with('.') && name != "target" {
                walk(&path, found);
            } else if name.ends_with(".rs") {
                found.push(path);
            }
        }
    }
    let (root, mut found) = (root(), Vec::new());
    walk(&root, &mut found);
    let named = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path.strip_prefix(&root).unwrap().to_string_lossy().into_owned(), text)
    };
    found.into_iter().map(named).collect()
}

/// Files that are for tests alone.
fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.contains("/tests") || path.ends_with("_tests.rs")
}

/// A file's code without its tests at the end.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text)
}

#[test]
fn every_file_says_what_it_is() {
    let silent: Vec<_> =
        sources().into_iter().filter(|(_, text)| !text.starts_with("//! ")).map(|(path, _)| path).collect();
    assert!(silent.is_empty(), "without a `//!` line: {silent:#?}");
}

#[test]
fn what_belongs_to_one_room_stays_there() {
    for (path, text) in sources() {
        if is_test(&path) {
            continue;
        }
        let code = code(&text);
        let only = |what: &str, room: &str| {
            assert!(
                path.starts_with(room) || !code.contains(what),
                "{what} is known in {room} only, and {path} says it"
            );
        };
        only("slack_morphism::", "bot/src/slack");
        only("sqlx::", "engine/store");
        only("handlebars::", "templates");
        for statement in ["\"SELECT ", "\"INSERT INTO ", "\"UPDATE ", "\"DELETE FROM "] {
            only(statement, "engine/store");
        }
        assert!(!code.contains("#[allow("), "{path}: #[expect(.., reason)] instead of #[allow(..)]");
    }
}
