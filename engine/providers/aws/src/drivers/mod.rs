//! What talks to AWS: a driver for each kind, one file each, all behind the same few functions.
//!
//! A driver remembers nothing between two calls. It looks at what is there, does the next thing that is lacking, and
//! says how far it is; the engine asks again. So it doesn't matter where an earlier try was cut off.

mod address;
pub(crate) mod autoscaled;
mod aws;
mod capacity_provider;
mod certificate;
mod cluster;
mod cluster_capacity;
mod codes;
mod connection;
mod discovery;
mod discovery_service;
pub(crate) mod ec2;
pub(crate) mod ecs;
mod elb;
mod error;
mod hosted_zone;
mod iam;
mod instance_profile;
mod internet_gateway;
mod launch_template;
mod limits;
mod listener;
mod listener_rule;
mod load_balancer;
mod log_group;
mod namespace;
mod nat_gateway;
mod place;
mod record;
mod retries;
mod role;
mod route;
pub(crate) mod route53;
mod route_association;
mod route_table;
mod scaling_group;
mod security_group;
mod security_rule;
pub(crate) mod service;
mod snapshot;
mod subnet;
mod target_group;
pub(crate) mod task_definition;
pub(crate) mod tasks;
mod volume;
mod vpc;

pub(crate) use aws::{Aws, Dns};
pub(crate) use connection::Connection;
pub use connection::Endpoint;
pub(crate) use error::{Trouble, trouble};
pub(crate) use place::{Place, is_account};

use crate::kinds::Shape;
use crate::marks;
use async_trait::async_trait;
use gantry_engine::address::{Kind, Mark};
use gantry_engine::names::InstallationId;
use gantry_engine::ports::{Driver, Whose};
use gantry_engine::provider::{Handle, Observed, Progress, ProviderError, Put, Remove, Token};
use gantry_engine::receipt::Found;
use gantry_engine::resource::PhysicalId;
use gantry_engine::value::{Output, Outputs};
use std::sync::Arc;
use std::time::Duration;

pub(crate) type Result<T> = std::result::Result<T, ProviderError>;

/// How long lists and reads may lag behind a create or a delete: what an earlier try made has shown up by then.
/// Amazon EC2 API reference, "Eventual consistency", recommends to back off up to minutes; a minute is what was seen.
pub(crate) const LAG: Duration = Duration::from_secs(60);

/// A wish for one resource of a kind.
pub(crate) struct Want<S> {
    pub(crate) at: Handle,
    pub(crate) token: Token,
    pub(crate) spec: S,
    /// How long ago an earlier try began whose effect nobody knows.
    pub(crate) tried: Option<Duration>,
    /// How long ago the step began.
    pub(crate) begun: Duration,
}

impl<S> Want<S> {
    pub(crate) fn mark(&self) -> &Mark {
        &self.at.mark
    }

    /// To be asked before something is made that has no unique name: an earlier try may have made it though it isn't visible
    /// yet. A token doesn't help where that try was another operation's: tokens are an operation's own.
    ///
    /// # Errors
    /// [`ProviderError::NotYet`] until it would have shown up.
    pub(crate) fn may_create(&self) -> Result<()> {
        match self.tried {
            Some(ago) if ago < LAG => {
                let left = (LAG - ago).as_secs().max(1);
                Err(ProviderError::NotYet(format!(
                    "an earlier try may have made it; it would show up within {left} seconds"
                )))
            }
            _ => Ok(()),
        }
    }

    /// To be asked before something with a name of its own is made: what is known to have been made can't be read yet, and
    /// made again it would only be refused.
    ///
    /// # Errors
    /// [`ProviderError::NotYet`] until it would have shown up.
    pub(crate) fn may_create_again(&self) -> Result<()> {
        if self.at.id.is_some() { self.may_create() } else { Ok(()) }
    }
}

