//! Views: what is shown beside messages. A form is a modal with fields; a Home tab is blocks for one person.

use super::fit;
use super::{Block, limit};
use gantry_templates::{Mrkdwn, clip};
use serde_json::{Value, json};

/// A modal with fields to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// What it is about.
    pub title: String,
    /// What is said before the fields.
    pub intro: Option<Mrkdwn>,
    /// What is asked.
    pub fields: Vec<Field>,
    /// The button that sends it.
    pub submit: String,
    /// The button that doesn't.
    pub close: String,
    /// Which form it is, for whoever reads what was filled in.
    pub callback: &'static str,
    /// What comes back beside what was filled in.
    pub metadata: String,
}

/// One thing that is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name within the form: where errors stand.
    pub id: &'static str,
    /// What it reads.
    pub label: String,
    /// What one should know besides.
    pub hint: Option<String>,
    /// Whether it may be left empty.
    pub optional: bool,
    /// How it is filled in.
    pub input: Input,
}

/// How a field is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// With a line of text.
    Line {
        /// An example, shown as long as there is nothing.
        example: String,
    },
    /// With text of several lines.
    Text,
    /// By choosing one of these.
    Choice {
        /// The choices: each reads as what it is.
        options: Vec<String>,
        /// What is chosen at first.
        first: Option<String>,
    },
}

/// The name that the one element of each field has.
const ELEMENT: &str = "value";

fn plain(text: &str, most: usize) -> Value {
    json!({ "type": "plain_text", "text": clip(text, most), "emoji": true })
}

impl Form {
    /// As Slack takes it (docs.slack.dev, "Modal view").
    #[must_use]
    pub fn to_json(&self) -> Value {
        let intro = self.intro.clone().map(Block::section);
        let blocks: Vec<Value> = fit::view(intro.into_iter().collect()).iter().map(block).collect();
        let fields = self.fields.iter().map(Field::to_json);
        json!({
            "type": "modal",
            "callback_id": self.callback,
            "private_metadata": self.metadata,
            "title": plain(&self.title, limit::TITLE),
            "submit": plain(&self.submit, limit::TITLE),
            "close": plain(&self.close, limit::TITLE),
            "blocks": blocks.into_iter().chain(fields).collect::<Vec<_>>(),
        })
    }
}

impl Field {
    fn to_json(&self) -> Value {
        let mut element = match &self.input {
            Input::Line { example } => {
                json!({ "type": "plain_text_input", "max_length": limit::LINE, "placeholder": plain(example, limit::PLACEHOLDER) })
            }
            Input::Text => json!({ "type": "plain_text_input", "multiline": true, "max_length": limit::REASON }),
            Input::Choice { options, first } => choice(options, first.as_deref()),
        };
        element["action_id"] = json!(ELEMENT);
        let mut block = json!({
            "type": "input",
            "block_id": self.id,
            "optional": self.optional,
            "label": plain(&self.label, limit::FIELD),
            "element": element,
        });
        if let Some(hint) = &self.hint {
            block["hint"] = plain(hint, limit::FIELD);
        }
        block
    }
}

/// Names longer than an option's value may be are none of ours: they would come back as something else.
fn choice(options: &[String], first: Option<&str>) -> Value {
    let option = |name: &String| json!({ "text": plain(name, limit::LABEL), "value": name });
    let fitting = options.iter().filter(|name| name.chars().count() <= limit::OPTION).take(limit::OPTIONS);
    let all: Vec<Value> = fitting.map(option).collect();
    let mut element = json!({ "type": "static_select", "options": all });
    if let Some(chosen) = first.and_then(|first| all.iter().find(|option| option["value"] == first)) {
        element["initial_option"] = chosen.clone();
    }
    element
}

/// What one person sees on the Home tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// What is shown.
    pub blocks: Vec<Block>,
    /// What comes back with each click.
    pub metadata: String,
}

impl Home {
    /// As Slack takes it (docs.slack.dev, "Home tab view").
    #[must_use]
    pub fn to_json(&self) -> Value {
        let blocks: Vec<Value> = fit::view(self.blocks.clone()).iter().map(block).collect();
        json!({ "type": "home", "private_metadata": self.metadata, "blocks": blocks })
    }
}

fn block(block: &Block) -> Value {
    serde_json::to_value(block).expect("a block is always JSON")
}

/// What was filled into a form: a text for each field that has one. Choices are told by their value.
#[must_use]
pub fn filled(state: &Value) -> std::collections::BTreeMap<String, String> {
    let text = |element: &Value| {
        let value = [&element["value"], &element["selected_option"]["value"]];
        value.into_iter().find_map(Value::as_str).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let fields = state["values"].as_object().into_iter().flatten();
    fields.filter_map(|(id, elements)| Some((id.clone(), text(&elements[ELEMENT])?))).collect()
}
