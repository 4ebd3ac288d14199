//! An installation to speak to: two projects, Friday 2026-11-20, 10:00 in Berlin.

use gantry_commands::{Context, Names, Vocabulary};
use gantry_engine::names::{ClusterName, EnvName, ProjectName, ServiceName, UserId};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Names that are hard on a parser: keywords, numbers, lengths, verbs.
pub(crate) const NASTY: [&str; 10] = ["to", "in", "for", "because", "and", "12", "8h", "deploy", "18", "noon"];

pub(crate) fn vocabulary() -> Vocabulary {
    let mut vocabulary = Vocabulary::new();
    for (project, services, environments) in [
        ("shop", &["web", "api", "db", "checkout"][..], &["dev", "staging", "prod"][..]),
        ("blog", &["web", "cms"], &["dev", "live"]),
        ("8d", &NASTY, &NASTY),
    ] {
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
