//! The driver of `aws.listener-rule`. A priority of a listener has one rule at most, which makes `CreateRule` repeatable.

use super::elb::{MISSING, found, is_marked, listeners, marks_of, tags};
use super::{Aws, Drive, Listing, Result, Trouble, Want, gone, observed, trouble};
use crate::kinds::{ListenerRule, Shape};
use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, HostHeaderConditionConfig, Rule, RuleCondition, RulePriorityPair,
};
use gantry_engine::ports::Whose;
use gantry_engine::provider::{Handle, Observed, Progress, ProviderError, Remove};
use gantry_engine::receipt::Found;
use std::collections::BTreeSet;

pub(super) struct ListenerRuleDriver;

#[async_trait]
impl Drive for ListenerRuleDriver {
    type Spec = ListenerRule;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(arn_of(aws, at).await?.map(|arn| observed(&arn, [])))
    }

    async fn put(&self, aws: &Aws, want: &Want<ListenerRule>) -> Result<Progress> {
        let spec = &want.spec;
        let rules = match rules(aws, &spec.listener).await {
            Err(error) if error.is(MISSING) => {
                return Err(ProviderError::NotYet("the listener can't be read yet".to_owned()));
            }
            rules => rules?,
        };
        let arns = rules.iter().filter_map(|rule| rule.rule_arn.clone()).collect();
        let marks = marks_of(aws, arns).await?;
        let own = marks.iter().find(|(_, mark)| mark == want.mark()).map(|(arn, _)| arn.as_str());
        let Some(rule) = rules.iter().find(|rule| own.is_some() && rule.rule_arn() == own) else {
            return create(aws, want).await;
        };
        let arn = rule.rule_arn().unwrap_or_default();
        if rule.priority() != Some(&spec.priority.to_string()) {
            let pair = RulePriorityPair::builder().rule_arn(arn).priority(priority(spec)).build();
            let call = aws.elb.set.set_rule_priorities().rule_priorities(pair).send().await;
            call.map_err(trouble).map_err(|error| taken(error, spec))?;
        }
        let hosts: BTreeSet<&String> = rule.conditions().iter().flat_map(hosts_of).collect();
        let target = rule.actions().first().and_then(Action::target_group_arn);
        if hosts != spec.hosts.iter().collect() || target != Some(&spec.target) {
            let call = aws.elb.set.modify_rule().rule_arn(arn).conditions(condition(spec));
            call.actions(forward(spec)).send().await.map_err(trouble)?;
        }
        Ok(Progress::Done(observed(arn, [])))
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let Some(arn) = arn_of(aws, &want.at).await? else { return Ok(gone()) };
        match aws.elb.write.delete_rule().rule_arn(arn).send().await.map_err(trouble) {
            Err(error) if !error.is(MISSING) => Err(error.into()),
            _ => Ok(gone()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        found(aws, of, &ListenerRule::KIND, all(aws, of).await?).await
    }
}

async fn create(aws: &Aws, want: &Want<ListenerRule>) -> Result<Progress> {
    let spec = &want.spec;
    let call = aws.elb.write.create_rule().listener_arn(&spec.listener).priority(priority(spec));
    let call = call.conditions(condition(spec)).actions(forward(spec)).set_tags(Some(tags(want.mark())));
    let made = match call.send().await.map_err(trouble) {
        // Its own earlier try, that can't be read yet: asked again, it is found.
        Err(error) if error.is(&["PriorityInUse"]) && want.tried.is_some() => {
            return Err(ProviderError::NotYet("the rule is there, but can't be read yet".to_owned()));
        }
        Err(error) if error.is(MISSING) => {
            return Err(ProviderError::NotYet("the listener can't be used yet".to_owned()));
        }
        made => made.map_err(|error| taken(error, spec))?,
    };
    let arn = made.rules().first().and_then(Rule::rule_arn);
    Ok(Progress::Done(observed(arn.ok_or_else(|| Trouble::unexpected("CreateRule gave no rule"))?, [])))
}

fn taken(error: Trouble, spec: &ListenerRule) -> ProviderError {
    if error.is(&["PriorityInUse"]) {
        let text =
            format!("the listener has a rule of priority {} that isn't ours; delete it, then retry", spec.priority);
        return ProviderError::Conflict(text);
    }
    error.into()
}

fn priority(spec: &ListenerRule) -> i32 {
    i32::try_from(spec.priority).unwrap_or(i32::MAX)
}

fn condition(spec: &ListenerRule) -> RuleCondition {
    let hosts = HostHeaderConditionConfig::builder().set_values(Some(spec.hosts.clone())).build();
    RuleCondition::builder().field("host-header").host_header_config(hosts).build()
}

fn hosts_of(condition: &RuleCondition) -> &[String] {
    match condition.host_header_config() {
        Some(hosts) => hosts.values(),
        None => condition.values(),
    }
}

fn forward(spec: &ListenerRule) -> Action {
    Action::builder().r#type(ActionTypeEnum::Forward).target_group_arn(&spec.target).build()
}

async fn rules(aws: &Aws, listener: &str) -> std::result::Result<Vec<Rule>, Trouble> {
    let pages = aws.elb.read.describe_rules().listener_arn(listener).into_paginator().items().send();
    pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)
}

/// Every rule of the listeners meant.
async fn all(aws: &Aws, of: &Listing<'_>) -> Result<Vec<String>> {
    let mut arns = Vec::new();
    for listener in listeners(aws, of).await? {
        match rules(aws, &listener).await {
            Ok(rules) => arns.extend(rules.into_iter().filter_map(|rule| rule.rule_arn)),
            Err(error) if error.is(MISSING) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(arns)
}

/// The rule by its id, or where that isn't known, by its mark: through the load balancers of its environment.
async fn arn_of(aws: &Aws, at: &Handle) -> Result<Option<String>> {
    if let Some(id) = &at.id {
        let ours = is_marked(aws, &id.0, &at.mark).await?;
        return Ok(Some(id.0.clone()).filter(|_| ours));
    }
    let env = at.mark.env();
    let of = Listing { installation: &at.mark.installation, of: Whose::Env(&env) };
    let marks = marks_of(aws, all(aws, &of).await?).await?;
    Ok(marks.into_iter().find(|(_, mark)| mark == &at.mark).map(|(arn, _)| arn))
}
