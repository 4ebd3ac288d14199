//! Slack's rules for a view that an app sends. Pure: a view goes in, what is wrong with it comes out.
//!
//! Pages: "Modal view" and "Home tab view" (title, submit and close 24 characters, `private_metadata` 3,000, `callback_id` 255, blocks),
//! "views.open" (`view_too_large`, 250 kB), "Input block" (a modal with inputs needs a submit button).

use serde_json::{Value, json};

use crate::limits;

/// `view_too_large` beyond.
const SIZE: usize = 250 * 1024;

/// What Slack says to a view.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// `invalid_arguments`, with a sentence for each fault.
    Invalid(Vec<String>),
    /// `view_too_large`.
    TooLarge,
}

/// Checks a view of a kind (`modal`, `home`).
pub(crate) fn check(view: &Value, kind: &str) -> Result<(), Refused> {
    if view.to_string().len() > SIZE {
        return Err(Refused::TooLarge);
    }
    let mut faults = Vec::new();
    if view["type"] != json!(kind) {
        faults.push(format!("[ERROR] must be a view of type {kind} [json-pointer:/view/type]"));
    }
    for (field, most) in [("private_metadata", 3_000), ("callback_id", 255), ("external_id", 255)] {
        let length = view[field].as_str().map_or(0, |text| text.chars().count());
        if length > most {
            faults.push(format!("[ERROR] must be less than {} characters [json-pointer:/view/{field}]", most + 1));
        }
    }
    let Some(blocks) = view["blocks"].as_array() else {
        faults.push("missing required field: blocks".to_owned());
        return Err(Refused::Invalid(faults));
    };
    if kind == "modal" {
        faults.extend(labels(view, blocks));
    }
    faults.extend(limits::view_blocks(blocks));
    if faults.is_empty() { Ok(()) } else { Err(Refused::Invalid(faults)) }
}

/// What stands at a modal's edges.
fn labels(view: &Value, blocks: &[Value]) -> Vec<String> {
    let mut faults = Vec::new();
    if view["title"]["text"].as_str().is_none_or(str::is_empty) {
        faults.push("missing required field: title".to_owned());
    }
    for field in ["title", "submit", "close"] {
        let text = &view[field];
        if text.is_null() {
            continue;
        }
        if text["type"] != "plain_text" {
            faults.push(format!("[ERROR] must be a plain_text object [json-pointer:/view/{field}]"));
        }
        if text["text"].as_str().is_some_and(|text| text.chars().count() > 24) {
            faults.push(format!("[ERROR] must be less than 25 characters [json-pointer:/view/{field}/text]"));
        }
    }
    if view["submit"].is_null() && blocks.iter().any(|block| block["type"] == "input") {
        faults.push("[ERROR] missing required field: submit [json-pointer:/view]".to_owned());
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modal(fields: &Value) -> Value {
        let plain = |text: &str| json!({ "type": "plain_text", "text": text });
        let input = json!({ "type": "input", "block_id": "why", "label": plain("Why"),
            "element": { "type": "plain_text_input", "action_id": "why" } });
        let mut view =
            json!({ "type": "modal", "title": plain("Deploy"), "submit": plain("Deploy"), "blocks": [input] });
        for (name, value) in fields.as_object().unwrap() {
            view[name] = value.clone();
        }
        view
    }

    fn long(count: usize) -> String {
        "x".repeat(count)
    }

    /// Each row: the largest that is taken, the smallest that isn't.
    #[test]
    fn each_limit_holds_to_the_character() {
        let plain = |count| json!({ "type": "plain_text", "text": long(count) });
        let many = |count| vec![json!({ "type": "divider" }); count];
        let options = |count: usize| {
            let option =
                |n: usize| json!({ "text": { "type": "plain_text", "text": n.to_string() }, "value": n.to_string() });
            json!([{ "type": "input", "label": plain(3), "element": {
                "type": "static_select", "options": (0..count).map(option).collect::<Vec<_>>() } }])
        };
        let rows = [
            ("title", plain(24), plain(25)),
            ("submit", plain(24), plain(25)),
            ("close", plain(24), plain(25)),
            ("private_metadata", json!(long(3_000)), json!(long(3_001))),
            ("callback_id", json!(long(255)), json!(long(256))),
            ("blocks", json!(many(100)), json!(many(101))),
            ("blocks", options(100), options(101)),
            ("blocks", options(1), options(0)),
        ];
        for (field, good, bad) in rows {
            assert_eq!(check(&modal(&json!({ field: good })), "modal"), Ok(()), "{field}");
            let refused = check(&modal(&json!({ field: bad })), "modal");
            assert!(matches!(refused, Err(Refused::Invalid(_))), "{field} was taken");
        }
        let large = modal(&json!({ "blocks": vec![json!({ "type": "markdown", "text": long(3_000) }); 90] }));
        assert_eq!(check(&large, "modal"), Err(Refused::TooLarge));
    }

    #[test]
    fn a_modal_needs_a_title_and_inputs_a_way_to_submit_them() {
        for (field, said) in [("title", "title"), ("submit", "submit")] {
            let Err(Refused::Invalid(faults)) = check(&modal(&json!({ field: null })), "modal") else {
                panic!("no {field} was taken")
            };
            assert!(faults[0].contains(said), "{faults:?}");
        }
        let Err(Refused::Invalid(faults)) = check(&modal(&json!({})), "home") else { panic!("a modal is no Home") };
        assert!(faults[0].contains("/view/type"), "{faults:?}");
    }
}
