//! What can be said: from the table of verbs, so it can't be out of date.

use super::answer::{Reply, foot, title};
use super::buttons;
use super::voice::{self, words};
use gantry_commands::{Topic, Verb, VerbSpec};
use gantry_engine::names::EnvKey;
use gantry_templates::{Said, sentences as s};
use std::collections::BTreeSet;

pub(super) fn help(verb: Option<Verb>) -> Reply {
    verb.map_or_else(overview, |verb| one(verb.spec()))
}

fn overview() -> Reply {
    let words = words();
    let names = Verb::ALL.iter().map(|verb| verb.name().to_owned()).collect();
    let mut reply = title(Reply::default(), &words.say(&s::HelpHead {})).tell(words.say(&s::HelpAll { words: names }));
    for topic in gantry_commands::help() {
        reply = voice::lines(&lines(&topic)).into_iter().fold(reply, Reply::show);
    }
    foot(reply, &words.say(&s::HelpFoot {}))
}

/// What somebody may say about an environment, or anywhere; and how to see the rest.
pub(super) fn here(env: Option<&EnvKey>, may: &BTreeSet<Verb>) -> Reply {
    let words = words();
    let names = may.iter().map(|verb| verb.name().to_owned()).collect();
    let told = words.say(&s::HelpHere { env: env.map(|key| key.env.to_string()), words: names });
    let mut reply = title(Reply::default(), &words.say(&s::HelpHead {})).tell(told);
    for mut topic in gantry_commands::help() {
        topic.verbs.retain(|spec| may.contains(&spec.verb));
        if !topic.verbs.is_empty() {
            reply = voice::lines(&lines(&topic)).into_iter().fold(reply, Reply::show);
        }
    }
    let more = Verb::ALL.len() - may.len();
    if more > 0 {
        let said = words.say(&s::HelpMore { more, words: "help all".to_owned() });
        reply = foot(reply, &said).offer(vec![buttons::help_all()]);
    }
    foot(reply, &words.say(&s::HelpFoot {}))
}

fn lines(topic: &Topic) -> Vec<Said> {
    let words = words();
    let head = words.say(&s::HelpTopic { title: topic.category.title().to_owned() });
    let line =
        |spec: &&VerbSpec| words.say(&s::HelpLine { usage: spec.usage.to_owned(), summary: sentence(spec.summary) });
    std::iter::once(head).chain(topic.verbs.iter().map(line)).collect()
}

/// The table's summaries stand alone with a full stop; here they stand in a sentence.
fn sentence(summary: &str) -> String {
    summary.trim_end_matches('.').to_owned()
}

fn one(spec: &VerbSpec) -> Reply {
    let words = words();
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let (name, summary) = (spec.name.to_owned(), sentence(spec.summary));
    let mut said =
        vec![words.say(&s::HelpVerb { name, summary }), words.say(&s::HelpUsage { usage: spec.usage.to_owned() })];
    said.extend(spec.notes.iter().map(|note| words.say(&s::HelpNote { note: (*note).to_owned() })));
    if !spec.aliases.is_empty() {
        said.push(words.say(&s::HelpAliases { words: owned(spec.aliases) }));
    }
    said.push(words.say(&s::HelpExamples { words: owned(spec.examples) }));
    Reply::default().say_lines(said)
}
