//! What the daemon serves itself: the edge proxy, the DNS server, and a balancer per balancer object.
//!
//! Translates objects into what [`crate::net`] serves. Keeps nothing: it can be built again from the objects.

use super::config::{RuntimeConfig, RuntimeError};
use super::files;
use super::object::Object;
use crate::api::Spec;
use crate::net::{Backends, Balancer, DnsServer, EdgeProxy, HostName, Mode, Record};
use crate::paths::Paths;
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

/// The servers.
pub(super) struct Network {
    pub(super) edge: EdgeProxy,
    pub(super) dns: DnsServer,
    balancers: BTreeMap<String, Served>,
    zones: BTreeSet<String>,
}

struct Served {
    balancer: Balancer,
    backends: Arc<Backends>,
}

/// `ports.json`: what was bound last time.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Ports {
    edge: u16,
    dns: u16,
}

impl Network {
    /// Binds the edge proxy and the DNS server: where the configuration says, or where they were last time, or where
    /// there is room.
    pub(super) async fn start(config: &RuntimeConfig, paths: &Paths) -> Result<Self, RuntimeError> {
        let last: Ports =
            files::read(&paths.ports()).map_err(RuntimeError::io("read the last ports"))?.unwrap_or_default();
        let edge = match kept(config.edge, last.edge) {
            Some(addr) => match EdgeProxy::start(addr).await {
                Err(error) if config.edge.port() == 0 => {
                    tracing::warn!(%addr, %error, "the edge proxy's last port is taken; it moves");
                    EdgeProxy::start(config.edge).await
                }
                started => started,
            },
            None => EdgeProxy::start(config.edge).await,
        }
        .map_err(RuntimeError::io(format!("bind the edge proxy to {}", config.edge)))?;
        let dns = match kept(config.dns, last.dns) {
            Some(addr) => match DnsServer::start(addr).await {
                Err(error) if config.dns.port() == 0 => {
                    tracing::warn!(%addr, %error, "the dns server's last port is taken; it moves");
                    DnsServer::start(config.dns).await
                }
                started => started,
            },
            None => DnsServer::start(config.dns).await,
        }
        .map_err(RuntimeError::io(format!("bind the dns server to {}", config.dns)))?;
        let ports = Ports { edge: edge.addr().port(), dns: dns.addr().port() };
        if ports != last {
            files::write(&paths.ports(), &ports).map_err(RuntimeError::io("write down the ports"))?;
        }
        Ok(Self { edge, dns, balancers: BTreeMap::new(), zones: BTreeSet::new() })
    }

    /// Sees to it that a balancer listens: on this port, or the first time on a free one. The port.
    pub(super) async fn balance(&mut self, id: &str, port: Option<u16>, mode: Mode) -> io::Result<u16> {
        if let Some(served) = self.balancers.get(id) {
            return Ok(served.balancer.addr().port());
        }
        let bind = SocketAddr::from(([127, 0, 0, 1], port.unwrap_or(0)));
        let backends = Backends::new(Vec::new());
        let balancer = Balancer::start(bind, mode, backends.clone()).await?;
        let port = balancer.addr().port();
        self.balancers.insert(id.to_owned(), Served { balancer, backends });
        Ok(port)
    }

    /// Whether a balancer listens.
    pub(super) fn listens(&self, id: &str) -> bool {
        self.balancers.contains_key(id)
    }

    /// Takes a balancer out, for the caller to shut down: that takes as long as its connections are given.
    pub(super) fn take(&mut self, id: &str) -> Option<Balancer> {
        self.balancers.remove(id).map(|served| served.balancer)
    }

    /// Puts these addresses behind the balancers, and none behind the others.
    pub(super) fn set_backends(&self, behind: &BTreeMap<String, Vec<SocketAddr>>) {
        for (id, served) in &self.balancers {
            let addrs = behind.get(id).cloned().unwrap_or_default();
            if served.backends.addrs() != addrs {
                served.backends.set(addrs);
            }
        }
    }

    /// Whether nothing is under way any more from this balancer to this address.
    pub(super) fn drained(&self, id: &str, addr: SocketAddr) -> bool {
        self.balancers.get(id).is_none_or(|served| served.backends.drained(addr))
    }

    /// Serves exactly the routes and zones among these objects.
    pub(super) fn publish(&mut self, objects: &BTreeMap<String, Object>) {
        let mut routes = BTreeMap::new();
        let mut zones: BTreeMap<&str, Vec<Record>> = BTreeMap::new();
        for object in objects.values().filter(|object| !object.removing) {
            match &object.wanted {
                Spec::Route(route) => {
                    if let (Ok(host), Some(served)) = (HostName::new(&route.host), self.balancers.get(&route.balancer))
                    {
                        routes.insert(host, served.backends.clone());
                    }
                }
                Spec::Zone(zone) => {
                    zones.entry(&zone.name).or_default();
                }
                Spec::Record(record) => {
                    if let Some(Spec::Zone(zone)) = objects.get(&record.zone).map(|object| &object.wanted) {
                        let Record { name, ttl, data } =
                            Record { name: record.name.clone(), ttl: record.ttl, data: record.data.clone() };
                        zones.entry(&zone.name).or_default().push(Record { name, ttl, data });
                    }
                }
                Spec::Node(_) | Spec::Volume(_) | Spec::Balancer(_) | Spec::Service(_) => {}
            }
        }
        self.edge.set_routes(routes);
        for gone in self.zones.iter().filter(|zone| !zones.contains_key(zone.as_str())) {
            self.dns.remove_zone(gone);
        }
        for (zone, records) in &zones {
            if let Err(error) = self.dns.set_zone(zone, records) {
                tracing::warn!(%zone, %error, "the zone stays as it was");
            }
        }
        self.zones = zones.into_keys().map(str::to_owned).collect();
    }

    /// Ends everything that listens, all at once.
    pub(super) async fn shutdown(&mut self) {
        let balancers = std::mem::take(&mut self.balancers);
        let balancers = join_all(balancers.values().map(|served| served.balancer.shutdown()));
        tokio::join!(self.edge.shutdown(), self.dns.shutdown(), balancers);
    }
}

/// The address to try before a free port: none when there was no last time, or the configuration fixes the port.
fn kept(configured: SocketAddr, last: u16) -> Option<SocketAddr> {
    (configured.port() == 0 && last != 0).then(|| SocketAddr::new(configured.ip(), last))
}
