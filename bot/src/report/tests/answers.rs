//! Answers as people read them.

use super::journals::*;
use super::transcript::transcript;
use crate::directory::Standing as InWorkspace;
use crate::handle::{
    Answer, Choice, HistoryLine, Left, Leftovers, Logs, No, Standing, StatusView, Until, Whoami, Word,
};
use crate::intake::{Incoming, Way};
use crate::platforms::Absent;
use crate::report::answer;
use crate::rights::{Helper, Refused};
use gantry_commands::{Context, Verb, Vocabulary, parse};
use gantry_engine::address::{Generation, Kind, Mark};
use gantry_engine::approval::Ineligible;
use gantry_engine::audit::{Event, What};
use gantry_engine::change::Actor;
use gantry_engine::journal::State;
use gantry_engine::names::{
    ChannelId, DeliveryId, GroupName, InstallationId, MessageTs, PlatformName, ProjectName, UserId, Version,
};
use gantry_engine::ports::{Drift, Drifted, Finding, Findings};
use gantry_engine::project::{Allow, EnvPattern, VolumesAtEnd, Who};
use gantry_engine::provider::{Killed, Live, LogLine, Node, Task, TaskHealth};
use gantry_engine::receipt::Found;
use gantry_engine::resource::PhysicalId;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

fn said(text: &str, way: Way) -> Incoming {
    let (user, channel) = (UserId::new("U01DEVELOPER"), ChannelId::new("C1"));
    let thread = (way == Way::Mention).then(|| MessageTs::new("17.1"));
    Incoming { way, user, channel, thread, text: text.to_owned(), digest: None, scheduled: None }
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
        project: key().project,
        verb: "deploy".to_owned(),
        env: Some(key().env),
        standing: InWorkspace::Member,
        rule: Some(12),
        elsewhere: BTreeSet::new(),
        helpers: vec![
            Helper { who: Who::Group(GroupName::new("platform")), people: vec!["lead".to_owned(), "two".to_owned()] },
            Helper { who: Who::Person("auditor".to_owned()), people: Vec::new() },
        ],
    };
    let nobody = Refused { verb: "reload".to_owned(), env: None, rule: None, helpers: Vec::new(), ..refused.clone() };
    let elsewhere = Refused { elsewhere: ["ops".to_owned()].into(), ..nobody.clone() };
    let elsewhere = Refused { rule: Some(9), ..elsewhere };
    let outside = |standing| No::Right(Box::new(Refused { standing, ..nobody.clone() }));
    let [guest, stranger, gone] = [InWorkspace::Guest, InWorkspace::Stranger, InWorkspace::Gone].map(outside);
    let finding = |what: &str, remedy: &str| Finding { what: what.to_owned(), remedy: remedy.to_owned() };
    let all = [
        No::Right(Box::new(refused)),
        No::Right(Box::new(nobody)),
        No::Right(Box::new(elsewhere)),
        guest,
        stranger,
        gone,
        No::Plan(gantry_engine::apply::NoPlan::NoProject(key().project)),
        No::Plan(
            Findings(vec![finding("the image `web:2`", "push it"), finding("zone <!here>", "delegate it")]).into(),
        ),
        No::Plan(Findings(vec![finding("no credentials", "set `AWS_PROFILE`")]).into()),
        No::Absent(Absent::of(&PlatformName::new("ecs").unwrap())),
        No::Vote { op: OP, why: Ineligible::NotMember([GroupName::new("platform")].into()) },
        No::Unseen { op: OP, changed: true },
        No::Unseen { op: OP, changed: false },
        No::Unannounced { channel: "ops".to_owned() },
        No::TooLate { op: OP, state: State::Succeeded, by: Some(Word::Approved(vec![UserId::new("U02PLATFORM")])) },
        No::TooLate { op: OP, state: State::Cancelled, by: Some(Word::Ended(UserId::new("U01DEVELOPER"))) },
        No::NotParked { op: OP, state: State::Running },
        No::NoOperation(Some(OP)),
        No::NoOperation(None),
        No::Broken,
        No::Missing { what: "service", example: "scale api 5 in dev".to_owned() },
        No::Elsewhere { what: "web in <!here>".to_owned() },
        No::NotThere(key()),
        No::Unknown { what: "the group platform".to_owned(), why: "no answer".to_owned() },
        No::Interrupted { target: "a-1".to_owned(), key: key() },
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
    let seen = StatusView {
        env: env.clone(),
        live: Ok(live),
        drift: Vec::new(),
        at: start(),
        open,
        holdups: vec![],
        only: None,
    };
    let unseen = StatusView {
        env,
        live: Err("the runtime doesn't answer".to_owned()),
        drift: Vec::new(),
        at: start(),
        open: Vec::new(),
        holdups: vec![],
        only: Some(name("api")),
    };
    insta::assert_snapshot!(read(&[
        Answer::Status(vec![seen]),
        Answer::Status(vec![unseen]),
        Answer::Status(Vec::new())
    ]));
}

