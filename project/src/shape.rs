//! Whether a file has the shape that the schema describes: known keys, the right kinds of values, nothing missing.
//! What doesn't fit is reported and taken out, so that the rest can still be read. Knows nothing of services or
//! environments: whatever the schema says is what it checks.

use crate::finding::Finding;
use crate::reference::toml_of;
use crate::suggest;
use serde_json::Value;
use std::fmt;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// Takes out of a file what doesn't fit the schema, and says why.
pub(crate) fn check(file: &mut Spanned<DeTable<'_>>, schema: &Value) -> Vec<Finding> {
    let mut checker = Checker { findings: Vec::new() };
    let place = Place { path: String::new(), span: 0..0 };
    checker.table(file.get_mut(), schema, &place);
    checker.findings
}

/// Where we are: the path as a header would have it, and what to point at when something is missing there.
struct Place {
    path: String,
    span: Range<usize>,
}

impl Place {
    fn below(&self, key: &str, span: Range<usize>) -> Self {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Self { path, span }
    }

    fn key(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or_default()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str("the file") } else { write!(f, "`{}`", self.path) }
    }
}

struct Checker {
    findings: Vec<Finding>,
}

impl Checker {
    fn table(&mut self, table: &mut DeTable<'_>, schema: &Value, place: &Place) {
        let properties = schema.get("properties");
        let others = schema.get("additionalProperties").filter(|schema| schema.is_object());
        for required in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            if let Some(key) = required.as_str()
                && table.get(key).is_none()
            {
                self.missing(key, properties.and_then(|all| all.get(key)), place);
            }
        }
        let mut unfit = Vec::new();
        for (key, value) in table.iter_mut() {
            let name: &str = key.get_ref();
            let below = place.below(name, value.span());
            let fits = match properties.and_then(|all| all.get(name)).or(others) {
                Some(schema) => self.value(value, schema, &below),
                None => {
                    self.unknown(name, key.span(), properties, place);
                    false
                }
            };
            if !fits {
                unfit.push(name.to_owned());
            }
        }
        for key in unfit {
            table.remove(key.as_str());
        }
    }

    /// Whether the value may stay.
    fn value(&mut self, value: &mut Spanned<DeValue<'_>>, schema: &Value, place: &Place) -> bool {
        let options: Vec<&Value> =
            options(schema).into_iter().filter(|option| kind_fits(value.get_ref(), option)).collect();
        let Some(option) = options.first() else {
            self.wrong_kind(value, schema, place);
            return false;
        };
        let span = value.span();
        match value.get_mut() {
            DeValue::Table(table) => self.table(table, option, place),
            DeValue::Array(items) => {
                if items.is_empty() && option.get("minItems").is_some() {
                    self.refuse(place, "can't be empty".to_owned(), schema);
                    return false;
                }
                let Some(schema) = option.get("items") else { return true };
                let kept = std::mem::replace(items, DeArray::new()).into_iter().filter_map(|mut item| {
                    let at = Place { path: place.path.clone(), span: item.span() };
                    self.value(&mut item, schema, &at).then_some(item)
                });
                *items = kept.collect();
            }
            DeValue::String(text) => return self.word(text, &options, schema, place),
            DeValue::Integer(number) => {
                let read = i64::from_str_radix(number.as_str(), number.radix()).ok();
                return self.number(read, option, schema, &Place { path: place.path.clone(), span });
            }
            _ => {}
        }
        true
    }

    fn word(&mut self, text: &str, options: &[&Value], schema: &Value, place: &Place) -> bool {
        let words: Vec<&str> = options.iter().copied().flat_map(words).collect();
        if words.is_empty() || words.contains(&text) || options.iter().any(|option| words_of_any(option)) {
            return true;
        }
        let remedy = suggest::remedy(text, "it is one of", words);
        let about = format!("{remedy}. {}", description(schema));
        let message = format!("`{text}` is nothing that `{}` can be", place.key());
        self.findings.push(Finding::error(&place.span, message).label("unknown word").remedy_is(about.trim_end()));
        false
    }

    fn number(&mut self, number: Option<i64>, option: &Value, schema: &Value, place: &Place) -> bool {
        let bound = |key: &str| option.get(key).and_then(Value::as_f64);
        let (least, most) = (bound("minimum").unwrap_or(f64::MIN), bound("maximum").unwrap_or(f64::from(u32::MAX)));
        #[expect(clippy::cast_precision_loss, reason = "bounds are small; a huge number is out of bounds either way")]
        if number.is_some_and(|number| (least..=most).contains(&(number as f64))) {
            return true;
        }
        let range = if least < most { format!("from {least} to {most}") } else { format!("{least}") };
        self.refuse(place, format!("must be {range}"), schema);
        false
    }

    fn unknown(&mut self, key: &str, span: Range<usize>, properties: Option<&Value>, place: &Place) {
        let known = || properties.and_then(Value::as_object).into_iter().flatten();
        let meant = |schema: &Value| {
            let also = schema.get("x-also").and_then(Value::as_array).into_iter().flatten();
            also.filter_map(Value::as_str).any(|also| also.eq_ignore_ascii_case(key))
        };
        let mut keys: Vec<&str> = known().map(|(name, _)| name.as_str()).collect();
        keys.sort_unstable();
        let remedy = match known().find(|(_, schema)| meant(schema)) {
            Some((name, schema)) => format!("did you mean `{name}`? {}", description(schema)),
            None => suggest::remedy(key, "Keys here", keys),
        };
        let message = format!("{place} has no key `{key}`");
        self.findings.push(Finding::error(&span, message).label("unknown key").remedy_is(remedy));
    }

    fn missing(&mut self, key: &str, schema: Option<&Value>, place: &Place) {
        let message = format!("{place} lacks the key `{key}`");
        let remedy = schema.map_or_else(String::new, |schema| explain(key, schema));
        self.findings.push(Finding::error(&place.span, message).label(format!("add `{key}`")).remedy_is(remedy));
    }

    fn wrong_kind(&mut self, value: &Spanned<DeValue<'_>>, schema: &Value, place: &Place) {
        let wanted: Vec<String> = options(schema).into_iter().map(wanted).collect();
        let message = format!("`{}` must be {}, not {}", place.key(), wanted.join(" or "), kind_of(value.get_ref()));
        let label = format!("this is {}", kind_of(value.get_ref()));
        let remedy = explain(place.key(), schema);
        self.findings.push(Finding::error(&value.span(), message).label(label).remedy_is(remedy));
    }

    fn refuse(&mut self, place: &Place, rule: String, schema: &Value) {
        let message = format!("`{}` {rule}", place.key());
        let remedy = explain(place.key(), schema);
        self.findings.push(Finding::error(&place.span, message).label(rule).remedy_is(remedy));
    }
}

