//! What a task is given: environment values, secrets by reference, and a volume.

use super::{Check, amounts, template};
use crate::finding::Finding;
use crate::mask::{is_reference, is_variable, telling};
use crate::raw::{self, At, Reference, Span, Templated};
use gantry_engine::project::{SecretRef, Template, TemplatePart, Volume};
use std::collections::BTreeMap;

/// Variables that the runtime sets; a value from the file would be lost or would mislead.
const OURS: [&str; 4] = ["PORT", "VERSION", "RELEASE", "VOLUME"];
const OUR_PREFIXES: [&str; 2] = ["PORT_", "GANTRY_"];

/// Reads environment values. Tells each service that they refer to through `refers`.
pub(super) fn env(
    check: &mut Check<'_>,
    table: &BTreeMap<At<String>, At<Templated>>,
    mut refers: impl FnMut(&str, Span),
) -> BTreeMap<String, Template> {
    let mut values = BTreeMap::new();
    for (name, text) in table {
        variable(check, name);
        let Some(value) = template::template(check, text, &mut refers) else { continue };
        let literal = value.0.iter().all(|part| matches!(part, TemplatePart::Text(_)));
        if literal && !value.0.is_empty() && telling(&name.value) {
            let message = format!("`{}` sounds like a secret, and everybody who reads this file reads it", name.value);
            let remedy = format!("move it: `secrets = {{ {0} = \"env:{0}\" }}`, or `\"file:/path\"`", name.value);
            check.report(Finding::warning(&name.span, message).label("a secret?").remedy_is(remedy));
        }
        values.insert(name.value.clone(), value);
    }
    values
}

/// Reads where secrets are found. What isn't a reference may be the secret itself, so it is never repeated.
pub(super) fn secrets(check: &mut Check<'_>, service: &raw::Service) -> BTreeMap<String, SecretRef> {
    let mut references = BTreeMap::new();
    for (name, At { value: Reference(text), span }) in &service.secrets {
        variable(check, name);
        if let Some((other, _)) = service.env.get_key_value(name) {
            let message = format!("`{}` is in `env` and in `secrets`", name.value);
            check.report(Finding::error(&name.span, message).label("again").also(&other.span, "first"));
        }
        if is_reference(text) {
            references.insert(name.value.clone(), SecretRef(text.clone()));
            continue;
        }
        let message =
            format!("the secret `{}` isn't a reference; what stands there isn't shown, in case it is one", name.value);
        let remedy = "a secret never stands in this file: say where it is found, `\"env:NAME\"` (a variable of the runtime), \
                      `\"file:/path\"`, `\"secretsmanager:NAME\"` or `\"ssm:NAME\"`; if it was one, replace it: it has been in a file";
        check.report(Finding::error(span, message).label("no reference").remedy_is(remedy));
    }
    references
}

fn variable(check: &mut Check<'_>, name: &At<String>) {
    let text = &name.value;
    if !is_variable(text) {
        let message = format!("`{text}` isn't a variable's name; use letters, digits and _, no digit first");
        check.report(Finding::error(&name.span, message).label("no name"));
    } else if OURS.contains(&text.as_str()) || OUR_PREFIXES.iter().any(|start| text.starts_with(start)) {
        let message = format!("`{text}` is set by the runtime");
        let remedy =
            "the runtime sets `PORT`, `PORT_NAME`, `VERSION`, `RELEASE`, `VOLUME` and `GANTRY_...`; use another name";
        check.report(Finding::error(&name.span, message).label("taken").remedy_is(remedy));
    }
}

/// Reads a volume. One task at a time may write to it, so a service with one has one task.
pub(super) fn volume(check: &mut Check<'_>, table: &At<raw::Volume>, replicas: &At<u32>) -> Option<Volume> {
    if replicas.value > 1 {
        let message = format!("a service with a volume can't have {} tasks", replicas.value);
        let remedy = "tasks would write over each other: `replicas = 1`, or keep the data in a service of its own";
        let finding = Finding::error(&replicas.span, message).label("more than one task");
        check.report(finding.also(&table.span, "one disk").remedy_is(remedy));
    }
    let size_gib = check.read(&table.value.size.span, amounts::gibibytes(&table.value.size.value.0));
    let path = table.value.path.as_ref()?;
    if !path.value.starts_with('/') {
        let message = format!("`{}` isn't an absolute path", path.value);
        check.report(Finding::error(&path.span, message).remedy_is("begin with `/`, such as `/data`"));
    }
    Some(Volume { path: path.value.clone(), size_gib: size_gib? })
}
