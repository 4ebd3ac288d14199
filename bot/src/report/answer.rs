//! Answers to what somebody said: from a handler's data to a message. Everything here is for one delivery, and has its
//! id as key, so however often it is handled, it is answered once.

use super::voice::{lines, message, plain, small, words};
use super::{
    about, buttons, card, cost, drift, form, help, lock, outcome, people, plan, record, refusal, schedule, status,
    sweep,
};
use crate::directory::{GROUPS_AGE, PEOPLE_AGE, Standing as InWorkspace};
use crate::handle::{Answer, Choice, HistoryLine, Logs, No, Preview, Standing, Stop, Until, Whoami};
use crate::intake::{Incoming, Way};
use crate::message::{About, Block, Body, Button, MarkState};
use crate::watch::Below;
use gantry_commands::ParseError;
use gantry_engine::apply::NoPlan;
use gantry_engine::audit::Event;
use gantry_engine::environment::Phase;
use gantry_engine::lock::LockEvent;
use gantry_engine::names::{ChannelId, DeliveryId, EnvKey, OpId, ProjectName};
use gantry_engine::ports::{PostDraft, PostKey, StoreError, Thread};
use gantry_engine::provider::{Killed, LogLine};
use gantry_templates::{Said, clean, duration, sentences as s};
use std::collections::BTreeMap;

/// The message that answers a delivery.
#[must_use]
pub fn answer(delivery: &DeliveryId, incoming: &Incoming, answer: &Answer) -> PostDraft {
    let (state, said) = match answer {
        Answer::Invalid { error, text } => (MarkState::Invalid, invalid(error, text)),
        Answer::No(no) => (MarkState::Refused, refusal::refusal(no, &incoming.user)),
        Answer::Asked(choice) => (MarkState::Asked, asked(choice)),
        Answer::Preview(preview) => (MarkState::Answered, self::preview(preview)),
        Answer::Status(views) => (MarkState::Answered, status::status(views)),
        Answer::Outputs { key, outputs, links } => (MarkState::Answered, self::outputs(key, outputs, links)),
        Answer::Leftovers(all) => (MarkState::Answered, sweep::leftovers(all)),
        Answer::Locked(event) => (MarkState::Answered, lock::done(event)),
        Answer::Locks(locks) => (MarkState::Answered, lock::locks(locks)),
        Answer::History { lines, locks, kills } => (MarkState::Answered, self::history(lines, locks, kills)),
        Answer::Story { op, events } => (MarkState::Answered, record::story(*op, events)),
        Answer::About(view) => match about::about(view) {
            Ok(said) => (MarkState::Answered, said),
            Err(why) => {
                let why = StoreError::Unreadable { what: view.record.id.to_string(), why: why.to_string() };
                (MarkState::Refused, refusal::refusal(&No::Plan(NoPlan::Store(why)), &incoming.user))
            }
        },
        Answer::InWords(asked) => (MarkState::Refused, form::in_words(asked)),
        Answer::Elsewhere { op, channel } => (MarkState::Answered, elsewhere(*op, channel)),
        Answer::Logs(logs) => (MarkState::Answered, self::logs(logs)),
        Answer::Unfollowed { of, some } => (MarkState::Answered, unfollowed(of, *some)),
        Answer::Whoami(me) => (MarkState::Answered, whoami(me, incoming)),
        Answer::HelpHere { env, may } => (MarkState::Answered, help::here(env.as_ref(), may)),
        Answer::Help(verb) => (MarkState::Answered, help::help(*verb)),
        Answer::Killed { killed, key } => (MarkState::Answered, self::killed(killed, key)),
        Answer::Reloaded(projects) => (MarkState::Answered, reloaded(projects)),
        Answer::Scheduled(schedule) => (MarkState::Answered, schedule::one(schedule)),
        Answer::Schedules(lines) => (MarkState::Answered, schedule::all(lines)),
        Answer::Stopped { schedule, why } => {
            let refusal = match why {
                Stop::Right(no) => Some(refusal::refusal(no, &schedule.owner)),
                Stop::Left => None,
            };
            (MarkState::Refused, schedule::stopped(schedule, why, refusal))
        }
        Answer::Noted { verb, op } => (MarkState::Answered, noted(verb.name(), *op)),
    };
    let about = About::Person(incoming.user.clone());
    let body = Body::new(state, Some(delivery.clone()), said.into_message()).about(about);
    // Slash commands and clicks don't fill the channel: they are answered to the person. What was said in a channel is
    // answered there; but that a vote was noted is news only to the voter, since the thread tells it to the others.
    // What goes on after it is told below it, so everybody sees that.
    let noted = matches!(answer, Answer::Noted { .. });
    let goes_on = matches!(
        answer,
        Answer::Killed { .. } | Answer::Locked(_) | Answer::Scheduled(_) | Answer::Logs(Logs { follow: Some(_), .. })
    );
    let to_one = matches!(incoming.way, Way::Command | Way::Click | Way::Form | Way::Shortcut);
    let private = !goes_on && (noted || to_one) && incoming.way != Way::Home;
    // Who chose it from a message's menu needn't have its thread open, and what one person alone sees is only there then.
    let from_menu = incoming.way == Way::Shortcut;
    PostDraft {
        key: key(delivery),
        channel: incoming.channel.clone(),
        thread: incoming.thread.clone().filter(|_| !from_menu).map_or(Thread::None, Thread::Under),
        only_for: private.then(|| incoming.user.clone()),
        body: body.to_json(),
    }
}

