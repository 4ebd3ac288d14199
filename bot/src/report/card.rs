//! An operation's card: one message, edited in place as the journal grows.

use super::project::{ReportContext, Told};
use super::voice::{called, lines, message, small, words};
use super::{buttons, cost, drift, outcome, people, plan, progress};
use crate::message::{Block, Body, Button, MarkState};
use gantry_engine::change::{Actor, Change};
use gantry_engine::environment::{Environment, Phase};
use gantry_engine::journal::{Operation, State};
use gantry_engine::project::VolumesAtEnd;
use gantry_engine::undo::leaves_something;
use gantry_templates::{Said, sentences as s};
use jiff::SignedDuration;

/// By how much a card's button moves an end.
const LATER: (&str, SignedDuration) = ("4h", SignedDuration::from_hours(4));

/// The card as it should be now.
pub(super) fn card(told: &Told<'_>, cx: &ReportContext) -> Body {
    let op = told.op;
    let outcome = outcome::lines(op, told.took(), cx);
    let people = people::lines(op);
    let (head, replanned) = (head(op), replanned(op, cx));
    let mut blocks = vec![Block::section(head.mrkdwn.clone()), small(&asked(op, cx))];
    blocks.extend(lines(&outcome));
    blocks.extend(lines(replanned.iter().chain(&people)));
    blocks.extend(lines(&work(op, cx)));
    blocks.extend(lines(&end(op, cx)));
    blocks.push(Block::Actions(buttons(op, cx)));
    blocks.push(small(&words().say(&s::Next { words: next(op, cx) })));
    let sentence: Vec<&Said> = std::iter::once(&head).chain(&replanned).chain(&outcome).chain(&people).collect();
    let delivery = Some(op.request.delivery.clone());
    Body::new(MarkState::Operation(op.state()), delivery, message(&sentence, blocks))
}

/// The emoji beside a state's words.
pub(crate) fn sign(state: State) -> &'static str {
    match state {
        State::Voting => "ballot_box_with_ballot",
        State::Ready | State::Queued => "hourglass",
        State::Held => "lock",
        State::Running => "arrows_counterclockwise",
        State::Cancelling | State::Cancelled => "octagonal_sign",
        State::Parked => "warning",
        State::Succeeded => "white_check_mark",
        State::Reverted => "leftwards_arrow_with_hook",
        State::Failed => "x",
        State::Rejected => "no_entry",
        State::Expired => "alarm_clock",
    }
}

fn head(op: &Operation) -> Said {
    let words = words();
    let state = op.state();
    let moving = matches!(state, State::Running | State::Cancelling | State::Parked);
    words.say(&s::Head {
        sign: sign(state).to_owned(),
        op: op.id.to_string(),
        what: words.change(&op.request.change, &called(&op.request)),
        state: words.state(state),
        done: op.done(),
        total: if moving { op.plan.steps.len() } else { 0 },
    })
}

fn asked(op: &Operation, cx: &ReportContext) -> Said {
    let plan = op.digest.short().to_owned();
    let used = op.plan.delta.revision.as_ref().or(cx.env.as_ref().map(|env| &env.revision));
    let revision = used.map(|digest| digest.short().to_owned());
    // As long as it is a plan it has lines of its own.
    let numbers = op.outcome.is_some().then(|| plan::numbers(&op.plan));
    match &op.request.by {
        Actor::User(by) => {
            let because = op.request.because.clone();
            words().say(&s::Asked { by: by.to_string(), because, plan, numbers, revision })
        }
        Actor::Schedule => words().say(&s::Scheduled { plan, numbers, revision }),
    }
}

/// Why the plan is another one than before; only as long as it matters.
fn replanned(op: &Operation, cx: &ReportContext) -> Vec<Said> {
    if op.changed.is_empty() || op.outcome.is_some() {
        return Vec::new();
    }
    vec![why_replanned(op, cx)]
}

pub(super) fn why_replanned(op: &Operation, cx: &ReportContext) -> Said {
    let release =
        |service: &_| cx.env.as_ref().and_then(|env| env.services.get(service)).map(|running| running.release);
    // A hundred resources that moved on say no more than ten.
    let changes = op.changed.iter().take(10).map(|what| words().changed(what, release)).collect();
    words().say(&s::Replanned { void: !op.void_votes().is_empty(), changes })
}

/// The plan as long as it is one, then how far it is; once it is over, its numbers in the small print are enough.
fn work(op: &Operation, cx: &ReportContext) -> Vec<Said> {
    if op.outcome.is_some() {
        return Vec::new();
    }
    let mut said = vec![plan::sum(&op.plan, &called(&op.request))];
    match op.state() {
        State::Voting | State::Ready | State::Queued | State::Held => {
            said.extend(plan::lines(&op.plan, &|kind| cx.holds_data(op, kind)));
            let after = op.plan.delta.apply(cx.env.as_ref());
            said.extend(op.plan.cost.iter().map(|cost| cost::plan(cost, after.as_ref(), op.request.at)));
            said.extend(drift::of_plan(&op.plan));
        }
        State::Running | State::Cancelling | State::Parked => said.extend(progress::lines(op)),
        _ => {}
    }
    said
}

