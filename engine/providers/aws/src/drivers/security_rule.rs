//! The driver of `aws.security-rule`. A group holds no two rules with the same content, so a create that is repeated
//! meets its earlier try.
//!
//! Its id has its group in front (`<group>|<rule>`): the call that removes it wants both, and shouldn't have to look for
//! one of them where a look may not show it yet.

use super::ec2::{alive, carries, filter, pairs, tag_spec, tagged, told};
use super::{Aws, Drive, Listing, Result, Want, gone, observed, trouble};
use crate::kinds::{SecurityRule, Shape};
use crate::marks;
use async_trait::async_trait;
use aws_sdk_ec2::types::{
    Filter, IpPermission, IpRange, Ipv6Range, ReferencedSecurityGroup, ResourceType, SecurityGroupRule as Seen,
    SecurityGroupRuleRequest, SecurityGroupRuleUpdate, UserIdGroupPair,
};
use gantry_engine::provider::{Handle, Observed, Progress, ProviderError, Remove};
use gantry_engine::receipt::Found;

/// What a removal is told where there is no such rule, or no such group (EC2 API reference, "Client error codes").
const MISSING: &[&str] =
    &["InvalidSecurityGroupRuleId.NotFound", "InvalidPermission.NotFound", "InvalidGroup.NotFound"];

pub(super) struct SecurityRuleDriver;

#[async_trait]
impl Drive for SecurityRuleDriver {
    type Spec = SecurityRule;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, at).await?.and_then(|rule| Some(observed(&id_of(&rule)?, []))))
    }

    async fn put(&self, aws: &Aws, want: &Want<SecurityRule>) -> Result<Progress> {
        let found = look(aws, &want.at).await?;
        if let Some(rule) = alive(aws, want, found, Seen::security_group_rule_id).await? {
            if rule.description() != Some(&want.spec.description) {
                describe(aws, &told(rule.security_group_rule_id())?, &want.spec).await?;
            }
            return Ok(Progress::Done(observed(&told(id_of(&rule).as_deref())?, [])));
        }
        let call = aws.ec2.write.authorize_security_group_ingress().group_id(&want.spec.group);
        let call = call.ip_permissions(permission(&want.spec));
        let tags = tag_spec(ResourceType::SecurityGroupRule, want.mark());
        match call.tag_specifications(tags).send().await.map_err(trouble) {
            Ok(made) => {
                let rule = told(made.security_group_rules().first().and_then(Seen::security_group_rule_id))?;
                Ok(Progress::Done(observed(&format!("{}|{rule}", want.spec.group), [])))
            }
            Err(error) if error.is(&["InvalidPermission.Duplicate"]) => same(aws, want).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let id = match &want.at.id {
            Some(id) => Some(id.0.clone()),
            None => look(aws, &want.at).await?.and_then(|rule| id_of(&rule)),
        };
        let Some((group, id)) = id.as_deref().and_then(|id| id.split_once('|')) else { return Ok(gone()) };
        let call = aws.ec2.write.revoke_security_group_ingress().group_id(group).security_group_rule_ids(id);
        match call.send().await.map_err(trouble) {
            Ok(_) => Ok(gone()),
            Err(error) if error.is(MISSING) => Ok(gone()),
            Err(error) => Err(error.into()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let found = described(aws, tagged(&of.tags())).await?;
        let mine = |one: &Seen| of.found(SecurityRule::KIND, &id_of(one)?, pairs(one.tags()));
        Ok(found.iter().filter_map(mine).collect())
    }
}

/// The rule that has the content already, if it is ours.
async fn same(aws: &Aws, want: &Want<SecurityRule>) -> Result<Progress> {
    let group = &want.spec.group;
    let rules = described(aws, vec![filter("group-id", group)]).await?;
    match rules.iter().find(|rule| lets_in(rule, &want.spec)) {
        Some(rule) if carries(rule.tags(), want.mark()) => {
            Ok(Progress::Done(observed(&told(id_of(rule).as_deref())?, [])))
        }
        Some(rule) if !rule.tags().is_empty() || want.may_create().is_ok() => {
            let id = rule.security_group_rule_id().unwrap_or_default();
            let text = format!("{group} has the rule {id}, which lets in the same and isn't this one; remove it");
            Err(ProviderError::Conflict(text))
        }
        // A rule, or its tags, that isn't visible yet.
        _ => Err(ProviderError::NotYet(format!("a rule of {group} isn't visible yet"))),
    }
}

/// Whether a rule has the same content: all but its description.
fn lets_in(rule: &Seen, want: &SecurityRule) -> bool {
    let source = rule.referenced_group_info().and_then(ReferencedSecurityGroup::group_id);
    rule.is_egress() != Some(true)
        && rule.ip_protocol() == Some(&want.protocol)
        && rule.from_port() == Some(want.from_port.into())
        && rule.to_port() == Some(want.to_port.into())
        && (source, rule.cidr_ipv4(), rule.cidr_ipv6())
            == (want.source_group.as_deref(), want.cidr.as_deref(), want.cidr_v6.as_deref())
}

fn permission(want: &SecurityRule) -> IpPermission {
    let text = &want.description;
    let group = |id: &String| UserIdGroupPair::builder().group_id(id).description(text).build();
    let range = |cidr: &String| IpRange::builder().cidr_ip(cidr).description(text).build();
    let range_v6 = |cidr: &String| Ipv6Range::builder().cidr_ipv6(cidr).description(text).build();
    IpPermission::builder()
        .ip_protocol(&want.protocol)
        .from_port(want.from_port.into())
        .to_port(want.to_port.into())
        .set_user_id_group_pairs(want.source_group.as_ref().map(|id| vec![group(id)]))
        .set_ip_ranges(want.cidr.as_ref().map(|cidr| vec![range(cidr)]))
        .set_ipv6_ranges(want.cidr_v6.as_ref().map(|cidr| vec![range_v6(cidr)]))
        .build()
}

/// Gives a rule its description. The call wants the whole content.
async fn describe(aws: &Aws, id: &str, want: &SecurityRule) -> Result<()> {
    let content = SecurityGroupRuleRequest::builder()
        .ip_protocol(&want.protocol)
        .from_port(want.from_port.into())
        .to_port(want.to_port.into())
        .set_referenced_group_id(want.source_group.clone())
        .set_cidr_ipv4(want.cidr.clone())
        .set_cidr_ipv6(want.cidr_v6.clone())
        .description(&want.description);
    let rule = SecurityGroupRuleUpdate::builder().security_group_rule_id(id).security_group_rule(content.build());
    let call = aws.ec2.set.modify_security_group_rules().group_id(&want.group).security_group_rules(rule.build());
    call.send().await.map_err(trouble)?;
    Ok(())
}

/// The group and the rule.
fn id_of(rule: &Seen) -> Option<String> {
    Some(format!("{}|{}", rule.group_id()?, rule.security_group_rule_id()?))
}

async fn look(aws: &Aws, at: &Handle) -> Result<Option<Seen>> {
    let filters = match at.id.as_ref().and_then(|id| id.0.split_once('|')) {
        Some((_, rule)) => vec![filter("security-group-rule-id", rule)],
        None => tagged(&marks::ownership(&at.mark)),
    };
    Ok(described(aws, filters).await?.into_iter().next())
}

async fn described(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<Seen>> {
    let pages = aws.ec2.read.describe_security_group_rules().set_filters(Some(filters)).into_paginator().items().send();
    Ok(pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?)
}
