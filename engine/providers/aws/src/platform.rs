//! The platform `ecs`: environments on Amazon ECS, with the network, the names and the capacity that they need.
//!
//! Here the parts meet; none of them is here. What is pure (the lowering, the rules, the prices) works without a
//! connection; the rest connects when it is first asked for.

use crate::drivers::{self, Connection, Endpoint, LAG, Listed, Listing, Place};
use crate::kinds::AwsRules;
use crate::prices::Table;
use crate::survey::{Surveyor, out_of_bounds};
use crate::{drift, kill, links, live, logs};
use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt};
use gantry_engine::address::Kind;
use gantry_engine::cost::Prices;
use gantry_engine::environment::Environment;
use gantry_engine::names::{EnvKey, InstallationId, PlatformName};
use gantry_engine::plan::Rules;
use gantry_engine::ports::{Drift, Driver, Finding, Findings, Platform, Survey, Whose};
use gantry_engine::provider::{Facts, Killed, Live, LogLine, LogQuery, ProviderError};
use gantry_engine::receipt::Found;
use gantry_engine::resource::{Actual, Desired};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

type Result<T> = std::result::Result<T, ProviderError>;

/// How many lists of an inventory run at a time. Each service has its own limits; this is about our own sockets.
const LISTS: usize = 8;

/// Amazon ECS as a platform.
pub struct Ecs {
    installation: InstallationId,
    surveyor: Surveyor,
    connection: Arc<Connection>,
    drivers: BTreeMap<Kind, Box<dyn Listed>>,
}

impl Ecs {
    /// AWS as its own chain says (environment, profile, single sign-on, role of the machine). Connects when it is first
    /// asked for something; until then nothing is wrong.
    #[must_use]
    pub fn connect(installation: InstallationId) -> Self {
        Self::over(installation, Connection::default())
    }

    /// A stand-in for AWS.
    #[must_use]
    pub fn at(installation: InstallationId, endpoint: Endpoint) -> Self {
        Self::over(installation, Connection::to(endpoint))
    }

    fn over(installation: InstallationId, connection: Connection) -> Self {
        let connection = Arc::new(connection);
        Self {
            surveyor: Surveyor::new(installation.clone()),
            installation,
            drivers: drivers::all(&connection),
            connection,
        }
    }

    /// The account and the region that it works in, as `111122223333/eu-central-1`; connects if it has to.
    ///
    /// # Errors
    /// Says what is missing, and the remedy.
    pub async fn place(&self) -> Result<String> {
        Ok(Place::of(&*self.connection.aws().await?).to_string())
    }

    /// Everything marked as this environment's, in any of its lives.
    fn of<'a>(&'a self, env: &'a EnvKey) -> Listing<'a> {
        Listing { installation: &self.installation, of: Whose::Env(env) }
    }

    /// What project files call it.
    ///
    /// # Panics
    /// Never: the name follows the rule for names.
    #[must_use]
    pub fn platform_name() -> PlatformName {
        PlatformName::new("ecs").expect("`ecs` follows the rule for names")
    }
}

#[async_trait]
impl Platform for Ecs {
    fn name(&self) -> PlatformName {
        Self::platform_name()
    }

    async fn survey(&self, env: &Environment) -> Result<Survey> {
        self.surveyor.survey(&*self.connection.aws().await?, env).await
    }

    async fn out_of_bounds(&self, env: &Environment) -> Result<Option<Finding>> {
        Ok(out_of_bounds(&*self.connection.aws().await?, env))
    }

    fn link(&self, output: &str) -> Option<String> {
        links::link(output)
    }

    fn lower(&self, env: &Environment, facts: &Facts) -> std::result::Result<Desired, Findings> {
        crate::lower::lower(env, facts)
    }

    fn rules(&self) -> &dyn Rules {
        &AwsRules
    }

    fn prices(&self) -> Option<&dyn Prices> {
        Some(&Table)
    }

    fn driver(&self, kind: &Kind) -> Option<&dyn Driver> {
        self.drivers.get(kind).map(|listed| listed.driver())
    }

    async fn inventory(&self, installation: &InstallationId, of: Whose<'_>) -> Result<Vec<Found>> {
        // One connection for all of them, made before they would queue up for it.
        self.connection.aws().await?;
        let of = Listing { installation, of };
        let lists: Vec<_> = self.drivers.values().map(|driver| driver.list(&of)).collect();
        let mut found: Vec<Found> = futures::stream::iter(lists).buffer_unordered(LISTS).try_concat().await?;
        found.sort_by(|a, b| (&a.mark, &a.kind, &a.id).cmp(&(&b.mark, &b.kind, &b.id)));
        Ok(found)
    }

    fn lag(&self) -> Duration {
        LAG
    }

    async fn drift(&self, _env: &Environment, actual: &Actual) -> Result<Vec<Drift>> {
        let aws = self.connection.aws().await?;
        // A plan over what is elsewhere would make all of it once more here.
        let place = Place::of(&aws);
        for id in actual.rows.values().filter_map(|row| row.id.as_ref()) {
            place.own(id)?;
        }
        drift::drift(&aws, actual).await
    }

    async fn live(&self, env: &EnvKey) -> Result<Live> {
        live::live(&*self.connection.aws().await?, &self.of(env)).await
    }

    async fn logs(&self, env: &EnvKey, query: &LogQuery) -> Result<Vec<LogLine>> {
        logs::logs(&*self.connection.aws().await?, &self.of(env), query).await
    }

    async fn kill(&self, env: &EnvKey, target: &str) -> Result<Killed> {
        kill::kill(&*self.connection.aws().await?, &self.of(env), target).await
    }
}
