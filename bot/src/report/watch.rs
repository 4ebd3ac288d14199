//! What watches tell: lines that are followed, and how a loss was got over.

use super::answer::{Reply, log};
use super::voice::{full, words};
use crate::message::{Body, MarkState};
use crate::watch::{Ended, Follow, Kill, Lack, Mended};
use gantry_engine::names::DeliveryId;
use gantry_engine::provider::{Killed, LogLine};
use gantry_templates::{Said, duration, sentences as s};

/// New lines of what is followed; at the end, why it ends.
pub(crate) fn followed(follow: &Follow, lines: &[LogLine], ended: Option<&Ended>) -> String {
    let mut reply = Reply::default();
    if !lines.is_empty() {
        let head = s::LogsHead { of: follow.of.clone(), lines: lines.len() };
        reply = reply.say(words().say(&head)).show(log(lines));
    }
    if let Some(ended) = ended {
        reply = reply.say(self::ended(follow.of.clone(), ended));
    }
    body(reply, &follow.below.delivery)
}

fn ended(of: String, ended: &Ended) -> Said {
    match ended {
        Ended::Time => words().say(&s::FollowedTime { of }),
        Ended::Word => words().say(&s::FollowedWord { of }),
        Ended::Restart => words().say(&s::FollowedRestart { of }),
        Ended::Gone => words().say(&s::FollowedGone { of }),
        Ended::Platform(why) => words().say(&s::FollowedPlatform { of, why: why.clone() }),
    }
}

/// How a loss was got over.
pub(crate) fn mended(mended: &Mended, delivery: &DeliveryId) -> String {
    let words = words();
    let (Killed::Task(target) | Killed::Node(target, _)) = mended.killed.clone();
    let (env, took, lost) = (mended.key.env.to_string(), duration(mended.took), mended.lost);
    let head = match mended.well {
        true => words.say(&s::MendedWell { env, target, took, lost }),
        false => {
            let again = format!("status {}", full(&mended.key));
            words.say(&s::MendedUnwell { env, target, took, lost, words: again })
        }
    };
    let mut said: Vec<Said> = Vec::new();
    for (service, Lack { least, wanted, time }) in &mended.services {
        let (service, short) = (service.to_string(), duration(*time));
        said.push(words.say(&s::MendedService { service, least: *least, wanted: *wanted, short }));
    }
    if said.is_empty() {
        said.push(words.say(&s::MendedUnfelt {}));
    }
    for (cluster, Lack { least, wanted, time }) in &mended.clusters {
        let (cluster, short) = (cluster.to_string(), duration(*time));
        said.push(words.say(&s::MendedCluster { cluster, least: *least, wanted: *wanted, short }));
    }
    body(Reply::default().say(head).say_lines(said), delivery)
}

/// Nobody looks any more how a loss is got over.
pub(crate) fn unwatched(Kill { key, killed, below, .. }: &Kill) -> String {
    let (Killed::Task(target) | Killed::Node(target, _)) = killed.clone();
    let (env, again) = (key.env.to_string(), format!("status {}", full(key)));
    let said = words().say(&s::MendedRestart { env, target, words: again });
    body(Reply::default().say(said), &below.delivery)
}

fn body(reply: Reply, delivery: &DeliveryId) -> String {
    Body::new(MarkState::Note, Some(delivery.clone()), reply.into_message()).to_json()
}
