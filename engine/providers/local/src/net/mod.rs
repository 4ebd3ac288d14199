//! The runtime's network: an edge proxy that routes by host name, stable loopback addresses in front of a service's
//! tasks, and an authoritative DNS server.
//!
//! Knows sockets and names, nothing of environments, services or tasks: the runtime says what is served, and this
//! serves it. No TLS (everything is on loopback), no caching, no health checks (only live tasks are put into a set).

mod backends;
mod balancer;
mod body;
mod dns;
mod edge;
mod forward;
mod headers;
mod host;
mod listener;
mod serve;
#[cfg(test)]
mod tests;
mod zone;

pub use backends::{Backends, Lease};
pub use balancer::{Balancer, Mode};
pub use dns::{BadZone, Data, DnsServer, Record};
pub use edge::EdgeProxy;
pub use host::{BadHost, HostName};