/// All messages that answer a delivery: its own, and one to whoever else it is news for.
#[must_use]
pub fn answers(delivery: &DeliveryId, incoming: &Incoming, answer: &Answer) -> Vec<PostDraft> {
    let other = match answer {
        Answer::Locked(event) => lock::stolen(event),
        _ => None,
    };
    std::iter::once(self::answer(delivery, incoming, answer)).chain(other).collect()
}

/// The key of the message that answers a delivery.
pub(crate) fn key(delivery: &DeliveryId) -> PostKey {
    PostKey(format!("answer/{delivery}"))
}

/// Where what goes on after an answer is told: in the thread that it was given in, or in one below it.
#[must_use]
pub(crate) fn below(delivery: &DeliveryId, incoming: &Incoming) -> Below {
    let thread = incoming.thread.clone().map_or_else(|| Thread::UnderPost(key(delivery)), Thread::Under);
    Below { delivery: delivery.clone(), channel: incoming.channel.clone(), thread }
}

/// An answer in the making: what is said, and what is only shown.
#[derive(Default)]
pub(super) struct Reply {
    sentence: Vec<Said>,
    blocks: Vec<Block>,
}

impl Reply {
    /// Says something: it is shown, and part of the sentence for those who can't see.
    pub(super) fn say(self, said: Said) -> Self {
        let shown = Block::section(said.mrkdwn.clone());
        Self { sentence: [self.sentence, vec![said]].concat(), ..self }.show(shown)
    }

    /// Shows lines under each other, and says them.
    pub(super) fn say_lines(mut self, said: Vec<Said>) -> Self {
        self.blocks.extend(lines(&said));
        self.sentence.extend(said);
        self
    }

    /// Says something that what is shown says already.
    pub(super) fn tell(mut self, said: Said) -> Self {
        self.sentence.push(said);
        self
    }

