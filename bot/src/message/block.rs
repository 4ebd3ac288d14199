//! What a message is made of. The forms that Slack reads are in `wire`.

use super::button::Button;
use super::{fit, wire};
use gantry_templates::{Mrkdwn, clean};
use serde::{Deserialize, Serialize};

/// One part of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "wire::Block", try_from = "wire::Block")]
pub enum Block {
    /// A large line.
    Header(String),
    /// Text, with a button beside it if there is one.
    Section(Mrkdwn, Option<Button>),
    /// Short texts in two columns.
    Fields(Vec<Mrkdwn>),
    /// Small print.
    Context(Vec<Mrkdwn>),
    /// A line across.
    Divider,
    /// Buttons.
    Actions(Vec<Button>),
    /// Text as it is, in a fixed-width box: nothing in it acts, so nothing is escaped.
    Preformatted(String),
}

impl Block {
    /// Text.
    #[must_use]
    pub fn section(text: Mrkdwn) -> Self {
        Self::Section(text, None)
    }

    /// Small print.
    #[must_use]
    pub fn context(text: Mrkdwn) -> Self {
        Self::Context(vec![text])
    }

    /// Text as it is; what is invisible is taken out.
    #[must_use]
    pub fn preformatted(text: &str) -> Self {
        Self::Preformatted(clean::block(text))
    }

    /// Whether there is nothing to see; Slack refuses such a block.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Header(text) | Self::Preformatted(text) => text.trim().is_empty(),
            Self::Section(text, button) => text.is_empty() && button.is_none(),
            Self::Fields(texts) | Self::Context(texts) => texts.iter().all(Mrkdwn::is_empty),
            Self::Divider => false,
            Self::Actions(buttons) => buttons.is_empty(),
        }
    }
}

/// What is shown, and the sentence for those who can't see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// A full sentence: for notifications and screen readers.
    pub text: Mrkdwn,
    /// What is shown.
    pub blocks: Vec<Block>,
}

impl Message {
    /// A message within Slack's limits, whatever the content: what doesn't fit is counted.
    #[must_use]
    pub fn new(text: &Mrkdwn, blocks: Vec<Block>) -> Self {
        fit::message(text, blocks)
    }

    /// Its buttons, in order.
    pub fn buttons(&self) -> impl Iterator<Item = &Button> {
        self.blocks.iter().flat_map(|block| match block {
            Block::Actions(buttons) => buttons.as_slice(),
            Block::Section(_, button) => button.as_slice(),
            Block::Header(_) | Block::Fields(_) | Block::Context(_) | Block::Divider | Block::Preformatted(_) => &[],
        })
    }
}
