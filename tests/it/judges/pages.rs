//! Slack's pages about methods, as they are in `../shared/slack/vectors` beside the repository: which arguments there are, which are
//! needed, and what each may be.

use gantry_tests::calls::Called;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/slack/vectors")
}

/// Whether there is anything to compare with; says so where there isn't.
#[expect(clippy::print_stderr, reason = "a test says what it could not compare")]
pub(super) fn are_here() -> bool {
    let here = root().is_dir();
    if !here {
        eprintln!("skipped: arguments can't be compared, there is no {}", root().display());
    }
    here
}

/// A method's page.
struct Page {
    /// A schema for each argument.
    args: Map<String, Value>,
    required: Vec<String>,
    takes_json: bool,
}

impl Page {
    /// The newest page that there is of a method.
    fn of(method: &str) -> Option<Self> {
        let read = |name: String| -> Option<Value> {
            let text = std::fs::read_to_string(root().join(name)).ok()?;
            Some(serde_json::from_str(&text).unwrap())
        };
        let newest = read(format!("docs_methods/{method}.json")).map(|page| Self::newest(&page));
        let newest = newest.or_else(|| Some(Self::older(&read(format!("methods/{method}.json"))?)));
        newest.or_else(|| Self::specified(&read("spec/slack_web_openapi_v2.json".to_owned())?, method))
    }

    fn newest(page: &Value) -> Self {
        let required = page["args"]["required"].as_array().unwrap().iter();
        Self {
            args: page["args"]["properties"].as_object().unwrap().clone(),
            required: required.map(|name| name.as_str().unwrap().to_owned()).collect(),
            takes_json: page["json_input_supported"] == true,
        }
    }

    /// Pages as they were before: arguments have types of Slack's own, most of which are strings.
    fn older(page: &Value) -> Self {
        let given = page["args"].as_object().unwrap();
        Self::listed(given.iter().map(|(name, arg)| (name.as_str(), arg["type"].as_str(), arg["required"] == true)))
    }

    /// The specification for OpenAPI, for methods without a page.
    fn specified(spec: &Value, method: &str) -> Option<Self> {
        let paths = &spec["paths"][format!("/{method}")];
        let parameters = paths["get"]["parameters"].as_array().or_else(|| paths["post"]["parameters"].as_array())?;
        let named =
            |arg: &'_ Value| (arg["name"].as_str().unwrap().to_owned(), arg["type"].clone(), arg["required"] == true);
        let named: Vec<_> = parameters.iter().map(named).collect();
        Some(Self::listed(named.iter().map(|(name, kind, required)| (name.as_str(), kind.as_str(), *required))))
    }

    fn listed<'a>(given: impl Iterator<Item = (&'a str, Option<&'a str>, bool)>) -> Self {
        let mut page = Self { args: Map::new(), required: Vec::new(), takes_json: false };
        for (name, kind, required) in given {
            let kind = kind.filter(|kind| ["boolean", "integer", "number", "array", "object"].contains(kind));
            page.args.insert(name.to_owned(), json!({ "type": kind.unwrap_or("string") }));
            page.required.extend(required.then(|| name.to_owned()));
        }
        page
    }
}

/// What is wrong with a call's arguments. Nothing, where there are no pages.
pub(super) fn faults(call: &Called) -> Vec<String> {
    if !are_here() {
        return Vec::new();
    }
    let Called { method, json, args } = call;
    let Some(page) = Page::of(method) else { return vec![format!("{method}: there is no page about it")] };
    let mut faults = Vec::new();
    if *json && !args.is_empty() && !page.takes_json {
        faults.push(format!("{method} takes no JSON"));
    }
    // The token is in a header, where every method takes it.
    let missing = page.required.iter().filter(|name| *name != "token" && !args.contains_key(*name));
    faults.extend(missing.map(|name| format!("{method}: {name} is missing")));
    for (name, value) in args {
        match page.args.get(name) {
            None => faults.push(format!("{method}: there is no argument {name}")),
            Some(schema) if fits(schema, value, *json) => {}
            Some(_) => faults.push(format!("{method}: {name} can't be {value}")),
        }
    }
    faults
}

/// Whether an argument is what its schema says.
fn fits(schema: &Value, value: &Value, json: bool) -> bool {
    let all = |key: &str| schema[key].as_array();
    let any =
        all("anyOf").is_none_or(|ways| ways.iter().any(|way| fits(way, value, json) || is_structure(schema, value)));
    let each = all("allOf").is_none_or(|parts| parts.iter().all(|part| fits(part, value, json)));
    let one = all("enum").is_none_or(|values| values.contains(value));
    let kind = schema["type"].as_str().is_none_or(|kind| is(kind, value, json) || is_structure(schema, value));
    any && each && one && kind
}

/// Pages call it a string where JSON inside a form is one; in a JSON body it is what it is (page: "Web API", "POST bodies").
fn is_structure(schema: &Value, value: &Value) -> bool {
    let told = schema["desc"].as_str().unwrap_or_default();
    (told.contains("JSON-based") || told.contains("JSON object")) && (value.is_array() || value.is_object())
}

fn is(kind: &str, value: &Value, json: bool) -> bool {
    // In a form everything is a string, and means what it spells.
    let spelt = value.as_str().filter(|_| !json).and_then(|text| serde_json::from_str::<Value>(text).ok());
    let value = if kind == "string" { value } else { spelt.as_ref().unwrap_or(value) };
    match kind {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => false,
    }
}
