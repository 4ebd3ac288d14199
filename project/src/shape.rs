//! Whether a file has the shape that the schema describes: known keys, the right kinds of values, nothing missing.
//! What doesn't fit is reported and taken out, so that the rest can still be read. Knows nothing of services or
//! environments: whatever the schema says is what it checks.

use crate::finding::Finding;
use crate::reference::toml_of;
use crate::suggest;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};

/// The tables that something was taken out of, by where their key begins: what they lack may be what was taken.
pub(crate) type Torn = BTreeSet<usize>;

/// Takes out of a file what doesn't fit the schema, and says why.
pub(crate) fn check(file: &mut Spanned<DeTable<'_>>, schema: &Value) -> (Vec<Finding>, Torn) {
    let mut checker = Checker { findings: Vec::new(), torn: Torn::new() };
    let place = Place { path: String::new(), key: usize::MAX, span: 0..0, about: None };
    checker.table(file.get_mut(), schema, &place);
    (checker.findings, checker.torn)
}

/// Where we are.
struct Place<'s> {
    /// As a header would have it.
    path: String,
    /// Where the key begins.
    key: usize,
    /// What to point at.
    span: Range<usize>,
    /// The list or the table of like values that this is a part of: there the documentation stands.
    about: Option<(String, &'s Value)>,
}

impl<'s> Place<'s> {
    fn below(&self, key: &Spanned<DeString<'_>>, span: Range<usize>) -> Self {
        let name = key.get_ref();
        let path = if self.path.is_empty() { name.to_string() } else { format!("{}.{name}", self.path) };
        Self { path, key: key.span().start, span, about: None }
    }

    /// A part of this, documented with the whole.
    fn part(self, whole: &str, schema: &'s Value) -> Self {
        Self { about: Some((whole.to_owned(), schema)), ..self }
    }

    fn name(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or_default()
    }

    /// What may be written here, in words.
    fn explain(&self, schema: &Value) -> String {
        match &self.about {
            Some((name, whole)) => explain(name, whole),
            None => explain(self.name(), schema),
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str("the file") } else { write!(f, "`{}`", self.path) }
    }
}

struct Checker {
    findings: Vec<Finding>,
    torn: Torn,
}

impl Checker {
    fn table(&mut self, table: &mut DeTable<'_>, schema: &Value, place: &Place<'_>) {
        let properties = schema.get("properties");
        let others = schema.get("additionalProperties").filter(|schema| schema.is_object());
        // Keys that are there, or that a key that's there was meant to be.
        let mut met: BTreeSet<String> = BTreeSet::new();
        let mut unfit = Vec::new();
        for (key, value) in table.iter_mut() {
            let name: &str = key.get_ref();
            met.insert(name.to_owned());
            let below = place.below(key, value.span());
            let fits = if let Some(schema) = properties.and_then(|all| all.get(name)) {
                self.value(value, schema, &below)
            } else if let Some(others) = others {
                self.value(value, others, &below.part(place.name(), schema))
            } else {
                met.extend(self.unknown(name, key.span(), properties, place));
                false
            };
            if !fits {
                unfit.push(name.to_owned());
            }
        }
        if !unfit.is_empty() {
            self.torn.insert(place.key);
        }
        for key in unfit {
            table.remove(key.as_str());
        }
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for key in required.filter(|key| !met.contains(*key)) {
            self.missing(key, properties.and_then(|all| all.get(key)), place);
        }
    }

    /// Whether the value may stay.
    fn value(&mut self, value: &mut Spanned<DeValue<'_>>, schema: &Value, place: &Place<'_>) -> bool {
        let options: Vec<&Value> =
            options(schema).into_iter().filter(|option| kind_fits(value.get_ref(), option)).collect();
        let Some(option) = options.first() else {
            self.wrong_kind(value, schema, place);
            return false;
        };
        match value.get_mut() {
            DeValue::Table(table) => self.table(table, option, place),
            DeValue::Array(items) if items.is_empty() && option.get("minItems").is_some() => {
                self.refuse(place, "can't be empty".to_owned(), schema);
                return false;
            }
            DeValue::Array(items) => self.list(items, (schema, option), place),
            DeValue::String(text) => return self.word(text, &options, schema, place),
            DeValue::Integer(number) => {
                let read = i64::from_str_radix(number.as_str(), number.radix()).ok();
                return self.number(read, option, schema, place);
            }
            _ => {}
        }
        true
    }