/// The ways in which a value may be written.
pub(crate) fn options(schema: &Value) -> Vec<&Value> {
    let nested = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array);
    nested.map_or_else(|| vec![schema], |nested| nested.iter().flat_map(options).collect())
}

/// The words that a way of writing consists of; none where any text will do.
pub(crate) fn words(option: &Value) -> Vec<&str> {
    let listed = option.get("enum").and_then(Value::as_array).into_iter().flatten();
    listed.chain(option.get("const")).filter_map(Value::as_str).collect()
}

fn words_of_any(option: &Value) -> bool {
    words(option).is_empty()
}

/// What a key means, in the words of its documentation.
pub(crate) fn description(schema: &Value) -> &str {
    schema.get("description").and_then(Value::as_str).unwrap_or_default()
}

/// What a key means, and how it is written.
fn explain(key: &str, schema: &Value) -> String {
    let examples = schema.get("examples").and_then(Value::as_array).into_iter().flatten();
    let examples: Vec<String> = examples.map(|example| format!("`{key} = {}`", toml_of(example))).collect();
    let written = if examples.is_empty() { String::new() } else { format!(" For example: {}", examples.join(" or ")) };
    format!("{}{written}", description(schema)).trim().to_owned()
}

fn kind_fits(value: &DeValue<'_>, option: &Value) -> bool {
    let kind = option.get("type").and_then(Value::as_str);
    match value {
        DeValue::String(_) => kind == Some("string") || !words(option).is_empty(),
        DeValue::Integer(_) => kind == Some("integer"),
        DeValue::Boolean(_) => kind == Some("boolean"),
        DeValue::Array(_) => kind == Some("array"),
        DeValue::Table(_) => kind == Some("object"),
        DeValue::Float(_) | DeValue::Datetime(_) => false,
    }
}

fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// What a way of writing wants, for a sentence.
pub(crate) fn wanted(option: &Value) -> String {
    let words = words(option);
    if !words.is_empty() {
        return words.iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(" or ");
    }
    match option.get("type").and_then(Value::as_str) {
        Some("integer") => "a whole number".to_owned(),
        Some("boolean") => "true or false".to_owned(),
        Some("array") => "a list".to_owned(),
        Some("object") => "a table".to_owned(),
        _ => "text".to_owned(),
    }
}
