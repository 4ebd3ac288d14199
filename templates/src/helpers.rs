//! What templates can do with a value: `{{code x}}`, `{{time x}}`, `{{count n "task"}}` and so on. A bare `{{x}}` is
//! escaped text.

use crate::clean;
use crate::mrkdwn::clip;
use crate::templates::Flavor;
use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderErrorReason};
use serde_json::Value;

/// The longest quotation of people's words.
const QUOTE: usize = 300;

/// The longest message of a tool within a sentence.
const BRIEF: usize = 500;

/// What a helper makes of its values.
type Make = fn(&[&Value], Flavor) -> String;

const HELPERS: [(&str, Make); 20] = [
    ("ands", |values, flavor| enumerate(items(first(values)).map(|item| shown(item, flavor)), "and")),
    ("any", |values, flavor| enumerate(items(first(values)).map(|item| code(&plain(item), flavor)), "or")),
    ("b", bold),
    ("brief", |values, flavor| ticked(&clip(&clean::line(&plain(first(values))), BRIEF), flavor)),
    ("channel", |values, _| channel(first(values))),
    ("code", |values, flavor| code(&plain(first(values)), flavor)),
    ("count", count),
    ("emoji", emoji),
    ("join", |values, flavor| items(first(values)).map(|item| shown(item, flavor)).collect::<Vec<_>>().join("; ")),
    ("link", link),
    ("list", |values, flavor| enumerate(items(first(values)).map(|item| code(&plain(item), flavor)), "and")),
    ("opening", |values, flavor| ticked(&capital(&plain(first(values))), flavor)),
    ("quote", |values, flavor| format!("“{}”", escape(&clip(&clean::line(&plain(first(values))), QUOTE), flavor))),
    ("said", |values, flavor| shown(first(values), flavor)),
    ("say", |values, flavor| say(&plain(first(values)), flavor)),
    ("says", |values, flavor| enumerate(items(first(values)).map(|item| say(&plain(item), flavor)), "or")),
    ("ticked", |values, flavor| ticked(&plain(first(values)), flavor)),
    ("time", time),
    ("user", |values, _| user(first(values))),
    ("users", |values, _| enumerate(items(first(values)).map(user), "and")),
];

pub(crate) fn register(registry: &mut Handlebars<'_>, flavor: Flavor) {
    for (name, make) in HELPERS {
        let helper = move |h: &Helper<'_>,
                           _: &Handlebars<'_>,
                           _: &Context,
                           _: &mut RenderContext<'_, '_>,
                           out: &mut dyn Output|
              -> HelperResult {
            if h.params().is_empty() {
                return Err(RenderErrorReason::ParamNotFoundForIndex("value", 0).into());
            }
            let values: Vec<&Value> = h.params().iter().map(handlebars::PathAndJson::value).collect();
            Ok(out.write(&make(&values, flavor))?)
        };
        registry.register_helper(name, Box::new(helper));
    }
}

/// Text that people or tools wrote.
pub(crate) fn escape(text: &str, flavor: Flavor) -> String {
    match flavor {
        Flavor::Mrkdwn => clean::inert(text),
        Flavor::Text => clean::entities(&clean::line(text)),
    }
}

fn first<'a>(values: &[&'a Value]) -> &'a Value {
    values.first().copied().unwrap_or(&Value::Null)
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A value in the sentence: what was said already goes in as it is, anything else as text.
fn shown(value: &Value, flavor: Flavor) -> String {
    let rendering = match flavor {
        Flavor::Mrkdwn => value.get("mrkdwn"),
        Flavor::Text => value.get("text"),
    };
    match rendering {
        Some(said) => plain(said),
        None => escape(&plain(value), flavor),
    }
}

fn bold(values: &[&Value], flavor: Flavor) -> String {
    let text = shown(first(values), flavor);
    if flavor == Flavor::Mrkdwn { format!("*{text}*") } else { text }
}

