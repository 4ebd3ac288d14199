//! What follows a verb: slots (words by their place) and clauses (words behind a keyword, in any order). A verb's table
//! entry lists its slots and clauses; this reads them, and completion and help tell them from the same lists.

use crate::clause::{Clause, is_keyword};
use crate::context::closest;
use crate::error::{ErrorKind, LengthProblem, ParseError, What, shown};
use crate::instant::{self, Sense};
use crate::reader::Reader;
use crate::refer::{self, Existence, Named as _};
use crate::scan::{Kind, Span, Token};
use crate::{
    Action, Change, Expiry, Extension, Follow, Instant, Length, Qualified, Reason, ReleaseNo, TargetName, Verb,
    VerbSpec,
};
use crate::{Volumes, Wanted, length};
use gantry_engine::names::{EnvName, OpId, ProjectName, ServiceName, UserId};

/// What a word means by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// One or more services, each with a version if wanted.
    Services,
    /// One service.
    Service,
    /// An environment.
    Env,
    /// A service, else an environment.
    Subject,
    /// The same, or an operation that is called so (`op-17`).
    Happening,
    /// How many tasks.
    Count,
    /// An operation.
    Op,
    /// A node or task.
    Target,
    /// A verb.
    Verb,
}

/// A length or a moment; which of them a verb takes, its clauses say.
#[derive(Debug, Clone)]
enum Time {
    Length(Length),
    Instant(Instant),
}

/// What was read behind a verb. Each thing is there once or not at all.
#[derive(Debug, Default)]
pub(crate) struct Args {
    pub(crate) services: Vec<Wanted>,
    pub(crate) service: Option<Qualified<ServiceName>>,
    pub(crate) env: Option<Qualified<EnvName>>,
    pub(crate) count: Option<u32>,
    pub(crate) release: Option<ReleaseNo>,
    pub(crate) op: Option<OpId>,
    pub(crate) target: Option<TargetName>,
    pub(crate) verb: Option<Verb>,
    pub(crate) person: Option<UserId>,
    pub(crate) volumes: Option<Volumes>,
    pub(crate) follow: Option<Follow>,
    pub(crate) because: Option<Reason>,
    when_free: Option<()>,
    bypass: bool,
    time: Option<Time>,
    project: Option<ProjectName>,
}

impl Args {
    /// Reads to the end of the line.
    pub(crate) fn read(reader: &mut Reader<'_>, spec: &VerbSpec) -> Result<Self, ParseError> {
        let mut args = Self { bypass: reader.bypasses(), ..Self::default() };
        let mut slots = spec.slots;
        while let Some(token) = reader.peek() {
            match token.bare().filter(|word| is_keyword(word)) {
                Some(joint) if joint.eq_ignore_ascii_case("and") && slots == [Slot::Services] => {
                    reader.take();
                }
                Some(keyword) => {
                    let Some(clause) = spec.clauses.iter().find(|clause| clause.takes(keyword, reader)) else {
                        let kind = ErrorKind::NotHere { verb: spec.verb, word: keyword.to_ascii_lowercase() };
                        return Err(ParseError::new(kind, token.span.clone()).expecting_clauses(spec.clauses));
                    };
                    reader.take();
                    args.clause(*clause, token, reader, spec)?;
                }
                None => args.slot(&mut slots, token, reader, spec)?,
            }
        }
        Ok(args)
    }

    /// Reads one word by its place.
    fn slot(
        &mut self,
        slots: &mut &'static [Slot],
        token: &Token<'_>,
        reader: &mut Reader<'_>,
        spec: &VerbSpec,
    ) -> Result<(), ParseError> {
        // In `scale 5 api` and `scale 5` the number is no service's name.
        let number = token.bare().is_some_and(|word| word.bytes().all(|b| b.is_ascii_digit()));
        if number && slots.contains(&Slot::Count) {
            reader.take();
            return put(&mut self.count, refer::count(reader, token)?, What::Count, &token.span);
        }
        let Some((slot, rest)) = slots.split_first() else { return Err(leftover(reader, token, spec)) };
        let misplaced = || token.word().is_some_and(|word| refer::exists::<EnvName>(reader.cx, word));
        if *slot == Slot::Count && misplaced() {
            return Err(leftover(reader, token, spec));
        }
        if *slot != Slot::Services {
            *slots = rest;
        }
        // A verb may have two words; the reader takes it itself.
        if *slot != Slot::Verb {
            reader.take();
        }
        let span = &token.span;
        match slot {
            Slot::Services => self.add_service(refer::wanted(reader, token)?, span),
            Slot::Service => self.name_service(reader, token),
            Slot::Happening if token.bare().is_some_and(refer::is_op) => {
                put(&mut self.op, refer::op(reader, token)?, What::Op, span)
            }
            Slot::Subject | Slot::Happening => {
                let is_service = token.word().is_some_and(|word| refer::exists::<ServiceName>(reader.cx, word));
                if is_service { self.name_service(reader, token) } else { self.subject_place(reader, token, spec) }
            }
            Slot::Env => self.place(reader, token, spec.existence),
            Slot::Count => put(&mut self.count, refer::count(reader, token)?, What::Count, span),
            Slot::Op => put(&mut self.op, refer::op(reader, token)?, What::Op, span),
            Slot::Target => put(&mut self.target, refer::target(reader, token)?, What::Target, span),
            Slot::Verb => put(&mut self.verb, reader.verb()?, What::Verb, span),
        }
    }

