//! Services: what runs, where, and what it needs.

use super::{Check, amounts, cluster, cycles, port, settings};
use crate::finding::Finding;
use crate::raw::{self, At, Length, Named, Span};
use gantry_engine::names::{ClusterName, ServiceName, Version};
use gantry_engine::project::Service;
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// The longest version: a container image's tag has at most 128 characters.
const LONGEST_VERSION: usize = 128;

/// A service with the places that later checks point at.
pub(super) struct Drafted {
    pub(super) name: ServiceName,
    pub(super) service: Service,
    pub(super) declared: Span,
}

/// Reads all services, and whether they can be in order.
pub(super) fn services(check: &mut Check<'_>, tables: &Named<raw::Service>) -> Vec<Drafted> {
    let mut drafted = Vec::new();
    let mut needs = cycles::Needs::new();
    let mut hosts: BTreeMap<&str, &Span> = BTreeMap::new();
    for (named, At { value: table, .. }) in tables {
        let mut needed = BTreeMap::new();
        let name = check.name(named, ServiceName::new);
        let service = service(check, named, table, &mut needed);
        if let Some(host) = &table.host
            && let Some(first) = hosts.insert(&host.value, &host.span)
        {
            let message = format!("two services have the host name `{}`", host.value);
            let finding = Finding::error(&host.span, message).label("again").also(first, "first");
            check.report(finding.remedy_is("give each a label of its own"));
        }
        needs.insert(named.value.clone(), needed);
        if let Some((name, service)) = name.zip(service) {
            drafted.push(Drafted { name, service, declared: named.span.clone() });
        }
    }
    for cycle in cycles::cycles(&needs) {
        let message = format!("services that need each other can't start: {}", cycles::told(&cycle, "needs"));
        let [(_, _, first), others @ ..] = cycle.as_slice() else { continue };
        let finding = Finding::error(first, message).label("needed here");
        let finding = others.iter().fold(finding, |finding, (_, _, span)| finding.also(span, "and here"));
        check.report(finding.remedy_is("take one of these out of `depends_on` or `env`"));
    }
    drafted
}

fn service(
    check: &mut Check<'_>,
    named: &At<String>,
    table: &raw::Service,
    needed: &mut BTreeMap<String, Span>,
) -> Option<Service> {
    depends_on(check, table, needed);
    runnable(check, named, table);
    let ports = port::ports(check, &table.ports, table.image.is_some());
    if let Some(label) = &table.host {
        port::host(check, label, &ports, named);
    }
    let env = settings::env(check, &table.env, |service, span| {
        needed.entry(service.to_owned()).or_insert(span);
    });
    let secrets = settings::secrets(check, table);
    let volume = table.volume.as_ref().and_then(|volume| settings::volume(check, volume, &table.replicas));
    let health = port::health(check, table.health.as_ref(), &ports, named);
    let size = cluster::capacity(check, &table.cpu, &table.memory);
    let stop_timeout = seconds(check, &table.stop_timeout);
    let deadline = seconds(check, &table.deadline);
    let cluster = on_cluster(check, named, table.cluster.as_ref());
    Some(Service {
        image: table.image.as_ref().map(|image| image.value.clone()),
        command: table.command.iter().map(|word| word.value.clone()).collect(),
        version: Version::new(&table.version.value),
        replicas: table.replicas.value,
        cluster: cluster?,
        size: size?,
        ports,
        health,
        env,
        secrets,
        volume,
        host: table.host.as_ref().map(|host| host.value.clone()),
        depends_on: needed.keys().filter_map(|name| ServiceName::new(name).ok()).collect(),
        stop_timeout: stop_timeout?,
        deadline: deadline?,
        settings: check.settings("services", &named.value),
    })
}

fn depends_on(check: &mut Check<'_>, table: &raw::Service, needed: &mut BTreeMap<String, Span>) {
    let known = check.known;
    for name in &table.depends_on {
        if known.services.contains(&name.value) {
            needed.insert(name.value.clone(), name.span.clone());
        } else {
            check.unknown("service", &name.value, &name.span, &known.services);
        }
    }
}

/// Whether it says what to run, and which version of it.
fn runnable(check: &mut Check<'_>, named: &At<String>, table: &raw::Service) {
    let command = &table.command;
    if table.image.is_none() && command.is_empty() {
        let message = format!("`{}` has neither an image nor a command, so nothing would run", named.value);
        let remedy = "add `command = [\"program\", \"argument\"]` (the local platform), `image = \"registry/name\"` (platforms with containers), or both";
        check.lacks(&named.value, Finding::error(&named.span, message).label("runs nothing").remedy_is(remedy));
    }
    if let Some(program) = command.first()
        && program.value.trim().is_empty()
    {
        let message = "a command's first word is its program, and this one is empty";
        check.report(Finding::error(&program.span, message).remedy_is("for example: `command = [\"web\"]`"));
    }
    if let Some(image) = &table.image {
        bad_image(check, image);
    }
    if !is_version(&table.version.value) {
        let message = format!("`{}` isn't a version", table.version.value);
        let remedy = "a tag of at most 128 letters, digits and . _ - +, or `sha256:` and 64 hex digits";
        check.report(Finding::error(&table.version.span, message).label("can't be a tag").remedy_is(remedy));
    }
}

fn bad_image(check: &mut Check<'_>, image: &At<String>) {
    let text = &image.value;
    let last = text.rsplit('/').next().unwrap_or_default();
    let (message, remedy) = if text.contains('@') || last.contains(':') {
        let (_, version) = text.split_once('@').or_else(|| text.rsplit_once(':')).unwrap_or((text, ""));
        (
            "an image's version stands apart from its name".to_owned(),
            format!("write `version = \"{version}\"` on a line of its own"),
        )
    } else if last.is_empty() || text.contains(char::is_whitespace) {
        (format!("`{text}` isn't an image"), "for example: `image = \"ghcr.io/acme/web\"`".to_owned())
    } else {
        return;
    };
    check.report(Finding::error(&image.span, message).remedy_is(remedy));
}

fn is_version(text: &str) -> bool {
    if let Some(digest) = text.strip_prefix("sha256:") {
        return digest.len() == 64 && digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    }
    let first = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+');
    first && text.len() <= LONGEST_VERSION && text.bytes().all(inner)
}

/// The cluster named; the only one where none is.
fn on_cluster(check: &mut Check<'_>, named: &At<String>, cluster: Option<&At<String>>) -> Option<ClusterName> {
    let known = check.known;
    let Some(cluster) = cluster else {
        if let [only] = known.clusters.as_slice() {
            return ClusterName::new(only).ok();
        }
        let what = if known.clusters.is_empty() { "and there is none" } else { "and there are several" };
        let message = format!("`{}` names no cluster, {what}", named.value);
        let remedy = match known.clusters.first() {
            Some(first) => format!("add `cluster = \"{first}\"`, or another"),
            None => "add a table: `[clusters.a]` with `nodes = 1`".to_owned(),
        };
        check.lacks(&named.value, Finding::error(&named.span, message).label("runs where?").remedy_is(remedy));
        return None;
    };
    if known.clusters.contains(&cluster.value) {
        return ClusterName::new(&cluster.value).ok();
    }
    check.unknown("cluster", &cluster.value, &cluster.span, &known.clusters);
    None
}

fn seconds(check: &mut Check<'_>, length: &At<Length>) -> Option<SignedDuration> {
    check.read(&length.span, amounts::length(&length.value.0, SignedDuration::from_secs(1)))
}
