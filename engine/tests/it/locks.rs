//! Locks: whose word counts, and what is due when.

use gantry_engine::lock::{ASK_BEFORE, ASK_EVERY, Lock, LockAsk, LockDue, LockRefused, LockWhat, Nag, Target, Want};
use gantry_engine::names::{ChannelId, DeliveryId, EnvKey, ServiceName, UserId};
use gantry_engine::ports::Thread;
use gantry_engine::project::Locking;
use jiff::{SignedDuration, Timestamp};

fn at(minutes: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
}

fn target(service: Option<&str>) -> Target {
    let key = EnvKey { project: "shop".parse().expect("a name"), env: "dev".parse().expect("a name") };
    Target { key, service: service.map(|name| ServiceName::new(name).expect("a name")) }
}

fn ask(service: Option<&str>, by: &str, minute: i64, want: Want) -> LockAsk {
    LockAsk {
        target: target(service),
        by: UserId::new(by),
        want,
        channel: ChannelId::new("C1"),
        thread: Thread::None,
        delivery: DeliveryId::new(format!("{by}-{minute}")),
        at: at(minute),
    }
}

fn want(until: Option<i64>, steal: bool) -> Want {
    Want::Lock { until: until.map(at), because: "a demo".to_owned(), steal }
}

fn lock(service: Option<&str>, by: &str, until: Option<i64>) -> Lock {
    let taken = ask(service, by, 0, want(until, false)).decide(&[], &Locking::default());
    taken.expect("nobody holds it").to.expect("a lock")
}

fn what(service: Option<&str>, by: &str, wanted: Want, held: &[Lock]) -> Result<LockWhat, LockRefused> {
    ask(service, by, 30, wanted).decide(held, &Locking::default()).map(|change| change.event.what)
}

#[test]
fn whose_word_counts() {
    let held = [lock(Some("web"), "A", Some(60))];
    let taken = || Err(LockRefused::Held(Box::new(held[0].clone())));
    let unlock = || Want::Unlock { because: None };
    assert_eq!(what(Some("web"), "A", want(Some(90), false), &held), Ok(LockWhat::Moved));
    assert_eq!(what(Some("web"), "B", want(None, false), &held), taken());
    assert_eq!(what(None, "B", want(None, false), &held), taken(), "all of it has the service in it");
    assert_eq!(what(None, "B", want(None, true), &held), taken(), "only what is named is taken over");
    assert_eq!(what(Some("api"), "B", want(None, false), &held), Ok(LockWhat::Taken));
    assert_eq!(what(Some("web"), "B", want(None, true), &held), Ok(LockWhat::Stolen { from: UserId::new("A") }));
    assert_eq!(what(Some("web"), "B", unlock(), &held), taken());
    assert_eq!(what(Some("web"), "A", unlock(), &held), Ok(LockWhat::Released));
    assert_eq!(what(None, "A", unlock(), &held), Err(LockRefused::NotLocked(target(None))));
    let over = [lock(Some("web"), "A", Some(30))];
    assert_eq!(what(Some("web"), "B", want(None, false), &over), Ok(LockWhat::Taken), "what is over holds nothing");
    assert_eq!(what(Some("web"), "A", unlock(), &over), Err(LockRefused::NotLocked(target(Some("web")))));
}

#[test]
fn the_longest_counts_from_when_it_was_taken() {
    let limits = Locking::default();
    let held = [lock(None, "A", None)];
    assert_eq!(held[0].until, Timestamp::UNIX_EPOCH + limits.length);
    let longest = Timestamp::UNIX_EPOCH + limits.max;
    let minutes = limits.max.as_secs() / 60;
    let moved = |until| ask(None, "A", 60, want(Some(until), false)).decide(&held, &limits);
    assert_eq!(moved(minutes).unwrap().to.unwrap().until, longest);
    assert_eq!(moved(minutes + 1), Err(LockRefused::TooLong { target: target(None), latest: longest }));
    let late = ask(None, "A", minutes - 1, want(None, false));
    let held = [Lock { until: longest, ..held[0].clone() }];
    assert_eq!(late.decide(&held, &limits).unwrap().to.unwrap().until, longest, "as long as it can be");
}

#[test]
fn holders_are_asked_before_the_end_and_when_it_is_long() {
    let long = lock(None, "A", Some(24 * 60));
    let nags = |minute| match long.due(at(minute)) {
        LockDue::Held { nags, until } => (nags, until),
        LockDue::End => panic!("over"),
    };
    assert_eq!(nags(1), (vec![], at(0) + ASK_EVERY));
    assert_eq!(nags(8 * 60), (vec![Nag::Long(ASK_EVERY)], at(0) + ASK_EVERY * 2));
    assert_eq!(nags(16 * 60 + 5).0, [Nag::Long(ASK_EVERY * 2)], "only the newest round");
    assert_eq!(nags(16 * 60 + 5).1, at(24 * 60) - ASK_BEFORE);
    assert_eq!(nags(23 * 60 + 55), (vec![Nag::Long(ASK_EVERY * 2), Nag::Ending], at(24 * 60)));
    assert_eq!(long.due(at(24 * 60)), LockDue::End);
    let short = lock(None, "A", Some(12));
    assert_eq!(short.due(at(3)), LockDue::Held { nags: vec![], until: at(12) }, "who locks briefly isn't asked");
}

/// Whatever is due at some time says when to look again, and nothing new is due before then.
#[test]
fn looking_when_told_misses_nothing() {
    for length in [5, 12, 14, 60, 600, 3 * 24 * 60] {
        let lock = lock(None, "A", Some(length));
        let mut minute = 0;
        while let LockDue::Held { nags, until } = lock.due(at(minute)) {
            let next = until.duration_since(at(0)).as_secs() / 60;
            assert!(next > minute, "it goes on");
            for between in minute..next {
                assert_eq!(lock.due(at(between)), LockDue::Held { nags: nags.clone(), until }, "{length} {between}");
            }
            minute = next;
        }
    }
}
