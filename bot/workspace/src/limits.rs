//! Slack's limits on what an app may post. Pure: a message goes in, what is wrong with it comes out.
//!
//! Numbers and where they are from (pages of docs.slack.dev): "Reference: Block Kit" (50 blocks, unique `block_id`s of at most 255),
//! "Section block" (text 3,000; 10 fields of 2,000), "Header block" (150), "Actions block" (25 elements), "Context block" (10),
//! "Button element" (text 75, value 2,000, url 3,000, `action_id` 255, unique within the block), "Confirmation dialog object" (100/300/30),
//! "chat.postMessage" (`msg_blocks_too_long`; text over 40,000 is cut), "chat.update" (`msg_too_long`), "Modals" (100 blocks).

mod input;

use std::collections::BTreeSet;

use serde_json::Value;

/// Page: Reference: Block Kit.
const BLOCKS: usize = 50;
/// Page: Modals, and Home tab: "up to 100 blocks".
const VIEW_BLOCKS: usize = 100;
/// Text in all blocks together; `msg_blocks_too_long` beyond. Slack names no number: this one was measured.
const TEXT_OF_BLOCKS: usize = 13_200;
/// Page: chat.postMessage, "Truncating content".
pub(crate) const POST_TEXT: usize = 40_000;
/// Page: chat.update, `msg_too_long`.
pub(crate) const UPDATE_TEXT: usize = 4_000;
/// Page: chat.postMessage, `too_many_attachments`.
pub(crate) const ATTACHMENTS: usize = 100;
const ID: usize = 255;

/// What is wrong with the blocks of a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// `invalid_blocks`, with a sentence for each fault.
    Invalid(Vec<String>),
    /// `msg_blocks_too_long`.
    TooLong,
}

/// Checks the blocks of a message.
pub(crate) fn blocks(blocks: &[Value]) -> Result<(), Refused> {
    match Check::of(blocks, BLOCKS, "/blocks") {
        Check { faults, .. } if !faults.is_empty() => Err(Refused::Invalid(faults)),
        Check { text, .. } if text > TEXT_OF_BLOCKS => Err(Refused::TooLong),
        Check { .. } => Ok(()),
    }
}

/// Checks the blocks of a view. All faults, if there are any.
pub(crate) fn view_blocks(blocks: &[Value]) -> Vec<String> {
    Check::of(blocks, VIEW_BLOCKS, "/view/blocks").faults
}

struct Check {
    faults: Vec<String>,
    text: usize,
    block_ids: BTreeSet<String>,
}

impl Check {
    fn of(blocks: &[Value], most: usize, at: &str) -> Self {
        let mut check = Self { faults: Vec::new(), text: 0, block_ids: BTreeSet::new() };
        check.most(blocks.len(), most, "items", at);
        for (index, block) in blocks.iter().enumerate() {
            check.block(block, &format!("{at}/{index}"));
        }
        check
    }

    fn fault(&mut self, what: &str, at: &str) {
        self.faults.push(format!("[ERROR] {what} [json-pointer:{at}]"));
    }

    fn most(&mut self, count: usize, limit: usize, of: &str, at: &str) {
        if count > limit {
            self.fault(&format!("must be less than {} {of}", limit + 1), at);
        }
    }

    fn block(&mut self, block: &Value, at: &str) {
        self.block_id(block, at);
        match block["type"].as_str() {
            Some("section") => self.section(block, at),
            Some("header") => self.text(&block["text"], 150, &format!("{at}/text"), Needed::Yes),
            Some("actions") => self.elements(block, 25, at),
            Some("context") => self.elements(block, 10, at),
            Some("image") => self.image(block, at),
            Some("rich_text" | "table") => self.text += loose_text(block),
            Some("markdown") => self.text += block["text"].as_str().map_or(0, chars),
            Some("input") => self.input(block, at),
            Some("divider" | "file" | "video" | "context_actions" | "plan" | "task_card" | "card" | "alert") => {}
            Some(other) => self.fault(&format!("unsupported type: {other}"), &format!("{at}/type")),
            None => self.fault("missing required field: type", at),
        }
    }

