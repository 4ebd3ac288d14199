//! What the drivers of Route 53's kinds share. Zones carry their mark in their comment and records in a TXT record
//! beside them, since both are written in the same call as the thing itself; tags can only follow.

use super::{Aws, Result, trouble};
use aws_sdk_route53::types::{HostedZone, ResourceRecord, ResourceRecordSet, RrType};
use gantry_engine::address::{Addr, Generation, Mark};
use gantry_engine::names::{InstallationId, ProjectName};

/// What marks begin with, in comments and TXT records.
const OURS: &str = "gantry ";

/// A zone that isn't there.
pub(super) const MISSING: &[&str] = &["NoSuchHostedZone"];

/// A mark as one line of text.
pub(super) fn written(mark: &Mark) -> String {
    format!("{OURS}{mark}")
}

/// The mark that a line of text tells; none where it isn't one of ours.
pub(super) fn read(text: &str) -> Option<Mark> {
    let (installation, rest) = text.trim_matches('"').strip_prefix(OURS)?.split_once('/')?;
    let (project, rest) = rest.split_once('#')?;
    let (incarnation, rest) = rest.split_once('/')?;
    let (addr, generation) = rest.split_once('@')?;
    Some(Mark {
        installation: InstallationId::new(installation),
        project: ProjectName::new(project).ok()?,
        incarnation: incarnation.parse().ok()?,
        addr: addr.parse::<Addr>().ok()?,
        generation: Generation(generation.strip_prefix('g')?.parse().ok()?),
    })
}

/// The name of the TXT record that says whose a name is.
pub(crate) fn mark_name(name: &str) -> String {
    // A TXT record may stand beside a CNAME only under another name.
    format!("_gantry.{}", name.replace('*', "wildcard"))
}

/// A name as we write it: without the dot at the end, and with `*` where Route 53 writes its code.
pub(crate) fn plain(name: &str) -> String {
    name.trim_end_matches('.').replace("\\052", "*")
}

/// A zone's id without the path that some calls put before it.
pub(crate) fn zone_id(id: &str) -> &str {
    id.strip_prefix("/hostedzone/").unwrap_or(id)
}

/// The mark in a TXT record.
pub(crate) fn mark_in(set: &ResourceRecordSet) -> Option<Mark> {
    let texts = set.resource_records().iter().map(ResourceRecord::value);
    texts.filter(|_| set.r#type() == &RrType::Txt).find_map(read)
}

/// Every public zone of the account.
pub(super) async fn zones(aws: &Aws) -> Result<Vec<HostedZone>> {
    let pages = aws.route53.read.list_hosted_zones().into_paginator().items().send();
    let all = pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?;
    Ok(all.into_iter().filter(|zone| zone.config().is_none_or(|config| !config.private_zone())).collect())
}

/// The mark in a zone's comment.
pub(super) fn zone_mark(zone: &HostedZone) -> Option<Mark> {
    read(zone.config()?.comment()?)
}

/// The record sets of a zone, from a name on; all of them where none is given. Nothing where there is no such zone.
pub(crate) async fn records(aws: &Aws, zone: &str, name: Option<&str>) -> Result<Vec<ResourceRecordSet>> {
    let mut all = Vec::new();
    let (mut from_name, mut from_kind, mut from_id) = (name.map(ToOwned::to_owned), None, None);
    loop {
        let call = aws.route53.read.list_resource_record_sets().hosted_zone_id(zone).set_start_record_name(from_name);
        let call = call.set_start_record_type(from_kind).set_start_record_identifier(from_id);
        // Of one name there are only a few.
        let call = call.max_items(if name.is_some() { 10 } else { 300 });
        let page = match call.send().await.map_err(trouble) {
            Ok(page) => page,
            Err(error) if error.is(MISSING) => return Ok(all),
            Err(error) => return Err(error.into()),
        };
        all.extend(page.resource_record_sets);
        if !page.is_truncated || name.is_some() {
            return Ok(match name {
                Some(name) => all.into_iter().filter(|set| plain(set.name()) == name).collect(),
                None => all,
            });
        }
        (from_name, from_kind, from_id) = (page.next_record_name, page.next_record_type, page.next_record_identifier);
    }
}

/// The record sets of a domain and of every name below it. Route 53 sorts names by their labels from the right (API
/// reference, ListResourceRecordSets), so they stand together.
pub(crate) async fn below(aws: &Aws, zone: &str, domain: &str) -> Result<Vec<ResourceRecordSet>> {
    let within = |set: &ResourceRecordSet| {
        let name = plain(set.name());
        name == domain || name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
    };
    let mut all = Vec::new();
    let (mut name, mut kind, mut id) = (Some(domain.to_owned()), None, None);
    loop {
        let call = aws.route53.read.list_resource_record_sets().hosted_zone_id(zone);
        let call = call.set_start_record_name(name).set_start_record_type(kind).set_start_record_identifier(id);
        let page = match call.send().await.map_err(trouble) {
            Ok(page) => page,
            Err(error) if error.is(MISSING) => return Ok(all),
            Err(error) => return Err(error.into()),
        };
        let (is_last, outside) = (!page.is_truncated, page.resource_record_sets.iter().any(|set| !within(set)));
        all.extend(page.resource_record_sets.into_iter().filter(within));
        if is_last || outside {
            return Ok(all);
        }
        (name, kind, id) = (page.next_record_name, page.next_record_type, page.next_record_identifier);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gantry_engine::names::EnvName;

    #[test]
    fn a_mark_comes_back_from_its_text() {
        let mark = Mark {
            installation: InstallationId::new("0a1b2c3d"),
            project: ProjectName::new("shop").unwrap(),
            incarnation: 2,
            addr: Addr::new(&EnvName::new("staging").unwrap(), "web", "record").unwrap(),
            generation: Generation(3),
        };
        assert_eq!(read(&format!("\"{}\"", written(&mark))), Some(mark));
        for other in ["", "gantry", "v=spf1 -all", "gantry a/b", "\"gantry x/shop#1/staging/web@g1\""] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