fn kill() -> Event {
    Event {
        at: start(),
        by: Some(Actor::User(UserId::new("U02PLATFORM"))),
        key: Some(key()),
        op: None,
        because: Some("we <!here> rehearse".to_owned()),
        what: What::Kill { target: "a-1".to_owned() },
    }
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
        bypassed: true,
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
        channels: vec!["ops".to_owned()],
        line: 12,
    };
    let project = |name| ProjectName::new(name).unwrap();
    let shop = Standing { project: project("shop"), groups: vec![platform], rules: vec![rule] };
    let other = Standing { project: project("other"), groups: Vec::new(), rules: Vec::new() };
    let of = || "web in dev".to_owned();
    let until = Until { at: start(), ends_by: "logs web in dev unfollow".to_owned() };
    let answers = [
        Answer::Outputs {
            key: key(),
            outputs: [("web".to_owned(), "http://x.example/".to_owned()), ("balancer".to_owned(), "arn:lb".to_owned())]
                .into(),
            links: [("arn:lb".to_owned(), "https://console.example/?arn=lb".to_owned())].into(),
        },
        Answer::Outputs { key: key(), outputs: [].into(), links: [].into() },
        Answer::History { lines: vec![line], locks: Vec::new(), kills: vec![kill()] },
        Answer::History { lines: Vec::new(), locks: Vec::new(), kills: Vec::new() },
        Answer::Logs(Logs { of: of(), lines: (0..60).map(log).collect(), follow: None }),
        Answer::Logs(Logs { of: of(), lines: Vec::new(), follow: Some(until) }),
        Answer::Unfollowed { of: of(), some: true },
        Answer::Unfollowed { of: of(), some: false },
        Answer::Whoami(Whoami {
            handle: "developer".to_owned(),
            standing: InWorkspace::Member,
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
    let until = Until { at: start(), ends_by: "logs web unfollow".to_owned() };
    let follow = Answer::Logs(Logs { of: "web".to_owned(), lines: Vec::new(), follow: Some(until) });
    let killed = Answer::Killed { killed: Killed::Task("web-1".to_owned()), key: key() };
    assert_eq!([to(Way::Command, &follow), to(Way::Command, &killed)], [None, None], "more is told below it");
    assert!(to(Way::Mention, &Answer::Noted { verb: Verb::Approve, op: OP }).is_some(), "the thread tells it already");
}

#[test]
fn status_tells_what_it_costs_and_what_somebody_changed() {
    let mut env = environment(VolumesAtEnd::Keep);
    env.meter = Some(gantry_engine::cost::Meter {
        spent: gantry_engine::cost::Money(1_000_000),
        since: start(),
        rate: gantry_engine::cost::Rate(420_000),
    });
    let field = |theirs: &str| Drifted::Field { field: "count".into(), ours: "2".into(), theirs: theirs.into() };
    let drift = vec![
        Drift { addr: addr("web", "service"), how: field("5 <!here>") },
        Drift { addr: addr("web", "rule"), how: Drifted::Gone },
    ];
    let at = start() + jiff::SignedDuration::from_hours(2);
    let view = StatusView { env, live: Ok(Live::default()), drift, at, open: Vec::new(), holdups: vec![], only: None };
    insta::assert_snapshot!(read(&[Answer::Status(vec![view])]));
}

#[test]
fn what_is_left_over_can_be_removed_by_environment() {
    let found = |part: &str, kind: &'static str| {
        let (installation, key) = (InstallationId::new("here"), key());
        let (addr, generation) = (addr("network", part), Generation::FIRST);
        let mark = Mark { installation, project: key.project, incarnation: 1, addr, generation };
        Found { mark, kind: Kind::new(kind), id: PhysicalId(format!("{part}-0a1")) }
    };
    let all = vec![found("vpc", "aws.vpc"), found("disk", "aws.volume")];
    let left = vec![Left { key: key(), found: all, data: [Kind::new("aws.volume")].into() }];
    let project = |name| ProjectName::new(name).unwrap();
    let unseen = Leftovers { project: project("other"), left: Err("the account doesn't answer".to_owned()) };
    let nothing = Leftovers { project: project("shop"), left: Ok(Vec::new()) };
    insta::assert_snapshot!(read(&[
        Answer::Leftovers(vec![Leftovers { project: project("shop"), left: Ok(left) }, unseen]),
        Answer::Leftovers(vec![nothing])
    ]));
}
