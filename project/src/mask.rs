//! What may be shown of a file. Findings draw the lines around them, and somebody may have written a secret into one:
//! where a secret could stand, the text shown has asterisks. Every byte stays in its place, so that positions hold.

use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Parts of names that are given to secrets.
const TELLING: [&str; 8] =
    ["secret", "password", "passwd", "passphrase", "token", "apikey", "privatekey", "credential"];

/// How a reference to a secret begins. A reference may be shown.
pub(crate) const REFERENCES: [&str; 2] = ["env:", "file:"];

/// Whether a name sounds like a secret's.
pub(crate) fn telling(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    TELLING.iter().any(|part| plain.contains(part))
}

/// The text as it may be shown. Without a whole tree (`broken`), lines that could hold secrets are hidden as well.
pub(crate) fn mask(text: &str, file: &DeTable<'_>, broken: bool) -> String {
    let mut hidden = Vec::new();
    table(file, false, &mut hidden);
    if broken {
        lines(text, &mut hidden);
    }
    let mut bytes = text.as_bytes().to_vec();
    for range in hidden {
        for byte in bytes.get_mut(range).into_iter().flatten().filter(|byte| **byte != b'\n') {
            *byte = b'*';
        }
    }
    // Ranges begin and end between characters, so this is the text again; if not, nothing is shown.
    String::from_utf8(bytes).unwrap_or_else(|_| text.chars().map(|c| if c == '\n' { '\n' } else { '*' }).collect())
}

fn table(table_: &DeTable<'_>, inside: bool, hidden: &mut Vec<Range<usize>>) {
    for (key, value) in table_ {
        self::value(value, inside || telling(key.get_ref()), hidden);
    }
}

fn value(value_: &Spanned<DeValue<'_>>, inside: bool, hidden: &mut Vec<Range<usize>>) {
    match value_.get_ref() {
        DeValue::Table(below) => table(below, inside, hidden),
        DeValue::Array(items) => items.iter().for_each(|item| value(item, inside, hidden)),
        DeValue::String(text) if REFERENCES.iter().any(|start| text.starts_with(start)) => {}
        _ if inside => hidden.push(value_.span()),
        _ => {}
    }
}

/// Everything after the `=` on lines whose key or header sounds like a secret's.
fn lines(text: &str, hidden: &mut Vec<Range<usize>>) {
    let mut inside = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start();
        if bare.starts_with('[') {
            inside = telling(bare);
        }
        let (key, value) = line.split_once('=').unwrap_or(("", line));
        let reference =
            REFERENCES.iter().any(|begin| value.trim_start().get(1..).is_some_and(|v| v.starts_with(begin)));
        if (inside && !bare.starts_with('[') || telling(line)) && !reference && !bare.starts_with('#') {
            let from = if key.is_empty() { 0 } else { key.len() + 1 };
            hidden.push(start + from..start + line.len());
        }
        start += line.len();
    }
}