/// A driver of one kind. Every function may be asked again at any time.
#[async_trait]
pub(crate) trait Drive: Send + Sync + 'static {
    /// The kind, as the shape of its spec.
    type Spec: Shape;

    /// The resource as it is: by its id, or where that isn't known, by its mark. None if it isn't there (any more).
    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>>;

    /// Makes it so, or goes on making it so.
    async fn put(&self, aws: &Aws, want: &Want<Self::Spec>) -> Result<Progress>;

    /// Takes it away, or goes on taking it away. What isn't there is done.
    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress>;

    /// Takes back a put that is on its way, as far as that can be.
    async fn abort(&self, _aws: &Aws, _want: &Want<Self::Spec>) -> Result<()> {
        Ok(())
    }

    /// Everything of this kind that an installation made for these. Kinds that can't be tagged belong to a tagged
    /// parent, and list nothing.
    async fn list(&self, _aws: &Aws, _of: &Listing<'_>) -> Result<Vec<Found>> {
        Ok(Vec::new())
    }
}

/// Whose things a list is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listing<'a> {
    pub(crate) installation: &'a InstallationId,
    pub(crate) of: Whose<'a>,
}

impl Listing<'_> {
    /// The tags to filter by, as keys and values.
    pub(crate) fn tags(&self) -> Vec<(&'static str, String)> {
        let mut tags = vec![(marks::INSTALLATION, self.installation.to_string())];
        match self.of {
            Whose::Env(key) => {
                tags.extend([(marks::PROJECT, key.project.to_string()), (marks::ENVIRONMENT, key.env.to_string())]);
            }
            Whose::Project(project) => tags.push((marks::PROJECT, project.to_string())),
        }
        tags
    }

    /// Whether something with this mark is meant.
    pub(crate) fn is(&self, mark: &Mark) -> bool {
        &mark.installation == self.installation && self.of.is(mark)
    }

    /// What is found under these tags, if it is one of those meant.
    pub(crate) fn found<'t>(
        &self,
        kind: Kind,
        id: &str,
        tags: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Option<Found> {
        self.marked(kind, id, marks::from_tags(tags)?)
    }

    /// What carries this mark, if it is one of those meant.
    pub(crate) fn marked(&self, kind: Kind, id: &str, mark: Mark) -> Option<Found> {
        self.is(&mark).then(|| Found { mark, kind, id: PhysicalId(id.to_owned()) })
    }
}

/// A resource with its id and outputs.
pub(crate) fn observed(id: &str, outputs: impl IntoIterator<Item = (Output, String)>) -> Observed {
    let mut all: Outputs = outputs.into_iter().collect();
    all.insert(crate::kinds::ID, id.to_owned());
    Observed { id: Some(PhysicalId(id.to_owned())), outputs: all }
}

/// Gone, or never there.
pub(crate) fn gone() -> Progress {
    Progress::Done(Observed::default())
}

/// Gone, but for what stays on purpose: by its kind, AWS's name for it.
pub(crate) fn gone_but(kind: &Kind, stays: &[String]) -> Progress {
    let outputs = (!stays.is_empty()).then(|| (Output::named(kind.as_str()), stays.join(", ")));
    Progress::Done(Observed { id: None, outputs: outputs.into_iter().collect() })
}

/// A [`Drive`] as the engine's port.
struct Served<D> {
    drive: D,
    connection: Arc<Connection>,
}

impl<D: Drive> Served<D> {
    fn want(place: &Place, put: &Put) -> Result<Want<D::Spec>> {
        place.takes(&put.spec)?;
        let spec = D::Spec::read(&put.spec).map_err(|error| {
            let addr = &put.at.mark.addr;
            ProviderError::Invalid(format!("the spec of {addr} isn't one of an {}: {error}", D::Spec::KIND))
        })?;
        Ok(Want { at: place.handle(&put.at)?, token: put.token.clone(), spec, tried: put.tried, begun: put.begun })
    }

    /// What it means that a removal is refused. Where a policy allows it by tags (policy.json, `ChangeMarked`), AWS refuses
    /// what is gone, too: it has no tags any more (IAM user guide, "aws:ResourceTag": a key that isn't there).
    async fn refused(&self, aws: &Aws, want: &Remove, refusal: String) -> Result<Progress> {
        // Who may not even look is refused for another reason.
        match self.drive.find(aws, &want.at).await {
            Ok(None) => Ok(gone()),
            // An earlier try may have removed it, and reads still show it.
            Ok(Some(_)) if want.tried.is_some_and(|ago| ago < LAG) => Err(ProviderError::NotYet(refusal)),
            _ => Err(ProviderError::Denied(refusal)),
        }
    }
}

