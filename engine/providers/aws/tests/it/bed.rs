//! A stand-in with a platform on it, and a small engine: it asks a driver again as the real one does, on a clock that
//! goes as fast as the stand-in's.

use crate::outside::Outside;
use crate::policy;
use gantry_aws::{Ecs, Endpoint};
use gantry_engine::address::{Addr, Generation, Kind, Mark};
use gantry_engine::names::{EnvKey, EnvName, InstallationId, OpId, ProjectName};
use gantry_engine::ports::{Driver, Platform, Whose};
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Put, Remove, Token};
use gantry_engine::receipt::Found;
use gantry_engine::resource::PhysicalId;
use gantry_engine::value::{Outputs, Spec, Value};
use gantry_standin::{Options, Standin};
use serde_json::{Value as Json, json};
use std::time::{Duration, Instant};

/// How long an effect may take by the stand-in's clock before a test gives up: an hour.
const LONGEST: Duration = Duration::from_secs(3600);
/// How long to wait after a failure that may pass, by the stand-in's clock.
const AGAIN: Duration = Duration::from_secs(5);

/// The id of the key that Gantry signs with where AWS is a stand-in.
pub(crate) const KEY: &str = "testing";

/// A world of its own with a platform on it.
pub(crate) struct Bed {
    pub(crate) standin: Standin,
    pub(crate) ecs: Ecs,
    pub(crate) env: EnvKey,
}

impl Bed {
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        let standin = Standin::start(options);
        Self { ecs: client(&standin), standin, env: Self::key() }
    }

    /// Whose everything is.
    pub(crate) fn key() -> EnvKey {
        EnvKey { project: ProjectName::new("shop").unwrap(), env: EnvName::new("staging").unwrap() }
    }

    /// A new process: nothing is remembered.
    pub(crate) fn restart(&mut self) {
        self.ecs = client(&self.standin);
    }

    pub(crate) fn mark(&self, part: &str) -> Mark {
        Mark {
            installation: installation(),
            project: self.env.project.clone(),
            incarnation: 1,
            addr: Addr::new(&self.env.env, "test", part).unwrap(),
            generation: Generation::FIRST,
        }
    }

    pub(crate) fn driver(&self, kind: &'static str) -> &dyn Driver {
        self.ecs.driver(&Kind::new(kind)).unwrap_or_else(|| panic!("there is no driver of {kind}"))
    }

    /// A wish for a resource, tried for the first time.
    pub(crate) fn wish(&self, kind: &'static str, part: &str, spec: Json) -> Put {
        self.wish_of(1, kind, part, spec)
    }

    /// The same, of one operation among several.
    pub(crate) fn wish_of(&self, operation: u64, kind: &'static str, part: &str, spec: Json) -> Put {
        let spec = self::spec(spec);
        let at = Handle { mark: self.mark(part), kind: Kind::new(kind), id: None };
        let token = Token::derive(OpId(operation), &at.mark, Some(&spec));
        Put { at, token, spec, replaces: None, tried: None, begun: Duration::ZERO }
    }

    /// Makes a resource: asks until it is done.
    pub(crate) async fn put(&self, kind: &'static str, part: &str, spec: Json) -> Observed {
        match self.end_of(self.wish(kind, part, spec)).await {
            Progress::Done(seen) => seen,
            other => panic!("{kind} {part} ended as {other:?}"),
        }
    }

    /// Makes a resource at an address of its own, by component and part.
    pub(crate) async fn put_at(&self, kind: &'static str, at: (&str, &str), spec: Json) -> Observed {
        let mut wish = self.wish(kind, at.1, spec);
        wish.at.mark.addr = Addr::new(&self.env.env, at.0, at.1).unwrap();
        match self.end_of(wish).await {
            Progress::Done(seen) => seen,
            other => panic!("{kind} {at:?} ended as {other:?}"),
        }
    }

    /// Somebody else in the same account.
    pub(crate) fn outside(&self) -> Outside {
        Outside::of(&self.standin)
    }

    /// Makes what is there so: like [`Self::put`], with the id known.
    pub(crate) async fn update(&self, kind: &'static str, part: &str, spec: Json, id: &Observed) -> Observed {
        let mut wish = self.wish(kind, part, spec);
        wish.at.id.clone_from(&id.id);
        match self.end_of(wish).await {
            Progress::Done(seen) => seen,
            other => panic!("{kind} {part} ended as {other:?}"),
        }
    }

    /// How a wish ends: `Done`, or a rollout that was reverted.
    pub(crate) async fn end_of(&self, mut want: Put) -> Progress {
        let driver = self.ecs.driver(&want.at.kind).expect("a driver of this kind");
        let began = Instant::now();
        let mut unsure = None;
        loop {
            let wait = match driver.put(&want).await {
                Ok(Progress::Pending { seen, again, .. }) => {
                    if seen.id.is_some() && seen.id != want.at.id {
                        (want.at.id, unsure) = (seen.id, Some(Instant::now()));
                    }
                    again
                }
                Ok(end) => return end,
                Err(error) => {
                    if matches!(error, ProviderError::Transient(_)) {
                        unsure = Some(Instant::now());
                    }
                    self.pause_after(&error, &want.at, began)
                }
            };
            self.sleep(wait).await;
            want.tried = unsure.map(|then| self.since(then));
            want.begun = self.since(began);
        }
    }

    /// Takes a resource away: asks until it is done; gives what stays of it.
    pub(crate) async fn remove(&self, kind: &'static str, part: &str, id: Option<&PhysicalId>) -> Outputs {
        let at = Handle { mark: self.mark(part), kind: Kind::new(kind), id: id.cloned() };
        let want = Remove { token: Token::derive(OpId(2), &at.mark, None), at, tried: None };
        self.removed(want, |_| {}).await
    }

    /// Sees a removal to its end, telling every note of it; gives what stays of it.
    pub(crate) async fn removed(&self, mut want: Remove, mut note: impl FnMut(Note)) -> Outputs {
        let began = Instant::now();
        let mut unsure = None;
        loop {
            let wait = match self.ecs.driver(&want.at.kind).expect("a driver of this kind").remove(&want).await {
                Ok(Progress::Pending { again, note: says, .. }) => {
                    note(says);
                    again
                }
                Ok(Progress::Done(seen)) => {
                    assert_eq!(seen.id, None, "{} is gone", want.at.mark.addr);
                    return seen.outputs;
                }
                Ok(other) => panic!("{} ended as {other:?}", want.at.mark.addr),
                Err(error) => {
                    if matches!(error, ProviderError::Transient(_)) {
                        unsure = Some(Instant::now());
                    }
                    self.pause_after(&error, &want.at, began)
                }
            };
            self.sleep(wait).await;
            want.tried = unsure.map(|since| self.since(since));
        }
    }

    /// How long ago that was, by the stand-in's clock.
    fn since(&self, then: Instant) -> Duration {
        then.elapsed().mul_f64(self.standin.scale())
    }

    /// The wait that an engine makes after an error that may pass.
    fn pause_after(&self, error: &ProviderError, at: &Handle, began: Instant) -> Duration {
        use ProviderError::{Conflict, NotYet, Throttled, Transient};
        let taken = began.elapsed().mul_f64(self.standin.scale());
        assert!(taken < LONGEST, "{} {} isn't done after {taken:?}: {error}", at.kind, at.mark.addr);
        match error {
            Throttled { again } => *again,
            NotYet(_) | Transient(_) | Conflict(_) => AGAIN,
            _ => panic!("{} {}: {error}", at.kind, at.mark.addr),
        }
    }

    /// Sleeps by the stand-in's clock.
    pub(crate) async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time.div_f64(self.standin.scale())).await;
    }

    /// What the inventory shows of the environment.
    pub(crate) async fn inventory(&self) -> Vec<Found> {
        self.ecs.inventory(&installation(), Whose::Env(&self.env)).await.expect("an inventory")
    }

    /// The addresses and kinds that the inventory shows.
    pub(crate) async fn listed(&self) -> Vec<String> {
        let part = |found: Found| format!("{} {}", found.kind, found.mark.addr.part);
        self.inventory().await.into_iter().map(part).collect()
    }

    /// How many of a sort the stand-in has, by its own account.
    pub(crate) fn count(&self, service: &str, sort: &str) -> usize {
        let is = |thing: &&gantry_standin::Thing| thing.service == service && thing.sort == sort;
        self.standin.state().iter().filter(is).count()
    }

    /// The next call of an action has its effect, and its reply is lost.
    pub(crate) fn lose_reply_of(&self, action: &str) {
        self.standin.faults(json!({ "once": [{ "action": action, "n": 1, "fault": "lost_reply" }] }));
    }

    /// How often each action was called, in order of their names.
    pub(crate) fn mutations(&self) -> Vec<String> {
        let calls = self.standin.calls();
        let mut all: Vec<String> = calls.iter().filter(|call| call.mutating).map(|call| call.action.clone()).collect();
        all.sort();
        all
    }
}

