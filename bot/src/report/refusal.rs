//! Refusals: why not, and what to do instead.

use super::answer::Reply;
use super::voice::words;
use super::{lock, outcome};
use crate::directory::Standing;
use crate::handle::{No, Word};
use crate::message::Block;
use crate::platforms::Absent;
use crate::rights::{Helper, Refused as NoRight};
use gantry_engine::apply::NoPlan;
use gantry_engine::names::{EnvKey, ServiceName, UserId};
use gantry_engine::ports::{Finding, Findings};
use gantry_engine::project::Who;
use gantry_engine::propose::Refused;
use gantry_templates::{Said, sentences as s};

pub(super) fn refusal(no: &No, user: &UserId) -> Reply {
    let words = words();
    let reply = Reply::default();
    match no {
        No::Right(refused) => right(refused, user),
        No::Held { by, again } => lock::held(by, again),
        No::Plan(NoPlan::Held(by)) => reply.say(lock::holdup(by)),
        No::Lock(why) => lock::refused(why, user),
        No::Plan(NoPlan::Refused(why)) => reply.say(refused(why)),
        No::Plan(NoPlan::NoPlatform { platform, .. }) => {
            reply.say(words.say(&s::NoPlan { why: Absent::of(platform).to_string() }))
        }
        No::Absent(absent) => reply.say(words.say(&s::NoPlan { why: absent.to_string() })),
        No::Plan(NoPlan::Findings(findings)) => self::findings(findings),
        No::Plan(why) => reply.say(words.say(&s::NoPlan { why: why.to_string() })),
        No::Vote { op, why } => reply.say(words.say(&s::VoteVoid { op: op.to_string(), why: why.to_string() })),
        No::Unseen { op, changed } => {
            let (changed, example) = (*changed, format!("approve {op}"));
            reply.say(words.say(&s::VoteUnseen { op: op.to_string(), changed, words: example }))
        }
        No::Unannounced { channel } => reply.say(words.say(&s::Unannounced { channel: format!("#{channel}") })),
        No::TooLate { op, state, by } => {
            let decided = by.as_ref().map(|by| match by {
                Word::Approved(by) => words.say(&s::WasApproved { by: by.iter().map(ToString::to_string).collect() }),
                Word::Ended(by) => words.say(&s::WasEnded { by: by.to_string() }),
            });
            reply.say(words.say(&s::TooLate { op: op.to_string(), state: words.state(*state), decided }))
        }
        No::NotParked { op, state } => {
            reply.say(words.say(&s::NotParked { op: op.to_string(), state: words.state(*state) }))
        }
        No::NoOperation(Some(op)) => reply.say(words.say(&s::NoOperation { op: op.to_string() })),
        No::NoOperation(None) => reply.say(words.say(&s::WhichOperation { example: "approve op-17".to_owned() })),
        No::Missing { what, example } => reply
            .say(words.say(&s::Missing { what: (*what).to_owned() }))
            .say(words.say(&s::Example { words: example.clone() })),
        No::Elsewhere { what } => reply.say(words.say(&s::Elsewhere { what: what.clone() })),
        No::NotThere(key) => {
            let example = format!("provision {}", key.env);
            reply.say(words.say(&s::NotThere { env: key.to_string(), example }))
        }
        No::Stale { key, env } => {
            let living = env.as_deref();
            reply.say(words.say(&s::Stale {
                env: key.to_string(),
                gone: living.is_none(),
                owner: living.map(|env| env.owner.to_string()).unwrap_or_default(),
                at: living.and_then(|env| env.expiry).map(|at| words.time(at)),
            }))
        }
        No::NoSchedule(id) => {
            reply.say(words.say(&s::NoSchedule { id: id.to_string(), example: "schedules".to_owned() }))
        }
        No::NamesNoEnv => reply.say(words.say(&s::ScheduleNamesNoEnv {})),
        No::Unknown { what, why } => reply.say(words.say(&s::Unknown { what: what.clone(), why: why.clone() })),
        No::Broken => reply.say(words.say(&s::Broken {})),
        No::Interrupted { target, key } => reply.say(interrupted(target, key)),
        No::Platform(why) => reply.say(words.say(&s::PlatformCant { why: why.clone() })),
        No::Reload(findings) => reply.say(words.say(&s::BadProject {})).show(Block::preformatted(findings)),
    }
}

