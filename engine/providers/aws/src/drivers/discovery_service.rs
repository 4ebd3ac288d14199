//! The driver of `aws.discovery-service`. A namespace has a name once, which makes `CreateService` repeatable.

use super::discovery::{MISSING, mark_of, namespaces, tags};
use super::{Aws, Drive, Listing, Result, Trouble, Want, gone, observed, trouble};
use crate::kinds::{ARN, DiscoveryService, Shape};
use async_trait::async_trait;
use aws_sdk_servicediscovery::types::{
    DnsConfig, DnsRecord, FilterCondition, RecordType, RoutingPolicy, ServiceFilter, ServiceFilterName, ServiceSummary,
};
use gantry_engine::ports::Whose;
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Remove};
use gantry_engine::receipt::Found;
use std::time::Duration;

pub(super) struct DiscoveryServiceDriver;

#[async_trait]
impl Drive for DiscoveryServiceDriver {
    type Spec = DiscoveryService;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, at).await?.map(|(id, arn)| seen(&id, &arn)))
    }

    async fn put(&self, aws: &Aws, want: &Want<DiscoveryService>) -> Result<Progress> {
        let spec = &want.spec;
        let there = services(aws, &spec.namespace).await?;
        if let Some(service) = there.into_iter().find(|service| service.name() == Some(&spec.name)) {
            let (id, arn) = (service.id().unwrap_or_default(), service.arn().unwrap_or_default());
            if mark_of(aws, arn).await?.as_ref() == Some(want.mark()) {
                return Ok(Progress::Done(seen(id, arn)));
            }
            let name = &spec.name;
            let text = format!("the namespace has a service `{name}` that isn't ours; remove it, then retry");
            return Err(ProviderError::Conflict(text));
        }
        create(aws, want).await
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let Some((id, arn)) = look(aws, &want.at).await? else { return Ok(gone()) };
        match aws.discovery.write.delete_service().id(&id).send().await.map_err(trouble) {
            Ok(_) => Ok(gone()),
            Err(error) if error.is(MISSING) => Ok(gone()),
            Err(error) if error.is(&["ResourceInUse"]) => {
                // Tasks are signed off when they end; one that wasn't, since its agent died, is signed off here.
                let left = sign_off(aws, &id).await?;
                let note = Note::Other(format!("waiting for {left} task(s) to be signed off"));
                Ok(Progress::Pending { seen: seen(&id, &arn), note, again: Duration::from_secs(3) })
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        for space in namespaces(aws).await? {
            for service in services(aws, space.id().unwrap_or_default()).await? {
                let (id, arn) = (service.id().unwrap_or_default(), service.arn().unwrap_or_default());
                found.extend(mark_of(aws, arn).await?.and_then(|mark| of.marked(DiscoveryService::KIND, id, mark)));
            }
        }
        Ok(found)
    }
}

fn seen(id: &str, arn: &str) -> Observed {
    observed(id, [(ARN, arn.to_owned())])
}

async fn create(aws: &Aws, want: &Want<DiscoveryService>) -> Result<Progress> {
    let spec = &want.spec;
    let invalid = |error: aws_smithy_types::error::operation::BuildError| ProviderError::Invalid(error.to_string());
    let record = DnsRecord::builder().r#type(RecordType::A).ttl(i64::from(spec.ttl)).build().map_err(invalid)?;
    let dns = DnsConfig::builder().routing_policy(RoutingPolicy::Multivalue).dns_records(record);
    let dns = dns.build().map_err(invalid)?;
    let call = aws.discovery.write.create_service().name(&spec.name).namespace_id(&spec.namespace).dns_config(dns);
    let call = call.creator_request_id(&want.token.0).set_tags(Some(tags(want.mark())));
    match call.send().await.map_err(trouble) {
        Ok(made) => {
            let made = made.service.ok_or_else(|| Trouble::unexpected("Cloud Map gave no service"))?;
            Ok(Progress::Done(seen(made.id().unwrap_or_default(), made.arn().unwrap_or_default())))
        }
        Err(error) if error.is(&["ServiceAlreadyExists"]) => {
            Err(ProviderError::NotYet("the discovery service is there, but can't be read yet".to_owned()))
        }
        Err(error) if error.is(&["NamespaceNotFound"]) => {
            Err(ProviderError::NotYet("the namespace can't be used yet".to_owned()))
        }
        Err(error) => Err(error.into()),
    }
}

async fn services(aws: &Aws, namespace: &str) -> Result<Vec<ServiceSummary>> {
    let filter = ServiceFilter::builder().name(ServiceFilterName::NamespaceId).values(namespace);
    let filter = filter.condition(FilterCondition::Eq).build();
    let filter = filter.map_err(|error| ProviderError::Invalid(error.to_string()))?;
    let pages = aws.discovery.read.list_services().filters(filter).into_paginator().send();
    match pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble) {
        Ok(pages) => Ok(pages.into_iter().flat_map(|page| page.services.unwrap_or_default()).collect()),
        Err(error) if error.is(MISSING) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// Signs off what is registered; says how many there were.
async fn sign_off(aws: &Aws, service: &str) -> Result<usize> {
    let pages = aws.discovery.read.list_instances().service_id(service).into_paginator().send();
    let pages = pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?;
    let instances: Vec<_> = pages.into_iter().flat_map(|page| page.instances.unwrap_or_default()).collect();
    for instance in &instances {
        let call = aws.discovery.write.deregister_instance().service_id(service);
        match call.set_instance_id(instance.id.clone()).send().await.map_err(trouble) {
            Err(error) if !error.is(&["InstanceNotFound", "DuplicateRequest"]) => return Err(error.into()),
            _ => {}
        }
    }
    Ok(instances.len())
}

/// Id and ARN: by the id, or where that isn't known, by the mark.
async fn look(aws: &Aws, at: &Handle) -> Result<Option<(String, String)>> {
    let Some(id) = &at.id else {
        let env = at.mark.env();
        let of = Listing { installation: &at.mark.installation, of: Whose::Env(&env) };
        let found = DiscoveryServiceDriver.list(aws, &of).await?;
        let Some(found) = found.into_iter().find(|found| found.mark == at.mark) else { return Ok(None) };
        return Box::pin(look(aws, &Handle { id: Some(found.id), ..at.clone() })).await;
    };
    match aws.discovery.read.get_service().id(&id.0).send().await.map_err(trouble) {
        Ok(answer) => {
            let arn = answer.service.and_then(|service| service.arn).unwrap_or_default();
            let ours = mark_of(aws, &arn).await?.as_ref() == Some(&at.mark);
            Ok(ours.then(|| (id.0.clone(), arn)))
        }
        Err(error) if error.is(MISSING) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
