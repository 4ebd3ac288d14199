//! What differs between a service and what is wanted of it, and the calls that make it so.

use super::super::ecs::{incomplete, int, tags};
use super::super::{Aws, Result, Trouble, Want, trouble};
use super::look::Seen;
use super::{LONGEST, RESTARTS, ROLLOUT};
use crate::kinds::{Launch, Registration, Service};
use crate::marks;
use aws_sdk_ecs::operation::update_service::builders::UpdateServiceFluentBuilder;
use aws_sdk_ecs::types::{
    AssignPublicIp, AwsVpcConfiguration, CapacityProviderStrategyItem, DeploymentCircuitBreaker,
    DeploymentConfiguration, LaunchType, LoadBalancer, NetworkConfiguration, PropagateTags, Service as Wire,
    ServiceRegistry, Tag,
};
use gantry_engine::provider::ProviderError;
use std::collections::BTreeSet;

/// What differs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "one for each thing that `UpdateService` takes")]
pub(super) struct Change {
    pub(super) task: bool,
    pub(super) network: bool,
    pub(super) balancers: bool,
    pub(super) registry: bool,
    pub(super) launch: bool,
    pub(super) exec: bool,
    pub(super) restart: bool,
    pub(super) desired: bool,
    pub(super) bounds: bool,
    pub(super) grace: bool,
}

impl Change {
    pub(super) fn between(seen: &Seen, spec: &Service) -> Self {
        let is = &seen.0;
        let restarts = seen.tag(RESTARTS).and_then(|number| number.parse().ok()).unwrap_or(0);
        Self {
            task: is.task_definition() != Some(&spec.task),
            network: !same_network(is, spec),
            balancers: balancers_of(is) != spec.targets.iter().map(key).collect(),
            registry: is.service_registries().first().and_then(|one| one.registry_arn()) != spec.registry.as_deref(),
            launch: !same_launch(is, &spec.launch),
            exec: is.enable_execute_command() != spec.exec,
            restart: restarts != spec.restarts,
            desired: is.desired_count() != int(spec.desired),
            bounds: !same_bounds(is, spec),
            // It says nothing for a service that no load balancer checks, and AWS refuses it there.
            grace: !spec.targets.is_empty() && is.health_check_grace_period_seconds() != Some(int(spec.grace)),
        }
    }

    /// Whether its tasks have to be other ones than those there are.
    pub(super) fn other_tasks(self) -> bool {
        self.task || self.network || self.balancers || self.registry || self.launch || self.exec
    }

    /// Whether it takes a rollout.
    pub(super) fn rolls(self) -> bool {
        self.other_tasks() || self.restart
    }

    /// Whether AWS makes new tasks for it only where it is told to. Such a call isn't to be repeated.
    pub(super) fn is_forced(self) -> bool {
        self.restart || self.exec || self.launch
    }

    pub(super) fn is_none(self) -> bool {
        self == Self::default()
    }
}

fn same_network(is: &Wire, spec: &Service) -> bool {
    let Some(network) = is.network_configuration().and_then(|all| all.awsvpc_configuration()) else { return false };
    let set = |items: &[String]| items.iter().cloned().collect::<BTreeSet<_>>();
    let public = network.assign_public_ip() == Some(&AssignPublicIp::Enabled);
    set(network.subnets()) == set(&spec.subnets)
        && set(network.security_groups()) == set(&spec.groups)
        && public == spec.public_ip
}

fn key(one: &Registration) -> (String, String, i32) {
    (one.group.clone(), one.container.clone(), i32::from(one.port))
}

fn balancers_of(is: &Wire) -> BTreeSet<(String, String, i32)> {
    let key = |one: &LoadBalancer| {
        Some((one.target_group_arn()?.to_owned(), one.container_name()?.to_owned(), one.container_port()?))
    };
    is.load_balancers().iter().filter_map(key).collect()
}

fn same_launch(is: &Wire, launch: &Launch) -> bool {
    let strategy: Vec<_> =
        is.capacity_provider_strategy().iter().map(CapacityProviderStrategyItem::capacity_provider).collect();
    match launch {
        Launch::Fargate => is.launch_type() == Some(&LaunchType::Fargate) || strategy == ["FARGATE"],
        Launch::Provider(name) => strategy == [name.as_str()],
    }
}

fn same_bounds(is: &Wire, spec: &Service) -> bool {
    let Some(all) = is.deployment_configuration() else { return false };
    let breaker = all.deployment_circuit_breaker().is_some_and(|breaker| breaker.enable() && breaker.rollback());
    breaker
        && all.minimum_healthy_percent() == Some(int(spec.min_percent))
        && all.maximum_percent() == Some(int(spec.max_percent))
}

