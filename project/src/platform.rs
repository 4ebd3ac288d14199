//! Tables that bear a platform's name: `[ecs]`, `[clusters.a.ecs]`. Each platform brings the description of what may
//! stand in its own; here they are fitted into the file's schema, and what was written is read as plain values. What a
//! setting means is the platform's business: nothing of it is known here.

use crate::finding::Finding;
use crate::raw::At;
use crate::schema::tidy;
use gantry_engine::names::PlatformName;
use gantry_engine::project::PlatformSettings;
use gantry_engine::value::{Spec, Value as Setting};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A platform that files may name, with the JSON Schemas of its own settings: objects with `properties`, without
/// references (`$ref`). One without properties means that there is nothing to set there.
#[derive(Debug, Clone, Default)]
pub struct Platform {
    /// Its name, and that of its tables.
    pub name: String,
    /// What may stand in `[NAME]`.
    pub project: Value,
    /// What may stand in `[clusters.X.NAME]`.
    pub cluster: Value,
    /// What may stand in `[services.X.NAME]`.
    pub service: Value,
    /// What may stand in `[environments.X.NAME]`.
    pub environment: Value,
}

impl Platform {
    /// A platform that has nothing to set.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Its schemas, each with the file's table of tables that it belongs to; none is the file itself.
    fn fragments(&self) -> [(Option<&'static str>, &Value); 4] {
        [
            (None, &self.project),
            (Some("clusters"), &self.cluster),
            (Some("services"), &self.service),
            (Some("environments"), &self.environment),
        ]
    }
}

/// Puts the platforms' tables into the file's schema.
pub(crate) fn extend(schema: &mut Value, platforms: &[Platform]) {
    for platform in platforms {
        for (tables, fragment) in platform.fragments() {
            if fragment.get("properties").and_then(Value::as_object).is_none_or(Map::is_empty) {
                continue;
            }
            let place = match tables {
                None => Some(&mut *schema),
                Some(tables) => schema.pointer_mut(&format!("/properties/{tables}/additionalProperties")),
            };
            let Some(Value::Object(known)) = place.and_then(|place| place.get_mut("properties")) else { continue };
            let header = match tables {
                None => platform.name.clone(),
                Some(tables) => format!("{tables}.NAME.{}", platform.name),
            };
            let mut table = tidy(fragment.clone());
            title(&mut table, &header);
            if let Value::Object(table) = &mut table {
                table.remove("$schema");
                let about = format!("What the platform `{}` should know beside that.", platform.name);
                table.entry("description").or_insert(json!(about));
                table.insert("type".to_owned(), json!("object"));
            }
            known.entry(&platform.name).or_insert(table);
        }
    }
}

/// Names tables by their place in the file, which is what readers look for.
fn title(table: &mut Value, header: &str) {
    let Value::Object(object) = table else { return };
    if let Some(Value::Object(properties)) = object.get_mut("properties") {
        for (key, below) in properties {
            title(below, &format!("{header}.{key}"));
        }
        object.insert("title".to_owned(), json!(format!("[{header}]")));
    }
    if let Some(below) = object.get_mut("additionalProperties") {
        title(below, &format!("{header}.NAME"));
    }
    if let Some(below) = object.get_mut("items") {
        title(below, header);
    }
    for options in ["anyOf", "oneOf"] {
        for below in object.get_mut(options).and_then(Value::as_array_mut).into_iter().flatten() {
            title(below, header);
        }
    }
}

/// Settings by platform, each with its place.
pub(crate) type Settings = BTreeMap<PlatformName, At<Spec>>;

/// What platforms' tables say.
#[derive(Default)]
pub(crate) struct Lifted {
    pub(crate) project: Settings,
    /// By the table of tables (`clusters`), and the name in it.
    below: BTreeMap<(&'static str, String), Settings>,
}

impl Lifted {
    /// What one of the tables in a table of tables says.
    pub(crate) fn of(&self, tables: &'static str, name: &str) -> Option<&Settings> {
        self.below.get(&(tables, name.to_owned()))
    }
}

/// The settings without their places.
pub(crate) fn plain(settings: &Settings) -> PlatformSettings {
    settings.iter().map(|(name, spec)| (name.clone(), spec.value.clone())).collect()
}

/// Takes the platforms' tables out of a file whose shape is right: what stays is the file's own.
pub(crate) fn lift(file: &mut DeTable<'_>, platforms: &[Platform]) -> (Lifted, Vec<Finding>) {
    let (mut lifted, mut found) = (Lifted::default(), Vec::new());
    for tables in ["clusters", "services", "environments"] {
        let Some(DeValue::Table(named)) = file.get_mut(tables).map(Spanned::get_mut) else { continue };
        for (name, table) in named.iter_mut() {
            if let DeValue::Table(table) = table.get_mut() {
                let settings = take(table, platforms, &mut found);
                lifted.below.insert((tables, name.get_ref().to_string()), settings);
            }
        }
    }
    lifted.project = take(file, platforms, &mut found);
    (lifted, found)
}

fn take(table: &mut DeTable<'_>, platforms: &[Platform], found: &mut Vec<Finding>) -> Settings {
    let mut settings = Settings::new();
    for platform in platforms {
        let Ok(name) = PlatformName::new(&platform.name) else { continue };
        let is_table = table.get(platform.name.as_str()).is_some_and(|value| value.get_ref().is_table());
        if let Some(value) = is_table.then(|| table.remove(platform.name.as_str())).flatten()
            && let DeValue::Table(below) = value.get_ref()
        {
            settings.insert(name, At { span: value.span(), value: spec(below, found) });
        }
    }
    settings
}

fn spec(table: &DeTable<'_>, found: &mut Vec<Finding>) -> Spec {
    let settings = table.iter().filter_map(|(key, value)| Some((key.get_ref().to_string(), setting(value, found)?)));
    Spec(settings.collect())
}

/// A value as platforms understand it: only what has exactly one spelling, so that digests mean something.
fn setting(value: &Spanned<DeValue<'_>>, found: &mut Vec<Finding>) -> Option<Setting> {
    let no = |what: &str, remedy: &str| {
        Some(Finding::error(&value.span(), format!("a platform's setting can't be {what}")).remedy_is(remedy))
    };
    let refused = match value.get_ref() {
        DeValue::String(text) => return Some(Setting::Text(text.to_string())),
        DeValue::Boolean(yes) => return Some(Setting::Bool(*yes)),
        DeValue::Array(items) => {
            return Some(Setting::List(items.iter().filter_map(|item| setting(item, found)).collect()));
        }
        DeValue::Table(table) => return Some(Setting::Map(spec(table, found))),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => return Some(Setting::Int(number)),
            Err(_) => no("a number of this size", "write a smaller number"),
        },
        DeValue::Float(_) => no("a number with a point", "write a whole number, or a text in quotes"),
        DeValue::Datetime(_) => no("a date or time", "write it as a text in quotes"),
    };
    found.extend(refused);
    None
}
