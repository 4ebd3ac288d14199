//! From a journal to messages: a pure function. The card is the operation as it is now; milestones are its entries that
//! were not reported yet, each as things stood then.

use super::{card, milestone};
use crate::message::{About, Body};
use gantry_engine::address::Kind;
use gantry_engine::change::Actor;
use gantry_engine::environment::{Environment, Phase};
use gantry_engine::journal::{Entry, Illegal, Operation, Stamped};
use gantry_engine::ports::{OpRecord, Platform, Platforms, PostDraft, PostKey, Thread};
use gantry_engine::undo::leaves_something;
use jiff::{SignedDuration, Timestamp};

/// What a projection needs besides the journal.
#[derive(Clone, Default)]
pub struct ReportContext {
    /// The environment's record as it is now.
    pub env: Option<Environment>,
    /// The platforms, for what they know without asking anybody: which kinds hold data, and where outputs can be seen.
    pub platforms: Platforms,
    /// Whether something was done in the environment since, so that what ended in the middle can't be taken back or gone on
    /// with any more.
    pub moved_on: bool,
}

impl ReportContext {
    /// The record, if the environment lives.
    pub(super) fn living(&self) -> Option<&Environment> {
        self.env.as_ref().filter(|env| env.phase == Phase::Live)
    }

    /// Whether an operation that ended in the middle can be taken back, or gone on with.
    pub(super) fn can_go_back(&self, op: &Operation) -> bool {
        !self.moved_on && op.request.by != Actor::Schedule && leaves_something(op)
    }

    fn platform(&self, op: &Operation) -> Option<&dyn Platform> {
        let delta = &op.plan.delta;
        let record = delta.birth.as_deref().or(self.env.as_ref()).map(|env| &env.platform);
        self.platforms.get(op.plan.platform.as_ref().or(record)?).map(AsRef::as_ref)
    }

    /// Whether what an operation deletes holds people's data.
    pub(super) fn holds_data(&self, op: &Operation, kind: &Kind) -> bool {
        self.platform(op).is_some_and(|platform| platform.rules().holds_data(kind))
    }

    /// Where an output of an operation can be looked at.
    pub(super) fn link(&self, op: &Operation, output: &str) -> Option<String> {
        self.platform(op)?.link(output)
    }
}

/// An operation with what only its journal tells.
pub(super) struct Told<'a> {
    pub(super) op: &'a Operation,
    /// When it began to run.
    pub(super) admitted: Option<Timestamp>,
    /// Whether it had to wait for others.
    pub(super) waited: bool,
}

impl Told<'_> {
    /// How long its steps ran, up to its newest entry.
    pub(super) fn took(&self) -> Option<SignedDuration> {
        let since = self.admitted.filter(|_| !self.op.plan.is_empty())?;
        Some(self.op.at.duration_since(since))
    }
}

/// Where an operation's news is told.
pub(super) fn replies(record: &OpRecord) -> Thread {
    record.place.thread.clone().map_or_else(|| Thread::UnderPost(PostKey::card(record.id)), Thread::Under)
}

/// The messages about an operation: its card, and a reply for each unreported entry that is news.
///
/// # Errors
/// [`Illegal`] where the journal makes no sense.
pub fn project(journal: &[Stamped], record: &OpRecord, cx: &ReportContext) -> Result<Vec<PostDraft>, Illegal> {
    let (card, news) = tell(journal, record, record.reported, cx)?;
    let place = &record.place;
    let draft = |key, thread, body: Body| {
        let (channel, body) = (place.channel.clone(), body.about(About::Operation(record.id)));
        PostDraft { key, channel, thread, only_for: None, body: body.to_json() }
    };
    let (opens, replies) = (place.thread.clone().map_or(Thread::None, Thread::Under), replies(record));
    let mut posts = vec![draft(PostKey::card(record.id), opens, card)];
    let reply = |(stamped, body): (&Stamped, Body)| {
        draft(PostKey(format!("{}/{}", record.id, stamped.seq)), replies.clone(), body)
    };
    posts.extend(news.into_iter().map(reply));
    Ok(posts)
}

/// The card as it is now, and all news so far with their moments.
pub(super) fn retell(
    journal: &[Stamped],
    record: &OpRecord,
    cx: &ReportContext,
) -> Result<(Body, Vec<(Timestamp, Body)>), Illegal> {
    let (card, news) = tell(journal, record, 0, cx)?;
    Ok((card, news.into_iter().map(|(stamped, body)| (stamped.at, body)).collect()))
}

/// What is news, with the entries that it is about.
type News<'a> = Vec<(&'a Stamped, Body)>;

/// The card, and the news after an entry.
fn tell<'a>(
    journal: &'a [Stamped],
    record: &OpRecord,
    after: u64,
    cx: &ReportContext,
) -> Result<(Body, News<'a>), Illegal> {
    let (first, rest) = journal.split_at_checked(1).ok_or(Illegal { seq: 0, why: "an empty journal" })?;
    let mut op = Operation::fold(record.id, first)?;
    let (mut admitted, mut waited) = (None, false);
    let mut news = Vec::new();
    for stamped in rest {
        let parked = op.is_parked();
        op.apply(stamped)?;
        if matches!(stamped.entry, Entry::Admitted { .. }) {
            admitted = Some(stamped.at);
        }
        waited |= matches!(stamped.entry, Entry::Queued { .. } | Entry::Held { .. });
        if stamped.seq > after {
            let told = Told { op: &op, admitted, waited };
            news.extend(milestone::milestone(&told, stamped, parked, cx).map(|body| (stamped, body)));
        }
    }
    Ok((card::card(&Told { op: &op, admitted, waited }, cx), news))
}
