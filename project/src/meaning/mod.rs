//! What a file means: from texts to names, lengths and amounts, and whether they hold together. Each part reports what
//! it finds and goes on; a project comes out only if every part did.

mod amounts;
mod approval;
mod capacity;
mod cluster;
mod cycles;
mod environment;
mod freeze;
mod known;
mod locks;
mod port;
mod quiet;
mod rule;
mod service;
mod settings;
mod template;

use crate::finding::{Finding, place};
use crate::inspect::Vocabulary;
use crate::platform::{self, Lifted};
use crate::raw::{self, At, Span};
use crate::shape::Torn;
use crate::suggest;
use gantry_engine::names::{BadName, Digest, GroupName, ProjectName};
use gantry_engine::project::{PlatformSettings, Project, Quiet};
use jiff::tz::TimeZoneDatabase;
use known::Known;
use sha2::{Digest as _, Sha256};

/// What is known of a file beside its own content.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    /// What platforms' tables say.
    pub(crate) lifted: &'a Lifted,
    /// What something was taken out of.
    pub(crate) torn: &'a Torn,
    /// Its text.
    pub(crate) text: &'a str,
    /// Names that the caller knows.
    pub(crate) vocabulary: &'a Vocabulary<'a>,
}

/// Reads the meaning of a file. There is a project only if nothing is wrong here.
pub(crate) fn project(file: raw::File, around: Around<'_>) -> (Option<Project>, Vec<Finding>) {
    let Around { lifted, torn, text, vocabulary } = around;
    let known = Known::of(&file, torn);
    let mut check = Check { text, vocabulary, lifted, known: &known, found: Vec::new() };
    let head = file.project.and_then(|table| project_table(&mut check, table.value));
    let clusters = cluster::clusters(&mut check, &file.clusters);
    let services = service::services(&mut check, &file.services);
    let environments = environment::environments(&mut check, &file.environments);
    let allow = rule::rules(&mut check, &file.allow);
    let home = head.as_ref().map_or("UTC", |head| head.time_zone.as_str());
    let freezes = freeze::freezes(&mut check, &file.freeze, home);
    let locking = locks::locking(&mut check, file.locks.as_ref());
    let protections = approval::protections(&mut check, &file.protect);
    capacity::check(&mut check, &clusters, &services);
    let services = services.into_iter().map(|drafted| (drafted.name, drafted.service)).collect();
    let revision = Digest::new(hex::encode(Sha256::digest(text.as_bytes())));
    let project = head.map(|Head { name, time_zone, announce, quiet, caretakers }| Project {
        name,
        revision,
        time_zone,
        quiet,
        caretakers,
        settings: platform::plain(&lifted.project),
        clusters,
        services,
        environments,
        allow,
        freezes,
        locking,
        protections,
        announce,
    });
    let sound = check.found.iter().all(Finding::is_warning);
    (project.filter(|_| sound), check.found)
}

/// What a file says of the project itself.
struct Head {
    name: ProjectName,
    time_zone: String,
    announce: Option<String>,
    quiet: Option<Quiet>,
    caretakers: Option<GroupName>,
}

fn project_table(check: &mut Check<'_>, table: raw::ProjectTable) -> Option<Head> {
    check.zone(&table.time_zone);
    let quiet = table.quiet.as_ref().and_then(|table_| quiet::quiet(check, table_, &table.time_zone.value));
    let caretakers = table.caretakers.as_ref().and_then(|group| approval::asked(check, group));
    let name = check.name(&table.name?, ProjectName::new)?;
    let announce = table.announce.as_ref().and_then(|channel| environment::channel(check, channel));
    Some(Head { name, time_zone: table.time_zone.value, announce, quiet, caretakers })
}

/// What every part of the check needs: what the file declares, and where findings go.
struct Check<'a> {
    text: &'a str,
    vocabulary: &'a Vocabulary<'a>,
    lifted: &'a Lifted,
    known: &'a Known,
    found: Vec<Finding>,
}

impl Check<'_> {
    fn report(&mut self, finding: Finding) {
        self.found.push(finding);
    }

    /// Something that a service lacks. Not said of one that a key was taken out of: that may be what it lacks.
    fn lacks(&mut self, service: &str, finding: Finding) {
        if !self.known.torn(service) {
            self.report(finding);
        }
    }

    /// What platforms should know of one of the tables in a table of tables.
    fn settings(&self, tables: &'static str, name: &str) -> PlatformSettings {
        self.lifted.of(tables, name).map(platform::plain).unwrap_or_default()
    }

    /// The line, from 1, that a place is on.
    fn line(&self, span: &Span) -> u32 {
        u32::try_from(place(self.text, span.start).0).unwrap_or(u32::MAX)
    }

    /// A name that follows the rule for names.
    fn name<T>(&mut self, text: &At<String>, make: fn(&str) -> Result<T, BadName>) -> Option<T> {
        match make(&text.value) {
            Ok(name) => Some(name),
            Err(why) => {
                self.report(Finding::error(&text.span, why.to_string()).label("no name"));
                None
            }
        }
    }

    /// A time zone that has to be one.
    fn zone(&mut self, zone: &At<String>) {
        let zones = TimeZoneDatabase::bundled();
        if zones.get(&zone.value).is_ok() {
            return;
        }
        let names: Vec<String> = zones.available().map(|name| name.to_string()).collect();
        let near = suggest::nearest(&zone.value, names.iter().map(String::as_str));
        let meant = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
        let remedy = format!("{meant}IANA names look like `Europe/Berlin`, `America/New_York`, `UTC`");
        let message = format!("there is no time zone `{}`", zone.value);
        self.report(Finding::error(&zone.span, message).label("unknown time zone").remedy_is(remedy));
    }

    /// A value that had to be read, or the report of why it couldn't be.
    fn read<T>(&mut self, span: &Span, read: Result<T, amounts::Unread>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(why) => {
                self.report(Finding::error(span, why.message).label(why.label).remedy_is(why.remedy));
                None
            }
        }
    }

    /// A reference to something that the file doesn't declare.
    fn unknown(&mut self, what: &str, name: &str, span: &Span, names: &[String]) {
        let remedy = suggest::remedy(name, &format!("The {what}s here"), names.iter().map(String::as_str));
        let message = format!("there is no {what} `{name}`");
        self.report(Finding::error(span, message).label(format!("unknown {what}")).remedy_is(remedy));
    }

    /// The place of a part of a text, if it stands there letter for letter; else the whole text's.
    fn within(&self, span: &Span, part: &str) -> Span {
        let whole = self.text.get(span.clone()).unwrap_or_default();
        whole.find(part).map_or_else(|| span.clone(), |at| span.start + at..span.start + at + part.len())
    }
}
