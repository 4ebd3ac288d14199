//! One process over the stand-in: its platform with a door in front of every call, so that it is known whether one is
//! under way, and so that the process can die before an effect or after it.

use crate::line::Line;
use async_trait::async_trait;
use gantry_aws::{Ecs, Endpoint};
use gantry_engine::address::Kind;
use gantry_engine::cost::Prices;
use gantry_engine::environment::Environment;
use gantry_engine::names::{EnvKey, InstallationId, PlatformName};
use gantry_engine::plan::Rules;
use gantry_engine::ports::{Drift, Driver, Finding, Findings, Platform, Survey, Whose};
use gantry_engine::provider::{
    Facts, Handle, Killed, Live, LogLine, LogQuery, Observed, Progress, ProviderError, Put, Remove,
};
use gantry_engine::receipt::Found;
use gantry_engine::resource::{Actual, Desired};
use gantry_testkit::life::Life;
use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

type Result<T> = std::result::Result<T, ProviderError>;

/// Every kind that is lowered to.
pub(crate) const KINDS: [&str; 30] = [
    "aws.address",
    "aws.capacity-provider",
    "aws.certificate",
    "aws.cluster",
    "aws.cluster-capacity",
    "aws.discovery-service",
    "aws.hosted-zone",
    "aws.instance-profile",
    "aws.internet-gateway",
    "aws.launch-template",
    "aws.listener",
    "aws.listener-rule",
    "aws.load-balancer",
    "aws.log-group",
    "aws.namespace",
    "aws.nat-gateway",
    "aws.record",
    "aws.role",
    "aws.route",
    "aws.route-association",
    "aws.route-table",
    "aws.scaling-group",
    "aws.security-group",
    "aws.security-rule",
    "aws.service",
    "aws.subnet",
    "aws.target-group",
    "aws.task-definition",
    "aws.volume",
    "aws.vpc",
];

/// A place around an effect: of a kind, putting or removing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Point {
    pub(crate) kind: Kind,
    pub(crate) removing: bool,
    pub(crate) after: bool,
}

/// Points at which a process is to die, shared by those that follow one another: each is met once.
pub(crate) type Points = Arc<Mutex<BTreeSet<Point>>>;

/// How many calls are under way.
#[derive(Debug, Clone)]
pub(crate) struct Busy(Arc<watch::Sender<usize>>);

impl Busy {
    fn begin(&self) -> UnderWay<'_> {
        self.0.send_modify(|calls| *calls += 1);
        UnderWay(self)
    }

    pub(crate) fn is_busy(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Returns when none is.
    pub(crate) async fn idle(&self) {
        // The sender is in `self`, so waiting can't fail.
        let mut calls = self.0.subscribe();
        let _idle = calls.wait_for(|calls| *calls == 0).await;
    }
}

struct UnderWay<'a>(&'a Busy);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.0.send_modify(|calls| *calls -= 1);
    }
}

/// What a process may meet. Clones are of the same process.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    /// Ends it at the n-th point, store writes and effects counted together.
    pub(crate) life: Life,
    pub(crate) busy: Busy,
    points: Points,
    held: Arc<AtomicUsize>,
    line: Option<Arc<Line>>,
}

impl Process {
    pub(crate) fn new(life: Life, points: &Points) -> Self {
        let busy = Busy(Arc::new(watch::Sender::new(0)));
        Self { life, busy, points: Arc::clone(points), held: Arc::default(), line: None }
    }

    /// Whatever it asks of the platform takes its time on such a line.
    pub(crate) fn over(self, line: &Arc<Line>) -> Self {
        Self { line: Some(Arc::clone(line)), ..self }
    }

    pub(crate) fn forever() -> Self {
        Self::new(Life::forever(), &Points::default())
    }

    /// How many calls came to a point where the process is to die. They stand still until it does.
    pub(crate) fn held(&self) -> usize {
        self.held.load(Ordering::SeqCst)
    }

    /// Something that changes nothing.
    async fn ask<T>(&self, call: impl Future<Output = T>) -> T {
        self.life.alive().await;
        let asked = async {
            let _busy = self.busy.begin();
            call.await
        };
        match &self.line {
            Some(line) => line.ask(asked).await,
            None => asked.await,
        }
    }

    /// What an effect comes to; none where it is asked again at once.
    async fn progress(&self, answer: Result<Progress>) -> Option<Result<Progress>> {
        match &self.line {
            Some(line) => line.hurry(answer).await,
            None => Some(answer),
        }
    }