fn code(text: &str, flavor: Flavor) -> String {
    match flavor {
        Flavor::Mrkdwn if text.trim().is_empty() => String::new(),
        Flavor::Mrkdwn => format!("`{}`", clean::in_code(text)),
        Flavor::Text => escape(text, flavor),
    }
}

/// Words to say: code, or in quotes where there's no formatting.
fn say(text: &str, flavor: Flavor) -> String {
    match flavor {
        Flavor::Mrkdwn => code(text, flavor),
        Flavor::Text => format!("\"{}\"", escape(text, flavor)),
    }
}

/// A text at the beginning of a sentence.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A text of ours in which backticks stand for code, with people's words in it.
fn ticked(text: &str, flavor: Flavor) -> String {
    let text = clean::line(text);
    let parts: Vec<&str> = text.split('`').collect();
    let last = parts.len() - 1;
    let part = |(place, part): (usize, &&str)| match place % 2 == 1 && place != last {
        true => code(part, flavor),
        false => escape_kept(part, flavor),
    };
    parts.iter().enumerate().map(part).collect()
}

/// Escapes a part of a line: spaces at its ends stay.
fn escape_kept(part: &str, flavor: Flavor) -> String {
    let edge = |is: bool| if is { " " } else { "" };
    let (start, end) = (part.starts_with(' '), part.ends_with(' ') && part.trim() != "");
    format!("{}{}{}", edge(start), escape(part, flavor), edge(end))
}

fn count(values: &[&Value], _: Flavor) -> String {
    let number = first(values).as_u64().unwrap_or(0);
    let noun = values.get(1).and_then(|noun| noun.as_str()).unwrap_or_default();
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{s}")
}

/// An emoji never stands alone: the sentence says the same in words.
fn emoji(values: &[&Value], flavor: Flavor) -> String {
    let name = plain(first(values));
    if flavor == Flavor::Text || name.is_empty() { String::new() } else { format!(":{name}: ") }
}

/// A link where it is one: to the text itself, or to where the second value leads. Slack ends it at `>` and splits it at
/// `|`.
fn link(values: &[&Value], flavor: Flavor) -> String {
    let text = clean::line(&plain(first(values)));
    let led = values.get(1).map(|target| clean::line(&plain(target))).filter(|target| !target.is_empty());
    let target = led.as_ref().unwrap_or(&text);
    let is_link =
        (target.starts_with("http://") || target.starts_with("https://")) && !target.contains(char::is_whitespace);
    if flavor == Flavor::Text || !is_link {
        return code(&text, flavor);
    }
    let own = || text.split_once("://").map_or(text.as_str(), |(_, rest)| rest).trim_end_matches('/');
    let shown = clean::entities(if led.is_some() { text.as_str() } else { own() });
    let target = target.replace('<', "%3C").replace('>', "%3E").replace('|', "%7C").replace('&', "&amp;");
    format!("<{target}|{}>", shown.replace('|', "¦"))
}

/// A moment: in each reader's own time zone where Slack shows it, in full where it can't.
fn time(values: &[&Value], flavor: Flavor) -> String {
    let moment = first(values);
    let text = clean::entities(&clean::line(&plain(&moment["text"])));
    match (flavor, moment["unix"].as_i64()) {
        (Flavor::Mrkdwn, Some(unix)) => format!("<!date^{unix}^{{date_short_pretty}} {{time}}|{text}>"),
        _ => text,
    }
}

/// A person, by an id that the workspace gave out; anything else is only text.
fn user(value: &Value) -> String {
    reference('@', value)
}

/// A channel, likewise.
fn channel(value: &Value) -> String {
    reference('#', value)
}

fn reference(sign: char, value: &Value) -> String {
    let id = plain(value);
    let is_id = !id.is_empty() && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if is_id { format!("<{sign}{id}>") } else { escape(&id, Flavor::Mrkdwn) }
}

/// `a, b and c`.
fn enumerate(items: impl Iterator<Item = String>, word: &str) -> String {
    let items: Vec<String> = items.collect();
    match items.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} {word} {last}", head.join(", ")),
    }
}
