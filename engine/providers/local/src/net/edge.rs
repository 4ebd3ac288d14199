//! The edge proxy: one port that many host names share. (Serving arrives with the next change.)

use super::{Backends, HostName};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// An HTTP/1.1 reverse proxy that routes by host name.
#[derive(Debug)]
pub struct EdgeProxy {
    addr: SocketAddr,
}

impl EdgeProxy {
    /// Binds and serves; with no routes yet, every name is answered with 404.
    ///
    /// # Errors
    /// When the address can't be bound.
    pub async fn start(bind: SocketAddr) -> io::Result<Self> {
        Ok(Self {
            addr: TcpListener::bind(bind).await?.local_addr()?,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Replaces all routes at once. Requests under way go on to where they were sent.
    pub fn set_routes(&self, routes: BTreeMap<HostName, Arc<Backends>>) {
        drop(routes);
    }

    /// Stops accepting, lets what is under way finish for a few seconds, then closes everything.
    pub async fn shutdown(&self) {}
}
