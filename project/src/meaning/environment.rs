//! Environments: names and patterns, how long they live, whose word a change needs.

use super::{Check, amounts, approval, cycles};
use crate::finding::Finding;
use crate::raw::{self, At, Length, Named};
use crate::suggest;
use gantry_engine::names::{EnvName, GroupName, PlatformName};
use gantry_engine::project::{EnvPattern, EnvironmentSettings, Policy, VolumesAtEnd};
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// The longest name of a channel (Slack: "Channel names", at most 80 characters).
const LONGEST_CHANNEL: usize = 80;

pub(super) fn environments(check: &mut Check<'_>, tables: &Named<raw::Environment>) -> Vec<EnvironmentSettings> {
    let mut settings: Vec<EnvironmentSettings> =
        tables.iter().filter_map(|(name, table)| environment(check, name, &table.value)).collect();
    settings.sort_by_key(|settings| (settings.pattern.0.contains('*'), usize::MAX - settings.pattern.0.len()));
    ambiguous(check, tables);
    circles(check, tables);
    settings
}

fn environment(check: &mut Check<'_>, name: &At<String>, table: &raw::Environment) -> Option<EnvironmentSettings> {
    let pattern = pattern(check, name);
    let expiry = table.expiry.as_ref().and_then(|length| seconds(check, length));
    let max = table.max.as_ref().and_then(|length| seconds(check, length));
    if let (Some(expiry_), Some(max_), Some(said), Some(bound)) = (expiry, max, &table.expiry, &table.max)
        && expiry_ > max_
    {
        let message = format!("`expiry`, {}, is longer than `max`, {}", said.value.0, bound.value.0);
        let finding = Finding::error(&said.span, message).label("longer").also(&bound.span, "than this");
        check.report(finding.remedy_is("make `expiry` shorter, or `max` longer"));
    }
    let approval = approval::policy(check, &table.approval);
    let rollback = table.rollback.as_ref().map(|rollback| approval::policy(check, rollback));
    let channel = table.channel.as_ref().and_then(|channel| self::channel(check, channel));
    let uses = uses(check, name, &table.uses);
    let platform = platform(check, table.platform.as_ref()?)?;
    elsewhere(check, name, &platform);
    let volumes = match table.volumes.value {
        raw::VolumesAtEnd::Keep => VolumesAtEnd::Keep,
        raw::VolumesAtEnd::Delete => VolumesAtEnd::Delete,
    };
    Some(EnvironmentSettings {
        pattern: pattern?,
        platform,
        expiry: expiry.or(max),
        max,
        rollback: rollback.unwrap_or_else(|| approval.as_ref().map(Policy::at_most_confirm))?,
        approval: approval?,
        channel,
        volumes,
        uses,
        settings: check.settings("environments", &name.value),
    })
}

/// A name, or a pattern with one `*`.
pub(super) fn pattern(check: &mut Check<'_>, text: &At<String>) -> Option<EnvPattern> {
    if !text.value.contains('*') {
        return check.name(text, EnvName::new).map(|name| EnvPattern(name.as_str().to_owned()));
    }
    // Some name must fit: with a letter for the star, the rest follows the rule for names.
    if text.value.matches('*').count() == 1 && EnvName::new(&text.value.replace('*', "x")).is_ok() {
        return Some(EnvPattern(text.value.clone()));
    }
    let message = format!("`{}` isn't a pattern for environments", text.value);
    let remedy = "a pattern is a name with one `*` in it, such as `pr-*`";
    check.report(Finding::error(&text.span, message).label("no pattern").remedy_is(remedy));
    None
}

fn platform(check: &mut Check<'_>, text: &At<String>) -> Option<PlatformName> {
    let platforms = check.vocabulary.platforms;
    let name = check.name(text, PlatformName::new)?;
    let names = || platforms.iter().map(|platform| platform.name.as_str());
    if !platforms.is_empty() && !names().any(|known| known == name.as_str()) {
        let message = format!("there is no platform `{name}`");
        let remedy = suggest::remedy(&text.value, "Platforms here", names());
        check.report(Finding::error(&text.span, message).label("unknown platform").remedy_is(remedy));
    }
    Some(name)
}

/// Settings for a platform that the environment isn't on mean nothing; more likely one of the two names is a slip.
fn elsewhere(check: &mut Check<'_>, name: &At<String>, platform: &PlatformName) {
    let lifted = check.lifted;
    let others = lifted.of("environments", &name.value).into_iter().flatten().filter(|(other, _)| *other != platform);
    for (other, At { span, .. }) in others {
        let message = format!("`{}` is on `{platform}`, so what stands here for `{other}` means nothing", name.value);
        let remedy = format!("take it out, or write `platform = \"{other}\"`");
        check.report(Finding::warning(span, message).label("for another platform").remedy_is(remedy));
    }
}

