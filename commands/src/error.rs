//! Why a text is no command: where, what was expected there, what was probably meant, and one example that works.
//! The words are plain sentences; escaping them for Slack is the reader's part.

use crate::clause::Clause;
use crate::scan::{Span, plain};
use crate::{Instant, MAX_CHARS, Verb};
use gantry_engine::names::{BadName, ProjectName};
use gantry_engine::recurrence::BadRule;
use std::fmt;

/// A text that is no command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ParseError {
    /// What is wrong.
    pub kind: Box<ErrorKind>,
    /// Where: bytes of the original text. Empty where something is missing.
    pub span: std::ops::Range<usize>,
    /// What could stand there.
    pub expected: Vec<&'static str>,
    /// What was probably meant instead of the words in `span`: a real name, a verb, or a few words.
    pub did_you_mean: Option<String>,
    /// A command that parses, with the speaker's own words where that's possible.
    pub example: String,
    /// The verb, once it's known.
    pub verb: Option<Verb>,
}

/// What is wrong. Words in here are tidied and short, but still hostile text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ErrorKind {
    /// Longer than [`MAX_CHARS`].
    #[error("that's too long for a command: {0} characters, and at most {MAX_CHARS} are read")]
    TooLong(usize),
    /// No such verb.
    #[error("there's no command `{0}`")]
    UnknownVerb(String),
    /// Something that can't be left out.
    #[error("{0} is missing")]
    Missing(What),
    /// Something that has no place here.
    #[error("`{0}` doesn't fit here")]
    Unexpected(String),
    /// A clause that this verb doesn't take.
    #[error("`{verb}` takes no `{word}`")]
    NotHere {
        /// The verb.
        verb: Verb,
        /// The clause's first word.
        word: String,
    },
    /// Said twice, or in two ways.
    #[error("{0} is given twice")]
    Twice(What),
    /// No name by its form.
    #[error(transparent)]
    BadName(#[from] BadName),
    /// A name by its form, but nothing has it.
    #[error("there's no {what} `{name}`")]
    UnknownName {
        /// What kind of name: `service`, `environment`, `project`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// Names of two projects in one command.
    #[error("one command is for one project, and this names `{0}` and `{1}`")]
    TwoProjects(ProjectName, ProjectName),
    /// No version by its form.
    #[error(
        "`{0}` isn't a version; a version is a tag of at most 128 letters, digits and . _ - +, or `sha256:` and 64 hex digits"
    )]
    BadVersion(String),
    /// No count.
    #[error("`{0}` isn't a number of tasks; use 0 to {max}", max = crate::refer::MAX_COUNT)]
    BadCount(String),
    /// No operation's number.
    #[error("`{0}` isn't an operation; they look like `op-17`")]
    BadOperation(String),
    /// No release's number.
    #[error("`{0}` isn't a release; they look like `r12`, and `history` shows them")]
    BadRelease(String),
    /// No node's or task's name.
    #[error("`{0}` isn't a node or task; use the name that `status` shows")]
    BadTarget(String),
    /// No length of time.
    #[error("{1}")]
    BadDuration(LengthProblem, String),
    /// No moment.
    #[error("{0}")]
    BadInstant(InstantProblem),
    /// No schedule's number.
    #[error("`{0}` isn't a schedule; they look like `s-3`, and `schedules` shows them")]
    BadSchedule(String),
    /// Neither days nor a length behind `every`.
    #[error("`{0}` isn't a day or a length of time")]
    BadDays(String),
    /// Not what cron reads.
    #[error("`{0}` isn't cron's five fields: {1}")]
    BadCron(String, String),
    /// A rule that can't be followed.
    #[error(transparent)]
    BadRule(#[from] BadRule),
    /// Something that is about what is there now.
    #[error("`{0}` can't be scheduled; a schedule changes something or asks")]
    NotScheduled(Verb),
    /// `plan` before something that is no change.
    #[error("`{0}` has no plan; only a change can be planned")]
    NotAChange(Verb),
    /// More words on another line.
    #[error("one message holds one command on one line, and `{0}` stands on another")]
    SecondLine(String),
}

/// Why words are no length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthProblem {
    /// Not of the form.
    Shape,
    /// Nothing at all.
    Zero,
    /// More than [`crate::Length::MAX`].
    TooLong,
}

