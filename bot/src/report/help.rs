//! What can be said: from the table of verbs, so it can't be out of date.

use super::answer::{Reply, foot, title};
use super::voice::{self, words};
use gantry_commands::{Topic, Verb, VerbSpec};
use gantry_templates::{Said, sentences as s};

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
