//! The Home tab in words.

use super::answer::history_line;
use super::voice::{lines, plain, small, words};
use super::{buttons, card, cost, plan};
use crate::handle::{HomeEnv, HomeView};
use crate::message::{Block, Button, Home};
use gantry_commands::Verb;
use gantry_engine::journal::Operation;
use gantry_templates::{Said, Sentence, sentences as s};

/// A Home tab as it is shown.
#[must_use]
pub fn home(view: &HomeView) -> Home {
    let may = |verb| view.may.contains(&verb);
    let mut first = Vec::new();
    first.extend(may(Verb::Deploy).then(|| buttons::ask_deploy(None)));
    first.extend(may(Verb::Provision).then(buttons::ask_provision));
    first.push(buttons::help(None));
    let mut blocks = vec![Block::Actions(first)];
    if !view.votes.is_empty() {
        blocks.push(title(&s::HomeVotes {}));
        blocks.extend(view.votes.iter().flat_map(vote));
    }
    blocks.push(title(&s::HomeEnvironments {}));
    if view.environments.is_empty() {
        blocks.push(Block::section(words().say(&s::HomeNone {}).mrkdwn));
    }
    for (place, env) in view.environments.iter().enumerate() {
        blocks.extend((place > 0).then_some(Block::Divider));
        blocks.extend(environment(env));
    }
    if !view.operations.is_empty() {
        blocks.push(title(&s::HomeOperations {}));
        let own: Vec<Said> = view.operations.iter().map(history_line).collect();
        blocks.extend(lines(&own));
    }
    blocks.push(small(&words().say(&s::HomeFoot { command: "/gantry help".to_owned() })));
    Home { blocks, metadata: view.channel.to_string() }
}

fn title(sentence: &impl Sentence) -> Block {
    Block::Header(plain(&words().say(sentence)))
}

fn environment(view: &HomeEnv) -> Vec<Block> {
    let words = words();
    let env = &view.env;
    let sign = if view.is_well() { "large_green_circle" } else { "large_yellow_circle" };
    let mut said = vec![words.say(&s::HomeEnv {
        sign: sign.to_owned(),
        env: env.key.env.to_string(),
        project: env.key.project.to_string(),
        platform: env.platform.to_string(),
        owner: env.owner.to_string(),
    })];
    let runs = env.services.iter().map(|(name, running)| format!("{name} {} × {}", running.version, running.replicas));
    said.push(
        words.say(&s::HomeRuns { services: runs.collect(), rate: env.meter.as_ref().and_then(cost::by_the_hour) }),
    );
    said.push(card::ends(env, env.key.env.as_str()));
    let state =
        |(op, state): &(_, _)| words.say(&s::HomeOpen { op: ToString::to_string(op), state: words.state(*state) });
    said.extend(view.open.iter().map(state));
    let key = &env.key;
    let may = |verb| view.may.contains(&verb);
    let mut offered: Vec<Button> = Vec::new();
    offered.extend(may(Verb::Deploy).then(|| buttons::ask_deploy(Some(key))));
    offered.extend((may(Verb::Extend) && env.expiry.is_some()).then(|| buttons::ask_extend(key)));
    offered.push(buttons::status(key));
    offered.extend(may(Verb::Outputs).then(|| buttons::outputs(key)));
    offered.extend(may(Verb::Teardown).then(|| buttons::teardown(key, card::deleted(env), env.expiry.is_some())));
    lines(&said).into_iter().chain([Block::Actions(offered)]).collect()
}

fn vote(op: &Operation) -> Vec<Block> {
    let said = words().say(&s::HomeVote {
        sign: card::sign(op.state()).to_owned(),
        op: op.id.to_string(),
        words: op.request.words.clone(),
        env: op.request.key.to_string(),
        by: op.request.by.user().map(ToString::to_string),
        because: op.request.because.clone(),
        numbers: plan::numbers(&op.plan),
    });
    vec![Block::section(said.mrkdwn), Block::Actions(buttons::vote(op).into())]
}
