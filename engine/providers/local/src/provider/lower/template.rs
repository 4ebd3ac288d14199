//! Environment values: texts with outputs of other services in them, as references.

use super::draft::{Draft, error};
use super::service::{balancer_part, front_port};
use crate::provider::kinds::balancer;
use gantry_engine::names::ServiceName;
use gantry_engine::ports::Finding;
use gantry_engine::project::{Protocol, Template, TemplatePart};
use gantry_engine::value::{Output, Ref, Value, When};

/// The value that a service's variable has.
pub(super) fn value(draft: &Draft<'_>, of: (&ServiceName, &str), template: &Template) -> Result<Value, Finding> {
    let mut parts = Vec::new();
    for part in &template.0 {
        match part {
            TemplatePart::Text(text) => parts.push(Value::text(text)),
            TemplatePart::Output { service, output } => output_of(draft, of, service, output, &mut parts)?,
        }
    }
    if parts.iter().any(|part| part.as_text().is_none()) {
        return Ok(match <[Value; 1]>::try_from(parts) {
            Ok([single]) => single,
            Err(parts) => Value::Join(parts),
        });
    }
    Ok(Value::Text(parts.iter().filter_map(Value::as_text).collect()))
}

fn output_of(
    draft: &Draft<'_>,
    (user, variable): (&ServiceName, &str),
    service: &ServiceName,
    output: &str,
    parts: &mut Vec<Value>,
) -> Result<(), Finding> {
    let whole = format!("`{variable}` of service `{user}` refers to `${{services.{service}.{output}}}`");
    let Some(running) = draft.env.services.get(service) else {
        let what = format!("{whole}, and `{service}` doesn't run in {}", draft.env.key);
        return Err(error(what, format!("add `{service}` to `depends_on` of `[services.{user}]`, or deploy it first")));
    };
    let Some(port) = front_port(&running.service) else {
        return Err(error(format!("{whole}, which listens nowhere"), format!("give `[services.{service}]` a port")));
    };
    let addr = draft.addr(service.as_str(), &balancer_part(&running.service, port))?;
    let known = |output: Output| Value::Ref(Ref { addr: addr.clone(), output, when: When::Known });
    match (output, port.protocol) {
        ("address", _) => parts.push(known(balancer::ADDRESS)),
        ("host", _) => parts.push(known(balancer::HOST)),
        ("port", _) => parts.push(known(balancer::PORT)),
        ("url", Protocol::Http) => parts.extend([Value::text("http://"), known(balancer::ADDRESS)]),
        ("url", Protocol::Tcp) => {
            return Err(error(format!("{whole}, which doesn't speak HTTP"), "use `address`, `host` or `port`"));
        }
        _ => {
            return Err(error(
                format!("{whole}, and there is no such output"),
                "use `address`, `host`, `port` or `url`",
            ));
        }
    }
    Ok(())
}
