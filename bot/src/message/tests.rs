//! Messages of any content stay within Slack's limits, say what they leave out, and are read back as they were written.

use super::*;
use gantry_engine::journal::State;
use gantry_engine::names::{ChannelId, DeliveryId, Digest};
use gantry_engine::ports::{Post, PostDraft, PostKey, Thread};
use gantry_templates::{Mrkdwn, length};
use proptest::prelude::*;
use serde_json::{Value, json};

fn mrkdwn(text: &str) -> Mrkdwn {
    Mrkdwn::escape(text)
}

fn post(key: &str, version: u64, body: &Body) -> Post {
    let draft = PostDraft {
        key: PostKey(key.into()),
        channel: ChannelId::new("C1"),
        thread: Thread::None,
        only_for: None,
        body: body.to_json(),
    };
    Post { draft, version, sent: 0, tried: false, ts: None }
}

#[test]
fn it_is_written_as_slack_reads_it() {
    let approve = Button::new("Approve", "approve op-17")
        .for_plan(&Digest::new("9f2c"))
        .style(Style::Primary)
        .confirm(Confirm { title: "Sure?".into(), text: mrkdwn("really"), yes: "Yes".into(), no: "No".into() });
    let blocks = vec![
        Block::Header("Head".into()),
        Block::Section(mrkdwn("a < b"), Some(Button::new("Status", "status dev"))),
        Block::Fields(vec![mrkdwn("x")]),
        Block::Divider,
        Block::preformatted("as *it* <is>"),
        Block::Actions(vec![approve]),
        Block::context(mrkdwn("small")),
    ];
    let body = Body::new(MarkState::Operation(State::Voting), None, Message::new(&mrkdwn("One sentence."), blocks));
    let marked = Marked::stamp(&post("op-17/card", 3, &body)).unwrap();
    let expected = json!([
        {"type": "header", "text": {"type": "plain_text", "text": "Head", "emoji": true}, "block_id": "g1|op-17/card|3|voting|"},
        {"type": "section", "text": {"type": "mrkdwn", "text": "a &lt; b"}, "accessory":
            {"type": "button", "text": {"type": "plain_text", "text": "Status", "emoji": true}, "action_id": "0.status", "value": "-|status dev"}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}]},
        {"type": "divider"},
        {"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "as *it* <is>"}]}]},
        {"type": "actions", "elements": [
            {"type": "button", "text": {"type": "plain_text", "text": "Approve", "emoji": true}, "action_id": "0.approve",
             "value": "9f2c|approve op-17", "style": "primary", "confirm": {
                "title": {"type": "plain_text", "text": "Sure?", "emoji": true}, "text": {"type": "mrkdwn", "text": "really"},
                "confirm": {"type": "plain_text", "text": "Yes", "emoji": true}, "deny": {"type": "plain_text", "text": "No", "emoji": true},
                "style": "primary"}}]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "small"}]},
    ]);
    assert_eq!(Value::from(marked.blocks()), expected);
    assert_eq!(marked.message(), &body.message, "it is read back as it was written");
}

#[test]
fn a_button_says_its_words() {
    for text in ["9f2c|approve op-17", "-|extend dev by 1h because a|b", "-|"] {
        assert_eq!(ButtonValue::parse(text).unwrap().to_string(), text);
    }
    for foreign in ["", "approve", "|x", "xyz|approve"] {
        assert_eq!(ButtonValue::parse(foreign), None, "{foreign:?}");
    }
}

#[test]
fn a_mark_is_found_again() {
    let long = "k".repeat(300);
    for key in ["op-1/card", "a|b%|c é", "#x", &long] {
        let key = PostKey(key.into());
        let mark = PostMark::new(&key, 7, MarkState::Answered, Some(DeliveryId::new("Ev|1")));
        let parsed = PostMark::parse(&mark.to_string()).unwrap();
        assert_eq!(parsed, mark);
        assert!(parsed.is_for(&key) && !parsed.is_for(&PostKey("op-1".into())));
        assert!(parsed.key().is_none_or(|back| back == key));
    }
    for foreign in ["", "g1|", "g1|k|x|note|", "g1|k|1|sleeping|", "g2|k|1|note|", "g1|k|1|note|d|e"] {
        assert_eq!(PostMark::parse(foreign), None, "{foreign}");
    }
}

