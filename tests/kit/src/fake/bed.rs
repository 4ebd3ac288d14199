//! The fake platform as a bed for the provider suite: time costs nothing, and effects fail when asked to.

use super::{FakeCloud, FakePlatform, Weather};
use crate::life::Edge;
use crate::provider_suite::{Bed, Scene};
use crate::sample;
use async_trait::async_trait;
use gantry_engine::environment::{Environment, ReleaseNo};
use gantry_engine::names::Version;
use gantry_engine::ports::Platform;
use gantry_engine::project::Protocol;
use std::sync::Arc;
use std::time::Duration;

/// A fresh fake cloud.
#[derive(Debug)]
pub struct FakeBed {
    /// The outside.
    pub cloud: FakeCloud,
}

impl FakeBed {
    /// A bed in some weather.
    #[must_use]
    pub fn new(weather: Weather) -> Self {
        Self { cloud: FakeCloud::new(weather) }
    }
}

impl Drop for FakeBed {
    /// Whatever a case was about: nothing was ever made twice.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.cloud.tally().duplicates, Vec::<String>::new(), "made twice");
        }
    }
}

#[async_trait]
impl Bed for FakeBed {
    async fn client(&self) -> Arc<dyn Platform> {
        Arc::new(FakePlatform::new(&self.cloud))
    }

    fn environment(&self, scene: Scene) -> Option<Environment> {
        let name = if scene == Scene::Elsewhere { "elsewhere" } else { "dev" };
        let mut env = sample::environment(name, &FakePlatform::platform_name(), &["db", "api", "web"]);
        let web = env.services.get_mut(&sample::service_name("web"))?;
        match scene {
            Scene::Plain | Scene::Elsewhere => {}
            Scene::Changed => web.replicas = 3,
            Scene::Replaced => {
                // A certificate and a record, made first; a balancer's scheme; and a disk, removed first.
                web.service.host = Some("shop".to_owned());
                web.service.ports.first_mut()?.protocol = Protocol::Tcp;
                env.clusters.get_mut(&sample::cluster_name("a"))?.node.memory_mib *= 2;
            }
            Scene::Broken | Scene::Slow => {
                web.version = Version::new(if scene == Scene::Slow { "stuck" } else { "broken" });
                web.release = ReleaseNo(2);
            }
        }
        Some(env)
    }

    async fn wait(&self, again: Duration) {
        self.cloud.pass(again);
    }

    fn fail_next(&self, edge: Edge) -> bool {
        self.cloud.fail_effect(0, edge);
        true
    }
}
