//! A stable loopback address in front of a service's tasks: other services keep talking to it while tasks come and go.
//!
//! Takes turns, nothing else: no weights, no stickiness, no health checks.

use super::forward::{Forwarder, Limits};
use super::headers::Place;
use super::listener::{Listener, Stop};
use super::serve::serve;
use super::{Backends, Lease};
use serde::{Deserialize, Serialize};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpStream;

/// What a balancer takes turns over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// HTTP/1.1: each request goes to the next task.
    Http,
    /// Anything: each connection goes to the next task.
    Tcp,
}

/// A stable address in front of a set of addresses that changes. Dropping it closes everything at once.
#[derive(Debug)]
pub struct Balancer {
    listener: Listener,
}

impl Balancer {
    /// Binds and serves. With an empty set, HTTP is answered with 503 and other connections are closed.
    ///
    /// # Errors
    /// When the address can't be bound.
    pub async fn start(bind: SocketAddr, mode: Mode, backends: Arc<Backends>) -> io::Result<Self> {
        let listener = match mode {
            Mode::Http => http(bind, backends).await?,
            Mode::Tcp => tcp(bind, backends).await?,
        };
        Ok(Self { listener })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.listener.addr()
    }

    /// Stops accepting, lets what is under way finish for a few seconds, then closes everything.
    pub async fn shutdown(&self) {
        self.listener.shutdown().await;
    }
}

async fn http(bind: SocketAddr, backends: Arc<Backends>) -> io::Result<Listener> {
    let forwarder = Forwarder::new(Place::Inside, Limits::default());
    Listener::start(bind, move |stream, peer, stop| {
        let (backends, forwarder) = (backends.clone(), forwarder.clone());
        serve(stream, stop, move |request, tunnel| {
            let (backends, forwarder) = (backends.clone(), forwarder.clone());
            async move { forwarder.forward(request, peer, &backends, &tunnel).await }
        })
    })
    .await
}

async fn tcp(bind: SocketAddr, backends: Arc<Backends>) -> io::Result<Listener> {
    Listener::start(bind, move |client, _, stop| carry(client, stop, backends.clone())).await
}

/// Carries one connection. What one end closes is closed towards the other, whose own direction stays open.
async fn carry(mut client: TcpStream, mut stop: Stop, backends: Arc<Backends>) {
    let Some((mut task, lease)) = connect(&backends).await else { return };
    tokio::select! {
        // Either end may just go away; that ends the connection and is nobody's error.
        _ = tokio::io::copy_bidirectional(&mut client, &mut task) => {}
        // Nobody can tell when an unknown protocol would be done.
        () = stop.asked() => {}
    }
    drop(lease);
}

/// Connects to the next task that accepts.
async fn connect(backends: &Arc<Backends>) -> Option<(TcpStream, Lease)> {
    let mut tried = Vec::new();
    while let Some(lease) = backends.next(&tried) {
        match tokio::time::timeout(Limits::default().connect, TcpStream::connect(lease.addr())).await {
            Ok(Ok(task)) => {
                let _ = task.set_nodelay(true);
                return Some((task, lease));
            }
            Ok(Err(error)) => tracing::debug!(addr = %lease.addr(), %error, "a backend refused a connection"),
            Err(_) => tracing::debug!(addr = %lease.addr(), "a backend didn't take a connection in time"),
        }
        tried.push(lease.addr());
    }
    None
}