    /// Items that don't fit are taken out of their list.
    fn list(&mut self, items: &mut DeArray<'_>, (schema, option): (&Value, &Value), place: &Place<'_>) {
        let Some(each) = option.get("items") else { return };
        let before = items.len();
        let kept = std::mem::replace(items, DeArray::new()).into_iter().filter_map(|mut item| {
            let at = Place { path: place.path.clone(), key: item.span().start, span: item.span(), about: None };
            self.value(&mut item, each, &at.part(place.name(), schema)).then_some(item)
        });
        *items = kept.collect();
        if items.len() < before {
            self.torn.insert(place.key);
        }
    }

    fn word(&mut self, text: &str, options: &[&Value], schema: &Value, place: &Place<'_>) -> bool {
        let words: Vec<&str> = options.iter().copied().flat_map(words).collect();
        if words.is_empty() || words.contains(&text) || options.iter().any(|option| words_of_any(option)) {
            return true;
        }
        let remedy = suggest::remedy(text, "It is one of", words);
        let about = format!("{remedy}. {}", description(schema));
        let message = format!("`{text}` is nothing that `{}` can be", place.name());
        self.findings.push(Finding::error(&place.span, message).label("unknown word").remedy_is(about.trim_end()));
        false
    }

    fn number(&mut self, number: Option<i64>, option: &Value, schema: &Value, place: &Place<'_>) -> bool {
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

    /// Reports a key that isn't one, and gives the one that was meant.
    fn unknown(
        &mut self,
        key: &str,
        span: Range<usize>,
        properties: Option<&Value>,
        place: &Place<'_>,
    ) -> Option<String> {
        let known = || properties.and_then(Value::as_object).into_iter().flatten();
        let meant = |schema: &Value| {
            let also = schema.get("x-also").and_then(Value::as_array).into_iter().flatten();
            also.filter_map(Value::as_str).any(|also| also.eq_ignore_ascii_case(key))
        };
        let mut keys: Vec<&str> = known().map(|(name, _)| name.as_str()).collect();
        keys.sort_unstable();
        let synonym = known().find(|(_, schema)| meant(schema));
        let name = synonym.map(|(name, _)| name.as_str()).or_else(|| suggest::nearest(key, keys.iter().copied()));
        let remedy = match synonym {
            Some((name, schema)) => format!("did you mean `{name}`? {}", description(schema)),
            None => suggest::remedy(key, "Keys here", keys),
        };
        let message = format!("{place} has no key `{key}`");
        self.findings.push(Finding::error(&span, message).label("unknown key").remedy_is(remedy));
        name.map(str::to_owned)
    }

    fn missing(&mut self, key: &str, schema: Option<&Value>, place: &Place<'_>) {
        let message = format!("{place} lacks the key `{key}`");
        let remedy = schema.map_or_else(String::new, |schema| explain(key, schema));
        self.findings.push(Finding::error(&place.span, message).label(format!("add `{key}`")).remedy_is(remedy));
    }

    fn wrong_kind(&mut self, value: &Spanned<DeValue<'_>>, schema: &Value, place: &Place<'_>) {
        let wanted: Vec<String> = options(schema).into_iter().map(wanted).collect();
        let each = if place.about.as_ref().is_some_and(|(whole, _)| whole == place.name()) { "each of " } else { "" };
        let (name, is) = (place.name(), kind_of(value.get_ref()));
        let message = format!("{each}`{name}` must be {}, not {is}", wanted.join(" or "));
        let label = format!("this is {is}");
        let remedy = place.explain(schema);
        self.findings.push(Finding::error(&value.span(), message).label(label).remedy_is(remedy));
    }

    fn refuse(&mut self, place: &Place, rule: String, schema: &Value) {
        let message = format!("`{}` {rule}", place.name());
        let remedy = place.explain(schema);
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
