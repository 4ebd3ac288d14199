//! Stored forms are read for ever: each file in `golden/` was written once and never changes. A new variant gets a new
//! file (run `write_what_is_missing`); a new field gets a default, and the old files show that it has one.

use super::samples::{entry_name, stored};
use crate::codec;
use gantry_engine::audit::Event;
use gantry_engine::environment::{Environment, Release};
use gantry_engine::expiry::Warned;
use gantry_engine::journal::Entry;
use gantry_engine::lock::{Lock, LockEvent};
use gantry_engine::resource::Row;
use gantry_engine::schedule::Schedule;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/v1")
}

fn files() -> Vec<(String, String)> {
    let files = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let read = |path: PathBuf| {
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap())
    };
    files.map(read).collect()
}

fn read_and_write<T: DeserializeOwned + Serialize>(name: &str, text: &str) -> Value {
    let value: T = codec::decode(name, 1, text).map_err(gantry_engine::ports::StoreError::from).unwrap();
    serde_json::from_str(&codec::encode(name, &value).map_err(gantry_engine::ports::StoreError::from).unwrap()).unwrap()
}

/// Whether all of `old` is in `new`; `new` may have fields that `old` didn't know.
fn keeps(new: &Value, old: &Value) -> bool {
    match (new, old) {
        (Value::Object(new), Value::Object(old)) => {
            old.iter().all(|(field, old)| new.get(field).is_some_and(|new| keeps(new, old)))
        }
        (Value::Array(new), Value::Array(old)) => {
            new.len() == old.len() && new.iter().zip(old).all(|(new, old)| keeps(new, old))
        }
        (new, old) => new == old,
    }
}

#[test]
fn only_additions_are_no_change() {
    let old = json!({ "a": [1, { "b": null }] });
    assert!(keeps(&json!({ "a": [1, { "b": null, "new": 1 }], "more": [] }), &old));
    for changed in [json!({}), json!({ "a": [1] }), json!({ "a": [1, {}] }), json!({ "a": [2, { "b": null }] })] {
        assert!(!keeps(&changed, &old), "{changed}");
    }
}

#[test]
fn what_was_written_once_is_read_for_ever() {
    let files = files();
    assert!(files.len() >= stored().len());
    for (name, text) in files {
        let written = match name.split('-').next() {
            Some("entry") => read_and_write::<Entry>(&name, &text),
            Some("row") => read_and_write::<Row>(&name, &text),
            Some("environment") => read_and_write::<Environment>(&name, &text),
            Some("release") => read_and_write::<Release>(&name, &text),
            Some("lock") => read_and_write::<Lock>(&name, &text),
            Some("lockevent") => read_and_write::<LockEvent>(&name, &text),
            Some("schedule") => read_and_write::<Schedule>(&name, &text),
            Some("warning") => read_and_write::<Warned>(&name, &text),
            Some("event") => read_and_write::<Event>(&name, &text),
            _ => panic!("{name}: what is in it?"),
        };
        let before: Value = serde_json::from_str(&text).unwrap();
        assert!(keeps(&written, &before), "{name} was\n{before:#}\nand is now\n{written:#}");
    }
}

#[test]
fn every_variant_has_a_file() {
    let there: BTreeSet<String> = files().into_iter().map(|(name, _)| name).collect();
    for (name, _) in stored() {
        assert!(
            there.contains(&name),
            "golden/v1/{name}.json is missing: run the ignored test `write_what_is_missing`"
        );
    }
}

#[test]
fn every_sample_reads_back_as_it_was() {
    for (name, text) in stored() {
        let same = |written: Value| assert_eq!(written, serde_json::from_str::<Value>(&text).unwrap(), "{name}");
        match name.split('-').next() {
            Some("entry") => {
                let entry: Entry = serde_json::from_str(&text).unwrap();
                assert!(name.starts_with(entry_name(&entry)), "{name} reads back as {}", entry_name(&entry));
                same(read_and_write::<Entry>(&name, &text));
            }
            Some("row") => same(read_and_write::<Row>(&name, &text)),
            Some("environment") => same(read_and_write::<Environment>(&name, &text)),
            Some("lock") => same(read_and_write::<Lock>(&name, &text)),
            Some("lockevent") => same(read_and_write::<LockEvent>(&name, &text)),
            Some("schedule") => same(read_and_write::<Schedule>(&name, &text)),
            Some("warning") => same(read_and_write::<Warned>(&name, &text)),
            Some("event") => same(read_and_write::<Event>(&name, &text)),
            _ => same(read_and_write::<Release>(&name, &text)),
        }
    }
}

#[test]
#[ignore = "writes files: for whoever adds a variant"]
fn write_what_is_missing() {
    for (name, text) in stored() {
        let path = folder().join(format!("{name}.json"));
        if !path.exists() {
            let value: Value = serde_json::from_str(&text).unwrap();
            std::fs::write(path, format!("{value:#}\n")).unwrap();
        }
    }
}
