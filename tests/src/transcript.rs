//! A conversation as plain text, for snapshots: what the messages are now, thread by thread, in Slack's own notation so
//! that a wrong escape shows. What differs from run to run (times, digests, ports) is replaced by what it is.

use crate::chronicle::{Chronicle, Place, mark};
use gantry_workspace::Message;
use serde_json::Value;

/// Everything that was said, channel by channel.
#[must_use]
pub fn of(chronicle: &Chronicle) -> String {
    let all = chronicle.messages();
    let mut out = String::new();
    for channel in &chronicle.cast.channels {
        let here = all.iter().filter(|((id, _), _)| id == &channel.id);
        let tops = here.clone().filter(|((_, ts), message)| message.thread_ts.is_none_or(|thread| thread == *ts));
        let mut lines = String::new();
        for (place, top) in tops {
            lines.push_str(&one(chronicle, place, top, ""));
            let replies = here.clone().filter(|((_, ts), message)| message.thread_ts == Some(top.ts) && *ts != top.ts);
            for (place, reply) in replies {
                lines.push_str(&one(chronicle, place, reply, "    | "));
            }
            lines.push('\n');
        }
        if !lines.is_empty() {
            out.push_str(&format!("== #{}\n{lines}", channel.name));
        }
    }
    out.trim_end().to_owned()
}

/// The lines of one message, without its author.
#[must_use]
pub fn lines(message: &Message) -> Vec<String> {
    if message.blocks.is_empty() {
        return message.text.lines().map(str::to_owned).collect();
    }
    let texts = message.blocks.iter().filter_map(block);
    texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// A message in one string, as it was written.
#[must_use]
pub fn text(message: &Message) -> String {
    lines(message).join("\n")
}

/// A message in one string, without what differs from run to run.
#[must_use]
pub fn steady_text(chronicle: &Chronicle, message: &Message) -> String {
    lines(message).iter().map(|line| steady(chronicle, line).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

fn one(chronicle: &Chronicle, place: &Place, message: &Message, indent: &str) -> String {
    let author = chronicle.name(&message.user);
    let state = mark(message).map(|mark| format!(" [{}]", mark.state.as_str())).unwrap_or_default();
    let only = chronicle.only_reader(place).map(|who| format!(" (only {who} sees this)")).unwrap_or_default();
    let mut out = format!("{indent}{author}{state}{only}:\n");
    for line in lines(message) {
        out.push_str(format!("{indent}  {}", steady(chronicle, &line)).trim_end());
        out.push('\n');
    }
    out
}

fn block(block: &Value) -> Option<String> {
    let own = |value: &Value| value["text"].as_str().map(str::to_owned);
    let joined = |value: &Value, between: &str, text: &dyn Fn(&Value) -> Option<String>| {
        let texts: Vec<String> = value.as_array().into_iter().flatten().filter_map(text).collect();
        texts.join(between)
    };
    match block["type"].as_str()? {
        "header" => own(&block["text"]).map(|text| format!("# {text}")),
        "section" => {
            let fields = joined(&block["fields"], "\n", &own);
            let text = own(&block["text"]).unwrap_or_default();
            Some(if fields.is_empty() { text } else { format!("{text}\n{fields}") })
        }
        "context" => Some(joined(&block["elements"], " · ", &own)),
        "actions" => Some(joined(&block["elements"], " ", &|element| {
            element["text"]["text"].as_str().map(|label| format!("[{label}]"))
        })),
        "divider" => Some("---".to_owned()),
        _ => {
            let mut out = String::new();
            collect(block, &mut out);
            Some(out)
        }
    }
}

/// The texts of a tree of rich text, in order.
fn collect(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => {
            let own = fields.get("text").or_else(|| fields.get("url")).and_then(Value::as_str);
            out.push_str(own.unwrap_or_default());
            fields.iter().filter(|(key, _)| *key == "elements" || *key == "rows").for_each(|(_, v)| collect(v, out));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, out)),
        _ => {}
    }
}

/// A line with everything replaced that differs from run to run.
fn steady(chronicle: &Chronicle, line: &str) -> String {
    let mut out = numbers(&references(chronicle, line));
    for (before, after) in
        [("Done in ", "."), ("has cost ", " so far"), ("Plan `", "`"), ("revision `", "`"), (".localhost:", "/")]
    {
        out = blank(&out, before, after);
    }
    out
}

/// People by name, times without their time.
fn references(chronicle: &Chronicle, line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        let Some(end) = rest[start..].find('>').map(|end| start + end) else { break };
        let token = &rest[start + 1..end];
        match token.strip_prefix('@') {
            Some(id) => out.push_str(&format!("<@{}>", chronicle.name(id))),
            None if token.starts_with("!date^") => out.push_str("<a time>"),
            None => out.push_str(&format!("<{token}>")),
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    out
}

/// Replaces what stands between two texts, wherever the first one is.
fn blank(line: &str, before: &str, after: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find(before).map(|start| start + before.len()) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        if let Some(end) = rest.find(after) {
            out.push('…');
            rest = &rest[end..];
        }
    }
    out.push_str(rest);
    out
}

/// The fake cloud numbers its things in the order in which they are made, with six digits: words of their own, so that
/// six digits in the middle of somebody else's id stay.
fn numbers(line: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for c in line.chars().chain(['\0']) {
        if c.is_alphanumeric() {
            word.push(c);
            continue;
        }
        let number = word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
        out.push_str(if number { "…" } else { &word });
        word.clear();
        out.push(c);
    }
    out.pop();
    out
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn only_numbers_of_their_own_are_left_out() {
        assert_eq!(numbers("net-000017, in `lb-123456`"), "net-…, in `lb-…`");
        for id in ["snap-0a123456bcd", "snap-123456abcdef0", "account 1234567", "cluster-8b123456"] {
            assert_eq!(numbers(id), id);
        }
    }
}
