//! Limits of what people fill in. Numbers are from the pages "Input block" (label and hint 2,000), "Select menu element" (100
//! options), "Radio button group element" and "Checkboxes element" (10 options), "Option object" (text 75, value 150), "Plain-text
//! input element" (placeholder 150, `max_length` and initial value 3,000).

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Check, Needed, chars};

/// The elements that an input block may have (page: Input block).
const ELEMENTS: [&str; 17] = [
    "plain_text_input",
    "static_select",
    "multi_static_select",
    "external_select",
    "multi_external_select",
    "users_select",
    "multi_users_select",
    "conversations_select",
    "multi_conversations_select",
    "channels_select",
    "radio_buttons",
    "checkboxes",
    "datepicker",
    "timepicker",
    "datetimepicker",
    "number_input",
    "email_text_input",
];

impl Check {
    pub(super) fn input(&mut self, block: &Value, at: &str) {
        self.text(&block["label"], 2_000, &format!("{at}/label"), Needed::Yes);
        self.text(&block["hint"], 2_000, &format!("{at}/hint"), Needed::No);
        let kind = block["element"]["type"].as_str().unwrap_or_default();
        if !ELEMENTS.contains(&kind) {
            return self.fault(&format!("unsupported type: {kind}"), &format!("{at}/element/type"));
        }
        self.element(&block["element"], &format!("{at}/element"), &mut BTreeSet::new());
    }

    /// An element that is filled in or chosen from.
    pub(super) fn choices(&mut self, element: &Value, at: &str) {
        self.text(&element["placeholder"], 150, &format!("{at}/placeholder"), Needed::No);
        let initial = element["initial_value"].as_str().map_or(0, chars);
        self.most(initial, 3_000, "characters", &format!("{at}/initial_value"));
        let most = match element["type"].as_str() {
            Some("radio_buttons" | "checkboxes") => 10,
            Some("static_select" | "multi_static_select") => 100,
            _ => return,
        };
        let groups = element["option_groups"].as_array();
        let grouped = groups.into_iter().flatten().filter_map(|group| group["options"].as_array());
        for options in element["options"].as_array().into_iter().chain(grouped) {
            self.most(options.len(), most, "items", &format!("{at}/options"));
            for (index, option) in options.iter().enumerate() {
                self.option(option, &format!("{at}/options/{index}"));
            }
        }
        if groups.is_none() && element["options"].as_array().is_none_or(Vec::is_empty) {
            self.fault("must provide at least 1 option", &format!("{at}/options"));
        }
    }

    fn option(&mut self, option: &Value, at: &str) {
        self.text(&option["text"], 75, &format!("{at}/text"), Needed::Yes);
        self.text(&option["description"], 75, &format!("{at}/description"), Needed::No);
        match option["value"].as_str() {
            Some(value) => self.most(chars(value), 150, "characters", &format!("{at}/value")),
            None => self.fault("missing required field: value", at),
        }
    }
}
