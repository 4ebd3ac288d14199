//! A server of our own at an address, until it is told to stop.

use axum::Router;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A server that runs.
pub(crate) struct Listener {
    address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<io::Result<()>>,
}

impl Listener {
    /// Listens at an address (port 0 takes a free one).
    pub(crate) async fn open(address: SocketAddr, routes: Router) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let stopping = stop.clone().cancelled_owned();
        let serving = tokio::spawn(axum::serve(listener, routes).with_graceful_shutdown(stopping).into_future());
        Ok(Self { address, stop, serving })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes nothing new; requests on their way may still take so long.
    pub(crate) async fn stop(mut self, last_requests: Duration) {
        self.stop.cancel();
        if tokio::time::timeout(last_requests, &mut self.serving).await.is_err() {
            self.serving.abort();
        }
    }
}
