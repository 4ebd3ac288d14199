//! What people fill into a view becomes its `state.values` (vector: `http/view_submission.json`; page: "View object", `state`).
//! Slack's clients check what they can before they send anything (page: "Input block", `optional`; "Plain-text input element",
//! `min_length` and `max_length`), and so does this.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Slack's client says this at a field.
const REQUIRED: &str = "Please complete this required field.";

/// The state of a view with these values by `block_id`: a text, or a list of texts where several can be chosen. A choice is said by
/// its value or by what it reads. Or what is wrong, by block.
pub(crate) fn fill(view: &Value, filled: &Map<String, Value>) -> Result<Value, BTreeMap<String, String>> {
    let mut values = Map::new();
    let mut wrong = BTreeMap::new();
    for block in view["blocks"].as_array().into_iter().flatten() {
        let block_id = block["block_id"].as_str().unwrap_or_default();
        for element in elements(block) {
            let Some(action_id) = element["action_id"].as_str() else { continue };
            let given = filled.get(block_id);
            match state(element, given) {
                Ok(None) if element["type"] == "button" => continue,
                Ok(state) => {
                    if state.is_none() && block["type"] == "input" && block["optional"] != true {
                        wrong.insert(block_id.to_owned(), REQUIRED.to_owned());
                    }
                    let state = state.unwrap_or_else(|| empty(element));
                    let block = values.entry(block_id).or_insert_with(|| json!({}));
                    block[action_id] = state;
                }
                Err(why) => drop(wrong.insert(block_id.to_owned(), why)),
            }
        }
    }
    if wrong.is_empty() { Ok(json!({ "values": values })) } else { Err(wrong) }
}

fn elements(block: &Value) -> Vec<&Value> {
    let several = block["elements"].as_array().into_iter().flatten();
    let single = [&block["element"], &block["accessory"]].into_iter().filter(|element| element.is_object());
    single.chain(several).collect()
}

/// The field in which a kind of element has its value.
fn field(element: &Value) -> &'static str {
    match element["type"].as_str().unwrap_or_default() {
        "static_select" | "external_select" | "radio_buttons" => "selected_option",
        "multi_static_select" | "multi_external_select" | "checkboxes" => "selected_options",
        "datepicker" => "selected_date",
        "timepicker" => "selected_time",
        "datetimepicker" => "selected_date_time",
        "users_select" => "selected_user",
        "channels_select" => "selected_channel",
        "conversations_select" => "selected_conversation",
        "multi_users_select" => "selected_users",
        "multi_conversations_select" => "selected_conversations",
        _ => "value",
    }
}

fn empty(element: &Value) -> Value {
    let field = field(element);
    let nothing = if field.ends_with('s') { json!([]) } else { Value::Null };
    json!({ "type": element["type"], field: nothing })
}

/// What an element holds: what was given, else what it starts with. None where that is nothing.
fn state(element: &Value, given: Option<&Value>) -> Result<Option<Value>, String> {
    let field = field(element);
    let value = match (field, given) {
        (_, None) => initial(element),
        ("selected_option", Some(given)) => match text(given) {
            None => None,
            Some(wanted) => Some(option(element, &wanted)?.clone()),
        },
        ("selected_options", Some(given)) => {
            let wanted: Vec<String> = given.as_array().into_iter().flatten().filter_map(text).collect();
            let chosen: Result<Vec<&Value>, String> = wanted.iter().map(|wanted| option(element, wanted)).collect();
            Some(json!(chosen?)).filter(|chosen| chosen != &json!([]))
        }
        ("selected_date_time", Some(given)) => match text(given) {
            None => None,
            Some(seconds) => Some(json!(seconds.parse::<i64>().map_err(|_| "That is no time.".to_owned())?)),
        },
        (_, Some(given)) if given.is_array() => Some(given.clone()).filter(|given| given != &json!([])),
        (_, Some(given)) => text(given).map(Value::from),
    };
    if let Some(words) = value.as_ref().and_then(Value::as_str) {
        length(element, words.chars().count())?;
    }
    Ok(value.map(|value| json!({ "type": element["type"], field: value })))
}

