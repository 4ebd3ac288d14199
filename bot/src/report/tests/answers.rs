//! Answers as people read them.

use super::journals::*;
use super::transcript::transcript;
use crate::handle::{Answer, Choice, HistoryLine, No, Standing, StatusView, Whoami};
use crate::intake::{Incoming, Way};
use crate::report::answer;
use crate::rights::Refused;
use gantry_commands::{Context, Verb, Vocabulary, parse};
use gantry_engine::approval::Ineligible;
use gantry_engine::change::Actor;
use gantry_engine::journal::State;
use gantry_engine::names::{ChannelId, DeliveryId, GroupName, MessageTs, ProjectName, UserId, Version};
use gantry_engine::project::{Allow, EnvPattern, VolumesAtEnd, Who};
use gantry_engine::provider::{Killed, Live, LogLine, Node, Task, TaskHealth};
use jiff::tz::TimeZone;

fn said(text: &str, way: Way) -> Incoming {
    let (user, channel) = (UserId::new("U01DEVELOPER"), ChannelId::new("C1"));
    let thread = (way == Way::Mention).then(|| MessageTs::new("17.1"));
    Incoming { way, user, channel, thread, text: text.to_owned(), digest: None }
}

fn read(answers: &[Answer]) -> String {
    let one = |one| answer(&DeliveryId::new("Ev1"), &said("", Way::Mention), one);
    transcript(&answers.iter().map(one).collect::<Vec<_>>())
}

#[test]
fn words_that_are_no_command() {
    let vocabulary = Vocabulary::new();
    let cx = Context { now: start(), zone: TimeZone::UTC, vocabulary: &vocabulary, me: None };
    let invalid = |text: &str| {
        let error = Box::new(parse(text, &cx).unwrap_err());
        Answer::Invalid { error, text: text.to_owned() }
    };
    let hostile = "depoly <!channel> `x` {{y}} \u{202e}";
    insta::assert_snapshot!(read(&[invalid("depoly web to dev"), invalid(hostile), invalid("extend dev by 9x")]));
}

#[test]
fn refusals() {
    let refused = Refused {
        verb: "deploy".to_owned(),
        env: Some(key().env),
        rule: Some(12),
        helpers: vec![Who::Group(GroupName::new("platform")), Who::Person("auditor".to_owned())],
    };
    let nobody = Refused { verb: "reload".to_owned(), env: None, rule: None, helpers: Vec::new() };
    let all = [
        No::Right(refused),
        No::Right(nobody),
        No::Plan(gantry_engine::apply::NoPlan::NoProject(key().project)),
        No::Vote { op: OP, why: Ineligible::NotMember(GroupName::new("platform")) },
        No::TooLate { op: OP, state: State::Succeeded },
        No::NotParked { op: OP, state: State::Running },
        No::NoOperation(Some(OP)),
        No::NoOperation(None),
        No::Missing { what: "service", example: "scale api 5 in dev".to_owned() },
        No::Elsewhere { what: "web in <!here>".to_owned() },
        No::NotThere(key()),
        No::Unknown { what: "the group platform".to_owned(), why: "no answer".to_owned() },
        No::Platform("there is no task `web-9`".to_owned()),
        No::Reload("shop.toml:3:1 unknown key `colour`\n  did you mean `cluster`?".to_owned()),
    ];
    insta::assert_snapshot!(read(&all.map(Answer::No)));
}

#[test]
fn a_question_has_a_button_for_each_answer() {
    let choices = vec![
        ("dev".to_owned(), "scale api 5 in dev".to_owned()),
        ("prod".to_owned(), "scale api 5 in prod".to_owned()),
    ];
    insta::assert_snapshot!(read(&[Answer::Asked(Choice { what: "environment", choices })]));
}

