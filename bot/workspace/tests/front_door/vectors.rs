//! Requests, answers and events that Slack's own SDKs and pages hold, read where they are at hand:
//! `../shared/slack/vectors` beside the repository. They aren't part of it.

use std::path::PathBuf;

use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/slack/vectors")
}

/// Whether a page or an example of this method has this error code. True where there are no vectors to ask.
pub(crate) fn knows(method: &str, code: &str) -> bool {
    if !root().is_dir() {
        eprintln!("skipped: {method} and {code} can't be compared, there is no {}", root().display());
        return true;
    }
    let lists = |folder: &str| {
        let path = root().join(folder).join(format!("{method}.json"));
        let page: Option<Value> = std::fs::read_to_string(path).ok().and_then(|text| serde_json::from_str(&text).ok());
        page.is_some_and(|page| !page["errors"][code].is_null())
    };
    let example = format!("{method}.error_{code}");
    let shows = || {
        let mut names = std::fs::read_dir(root().join("responses")).unwrap().map(|entry| entry.unwrap().file_name());
        names.any(|name| name.to_str().unwrap().starts_with(&example))
    };
    lists("docs_methods") || lists("methods") || shows()
}

/// A vector by its name, or `None` (and a word about it) where the folder isn't there.
pub(crate) fn vector(name: &str) -> Option<Value> {
    let root = root();
    if !root.is_dir() {
        eprintln!("skipped: {name} can't be compared, there is no {}", root.display());
        return None;
    }
    let path = root.join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// Says which of the vector's fields are missing, or of another type. `null` on either side fits everything, and so do
/// values: only names and types are compared.
pub(crate) fn missing(expected: &Value, found: &Value, at: &str, faults: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(fields), Value::Object(_)) => {
            for (name, value) in fields {
                match found.get(name) {
                    Some(there) => missing(value, there, &format!("{at}.{name}"), faults),
                    None => faults.push(format!("{at}.{name} is missing")),
                }
            }
        }
        (Value::Array(expected), Value::Array(found)) => {
            if let (Some(first), Some(there)) = (expected.first(), found.first()) {
                missing(first, there, &format!("{at}[0]"), faults);
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        (expected, found) if std::mem::discriminant(expected) == std::mem::discriminant(found) => {}
        (expected, found) => faults.push(format!("{at} should be like {expected}, is {found}")),
    }
}

/// Asserts that `found` has the vector's fields, but for those in `except` (each is a path such as `.message.username`).
pub(crate) fn assert_like(name: &str, found: &Value, except: &[&str]) {
    let Some(expected) = vector(name) else { return };
    let mut faults = Vec::new();
    missing(&expected, found, "", &mut faults);
    faults.retain(|fault| !except.iter().any(|path| fault.split(' ').next() == Some(path)));
    assert!(faults.is_empty(), "{name}: {faults:#?}\nin {found:#}");
}
