//! Texts with outputs of other services in them: `http://${services.db.address}`.

use super::Check;
use crate::finding::Finding;
use crate::raw::{At, Protocol, Span, Templated};
use crate::suggest;
use gantry_engine::names::ServiceName;
use gantry_engine::project::{Template, TemplatePart};

/// What a service tells others about itself.
const OUTPUTS: [&str; 4] = ["address", "host", "port", "url"];
/// How a reference looks, for remedies.
const FORM: &str =
    "outputs are written `${services.NAME.OUTPUT}`, such as `${services.db.address}`; `$${` is a plain `${`";

/// Reads a text. Tells each service that it refers to, with the place, through `refers`.
pub(super) fn template(
    check: &mut Check<'_>,
    text: &At<Templated>,
    mut refers: impl FnMut(&str, Span),
) -> Option<Template> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text.value.0.as_str();
    let mut sound = true;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        if let Some(before) = before.strip_suffix('$') {
            plain.push_str(before);
            plain.push_str("${");
            rest = &from[2..];
            continue;
        }
        plain.push_str(before);
        let Some(end) = from.find('}') else {
            let span = check.within(&text.span, from);
            check.report(Finding::error(&span, "a `${` without its `}`").label("begins here").remedy_is(FORM));
            return None;
        };
        let (reference, after) = from.split_at(end + 1);
        let span = check.within(&text.span, reference);
        match output(check, reference, &span) {
            Some(part) => {
                if let TemplatePart::Output { service, .. } = &part {
                    refers(service.as_str(), span);
                }
                if !plain.is_empty() {
                    parts.push(TemplatePart::Text(std::mem::take(&mut plain)));
                }
                parts.push(part);
            }
            None => sound = false,
        }
        rest = after;
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        parts.push(TemplatePart::Text(plain));
    }
    sound.then_some(Template(parts))
}

/// Reads `${services.NAME.OUTPUT}`.
fn output(check: &mut Check<'_>, reference: &str, span: &Span) -> Option<TemplatePart> {
    let inner = reference.trim_start_matches("${").trim_end_matches('}');
    let mut words = inner.split('.');
    let (Some("services"), Some(name), Some(output), None) = (words.next(), words.next(), words.next(), words.next())
    else {
        let message = format!("`{reference}` isn't an output of a service");
        check.report(Finding::error(span, message).label("can't be read").remedy_is(FORM));
        return None;
    };
    let known = check.known;
    if !known.services.iter().any(|service| service == name) {
        check.unknown("service", name, span, &known.services);
        return None;
    }
    let front = known.front(name);
    let complaint = if !OUTPUTS.contains(&output) {
        Some((
            "unknown output",
            format!("a service has no output `{output}`"),
            suggest::remedy(output, "Outputs", OUTPUTS),
        ))
    } else if front.is_none() {
        let remedy = format!("give it one: `ports = [\"http\"]` in `[services.{name}]`");
        Some(("listens nowhere", format!("`{name}` has no port, so it has no `{output}`"), remedy))
    } else if output == "url" && front == Some(Protocol::Tcp) {
        let remedy = "use `address`, `host` or `port`".to_owned();
        Some(("no HTTP there", format!("the first port of `{name}` doesn't speak HTTP, so it has no `url`"), remedy))
    } else {
        None
    };
    if let Some((label, message, remedy)) = complaint {
        let finding = Finding::error(span, message).label(label).remedy_is(remedy);
        if front.is_none() {
            check.lacks(name, finding);
        } else {
            check.report(finding);
        }
        return None;
    }
    // A name that breaks the rule for names was reported where it is declared.
    let service = ServiceName::new(name).ok()?;
    Some(TemplatePart::Output { service, output: output.to_owned() })
}