impl Drop for Bed {
    /// Whatever a test is about: everything that was called is allowed by the policy that people are given.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            policy::allows_all(&self.standin.calls());
        }
    }
}

pub(crate) fn installation() -> InstallationId {
    InstallationId::new("0a1b2c3d")
}

fn client(standin: &Standin) -> Ecs {
    Ecs::at(installation(), endpoint(standin))
}

/// Where a stand-in is.
pub(crate) fn endpoint(standin: &Standin) -> Endpoint {
    Endpoint { url: standin.url().to_owned(), region: "eu-central-1".to_owned(), speed: standin.scale(), dns: None }
}

/// AWS's own id of something made: what the kind's output `id` says.
pub(crate) fn own_id(seen: &Observed) -> String {
    seen.outputs.iter().find(|(output, _)| output.as_str() == "id").map(|(_, id)| id.clone()).expect("an id")
}

/// A spec, from JSON.
pub(crate) fn spec(json: Json) -> Spec {
    match value(json) {
        Value::Map(spec) => spec,
        other => panic!("a spec is a table, not {other}"),
    }
}

/// A value of a spec, from JSON.
pub(crate) fn value(json: Json) -> Value {
    match json {
        Json::Bool(yes) => Value::Bool(yes),
        Json::Number(number) => Value::Int(number.as_i64().expect("specs have whole numbers only")),
        Json::String(text) => Value::Text(text),
        Json::Array(items) => Value::List(items.into_iter().map(value).collect()),
        Json::Object(fields) => {
            Value::Map(Spec(fields.into_iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k, value(v))).collect()))
        }
        Json::Null => panic!("specs have no null"),
    }
}
