//! Files that can't be used, or should be looked at: what their author reads. Each file in `bad` has one snapshot.

mod sea;

use gantry_project::{Findings, Inspection, Platform, Vocabulary, inspect, read};
use miette::{GraphicalReportHandler, GraphicalTheme};

/// What stands in the files where a secret would.
const SECRET: &str = "hunter2";

fn looked_at(text: &str) -> Inspection {
    let platforms = [Platform::named("local"), Platform::named("ecs"), sea::platform()];
    inspect(text, "gantry.toml", &Vocabulary { verbs: &["deploy", "scale", "status"], platforms: &platforms })
}

/// As a terminal of 100 columns shows it, without colour.
fn drawn(findings: &Findings) -> String {
    let mut text = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::none())
        .with_width(100)
        .render_report(&mut text, findings)
        .expect("a String takes everything");
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

macro_rules! bad_files {
    ($($name:ident),+ $(,)?) => {
        const FILES: &[&str] = &[$(include_str!(concat!("bad/", stringify!($name), ".toml"))),+];

        $(
            #[test]
            fn $name() {
                let text = include_str!(concat!("bad/", stringify!($name), ".toml"));
                let inspection = looked_at(text);
                assert_eq!(inspection.project.is_some(), !inspection.findings.has_errors());
                insta::assert_snapshot!(drawn(&inspection.findings));
            }
        )+
    };
}

bad_files!(
    syntax,
    keys,
    kinds,
    references,
    services,
    ports,
    secrets,
    circles,
    environments,
    freezes,
    protect,
    platforms,
    warnings,
    empty
);

#[test]
fn nothing_that_may_be_a_secret_is_repeated() {
    let mut met = 0;
    for text in FILES.iter().filter(|text| text.contains(SECRET)) {
        met += 1;
        let inspection = looked_at(text);
        assert!(!drawn(&inspection.findings).contains(SECRET), "drawn");
        assert!(!format!("{:?}", inspection.findings).contains(SECRET), "in a debug print");
    }
    assert!(met >= 3, "the files hold secrets to hide");
}

#[test]
fn half_a_secret_is_hidden_too() {
    let head = "version = 1\n[services.web]\nsecrets = { A = ";
    for tail in [
        "\"hunter2",
        "hunter2 }",
        "'hunter2\n",
        "\"\"\"hunter2\nhunter2",
        "{ B = \"hunter2\" ",
        "[\"hunter2\"",
        "{\n  B = \"hunter2",
        "[\n  [\"hunter2",
    ] {
        let findings = read(&format!("{head}{tail}"), "gantry.toml").unwrap_err();
        assert!(!format!("{findings:?} {}", drawn(&findings)).contains(SECRET), "{tail:?}");
    }
}

#[test]
fn no_torn_file_makes_it_panic() {
    let whole = include_str!("everything.toml");
    for (at, _) in whole.char_indices().step_by(3) {
        let (head, tail) = whole.split_at(at);
        for text in [head.to_owned(), tail.to_owned(), format!("{head}é\u{202e}{tail}"), format!("{head}]\"{tail}")] {
            let inspection = looked_at(&text);
            assert!(inspection.project.is_some() || inspection.findings.has_errors());
            for finding in &inspection.findings {
                assert!(finding.line() <= 1 + text.matches('\n').count() && finding.column() >= 1);
            }
            if at % 16 == 0 {
                drawn(&inspection.findings);
            }
        }
    }
}

#[test]
fn errors_are_told_in_lines_too_without_the_way_to_the_file() {
    let findings = read("version = 1\ncolour = 1\n[project]\nname = \"shop\"\n", "/somewhere/gantry.toml").unwrap_err();
    let lines = findings.in_lines();
    assert!(lines.contains("gantry.toml:2:1 "), "{lines}");
    assert!(lines.contains("colour") && !lines.contains("somewhere"), "{lines}");
}