/// Why words are no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InstantProblem {
    /// Not of the form.
    #[error("`{0}` isn't a time")]
    Shape(String),
    /// The clocks go back: it comes twice.
    #[error("that time comes twice, as the clocks go back: {0}")]
    Ambiguous(Box<Candidates>),
    /// The clocks go forward: it doesn't come.
    #[error("that time doesn't come, as the clocks go forward: {0}")]
    Gap(Box<Candidates>),
    /// Over already.
    #[error("{} is over; it has to be a time to come", .0.echo())]
    Past(Box<Instant>),
    /// Still to come, where something that was is asked for.
    #[error("{} is still to come; it has to be a time that was", .0.echo())]
    Future(Box<Instant>),
    /// More than a year away.
    #[error("that's too far away; at most a year")]
    TooFar,
}

/// The two moments that an unclear local time can mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidates {
    /// The earlier.
    pub earlier: Instant,
    /// The later.
    pub later: Instant,
}

impl fmt::Display for Candidates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "say `{}` or `{}`", self.earlier.with_offset(), self.later.with_offset())
    }
}

/// A thing that a command can need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A service's name.
    Service,
    /// A service's version.
    Version,
    /// An environment's name.
    Env,
    /// A number of tasks.
    Count,
    /// A release's number.
    Release,
    /// An operation.
    Op,
    /// A node or task.
    Target,
    /// A verb.
    Verb,
    /// A change to plan.
    Change,
    /// A length of time.
    Length,
    /// A moment.
    Instant,
    /// A length or a moment: how far an expiry moves.
    Time,
    /// Whether to go on with what comes.
    Follow,
    /// What to take along.
    Volumes,
    /// The word `free`.
    Free,
    /// A command between quotes.
    Quoted,
    /// When something comes again.
    Rule,
    /// Cron's five fields.
    Cron,
    /// A time zone.
    Zone,
    /// A schedule.
    Schedule,
    /// Somebody.
    Person,
    /// A reason.
    Reason,
}

impl What {
    /// What it's called, without an article.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Version => "version",
            Self::Env => "environment",
            Self::Count => "number of tasks",
            Self::Release => "release",
            Self::Op => "operation",
            Self::Target => "node or task",
            Self::Verb => "command",
            Self::Change => "change to plan",
            Self::Length => "length of time",
            Self::Instant => "time",
            Self::Time => "new end (`by` a length or `until` a time)",
            Self::Follow => "word `follow` or `unfollow`",
            Self::Volumes => "word `volumes`",
            Self::Free => "word `free`",
            Self::Quoted => "command in quotes",
            Self::Rule => "time at which it comes again",
            Self::Cron => "five fields in quotes",
            Self::Zone => "time zone",
            Self::Schedule => "schedule",
            Self::Person => "person (mentioned with @)",
            Self::Reason => "reason",
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {}", self.noun())
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if let Some(meant) = &self.did_you_mean {
            write!(f, "; did you mean `{meant}`?")?;
        }
        Ok(())
    }
}

/// The longest piece of somebody's text in an error, in characters.
pub(crate) const MAX_SHOWN: usize = 40;

/// Somebody's words as an error shows them: visible, short, without what would end a code span.
pub(crate) fn shown(words: &str) -> String {
    let plain = plain(words).replace('`', "'");
    match plain.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &plain[..end]),
        None => plain,
    }
}

impl ParseError {
    pub(crate) fn new(kind: ErrorKind, span: Span) -> Self {
        Self {
            kind: Box::new(kind),
            span,
            expected: Vec::new(),
            did_you_mean: None,
            example: String::new(),
            verb: None,
        }
    }

    pub(crate) fn expecting(mut self, expected: impl IntoIterator<Item = &'static str>) -> Self {
        self.expected.extend(expected);
        self
    }

    pub(crate) fn suggesting(mut self, meant: Option<impl Into<String>>) -> Self {
        self.did_you_mean = meant.map(Into::into);
        self
    }

    pub(crate) fn expecting_clauses(self, clauses: &[Clause]) -> Self {
        self.expecting(clauses.iter().map(|clause| clause.usage()))
    }
}
