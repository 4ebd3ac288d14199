//! A button is a canned command: a click is handled as the person saying these words in that thread. So it carries no
//! authority; rights, and the plan if a digest is given, are checked again at the click.

use gantry_engine::names::Digest;
use gantry_templates::Mrkdwn;
use std::fmt;

/// A button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// What it reads.
    pub label: String,
    /// What a click says.
    pub value: ButtonValue,
    /// How it looks.
    pub style: Style,
    /// What is asked before, if something is.
    pub confirm: Option<Confirm>,
}

impl Button {
    /// A button that says words.
    #[must_use]
    pub fn new(label: impl Into<String>, words: impl Into<String>) -> Self {
        let value = ButtonValue { digest: None, words: words.into() };
        Self { label: label.into(), value, style: Style::Plain, confirm: None }
    }

    /// The same, for exactly this plan.
    #[must_use]
    pub fn for_plan(mut self, digest: &Digest) -> Self {
        self.value.digest = Some(digest.clone());
        self
    }

    /// The same in another style.
    #[must_use]
    pub fn style(mut self, style: Style) -> Self {
        self.style = style;
        self
    }

    /// The same with a question before.
    #[must_use]
    pub fn confirm(mut self, confirm: Confirm) -> Self {
        self.confirm = Some(confirm);
        self
    }
}

/// How a button looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Style {
    /// Like any other.
    #[default]
    Plain,
    /// The expected choice.
    Primary,
    /// Something that can't be undone.
    Danger,
}

/// A question before a click counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirm {
    /// The title.
    pub title: String,
    /// What would happen.
    pub text: Mrkdwn,
    /// The way on.
    pub yes: String,
    /// The way back.
    pub no: String,
}

/// What a button carries: `<digest>|<words>`, or `-|<words>` where no plan is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ButtonValue {
    /// The plan that the person saw.
    pub digest: Option<Digest>,
    /// The command.
    pub words: String,
}

impl ButtonValue {
    /// What a button's value says; none if it isn't one of ours.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let (digest, words) = value.split_once('|')?;
        let digest = match digest {
            "-" => None,
            hex if !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit()) => Some(Digest::new(hex)),
            _ => return None,
        };
        Some(Self { digest, words: words.to_owned() })
    }
}

impl fmt::Display for ButtonValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|{}", self.digest.as_ref().map_or("-", Digest::as_str), self.words)
    }
}
