//! Whatever happens in an operation, and however large it is: its messages fit, and no words of people act.

use super::journals::*;
use super::transcript::body;
use crate::message::tests::assert_within_limits;
use crate::message::{Block, Marked};
use crate::report::{ReportContext, project};
use gantry_engine::approval::Ballot;
use gantry_engine::change::{Actor, Change};
use gantry_engine::journal::{Entry, FailureKind, Operation, Outcome, Serving, Signal, Stamped, Standing, WhatChanged};
use gantry_engine::names::{OpId, UserId, Version};
use gantry_engine::plan::{Action, FieldChange, Plan, StepId};
use gantry_engine::ports::{Post, PostDraft};
use gantry_engine::project::{Policy, VolumesAtEnd};
use gantry_engine::provider::Note;
use gantry_engine::value::{Outputs, Spec, Value};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn check(drafts: Vec<PostDraft>) {
    for draft in drafts {
        let marked = Marked::stamp(&Post { draft, version: u64::MAX, sent: 0, tried: false, ts: None }).unwrap();
        assert_within_limits(&marked);
        assert_inert(&serde_json::to_string(&marked.blocks()).unwrap());
        assert_inert(marked.text());
    }
}

/// Every `<..>` is one of ours: a person, a moment, a link.
fn assert_inert(text: &str) {
    for (at, _) in text.match_indices('<') {
        let token = &text[at + 1..];
        let ours = ["@U", "!date^", "http"].iter().any(|start| token.starts_with(start));
        assert!(ours, "a token that isn't ours: {}", token.chars().take(40).collect::<String>());
        assert!(!token.starts_with("@U66"), "a person was mentioned by words");
    }
    assert!(!text.contains("\u{1b}") && !text.contains('\u{202e}'));
}

#[test]
fn a_plan_of_ten_thousand_steps_fits_in_every_state() {
    let steps = (0..10_000_u32).map(|n| {
        let changes = vec![
            FieldChange {
                field: "x".repeat(50),
                from: None,
                to: Some(Value::text("y".repeat(500))),
                outside: false
            };
            9
        ];
        let action = match n % 3 {
            0 => create(),
            1 => Action::Update { spec: Spec::new(), changes },
            _ => delete(),
        };
        step(n, addr(&format!("component-{}", n % 700), &format!("part-{n}")), action, &[])
    });
    let plan = Plan { steps: steps.collect(), ..Plan::default() };
    let mut entries = vec![proposed(deploy(), plan.clone(), Policy::None)];
    let cx = ReportContext { env: Some(environment(VolumesAtEnd::Delete)), ..ReportContext::default() };
    let card = |entries: &[Entry]| {
        let journal = journal(entries.iter().cloned());
        let drafts = project(&journal, &record(&journal), &cx).unwrap();
        check(drafts.clone());
        drafts.first().map(body).unwrap().message
    };
    let message = card(&entries);
    let shown = format!("{:?}", message.blocks);
    assert!(shown.contains("3334 to create, 3333 to change, 3333 to destroy"), "{shown}");
    assert!(shown.contains("more components with 99"), "what is folded is counted: {shown}");
    assert!(matches!(message.blocks[message.blocks.len() - 2], Block::Actions(_)), "it can be acted on");
    entries.push(admitted(&plan));
    entries.extend(done(0..5_000));
    card(&entries);
    let standing = Standing {
        created: plan.steps.iter().map(|step| step.addr.clone()).collect(),
        changed: plan.steps.iter().map(|step| step.addr.clone()).collect(),
        unsure: Vec::new(),
    };
    let why = failure(FailureKind::Invalid, &"why <!here> ".repeat(5_000));
    entries.push(Entry::Closed(Outcome::Failed { why, at: None, standing }));
    card(&entries);
}

const HOSTILE: &str = "<!channel> <@U66> *b* `c` {{x}} </b>&amp; \u{202e}evil \u{1b}[31mred\u{0}\n:tada: <http://x|y> ";

fn hostile() -> impl Strategy<Value = String> {
    (0_usize..400, "\\PC{0,20}").prop_map(|(times, text)| HOSTILE.repeat(times / 8) + &text)
}

fn any_entry(plan: Plan) -> impl Strategy<Value = Entry> {
    let steps = u32::try_from(plan.steps.len()).unwrap();
    let by = || Actor::User(UserId::new("U02PLATFORM"));
    (0..18_u32, 0..steps, hostile()).prop_map(move |(which, n, text)| {
        let step = StepId(n);
        match which {
            0 => vote("U02PLATFORM", Ballot::Approve, &plan),
            1 => Entry::Queued { ahead: (0..u64::from(n) * 200).map(OpId).collect() },
            2 => Entry::Replanned { plan: Box::new(plan.clone()), changed: vec![WhatChanged::Steps; 60], asked: None },
            3 | 4 => admitted(&plan),
            5 | 6 => started(n),
            7 => {
                let note = Note::Tasks { healthy: n, wanted: 5, blocked: Some(text) };
                Entry::Waiting { step, id: None, outputs: Outputs::new(), note }
            }
            8 => Entry::Waiting {
                step,
                id: None,
                outputs: Outputs::new(),
                note: Note::Usually { what: text, seconds: (60, 4_000) },
            },
            9 => Entry::Waiting { step, id: None, outputs: Outputs::new(), note: Note::Draining { left: n } },
            10 | 11 => succeeded(n),
            12 => Entry::Reverted {
                step,
                serving: Serving::Release { number: None, version: Version::new(&text) },
                why: text,
            },
            13 => Entry::Failed { step, failure: failure(FailureKind::Transient, &text), retry: Some(start()) },
            14 => Entry::Failed { step, failure: failure(FailureKind::Denied, &text), retry: None },
            15 => Entry::Signalled { signal: Signal::Retry, by: by(), because: Some(text) },
            16 => Entry::Signalled { signal: Signal::Cancel, by: by(), because: Some(text) },
            _ => {
                let outputs: BTreeMap<String, String> =
                    (0..n * 20).map(|n| (format!("{n}{text}"), format!("http://{text}"))).collect();
                Entry::Closed(Outcome::Succeeded { outputs })
            }
        }
    })
}

/// A random journal: of random entries, those that can follow.
fn walk(first: Entry, candidates: Vec<Entry>) -> Vec<Stamped> {
    let mut journal = journal([first]);
    let mut op = Operation::fold(OP, &journal).unwrap();
    for entry in candidates {
        let stamped = Stamped { seq: op.seq + 1, at: op.at, entry };
        if op.apply(&stamped).is_ok() {
            journal.push(stamped);
        }
    }
    journal
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_operation_fits_and_no_words_act(
        because in hostile(),
        version in hostile(),
        candidates in proptest::collection::vec(any_entry(plan()), 0..60),
        policy in prop_oneof![Just(Policy::None), Just(Policy::Confirm), Just(votes(1)), Just(votes(3))],
        env in prop_oneof![Just(None), Just(Some(environment(VolumesAtEnd::Delete)))],
    ) {
        let change = Change::Deploy { services: vec![(name("web"), Some(Version::new(&version)))], lifetime: None };
        let journal = walk(proposed(request(change, Some(&because)), plan(), policy), candidates);
        check(project(&journal, &record(&journal), &ReportContext { env, ..ReportContext::default() }).unwrap());
    }
}
