//! The canonical form of a command: the one way to write it that help shows too. It's an input like any other, so it
//! parses back to the same command; echoes, buttons and records use it.

use crate::clause::is_keyword;
use crate::{
    Action, Change, Command, Control, Decision, Expiry, Extension, Follow, Instant, Qualified, Question, Reason,
    Scheduling,
};
use crate::{Volumes, Wanted};
use gantry_engine::names::OpId;
use std::fmt::{self, Display, Formatter, Write as _};

impl Display for Command {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Change(change) => change.fmt(f),
            Self::Plan(change) => write!(f, "plan {change}"),
            Self::Decide(Decision { op, because, .. }) => {
                write!(f, "{}{}{}", self.verb(), Op(*op), Because(because.as_ref()))
            }
            Self::Control(control) => control.fmt(f),
            Self::Schedule(scheduling) => scheduling.fmt(f),
            Self::Ask(question) => question.fmt(f),
        }
    }
}

impl Display for Change {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.verb(), if self.bypass { "!" } else { "" })?;
        let env = self.env.as_ref();
        match &self.action {
            Action::Deploy { services, expiry } => {
                for (n, wanted) in services.iter().enumerate() {
                    write!(f, "{}{wanted}", if n == 0 { " " } else { ", " })?;
                }
                write!(f, "{}{}", Behind(" to ", env), Ends(expiry.as_ref()))?;
            }
            Action::Scale { service, replicas } => {
                write!(f, "{} to {replicas}{}", Behind(" ", service.as_ref()), Behind(" in ", env))?;
            }
            Action::Rollback { service, release } => {
                write!(f, "{}", Behind(" ", service.as_ref()))?;
                release.iter().try_for_each(|release| write!(f, " to {release}"))?;
                write!(f, "{}", Behind(" in ", env))?;
            }
            Action::Restart { service } => write!(f, "{}{}", Behind(" ", service.as_ref()), Behind(" in ", env))?,
            Action::Provision { expiry } => write!(f, "{}{}", Behind(" ", env), Ends(expiry.as_ref()))?,
            Action::Teardown { at, volumes } => {
                write!(f, "{}{}", Behind(" ", env), Moment(" at ", at.as_ref()))?;
                f.write_str(if *volumes == Volumes::Delete { " with volumes" } else { "" })?;
            }
            Action::Extend(extension) => {
                write!(f, "{}", Behind(" ", env))?;
                match extension {
                    Extension::By(length) => write!(f, " by {length}")?,
                    Extension::Until(instant) => write!(f, " until {instant}")?,
                }
            }
            Action::Keep | Action::Own => write!(f, "{}", Behind(" ", env))?,
            Action::Give { to } => write!(f, "{} to <@{to}>", Behind(" ", env))?,
            Action::Sweep { volumes } => {
                write!(f, "{}", Behind(" ", env))?;
                f.write_str(if *volumes == Volumes::Delete { " with volumes" } else { "" })?;
            }
        }
        f.write_str(if self.when_free { " when free" } else { "" })?;
        Because(self.because.as_ref()).fmt(f)
    }
}

impl Display for Control {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancel { op, because } => write!(f, "cancel{}{}", Op(*op), Because(because.as_ref())),
            Self::Retry { op } => write!(f, "retry{}", Op(*op)),
            Self::Undo { op, because } => write!(f, "undo{}{}", Op(*op), Because(because.as_ref())),
            Self::Resume { op, because } => write!(f, "resume{}{}", Op(*op), Because(because.as_ref())),
            Self::Lock { service, env, until, because, steal } => {
                let verb = if *steal { "steal" } else { "lock" };
                let (service, env) = (Behind(" ", service.as_ref()), Behind(" in ", env.as_ref()));
                write!(f, "{verb}{service}{env}{}{}", Ends(until.as_ref()), Because(Some(because)))
            }
            Self::Unlock { service, env, because } => {
                let (service, env) = (Behind(" ", service.as_ref()), Behind(" in ", env.as_ref()));
                write!(f, "unlock{service}{env}{}", Because(because.as_ref()))
            }
            Self::Reload => f.write_str("reload"),
            Self::Kill { target, env, because } => {
                write!(f, "kill {}{}{}", Name(target), Behind(" in ", env.as_ref()), Because(because.as_ref()))
            }
        }
    }
}

impl Display for Scheduling {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Make { words, rule, zone, because, .. } => {
                let quote = if words.contains('"') { '`' } else { '"' };
                write!(f, "schedule {quote}{words}{quote} {rule}")?;
                zone.iter().try_for_each(|zone| write!(f, " in {zone}"))?;
                Because(because.as_ref()).fmt(f)
            }
            Self::Pause { id } => write!(f, "schedule pause {id}"),
            Self::Resume { id } => write!(f, "schedule resume {id}"),
            Self::Remove { id } => write!(f, "unschedule {id}"),
        }
    }
}

