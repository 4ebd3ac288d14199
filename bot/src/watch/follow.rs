//! Following what a service's tasks write: new lines, some at a time, until its time is over or somebody says so.

use super::{Below, Watchers};
use crate::platforms::Absent;
use crate::report;
use gantry_engine::environment::Phase;
use gantry_engine::names::{ChannelId, EnvKey, ServiceName};
use gantry_engine::provider::{LogLine, LogQuery, ProviderError};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use tokio_util::sync::CancellationToken;

/// How often it looks.
const LOOK: SignedDuration = SignedDuration::from_secs(2);

/// New lines are posted at most this often: six messages a minute are as many as a channel bears.
const POST: SignedDuration = SignedDuration::from_secs(10);

/// Platforms collect what several tasks write, and not in order: so far back it is looked for lines that came late.
const LATE: SignedDuration = SignedDuration::from_secs(15);

/// At most so many lines are asked for at once.
const LINES: usize = 500;

/// What is followed, and where that is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Followed {
    /// In which channel.
    pub channel: ChannelId,
    /// Of which environment.
    pub key: EnvKey,
    /// Which service.
    pub service: ServiceName,
}

/// One follow.
#[derive(Debug, Clone)]
pub struct Follow {
    /// What is followed.
    pub what: Followed,
    /// What it is called (`web in dev`).
    pub of: String,
    /// Where new lines go.
    pub below: Below,
    /// What was shown already.
    pub shown: Vec<LogLine>,
    /// When it began, for lines from then on.
    pub from: Timestamp,
    /// When it ends.
    pub until: Timestamp,
}

/// Why a follow ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Its time is over.
    Time,
    /// Somebody said so.
    Word,
    /// This process ends.
    Restart,
    /// The environment is gone.
    Gone,
    /// The platform doesn't tell.
    Platform(String),
}

impl Watchers {
    pub(super) async fn follow_on(&self, follow: Follow, end: &CancellationToken) {
        let mut tail = Tail::new(follow.from, &follow.shown);
        let (mut number, mut fresh) = (1, Vec::new());
        let mut next = follow.from.saturating_add(POST).unwrap_or(Timestamp::MAX);
        loop {
            let mut ended = tokio::select! {
                biased;
                () = self.stop.cancelled() => Some(Ended::Restart),
                () = end.cancelled() => Some(Ended::Word),
                () = self.sleep(LOOK) => None,
            };
            let now = self.engine.clock.now();
            if ended.is_none() {
                let written = tokio::select! {
                    () = self.stop.cancelled() => Err(Some(Ended::Restart)),
                    written = self.written(&follow.what, tail.since()) => written,
                };
                match written {
                    Ok(lines) => fresh.extend(tail.fresh(lines)),
                    Err(why) => ended = why,
                }
            }
            ended = ended.or((now >= follow.until).then_some(Ended::Time));
            if ended.is_some() || (!fresh.is_empty() && now >= next) {
                let key = format!("follow/{}/{number}", follow.below.delivery);
                let body = report::followed(&follow, &fresh, ended.as_ref());
                // What can't be stored now is tried again with the next lines.
                if self.post(follow.below.draft(key, body)).await {
                    fresh.clear();
                    number += 1;
                }
                next = now.saturating_add(POST).unwrap_or(Timestamp::MAX);
            }
            if ended.is_some() {
                return;
            }
        }
    }

    /// What was written since; or why that can't be told any more, if it can't.
    async fn written(&self, what: &Followed, since: Timestamp) -> Result<Vec<LogLine>, Option<Ended>> {
        let env = match self.engine.store.environment(&what.key).await {
            Ok(Some(env)) if env.phase == Phase::Live => env,
            Ok(_) => return Err(Some(Ended::Gone)),
            // The next look may tell.
            Err(_) => return Err(None),
        };
        let Some(platform) = self.engine.platform(&env) else {
            return Err(Some(Ended::Platform(Absent::of(&env.platform).to_string())));
        };
        let query = LogQuery { service: what.service.clone(), since: Some(since), lines: LINES };
        platform.logs(&what.key, &query).await.map_err(|error| match error {
            ProviderError::NotYet(_) | ProviderError::Throttled { .. } | ProviderError::Transient(_) => None,
            error => Some(Ended::Platform(error.to_string())),
        })
    }
}

/// What was seen already, as far back as it may come again. Pure.
struct Tail {
    newest: Timestamp,
    /// Two tasks' equal lines of one moment are two lines.
    seen: BTreeMap<(Timestamp, String, String), usize>,
}

impl Tail {
    fn new(from: Timestamp, shown: &[LogLine]) -> Self {
        let mut tail = Self { newest: from, seen: BTreeMap::new() };
        tail.newest = shown.iter().map(|line| line.at).max().unwrap_or(from).max(from);
        for line in shown {
            *tail.seen.entry(named(line)).or_default() += 1;
        }
        tail
    }

    /// From when on it has to be looked.
    fn since(&self) -> Timestamp {
        self.newest.saturating_sub(LATE).unwrap_or(Timestamp::MIN)
    }

    /// The lines that weren't seen before.
    fn fresh(&mut self, lines: Vec<LogLine>) -> Vec<LogLine> {
        let mut now: BTreeMap<_, usize> = BTreeMap::new();
        let mut fresh = Vec::new();
        for line in lines {
            let count = now.entry(named(&line)).or_default();
            *count += 1;
            if *count > self.seen.get(&named(&line)).copied().unwrap_or(0) {
                self.newest = self.newest.max(line.at);
                fresh.push(line);
            }
        }
        for (line, count) in now {
            let seen = self.seen.entry(line).or_default();
            *seen = count.max(*seen);
        }
        let since = self.since();
        self.seen.retain(|(at, _, _), _| *at >= since);
        fresh
    }
}

fn named(line: &LogLine) -> (Timestamp, String, String) {
    (line.at, line.task.clone(), line.text.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(second: i64, task: &str, text: &str) -> LogLine {
        let at = Timestamp::from_second(second).unwrap();
        LogLine { at, task: task.to_owned(), text: text.to_owned() }
    }

    fn texts(lines: Vec<LogLine>) -> Vec<String> {
        lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn each_line_comes_once_however_late() {
        let mut tail = Tail::new(Timestamp::from_second(100).unwrap(), &[line(99, "web-1", "shown")]);
        let first = vec![line(99, "web-1", "shown"), line(101, "web-1", "a"), line(101, "web-1", "a")];
        assert_eq!(texts(tail.fresh(first.clone())), ["a", "a"], "the same words twice are two lines");
        let late = [first, vec![line(100, "web-2", "late"), line(103, "web-1", "b")]].concat();
        assert_eq!(texts(tail.fresh(late.clone())), ["late", "b"]);
        assert_eq!(texts(tail.fresh(late)), [""; 0]);
        assert_eq!(tail.since(), Timestamp::from_second(103 - 15).unwrap());
    }

    #[test]
    fn what_is_too_old_to_come_again_is_forgotten() {
        let mut tail = Tail::new(Timestamp::from_second(0).unwrap(), &[]);
        for second in 0..1_000 {
            tail.fresh(vec![line(second, "web-1", "x")]);
        }
        assert!(tail.seen.len() <= 16, "{}", tail.seen.len());
    }
}
