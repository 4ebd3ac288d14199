//! What a look may remember from the one before, and for how long.
//!
//! Only what is the same for everybody in the account, or can't change: nothing of what an environment is made of.

use gantry_engine::environment::{ReleaseNo, Running};
use gantry_engine::names::{EnvKey, ServiceName, Version};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long an answer of the account is good for: long enough for a plan and its second look, short enough that
/// somebody who mends a finding doesn't wait for it.
const GOOD_FOR: Duration = Duration::from_secs(300);
/// More answers than this are forgotten together.
const MOST: usize = 1_000;

/// Answers of an account, and images that releases were resolved to.
#[derive(Debug, Default)]
pub(super) struct Kept {
    answers: Mutex<BTreeMap<String, (Instant, String)>>,
    images: Mutex<BTreeMap<(EnvKey, ServiceName), (Resolved, String)>>,
}

/// What an image was resolved for: the same release of the same version from the same repository has the same digest
/// for ever, wherever the tag moves.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Resolved {
    incarnation: u32,
    release: ReleaseNo,
    version: Version,
    repository: Option<String>,
}

impl Resolved {
    fn of(incarnation: u32, running: &Running) -> Self {
        let Running { release, version, service, .. } = running;
        Self { incarnation, release: *release, version: version.clone(), repository: service.image.clone() }
    }
}

impl Kept {
    /// An answer that is still good.
    pub(super) fn answer(&self, question: &str) -> Option<String> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.get(question).filter(|(at, _)| at.elapsed() < GOOD_FOR).map(|(_, answer)| answer.clone())
    }

    /// Keeps an answer. Only good news: who mends what was found asks again at once.
    pub(super) fn keep(&self, question: &str, answer: &str) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= MOST {
            answers.clear();
        }
        answers.insert(question.to_owned(), (Instant::now(), answer.to_owned()));
    }

    /// The image of a release, if it was resolved before.
    pub(super) fn image(&self, key: &EnvKey, incarnation: u32, one: (&ServiceName, &Running)) -> Option<String> {
        let images = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        let (resolved, image) = images.get(&(key.clone(), one.0.clone()))?;
        (*resolved == Resolved::of(incarnation, one.1)).then(|| image.clone())
    }

    pub(super) fn keep_image(&self, key: &EnvKey, incarnation: u32, one: (&ServiceName, &Running), image: &str) {
        let mut images = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        images.insert((key.clone(), one.0.clone()), (Resolved::of(incarnation, one.1), image.to_owned()));
    }
}
