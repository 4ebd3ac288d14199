//! Approval races: a thousand seeded interleavings of people who approve, reject, cancel, click on old cards, click twice,
//! approve their own plans and change the project file meanwhile. Whatever happens, what runs was shown, and was approved as
//! it was shown by people who may, and each operation ends once.
//!
//! The bot's store and its cloud let others have a turn at each call, so that handlers and workers meet in every order.

use gantry::intake::{Incoming, Way};
use gantry::message::MarkState;
use gantry_engine::approval::Ballot;
use gantry_engine::journal::{Entry, Operation, Signal, Stamped, State};
use gantry_engine::names::{ChannelId, Digest, OpId, UserId};
use gantry_engine::ports::OpFilter;
use gantry_testkit::dice::Dice;
use gantry_testkit::life::Life;
use gantry_tests::booth::{Booth, Cast};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// So many seeds share a bot; each has an environment of its own.
const TOGETHER: u64 = 25;

const REQUESTER: &str = "U0REQUESTER";
const STRANGER: &str = "U0STRANGER";
/// The requester is a member, too: that must not help.
const PLATFORM: [&str; 3] = ["U0ALICE", "U0BOB", REQUESTER];
const SECURITY: [&str; 1] = ["U0CAROL"];
const EVERYBODY: [&str; 5] = ["U0ALICE", "U0BOB", "U0CAROL", REQUESTER, STRANGER];

const PROJECT: &str = r#"
version = 1

[project]
name = "race"

[clusters.a]
nodes = 1

[environments."own-*"]
platform = "local"
approval = "confirm"

[environments."one-*"]
platform = "local"
approval = { votes = 1, from = "@platform" }

[environments."two-*"]
platform = "local"
approval = { votes = 2, from = ["@platform", "@security"] }

[[allow]]
who = ["everyone", "@platform", "@security"]
verbs = ["*"]
"#;

/// A click on a button that decides.
struct Click {
    who: &'static str,
    ballot: Ballot,
    /// What the button carried.
    digest: Digest,
}

/// One race.
struct Race<'b> {
    booth: &'b Booth,
    dice: Dice,
    seed: u64,
    env: String,
    op: OpId,
    /// How much the bot had said before.
    before: usize,
    said: u64,
    clicks: BTreeMap<String, Click>,
}

impl<'b> Race<'b> {
    async fn begin(booth: &'b Booth, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let kind = ["own", "one", "two", "two"][usize::try_from(dice.below(4)).unwrap()];
        let env = format!("{kind}-{seed}");
        let (op, before) = (OpId(0), booth.noted());
        let mut race = Self { booth, dice, seed, env, op, before, said: 0, clicks: BTreeMap::new() };
        race.say(REQUESTER, &format!("provision {}", race.env), Way::Command, None).await;
        race.settle().await;
        race.op = race.booth.store.operations(&OpFilter::default()).await.unwrap()[0].id;
        race
    }

    /// Each word has a channel of its own, so that all are handled side by side.
    async fn say(&mut self, who: &str, text: &str, way: Way, digest: Option<Digest>) -> String {
        self.said += 1;
        let id = format!("{}-{}", self.seed, self.said);
        let channel = ChannelId::new(format!("C{}", self.said));
        let incoming = Incoming {
            way,
            user: UserId::new(who),
            channel,
            thread: None,
            text: text.to_owned(),
            digest,
            scheduled: None,
        };
        self.booth.hear(&id, &incoming).await;
        if self.dice.percent(20) {
            // Slack asks again when it hears nothing.
            self.booth.hear(&id, &incoming).await;
        }
        for _ in 0..self.dice.below(30) {
            tokio::task::yield_now().await;
        }
        id
    }

    async fn click(&mut self, who: &'static str, ballot: Ballot, digest: &Digest) {
        let word = if ballot == Ballot::Approve { "approve" } else { "reject" };
        let id = self.say(who, &format!("{word} {}", self.op), Way::Click, Some(digest.clone())).await;
        self.clicks.insert(id, Click { who, ballot, digest: digest.clone() });
    }