/// When the environment ends, and what becomes of its data.
fn end(op: &Operation, cx: &ReportContext) -> Vec<Said> {
    if op.plan.delta.end {
        return if op.outcome.is_some() { Vec::new() } else { data(op, cx) };
    }
    let after = if op.outcome.is_some() { cx.living().cloned() } else { op.plan.delta.apply(cx.env.as_ref()) };
    let name = called(&op.request);
    after.filter(|env| env.phase == Phase::Live).iter().map(|env| ends(env, &name)).collect()
}

pub(super) fn ends(env: &Environment, name: &str) -> Said {
    let words = words();
    let name = name.to_owned();
    let Some(at) = env.expiry else { return words.say(&s::Endless { env: name }) };
    let volumes = volumes(env);
    let (deleted, kept) = match env.volumes {
        VolumesAtEnd::Delete => (volumes, Vec::new()),
        VolumesAtEnd::Keep => (Vec::new(), volumes),
    };
    // Somebody may have let it live longer.
    let latest = env.latest.filter(|latest| at <= *latest).map(|at| words.time(at));
    words.say(&s::Ends { env: name, at: words.time(at), latest, deleted, kept })
}

/// What a teardown does to data.
fn data(op: &Operation, cx: &ReportContext) -> Vec<Said> {
    let Some(env) = cx.living() else { return Vec::new() };
    let services = volumes(env);
    let by_word = matches!(op.request.change, Change::Teardown { volumes: true });
    match (services.is_empty(), by_word || env.volumes == VolumesAtEnd::Delete) {
        (true, _) => Vec::new(),
        (false, true) => vec![words().say(&s::LosesData { services })],
        (false, false) => vec![words().say(&s::KeepsData { services })],
    }
}

/// Whether an end can move so far: only what can work is offered.
pub(super) fn can_extend(env: &Environment, by: SignedDuration) -> bool {
    let later = env.expiry.and_then(|at| at.checked_add(by).ok());
    later.is_some_and(|later| env.latest.is_none_or(|latest| later <= latest))
}

/// The services with a volume.
pub(super) fn volumes(env: &Environment) -> Vec<String> {
    let with = env.services.iter().filter(|(_, running)| running.service.volume.is_some());
    with.map(|(name, _)| name.to_string()).collect()
}

/// The services whose data a teardown without further words takes.
pub(super) fn deleted(env: &Environment) -> Vec<String> {
    if env.volumes == VolumesAtEnd::Delete { volumes(env) } else { Vec::new() }
}

/// What becomes of what it left standing. An undo isn't undone: it is gone on with.
pub(super) fn after(op: &Operation) -> Vec<Button> {
    let undo = (!matches!(op.request.change, Change::Undo { .. })).then(|| buttons::undo(op.id));
    std::iter::once(buttons::go_on(op.id)).chain(undo).collect()
}

fn buttons(op: &Operation, cx: &ReportContext) -> Vec<Button> {
    let key = &op.request.key;
    match op.state() {
        State::Voting => buttons::vote(op).into(),
        State::Ready | State::Queued | State::Held | State::Running => vec![buttons::cancel(op.id)],
        State::Cancelling => Vec::new(),
        State::Parked => vec![buttons::retry(op.id), buttons::cancel(op.id)],
        State::Succeeded => match cx.living() {
            None => Vec::new(),
            Some(env) => {
                let later = can_extend(env, LATER.1).then(|| buttons::extend(key, LATER.0));
                let teardown = buttons::teardown(key, deleted(env), false);
                let lock = buttons::lock_after(op);
                let first = [buttons::status(key), buttons::outputs(key)].into_iter().chain(lock);
                first.chain(later).chain([teardown]).collect()
            }
        },
        _ if cx.can_go_back(op) => {
            let status = cx.living().map(|_| buttons::status(key));
            after(op).into_iter().chain(status).collect()
        }
        State::Reverted | State::Rejected => cx.living().map(|_| buttons::status(key)).into_iter().collect(),
        State::Failed | State::Cancelled | State::Expired => {
            // What left something is gone on with, or nothing of it is offered any more.
            let again = op.request.by.user().filter(|_| !leaves_something(op));
            let again = again.map(|_| buttons::again(&op.request.words));
            again.into_iter().chain(cx.living().map(|_| buttons::status(key))).collect()
        }
    }
}

/// What can be said next.
pub(super) fn next(op: &Operation, cx: &ReportContext) -> Vec<String> {
    let (id, env) = (op.id, called(&op.request));
    match op.state() {
        State::Voting => vec![format!("approve {id}"), format!("reject {id} because ..")],
        State::Ready | State::Queued | State::Held | State::Running => {
            vec![format!("cancel {id}"), format!("status {env}")]
        }
        State::Parked => vec![format!("retry {id}"), format!("cancel {id}")],
        State::Succeeded if cx.living().is_some() => {
            let later = cx.living().filter(|env| can_extend(env, LATER.1));
            let later = later.map(|_| format!("extend {env} by {}", LATER.0));
            [format!("status {env}"), format!("outputs {env}")].into_iter().chain(later).collect()
        }
        _ if cx.can_go_back(op) => after(op).into_iter().map(|button| button.value.words).collect(),
        _ if cx.living().is_some() => vec![format!("status {env}"), format!("history {env}")],
        _ => vec![format!("history {env}")],
    }
}