#[test]
fn a_command_that_does_not_fit_on_a_button_makes_no_button() {
    let long = Button::new("Deploy", "deploy ".repeat(400));
    let message = Message::new(&mrkdwn("x"), vec![Block::Actions(vec![long, Button::new("Status", "status")])]);
    assert_eq!(message.buttons().count(), 1);
    assert_eq!(message.blocks[1], Block::context(Mrkdwn::more(1, "choice")));
}

#[test]
fn buttons_stay_when_the_text_is_too_long() {
    let mut blocks: Vec<Block> = (0..80).map(|_| Block::section(mrkdwn(&"word ".repeat(500)))).collect();
    blocks.push(Block::Actions(vec![Button::new("Status", "status")]));
    let message = Message::new(&mrkdwn("x"), blocks);
    assert_eq!(message.buttons().count(), 1);
    assert_eq!(message.blocks[message.blocks.len() - 2], Block::context(Mrkdwn::more(74, "part")));
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,40}",
        Just(String::new()),
        (0_usize..7_000).prop_map(|n| "é <&> 😀\n*_`".chars().cycle().take(n).collect())
    ]
}

fn any_button() -> impl Strategy<Value = Button> {
    (text(), text(), proptest::option::of(text())).prop_map(|(label, words, ask)| {
        let confirm = ask.map(|text| Confirm { title: text.clone(), text: mrkdwn(&text), yes: text.clone(), no: text });
        Button { confirm, ..Button::new(label, words) }
    })
}

fn any_block() -> impl Strategy<Value = Block> {
    let texts = || proptest::collection::vec(text().prop_map(|text| mrkdwn(&text)), 0..14);
    prop_oneof![
        text().prop_map(Block::Header),
        (text(), proptest::option::of(any_button())).prop_map(|(text, button)| Block::Section(mrkdwn(&text), button)),
        texts().prop_map(Block::Fields),
        texts().prop_map(Block::Context),
        Just(Block::Divider),
        proptest::collection::vec(any_button(), 0..40).prop_map(Block::Actions),
        text().prop_map(|text| Block::preformatted(&text)),
    ]
}

/// Slack's rules once more, over the JSON, written apart from the code that keeps them.
pub(crate) fn assert_within_limits(marked: &Marked) {
    let blocks = marked.blocks();
    assert!((1..=50).contains(&blocks.len()), "{} blocks", blocks.len());
    assert!((1..=4_000).contains(&length(marked.text())));
    let mut sum = 0;
    let mut seen = |value: &Value, most: usize| {
        let text = value["text"].as_str().unwrap_or_default();
        let long = length(text);
        assert!((1..=most).contains(&long), "{long} of 1..={most}");
        sum += long;
    };
    for block in &blocks {
        let all = |name: &str| block[name].as_array().cloned().unwrap_or_default();
        let mut elements = all("elements");
        match block["type"].as_str().unwrap() {
            "header" => seen(&block["text"], 150),
            "section" => {
                if !block["text"].is_null() {
                    seen(&block["text"], 3_000);
                }
                assert!(all("fields").len() <= 10 && (!block["text"].is_null() || !all("fields").is_empty()));
                all("fields").iter().for_each(|field| seen(field, 2_000));
                elements = if block["accessory"].is_null() { Vec::new() } else { vec![block["accessory"].clone()] };
            }
            "actions" => assert!((1..=25).contains(&elements.len())),
            "context" => {
                assert!((1..=10).contains(&elements.len()));
                elements.drain(..).for_each(|element| seen(&element, 2_000));
            }
            "rich_text" => elements.drain(..).for_each(|element| seen(&element["elements"][0], 3_000)),
            _ => {}
        }
        for button in elements {
            seen(&button["text"], 75);
            assert!(length(button["value"].as_str().unwrap()) <= 2_000);
            if !button["confirm"].is_null() {
                let ask = &button["confirm"];
                for (name, most) in [("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)] {
                    seen(&ask[name], most);
                }
            }
        }
    }
    assert!(sum <= 13_200, "{sum} in all");
    assert!(blocks[0]["block_id"].as_str().unwrap().len() <= 255);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn any_content_fits(sentence in text(), blocks in proptest::collection::vec(any_block(), 0..70), key in "\\PC{0,300}") {
        let body = Body::new(MarkState::Note, Some(DeliveryId::new(&key)), Message::new(&mrkdwn(&sentence), blocks));
        let marked = Marked::stamp(&post(&key, u64::MAX, &body)).unwrap();
        prop_assert_eq!(marked.message(), &body.message);
        assert_within_limits(&marked);
    }
}
