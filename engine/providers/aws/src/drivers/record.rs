//! The driver of `aws.record`: a name and its TXT mark in one atomic change, which is what makes it ours.
//!
//! While a change spreads, its id is part of the resource's own (`<zone>|<name>|<change>`), so that the next call can ask
//! how far it is.

use super::route53::{below, mark_in, mark_name, plain, records, written, zone_id, zones};
use super::{Aws, Drive, Listing, Result, Want, gone, observed, trouble};
use crate::kinds::{Record, Shape, Target};
use async_trait::async_trait;
use aws_sdk_route53::types::{
    AliasTarget, Change, ChangeAction, ChangeBatch, ChangeStatus, ResourceRecord, ResourceRecordSet, RrType,
};
use gantry_engine::address::Mark;
use gantry_engine::ports::Whose;
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Remove};
use gantry_engine::receipt::Found;
use std::time::Duration;

/// How long answers may be kept, in seconds. Aliases have the one of what they lead to.
const TTL: i64 = 60;

pub(super) struct RecordDriver;

/// Where a record is.
struct Place {
    zone: String,
    name: String,
}

impl Place {
    fn of(id: &str) -> Option<(Self, Option<&str>)> {
        let mut parts = id.split('|');
        let place = Self { zone: parts.next()?.to_owned(), name: parts.next()?.to_owned() };
        Some((place, parts.next()))
    }

    fn id(&self) -> String {
        format!("{}|{}", self.zone, self.name)
    }
}