    fn block_id(&mut self, block: &Value, at: &str) {
        let Some(id) = block["block_id"].as_str() else { return };
        self.most(chars(id), ID, "characters", &format!("{at}/block_id"));
        if !self.block_ids.insert(id.to_owned()) {
            self.fault(&format!("`block_id` already exists: {id}"), &format!("{at}/block_id"));
        }
    }

    fn section(&mut self, block: &Value, at: &str) {
        let fields = block["fields"].as_array();
        let needed = if fields.is_some() { Needed::No } else { Needed::Yes };
        self.text(&block["text"], 3_000, &format!("{at}/text"), needed);
        let fields = fields.map_or(&[][..], Vec::as_slice);
        self.most(fields.len(), 10, "items", &format!("{at}/fields"));
        for (index, field) in fields.iter().enumerate() {
            self.text(field, 2_000, &format!("{at}/fields/{index}"), Needed::Yes);
        }
        if block["accessory"].is_object() {
            self.element(&block["accessory"], &format!("{at}/accessory"), &mut BTreeSet::new());
        }
    }

    fn elements(&mut self, block: &Value, limit: usize, at: &str) {
        let Some(elements) = block["elements"].as_array().filter(|elements| !elements.is_empty()) else {
            return self.fault("must provide at least 1 element", &format!("{at}/elements"));
        };
        self.most(elements.len(), limit, "items", &format!("{at}/elements"));
        let mut action_ids = BTreeSet::new();
        for (index, element) in elements.iter().enumerate() {
            self.element(element, &format!("{at}/elements/{index}"), &mut action_ids);
        }
    }

    fn element(&mut self, element: &Value, at: &str, action_ids: &mut BTreeSet<String>) {
        if let Some(id) = element["action_id"].as_str() {
            self.most(chars(id), ID, "characters", &format!("{at}/action_id"));
            if !action_ids.insert(id.to_owned()) {
                self.fault(&format!("`action_id` already exists: {id}"), &format!("{at}/action_id"));
            }
        }
        match element["type"].as_str() {
            Some("button") => self.button(element, at),
            Some("mrkdwn" | "plain_text") => self.text(element, 3_000, at, Needed::Yes),
            Some("image") => self.image(element, at),
            Some(_) => self.choices(element, at),
            None => self.fault("missing required field: type", at),
        }
    }

    fn button(&mut self, button: &Value, at: &str) {
        self.text(&button["text"], 75, &format!("{at}/text"), Needed::Yes);
        for (field, limit) in [("value", 2_000), ("url", 3_000), ("accessibility_label", 75)] {
            self.most(button[field].as_str().map_or(0, chars), limit, "characters", &format!("{at}/{field}"));
        }
        if let Some(style) = button["style"].as_str().filter(|style| !matches!(*style, "primary" | "danger")) {
            self.fault(&format!("unknown style: {style}"), &format!("{at}/style"));
        }
        if button["confirm"].is_object() {
            for (field, limit) in [("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)] {
                self.text(&button["confirm"][field], limit, &format!("{at}/confirm/{field}"), Needed::Yes);
            }
        }
    }

    fn image(&mut self, image: &Value, at: &str) {
        match image["alt_text"].as_str() {
            Some(alt) => self.most(chars(alt), 2_000, "characters", &format!("{at}/alt_text")),
            None => self.fault("missing required field: alt_text", at),
        }
    }

    fn text(&mut self, text: &Value, limit: usize, at: &str, needed: Needed) {
        match (text["type"].as_str(), text["text"].as_str()) {
            (Some("plain_text" | "mrkdwn"), Some(words)) => {
                self.text += chars(words);
                self.most(chars(words), limit, "characters", &format!("{at}/text"));
                if words.is_empty() {
                    self.fault("must be more than 0 characters", &format!("{at}/text"));
                }
            }
            _ if text.is_null() && needed == Needed::No => {}
            _ if text.is_null() => self.fault("missing required field: text", at),
            _ => self.fault("not a text object", at),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Needed {
    Yes,
    No,
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

/// All `text` strings anywhere inside.
fn loose_text(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, inner)| match inner {
                Value::String(words) if name == "text" => chars(words),
                other => loose_text(other),
            })
            .sum(),
        Value::Array(items) => items.iter().map(loose_text).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn section(text: &str) -> Value {
        json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } })
    }

