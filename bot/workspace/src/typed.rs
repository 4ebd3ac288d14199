//! What happens to text that people type before it becomes a message: references are recognised, everything else is escaped
//! (page: Formatting text for app surfaces, "Escaping text"). The bot's own text is not touched.

use serde_json::{Value, json};

use crate::directory::Directory;

/// Escapes the three characters that mean something in mrkdwn.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// How references are written out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `<@U..>`, as in messages.
    Message,
    /// `<@U..|name>`, as in slash commands with escaping switched on.
    Command,
}

/// Typed text as a message carries it.
pub(crate) fn typed(directory: &Directory, text: &str, form: Form) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    let mut before: Option<char> = None;
    while let Some(c) = rest.chars().next() {
        let found = at_start(directory, rest, before, form);
        let (taken, token) = found.unwrap_or_else(|| (c.len_utf8(), escape(&rest[..c.len_utf8()])));
        out.push_str(&token);
        before = rest[..taken].chars().next_back();
        rest = &rest[taken..];
    }
    out
}

/// A reference at the beginning of `rest`: how long it is, and what it becomes.
fn at_start(directory: &Directory, rest: &str, before: Option<char>, form: Form) -> Option<(usize, String)> {
    let at_word_start = before.is_none_or(|c| !c.is_alphanumeric() && c != '/' && c != '.');
    match rest.chars().next()? {
        '<' => pasted(directory, rest, form),
        '@' if at_word_start => {
            let (name, taken) = longest(&rest[1..], |name| mention(directory, name, form).is_some())?;
            Some((taken + 1, mention(directory, name, form)?))
        }
        '#' if at_word_start => {
            let (name, taken) = longest(&rest[1..], |name| directory.find_channel(name).is_some())?;
            let channel = directory.find_channel(name).filter(|channel| !channel.is_dm())?;
            Some((taken + 1, format!("<#{}|{}>", channel.id, channel.name)))
        }
        'h' if at_word_start => link(rest),
        _ => None,
    }
}

/// The longest beginning of `rest` that is a handle and is known: `platform-two` before `platform`.
fn longest(rest: &str, known: impl Fn(&str) -> bool) -> Option<(&str, usize)> {
    let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(rest.len());
    let ends = rest[..end].char_indices().map(|(i, c)| i + c.len_utf8()).rev();
    let handle_ends = ends.filter(|i| !rest[*i..].starts_with(char::is_alphanumeric));
    handle_ends.map(|i| (&rest[..i], i)).find(|(name, _)| known(name))
}

fn mention(directory: &Directory, name: &str, form: Form) -> Option<String> {
    if let Some(person) = directory.people.iter().find(|p| p.name == name) {
        return Some(match form {
            Form::Message => format!("<@{}>", person.id),
            Form::Command => format!("<@{}|{}>", person.id, person.name),
        });
    }
    if let Some(group) = directory.group_by_handle(name) {
        return Some(format!("<!subteam^{}|@{}>", group.id, group.handle));
    }
    // People may call everyone, as in Slack; they do it by typing the word, never by typing the token.
    let broadcast = form == Form::Message && matches!(name, "channel" | "here" | "everyone");
    broadcast.then(|| format!("<!{name}>"))
}

/// `<@U..>` typed or pasted as such counts only if there is such a person; other tokens stay text.
fn pasted(directory: &Directory, rest: &str, form: Form) -> Option<(usize, String)> {
    let inner = rest.strip_prefix("<@")?;
    let end = inner.find('>')?;
    let id = inner[..end].split('|').next()?;
    let person = directory.person(id)?;
    Some((end + 3, mention(directory, &person.name, form)?))
}

/// A web address becomes a link; punctuation at its end stays outside.
fn link(rest: &str) -> Option<(usize, String)> {
    if !rest.starts_with("https://") && !rest.starts_with("http://") {
        return None;
    }
    let stop = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '|' | '"' | '`');
    let address = rest[..rest.find(stop).unwrap_or(rest.len())]
        .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'', '*', '_']);
    (address.len() > "https://".len()).then(|| (address.len(), format!("<{}>", escape(address))))
}

/// The rich text block that Slack's clients send beside what people type (vector: `http/event_message_channels.json`).
/// Formatting characters stay as they were typed.
pub(crate) fn rich_text(block_id: &str, text: &str) -> Value {
    let mut elements = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let start = rest.find('<').unwrap_or(rest.len());
        if start > 0 {
            elements.push(json!({ "type": "text", "text": unescape(&rest[..start]) }));
        }
        let Some(end) = rest[start..].find('>') else { break };
        elements.push(element(&rest[start + 1..start + end]));
        rest = &rest[start + end + 1..];
    }
    json!({
        "type": "rich_text",
        "block_id": block_id,
        "elements": [{ "type": "rich_text_section", "elements": elements }],
    })
}

fn element(token: &str) -> Value {
    let (head, _) = token.split_once('|').unwrap_or((token, ""));
    if let Some(user) = head.strip_prefix('@') {
        json!({ "type": "user", "user_id": user })
    } else if let Some(channel) = head.strip_prefix('#') {
        json!({ "type": "channel", "channel_id": channel })
    } else if let Some(group) = head.strip_prefix("!subteam^") {
        json!({ "type": "usergroup", "usergroup_id": group })
    } else if let Some(range) = head.strip_prefix('!') {
        json!({ "type": "broadcast", "range": range })
    } else {
        json!({ "type": "link", "url": unescape(head) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;

    fn message(text: &str) -> String {
        typed(&Directory::new(&Seed::default()), text, Form::Message)
    }

    #[test]
    fn hostile_text_is_escaped() {
        for (given, expected) in [
            ("<!channel> hi", "&lt;!channel&gt; hi"),
            ("a & b < c", "a &amp; b &lt; c"),
            ("&lt;!here&gt;", "&amp;lt;!here&amp;gt;"),
            ("<@U0NOBODY>", "&lt;@U0NOBODY&gt;"),
            ("<https://x|y>", "&lt;<https://x>|y&gt;"),
            ("mail@developer", "mail@developer"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ] {
            assert_eq!(message(given), expected);
        }
    }

    #[test]
    fn references_are_recognised() {
        let directory = Directory::new(&Seed::default());
        let id = |name: &str| directory.find_person(name).unwrap().id.clone();
        assert_eq!(message("@developer hi"), format!("<@{}> hi", id("developer")));
        assert_eq!(message("(@platform-two)."), format!("(<@{}>).", id("platform-two")));
        assert_eq!(message(&format!("<@{}> deploy", id("gantry"))), format!("<@{}> deploy", id("gantry")));
        assert_eq!(message("see https://example.com/a?b=1&c=2."), "see <https://example.com/a?b=1&amp;c=2>.");
        let command = typed(&directory, "ask @developer", Form::Command);
        assert_eq!(command, format!("ask <@{}|developer>", id("developer")));
        assert!(message("@developers").starts_with("<!subteam^S"));
        assert!(message("in #dev").contains("|dev>"));
    }

    #[test]
    fn rich_text_has_what_was_typed() {
        let directory = Directory::new(&Seed::default());
        let text = typed(&directory, "@developer a < b", Form::Message);
        let block = rich_text("b", &text);
        assert_eq!(block["elements"][0]["elements"][0]["type"], "user");
        assert_eq!(block["elements"][0]["elements"][1]["text"], " a < b");
    }
}