#[async_trait]
impl<D: Drive> Driver for Served<D> {
    async fn read(&self, at: &Handle) -> Result<Option<Observed>> {
        let aws = self.connection.aws().await?;
        let place = Place::of(&aws);
        let seen = self.drive.find(&aws, &place.handle(at)?).await?;
        Ok(seen.map(|seen| place.seen(seen)))
    }

    async fn put(&self, want: &Put) -> Result<Progress> {
        let aws = self.connection.aws().await?;
        let place = Place::of(&aws);
        Ok(place.progress(self.drive.put(&aws, &Self::want(&place, want)?).await?))
    }

    async fn remove(&self, want: &Remove) -> Result<Progress> {
        let aws = self.connection.aws().await?;
        let place = Place::of(&aws);
        let want = Remove { at: place.handle(&want.at)?, ..want.clone() };
        let progress = match self.drive.remove(&aws, &want).await {
            Err(ProviderError::Denied(refusal)) => self.refused(&aws, &want, refusal).await?,
            answer => answer?,
        };
        Ok(place.progress(progress))
    }

    async fn abort(&self, want: &Put) -> Result<()> {
        let aws = self.connection.aws().await?;
        self.drive.abort(&aws, &Self::want(&Place::of(&aws), want)?).await
    }
}

/// What an inventory asks of every driver, whatever its kind.
#[async_trait]
pub(crate) trait Listed: Send + Sync {
    async fn list(&self, of: &Listing<'_>) -> Result<Vec<Found>>;
    fn driver(&self) -> &dyn Driver;
}

#[async_trait]
impl<D: Drive> Listed for Served<D> {
    async fn list(&self, of: &Listing<'_>) -> Result<Vec<Found>> {
        let aws = self.connection.aws().await?;
        let place = Place::of(&aws);
        let found = self.drive.list(&aws, of).await?;
        Ok(found.into_iter().map(|found| Found { id: place.named(&found.id), ..found }).collect())
    }

    fn driver(&self) -> &dyn Driver {
        self
    }
}

/// The driver of every kind.
pub(crate) fn all(connection: &Arc<Connection>) -> std::collections::BTreeMap<Kind, Box<dyn Listed>> {
    fn row<D: Drive>(connection: &Arc<Connection>, drive: D) -> (Kind, Box<dyn Listed>) {
        (D::Spec::KIND, Box::new(Served { drive, connection: Arc::clone(connection) }))
    }
    // One line a kind, in the order of their names.
    [
        row(connection, address::AddressDriver),
        row(connection, capacity_provider::CapacityProviderDriver),
        row(connection, certificate::CertificateDriver),
        row(connection, cluster::ClusterDriver),
        row(connection, cluster_capacity::ClusterCapacityDriver),
        row(connection, discovery_service::DiscoveryServiceDriver),
        row(connection, hosted_zone::HostedZoneDriver),
        row(connection, instance_profile::InstanceProfileDriver),
        row(connection, internet_gateway::InternetGatewayDriver),
        row(connection, launch_template::LaunchTemplateDriver),
        row(connection, listener::ListenerDriver),
        row(connection, listener_rule::ListenerRuleDriver),
        row(connection, load_balancer::LoadBalancerDriver),
        row(connection, log_group::LogGroupDriver),
        row(connection, namespace::NamespaceDriver),
        row(connection, nat_gateway::NatGatewayDriver),
        row(connection, record::RecordDriver),
        row(connection, role::RoleDriver),
        row(connection, route::RouteDriver),
        row(connection, route_association::RouteAssociationDriver),
        row(connection, route_table::RouteTableDriver),
        row(connection, scaling_group::ScalingGroupDriver),
        row(connection, security_group::SecurityGroupDriver),
        row(connection, security_rule::SecurityRuleDriver),
        row(connection, service::ServiceDriver),
        row(connection, subnet::SubnetDriver),
        row(connection, target_group::TargetGroupDriver),
        row(connection, task_definition::TaskDefinitionDriver),
        row(connection, volume::VolumeDriver),
        row(connection, vpc::VpcDriver),
    ]
    .into()
}
