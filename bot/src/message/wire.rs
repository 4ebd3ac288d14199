//! The JSON that Slack reads (docs.slack.dev, "Reference: Block Kit"). Stored messages have the same form.

use super::{Button, ButtonValue, Confirm, Style, block};
use gantry_templates::Mrkdwn;
use serde::{Deserialize, Serialize};

/// A block as Slack has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Block {
    Header {
        text: Text,
    },
    Section {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<Text>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        fields: Vec<Text>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        accessory: Option<Box<Element>>,
    },
    Context {
        elements: Vec<Text>,
    },
    Divider {},
    Actions {
        elements: Vec<Element>,
    },
    RichText {
        elements: [Rich; 1],
    },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Text {
    PlainText { text: String, emoji: bool },
    Mrkdwn { text: Mrkdwn },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Element {
    Button {
        text: Text,
        action_id: String,
        value: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        style: Option<Look>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confirm: Option<Dialog>,
    },
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Look {
    Primary,
    Danger,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Dialog {
    title: Text,
    text: Text,
    confirm: Text,
    deny: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    style: Option<Look>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Rich {
    RichTextPreformatted { elements: [RichLeaf; 1] },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum RichLeaf {
    Text { text: String },
}

/// A form that isn't one of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} isn't as we write it")]
pub(super) struct Foreign(&'static str);

impl Text {
    fn plain(text: String) -> Self {
        Self::PlainText { text, emoji: true }
    }

    fn into_plain(self) -> Result<String, Foreign> {
        match self {
            Self::PlainText { text, .. } => Ok(text),
            Self::Mrkdwn { .. } => Err(Foreign("a plain text")),
        }
    }

    fn into_mrkdwn(self) -> Result<Mrkdwn, Foreign> {
        match self {
            Self::Mrkdwn { text } => Ok(text),
            Self::PlainText { .. } => Err(Foreign("a formatted text")),
        }
    }
}

impl Look {
    fn of(style: Style) -> Option<Self> {
        match style {
            Style::Plain => None,
            Style::Primary => Some(Self::Primary),
            Style::Danger => Some(Self::Danger),
        }
    }

    fn style(look: Option<Self>) -> Style {
        match look {
            None => Style::Plain,
            Some(Self::Primary) => Style::Primary,
            Some(Self::Danger) => Style::Danger,
        }
    }
}

impl Element {
    /// `place` makes the id unique within its block; the verb is for whoever reads logs.
    fn button(place: usize, button: Button) -> Self {
        let verb = button.value.words.split_whitespace().next().unwrap_or("say");
        let action_id = format!("{place}.{}", verb.chars().take(32).collect::<String>());
        let style = Look::of(button.style);
        let confirm = button.confirm.map(|ask| Dialog {
            title: Text::plain(ask.title),
            text: Text::Mrkdwn { text: ask.text },
            confirm: Text::plain(ask.yes),
            deny: Text::plain(ask.no),
            style,
        });
        Self::Button { text: Text::plain(button.label), action_id, value: button.value.to_string(), style, confirm }
    }

    fn into_button(self) -> Result<Button, Foreign> {
        let Self::Button { text, value, style, confirm, .. } = self;
        let confirm = confirm.map(|dialog| {
            Ok(Confirm {
                title: dialog.title.into_plain()?,
                text: dialog.text.into_mrkdwn()?,
                yes: dialog.confirm.into_plain()?,
                no: dialog.deny.into_plain()?,
            })
        });
        Ok(Button {
            label: text.into_plain()?,
            value: ButtonValue::parse(&value).ok_or(Foreign("a button's value"))?,
            style: Look::style(style),
            confirm: confirm.transpose()?,
        })
    }
}

fn mrkdwn(texts: Vec<Mrkdwn>) -> Vec<Text> {
    texts.into_iter().map(|text| Text::Mrkdwn { text }).collect()
}

fn from_mrkdwn(texts: Vec<Text>) -> Result<Vec<Mrkdwn>, Foreign> {
    texts.into_iter().map(Text::into_mrkdwn).collect()
}

impl From<block::Block> for Block {
    fn from(block: block::Block) -> Self {
        match block {
            block::Block::Header(text) => Self::Header { text: Text::plain(text) },
            block::Block::Section(text, button) => Self::Section {
                text: Some(Text::Mrkdwn { text }),
                fields: Vec::new(),
                accessory: button.map(|button| Box::new(Element::button(0, button))),
            },
            block::Block::Fields(texts) => Self::Section { text: None, fields: mrkdwn(texts), accessory: None },
            block::Block::Context(texts) => Self::Context { elements: mrkdwn(texts) },
            block::Block::Divider => Self::Divider {},
            block::Block::Actions(buttons) => {
                let elements = buttons.into_iter().enumerate().map(|(place, button)| Element::button(place, button));
                Self::Actions { elements: elements.collect() }
            }
            block::Block::Preformatted(text) => {
                let leaf = RichLeaf::Text { text };
                Self::RichText { elements: [Rich::RichTextPreformatted { elements: [leaf] }] }
            }
        }
    }
}

impl TryFrom<Block> for block::Block {
    type Error = Foreign;

    fn try_from(block: Block) -> Result<Self, Foreign> {
        Ok(match block {
            Block::Header { text } => Self::Header(text.into_plain()?),
            Block::Section { text: Some(text), accessory, .. } => {
                Self::Section(text.into_mrkdwn()?, accessory.map(|element| element.into_button()).transpose()?)
            }
            Block::Section { fields, .. } => Self::Fields(from_mrkdwn(fields)?),
            Block::Context { elements } => Self::Context(from_mrkdwn(elements)?),
            Block::Divider {} => Self::Divider,
            Block::Actions { elements } => {
                Self::Actions(elements.into_iter().map(Element::into_button).collect::<Result<_, _>>()?)
            }
            Block::RichText { elements: [Rich::RichTextPreformatted { elements: [RichLeaf::Text { text }] }] } => {
                Self::Preformatted(text)
            }
        })
    }
}