    fn button(fields: &Value) -> Value {
        let mut button = json!({ "type": "button", "text": { "type": "plain_text", "text": "Go" }, "action_id": "go" });
        for (name, value) in fields.as_object().unwrap() {
            button[name] = value.clone();
        }
        json!({ "type": "actions", "elements": [button] })
    }

    fn long(count: usize) -> String {
        "x".repeat(count)
    }

    /// Each row: the largest that is taken, the smallest that isn't, and where the fault is.
    #[test]
    fn each_limit_holds_to_the_character() {
        let header = |text: &str| json!({ "type": "header", "text": { "type": "plain_text", "text": text } });
        let label = |text: String| button(&json!({ "text": { "type": "plain_text", "text": text } }));
        let many = |n: usize| {
            json!({ "type": "actions", "elements": (0..n).map(|i| json!({
            "type": "button", "text": { "type": "plain_text", "text": "Go" }, "action_id": i.to_string() })).collect::<Vec<_>>() })
        };
        let fields =
            |n: usize| json!({ "type": "section", "fields": vec![json!({ "type": "mrkdwn", "text": "f" }); n] });
        let rows = [
            (section(&long(3_000)), section(&long(3_001)), "/blocks/0/text/text"),
            (header(&long(150)), header(&long(151)), "/blocks/0/text/text"),
            (label(long(75)), label(long(76)), "/blocks/0/elements/0/text/text"),
            (
                button(&json!({ "value": long(2_000) })),
                button(&json!({ "value": long(2_001) })),
                "/blocks/0/elements/0/value",
            ),
            (
                button(&json!({ "action_id": long(255) })),
                button(&json!({ "action_id": long(256) })),
                "/blocks/0/elements/0/action_id",
            ),
            (many(25), many(26), "/blocks/0/elements"),
            (fields(10), fields(11), "/blocks/0/fields"),
        ];
        for (good, bad, at) in rows {
            assert_eq!(blocks(&[good]), Ok(()), "{at}");
            let Err(Refused::Invalid(faults)) = blocks(&[bad]) else { panic!("{at} was taken") };
            assert!(faults[0].ends_with(&format!("[json-pointer:{at}]")), "{faults:?}");
        }
    }

    #[test]
    fn fifty_blocks_and_their_text_together() {
        assert_eq!(blocks(&vec![json!({ "type": "divider" }); 50]), Ok(()));
        assert!(matches!(blocks(&vec![json!({ "type": "divider" }); 51]), Err(Refused::Invalid(_))));
        assert_eq!(blocks(&vec![section(&long(2_640)); 5]), Ok(()));
        assert_eq!(blocks(&vec![section(&long(2_641)); 5]), Err(Refused::TooLong));
    }

    #[test]
    fn ids_are_unique_where_slack_wants_them_to_be() {
        let named = json!({ "type": "divider", "block_id": "same" });
        assert!(matches!(blocks(&[named.clone(), named]), Err(Refused::Invalid(_))));
        let go = button(&json!({}));
        assert_eq!(blocks(&[go.clone(), go.clone()]), Ok(()), "an action_id may come again in another block");
        let mut twice = go.clone();
        twice["elements"] = json!([go["elements"][0], go["elements"][0]]);
        assert!(matches!(blocks(&[twice]), Err(Refused::Invalid(_))));
    }

    #[test]
    fn what_is_no_block_is_refused_and_not_a_panic() {
        for wrong in [
            json!(null),
            json!([]),
            json!("text"),
            json!({}),
            json!({ "type": "blink" }),
            json!({ "type": "section" }),
            json!({ "type": "actions", "elements": [] }),
            json!({ "type": "header", "text": "bare" }),
            json!({ "type": "image" }),
        ] {
            assert!(matches!(blocks(std::slice::from_ref(&wrong)), Err(Refused::Invalid(_))), "{wrong} was taken");
        }
    }
}