    fn one_of(&mut self, people: &[&'static str]) -> &'static str {
        people[usize::try_from(self.dice.below(people.len() as u64)).unwrap()]
    }

    /// Something that somebody does.
    async fn deed(&mut self, shown: &Digest) {
        match self.dice.below(20) {
            0..=9 => {
                let who = self.one_of(&EVERYBODY);
                self.click(who, Ballot::Approve, shown).await;
            }
            10 | 11 => {
                let who = self.one_of(&EVERYBODY);
                self.click(who, Ballot::Reject, shown).await;
            }
            12 | 13 => {
                let who = self.one_of(&EVERYBODY);
                self.say(who, &format!("cancel {}", self.op), Way::Command, None).await;
            }
            14 | 15 => {
                self.booth.edit(&format!("# {}\n{PROJECT}", self.dice.roll()));
                self.say(STRANGER, "reload", Way::Command, None).await;
            }
            16 => {
                if let Some(deadline) = self.operation().await.deadline {
                    self.booth.clock.set(deadline);
                }
            }
            _ => {
                for who in ["U0ALICE", "U0BOB"] {
                    self.click(who, Ballot::Approve, shown).await;
                }
            }
        }
    }

    async fn journal(&self) -> Vec<Stamped> {
        self.booth.store.history(self.op, 0).await.unwrap()
    }

    async fn operation(&self) -> Operation {
        Operation::fold(self.op, &self.journal().await).unwrap()
    }

    /// What the newest card's button carries; none where the card has no such button.
    fn shown(&self) -> Option<Digest> {
        let value = format!("|approve {}", self.op);
        let buttons = |note: &gantry_tests::booth::Note| -> Vec<String> {
            let elements = note.blocks.iter().filter_map(|block| block["elements"].as_array()).flatten();
            elements.filter_map(|button| button["value"].as_str()).map(str::to_owned).collect()
        };
        let cards = self.booth.notes_after(self.before);
        cards.iter().rev().flat_map(buttons).find_map(|found| found.strip_suffix(&value).map(Digest::new))
    }

    /// Lets time pass until all is told and nothing moves but people.
    async fn settle(&self) {
        let still = |state: State| matches!(state, State::Voting | State::Parked);
        let open = OpFilter { open: true, ..OpFilter::default() };
        let quiet = async {
            loop {
                let store = &self.booth.store;
                let undone = store.unhandled(1).await.unwrap().len() + store.unsent(1).await.unwrap().len();
                let all = store.operations(&open).await.unwrap().iter().all(|op| still(op.state));
                if undone + store.unreported().await.unwrap().len() == 0 && all {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        self.booth.clock.run(quiet).await;
    }

    /// Runs the race to its end.
    async fn run(&mut self) {
        let first = self.shown().expect("people are asked");
        for _ in 0..2 + self.dice.below(5) {
            self.deed(&first).await;
        }
        self.settle().await;
        if self.operation().await.state() == State::Voting {
            // Whatever is shown now, some still have the first card before them.
            let shown = self.shown().expect("people are asked");
            for _ in 0..1 + self.dice.below(4) {
                let digest = if self.dice.percent(50) { first.clone() } else { shown.clone() };
                let who = self.one_of(&EVERYBODY);
                self.click(who, Ballot::Approve, &digest).await;
            }
            self.settle().await;
        }
        if self.operation().await.outcome.is_none() {
            self.say(REQUESTER, &format!("cancel {}", self.op), Way::Command, None).await;
            self.settle().await;
        }
    }

    /// What has to hold of every race.
    async fn check(&self, tally: &mut BTreeMap<&'static str, u32>) {
        let seed = self.seed;
        let journal = self.journal().await;
        let op = self.operation().await;
        let is = |is: fn(&Entry) -> bool| journal.iter().filter(move |stamped| is(&stamped.entry));
        assert_eq!(is(|entry| matches!(entry, Entry::Closed(_))).count(), 1, "seed {seed}: one end");
        let admitted: Vec<&Stamped> = is(|entry| matches!(entry, Entry::Admitted { .. })).collect();
        assert!(admitted.len() <= 1, "seed {seed}: one admission");
        *tally.entry(op.state().as_str()).or_default() += 1;
        self.everybody_was_answered_once();
        let Some(admitted) = admitted.first() else {
            assert!(op.standing().created.is_empty(), "seed {seed}: nothing was made");
            assert!(!is(|entry| matches!(entry, Entry::Started { .. })).any(|_| true), "seed {seed}: nothing ran");
            return;
        };
        let before = |stamped: &&Stamped| stamped.seq < admitted.seq;
        let cancel = |entry: &Entry| matches!(entry, Entry::Signalled { signal: Signal::Cancel, .. });
        assert!(!journal.iter().filter(before).any(|s| cancel(&s.entry)), "seed {seed}: it was cancelled before");
        self.was_shown_and_approved(&journal, admitted.seq);
    }

    /// What was admitted is what people saw and clicked on, by this test's own book: not by the journal's votes.
    fn was_shown_and_approved(&self, journal: &[Stamped], admitted: u64) {
        let seed = self.seed;
        let asked = |stamped: &&Stamped| {
            stamped.seq < admitted && matches!(stamped.entry, Entry::Proposed { .. } | Entry::Replanned { .. })
        };
        let last = journal.iter().rfind(asked).expect("it was proposed").seq;
        let then = Operation::fold(self.op, &journal[..usize::try_from(last).unwrap()]).unwrap();
        let motion = then.motion().digest();
        let short = then.digest.short();
        let shown = self.booth.notes_after(self.before).into_iter().any(|note| {
            let blocks = serde_json::Value::Array(note.blocks).to_string();
            blocks.contains(&format!("{motion}|approve")) && blocks.contains(short)
        });
        assert!(shown, "seed {seed}: what runs was never shown");
        let of = |ballot| {
            let mine = self.clicks.values().filter(move |click| click.ballot == ballot && click.digest == motion);
            mine.map(|click| click.who).collect::<BTreeSet<_>>()
        };
        let approved = of(Ballot::Approve);
        let members = approved.iter().filter(|who| **who != REQUESTER && **who != STRANGER);
        let enough = match self.env.split('-').next().unwrap() {
            "own" => approved.contains(REQUESTER),
            "one" => members.filter(|who| PLATFORM.contains(*who)).count() >= 1,
            _ => members.filter(|who| PLATFORM.contains(*who) || SECURITY.contains(*who)).count() >= 2,
        };
        assert!(enough, "seed {seed}: {} ran with the word of {approved:?} alone", self.env);
    }

    fn everybody_was_answered_once(&self) {
        let mut answers: BTreeMap<String, Vec<MarkState>> = BTreeMap::new();
        for note in self.booth.notes_after(self.before) {
            if let Some(delivery) = note.mark.delivery.filter(|_| note.mark.version == 1) {
                answers.entry(delivery.to_string()).or_default().push(note.mark.state);
            }
        }
        for (id, click) in &self.clicks {
            let seed = self.seed;
            let [answer] = answers[id][..] else { panic!("seed {seed}: {id} has the answers {:?}", answers[id]) };
            assert!(matches!(answer, MarkState::Answered | MarkState::Refused), "seed {seed}: {answer:?}");
            let may = match self.env.starts_with("own") {
                true => click.who == REQUESTER,
                false => click.who != STRANGER && (click.who != REQUESTER || click.ballot == Ballot::Reject),
            };
            assert!(may || answer == MarkState::Refused, "seed {seed}: {} may not {:?}", click.who, click.ballot);
        }
    }
}

async fn races_have_one_winner_each(seeds: Range<u64>) {
    let mut tally = BTreeMap::new();
    for first in seeds.step_by(usize::try_from(TOGETHER).unwrap()) {
        let life = Life::wandering();
        let groups = vec![("platform", PLATFORM.as_slice()), ("security", SECURITY.as_slice())];
        let booth =
            Booth::with(Cast { project: PROJECT.to_owned(), groups, life: life.clone(), ..Cast::default() }).await;
        for seed in first..first + TOGETHER {
            life.seed(seed << 32);
            let mut race = Race::begin(&booth, seed).await;
            race.run().await;
            race.check(&mut tally).await;
        }
        booth.close().await;
    }
    // If nothing else ever happened, nothing would have been tried.
    for outcome in ["succeeded", "rejected", "cancelled", "expired"] {
        assert!(tally.get(outcome).is_some_and(|times| *times > 2), "{tally:?}");
    }
}

/// In parts, so that they can run side by side.
macro_rules! races {
    ($($name:ident => $seeds:expr,)+) => {$(
        #[tokio::test]
        async fn $name() {
            races_have_one_winner_each($seeds).await;
        }
    )+};
}

races! {
    a_thousand_races_have_one_winner_each => 0..200,
    a_thousand_races_have_one_winner_each_2 => 200..400,
    a_thousand_races_have_one_winner_each_3 => 400..600,
    a_thousand_races_have_one_winner_each_4 => 600..800,
    a_thousand_races_have_one_winner_each_5 => 800..1_000,
}
