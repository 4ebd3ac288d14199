//! The test kit's sample project on a runtime of the test's own, played by the example's program.

use super::support::{Bed as Runtime, get_as, host};
use async_trait::async_trait;
use gantry_engine::environment::{Environment, ReleaseNo, Running};
use gantry_engine::names::{PlatformName, Version};
use gantry_engine::ports::Platform;
use gantry_engine::project::{HealthCheck, Project, Service, Template, TemplatePart};
use gantry_local::provider::Local;
use gantry_testkit::life::Edge;
use gantry_testkit::provider_suite::{Bed, Scene};
use gantry_testkit::sample;
use jiff::SignedDuration;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The daemon settles most things at once, so the suite needn't be as patient with it as with a cloud.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// A daemon and what is wanted of it.
pub(crate) struct LocalBed(pub(crate) Runtime);

/// A fresh daemon.
pub(crate) async fn bed() -> LocalBed {
    LocalBed(Runtime::new().await)
}

impl LocalBed {
    /// A platform that looks for programs in these folders.
    pub(crate) fn platform(&self, programs: Vec<PathBuf>) -> Local {
        Local::new(self.installation(), self.0.client.clone(), programs)
    }

    /// The folder with the example's program.
    pub(crate) fn programs() -> Vec<PathBuf> {
        vec![host().parent().unwrap().to_owned()]
    }
}

#[async_trait]
impl Bed for LocalBed {
    async fn client(&self) -> Arc<dyn Platform> {
        Arc::new(self.platform(Self::programs()))
    }

    fn environment(&self, scene: Scene) -> Option<Environment> {
        let name = if scene == Scene::Elsewhere { "elsewhere" } else { "dev" };
        let mut env = sample::environment(name, &platform_name(), &["db", "api", "web"]);
        for (name, running) in &mut env.services {
            play(name.as_str(), &mut running.service);
        }
        let web = env.services.get_mut(&sample::service_name("web"))?;
        let version = |web: &mut Running, version| (web.version, web.release) = (Version::new(version), ReleaseNo(2));
        match scene {
            Scene::Plain | Scene::Elsewhere => {}
            Scene::Changed => web.replicas = 3,
            Scene::Replaced => {
                web.service.host = Some("shop".to_owned());
                env.clusters.get_mut(&sample::cluster_name("a"))?.node.memory_mib *= 2;
            }
            Scene::Broken => version(web, "broken"),
            Scene::Slow => version(web, "slow"),
        }
        Some(env)
    }

    async fn wait(&self, again: Duration) {
        tokio::time::sleep(again.min(LONGEST_WAIT)).await;
    }

    /// Before an effect the daemon is killed, and the next call has to start another; after it the daemon dies by
    /// itself, with the change written down and not answered.
    fn fail_next(&self, edge: Edge) -> bool {
        match edge {
            Edge::Before => tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current().block_on(self.0.kill_daemon());
            }),
            Edge::After => self.0.arm("put"),
        }
        true
    }
}

pub(crate) fn platform_name() -> PlatformName {
    PlatformName::new(Local::NAME).unwrap()
}

/// The sample project, with programs that run here.
pub(crate) fn project() -> Project {
    let mut project = sample::project(&platform_name());
    for (name, service) in &mut project.services {
        play(name.as_str(), service);
    }
    project
}

/// Gives a service of the sample a program that runs here.
fn play(role: &str, service: &mut Service) {
    service.command = ["runtime_host", "example", role].map(str::to_owned).into();
    service.health = Some(HealthCheck {
        path: Some("/health".to_owned()),
        interval: SignedDuration::from_millis(200),
        timeout: SignedDuration::from_secs(2),
        healthy_after: 1,
        unhealthy_after: 3,
    });
    let address = |of: &str| {
        Template(vec![TemplatePart::Output { service: sample::service_name(of), output: "address".to_owned() }])
    };
    match role {
        "api" => drop(service.env.insert("DB_ADDRESS".to_owned(), address("db"))),
        "web" => drop(service.env.insert("API_ADDRESS".to_owned(), address("api"))),
        _ => {}
    }
}

/// What a browser gets at an address that is shown to people: by name, at the edge.
pub(crate) async fn page(url: &str) -> Option<String> {
    let (host, port) = url.strip_prefix("http://")?.trim_end_matches('/').rsplit_once(':')?;
    get_as(&format!("127.0.0.1:{port}"), host, "/").await
}
