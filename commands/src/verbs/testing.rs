//! What the verbs' tests share: two projects, a Friday morning in Berlin, and the parser's front door.

use crate::{Command, Context, Names, ParseError, Vocabulary, parse};
use gantry_engine::names::{ClusterName, EnvName, ProjectName, ServiceName};
use jiff::tz::TimeZone;

/// An installation to speak to.
pub(crate) struct Shop(Vocabulary);

impl Shop {
    pub(crate) fn vocabulary(&self) -> Vocabulary {
        self.0.clone()
    }

    pub(crate) fn parse(&self, text: &str) -> Result<Option<Command>, ParseError> {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a POSIX time zone");
        let now = "2026-11-20T09:00:00Z".parse().expect("a moment");
        parse(text, &Context { now, zone, vocabulary: &self.0, me: None })
    }
}

fn names(services: &[&str], environments: &[&str]) -> Names {
    Names::new(
        services.iter().map(|name| ServiceName::new(name).expect("a service name")),
        environments.iter().map(|name| EnvName::new(name).expect("an environment name")),
        [ClusterName::new("a").expect("a cluster name")],
    )
}

/// Two projects, `shop` and `blog`.
pub(crate) fn shop() -> Shop {
    let mut vocabulary = Vocabulary::new();
    let shop = names(&["web", "api", "db", "both"], &["dev", "staging", "prod", "both"]).with_new(["pr-*".to_owned()]);
    vocabulary.insert(ProjectName::new("shop").expect("a project name"), shop);
    vocabulary.insert(ProjectName::new("blog").expect("a project name"), names(&["web"], &["dev"]));
    Shop(vocabulary)
}

/// A project none of whose names are those that the table's examples use.
pub(crate) fn in_another_shop() -> Shop {
    let mut vocabulary = Vocabulary::new();
    vocabulary.insert(ProjectName::new("other").expect("a project name"), names(&["cart", "pay"], &["live", "test"]));
    Shop(vocabulary)
}

/// Parses a text that says something.
pub(crate) fn said(text: &str) -> Result<Command, ParseError> {
    shop().parse(text).map(|command| command.unwrap_or_else(|| panic!("{text:?} says nothing")))
}

/// A command in its canonical form.
pub(crate) fn canonical(text: &str) -> String {
    match said(text) {
        Ok(command) => command.to_string(),
        Err(error) => panic!("{text}: {error}"),
    }
}

/// The sentence that a text is refused with.
pub(crate) fn refusal(text: &str) -> String {
    match said(text) {
        Ok(command) => panic!("{text} parsed as {command}"),
        Err(error) => error.to_string(),
    }
}
