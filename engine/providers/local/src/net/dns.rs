//! The authoritative DNS server. (Serving arrives with the next change.)

use serde::{Deserialize, Serialize};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::net::UdpSocket;

/// One record of a zone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Record {
    /// The full name (`api.dev.shop.localhost`), in or at the zone's origin; `*` as the first label is a wildcard.
    pub name: String,
    /// Seconds that a resolver may keep it.
    pub ttl: u32,
    /// What it says.
    pub data: Data,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Data {
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// A text; longer ones than 255 octets are sent in pieces, as the format wants it.
    Txt(String),
    /// Another name for this one; nothing else may stand at a name that has it.
    Cname(String),
}

/// Why a zone is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadZone {
    /// A name that can't be one.
    #[error(
        "`{0}` isn't a DNS name; use labels of at most 63 characters joined by dots, 253 in all"
    )]
    Name(String),
    /// A record that lies outside of the zone.
    #[error("`{name}` isn't in the zone `{origin}`; give names that end in it")]
    Outside {
        /// The record's name.
        name: String,
        /// The zone's.
        origin: String,
    },
    /// An alias beside another record.
    #[error("`{0}` has a CNAME and another record; a CNAME must stand alone (RFC 1034, 3.6.2)")]
    Crowded(String),
}

/// An authoritative DNS server over UDP and TCP on one port.
#[derive(Debug)]
pub struct DnsServer {
    addr: SocketAddr,
}

impl DnsServer {
    /// Binds the same port for UDP and TCP and serves; foreign names are REFUSED.
    ///
    /// # Errors
    /// When the address can't be bound for both.
    pub async fn start(bind: SocketAddr) -> io::Result<Self> {
        Ok(Self {
            addr: UdpSocket::bind(bind).await?.local_addr()?,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Puts a zone in place of the one with this origin, whole. The SOA and NS records are the server's own.
    ///
    /// # Errors
    /// [`BadZone`] says which record can't be served; the zone stays as it was then.
    pub fn set_zone(&self, origin: &str, records: Vec<Record>) -> Result<(), BadZone> {
        drop((origin, records));
        Ok(())
    }

    /// Takes a zone away; whether there was one.
    pub fn remove_zone(&self, origin: &str) -> bool {
        let _ = origin;
        false
    }

    /// Stops serving.
    pub async fn shutdown(&self) {}
}
