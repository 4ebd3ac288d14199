//! A made-up platform with settings of its own: ships instead of machines.

use gantry_project::Platform;
use schemars::{JsonSchema, schema_for};

/// What every ship should know.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Fleet {
    /// The harbour that ships leave from.
    #[schemars(required, example = &"hamburg", extend("x-also" = ["port"]))]
    harbour: Option<String>,
    /// Harbours that no ship may enter.
    #[serde(default)]
    banned: Vec<String>,
    /// Flags, by mast.
    #[serde(default)]
    flags: std::collections::BTreeMap<String, String>,
}

/// What carries a cluster.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Ship {
    /// How it moves.
    #[schemars(example = &"sail")]
    drive: Drive,
    /// How deep it may lie, in metres.
    #[schemars(range(min = 1, max = 20), example = 9)]
    draught: Option<u32>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
enum Drive {
    /// By the wind.
    Sail,
    /// By itself.
    Engine,
}

pub(crate) fn platform() -> Platform {
    let inlined = || schemars::generate::SchemaSettings::draft07().with(|to| to.inline_subschemas = true);
    let ship = inlined().into_generator().into_root_schema_for::<Ship>().to_value();
    Platform {
        name: "sea".to_owned(),
        project: schema_for!(Fleet).to_value(),
        environment: schema_for!(Fleet).to_value(),
        cluster: ship,
        service: serde_json::Value::default(),
    }
}
