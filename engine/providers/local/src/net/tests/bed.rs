//! What the network's tests share: small servers to stand behind a proxy, and a client that says exactly what it sends.

use axum::Router;
use axum::body::Body;
use axum::http::HeaderMap;
use axum::routing::any;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// No single wait in these tests takes longer, unless something hangs.
const DEADLINE: Duration = Duration::from_secs(20);

pub(super) const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// Fails the test instead of hanging.
pub(super) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, future).await.unwrap_or_else(|_| panic!("still waiting for {what}"))
}

/// Waits for a condition that some other task brings about.
pub(super) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    soon(what, async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

/// A web server that ends with the test, or when told.
pub(super) struct Site {
    pub(super) addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Site {
    pub(super) async fn start(router: Router) -> Self {
        let listener = TcpListener::bind(ANY).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            axum::serve(listener, router).with_graceful_shutdown(stopped).await.unwrap();
        });
        Self { addr, stop: Some(stop), task }
    }

    /// Answers with its name, how many octets came in, and what the proxy said of the request.
    pub(super) async fn named(name: &'static str) -> Self {
        let handler = move |headers: HeaderMap, body: axum::body::Bytes| async move {
            let header = |key: &str| headers.get(key).map_or("-", |value| value.to_str().unwrap()).to_owned();
            let said = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "te"].map(header).join(" ");
            format!("{name} {} {said}", body.len())
        };
        Self::start(Router::new().fallback(any(handler))).await
    }

    /// Sends back what it gets, as it gets it.
    pub(super) async fn echo() -> Self {
        Self::start(Router::new().fallback(any(|body: Body| async { body }))).await
    }

    /// Stops as a task does that is told to: closes idle connections, finishes the others.
    pub(super) async fn stop(mut self) {
        drop(self.stop.take());
        soon("a site to stop", &mut self.task).await.unwrap();
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A loopback address where nothing listens.
pub(super) async fn nobody() -> SocketAddr {
    TcpListener::bind(ANY).await.unwrap().local_addr().unwrap()
}

/// One connection of a client.
pub(super) struct Wire(pub(super) BufReader<TcpStream>);

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Wire {
    pub(super) async fn open(addr: SocketAddr) -> Self {
        Self(BufReader::new(soon("a connection", TcpStream::connect(addr)).await.unwrap()))
    }

    pub(super) async fn send(&mut self, text: &str) {
        soon("a write", self.0.write_all(text.as_bytes())).await.unwrap();
    }

    pub(super) async fn read(&mut self, count: usize) -> String {
        let mut octets = vec![0; count];
        soon("octets", self.0.read_exact(&mut octets)).await.unwrap();
        String::from_utf8(octets).unwrap()
    }

    pub(super) async fn line(&mut self) -> String {
        let mut line = String::new();
        soon("a line", self.0.read_line(&mut line)).await.unwrap();
        line.trim_end().to_owned()
    }

    pub(super) async fn head(&mut self) -> (u16, String) {
        let first = self.line().await;
        let status = first.split(' ').nth(1).unwrap_or_else(|| panic!("no status in {first:?}")).parse().unwrap();
        let mut head = String::new();
        loop {
            let line = self.line().await;
            if line.is_empty() {
                return (status, head);
            }
            head += &(line.to_ascii_lowercase() + "\n");
        }
    }

    /// Reads a reply whose length is told.
    pub(super) async fn reply(&mut self) -> Reply {
        let (status, head) = self.head().await;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let body = self.read(length.map_or(0, |length| length.parse().unwrap())).await;
        Reply { status, head, body }
    }

    pub(super) async fn get(&mut self, host: &str) -> Reply {
        self.send(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
        self.reply().await
    }
}

/// One GET on a connection of its own.
pub(super) async fn get(addr: SocketAddr, host: &str) -> Reply {
    Wire::open(addr).await.get(host).await
}
