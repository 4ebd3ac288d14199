//! Hostile text: ten thousand malformed commands, and text that wants to be more than text. Clear replies, nobody
//! notified, nothing run, no panic.

use gantry::message::MarkState;
use gantry_engine::ports::OpFilter;
use gantry_testkit::dice::Dice;
use gantry_tests::booth::{Booth, Note};
use gantry_tests::town::Plot;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Text that wants to be more than text, for whoever might believe it: Slack, a browser, a template engine, a terminal,
/// a shell, a database, a reader's eye.
const NASTY: [&str; 30] = [
    "<!channel>",
    "<!here|here>",
    "<!subteam^S0123|@platform>",
    "<@U0ADMIN>",
    "&lt;!channel&gt;",
    "<https://example.org|dev>",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{web}}",
    "{{{raw}}}",
    "{{#each this}}{{/each}}",
    "${services.db.address}",
    "\u{202e}ved ot bew yolped",
    "\u{2066}dev\u{2069}\u{200f}",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}]0;title\u{7}",
    "\0\u{1}\u{7f}",
    "'; DROP TABLE operations; --",
    "$(rm -rf .)`reboot`",
    "../../../etc/passwd",
    "d\u{0435}v",
    "dev\u{200b}",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "\u{feff}\u{fffe}\u{ffff}",
    "%s%n%p",
    "-1",
    "99999999999999999999999999",
    "*_~`dev`~_*!",
    "\r\n\t\u{2028}\u{85}",
];

/// Where a piece of text stands in a command that would be fine without it.
const FORMS: [&str; 16] = [
    "{}",
    "{} web to dev",
    "deploy {}x to dev",
    "deploy web to x{}",
    "deploy web:{}:{} to dev",
    "deploy web, {}y to dev",
    "deploy web to dev for {}q",
    "scale api {}z",
    "scale api to {}z in dev",
    "rollback web to {}r in dev",
    "extend dev by {}w",
    "teardown dev at {}o'clock",
    "approve op-{}x",
    "logs {}x in dev since {}",
    "deploy wbe to dev because {}",
    "plan plan {}",
];

fn words(dice: &mut Dice) -> String {
    let mut pick = |from: &[&str]| from[usize::try_from(dice.below(from.len() as u64)).unwrap()].to_owned();
    let form = pick(&FORMS);
    let mut piece = pick(&NASTY);
    if dice.percent(30) {
        piece.push_str(NASTY[usize::try_from(dice.below(NASTY.len() as u64)).unwrap()]);
    }
    if dice.percent(20) {
        piece.extend((0..dice.below(12)).filter_map(|_| char::from_u32(u32::try_from(dice.below(0x3_0000)).unwrap())));
    }
    if dice.percent(3) {
        piece = piece.repeat(usize::try_from(1 + dice.below(4000)).unwrap());
    }
    form.replace("{}", &piece)
}

#[tokio::test]
async fn ten_thousand_malformed_commands() {
    const BATCH: u64 = 500;
    let booth = Booth::open().await;
    let mut dice = Dice::new(2026);
    let mut said = BTreeMap::new();
    for batch in 0..10_000 / BATCH {
        for number in 0..BATCH {
            let id = format!("d{}", batch * BATCH + number);
            let text = words(&mut dice);
            booth.say(&id, &text).await;
            said.insert(id, text);
        }
        booth.settle().await;
    }
    let mut answered = BTreeSet::new();
    let mut kinds: BTreeMap<&str, u32> = BTreeMap::new();
    for note in booth.notes() {
        let delivery = note.mark.delivery.clone().expect("it answers something").to_string();
        let text = &said[&delivery];
        harmless(&note, text);
        assert!(!note.text.trim().is_empty(), "no words for {text:?}");
        assert!(matches!(note.mark.state, MarkState::Invalid | MarkState::Refused | MarkState::Answered), "{note:?}");
        *kinds.entry(note.mark.state.as_str()).or_default() += 1;
        assert!(answered.insert(delivery), "answered twice: {text:?}");
    }
    // What is only decoration, or a quotation, says nothing, and gets the help.
    assert_eq!(answered.len(), said.len(), "everybody gets an answer");
    assert!(kinds["invalid"] > 9_000, "nearly all of it is no command: {kinds:?}");
    assert!(booth.store.operations(&OpFilter::default()).await.unwrap().is_empty(), "nothing was proposed");
    assert!(booth.cloud.marks().is_empty(), "nothing was made");
    booth.close().await;
}

