//! What was filled into a form, as the words that it stands for. Each piece of the words remembers its field, so what the
//! parser says about a place in them can be said at the field.

use super::{Kind, Memo};
use std::collections::BTreeMap;

/// The names of the fields.
pub mod field {
    /// Which service.
    pub const SERVICE: &str = "service";
    /// Which version of it.
    pub const VERSION: &str = "version";
    /// Which environment, of those that there are.
    pub const ENVIRONMENT: &str = "environment";
    /// Which environment, by a new name.
    pub const NEW: &str = "new_environment";
    /// How long, or until when.
    pub const END: &str = "end";
    /// Why.
    pub const REASON: &str = "reason";
}

/// Words, each piece with the field that it came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spelt {
    /// The words.
    pub text: String,
    pieces: Vec<(usize, &'static str)>,
}

impl Spelt {
    fn say(&mut self, field: &'static str, words: &str) {
        self.pieces.push((self.text.len(), field));
        self.text.push_str(words);
    }

    /// The field that a place in the words came from.
    #[must_use]
    pub fn field_at(&self, place: usize) -> &'static str {
        let before = self.pieces.iter().rev().find(|(start, _)| *start <= place);
        before.or(self.pieces.first()).map_or(field::REASON, |(_, field)| field)
    }
}

/// The words that a filled form says; or the fields that lack something, or hold more than belongs there.
///
/// # Errors
/// The fields.
pub fn spell(kind: Kind, memo: &Memo, filled: &BTreeMap<String, String>) -> Result<Spelt, Vec<&'static str>> {
    let value = |field: &str| filled.get(field).map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    let value = |field: &str| value(field).filter(|text| !text.is_empty());
    let mut wrong = Vec::new();
    // One word stays one word: a name can't smuggle in another clause.
    let mut word = |field: &'static str| {
        let text = value(field);
        if text.as_ref().is_some_and(|text| text.contains(' ')) {
            wrong.push(field);
        }
        text
    };
    let (service, version) = (word(field::SERVICE), word(field::VERSION));
    let new = word(field::NEW);
    let environment = word(field::ENVIRONMENT);
    let place = new.map(|name| (field::NEW, name)).or(environment.map(|name| (field::ENVIRONMENT, name)));
    let mut spelt = Spelt::default();
    spelt.text.push_str(kind.verb().name());
    match kind {
        Kind::Deploy => {
            match service {
                Some(service) => spelt.say(field::SERVICE, &format!(" {service}")),
                None => wrong.push(field::SERVICE),
            }
            version.iter().for_each(|version| spelt.say(field::VERSION, &format!(":{version}")));
        }
        Kind::Reject => memo.about.iter().for_each(|op| spelt.say(field::REASON, &format!(" {op}"))),
        Kind::Provision | Kind::Extend | Kind::Lock => {}
    }
    match (kind, &place) {
        (Kind::Reject, _) => {}
        (_, None) => wrong.push(field::ENVIRONMENT),
        (Kind::Deploy, Some((field, name))) => spelt.say(field, &format!(" to {name}")),
        (_, Some((field, name))) => spelt.say(field, &format!(" {name}")),
    }
    match value(field::END) {
        Some(end) => spelt.say(field::END, &format!(" {}", until(kind, &end))),
        None if kind == Kind::Extend => wrong.push(field::END),
        None => {}
    }
    match value(field::REASON) {
        Some(reason) => spelt.say(field::REASON, &format!(" because {}", escaped(&reason))),
        None if matches!(kind, Kind::Reject | Kind::Lock) => wrong.push(field::REASON),
        None => {}
    }
    if wrong.is_empty() { Ok(spelt) } else { Err(wrong) }
}

/// A length or a time, with the word that goes before it where people left it out.
fn until(kind: Kind, end: &str) -> String {
    let said = ["for ", "by ", "until "].iter().any(|word| end.to_lowercase().starts_with(word));
    let is_time = end.contains(':') || !end.starts_with(|c: char| c.is_ascii_digit()) || end.contains('-');
    match (said, is_time) {
        (true, _) => end.to_owned(),
        (false, true) => format!("until {end}"),
        (false, false) if kind == Kind::Extend => format!("by {end}"),
        (false, false) => format!("for {end}"),
    }
}

/// What is typed into a field comes as it is; a command comes escaped.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::Way;
    use gantry_engine::names::ChannelId;

    fn spelt(kind: Kind, filled: &[(&str, &str)]) -> Result<String, Vec<&'static str>> {
        let memo = Memo {
            way: Way::Form,
            channel: ChannelId::new("C1"),
            thread: None,
            digest: None,
            about: (kind == Kind::Reject).then(|| "op-17".to_owned()),
            zone: "UTC".to_owned(),
        };
        let filled = filled.iter().map(|(field, text)| ((*field).to_owned(), (*text).to_owned())).collect();
        spell(kind, &memo, &filled).map(|spelt| spelt.text)
    }

    #[test]
    fn a_form_says_what_a_person_would() {
        let deploy =
            [("service", "web"), ("version", "1.4"), ("environment", "dev"), ("end", "8h"), ("reason", "a\nb < c")];
        assert_eq!(spelt(Kind::Deploy, &deploy).unwrap(), "deploy web:1.4 to dev for 8h because a b &lt; c");
        let new = [("service", "web"), ("environment", "dev"), ("new_environment", "pr-7"), ("end", "fri 18:00")];
        assert_eq!(spelt(Kind::Deploy, &new).unwrap(), "deploy web to pr-7 until fri 18:00", "what was typed wins");
        assert_eq!(spelt(Kind::Provision, &[("environment", "dev")]).unwrap(), "provision dev");
        assert_eq!(spelt(Kind::Extend, &[("environment", "dev"), ("end", "4h")]).unwrap(), "extend dev by 4h");
        let lock = [("environment", "dev"), ("end", "2h"), ("reason", "a demo")];
        assert_eq!(spelt(Kind::Lock, &lock).unwrap(), "lock dev for 2h because a demo");
        assert_eq!(spelt(Kind::Reject, &[("reason", "not today")]).unwrap(), "reject op-17 because not today");
    }

    #[test]
    fn what_lacks_or_is_too_much_is_named() {
        assert_eq!(
            spelt(Kind::Deploy, &[("version", "1 to prod")]).unwrap_err(),
            ["version", "service", "environment"]
        );
        assert_eq!(spelt(Kind::Extend, &[("environment", "dev")]).unwrap_err(), ["end"]);
        assert_eq!(spelt(Kind::Reject, &[("reason", "  ")]).unwrap_err(), ["reason"]);
    }

    #[test]
    fn a_place_in_the_words_leads_to_its_field() {
        let mut spelt = Spelt { text: "deploy".to_owned(), pieces: Vec::new() };
        spelt.say(field::SERVICE, " web");
        spelt.say(field::ENVIRONMENT, " to mars");
        assert_eq!(spelt.field_at(spelt.text.find("mars").unwrap()), field::ENVIRONMENT);
        assert_eq!((spelt.field_at(0), spelt.field_at(8)), (field::SERVICE, field::SERVICE));
    }
}
