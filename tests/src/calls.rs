//! What was asked of the Web API: kept by every town of a process, where its environment says so, for whoever judges it.

use gantry_workspace::{ApiCall, Watch};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Names the directory that calls are kept in.
pub const KEEP: &str = "GANTRY_KEEP_CALLS";

/// A call of the Web API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// The method.
    pub method: String,
    /// Whether its arguments came as JSON; else all of them are strings.
    pub json: bool,
    /// Its arguments, but for the token, which is in a header.
    pub args: Map<String, Value>,
}

impl Called {
    fn heard(call: ApiCall<'_>) -> Self {
        let json = call.content_type.starts_with("application/json");
        let form = |text: &[u8]| -> Map<String, Value> {
            form_urlencoded::parse(text).map(|(name, value)| (name.into_owned(), value.into())).collect()
        };
        let mut args = form(call.query.as_bytes());
        args.extend(match serde_json::from_slice(call.body) {
            Ok(Value::Object(fields)) if json => fields,
            _ => form(call.body),
        });
        Self { method: call.method.to_owned(), json, args }
    }
}

/// Keeps calls in a file of its own, if they are to be kept.
///
/// # Panics
/// If it can't.
#[expect(clippy::disallowed_methods, reason = "how a test tells the process that it starts to keep them")]
#[must_use]
pub fn keep() -> Option<Watch> {
    let dir = std::env::var_os(KEEP)?;
    let file = tempfile::Builder::new().suffix(".jsonl").tempfile_in(dir).expect("a file can be made");
    let file = Mutex::new(file.keep().expect("a file can be kept").0);
    Some(Arc::new(move |call| {
        let Called { method, json, args } = Called::heard(call);
        let line = json!({ "method": method, "json": json, "args": args });
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(file, "{line}").expect("a call can be kept");
    }))
}

/// All calls that were kept in a directory; those that are the same once.
///
/// # Panics
/// If they can't be read.
#[must_use]
pub fn kept(dir: &Path) -> Vec<Called> {
    let mut lines = BTreeSet::new();
    for file in std::fs::read_dir(dir).expect("the directory can be read") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("a file can be read");
        lines.extend(text.lines().map(str::to_owned));
    }
    let called = |line: &String| {
        let mut line: Value = serde_json::from_str(line).expect("a line is JSON");
        let args = line["args"].take();
        Called {
            method: line["method"].as_str().expect("a method").to_owned(),
            json: line["json"] == true,
            args: args.as_object().expect("arguments").clone(),
        }
    };
    lines.iter().map(called).collect()
}