#[tokio::test]
async fn a_reason_is_only_text() {
    let booth = Booth::open().await;
    for (number, piece) in NASTY.iter().enumerate() {
        booth.say(&format!("d{number}"), &format!("deploy web to pr-{number} because {piece} and so on")).await;
        booth.settle().await;
    }
    let proposed = booth.store.operations(&OpFilter::default()).await.unwrap().len();
    assert!(proposed > NASTY.len() / 2, "most reasons are fine as reasons: {proposed}");
    for note in booth.notes() {
        harmless(&note, "a reason");
    }
    booth.close().await;
}

#[tokio::test]
async fn through_the_workspace_nobody_is_notified_either() {
    Plot::new()
        .visit(async |town| {
            for piece in NASTY {
                let words = format!("deploy {piece}x to dev");
                // The workspace refuses what is no text for it; the bot gets the rest.
                let slash = gantry_workspace::Slash {
                    who: "developer".to_owned(),
                    channel: "dev".to_owned(),
                    command: "/gantry".to_owned(),
                    text: words,
                    thread_ts: None,
                };
                if let Ok(trigger) = town.people.command(&slash).await {
                    town.outcome(trigger.trigger_id).await;
                }
            }
            town.say("developer", "#dev", "deploy web to dev because <!channel> {{x}} <script>").await;
            for message in town.chronicle.versions() {
                mrkdwn(&Value::Array(message.blocks.clone()), &mut |text| only_known_tokens(text, "a message"));
            }
            let told = town.transcript();
            assert!(told.contains("&lt;!channel&gt; {{x}} &lt;script&gt;"), "{told}");
        })
        .await;
}

/// Nothing in a message does more than be read.
fn harmless(note: &Note, said: &str) {
    let bare = |text: &str| {
        let bad =
            |c: char| c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert!(!text.contains(bad), "{text:?} after {said:?}");
    };
    bare(&note.text);
    only_known_tokens(&note.text, said);
    for block in &note.blocks {
        mrkdwn(block, &mut |text| only_known_tokens(text, said));
        // A button's value isn't shown to anybody; everything else is.
        let mut shown = block.clone();
        if let Some(elements) = shown["elements"].as_array_mut() {
            elements.iter_mut().for_each(|element| element["value"] = Value::Null);
        }
        strings(&shown, &mut |text| bare(text));
    }
}

/// What stands between `<` and `>` in mrkdwn is a link, a mention of a person whom the bot knows, or a date; never
/// something that notifies a channel or a group.
fn only_known_tokens(text: &str, said: &str) {
    for (start, _) in text.match_indices('<') {
        let token = &text[start + 1..];
        let known = token.starts_with("http://") || token.starts_with("!date^") || token.starts_with("@U0SPEAKER>");
        let known = known || (token.starts_with("@U") && !token.starts_with("@U0ADMIN"));
        assert!(known, "{text:?} after {said:?}");
    }
}

/// Every text that Slack reads as mrkdwn.
fn mrkdwn(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::Object(fields) => {
            if let (Some("mrkdwn"), Some(text)) =
                (fields.get("type").and_then(Value::as_str), fields.get("text").and_then(Value::as_str))
            {
                found(text);
            }
            fields.values().for_each(|inner| mrkdwn(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|item| mrkdwn(item, found)),
        _ => {}
    }
}

/// Every string.
fn strings(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => found(text),
        Value::Object(fields) => fields.values().for_each(|inner| strings(inner, found)),
        Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        _ => {}
    }
}