/// Makes the service.
pub(super) async fn create(aws: &Aws, want: &Want<Service>) -> Result<Wire> {
    let spec = &want.spec;
    let own = [(ROLLOUT, want.token.0.clone()), (RESTARTS, spec.restarts.to_string())];
    let own = own.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    let call = aws.ecs.write.create_service().client_token(&want.token.0).cluster(&spec.cluster);
    let call = call.service_name(marks::name(want.mark(), LONGEST)).task_definition(&spec.task);
    let call = call.desired_count(int(spec.desired)).deployment_configuration(bounds(spec));
    let call = call.network_configuration(network(spec)?).set_load_balancers(balancers(spec));
    let call = call.set_service_registries(registries(spec)).enable_execute_command(spec.exec);
    let call = call.set_health_check_grace_period_seconds((!spec.targets.is_empty()).then(|| int(spec.grace)));
    let call = call.enable_ecs_managed_tags(true).propagate_tags(PropagateTags::TaskDefinition);
    let call = call.set_tags(Some(tags(want.mark()).into_iter().chain(own).collect()));
    let call = match &spec.launch {
        Launch::Fargate => call.launch_type(LaunchType::Fargate),
        Launch::Provider(name) => call.capacity_provider_strategy(strategy(name)?),
    };
    let made = call.send().await.map_err(trouble)?;
    Ok(made.service.ok_or_else(|| Trouble::unexpected("CreateService gave no service"))?)
}

/// Makes it so, as far as it differs.
pub(super) async fn update(aws: &Aws, seen: &Seen, spec: &Service, change: Change) -> Result<()> {
    let mut call = aws.ecs.write.update_service().cluster(seen.cluster()).service(seen.name());
    call = call.set_task_definition(change.task.then(|| spec.task.clone()));
    call = call.set_desired_count(change.desired.then(|| int(spec.desired)));
    call = call.set_enable_execute_command(change.exec.then_some(spec.exec));
    call = call.set_health_check_grace_period_seconds(change.grace.then(|| int(spec.grace)));
    call = call.set_deployment_configuration(change.bounds.then(|| bounds(spec)));
    call = call.set_force_new_deployment(change.is_forced().then_some(true));
    if change.network {
        call = call.network_configuration(network(spec)?);
    }
    if change.balancers {
        call = call.set_load_balancers(Some(balancers(spec).unwrap_or_default()));
    }
    if change.registry {
        call = call.set_service_registries(Some(registries(spec).unwrap_or_default()));
    }
    if change.launch {
        call = moved(call, &spec.launch)?;
    }
    call.send().await.map_err(trouble)?;
    Ok(())
}

/// AWS changes what tasks run on by a strategy only, and takes none for Fargate unless the cluster has its providers.
fn moved(call: UpdateServiceFluentBuilder, launch: &Launch) -> Result<UpdateServiceFluentBuilder> {
    match launch {
        Launch::Provider(name) => Ok(call.capacity_provider_strategy(strategy(name)?)),
        Launch::Fargate => Err(ProviderError::Invalid(
            "AWS doesn't move a service from nodes to Fargate; remove the service, then deploy it again".to_owned(),
        )),
    }
}

fn strategy(provider: &str) -> Result<CapacityProviderStrategyItem> {
    CapacityProviderStrategyItem::builder().capacity_provider(provider).weight(1).build().map_err(incomplete)
}

fn bounds(spec: &Service) -> DeploymentConfiguration {
    let breaker = DeploymentCircuitBreaker::builder().enable(true).rollback(true).build();
    let bounds = DeploymentConfiguration::builder().deployment_circuit_breaker(breaker);
    bounds.minimum_healthy_percent(int(spec.min_percent)).maximum_percent(int(spec.max_percent)).build()
}

fn network(spec: &Service) -> Result<NetworkConfiguration> {
    let public = if spec.public_ip { AssignPublicIp::Enabled } else { AssignPublicIp::Disabled };
    let network = AwsVpcConfiguration::builder().set_subnets(Some(spec.subnets.clone()));
    let network = network.set_security_groups(Some(spec.groups.clone())).assign_public_ip(public);
    Ok(NetworkConfiguration::builder().awsvpc_configuration(network.build().map_err(incomplete)?).build())
}

fn balancers(spec: &Service) -> Option<Vec<LoadBalancer>> {
    let one = |target: &Registration| {
        let one = LoadBalancer::builder().target_group_arn(&target.group).container_name(&target.container);
        one.container_port(i32::from(target.port)).build()
    };
    (!spec.targets.is_empty()).then(|| spec.targets.iter().map(one).collect())
}

fn registries(spec: &Service) -> Option<Vec<ServiceRegistry>> {
    spec.registry.as_ref().map(|arn| vec![ServiceRegistry::builder().registry_arn(arn).build()])
}