    /// Reads what stands behind a clause's keyword, which has been taken.
    fn clause(
        &mut self,
        clause: Clause,
        keyword: &Token<'_>,
        reader: &mut Reader<'_>,
        spec: &VerbSpec,
    ) -> Result<(), ParseError> {
        let span = |reader: &Reader<'_>| keyword.span.start..reader.before();
        match clause {
            Clause::Place => {
                let token = value(reader, What::Env)?;
                self.place(reader, token, spec.existence)
            }
            Clause::ToCount => {
                let token = value(reader, What::Count)?;
                put(&mut self.count, refer::count(reader, token)?, What::Count, &token.span)
            }
            Clause::ToRelease => {
                let token = value(reader, What::Release)?;
                put(&mut self.release, refer::release(reader, token)?, What::Release, &token.span)
            }
            Clause::ToPerson => {
                let token = value(reader, What::Person)?;
                let Kind::User(id) = token.kind else { return Err(reader.unexpected(token).expecting(["@PERSON"])) };
                put(&mut self.person, UserId::new(id), What::Person, &token.span)
            }
            Clause::For | Clause::By => {
                let length = length::read(reader)?;
                put(&mut self.time, Time::Length(length), What::Length, &span(reader))
            }
            Clause::Until | Clause::At => {
                let is_in = keyword.bare().is_some_and(|word| word.eq_ignore_ascii_case("in"));
                let sense = if clause == Clause::Until { Sense::Until } else { Sense::At };
                let moment = if is_in { instant::read_in(reader, sense)? } else { instant::read(reader, sense)? };
                put(&mut self.time, Time::Instant(moment), What::Instant, &span(reader))
            }
            Clause::Since => {
                let moment = instant::read_since(reader)?;
                put(&mut self.time, Time::Instant(moment), What::Instant, &span(reader))
            }
            Clause::Follow => {
                let length = follow_for(reader)?;
                put(&mut self.follow, Follow::For(length), What::Follow, &span(reader))
            }
            Clause::Unfollow => put(&mut self.follow, Follow::Stop, What::Follow, &keyword.span),
            Clause::WithVolumes => {
                let token = word(reader, What::Volumes, &["volumes", "volume"])?;
                put(&mut self.volumes, Volumes::Delete, What::Volumes, &token.span)
            }
            Clause::WhenFree => {
                let token = word(reader, What::Free, &["free"])?;
                put(&mut self.when_free, (), What::Free, &token.span)
            }
            Clause::Because => {
                let reason = reader
                    .rest_of_line()
                    .ok_or_else(|| reader.missing(What::Reason).expecting(["of a good reason"]))?;
                put(&mut self.because, reason, What::Reason, &keyword.span)
            }
        }
    }

    fn add_service(&mut self, wanted: Wanted, span: &Span) -> Result<(), ParseError> {
        if self.services.iter().any(|other| other.service == wanted.service) {
            return Err(ParseError::new(ErrorKind::Twice(What::Service), span.clone()));
        }
        self.one_project(wanted.service.project.as_ref(), span)?;
        self.services.push(wanted);
        Ok(())
    }

    fn name_service(&mut self, reader: &Reader<'_>, token: &Token<'_>) -> Result<(), ParseError> {
        let service = refer::name(reader, token, Existence::Known)?;
        self.one_project(service.project.as_ref(), &token.span)?;
        put(&mut self.service, service, What::Service, &token.span)
    }

    fn place(&mut self, reader: &Reader<'_>, token: &Token<'_>, existence: Existence) -> Result<(), ParseError> {
        let env = refer::name::<EnvName>(reader, token, existence)?;
        self.one_project(env.project.as_ref(), &token.span)?;
        put(&mut self.env, env, What::Env, &token.span)
    }

    /// An environment where a service could stand too: if it's neither, both kinds of names are candidates.
    fn subject_place(&mut self, reader: &Reader<'_>, token: &Token<'_>, spec: &VerbSpec) -> Result<(), ParseError> {
        self.place(reader, token, spec.existence).map_err(|mut error| {
            if let ErrorKind::UnknownName { what, name } = &mut *error.kind
                && *what == EnvName::NOUN
            {
                *what = "service or environment";
                let service = || closest(name, reader.cx.vocabulary.services(None).map(ServiceName::as_str));
                error.did_you_mean = error.did_you_mean.or_else(|| service().map(str::to_owned));
            }
            error
        })
    }

