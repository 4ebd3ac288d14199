//! The JSON Schema of a project file, from the raw types. It says what may be written where; what values mean
//! together is not in it.

use crate::platform::{self, Platform};
use crate::raw;
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use serde_json::Value;
use std::sync::LazyLock;

/// The file's own part is the same for every installation.
static OWN: LazyLock<Value> = LazyLock::new(own);

/// The JSON Schema of `gantry.toml` (draft 7, which the editors' TOML plugins understand), without references, so
/// that it reads like the file; with the tables of the platforms given.
#[must_use]
pub fn schema(platforms: &[Platform]) -> Value {
    let mut schema = OWN.clone();
    platform::extend(&mut schema, platforms);
    schema
}

fn own() -> Value {
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<raw::File>();
    Tidy.transform(&mut schema);
    schema.to_value()
}

/// A schema that somebody else made, by the same rules.
pub(crate) fn tidy(schema: Value) -> Value {
    match schemars::Schema::try_from(schema) {
        Ok(mut schema) => {
            Tidy.transform(&mut schema);
            schema.to_value()
        }
        // Only an object or a boolean is a schema.
        Err(_) => Value::Bool(true),
    }
}

/// TOML has no null: an optional key is one that may be missing, nothing else. And sentences have no lines.
#[derive(Clone)]
struct Tidy;

impl Transform for Tidy {
    fn transform(&mut self, schema: &mut schemars::Schema) {
        transform_subschemas(self, schema);
        let Some(object) = schema.as_object_mut() else { return };
        if let Some(Value::String(text)) = object.get_mut("description") {
            *text = text.replace('\n', " ");
        }
        if let Some(Value::Array(types)) = object.get_mut("type") {
            types.retain(|kind| kind != "null");
            if let [single] = types.as_slice() {
                let single = single.clone();
                object.insert("type".to_owned(), single);
            }
        }
        let Some(Value::Array(options)) = object.get_mut("anyOf") else { return };
        options.retain(|option| option.get("type").is_none_or(|kind| kind != "null"));
        if options.len() == 1
            && let Some(Value::Object(single)) = options.pop()
        {
            object.remove("anyOf");
            for (key, value) in single {
                object.entry(key).or_insert(value);
            }
        }
    }
}