impl Display for Question {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { service, env } => {
                write!(f, "status{}{}", Behind(" ", service.as_ref()), Behind(" in ", env.as_ref()))
            }
            Self::Outputs { env } => write!(f, "outputs{}", Behind(" ", env.as_ref())),
            Self::Locks { env } => write!(f, "locks{}", Behind(" ", env.as_ref())),
            Self::Story { op } => write!(f, "history {op}"),
            Self::History { service, env } => {
                write!(f, "history{}{}", Behind(" ", service.as_ref()), Behind(" in ", env.as_ref()))
            }
            Self::About { op } => write!(f, "about{}", Op(*op)),
            Self::Logs { service, env, since, follow } => {
                let (service, env) = (Behind(" ", service.as_ref()), Behind(" in ", env.as_ref()));
                write!(f, "logs{service}{env}{}", Moment(" since ", since.as_ref()))?;
                match follow {
                    Some(Follow::For(length)) => write!(f, " follow for {length}"),
                    Some(Follow::Stop) => f.write_str(" unfollow"),
                    None => Ok(()),
                }
            }
            Self::Schedules => f.write_str("schedules"),
            Self::Leftovers => f.write_str("sweep"),
            Self::Whoami => f.write_str("whoami"),
            Self::HelpAll => f.write_str("help all"),
            Self::Help { verb: None } => f.write_str("help"),
            Self::Help { verb: Some(verb) } => write!(f, "help {verb}"),
        }
    }
}

impl Display for Wanted {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.version {
            Some(version) => write!(f, "{}:{version}", self.service),
            None => Name(&self.service).fmt(f),
        }
    }
}

/// A name as it has to be written: between backticks where it could be read as a keyword, a number or a length.
struct Name<T>(T);

impl<T: Display> Display for Name<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = self.0.to_string();
        if is_keyword(&name) || name.starts_with(|c: char| c.is_ascii_digit()) {
            write!(f, "`{name}`")
        } else {
            f.write_str(&name)
        }
    }
}

/// A name behind a preposition, or nothing.
struct Behind<'a, N>(&'static str, Option<&'a Qualified<N>>);

impl<N: Display> Display for Behind<'_, N> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.1.map_or(Ok(()), |name| write!(f, "{}{}", self.0, Name(name)))
    }
}

struct Moment<'a>(&'static str, Option<&'a Instant>);

impl Display for Moment<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.1.map_or(Ok(()), |instant| write!(f, "{}{instant}", self.0))
    }
}

struct Ends<'a>(Option<&'a Expiry>);

impl Display for Ends<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(Expiry::For(length)) => write!(f, " for {length}"),
            Some(Expiry::Until(instant)) => write!(f, " until {instant}"),
            None => Ok(()),
        }
    }
}

struct Op(Option<OpId>);

impl Display for Op {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |op| write!(f, " {op}"))
    }
}

struct Because<'a>(Option<&'a Reason>);

impl Display for Because<'_> {
    /// Escapes what the parser would decode, and nothing else.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some(reason) = self.0 else { return Ok(()) };
        f.write_str(" because ")?;
        let text = reason.as_str();
        for (at, c) in text.char_indices() {
            let entity = || ["&amp;", "&lt;", "&gt;"].iter().any(|entity| text[at..].starts_with(entity));
            match c {
                '<' => f.write_str("&lt;")?,
                '&' if entity() => f.write_str("&amp;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

impl Command {
    /// The moment that the command names, if any: what to echo absolutely.
    #[must_use]
    pub fn moment(&self) -> Option<&Instant> {
        match self {
            Self::Change(change) | Self::Plan(change) => match &change.action {
                Action::Deploy { expiry: Some(Expiry::Until(instant)), .. }
                | Action::Provision { expiry: Some(Expiry::Until(instant)) }
                | Action::Teardown { at: Some(instant), .. }
                | Action::Extend(Extension::Until(instant)) => Some(instant),
                _ => None,
            },
            Self::Ask(Question::Logs { since, .. }) => since.as_ref(),
            Self::Control(Control::Lock { until: Some(Expiry::Until(instant)), .. }) => Some(instant),
            // A schedule's own rule is told with it; its command's moment is each run's.
            Self::Decide(_) | Self::Control(_) | Self::Schedule(_) | Self::Ask(_) => None,
        }
    }
}
