//! Environment values: texts with outputs of other services in them. On AWS these are private names, which are known
//! without asking anybody.

use super::draft::finding;
use super::names;
use super::wanted::{Wanted, front, number};
use gantry_engine::names::ServiceName;
use gantry_engine::ports::Finding;
use gantry_engine::project::{Protocol, Template, TemplatePart};

/// The text that a service's variable has.
///
/// # Errors
/// The first output in it that isn't there, with the remedy.
pub(super) fn text(wanted: &Wanted<'_>, of: (&ServiceName, &str), template: &Template) -> Result<String, Finding> {
    let part = |part: &TemplatePart| match part {
        TemplatePart::Text(text) => Ok(text.clone()),
        TemplatePart::Output { service, output } => output_of(wanted, of, service, output),
    };
    template.0.iter().map(part).collect()
}

fn output_of(
    wanted: &Wanted<'_>,
    (user, variable): (&ServiceName, &str),
    service: &ServiceName,
    output: &str,
) -> Result<String, Finding> {
    let whole = format!("`{variable}` of service `{user}` refers to `${{services.{service}.{output}}}`");
    let key = &wanted.env.key;
    let Some(running) = wanted.env.services.get(service) else {
        let remedy = format!("add `{service}` to `depends_on` of `[services.{user}]`, or deploy it first");
        return Err(finding(format!("{whole}, and `{service}` doesn't run in {key}"), remedy));
    };
    let Some(port) = front(&running.service) else {
        return Err(finding(format!("{whole}, which listens nowhere"), format!("give `[services.{service}]` a port")));
    };
    let (host, number) = (names::private(key, service), number(port));
    match (output, port.protocol) {
        ("address", _) => Ok(format!("{host}:{number}")),
        ("host", _) => Ok(host),
        ("port", _) => Ok(number.to_string()),
        ("url", Protocol::Http) => Ok(format!("http://{host}:{number}")),
        ("url", Protocol::Tcp) => {
            Err(finding(format!("{whole}, which doesn't speak HTTP"), "use `address`, `host` or `port`"))
        }
        _ => Err(finding(format!("{whole}, and there is no such output"), "use `address`, `host`, `port` or `url`")),
    }
}
