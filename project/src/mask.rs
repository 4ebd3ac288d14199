//! What may be shown of a file. Findings draw the lines around them, and somebody may have written a secret into one:
//! where a secret could stand, the text shown has asterisks. Every byte stays in its place, so that positions hold.

use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Parts of names that are given to secrets.
const TELLING: [&str; 8] =
    ["secret", "password", "passwd", "passphrase", "token", "apikey", "privatekey", "credential"];

/// Tables of tables under names of the author's choice.
const CHOSEN: [&str; 3] = ["clusters", "environments", "services"];

/// Whether a name sounds like a secret's.
pub(crate) fn telling(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    TELLING.iter().any(|part| plain.contains(part))
}

/// Whether a text says where a secret is found, and nothing more: that may be shown. Which of these a platform can
/// follow is its own matter.
pub(crate) fn is_reference(text: &str) -> bool {
    let Some((scheme, place)) = text.split_once(':') else { return false };
    match scheme {
        "env" => is_variable(place),
        "file" => place.starts_with('/') && !place.contains(char::is_control),
        "secretsmanager" => is_made_of(place, "/_+=.@-:"),
        "ssm" => is_made_of(place, "/_.-:"),
        _ => false,
    }
}

/// Letters, digits and some more: what names may hold (AWS: `CreateSecret`, `PutParameter`; the colons are those of ARNs).
fn is_made_of(name: &str, more: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
}

/// Whether a text can be the name of an environment variable.
pub(crate) fn is_variable(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The text as it may be shown. Without a whole tree (`broken`), lines that could hold secrets are hidden as well.
pub(crate) fn mask(text: &str, file: &DeTable<'_>, broken: bool) -> String {
    let mut hidden = Vec::new();
    table(file, Place { inside: false, chosen: false }, &mut hidden);
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

/// Where a value stands.
#[derive(Clone, Copy)]
struct Place {
    /// Below a name that sounds like a secret's.
    inside: bool,
    /// Among tables whose names are the author's own choice: a service `tokens` is no secret.
    chosen: bool,
}

fn table(table_: &DeTable<'_>, place: Place, hidden: &mut Vec<Range<usize>>) {
    for (key, below) in table_ {
        let tells = telling(key.get_ref()) && !(place.chosen && below.get_ref().is_table());
        let chosen = CHOSEN.contains(&key.get_ref().as_ref());
        value(below, Place { inside: place.inside || tells, chosen }, hidden);
    }
}

fn value(value_: &Spanned<DeValue<'_>>, place: Place, hidden: &mut Vec<Range<usize>>) {
    match value_.get_ref() {
        DeValue::Table(below) => table(below, place, hidden),
        DeValue::Array(items) => items.iter().for_each(|item| value(item, place, hidden)),
        DeValue::String(text) if is_reference(text) => {}
        _ if place.inside => hidden.push(value_.span()),
        _ => {}
    }
}

/// Everything after the `=` from the first line that sounds like a secret's to the next header. Hides more than it has
/// to: where the tree is torn, nobody knows what ends where.
fn lines(text: &str, hidden: &mut Vec<Range<usize>>) {
    let mut inside = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start();
        let header = bare.starts_with('[') && bare.trim_start_matches('[').starts_with(|c: char| c.is_alphanumeric());
        inside = if header { telling(line) } else { inside || telling(line) };
        if inside && !header {
            let (_, value) = line.split_once('=').unwrap_or(("", line));
            hidden.push(start + line.len() - value.len()..start + line.len());
        }
        start += line.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_say_where_and_nothing_else_passes() {
        let arn = "secretsmanager:arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3:password::";
        for good in ["env:DB_PASSWORD", "env:_x", "file:/run/secrets/db", "secretsmanager:shop/db", "ssm:/shop/db", arn]
        {
            assert!(is_reference(good), "{good:?} is a reference");
        }
        for bad in [
            "",
            "env:",
            "env:two words",
            "env:9X",
            "env:a-b",
            "file:",
            "file:relative",
            "file:/a\nb",
            "plain",
            "ssm:",
            "ssm:a b",
            "vault:x",
        ] {
            assert!(!is_reference(bad), "{bad:?} is none");
        }
    }

    #[test]
    fn every_byte_stays_in_its_place() {
        let text = "a = \"ü\"\n[services.tokens]\nhost = \"t\"\nsecrets = { A = \"\"\"ü\nü\"\"\", B = \"env:B\" }\n";
        let (file, errors) = DeTable::parse_recoverable(text);
        assert!(errors.is_empty());
        let shown = mask(text, file.get_ref(), false);
        assert_eq!(shown, text.replace("\"\"\"ü\nü\"\"\"", "*****\n*****"));
        assert_eq!(shown.len(), text.len());
    }
}