#[async_trait]
impl Drive for RecordDriver {
    type Spec = Record;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        let Some(place) = place_of(aws, at).await? else { return Ok(None) };
        let ours = owner(aws, &place).await?.as_ref() == Some(&at.mark);
        Ok(ours.then(|| observed(&place.id(), [])))
    }

    async fn put(&self, aws: &Aws, want: &Want<Record>) -> Result<Progress> {
        let spec = &want.spec;
        let place = Place { zone: spec.zone.clone(), name: spec.name.clone() };
        if let Some((_, Some(change))) = want.at.id.as_ref().and_then(|id| Place::of(&id.0))
            && !has_spread(aws, change).await?
        {
            return Ok(spreading(&place, change));
        }
        let there = records(aws, &place.zone, Some(&place.name)).await?;
        let owner = owner(aws, &place).await?;
        let wanted = sets(spec)?;
        let is_there = |set: &ResourceRecordSet| there.iter().any(|other| same(set, other));
        if owner.as_ref() == Some(want.mark()) && wanted.iter().all(is_there) {
            return Ok(Progress::Done(observed(&place.id(), [])));
        }
        let action = match owner {
            Some(mark) if is_before(&mark, want.mark()) => ChangeAction::Upsert,
            None if there.iter().all(|set| matches!(set.r#type(), RrType::Ns | RrType::Soa)) => ChangeAction::Create,
            owner => return Err(ProviderError::Conflict(taken(&place, owner.as_ref()))),
        };
        let mut sets = wanted;
        sets.push(text(&mark_name(&place.name), &written(want.mark()))?);
        let change = change(aws, &place, &action, sets).await?;
        Ok(spreading(&place, &change))
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let Some(place) = place_of(aws, &want.at).await? else { return Ok(gone()) };
        let marks = records(aws, &place.zone, Some(&mark_name(&place.name))).await?;
        if marks.iter().find_map(mark_in).as_ref() != Some(&want.at.mark) {
            return Ok(gone());
        }
        let there = records(aws, &place.zone, Some(&place.name)).await?;
        let ours = there.into_iter().filter(|set| matches!(set.r#type(), RrType::A | RrType::Aaaa | RrType::Cname));
        change(aws, &place, &ChangeAction::Delete, ours.chain(marks).collect()).await?;
        Ok(gone())
    }

    /// Asks every public zone of the account: names can't be tagged, and which zones were used isn't known here. An
    /// environment's names all stand below its own, so only those are read; a project's may be anywhere.
    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        for zone in zones(aws).await? {
            let (zone, domain) = (zone_id(zone.id()), plain(zone.name()));
            let all = match of.of {
                Whose::Env(key) if !domain.starts_with(&format!("{}.", key.env)) => {
                    below(aws, zone, &format!("{}.{domain}", key.env)).await?
                }
                _ => records(aws, zone, None).await?,
            };
            for (set, mark) in all.iter().filter_map(|set| Some((set, mark_in(set)?))) {
                let own = plain(set.name());
                let name = all.iter().map(|set| plain(set.name())).find(|name| mark_name(name) == own);
                // A mark without its name is left over too.
                let name = name.unwrap_or_else(|| own.trim_start_matches("_gantry.").to_owned());
                let place = Place { zone: zone.to_owned(), name };
                found.extend(of.marked(Record::KIND, &place.id(), mark));
            }
        }
        Ok(found)
    }
}

fn spreading(place: &Place, change: &str) -> Progress {
    let seen = observed(&format!("{}|{change}", place.id()), []);
    let note = Note::Usually { what: format!("{} spreading to the name servers", place.name), seconds: (30, 60) };
    Progress::Pending { seen, note, again: Duration::from_secs(5) }
}

async fn has_spread(aws: &Aws, change: &str) -> Result<bool> {
    match aws.route53.read.get_change().id(change).send().await.map_err(trouble) {
        Ok(answer) => Ok(answer.change_info().is_none_or(|info| info.status() == &ChangeStatus::Insync)),
        // Changes are forgotten after a while, long after they have spread.
        Err(error) if error.is(&["NoSuchChange"]) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Whose a name is, by the TXT record beside it.
async fn owner(aws: &Aws, place: &Place) -> Result<Option<Mark>> {
    Ok(records(aws, &place.zone, Some(&mark_name(&place.name))).await?.iter().find_map(mark_in))
}

/// Whether a mark is the same resource's, now or in an earlier life.
fn is_before(mark: &Mark, now: &Mark) -> bool {
    let same = (&mark.installation, &mark.project, &mark.addr) == (&now.installation, &now.project, &now.addr);
    same && (mark.incarnation, mark.generation) <= (now.incarnation, now.generation)
}

fn taken(place: &Place, owner: Option<&Mark>) -> String {
    let name = &place.name;
    match owner {
        Some(mark) => format!("{name} belongs to {} already; tear that down, or choose another `host`", mark.env()),
        None => format!("{name} is there already and isn't ours; remove the record, or choose another `host`"),
    }
}

/// The record sets that a target needs.
fn sets(spec: &Record) -> Result<Vec<ResourceRecordSet>> {
    let invalid = |error: aws_smithy_types::error::operation::BuildError| ProviderError::Invalid(error.to_string());
    match &spec.target {
        Target::Alias { dns_name, zone } => {
            let alias = AliasTarget::builder().dns_name(dns_name).hosted_zone_id(zone).evaluate_target_health(false);
            let alias = alias.build().map_err(invalid)?;
            let set = |kind| {
                let set = ResourceRecordSet::builder().name(&spec.name).r#type(kind);
                set.alias_target(alias.clone()).build().map_err(invalid)
            };
            Ok(vec![set(RrType::A)?, set(RrType::Aaaa)?])
        }
        Target::Cname { value } => Ok(vec![plain_set(&spec.name, RrType::Cname, value)?]),
    }
}

fn text(name: &str, value: &str) -> Result<ResourceRecordSet> {
    plain_set(name, RrType::Txt, &format!("\"{value}\""))
}

fn plain_set(name: &str, kind: RrType, value: &str) -> Result<ResourceRecordSet> {
    let invalid = |error: aws_smithy_types::error::operation::BuildError| ProviderError::Invalid(error.to_string());
    let record = ResourceRecord::builder().value(value).build().map_err(invalid)?;
    let set = ResourceRecordSet::builder().name(name).r#type(kind).ttl(TTL).resource_records(record);
    set.build().map_err(invalid)
}

/// Whether two record sets say the same; AWS writes names with a dot, and aliases in lower case.
fn same(one: &ResourceRecordSet, two: &ResourceRecordSet) -> bool {
    let alias = |set: &ResourceRecordSet| {
        set.alias_target().map(|alias| {
            let name = plain(alias.dns_name()).to_lowercase();
            (name.trim_start_matches("dualstack.").to_owned(), alias.hosted_zone_id().to_owned())
        })
    };
    let values = |set: &ResourceRecordSet| -> Vec<String> {
        set.resource_records().iter().map(|record| plain(record.value())).collect()
    };
    plain(one.name()) == plain(two.name())
        && one.r#type() == two.r#type()
        && alias(one) == alias(two)
        && values(one) == values(two)
}

/// Makes all of it in one atomic change; gives the change's id.
async fn change(aws: &Aws, place: &Place, action: &ChangeAction, sets: Vec<ResourceRecordSet>) -> Result<String> {
    let invalid = |error: aws_smithy_types::error::operation::BuildError| ProviderError::Invalid(error.to_string());
    let one = |set| Change::builder().action(action.clone()).resource_record_set(set).build().map_err(invalid);
    let changes = sets.into_iter().map(one).collect::<Result<Vec<_>>>()?;
    let batch = ChangeBatch::builder().set_changes(Some(changes)).build().map_err(invalid)?;
    let call = aws.route53.write.change_resource_record_sets().hosted_zone_id(&place.zone).change_batch(batch);
    let answer = call.send().await.map_err(trouble)?;
    let id = answer.change_info().map(|info| info.id().trim_start_matches("/change/").to_owned());
    Ok(id.unwrap_or_default())
}

/// Where it is, by its id, or where that isn't known, by its mark.
async fn place_of(aws: &Aws, at: &Handle) -> Result<Option<Place>> {
    if let Some((place, _)) = at.id.as_ref().and_then(|id| Place::of(&id.0)) {
        return Ok(Some(place));
    }
    let env = at.mark.env();
    let of = Listing { installation: &at.mark.installation, of: Whose::Env(&env) };
    let found = RecordDriver.list(aws, &of).await?.into_iter().find(|found| found.mark == at.mark);
    Ok(found.and_then(|found| Place::of(&found.id.0).map(|(place, _)| place)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_aws_wrote_otherwise_is_the_same() {
        let target = |dns_name: &str| Target::Alias { dns_name: dns_name.to_owned(), zone: "Z1".to_owned() };
        let spec = |name: &str, target| Record { zone: "Z2".to_owned(), name: name.to_owned(), target };
        let ours = sets(&spec("*.dev.example.com", target("Balancer-1.elb.amazonaws.com"))).unwrap();
        let theirs = sets(&spec("\\052.dev.example.com.", target("dualstack.balancer-1.elb.amazonaws.com."))).unwrap();
        assert!(ours.iter().zip(&theirs).all(|(one, two)| same(one, two)));
        let other = sets(&spec("*.dev.example.com", target("balancer-2.elb.amazonaws.com"))).unwrap();
        assert!(!same(&ours[0], &other[0]));
        assert!(!same(&ours[0], &ours[1]), "A and AAAA");
    }
}
