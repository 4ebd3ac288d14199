//! Whose word a change needs: policies, and `[[protect]]` rules for plans that need more.

use super::environment::{group, is_handle};
use super::{Check, amounts, rule};
use crate::finding::Finding;
use crate::raw::{self, Approval, At, When, Word};
use crate::suggest;
use gantry_engine::cost::{Money, Rate};
use gantry_engine::names::GroupName;
use gantry_engine::policy::VOTE_WITHIN;
use gantry_engine::project::{Danger, Policy, Protection};
use jiff::SignedDuration;
use std::collections::BTreeSet;

pub(super) fn policy(check: &mut Check<'_>, approval: &At<Approval>) -> Option<Policy> {
    let votes = match &approval.value {
        Approval::Word(Word::None) => return Some(Policy::None),
        Approval::Word(Word::Confirm) => return Some(Policy::Confirm),
        Approval::Votes(votes) => votes,
    };
    let within = match &votes.within {
        Some(length) => {
            let span = check.within(&approval.span, &length.0);
            check.read(&span, amounts::length(&length.0, SignedDuration::from_secs(1)))?
        }
        None => VOTE_WITHIN,
    };
    let (count, from) = (votes.votes?, votes.from.as_ref()?);
    let groups: Vec<Option<GroupName>> = from.all().map(|from| voters(check, approval, from)).collect();
    Some(Policy::Votes { count, from: groups.into_iter().collect::<Option<_>>()?, within })
}

fn voters(check: &mut Check<'_>, approval: &At<Approval>, from: &str) -> Option<GroupName> {
    let span = check.within(&approval.span, from);
    asked(check, &At { value: from.to_owned(), span })
}

/// A user group of which something is asked. One that no rule names is more likely a slip.
pub(super) fn asked(check: &mut Check<'_>, At { value: from, span }: &At<String>) -> Option<GroupName> {
    let Some(group) = group(from) else {
        let message = format!("`{from}` isn't a group of people");
        let remedy = format!("a group begins with @, such as `@{}`", if is_handle(from) { from } else { "platform" });
        check.report(Finding::error(span, message).label("no group").remedy_is(remedy));
        return None;
    };
    let known = check.known;
    if !known.groups.iter().any(|known| known == group.as_str()) {
        let message = format!("`{from}` is asked here, but no `[[allow]]` rule names that group");
        let names: Vec<String> =
            known.groups.iter().collect::<BTreeSet<_>>().into_iter().map(|name| format!("@{name}")).collect();
        let remedy = suggest::remedy(from, "Groups that rules name", names.iter().map(String::as_str));
        check.report(Finding::warning(span, message).label("a slip?").remedy_is(remedy));
    }
    Some(group)
}

pub(super) fn protections(check: &mut Check<'_>, tables: &[At<raw::Protect>]) -> Vec<Protection> {
    tables.iter().filter_map(|table| protection(check, table)).collect()
}

fn protection(check: &mut Check<'_>, At { value: table, span }: &At<raw::Protect>) -> Option<Protection> {
    let mut when: BTreeSet<Danger> = table.when.iter().flatten().map(|when| danger(when.value)).collect();
    let mut amount = |amount: &Option<At<raw::Dollars>>, make: fn(u64) -> Danger| {
        let amount = amount.as_ref()?;
        when.extend(check.read(&amount.span, amounts::dollars(&amount.value.0)).map(make));
        Some(())
    };
    let hourly = amount(&table.cost_per_hour, |above| Danger::CostsPerHour(Rate(above)));
    let total = amount(&table.cost_in_all, |above| Danger::CostsInAll(Money(above)));
    if table.when.is_none() && hourly.or(total).is_none() {
        let remedy = "say which: `when = [\"loses_data\"]`, `cost_per_hour = \"$5\"` or `cost_in_all = \"$100\"`";
        check.report(Finding::error(span, "this rule is for no plan").label("no condition").remedy_is(remedy));
    }
    let places = table.environments.iter().flatten();
    let environments = places.filter_map(|place| rule::environment(check, place)).collect();
    let approval = table.approval.as_ref()?;
    let policy = policy(check, approval)?;
    if policy == Policy::None {
        let remedy = "write `\"confirm\"`, or how many votes, and whose";
        let message = "a rule that asks nobody protects nothing";
        check.report(Finding::error(&approval.span, message).label("asks nobody").remedy_is(remedy));
    }
    Some(Protection { when, environments, approval: policy })
}

fn danger(when: When) -> Danger {
    match when {
        When::LosesData => Danger::LosesData,
        When::Deletes => Danger::Deletes,
        When::Replaces => Danger::Replaces,
        When::BeyondMax => Danger::BeyondMaximum,
        When::Frozen => Danger::Frozen,
    }
}