fn length(element: &Value, length: usize) -> Result<(), String> {
    let bound = |field: &str| element[field].as_u64().and_then(|bound| usize::try_from(bound).ok());
    match (bound("min_length"), bound("max_length")) {
        (Some(least), _) if length < least => Err(format!("Please use at least {least} characters.")),
        (_, Some(most)) if length > most => Err(format!("Please use at most {most} characters.")),
        _ => Ok(()),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn initial(element: &Value) -> Option<Value> {
    let names = [
        "initial_value",
        "initial_option",
        "initial_options",
        "initial_date",
        "initial_time",
        "initial_date_time",
        "initial_user",
        "initial_channel",
        "initial_conversation",
    ];
    let found = names.into_iter().map(|name| &element[name]).find(|value| !value.is_null());
    found.cloned().filter(|value| value != "")
}

fn option<'a>(element: &'a Value, wanted: &str) -> Result<&'a Value, String> {
    let groups = element["option_groups"].as_array().into_iter().flatten();
    let grouped = groups.filter_map(|group| group["options"].as_array()).flatten();
    let mut all = element["options"].as_array().into_iter().flatten().chain(grouped);
    let found = all.find(|option| option["value"] == wanted || option["text"]["text"] == wanted);
    found.ok_or_else(|| format!("There is no {wanted:?} to choose."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(elements: &[(&str, Value)]) -> Value {
        let block = |(id, element): &(&str, Value)| {
            let mut element = element.clone();
            element["action_id"] = json!("a");
            json!({ "type": "input", "block_id": id, "element": element })
        };
        json!({ "blocks": elements.iter().map(block).collect::<Vec<_>>() })
    }

    fn filled(view: &Value, values: &Value) -> Result<Value, BTreeMap<String, String>> {
        fill(view, values.as_object().unwrap()).map(|state| state["values"].clone())
    }

    #[test]
    fn each_kind_has_its_value_where_slack_has_it() {
        let option =
            |value: &str| json!({ "text": { "type": "plain_text", "text": value.to_uppercase() }, "value": value });
        let select = json!({ "type": "static_select", "options": [option("dev"), option("prod")] });
        let boxes = json!({ "type": "checkboxes", "options": [option("web"), option("api")] });
        let view = view(&[
            ("why", json!({ "type": "plain_text_input" })),
            ("env", select),
            ("what", boxes),
            ("day", json!({ "type": "datepicker", "initial_date": "2026-11-20" })),
            ("at", json!({ "type": "datetimepicker" })),
        ]);
        let values = json!({ "why": "because", "env": "PROD", "what": ["web", "api"], "at": 1_795_165_200 });
        let state = filled(&view, &values).unwrap();
        assert_eq!(state["why"]["a"], json!({ "type": "plain_text_input", "value": "because" }));
        assert_eq!(state["env"]["a"]["selected_option"]["value"], "prod");
        assert_eq!(state["what"]["a"]["selected_options"][1]["value"], "api");
        assert_eq!(state["day"]["a"]["selected_date"], "2026-11-20", "what it starts with");
        assert_eq!(state["at"]["a"]["selected_date_time"], 1_795_165_200);
    }

    #[test]
    fn what_a_client_can_see_is_said_at_the_field() {
        let mut view = view(&[
            ("why", json!({ "type": "plain_text_input", "max_length": 5 })),
            ("env", json!({ "type": "static_select", "options": [] })),
            ("more", json!({ "type": "plain_text_input" })),
        ]);
        view["blocks"][2]["optional"] = json!(true);
        let wrong = filled(&view, &json!({ "why": "too long" })).unwrap_err();
        assert_eq!(wrong["why"], "Please use at most 5 characters.");
        assert_eq!(wrong["env"], REQUIRED);
        assert!(!wrong.contains_key("more"));
        assert!(filled(&view, &json!({ "why": "ok", "env": "mars" })).unwrap_err()["env"].contains("mars"));
    }
}
