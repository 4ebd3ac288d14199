//! A listening socket that stops well: it accepts, runs one future per connection, and on request stops accepting, lets
//! connections finish for a while, and closes what is left.
//!
//! Knows nothing of what flows through a connection.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, watch};
use tokio::task::{JoinHandle, JoinSet};

/// How long connections may take to finish once a stop was asked for.
const GRACE: Duration = Duration::from_secs(5);

/// The pause after a failed accept (usually: out of file descriptors), so that it isn't repeated at full speed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Told to each connection: it should finish what it is doing and close.
#[derive(Debug, Clone)]
pub(super) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Waits until a stop is asked for, by word or by dropping the listener.
    pub(super) async fn asked(&mut self) {
        // An error means that the listener is gone, which asks for the same.
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}

/// A listening socket with its connections. Dropping it closes everything at once.
#[derive(Debug)]
pub(super) struct Listener {
    addr: SocketAddr,
    stop: watch::Sender<bool>,
    accepting: Mutex<Option<Accepting>>,
}

/// Aborts the accept loop, and with it every connection, when dropped.
#[derive(Debug)]
struct Accepting(JoinHandle<()>);

impl Drop for Accepting {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Listener {
    /// Binds, and runs `serve` for each connection.
    pub(super) async fn start<S, F>(bind: SocketAddr, serve: S) -> io::Result<Self>
    where
        S: Fn(TcpStream, SocketAddr, Stop) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let socket = TcpListener::bind(bind).await?;
        let addr = socket.local_addr()?;
        let (stop, asked) = watch::channel(false);
        let task = tokio::spawn(accept(socket, serve, Stop(asked)));
        Ok(Self { addr, stop, accepting: Mutex::new(Some(Accepting(task))) })
    }

    pub(super) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Stops accepting, gives connections [`GRACE`], then closes them. Returns when nothing is left; again is harmless.
    pub(super) async fn shutdown(&self) {
        self.stop.send_replace(true);
        if let Some(mut accepting) = self.accepting.lock().await.take()
            && let Err(error) = (&mut accepting.0).await
        {
            tracing::warn!(%error, addr = %self.addr, "a listener ended badly");
        }
    }
}

async fn accept<S, F>(socket: TcpListener, serve: S, mut stop: Stop)
where
    S: Fn(TcpStream, SocketAddr, Stop) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    let told = stop.clone();
    loop {
        tokio::select! {
            () = stop.asked() => break,
            Some(_) = connections.join_next() => {}
            accepted = socket.accept() => match accepted {
                Ok((stream, peer)) => {
                    // Proxies pass on small writes; holding them back to fill a packet only adds delay.
                    let _ = stream.set_nodelay(true);
                    connections.spawn(serve(stream, peer, told.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "failed to accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(socket);
    let finished = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, finished).await.is_err() {
        connections.shutdown().await;
    }
}
