//! What every platform and its drivers promise, as tests. Each case gets a [`Bed`]: an empty outside, and a way to be a
//! new client of it.
//!
//! Not here: what only one provider can promise. A provider runs the suite with one line, and gets one test per case:
//!
//! ```ignore
//! gantry_testkit::provider_suite!(bed());
//! ```
//!
//! Here `async fn bed() -> impl Bed`. Time passes through [`Bed::wait`] alone, so that a fake needs none of it.

mod cases;
mod walk;

pub use cases::*;
pub use walk::{How, Walk};

use crate::life::Edge;
use async_trait::async_trait;
use gantry_engine::environment::Environment;
use gantry_engine::names::InstallationId;
use gantry_engine::ports::Platform;
use std::sync::Arc;
use std::time::Duration;

/// A small environment in one of the states that the suite needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// At least one service that stands by itself; one with a volume, if the platform has such.
    Plain,
    /// [`Scene::Plain`], changed so that nothing has to be replaced (another number of tasks).
    Changed,
    /// [`Scene::Plain`], changed so that at least one resource has to be replaced. None where nothing ever is.
    Replaced,
    /// [`Scene::Plain`] with a version whose tasks die.
    Broken,
    /// [`Scene::Plain`] with a version that takes long, so that it can be ended on its way.
    Slow,
    /// Like [`Scene::Plain`], under another name.
    Elsewhere,
}

/// An outside to test on: empty at first, real or not.
#[async_trait]
pub trait Bed: Send + Sync {
    /// A client, as a new process would make one: it remembers nothing.
    async fn client(&self) -> Arc<dyn Platform>;

    /// The record for a scene; none where the platform can't show it (then what needs it isn't tested).
    fn environment(&self, scene: Scene) -> Option<Environment>;

    /// Lets time pass.
    async fn wait(&self, again: Duration);

    /// Makes the next effect fail on an edge; false where the outside can't be made to.
    fn fail_next(&self, _edge: Edge) -> bool {
        false
    }

    /// Which installation the suite is.
    fn installation(&self) -> InstallationId {
        InstallationId::new("suite")
    }
}

/// Makes one test per case. `$make` is a future that gives a [`Bed`] of its own.
#[macro_export]
macro_rules! provider_suite {
    ($make:expr) => {
        $crate::provider_suite!(@cases $make,
            what_is_lowered_is_served_and_settles
            an_environment_lives_and_goes
            data_goes_only_when_asked
            each_step_runs_twice
            each_step_is_taken_over_by_new_processes
            each_step_fails_and_is_repeated
            each_reply_is_lost_and_asked_for_again
            two_at_once_make_one
            nothing_is_removed_once_more
            reading_agrees
            others_are_left_alone
            a_change_in_place_keeps_id_and_outputs
            a_replacement_goes_by_the_rules
            a_broken_rollout_is_taken_back
            an_ended_put_tells_how_it_ended
        );
    };
    (@cases $make:expr, $($case:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            let bed = $make.await;
            $crate::provider_suite::$case(&bed).await;
        }
    )*};
}
