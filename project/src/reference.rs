//! The handbook's page about the project file, from the schema. The words are those of the types' documentation; only
//! the introduction stands in a file of its own.

use crate::platform::Platform;
use crate::schema::schema;
use crate::shape::{description, options, wanted, words};
use serde::Serialize;
use serde_json::Value;
use std::fmt::Write;

const INTRODUCTION: &str = include_str!("reference.md");

/// The reference of `gantry.toml` as Markdown: a table per section with key, type, default, meaning and example;
/// the tables of the platforms given are among them.
#[must_use]
pub fn reference(platforms: &[Platform]) -> String {
    let mut page = INTRODUCTION.to_owned();
    section(&mut page, &schema(platforms), "The file");
    page
}

/// A table of keys, then the tables below it.
fn section(page: &mut String, schema: &Value, title: &str) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    // A table that several keys may hold is explained once.
    if page.contains(&format!("\n## {title}\n")) {
        return;
    }
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    // Writing to a String can't fail.
    let _ = write!(page, "\n## {title}\n\n{}\n\n", description(schema));
    page.push_str("| key | type | default | meaning | example |\n| --- | --- | --- | --- | --- |\n");
    for (key, schema) in properties {
        let row = [
            format!("`{key}`"),
            kinds(schema),
            default(schema, required.contains(&key.as_str())),
            meaning(schema),
            examples(key, schema),
        ];
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
        let _ = writeln!(page, "| {} |", cells.join(" | "));
    }
    for below in properties.values().flat_map(tables_below) {
        let title = below.get("title").and_then(Value::as_str).unwrap_or_default();
        section(page, below, &format!("`{title}`"));
    }
}

/// The tables with keys of their own that a value is, or is made of.
fn tables_below(schema: &Value) -> Vec<&Value> {
    let inner = |option| Vec::from([Some(option), Value::get(option, "additionalProperties"), option.get("items")]);
    let found = options(schema).into_iter().flat_map(inner).flatten().flat_map(options);
    found.filter(|schema| schema.get("properties").is_some()).collect()
}

fn kinds(schema: &Value) -> String {
    let mut kinds: Vec<String> = Vec::new();
    for kind in options(schema).into_iter().map(kind) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds.join(" or ")
}

fn kind(option: &Value) -> String {
    let title = || option.get("title").and_then(Value::as_str);
    match option.get("type").and_then(Value::as_str) {
        Some("array") => {
            option.get("items").map_or_else(|| "list".to_owned(), |items| format!("list of {}", kinds(items)))
        }
        Some("object") if option.get("properties").is_some() => {
            let title = title().map(|title| title.trim_matches(['[', ']'])).unwrap_or_default();
            format!("table, [below](#{})", title.replace('.', "").to_lowercase())
        }
        Some("object") => {
            let below = option.get("additionalProperties").map(kinds).unwrap_or_default();
            if below.starts_with("table") { format!("a {below} per name") } else { format!("table of {below}") }
        }
        Some("string") if words(option).is_empty() => title().unwrap_or("text").to_owned(),
        _ => wanted(option).trim_start_matches("a ").to_owned(),
    }
}

fn default(schema: &Value, required: bool) -> String {
    let empty = |value: &&Value| {
        value.as_object().is_some_and(serde_json::Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
    };
    match schema.get("default").filter(|value| !empty(value)) {
        _ if required => "required".to_owned(),
        Some(default) => format!("`{}`", toml_of(default)),
        None => "none".to_owned(),
    }
}

/// What a key means; after it, what each of its words means.
fn meaning(schema: &Value) -> String {
    let own = description(schema).to_owned();
    let told = options(schema).into_iter().filter_map(|option| match words(option).as_slice() {
        [word] if !std::ptr::eq(option, schema) && !description(option).is_empty() => {
            Some(format!(" `{word}`: {}", description(option)))
        }
        _ => None,
    });
    own.clone() + &told.collect::<String>()
}

fn examples(key: &str, schema: &Value) -> String {
    let examples = schema.get("examples").and_then(Value::as_array).into_iter().flatten();
    examples.map(|example| format!("`{key} = {}`", toml_of(example))).collect::<Vec<_>>().join("<br>")
}

/// A value as it stands in a file, on one line.
pub(crate) fn toml_of(value: &Value) -> String {
    let mut text = String::new();
    match value.serialize(toml::ser::ValueSerializer::new(&mut text)) {
        Ok(_) => text,
        Err(_) => value.to_string(),
    }
}