    /// Shows something more.
    pub(super) fn show(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// Offers buttons.
    pub(super) fn offer(self, buttons: Vec<Button>) -> Self {
        self.show(Block::Actions(buttons))
    }

    pub(super) fn into_message(self) -> crate::message::Message {
        let sentence: Vec<&Said> = self.sentence.iter().collect();
        message(&sentence, self.blocks)
    }
}

fn invalid(error: &ParseError, text: &str) -> Reply {
    let words = words();
    let reply = Reply::default().say(words.say(&s::Invalid { problem: error.kind.to_string() }));
    let mut reply = reply.show(Block::preformatted(&error.caret(text)));
    let meant = error.did_you_mean.iter().map(|meant| words.say(&s::DidYouMean { words: meant.clone() }));
    let example = words.say(&s::Example { words: error.example.clone() });
    reply = reply.say_lines(meant.chain([example]).collect());
    reply.offer(vec![buttons::help(error.verb.map(gantry_commands::Verb::name))])
}

fn asked(choice: &Choice) -> Reply {
    let one = |(label, command): &(String, String)| Button::new(clean::line(label), command.clone());
    Reply::default()
        .say(words().say(&s::Choice { what: choice.what.to_owned() }))
        .offer(choice.choices.iter().map(one).collect())
}

fn preview(preview: &Preview) -> Reply {
    let words = words();
    let plan = &preview.planned.plan;
    let mut work = vec![plan::sum(plan, preview.key.env.as_str())];
    let after = &preview.planned.proposal.after;
    work.extend(plan::lines(plan, &|kind| preview.data.contains(kind)));
    work.extend(plan.cost.iter().map(|cost| cost::plan(cost, Some(after), preview.at)));
    work.extend(drift::of_plan(plan));
    let needs = people::needs(&preview.planned.terms);
    let policy = if needs.is_empty() { words.say(&s::PreviewFree {}) } else { words.say(&s::PreviewNeeds { needs }) };
    let held = preview.held.as_ref();
    let (again, do_it) = (format!("{} when free", preview.words), buttons::do_it(&preview.words));
    let end = (after.phase == Phase::Live).then(|| card::ends(after, preview.key.env.as_str()));
    Reply::default()
        .say(words.say(&s::PreviewHead { words: preview.words.clone() }))
        .say_lines(work)
        .say_lines(held.map(lock::holdup).into_iter().chain([policy]).chain(end).collect())
        .offer(vec![held.map_or(do_it, |_| buttons::when_free(&again))])
}

fn outputs(key: &EnvKey, outputs: &BTreeMap<String, String>, links: &BTreeMap<String, String>) -> Reply {
    let (env, project) = (key.env.to_string(), key.project.to_string());
    if outputs.is_empty() {
        return Reply::default().say(words().say(&s::OutputsNone { env, project }));
    }
    let head = words().say(&s::OutputsHead { env, project });
    Reply::default()
        .say(head)
        .say_lines(outcome::outputs(outputs, |value| links.get(value).cloned()))
        .offer(vec![buttons::status(key)])
}

fn history(history: &[HistoryLine], locks: &[LockEvent], kills: &[Event]) -> Reply {
    let words = words();
    if history.is_empty() && locks.is_empty() && kills.is_empty() {
        return Reply::default().say(words.say(&s::HistoryNone {}));
    }
    let line = |line: &HistoryLine| (line.at, history_line(line));
    let kill = |event: &Event| (event.at, record::line(event));
    let mut lines: Vec<_> =
        history.iter().map(line).chain(locks.iter().map(lock::line)).chain(kills.iter().map(kill)).collect();
    lines.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let lines = lines.into_iter().map(|(_, said)| said).collect();
    Reply::default().say(words.say(&s::HistoryHead {})).say_lines(lines)
}

/// An operation in a line.
pub(super) fn history_line(line: &HistoryLine) -> Said {
    words().say(&s::HistoryLine {
        at: words().time(line.at),
        op: line.op.to_string(),
        words: line.words.clone(),
        env: line.key.to_string(),
        state: words().state(line.state),
        by: line.by.user().map(ToString::to_string),
        bypassed: line.bypassed,
        because: line.because.clone(),
        releases: line.releases.clone(),
    })
}

fn logs(Logs { of, lines, follow }: &Logs) -> Reply {
    let reply = match lines.is_empty() {
        true => Reply::default().say(words().say(&s::LogsNone { of: of.clone() })),
        false => {
            Reply::default().say(words().say(&s::LogsHead { of: of.clone(), lines: lines.len() })).show(log(lines))
        }
    };
    let Some(Until { at, ends_by }) = follow else { return reply };
    let following = s::Following { of: of.clone(), until: words().time(*at), words: ends_by.clone() };
    reply.say(words().say(&following)).offer(vec![buttons::unfollow(ends_by)])
}

fn unfollowed(of: &str, some: bool) -> Reply {
    let of = of.to_owned();
    Reply::default().say(match some {
        true => words().say(&s::Unfollowed { of }),
        false => words().say(&s::NotFollowed { of }),
    })
}

/// Lines as they were written. The newest matter: what doesn't fit is left out at the top.
pub(super) fn log(lines: &[LogLine]) -> Block {
    let text = |line: &LogLine| format!("{} {} {}", line.at.strftime("%H:%M:%S"), line.task, clean::line(&line.text));
    let texts: Vec<String> = lines.iter().map(text).collect();
    Block::preformatted(&newest(&texts))
}

/// As many of the last lines as fit into a block, and how many came before.
fn newest(lines: &[String]) -> String {
    let most = crate::message::limit::SECTION - 100;
    let mut used = 0;
    let fitting = lines.iter().rev().take_while(|line| {
        used += gantry_templates::length(line) + 1;
        used <= most
    });
    let first = lines.len() - fitting.count();
    // One line that is too long by itself is cut by the message.
    let first = first.min(lines.len().saturating_sub(1));
    let left = (first > 0).then(|| gantry_templates::Mrkdwn::more(first, "line").to_string() + " before");
    left.into_iter().chain(lines[first..].iter().cloned()).collect::<Vec<_>>().join("\n")
}

fn whoami(me: &Whoami, incoming: &Incoming) -> Reply {
    let words = words();
    let who = s::Whoami { who: incoming.user.to_string(), handle: me.handle.clone(), zone: me.zone.clone() };
    let mut reply = Reply::default().say(words.say(&who));
    if me.standing != InWorkspace::Member {
        let gone = matches!(me.standing, InWorkspace::Bot | InWorkspace::Gone);
        reply = reply.say(words.say(&s::WhoamiOutsider { guest: me.standing == InWorkspace::Guest, gone }));
    }
    for Standing { project, groups, rules } in &me.projects {
        let groups = groups.iter().map(|group| format!("@{group}")).collect();
        let mut said = vec![words.say(&s::WhoamiGroups { project: project.to_string(), groups })];
        said.extend(rules.iter().map(|rule| {
            let environments = rule.environments.iter().map(|pattern| pattern.0.clone()).collect();
            let channels = rule.channels.iter().map(|channel| format!("#{channel}")).collect();
            words.say(&s::WhoamiMay { verbs: rule.verbs.clone(), environments, channels, line: rule.line })
        }));
        if rules.is_empty() {
            said.push(words.say(&s::WhoamiNothing {}));
        }
        reply = reply.say_lines(said);
    }
    let age = s::WhoamiAge { groups: duration(GROUPS_AGE), people: duration(PEOPLE_AGE) };
    reply.say(words.say(&age))
}

fn killed(killed: &Killed, key: &EnvKey) -> Reply {
    let said = match killed {
        Killed::Task(task) => words().say(&s::KilledTask { task: task.clone() }),
        Killed::Node(node, tasks) => words().say(&s::KilledNode { node: node.clone(), tasks: *tasks }),
    };
    Reply::default().say(said).offer(vec![buttons::status(key)])
}

fn reloaded(projects: &[ProjectName]) -> Reply {
    let projects: Vec<String> = projects.iter().map(ToString::to_string).collect();
    Reply::default().say(match projects.is_empty() {
        true => words().say(&s::ReloadedSame {}),
        false => words().say(&s::Reloaded { projects }),
    })
}

fn elsewhere(op: OpId, channel: &ChannelId) -> Reply {
    Reply::default().say(words().say(&s::ToldElsewhere { op: op.to_string(), place: channel.to_string() }))
}

fn noted(verb: &str, op: OpId) -> Reply {
    let said = words().say(&s::Noted { words: format!("{verb} {op}") });
    Reply::default().say(said)
}

/// Small print under an answer.
pub(super) fn foot(reply: Reply, said: &Said) -> Reply {
    reply.show(small(said))
}

/// A title.
pub(super) fn title(reply: Reply, said: &Said) -> Reply {
    reply.show(Block::Header(plain(said)))
}