#[test]
fn status_tells_what_runs() {
    let task = |id: &str, health| Task {
        id: id.to_owned(),
        service: name("api"),
        version: Version::new("1.4"),
        node: "a-1".to_owned(),
        health,
        since: None,
        restarts: 1,
    };
    let cluster = gantry_engine::names::ClusterName::new("a").unwrap();
    let live = Live {
        tasks: vec![task("api-1", TaskHealth::Healthy), task("api-2", TaskHealth::Dead("exit code 1".to_owned()))],
        nodes: vec![Node { id: "a-1".to_owned(), cluster, up: true, tasks: 2 }],
    };
    let env = environment(VolumesAtEnd::Keep);
    let open = vec![(OP, State::Running)];
    let seen = StatusView { env: env.clone(), live: Ok(live), open, only: None };
    let unseen = StatusView {
        env,
        live: Err("the runtime doesn't answer".to_owned()),
        open: Vec::new(),
        only: Some(name("api")),
    };
    insta::assert_snapshot!(read(&[
        Answer::Status(vec![seen]),
        Answer::Status(vec![unseen]),
        Answer::Status(Vec::new())
    ]));
}

#[test]
fn outputs_history_logs_and_who_one_is() {
    let line = HistoryLine {
        op: OP,
        key: key(),
        at: start(),
        by: Actor::Schedule,
        words: "deploy web to dev".to_owned(),
        because: Some("the demo".to_owned()),
        state: State::Succeeded,
        releases: vec!["web r3 (1.4)".to_owned()],
    };
    let log = |n: u32| LogLine {
        at: start(),
        task: "web-1".to_owned(),
        text: format!("line {n} \u{1b}[31m<!here>{}", "x".repeat(40)),
    };
    let platform = GroupName::new("platform");
    let rule = Allow {
        who: vec![Who::Group(platform.clone())],
        verbs: vec!["deploy".to_owned()],
        environments: vec![EnvPattern("dev".to_owned())],
        line: 12,
    };
    let project = |name| ProjectName::new(name).unwrap();
    let shop = Standing { project: project("shop"), groups: vec![platform], rules: vec![rule] };
    let other = Standing { project: project("other"), groups: Vec::new(), rules: Vec::new() };
    let answers = [
        Answer::Outputs { key: key(), outputs: [("web".to_owned(), "http://x.example/".to_owned())].into() },
        Answer::Outputs { key: key(), outputs: [].into() },
        Answer::History(vec![line]),
        Answer::History(Vec::new()),
        Answer::Logs { of: "web in dev".to_owned(), lines: (0..60).map(log).collect() },
        Answer::Logs { of: "web in dev".to_owned(), lines: Vec::new() },
        Answer::Whoami(Whoami {
            handle: "developer".to_owned(),
            zone: "Europe/Berlin".to_owned(),
            projects: vec![shop, other],
        }),
        Answer::Killed { killed: Killed::Node("a-1".to_owned(), 3), key: key() },
        Answer::Reloaded(vec![key().project]),
        Answer::Reloaded(Vec::new()),
    ];
    insta::assert_snapshot!(read(&answers));
}

#[test]
fn help_names_every_verb() {
    let help = read(&[Answer::Help(None), Answer::Help(Some(Verb::Deploy))]);
    for verb in Verb::ALL {
        assert!(help.contains(verb.spec().usage), "{}: {help}", verb.name());
    }
    insta::assert_snapshot!(help);
}

#[test]
fn who_sees_an_answer_depends_on_how_it_was_asked() {
    let to = |way, given: &Answer| answer(&DeliveryId::new("Ev1"), &said("", way), given).only_for;
    let told = Answer::Reloaded(Vec::new());
    assert_eq!([to(Way::Mention, &told), to(Way::Direct, &told)], [None, None]);
    assert!(to(Way::Command, &told).is_some() && to(Way::Click, &told).is_some());
    assert!(to(Way::Mention, &Answer::Noted { verb: Verb::Approve, op: OP }).is_some(), "the thread tells it already");
}
