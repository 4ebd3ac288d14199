//! A stable loopback address in front of a service's tasks. (Serving arrives with the next change.)

use super::Backends;
use serde::{Deserialize, Serialize};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// What a balancer takes turns over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// HTTP/1.1: each request goes to the next task.
    Http,
    /// Anything: each connection goes to the next task.
    Tcp,
}

/// A stable address in front of a set of addresses that changes.
#[derive(Debug)]
pub struct Balancer {
    addr: SocketAddr,
}

impl Balancer {
    /// Binds and serves.
    ///
    /// # Errors
    /// When the address can't be bound.
    pub async fn start(bind: SocketAddr, mode: Mode, backends: Arc<Backends>) -> io::Result<Self> {
        drop((mode, backends));
        Ok(Self {
            addr: TcpListener::bind(bind).await?.local_addr()?,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Stops accepting, lets what is under way finish for a few seconds, then closes everything.
    pub async fn shutdown(&self) {}
}
