//! `[[allow]]` rules. What they grant is judged elsewhere; here they only have to mean something.

use super::Check;
use super::environment::{channel, group, is_handle, overlap, pattern};
use crate::finding::Finding;
use crate::raw::{self, At};
use crate::suggest;
use gantry_engine::project::{Allow, EnvPattern, Who};

pub(super) fn rules(check: &mut Check<'_>, tables: &[At<raw::Allow>]) -> Vec<Allow> {
    tables.iter().filter_map(|rule| self::rule(check, rule)).collect()
}

fn rule(check: &mut Check<'_>, At { value: table, span }: &At<raw::Allow>) -> Option<Allow> {
    let line = check.line(span);
    let who = table.who.iter().flatten().filter_map(|who| self::who(check, who)).collect();
    let verbs = table.verbs.iter().flatten().filter_map(|verb| self::verb(check, verb)).collect();
    let places = table.environments.iter().flatten();
    let environments = places.filter_map(|place| self::environment(check, place)).collect();
    let said_in = table.channels.iter().flatten();
    let channels: Vec<String> = said_in.clone().filter_map(|name| channel(check, name)).collect();
    table.who.as_ref().and(table.verbs.as_ref())?;
    // A condition that can't be read mustn't become none.
    (channels.len() == said_in.count()).then_some(Allow { who, verbs, environments, channels, line })
}

fn who(check: &mut Check<'_>, who: &At<String>) -> Option<Who> {
    let text = who.value.as_str();
    let read = match text.strip_prefix("user:") {
        Some(handle) => is_handle(handle).then(|| Who::Person(handle.to_owned())),
        None if text == "everyone" => Some(Who::Everyone),
        None if text == "guests" => Some(Who::Guests),
        None if text == "strangers" => Some(Who::Strangers),
        None => group(text).map(Who::Group),
    };
    if read.is_none() {
        let meant = if let Some(word) = suggest::nearest(text, ["everyone", "guests", "strangers"]) {
            format!("did you mean `{word}`? ")
        } else if is_handle(text) {
            format!("did you mean the group `@{text}` or the person `user:{text}`? ")
        } else {
            String::new()
        };
        let remedy = format!(
            "{meant}A rule is for groups (`@platform`), people (`user:handle`), `everyone`, `guests` or `strangers`"
        );
        check.report(Finding::error(&who.span, format!("`{text}` is nobody")).label("who?").remedy_is(remedy));
    }
    read
}

fn verb(check: &mut Check<'_>, verb: &At<String>) -> Option<String> {
    let text = verb.value.as_str();
    let verbs = check.vocabulary.verbs;
    let unknown = !verbs.is_empty() && !verbs.contains(&text);
    let plain = text.strip_suffix('!').unwrap_or(text);
    let is_word = !plain.is_empty() && plain.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    if plain != "*" && (unknown || !is_word) {
        let remedy = match verbs {
            [] => "verbs are written as in commands, such as `deploy`; `*` is all of them".to_owned(),
            verbs => suggest::remedy(text, "Verbs", verbs.iter().copied()),
        };
        check.report(Finding::error(&verb.span, format!("`{text}` isn't a verb")).label("no verb").remedy_is(remedy));
        return None;
    }
    Some(text.to_owned())
}

pub(super) fn environment(check: &mut Check<'_>, place: &At<String>) -> Option<EnvPattern> {
    let known = check.known;
    let pattern = pattern(check, place)?;
    if !known.environments.iter().any(|declared| overlap(declared, &pattern.0)) {
        check.unknown("environment", &place.value, &place.span, &known.environments);
    }
    Some(pattern)
}
