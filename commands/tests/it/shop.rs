//! An installation to speak to: two projects, Friday 2026-11-20, 10:00 in Berlin.

use gantry_commands::{Context, Names, Vocabulary};
use gantry_engine::names::{ClusterName, EnvName, ProjectName, ServiceName, UserId};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Names that are hard on a parser: keywords, numbers, lengths, verbs.
pub(crate) const NASTY: [&str; 11] = ["to", "in", "for", "because", "and", "12", "8h", "deploy", "18", "noon", "r12"];

/// Two ordinary projects.
pub(crate) fn vocabulary() -> Vocabulary {
    of(&ORDINARY)
}

/// With a third, all of whose names are nasty.
pub(crate) fn nasty_vocabulary() -> Vocabulary {
    of(&[ORDINARY[0], ORDINARY[1], ("8d", &NASTY, &NASTY)])
}

/// A project, its services and its environments.
type Project = (&'static str, &'static [&'static str], &'static [&'static str]);

const ORDINARY: [Project; 2] = [
    ("shop", &["web", "api", "db", "checkout"], &["dev", "staging", "prod"]),
    ("blog", &["web", "cms"], &["dev", "live"]),
];

fn of(projects: &[Project]) -> Vocabulary {
    let mut vocabulary = Vocabulary::new();
    for (project, services, environments) in projects {
        let names = Names::new(
            services.iter().map(|name| ServiceName::new(name).expect("a service name")),
            environments.iter().map(|name| EnvName::new(name).expect("an environment name")),
            [ClusterName::new("a").expect("a cluster name")],
        );
        vocabulary.insert(ProjectName::new(project).expect("a project name"), names.with_new(["pr-*".to_owned()]));
    }
    vocabulary
}

pub(crate) fn now() -> Timestamp {
    "2026-11-20T09:00:00Z".parse().expect("a moment")
}

pub(crate) fn context(vocabulary: &Vocabulary) -> Context<'_> {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a POSIX time zone");
    Context { now: now(), zone, vocabulary, me: Some(UserId::new("UBOT")) }
}