fn interrupted(target: &str, key: &EnvKey) -> Said {
    let (target, env, status) = (target.to_owned(), key.to_string(), format!("status {}", key.env));
    words().say(&s::KillInterrupted { target, env, words: status })
}

/// Everything that stands in the way at once, so that nobody mends one thing to meet the next.
fn findings(Findings(findings): &Findings) -> Reply {
    let words = words();
    let one =
        |Finding { what, remedy }: &Finding| words.say(&s::Finding { what: what.clone(), remedy: remedy.clone() });
    let head = words.say(&s::Findings { many: findings.len() > 1 });
    Reply::default().say(head).say_lines(outcome::folded(findings.iter().map(one).collect(), "finding"))
}

fn right(refused: &NoRight, user: &UserId) -> Reply {
    let words = words();
    let (who, verb) = (user.to_string(), refused.verb.clone());
    let env = refused.env.as_ref().map(ToString::to_string);
    let channels: Vec<String> = refused.elsewhere.iter().map(|channel| format!("#{channel}")).collect();
    let why = match (refused.standing, refused.rule) {
        (_, Some(line)) if !channels.is_empty() => words.say(&s::NotHere { who, verb, env, channels, line }),
        (Standing::Member, line) => words.say(&s::MayNot { who, verb, env, line }),
        (standing, _) => {
            let (guest, gone) = (standing == Standing::Guest, matches!(standing, Standing::Bot | Standing::Gone));
            let word = if guest { "guests" } else { "strangers" }.to_owned();
            words.say(&s::Outsider { who, verb, env, guest, gone, word })
        }
    };
    let who: Vec<String> = refused.helpers.iter().map(helper).collect();
    let reply = Reply::default().say(why);
    if who.is_empty() { reply } else { reply.say(words.say(&s::WhoCan { who })) }
}

/// By name and not by mention: nobody is called for what somebody else may not do.
fn helper(Helper { who, people }: &Helper) -> String {
    let name = match who {
        Who::Everyone => "everyone".to_owned(),
        Who::Guests => "guests".to_owned(),
        Who::Strangers => "strangers".to_owned(),
        Who::Group(group) => format!("@{group}"),
        Who::Person(person) => format!("@{person}"),
    };
    if people.is_empty() { name } else { format!("{name} ({})", people.join(", ")) }
}

/// Why a change can't be planned.
fn refused(why: &Refused) -> Said {
    let words = words();
    let names = |all: &[ServiceName]| all.iter().map(ToString::to_string).collect();
    match why {
        Refused::NoSuchEnvironment { project, env, known } => {
            let (project, env, known) = (project.to_string(), env.to_string(), known.clone());
            words.say(&s::NoEnvironment { project, env, known })
        }
        Refused::NoSuchService { project, service, known } => {
            let (project, service, known) = (project.to_string(), service.to_string(), names(known));
            words.say(&s::NoService { project, service, known })
        }
        Refused::NotRunning { service, env } => {
            let example = format!("deploy {service} to {env}");
            words.say(&s::NotRunning { service: service.to_string(), env: env.to_string(), example })
        }
        Refused::OneTaskPerVolume(service) => words.say(&s::OneTask { service: service.to_string() }),
        Refused::NoEarlierRelease { service, env } => {
            let example = format!("history {service} in {env}");
            words.say(&s::NoEarlier { service: service.to_string(), env: env.to_string(), example })
        }
        Refused::NoSuchRelease { service, release, known } => {
            let known = known.iter().map(ToString::to_string).collect();
            words.say(&s::NoRelease { service: service.to_string(), release: release.to_string(), known })
        }
        Refused::BeyondMaximum { env, latest } => {
            words.say(&s::Beyond { env: env.to_string(), latest: words.time(*latest) })
        }
        Refused::InThePast(at) => words.say(&s::Past { at: words.time(*at) }),
        Refused::NoEnd(env) => words.say(&s::NoEnd { env: env.to_string(), example: format!("extend {env} until ..") }),
        Refused::MustEnd { env, latest } => {
            let (latest, example) = (words.time(*latest), format!("extend {env} until .."));
            words.say(&s::MustEnd { env: env.to_string(), latest, example })
        }
        // The others begin with a word and tell no moment: the engine's own words read well.
        other => words.say(&s::NoPlan { why: other.to_string() }),
    }
}
