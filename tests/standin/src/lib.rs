//! Starts the stand-in for AWS (the Python package beside this) and talks to its own interface, for tests.
//!
//! Blocking, and without a runtime: what is asked here are a few quick questions on the loopback address, and a process
//! that outlives one test's runtime can serve the next test. What the product asks of AWS goes through the product.

mod line;
mod process;
mod venv;

use line::Line;
use process::Process;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The zone that the example's public names stand in.
pub const ZONE: &str = "example.com";

/// What sort of image manifests the example's are.
const MEDIA: &str = "application/vnd.docker.distribution.manifest.v2+json";

/// How a stand-in is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Its seconds per second of ours.
    pub scale: f64,
    /// Of all its dice.
    pub seed: u64,
    /// Whose account it is.
    pub account: String,
}

impl Default for Options {
    fn default() -> Self {
        Self { scale: 100.0, seed: 0, account: "111122223333".to_owned() }
    }
}

/// A call that it was asked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Call {
    /// From 1.
    pub n: u64,
    /// The service, as its credentials' scope says it: `ec2`, `elasticloadbalancing`.
    pub service: String,
    /// The action: `CreateVpc`.
    pub action: String,
    /// The error code that it answered with, if it was one.
    pub code: Option<String>,
    /// The fault that a test had asked for, if one came over it.
    pub fault: Option<String>,
    /// Whether the action is one that changes something.
    pub mutating: bool,
    /// The id of the key that it was signed with: who asked.
    pub key: String,
}

/// A resource that is there, as AWS would know it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Thing {
    /// Of which service.
    pub service: String,
    /// What: `vpc`.
    #[serde(rename = "type")]
    pub sort: String,
    /// AWS's own id.
    pub id: String,
    /// How it is, in AWS's words.
    #[serde(default)]
    pub state: Option<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Whether AWS only still shows it.
    #[serde(default)]
    pub gone: bool,
    /// Everything else that it tells.
    #[serde(flatten)]
    pub more: BTreeMap<String, Json>,
}

/// Processes that no test needs at the moment: starting one takes seconds, a new world in one takes none.
static IDLE: Mutex<Vec<(Options, Process)>> = Mutex::new(Vec::new());

/// A stand-in for AWS with a world of its own. Dropped, it waits for the next test; with the test's process it ends.
#[derive(Debug)]
pub struct Standin {
    options: Options,
    url: String,
    line: Line,
    /// None: somebody else holds it.
    process: Option<Process>,
}

/// A program of other people's that `requirements-tools.txt` beside this pins: `aws` (the AWS CLI), `ecs` (fabfuel's
/// ecs-deploy). The first time it is installed.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    venv::program(Path::new(env!("CARGO_MANIFEST_DIR")), name)
}

impl Standin {
    /// A stand-in with an empty world: one that is idle, or a new one.
    ///
    /// # Panics
    /// If it can't be started: then no test of it can run.
    #[must_use]
    pub fn start(options: Options) -> Self {
        let idle = {
            let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
            idle.iter().position(|(its, _)| *its == options).map(|at| idle.swap_remove(at).1)
        };
        let process = idle.unwrap_or_else(|| Process::start(&options));
        let standin = Self { options, url: process.url().to_owned(), line: Line::default(), process: Some(process) };
        standin.post("reset", &json!({}));
        standin
    }

    /// One that another process started and holds.
    #[must_use]
    pub fn at(url: impl Into<String>, options: Options) -> Self {
        Self { options, url: url.into(), line: Line::default(), process: None }
    }

    /// The same one, for somebody else who asks it; whoever started it holds it.
    #[must_use]
    pub fn again(&self) -> Self {
        Self::at(self.url.clone(), self.options.clone())
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its seconds per second of ours.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.options.scale
    }

    /// Everything that is there; what AWS only still shows isn't.
    #[must_use]
    pub fn state(&self) -> Vec<Thing> {
        let all: Vec<Thing> = read(self.get("state"));
        all.into_iter().filter(|thing| !thing.gone).collect()
    }

    /// Every call since the last reset.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        read(self.get("calls"))
    }

    /// Forgets the calls.
    pub fn forget_calls(&self) {
        self.post("reset-calls", &json!({}));
    }

    /// Moves its clock on by so many seconds.
    pub fn advance(&self, seconds: f64) {
        self.post("advance", &json!({ "seconds": seconds }));
    }

    /// What goes wrong from now on, as its README says; takes the place of what was set before.
    #[expect(clippy::needless_pass_by_value, reason = "callers write `json!` in place")]
    pub fn faults(&self, faults: Json) {
        self.post("faults", &faults);
    }

    /// Somebody else calls AWS, as boto3 spells it. No fault meets that, and the calls that are counted don't have it.
    pub fn act(&self, service: &str, method: &str, params: &Json) -> Json {
        self.post("act", &json!({ "service": service, "method": method, "params": params }))
    }

    /// Puts into the account what the example's projects expect there: a public zone, and images of these versions.
    pub fn equip(&self, versions: &[&str]) {
        self.act("route53", "create_hosted_zone", &json!({ "Name": ZONE, "CallerReference": "somebody" }));
        self.act("ecr", "create_repository", &json!({ "repositoryName": "mini-soa" }));
        for version in versions {
            let manifest = json!({ "schemaVersion": 2, "config": { "digest": version } }).to_string();
            let image = json!({ "repositoryName": "mini-soa", "imageTag": version, "imageManifest": manifest, "imageManifestMediaType": MEDIA });
            self.act("ecr", "put_image", &image);
        }
    }

    /// What it answers to a question.
    #[must_use]
    pub fn get(&self, what: &str) -> Json {
        self.line.ask(&self.url, "GET", what, &Json::Null)
    }

    /// What it answers when it is told something.
    pub fn post(&self, what: &str, body: &Json) -> Json {
        self.line.ask(&self.url, "POST", what, body)
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        // A world that broke (a test that panicked in the middle of a call) isn't handed on.
        if let Some(process) = self.process.take()
            && !std::thread::panicking()
        {
            IDLE.lock().unwrap_or_else(PoisonError::into_inner).push((self.options.clone(), process));
        }
    }
}

fn read<T: serde::de::DeserializeOwned>(json: Json) -> T {
    serde_json::from_value(json).expect("the stand-in answers as its README says")
}