    async fn effect<T>(&self, kind: &Kind, removing: bool, call: impl Future<Output = Result<T>>) -> Result<T> {
        let point = |after| Point { kind: kind.clone(), removing, after };
        self.pass(&point(false)).await;
        let answer = self.ask(call).await;
        if answer.is_ok() {
            self.pass(&point(true)).await;
        } else {
            self.life.point().await;
        }
        answer
    }

    async fn pass(&self, point: &Point) {
        self.life.point().await;
        let is_last = self.points.lock().expect("nobody panics while holding it").remove(point);
        if is_last {
            self.held.fetch_add(1, Ordering::SeqCst);
            pending::<()>().await;
        }
    }
}

/// The platform as a process sees it.
pub(crate) struct Watched {
    ecs: Arc<Ecs>,
    process: Process,
    drivers: BTreeMap<Kind, OneKind>,
}

impl Watched {
    /// With connections of its own.
    pub(crate) fn new(installation: InstallationId, to: Endpoint, process: &Process) -> Self {
        let ecs = Arc::new(Ecs::at(installation, to));
        let driver = |name| {
            let kind = Kind::new(name);
            assert!(ecs.driver(&kind).is_some(), "there is no driver of {kind}");
            (kind.clone(), OneKind { ecs: Arc::clone(&ecs), kind, process: process.clone() })
        };
        Self { drivers: KINDS.map(driver).into(), ecs, process: process.clone() }
    }
}

#[async_trait]
impl Platform for Watched {
    fn name(&self) -> PlatformName {
        self.ecs.name()
    }

    async fn survey(&self, env: &Environment) -> Result<Survey> {
        self.process.ask(self.ecs.survey(env)).await
    }

    async fn out_of_bounds(&self, env: &Environment) -> Result<Option<Finding>> {
        self.process.ask(self.ecs.out_of_bounds(env)).await
    }

    fn lower(&self, env: &Environment, facts: &Facts) -> std::result::Result<Desired, Findings> {
        self.ecs.lower(env, facts)
    }

    fn rules(&self) -> &dyn Rules {
        self.ecs.rules()
    }

    fn prices(&self) -> Option<&dyn Prices> {
        self.ecs.prices()
    }

    fn driver(&self, kind: &Kind) -> Option<&dyn Driver> {
        self.drivers.get(kind).map(|driver| driver as &dyn Driver)
    }

    async fn inventory(&self, installation: &InstallationId, of: Whose<'_>) -> Result<Vec<Found>> {
        self.process.ask(self.ecs.inventory(installation, of)).await
    }

    fn lag(&self) -> Duration {
        self.ecs.lag()
    }

    async fn drift(&self, env: &Environment, actual: &Actual) -> Result<Vec<Drift>> {
        self.process.ask(self.ecs.drift(env, actual)).await
    }

    async fn live(&self, env: &EnvKey) -> Result<Live> {
        self.process.ask(self.ecs.live(env)).await
    }

    async fn logs(&self, env: &EnvKey, query: &LogQuery) -> Result<Vec<LogLine>> {
        self.process.ask(self.ecs.logs(env, query)).await
    }

    async fn kill(&self, env: &EnvKey, target: &str) -> Result<Killed> {
        self.process.ask(self.ecs.kill(env, target)).await
    }
}

struct OneKind {
    ecs: Arc<Ecs>,
    kind: Kind,
    process: Process,
}

impl OneKind {
    fn driver(&self) -> &dyn Driver {
        self.ecs.driver(&self.kind).expect("it was there when this was made")
    }
}

#[async_trait]
impl Driver for OneKind {
    async fn read(&self, at: &Handle) -> Result<Option<Observed>> {
        self.process.ask(self.driver().read(at)).await
    }

    async fn put(&self, want: &Put) -> Result<Progress> {
        loop {
            let answer = self.process.effect(&self.kind, false, self.driver().put(want)).await;
            if let Some(answer) = self.process.progress(answer).await {
                return answer;
            }
        }
    }

    async fn remove(&self, want: &Remove) -> Result<Progress> {
        loop {
            let answer = self.process.effect(&self.kind, true, self.driver().remove(want)).await;
            if let Some(answer) = self.process.progress(answer).await {
                return answer;
            }
        }
    }

    async fn abort(&self, want: &Put) -> Result<()> {
        self.process.effect(&self.kind, false, self.driver().abort(want)).await
    }
}
