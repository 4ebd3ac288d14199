//! Ports, the health check on the first of them, and the public host name that needs one.

use super::{Check, amounts};
use crate::finding::Finding;
use crate::raw::{self, At, PortTable, Span};
use gantry_engine::names::Part;
use gantry_engine::project::{HealthCheck, Port, Protocol};
use jiff::SignedDuration;

/// The longest label of a host name (RFC 1035, 2.3.4).
const LONGEST_LABEL: usize = 63;

/// Reads a service's ports. With an image, each needs its number in the container.
pub(super) fn ports(check: &mut Check<'_>, list: &[At<raw::Port>], image: bool) -> Vec<Port> {
    let mut ports: Vec<(Port, &Span)> = Vec::new();
    for item in list {
        let Some(port) = port(check, item) else { continue };
        if let Some((_, first)) = ports.iter().find(|(other, _)| other.name == port.name) {
            let message = format!("two ports are called `{}`", port.name);
            let remedy = "give each a name of its own: `{ name = \"admin\", container = 9000 }`";
            check.report(Finding::error(&item.span, message).label("again").also(first, "first").remedy_is(remedy));
        }
        if let (Some(number), Some((_, first))) = (
            port.container,
            ports.iter().find(|(other, _)| other.container.is_some() && other.container == port.container),
        ) {
            let message = format!("two ports have the number {number}");
            check.report(Finding::error(&item.span, message).label("again").also(first, "first"));
        }
        if image && port.container.is_none() {
            let message = format!("the port `{}` lacks its number in the container", port.name);
            let remedy =
                "a service with an image says where it listens: `\"http:8080\"`, or `container = 8080` in a table";
            check.report(Finding::error(&item.span, message).label("which number?").remedy_is(remedy));
        }
        ports.push((port, &item.span));
    }
    ports.into_iter().map(|(port, _)| port).collect()
}

fn port(check: &mut Check<'_>, item: &At<raw::Port>) -> Option<Port> {
    match &item.value {
        raw::Port::Short(text) => short(check, text, &item.span),
        raw::Port::Full(PortTable { name, protocol, container }) => {
            let name = name.clone()?;
            if Part::new(&name).is_err() {
                let message =
                    format!("`{name}` isn't a port's name; use a-z, 0-9 and - (a letter or digit first and last)");
                check.report(Finding::error(&check.within(&item.span, &name), message).label("no name"));
                return None;
            }
            let protocol = match protocol {
                raw::Protocol::Http => Protocol::Http,
                raw::Protocol::Tcp => Protocol::Tcp,
            };
            Some(Port { name, protocol, container: *container })
        }
    }
}

/// Reads `http`, `tcp`, `http:8080`, `tcp:5432`.
fn short(check: &mut Check<'_>, text: &str, span: &Span) -> Option<Port> {
    let (word, number) = text.split_once(':').map_or((text, None), |(word, number)| (word, Some(number)));
    let protocol = match word {
        "http" => Some(Protocol::Http),
        "tcp" => Some(Protocol::Tcp),
        _ => None,
    };
    let container = number.map(|number| number.parse().ok().filter(|number| *number > 0));
    if let (Some(protocol), None | Some(Some(_))) = (protocol, container) {
        return Some(Port { name: word.to_owned(), protocol, container: container.flatten() });
    }
    let remedy = "write `\"http\"`, `\"tcp\"`, `\"http:8080\"`, or a table: `{ name = \"admin\", protocol = \"http\", container = 9000 }`";
    check.report(Finding::error(span, format!("`{text}` isn't a port")).label("can't be read").remedy_is(remedy));
    None
}

/// Reads the health check, and warns where there should be one.
pub(super) fn health(
    check: &mut Check<'_>,
    table: Option<&At<raw::Health>>,
    ports: &[Port],
    named: &At<String>,
) -> Option<HealthCheck> {
    let Some(At { value: table, span }) = table else {
        if !ports.is_empty() {
            let message = format!("`{}` listens, but has no health check", named.value);
            let remedy = "a rollout can't tell whether it answers, so a broken version isn't reverted: add `health = { path = \"/health\" }`";
            check.lacks(
                &named.value,
                Finding::warning(&named.span, message).label("running counts as well").remedy_is(remedy),
            );
        }
        return None;
    };
    let Some(front) = ports.first() else {
        let message = format!("`{}` has a health check, but no port to ask", named.value);
        check.lacks(
            &named.value,
            Finding::error(span, message).label("asks nobody").remedy_is("add `ports = [\"http\"]`"),
        );
        return None;
    };
    if let Some(path) = &table.path {
        let complaint = if !path.value.starts_with('/') || path.value.contains(char::is_whitespace) {
            Some((format!("`{}` isn't a path", path.value), "a path begins with `/`, such as `/health`"))
        } else if front.protocol != Protocol::Http {
            let message = format!("the first port, `{}`, doesn't speak HTTP, so no path answers there", front.name);
            Some((message, "leave `path` out: accepting a connection is enough"))
        } else {
            None
        };
        if let Some((message, remedy)) = complaint {
            check.report(Finding::error(&path.span, message).remedy_is(remedy));
        }
    }
    let finest = SignedDuration::from_millis(1);
    let interval = check.read(&table.interval.span, amounts::length(&table.interval.value.0, finest));
    let timeout = check.read(&table.timeout.span, amounts::length(&table.timeout.value.0, finest));
    Some(HealthCheck {
        path: table.path.as_ref().map(|path| path.value.clone()),
        interval: interval?,
        timeout: timeout?,
        healthy_after: table.healthy_after.value,
        unhealthy_after: table.unhealthy_after.value,
    })
}

/// Reads the first label of a public host name.
pub(super) fn host(check: &mut Check<'_>, host: &At<String>, ports: &[Port], named: &At<String>) {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let label = &host.value;
    let ends = label.starts_with('-') || label.ends_with('-');
    if label.is_empty() || label.len() > LONGEST_LABEL || ends || !label.bytes().all(inner) {
        let message = format!("`{label}` isn't a label of a host name");
        let remedy = "one word of a-z, 0-9 and -, such as `www`; environment, project and domain are added";
        check.report(Finding::error(&host.span, message).label("no label").remedy_is(remedy));
    }
    if !ports.iter().any(|port| port.protocol == Protocol::Http) {
        let message = format!("`{label}` is a public host name, but no port speaks HTTP");
        let remedy = "add `ports = [\"http\"]`, or leave `host` out: other services reach it without one";
        check.lacks(&named.value, Finding::error(&host.span, message).label("leads nowhere").remedy_is(remedy));
    }
}
