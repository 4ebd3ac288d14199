//! What goes on after an answer, as people read it.

use super::journals::*;
use super::transcript::transcript;
use crate::report::{followed, mended, unwatched};
use crate::watch::{Below, Ended, Follow, Followed, Kill, Lack, Mended};
use gantry_engine::names::{ChannelId, ClusterName, DeliveryId, MessageTs};
use gantry_engine::ports::{PostDraft, Thread};
use gantry_engine::provider::{Killed, Live, LogLine};
use jiff::SignedDuration;

fn below() -> Below {
    let (delivery, channel) = (DeliveryId::new("Ev1"), ChannelId::new("C1"));
    Below { delivery, channel, thread: Thread::Under(MessageTs::new("17.1")) }
}

fn posts(bodies: impl IntoIterator<Item = String>) -> String {
    let drafts = bodies.into_iter().enumerate().map(|(n, body)| below().draft(format!("watch/{n}"), body));
    transcript(&drafts.collect::<Vec<PostDraft>>())
}

#[test]
fn lines_that_are_followed() {
    let what = Followed { channel: ChannelId::new("C1"), key: key(), service: name("web") };
    let (of, below) = ("web in dev".to_owned(), below());
    let follow = Follow { what, of, below, shown: Vec::new(), from: start(), until: start() };
    let line = |text: &str| LogLine { at: start(), task: "web-1".to_owned(), text: text.to_owned() };
    let lines = [line("GET /"), line("<!here>")];
    let ends = [Ended::Time, Ended::Word, Ended::Restart, Ended::Gone, Ended::Platform("no `web` there".to_owned())];
    let told = ends.iter().map(|ended| followed(&follow, &[], Some(ended)));
    let both = followed(&follow, &lines, Some(&Ended::Time));
    insta::assert_snapshot!(posts([followed(&follow, &lines, None), both].into_iter().chain(told)));
}

#[test]
fn what_a_loss_came_to() {
    let lack = |least, seconds| Lack { least, wanted: 2, time: SignedDuration::from_secs(seconds) };
    let quick = Mended {
        key: key(),
        killed: Killed::Task("web-1".to_owned()),
        well: true,
        took: SignedDuration::from_secs(7),
        lost: 1,
        services: [].into(),
        clusters: [].into(),
    };
    let slow = Mended {
        killed: Killed::Node("a-1".to_owned(), 3),
        well: false,
        took: SignedDuration::from_mins(20),
        lost: 3,
        services: [(name("web"), lack(0, 9))].into(),
        clusters: [(ClusterName::new("a").unwrap(), lack(1, 1_200))].into(),
        ..quick.clone()
    };
    let (killed, before) = (Killed::Node("a-1".to_owned(), 3), Live::default());
    let kill = Kill { key: key(), killed, before, at: start(), below: below() };
    let told = [mended(&quick, &below().delivery), mended(&slow, &below().delivery), unwatched(&kill)];
    insta::assert_snapshot!(posts(told));
}
