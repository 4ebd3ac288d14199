//! Every sentence in both renderings, none missing and none left over; and words that would like to be more than words.

use gantry_templates::sentences::{Asked, Invalid, Itself, NoteOther, Output, PlanLine, TheSchedule};
use gantry_templates::{BadTemplates, Templates, length};
use std::collections::BTreeSet;
use std::fmt::Write as _;

#[test]
fn every_template_has_its_sentence_and_every_sentence_its_template() {
    let templates = Templates::new();
    let mut said = BTreeSet::new();
    for (file, result) in templates.samples() {
        assert!(result.is_ok(), "{file}: {result:?}");
        assert!(said.insert(file.clone()), "{file} has two sentences");
    }
    assert_eq!(said, Templates::files().into_iter().collect());
}

#[test]
fn what_they_say() {
    let templates = Templates::new();
    let mut page = String::new();
    for (file, said) in templates.samples() {
        let said = said.unwrap();
        writeln!(page, "{file}\n  {}\n  {}", said.mrkdwn, said.text).unwrap();
    }
    insta::assert_snapshot!(page);
}

/// Words that try to be a mention, formatting, a link, an emoji, HTML, a template, a turned direction, a colour.
const HOSTILE: &str =
    "<!channel> <@U9> @here *b* `c` <http://x|y> :tada: <b>&amp; {{op}} {{{op}}} \u{202e}abc \u{1b}[31mred\u{0}\nnext";

#[test]
fn people_s_words_stay_words() {
    let templates = Templates::new();
    let asked = Asked {
        by: HOSTILE.into(),
        because: Some(HOSTILE.into()),
        plan: HOSTILE.into(),
        numbers: None,
        revision: None,
    };
    for said in [
        templates.say(&asked),
        templates.say(&Invalid { problem: HOSTILE.into() }),
        templates.say(&NoteOther { text: HOSTILE.into() }),
        templates.say(&Output { label: HOSTILE.into(), value: HOSTILE.into(), href: Some(HOSTILE.into()) }),
        templates.say(&PlanLine {
            sign: "+".into(),
            component: HOSTILE.into(),
            count: 1,
            parts: vec![HOSTILE.into()],
            more: 0,
            price: Some(HOSTILE.into()),
        }),
    ] {
        for text in [said.mrkdwn.as_str(), said.text.as_str()] {
            assert!(!text.contains('<') && !text.contains('>'), "{text}");
            assert!(text.contains("{{op}}"), "it is not a template: {text}");
            assert!(!text.chars().any(|c| c.is_control() || c == '\u{202e}'), "{text:?}");
            assert!(!text.contains("[31m"), "{text}");
        }
        assert!(!said.mrkdwn.as_str().replace('`', "").contains(":tada:") || said.mrkdwn.as_str().contains('`'));
    }
}

#[test]
fn a_link_can_not_be_broken_out_of() {
    let templates = Templates::new();
    let link = |value: &str| {
        templates.say(&Output { label: "web".into(), value: value.into(), href: None }).mrkdwn.to_string()
    };
    assert_eq!(link("https://x.example/?a=1&b=2"), "*web*: <https://x.example/?a=1&amp;b=2|x.example/?a=1&amp;b=2>");
    assert_eq!(
        link("https://x.example/|a>b<!here>"),
        "*web*: <https://x.example/%7Ca%3Eb%3C!here%3E|x.example/¦a&gt;b&lt;!here&gt;>"
    );
    assert_eq!(link("javascript:alert(1)"), "*web*: `javascript:alert(1)`");
    assert_eq!(link("https://x.example/ <!here>"), "*web*: `https://x.example/ &lt;!here&gt;`");
    let led = |href: &str| {
        let output = Output { label: "lb".into(), value: "arn:x|<!here>".into(), href: Some(href.into()) };
        templates.say(&output).mrkdwn.to_string()
    };
    assert_eq!(led("https://x.example/?arn=a|b"), "*lb*: <https://x.example/?arn=a%7Cb|arn:x¦&lt;!here&gt;>");
    assert_eq!(led("javascript:alert(1)"), "*lb*: `arn:x|&lt;!here&gt;`");
}

#[test]
fn long_words_are_clipped_and_counted() {
    let said = Templates::new().say(&NoteOther { text: "x".repeat(10_000) });
    assert!(length(said.mrkdwn.as_str()) <= 500);
    assert!(said.mrkdwn.as_str().ends_with("more characters"), "{}", said.mrkdwn);
}

#[test]
fn a_company_has_its_own_words() {
    let own = |files: &[(&str, &str)]| {
        let files = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        Templates::with(&files.collect())
    };
    let templates = own(&[("record/itself", "Our deployer\n")]).unwrap();
    assert_eq!(templates.say(&Itself {}).mrkdwn.as_str(), "Our deployer");
    assert_eq!(templates.say(&TheSchedule {}), Templates::new().say(&TheSchedule {}), "the rest is as it was");

    let bad = own(&[
        ("record/itslef", "Us"),
        ("record/person", "{{nobody}}"),
        ("record/started", "{{#if op}}"),
        ("state/failed", "{{shout state}}"),
    ]);
    let names = |bad: BadTemplates| bad.0.into_iter().map(|bad| bad.name).collect::<Vec<_>>();
    let bad = bad.map(|_| ()).map_err(names);
    let all = ["record/itslef", "record/started", "record/person", "state/failed"];
    assert_eq!(bad, Err(all.map(str::to_owned).into()), "all at once");
}