    fn one_project(&mut self, project: Option<&ProjectName>, span: &Span) -> Result<(), ParseError> {
        match (&self.project, project) {
            (Some(first), Some(second)) if first != second => {
                Err(ParseError::new(ErrorKind::TwoProjects(first.clone(), second.clone()), span.clone()))
            }
            (None, Some(project)) => {
                self.project = Some(project.clone());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// When the environment is to end.
    pub(crate) fn expiry(&mut self) -> Option<Expiry> {
        self.time.take().map(|time| match time {
            Time::Length(length) => Expiry::For(length),
            Time::Instant(instant) => Expiry::Until(instant),
        })
    }

    /// How the expiry moves.
    pub(crate) fn extension(&mut self) -> Option<Extension> {
        self.time.take().map(|time| match time {
            Time::Length(length) => Extension::By(length),
            Time::Instant(instant) => Extension::Until(instant),
        })
    }

    /// The moment that was given.
    pub(crate) fn instant(&mut self) -> Option<Instant> {
        match self.time.take() {
            Some(Time::Instant(instant)) => Some(instant),
            Some(Time::Length(_)) | None => None,
        }
    }

    /// A change of this kind, in the environment that was named.
    pub(crate) fn change(self, action: Action) -> crate::Command {
        crate::Command::Change(Change {
            action,
            env: self.env,
            because: self.because,
            bypass: self.bypass,
            when_free: self.when_free.is_some(),
        })
    }
}

/// How long to follow, if that is said behind the word.
fn follow_for(reader: &mut Reader<'_>) -> Result<Length, ParseError> {
    let says = |token: &Token<'_>| token.bare().is_some_and(|word| word.eq_ignore_ascii_case("for"));
    if !reader.peek().is_some_and(says) {
        return Ok(Follow::DEFAULT);
    }
    reader.take();
    let start = reader.position();
    let length = length::read(reader)?;
    if length > Follow::MAX {
        let sentence = format!("`{length}` is too long to follow; at most {}", Follow::MAX);
        let kind = ErrorKind::BadDuration(LengthProblem::TooLong, sentence);
        return Err(ParseError::new(kind, start..reader.before()).expecting(["10m", "1h"]));
    }
    Ok(length)
}

fn put<T>(place: &mut Option<T>, value: T, what: What, span: &Span) -> Result<(), ParseError> {
    if place.is_some() {
        return Err(ParseError::new(ErrorKind::Twice(what), span.clone()));
    }
    *place = Some(value);
    Ok(())
}

/// Takes the one word that fits here; the first is the one to show.
fn word<'r>(reader: &mut Reader<'r>, what: What, words: &[&'static str]) -> Result<&'r Token<'r>, ParseError> {
    let token = value(reader, what)?;
    let fits = token.bare().is_some_and(|said| words.iter().any(|word| word.eq_ignore_ascii_case(said)));
    if fits { Ok(token) } else { Err(reader.unexpected(token).expecting([words[0]]).suggesting(Some(words[0]))) }
}

/// What stands behind a keyword.
fn value<'r>(reader: &mut Reader<'r>, what: What) -> Result<&'r Token<'r>, ParseError> {
    let token = reader.value().ok_or_else(|| reader.missing(what).expecting([what.noun()]))?;
    reader.take();
    Ok(token)
}

/// A word that no slot is left for. Most likely it lacks the keyword of its clause, or is a keyword misspelt.
fn leftover(reader: &Reader<'_>, token: &Token<'_>, spec: &VerbSpec) -> ParseError {
    /// Words as short as `in` or `at` are too near to too much.
    const SHORTEST_MISSPELT: usize = 4;
    let word = token.word().unwrap_or("");
    let clause = |wanted: &[Clause]| spec.clauses.iter().find(|clause| wanted.contains(clause));
    let lacking = match () {
        () if length::starts(word, None) => clause(&[Clause::For, Clause::By, Clause::Since]),
        () if refer::is_release(word) => clause(&[Clause::ToRelease]),
        () if refer::exists::<EnvName>(reader.cx, word) => clause(&[Clause::Place]),
        () => None,
    };
    let misspelt = || {
        let keywords = spec.clauses.iter().flat_map(|clause| clause.keywords()).copied();
        closest(word, keywords.filter(|_| word.len() >= SHORTEST_MISSPELT)).map(str::to_owned)
    };
    let meant = lacking.map(|clause| format!("{} {}", clause.keywords()[0], shown(word).to_ascii_lowercase()));
    reader.unexpected(token).expecting_clauses(spec.clauses).suggesting(meant.or_else(misspelt))
}
