//! The driver of `aws.hosted-zone`. The caller reference is the operation's token, so an operation makes one; what an
//! earlier operation may have made is found by its comment, which carries the mark, and waited for.

use super::route53::{MISSING, mark_in, plain, records, written, zone_id, zone_mark, zones};
use super::{Aws, Drive, Listing, Result, Trouble, Want, gone, observed, trouble};
use crate::kinds::{HostedZone, Shape, hosted_zone};
use async_trait::async_trait;
use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, HostedZoneConfig, ResourceRecordSet, RrType};
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Remove};
use gantry_engine::receipt::Found;
use std::time::Duration;

pub(super) struct HostedZoneDriver;

#[async_trait]
impl Drive for HostedZoneDriver {
    type Spec = HostedZone;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        match id_of(aws, at).await? {
            Some(id) => seen(aws, &id).await,
            None => Ok(None),
        }
    }

    async fn put(&self, aws: &Aws, want: &Want<HostedZone>) -> Result<Progress> {
        if let Some(id) = id_of(aws, &want.at).await?
            && let Some(seen) = seen(aws, &id).await?
        {
            return Ok(Progress::Done(seen));
        }
        want.may_create()?;
        let comment = HostedZoneConfig::builder().comment(written(want.mark())).private_zone(false).build();
        let call = aws.route53.write.create_hosted_zone().name(&want.spec.name).hosted_zone_config(comment);
        match call.caller_reference(&want.token.0).send().await.map_err(trouble) {
            Ok(made) => {
                let zone = made.hosted_zone.ok_or_else(|| Trouble::unexpected("CreateHostedZone gave no zone"))?;
                let note = Note::Usually { what: "hosted zone being made".to_owned(), seconds: (1, 60) };
                let seen = observed(zone_id(zone.id()), []);
                Ok(Progress::Pending { seen, note, again: Duration::from_secs(1) })
            }
            Err(error) if error.is(&["HostedZoneAlreadyExists"]) => {
                Err(ProviderError::NotYet("the hosted zone is there, but can't be read yet".to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let Some(id) = id_of(aws, &want.at).await? else { return Ok(gone()) };
        clear(aws, &id).await?;
        match aws.route53.write.delete_hosted_zone().id(&id).send().await.map_err(trouble) {
            Ok(_) => Ok(gone()),
            Err(error) if error.is(MISSING) => Ok(gone()),
            Err(error) if error.is(&["HostedZoneNotEmpty"]) => {
                let left: Vec<String> = others(aws, &id).await?.iter().map(|set| plain(set.name())).collect();
                let text =
                    format!("the zone holds records that aren't ours ({}); remove them, then retry", left.join(", "));
                Err(ProviderError::Conflict(text))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let all = zones(aws).await?;
        let found =
            |zone| of.marked(HostedZone::KIND, zone_id(aws_sdk_route53::types::HostedZone::id(zone)), zone_mark(zone)?);
        Ok(all.iter().filter_map(found).collect())
    }
}

/// The zone by its mark: its id alone doesn't say that it is ours.
async fn id_of(aws: &Aws, at: &Handle) -> Result<Option<String>> {
    let ours = |zone: &aws_sdk_route53::types::HostedZone| zone_mark(zone).as_ref() == Some(&at.mark);
    Ok(zones(aws).await?.into_iter().find(ours).map(|zone| zone_id(zone.id()).to_owned()))
}

async fn seen(aws: &Aws, id: &str) -> Result<Option<Observed>> {
    match aws.route53.read.get_hosted_zone().id(id).send().await.map_err(trouble) {
        Ok(answer) => {
            let servers = answer.delegation_set().map(|set| set.name_servers().join(" ")).unwrap_or_default();
            Ok(Some(observed(id, [(hosted_zone::NAME_SERVERS, servers)])))
        }
        Err(error) if error.is(MISSING) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Takes away what stands in the zone with a mark of ours: a name whose id was never written down.
async fn clear(aws: &Aws, id: &str) -> Result<()> {
    let all = records(aws, id, None).await?;
    let marked: Vec<String> = all.iter().filter(|set| mark_in(set).is_some()).map(|set| plain(set.name())).collect();
    let ours = |set: &&ResourceRecordSet| {
        let name = plain(set.name());
        marked.contains(&name) || marked.contains(&super::route53::mark_name(&name))
    };
    let change = |set: &ResourceRecordSet| {
        Change::builder().action(ChangeAction::Delete).resource_record_set(set.clone()).build().ok()
    };
    let changes: Vec<Change> = all.iter().filter(ours).filter_map(change).collect();
    if changes.is_empty() {
        return Ok(());
    }
    let batch = ChangeBatch::builder().set_changes(Some(changes)).build();
    let batch = batch.map_err(|error| ProviderError::Invalid(error.to_string()))?;
    let call = aws.route53.write.change_resource_record_sets().hosted_zone_id(id).change_batch(batch);
    Ok(call.send().await.map(drop).map_err(trouble)?)
}

/// What stands in the zone beside its own SOA and NS records.
async fn others(aws: &Aws, id: &str) -> Result<Vec<ResourceRecordSet>> {
    let all = records(aws, id, None).await?;
    Ok(all.into_iter().filter(|set| !matches!(set.r#type(), RrType::Soa | RrType::Ns)).collect())
}