/// A user group, written with its `@`.
pub(super) fn group(text: &str) -> Option<GroupName> {
    text.strip_prefix('@').filter(|handle| is_handle(handle)).map(GroupName::new)
}

/// Whether a text can be the handle of a group or a person.
pub(super) fn is_handle(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

pub(super) fn channel(check: &mut Check<'_>, channel: &At<String>) -> Option<String> {
    let inner = |c: char| c.is_alphanumeric() && !c.is_uppercase() || matches!(c, '-' | '_');
    let name = channel.value.strip_prefix('#').filter(|name| !name.is_empty() && name.chars().all(inner));
    let name = name.filter(|name| name.chars().count() <= LONGEST_CHANNEL);
    if name.is_none() {
        let message = format!("`{}` isn't a channel", channel.value);
        let remedy = "a channel begins with # and has small letters, digits, - and _, such as `#dev`";
        check.report(Finding::error(&channel.span, message).label("no channel").remedy_is(remedy));
    }
    name.map(str::to_owned)
}

fn uses(check: &mut Check<'_>, name: &At<String>, list: &[At<String>]) -> BTreeSet<EnvName> {
    let known = check.known;
    let mut uses = BTreeSet::new();
    for used in list {
        let Some(wanted) = check.name(used, EnvName::new) else { continue };
        if !known.environments.iter().any(|pattern| EnvPattern(pattern.clone()).matches(&wanted)) {
            check.unknown("environment", &used.value, &used.span, &known.environments);
        } else if used.value == name.value {
            let message = format!("`{}` uses itself", name.value);
            check.report(Finding::error(&used.span, message).remedy_is("leave it out"));
        }
        uses.insert(wanted);
    }
    uses
}

/// Environments that use each other could never end.
fn circles(check: &mut Check<'_>, tables: &Named<raw::Environment>) {
    let needs: cycles::Needs = tables
        .iter()
        .map(|(name, table)| {
            let others = table.value.uses.iter().filter(|used| used.value != name.value);
            (name.value.clone(), others.map(|used| (used.value.clone(), used.span.clone())).collect())
        })
        .collect();
    for cycle in cycles::cycles(&needs) {
        let message = format!("environments that use each other can never end: {}", cycles::told(&cycle, "uses"));
        if let Some((_, _, span)) = cycle.first() {
            check.report(Finding::error(span, message).remedy_is("take one of these out of `uses`"));
        }
    }
}

/// Two patterns of one length that some name fits: neither is the more specific.
fn ambiguous(check: &mut Check<'_>, tables: &Named<raw::Environment>) {
    let patterns: Vec<&At<String>> = tables.keys().filter(|name| name.value.contains('*')).collect();
    for (index, one) in patterns.iter().enumerate() {
        for two in &patterns[index + 1..] {
            if one.value.len() == two.value.len() && overlap(&one.value, &two.value) {
                let message =
                    format!("some names fit both `{}` and `{}`, and neither is the longer", one.value, two.value);
                let finding = Finding::error(&two.span, message).label("fits too").also(&one.span, "fits");
                check.report(finding.remedy_is("make one of the patterns longer"));
            }
        }
    }
}

/// Whether some name fits both of two names or patterns.
pub(super) fn overlap(one: &str, two: &str) -> bool {
    let together = |a: &str, b: &str, fits: fn(&str, &str) -> bool| fits(a, b) || fits(b, a);
    match (one.split_once('*'), two.split_once('*')) {
        (None, None) => one == two,
        (Some(_), None) => EnvName::new(two).is_ok_and(|name| EnvPattern(one.to_owned()).matches(&name)),
        (None, Some(_)) => overlap(two, one),
        (Some((head, tail)), Some((other_head, other_tail))) => {
            together(head, other_head, |a, b| a.starts_with(b)) && together(tail, other_tail, |a, b| a.ends_with(b))
        }
    }
}

pub(super) fn seconds(check: &mut Check<'_>, length: &At<Length>) -> Option<SignedDuration> {
    check.read(&length.span, amounts::length(&length.value.0, SignedDuration::from_secs(1)))
}

#[cfg(test)]
mod tests {
    use super::overlap;

    #[test]
    fn patterns_overlap_where_a_name_fits_both() {
        for (one, two) in [("dev", "dev"), ("pr-*", "pr-12"), ("*", "prod"), ("pr-*", "*-12"), ("p*", "pr-*")] {
            assert!(overlap(one, two) && overlap(two, one), "{one} and {two}");
        }
        for (one, two) in [("dev", "prod"), ("pr-*", "dev"), ("pr-*", "qa-*"), ("*-a", "*-b"), ("pr-*", "pr")] {
            assert!(!overlap(one, two) && !overlap(two, one), "{one} and {two}");
        }
    }
}
