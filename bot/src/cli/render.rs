//! Messages as a terminal shows them: Block Kit to plain text.

use crate::message::PostMark;
use gantry_workspace::{Message, State};
use serde_json::{Value, json};

/// The emoji that the templates use, as characters.
const SIGNS: [(&str, &str); 31] = [
    (":alarm_clock:", "⏰"),
    (":arrow_forward:", "▶"),
    (":arrow_right:", "➡"),
    (":arrows_counterclockwise:", "🔄"),
    (":ballot_box_with_ballot:", "🗳"),
    (":boom:", "💥"),
    (":calendar:", "📅"),
    (":double_vertical_bar:", "⏸"),
    (":envelope:", "✉"),
    (":fast_forward:", "⏩"),
    (":hourglass:", "⌛"),
    (":large_green_circle:", "🟢"),
    (":large_yellow_circle:", "🟡"),
    (":leftwards_arrow_with_hook:", "↩"),
    (":lock:", "🔒"),
    (":mag:", "🔍"),
    (":no_entry:", "⛔"),
    (":octagonal_sign:", "🛑"),
    (":question:", "❓"),
    (":repeat:", "🔁"),
    (":snowflake:", "❄"),
    (":thinking_face:", "🤔"),
    (":rotating_light:", "🚨"),
    (":thumbsdown:", "👎"),
    (":thumbsup:", "👍"),
    (":unlock:", "🔓"),
    (":warning:", "⚠"),
    (":wave:", "👋"),
    (":white_check_mark:", "✅"),
    (":white_circle:", "⚪"),
    (":x:", "❌"),
];

/// The mark that a message of the bot carries.
pub(super) fn mark(message: &Message) -> Option<PostMark> {
    let first = message.blocks.first()?.get("block_id")?.as_str()?;
    PostMark::parse(first)
}

/// The labels of a message's buttons.
pub(super) fn buttons(message: &Message) -> Vec<String> {
    let mut found = Vec::new();
    for block in &message.blocks {
        let elements = block.get("elements").and_then(Value::as_array).into_iter().flatten();
        for element in elements.chain(block.get("accessory")) {
            if element["type"] == "button" {
                found.extend(element["text"]["text"].as_str().map(str::to_owned));
            }
        }
    }
    found
}

/// A message as plain text, with its author.
pub(super) fn text(message: &Message, people: &State) -> String {
    let lines = if message.blocks.is_empty() { vec![plain(&message.text, people)] } else { body(message, people) };
    let author = author(message, people);
    let lines: Vec<String> = lines.iter().flat_map(|part| part.lines()).map(|line| format!("  {line}")).collect();
    format!("{author}\n{}", lines.join("\n"))
}

/// A message for machines.
pub(super) fn json(message: &Message, people: &State) -> Value {
    json!({
        "author": author(message, people),
        "ts": message.ts,
        "text": plain(&message.text, people),
        "lines": body(message, people),
        "buttons": buttons(message),
        "state": mark(message).map(|mark| mark.state.as_str()),
    })
}

fn author(message: &Message, people: &State) -> String {
    let person = people.users.iter().find(|person| person.id == message.user);
    person.map_or_else(|| message.user.clone(), |person| person.name.clone())
}

fn body(message: &Message, people: &State) -> Vec<String> {
    message.blocks.iter().filter_map(|block| block_text(block, people)).collect()
}

fn block_text(block: &Value, people: &State) -> Option<String> {
    let own = |value: &Value| value["text"].as_str().map(|text| plain(text, people));
    match block["type"].as_str()? {
        "header" => own(&block["text"]).map(|text| format!("# {text}")),
        "section" => {
            let fields = block["fields"].as_array().into_iter().flatten().filter_map(own);
            let all: Vec<String> = own(&block["text"]).into_iter().chain(fields).collect();
            Some(all.join("\n"))
        }
        "context" => {
            let all: Vec<String> = block["elements"].as_array()?.iter().filter_map(own).collect();
            Some(all.join(" · "))
        }
        "actions" => {
            let labels = block["elements"].as_array()?.iter().filter_map(|element| element["text"]["text"].as_str());
            Some(labels.map(|label| format!("[{label}]")).collect::<Vec<_>>().join(" "))
        }
        "rich_text" => {
            let mut out = String::new();
            collect(block, people, &mut out);
            Some(out)
        }
        "table" => {
            let cells = |row: &Value| {
                let texts = row.as_array().into_iter().flatten().map(|cell| {
                    let mut out = String::new();
                    collect(cell, people, &mut out);
                    out
                });
                texts.collect::<Vec<_>>().join("  ")
            };
            Some(block["rows"].as_array()?.iter().map(cells).collect::<Vec<_>>().join("\n"))
        }
        _ => None,
    }
}

/// The texts of a tree of rich text, in order.
fn collect(value: &Value, people: &State, out: &mut String) {
    match value {
        Value::Object(fields) => {
            if let Some(text) = fields.get("text").and_then(Value::as_str) {
                out.push_str(text);
            } else if let Some(url) = fields.get("url").and_then(Value::as_str) {
                out.push_str(url);
            } else if let Some(id) = fields.get("user_id").and_then(Value::as_str) {
                out.push_str(&token(&format!("@{id}"), people));
            }
            for key in ["elements", "rows"] {
                if let Some(inner) = fields.get(key) {
                    collect(inner, people, out);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, people, out)),
        _ => {}
    }
}

/// Slack's notation as plain text: links show their address, mentions their name, dates their fallback.
fn plain(text: &str, people: &State) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        let Some(end) = rest[start..].find('>') else { break };
        out.push_str(&token(&rest[start + 1..start + end], people));
        rest = &rest[start + end + 1..];
    }
    out.push_str(rest);
    let out = SIGNS.iter().fold(out, |out, (name, sign)| out.replace(name, sign));
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Whether a label says no more than the address that it stands for.
fn same(address: &str, label: &str) -> bool {
    let bare = address.split_once("://").map_or(address, |(_, rest)| rest);
    label == address || label == bare.trim_end_matches('/')
}

fn token(token: &str, people: &State) -> String {
    let (head, label) = token.split_once('|').map_or((token, None), |(head, label)| (head, Some(label)));
    let named = |id: &str| people.users.iter().find(|person| person.id == id).map(|person| format!("@{}", person.name));
    match head.split_at_checked(1) {
        Some(("@", id)) => named(id).unwrap_or_else(|| head.to_owned()),
        Some(("!" | "#", _)) => label.unwrap_or(head).to_owned(),
        _ => match label {
            Some(label) if !same(head, label) => format!("{label} ({head})"),
            _ => head.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gantry_engine::journal::State as Stands;
    use std::collections::BTreeSet;

    #[test]
    fn a_link_is_shown_once() {
        assert!(same("http://www.dev.localhost:8080/", "www.dev.localhost:8080"));
        assert!(!same("http://www.dev.localhost:8080/", "the page"));
    }

    #[test]
    fn every_sign_of_the_templates_has_a_character() {
        let used: BTreeSet<String> = gantry_templates::Templates::new()
            .samples()
            .into_iter()
            .filter_map(|(_, said)| {
                let name = said.unwrap().mrkdwn.as_str().strip_prefix(':')?.split_once(": ")?.0.to_owned();
                name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_').then(|| format!(":{name}:"))
            })
            .chain(Stands::ALL.map(|state| format!(":{}:", crate::report::sign(state))))
            .collect();
        let known: BTreeSet<String> = SIGNS.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(used.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new());
    }
}
