//! The way through a file: syntax, shape, meaning. Syntax errors end it, since what follows would only guess; shape
//! and meaning are told together.

use crate::finding::{Finding, Findings};
use crate::mask::mask;
use crate::meaning;
use crate::platform::{self, Platform};
use crate::raw;
use crate::schema::schema;
use crate::shape;
use gantry_engine::project::Project;
use serde::Deserialize;
use toml::de::DeTable;

/// What only the caller knows. An empty list means that any name will do.
#[derive(Debug, Clone, Copy, Default)]
pub struct Vocabulary<'a> {
    /// The verbs that rules may name.
    pub verbs: &'a [&'a str],
    /// The platforms that an environment may be on, with their own settings.
    pub platforms: &'a [Platform],
}

/// What came of a file: a project if it can be used, and what was found.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// The project, where there is no error.
    pub project: Option<Project>,
    /// Errors and warnings.
    pub findings: Findings,
}

/// Reads the text of a project file. Warnings are dropped; [`inspect`] tells them.
///
/// # Errors
/// Everything that is wrong with it, at once.
pub fn read(text: &str, file_name: &str) -> Result<Project, Findings> {
    let Inspection { project, findings } = inspect(text, file_name, &Vocabulary::default());
    project.ok_or(findings)
}

/// Reads the text of a project file and tells errors and warnings. `file_name` is only shown.
#[must_use]
pub fn inspect(text: &str, file_name: &str, vocabulary: &Vocabulary<'_>) -> Inspection {
    let (mut file, syntax) = DeTable::parse_recoverable(text);
    let shown = mask(text, file.get_ref(), !syntax.is_empty());
    if !syntax.is_empty() {
        let found = syntax.iter().map(|error| bad_toml(error, text)).collect();
        return Inspection { project: None, findings: Findings::new(file_name, shown, found) };
    }
    let (mut found, torn) = shape::check(&mut file, &schema(vocabulary.platforms));
    let (lifted, unread) = platform::lift(file.get_mut(), vocabulary.platforms);
    found.extend(unread);
    let project = match raw::File::deserialize(toml::de::Deserializer::from(file)) {
        Ok(raw) => {
            let (project, meant) =
                meaning::project(raw, meaning::Around { lifted: &lifted, torn: &torn, text, vocabulary });
            found.extend(meant);
            project
        }
        Err(error) => {
            found.push(bad_toml(&error, text));
            None
        }
    };
    let findings = Findings::new(file_name, shown, found);
    Inspection { project: project.filter(|_| !findings.has_errors()), findings }
}

fn bad_toml(error: &toml::de::Error, text: &str) -> Finding {
    let span = error.span().unwrap_or(0..0);
    // An empty place is drawn as nothing; the last byte before it is where eyes should go.
    let span = if span.is_empty() && span.start > 0 && text.is_char_boundary(span.start - 1) {
        span.start - 1..span.start
    } else {
        span
    };
    Finding::error(&span, format!("this isn't TOML: {}", error.message()))
        .label("can't be read")
        .remedy_is("texts stand in quotes, lists in [ ], tables in { } or under a [header]: see https://toml.io")
}
