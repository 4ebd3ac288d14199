//! From an environment's record to the fake's resources: pure, and small enough to read in one go.

use super::kinds::kind;
use gantry_engine::address::{Addr, Kind};
use gantry_engine::environment::{Environment, Running};
use gantry_engine::names::{Component, ServiceName};
use gantry_engine::ports::Finding;
use gantry_engine::project::{Protocol, Template, TemplatePart};
use gantry_engine::provider::Facts;
use gantry_engine::resource::{Desired, Resource};
use gantry_engine::value::{Output, Ref, Spec, Value, When};

/// The fact that says which range networks get.
pub(super) const RANGE: &str = "range";

pub(super) fn lower(env: &Environment, facts: &Facts) -> Result<Desired, Finding> {
    let mut lowering = Lowering { env, desired: Desired::default() };
    let range = facts.0.get(RANGE).map_or("10.0.0.0/16", String::as_str);
    lowering.add("network", "main", kind::NETWORK, Spec::new().with("range", range))?;
    for (name, cluster) in &env.clusters {
        let component = Component::cluster(name);
        let at = component.as_str();
        let disk = Spec::new().with("size", cluster.node.memory_mib);
        lowering.add(at, "disk", kind::DISK, disk)?;
        lowering.add(at, "role", kind::ROLE, Spec::new().with("for", name.as_str()))?;
        let group = Spec::new().with("min", cluster.min).with("max", cluster.max);
        let group = group.with("network", lowering.output("network", "main", "id", When::Known)?);
        let group = group.with("disk", lowering.output(at, "disk", "id", When::Ready)?);
        lowering.add(at, "group", kind::GROUP, group)?;
    }
    for (name, running) in &env.services {
        lowering.service(name, running)?;
    }
    Ok(lowering.desired)
}

struct Lowering<'a> {
    env: &'a Environment,
    desired: Desired,
}

impl Lowering<'_> {
    fn addr(&self, component: &str, part: &str) -> Result<Addr, Finding> {
        let remedy = || "use another name".to_owned();
        Addr::new(&self.env.key.env, component, part)
            .map_err(|error| Finding { what: error.to_string(), remedy: remedy() })
    }

    fn add(&mut self, component: &str, part: &str, kind: Kind, spec: Spec) -> Result<(), Finding> {
        let addr = self.addr(component, part)?;
        self.desired.resources.insert(addr, Resource { kind, spec });
        Ok(())
    }

    fn output(&self, component: &str, part: &str, output: &str, when: When) -> Result<Value, Finding> {
        Ok(Value::Ref(Ref { addr: self.addr(component, part)?, output: Output::named(output), when }))
    }

    fn service(&mut self, name: &ServiceName, running: &Running) -> Result<(), Finding> {
        let at = name.as_str();
        self.front(at, running)?;
        let cluster = Component::cluster(&running.service.cluster);
        if !self.env.clusters.contains_key(&running.service.cluster) {
            let what = format!("{name} runs on {cluster}, which {} doesn't have", self.env.key);
            return Err(Finding { what, remedy: "provision the cluster first".to_owned() });
        }
        let recipe = format!("recipe-{}", running.release);
        self.add(at, &recipe, kind::RECIPE, Spec::new().with("version", running.version.as_str()))?;
        let mut spec = Spec::new()
            .with("version", running.version.as_str())
            .with("release", running.release.0)
            .with("recipe", self.output(at, &recipe, "id", When::Known)?)
            .with("replicas", running.replicas)
            .with("restarts", running.restarts)
            .with("group", self.output(cluster.as_str(), "group", "name", When::Ready)?)
            .with("role", self.output(cluster.as_str(), "role", "id", When::Ready)?)
            .with("balancer", self.output(at, "balancer", "address", When::Known)?)
            .with("env", Value::Map(self.environment(running)?));
        let needed = running.service.depends_on.iter().filter(|other| self.env.services.contains_key(*other));
        let after = needed.map(|other| self.output(other.as_str(), "service", "name", When::Ready));
        spec = spec.with("after", Value::List(after.collect::<Result<_, _>>()?));
        if let Some(volume) = &running.service.volume {
            let disk = Spec::new().with("path", volume.path.as_str()).with("gib", volume.size_gib);
            self.add(at, "volume", kind::VOLUME, disk)?;
            spec = spec.with("volume", self.output(at, "volume", "id", When::Ready)?);
        }
        self.add(at, "service", kind::SERVICE, spec)
    }

    /// What stands in front of a service: its balancer, and where it has a public name, certificate and record.
    fn front(&mut self, at: &str, running: &Running) -> Result<(), Finding> {
        let port = running.service.ports.first();
        let scheme = if port.is_some_and(|port| port.protocol == Protocol::Tcp) { "tcp" } else { "http" };
        let number = i64::from(port.and_then(|port| port.container).unwrap_or(80));
        let mut balancer = Spec::new()
            .with("scheme", scheme)
            .with("port", number)
            .with("network", self.output("network", "main", "id", When::Known)?);
        if let Some(host) = &running.service.host {
            let name = format!("{host}.{}.{}.fake", self.env.key.env, self.env.key.project);
            self.add(at, "certificate", kind::CERTIFICATE, Spec::new().with("host", name.as_str()))?;
            balancer = balancer.with("certificate", self.output(at, "certificate", "id", When::Ready)?);
            let target = self.output(at, "balancer", "address", When::Known)?;
            self.desired.outputs.insert(at.to_owned(), Value::text(format!("http://{name}/")));
            self.add(at, "record", kind::RECORD, Spec::new().with("name", name).with("target", target))?;
        } else {
            let address = self.output(at, "balancer", "address", When::Known)?;
            self.desired.outputs.insert(at.to_owned(), address);
        }
        self.add(at, "balancer", kind::BALANCER, balancer)
    }

    fn environment(&self, running: &Running) -> Result<Spec, Finding> {
        let mut spec = Spec::new();
        for (name, template) in &running.service.env {
            spec = spec.with(name, self.template(template)?);
        }
        Ok(spec)
    }

    fn template(&self, Template(parts): &Template) -> Result<Value, Finding> {
        let value = |part: &TemplatePart| match part {
            TemplatePart::Text(text) => Ok(Value::text(text.as_str())),
            TemplatePart::Output { service, output } => {
                // A balancer's url comes late; what people mean by it is known with its address.
                let when = if output == "url" { When::Ready } else { When::Known };
                self.output(service.as_str(), "balancer", output, when)
            }
        };
        let values = parts.iter().map(value).collect::<Result<Vec<_>, _>>()?;
        let plain = values.iter().all(|value| value.as_text().is_some());
        Ok(if plain { Value::Text(values.iter().filter_map(Value::as_text).collect()) } else { Value::Join(values) })
    }
}
