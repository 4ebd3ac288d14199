//! Words that ask for a form: a command that is left open, with an ellipsis at its end, or a bare verb.

use gantry_commands::Verb;

/// Which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A service to an environment.
    Deploy,
    /// An environment without services.
    Provision,
    /// Moves an end.
    Extend,
    /// A vote against, with its reason.
    Reject,
    /// Holds back changes by others, with a reason.
    Lock,
}

impl Kind {
    /// Every form.
    pub const ALL: [Self; 5] = [Self::Deploy, Self::Provision, Self::Extend, Self::Reject, Self::Lock];

    /// The verb that it says.
    #[must_use]
    pub fn verb(self) -> Verb {
        match self {
            Self::Deploy => Verb::Deploy,
            Self::Provision => Verb::Provision,
            Self::Extend => Verb::Extend,
            Self::Reject => Verb::Reject,
            Self::Lock => Verb::Lock,
        }
    }

    /// What a view of it is called.
    #[must_use]
    pub fn callback(self) -> &'static str {
        self.verb().name()
    }

    /// The form that a view's name means.
    #[must_use]
    pub fn of(callback: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.callback() == callback)
    }

    /// Whether a bare verb asks for it. A vote means the thread's operation, so it is whole as it is.
    fn is_asked_for_bare(self) -> bool {
        self != Self::Reject
    }
}

/// A form that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Which.
    pub kind: Kind,
    /// What it is about, where that was said: an environment, or an operation.
    pub about: Option<String>,
    /// Whether the words were left open on purpose; else they may be a command that isn't whole.
    pub open: bool,
}

impl Asked {
    /// The form that words ask for, if they do.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let closed = text.strip_suffix('…').or_else(|| text.strip_suffix("..."));
        let mut words = closed.unwrap_or(text).split_whitespace();
        let verb = words.next()?.to_lowercase();
        let kind = Kind::ALL.into_iter().find(|kind| kind.verb().spec().words().any(|word| word == verb))?;
        let rest: Vec<&str> = words.filter(|word| !matches!(*word, "to" | "in")).collect();
        let about = match rest.as_slice() {
            [] => None,
            [about] => Some((*about).to_owned()),
            _ => return None,
        };
        let open = closed.is_some();
        let asks = open || (about.is_none() && kind.is_asked_for_bare());
        asks.then_some(Self { kind, about, open })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_open_asks_for_a_form_and_what_is_whole_does_not() {
        let asked = |text: &str| Asked::parse(text).map(|asked| (asked.kind, asked.about, asked.open));
        let some = |about: &str| Some(about.to_owned());
        assert_eq!(asked("deploy"), Some((Kind::Deploy, None, false)));
        assert_eq!(asked(" Ship "), Some((Kind::Deploy, None, false)), "another word for the same");
        assert_eq!(asked("deploy to dev …"), Some((Kind::Deploy, some("dev"), true)));
        assert_eq!(asked("reject op-17…"), Some((Kind::Reject, some("op-17"), true)));
        assert_eq!(asked("extend shop/dev ..."), Some((Kind::Extend, some("shop/dev"), true)));
        for whole in ["reject", "reject op-17", "deploy web", "deploy web to dev …", "status …", "", "…"] {
            assert_eq!(asked(whole), None, "{whole}");
        }
    }
}
