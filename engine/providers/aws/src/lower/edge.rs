//! The component `edge`: the public load balancer, its listeners, its certificate, and who may reach it. Only there if
//! a service is public.

use super::draft::{Draft, after, id, known, list};
use super::network::Network;
use crate::kinds::{
    Certificate, HostedZone, ID, Listener, LoadBalancer, Record, SecurityGroup, SecurityRule, certificate, hosted_zone,
    load_balancer,
};
use gantry_engine::address::Addr;
use gantry_engine::ports::Finding;
use gantry_engine::value::{Spec, Value};

/// The component's name.
pub(super) const EDGE: &str = "edge";

const HTTP: u16 = 80;
const HTTPS: u16 = 443;

/// How long an idle connection stays, in seconds: what AWS gives one by itself.
const IDLE: u32 = 60;

/// What public services stand behind.
pub(super) struct Edge {
    /// The load balancer.
    pub(super) balancer: Addr,
    /// Its security group.
    pub(super) group: Addr,
    /// The listener that rules belong to.
    pub(super) listener: Addr,
    /// The hosted zone of public names.
    pub(super) zone: Option<Value>,
    /// What else has to be there before people reach a service.
    pub(super) ways: Vec<Value>,
    /// How its addresses begin.
    pub(super) scheme: &'static str,
}

pub(super) fn lower(draft: &mut Draft<'_>, network: &Network) -> Result<Option<Edge>, Finding> {
    if draft.wanted.public().next().is_none() {
        return Ok(None);
    }
    let spec = Spec::new().with("vpc", network.vpc.clone()).with("description", "Load balancer: open to the internet");
    let group = draft.add::<SecurityGroup>(EDGE, "group", spec)?;
    let zone = zone(draft)?;
    let spec = Spec::new()
        .with("subnets", list(network.public.iter().map(|place| place.subnet.clone())))
        .with("groups", list([id(&group)]))
        .with("idle_timeout", IDLE);
    // AWS refuses a public load balancer in a VPC without an internet gateway.
    let balancer = draft.add::<LoadBalancer>(EDGE, "balancer", after(spec, network.gateway.clone()))?;
    draft.output("load balancer", known(&balancer, ID));

    let mut ways = vec![open(draft, &group, HTTP)?];
    let https = draft.wanted.account.https;
    let http = listener(draft, &balancer, HTTP, None)?;
    let listener = if https {
        ways.extend([id(&http), open(draft, &group, HTTPS)?]);
        let (certificate, validated) = certificate(draft, zone.as_ref())?;
        listener(draft, &balancer, HTTPS, Some((certificate, validated)))?
    } else {
        http
    };
    let scheme = if https { "https" } else { "http" };
    Ok(Some(Edge { balancer, group, listener, zone: zone.map(|zone| zone.id), ways, scheme }))
}

/// The zone that names are written to.
struct Zone {
    id: Value,
    /// Its name servers, where it is the environment's own: somebody has to delegate to them.
    servers: Option<Value>,
}

fn zone(draft: &mut Draft<'_>) -> Result<Option<Zone>, Finding> {
    let wanted = draft.wanted;
    match (&wanted.found.zone, wanted.domain()) {
        (_, Some(domain)) if wanted.account.create_zone => {
            let zone = draft.add::<HostedZone>(EDGE, "zone", Spec::new().with("name", domain))?;
            let servers = known(&zone, hosted_zone::NAME_SERVERS);
            draft.output("name servers", servers.clone());
            Ok(Some(Zone { id: id(&zone), servers: Some(servers) }))
        }
        (Some(zone), Some(_)) => Ok(Some(Zone { id: Value::text(zone), servers: None })),
        _ => Ok(None),
    }
}

/// Lets the internet in on a port.
fn open(draft: &mut Draft<'_>, group: &Addr, port: u16) -> Result<Value, Finding> {
    let name = if port == HTTPS { "https" } else { "http" };
    let spec = Spec::new()
        .with("group", id(group))
        .with("protocol", "tcp")
        .with("from_port", u32::from(port))
        .with("to_port", u32::from(port))
        .with("cidr", "0.0.0.0/0")
        .with("description", format!("{name} from anywhere"));
    Ok(id(&draft.add::<SecurityRule>(EDGE, &format!("from-{name}"), spec)?))
}

/// A listener: AWS takes it as soon as the load balancer has its ARN, minutes before that works.
fn listener(
    draft: &mut Draft<'_>,
    balancer: &Addr,
    port: u16,
    certificate: Option<(Value, Vec<Value>)>,
) -> Result<Addr, Finding> {
    let redirects = port == HTTP && draft.wanted.account.https;
    let mut spec = Spec::new()
        .with("balancer", known(balancer, ID))
        .with("port", u32::from(port))
        .with("default", if redirects { "redirect" } else { "not_found" });
    if let Some((certificate, validated)) = certificate {
        spec = after(spec.with("certificate", certificate), validated);
    }
    draft.add::<Listener>(EDGE, if port == HTTPS { "https" } else { "http" }, spec)
}

/// The certificate's ARN, and what has to be there for it to be issued. The record that validates it is written while
/// the certificate waits for just that.
fn certificate(draft: &mut Draft<'_>, zone: Option<&Zone>) -> Result<(Value, Vec<Value>), Finding> {
    let wanted = draft.wanted;
    if let Some(arn) = &wanted.account.certificate {
        return Ok((Value::text(arn), Vec::new()));
    }
    let domain = wanted.domain().unwrap_or_default();
    let mut spec = Spec::new().with("domain", format!("*.{domain}"));
    if let Some(servers) = zone.and_then(|zone| zone.servers.clone()) {
        spec = spec.with("servers", servers);
    }
    let made = draft.add::<Certificate>(EDGE, "certificate", spec)?;
    let Some(zone) = zone else { return Ok((id(&made), Vec::new())) };
    let target = Spec::new().with("value", known(&made, certificate::VALIDATION_VALUE));
    let spec = Spec::new()
        .with("zone", zone.id.clone())
        .with("name", known(&made, certificate::VALIDATION_NAME))
        .with("target", Value::Map(Spec::new().with("cname", Value::Map(target))));
    let record = draft.add::<Record>(EDGE, "certificate-record", spec)?;
    Ok((id(&made), vec![id(&record)]))
}

/// A public name of the load balancer.
pub(super) fn record(draft: &mut Draft<'_>, edge: &Edge, component: &str, name: &str) -> Result<(), Finding> {
    let Some(zone) = &edge.zone else { return Ok(()) };
    let target = Spec::new()
        .with("dns_name", known(&edge.balancer, load_balancer::DNS_NAME))
        .with("zone", known(&edge.balancer, load_balancer::ZONE));
    let spec = Spec::new()
        .with("zone", zone.clone())
        .with("name", name)
        .with("target", Value::Map(Spec::new().with("alias", Value::Map(target))));
    draft.add::<Record>(component, "record", spec).map(drop)
}
