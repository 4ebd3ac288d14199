//! The load: so many connections, each with one request on its way at a time, every request signed and unlike any other.

use bytes::Bytes;
use gantry::clock::SystemClock;
use gantry::slack::SigningSecret;
use gantry_benches::quantile;
use gantry_engine::ports::Clock;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

/// How long one run lasts.
const RUN: Duration = Duration::from_secs(3);

/// A server under load.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    pub(crate) address: SocketAddr,
}

/// What a run was like.
pub(crate) struct Run {
    pub(crate) all: usize,
    pub(crate) took: Duration,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

/// Makes load on one thread, so that the other processor is the server's.
pub(crate) struct Load {
    runtime: Runtime,
    secret: SigningSecret,
    callers: u64,
}

impl Load {
    pub(crate) fn new(secret: &str) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { runtime, secret: SigningSecret::new(&secret.into()), callers: 0 }
    }

    pub(crate) fn run(&mut self, target: &Target, connections: usize) -> Run {
        let first = self.callers;
        self.callers += connections as u64;
        let callers = (first..self.callers).map(|number| Caller {
            number,
            address: target.address,
            path: target.path,
            secret: self.secret.clone(),
        });
        let began = Instant::now();
        let mut times = self.runtime.block_on(async {
            let mut tasks: JoinSet<Vec<Duration>> = callers.map(|caller| caller.call_until(began + RUN)).collect();
            let mut times = Vec::new();
            while let Some(some) = tasks.join_next().await {
                times.extend(some.expect("no caller fails"));
            }
            times
        });
        let took = began.elapsed();
        times.sort_unstable();
        Run { all: times.len(), took, p50: quantile(&times, 50), p99: quantile(&times, 99) }
    }
}

/// One connection.
struct Caller {
    number: u64,
    address: SocketAddr,
    path: &'static str,
    secret: SigningSecret,
}

impl Caller {
    /// How long each request took.
    async fn call_until(self, end: Instant) -> Vec<Duration> {
        let stream = TcpStream::connect(self.address).await.expect("it listens");
        stream.set_nodelay(true).expect("a socket");
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await.expect("it speaks HTTP");
        tokio::spawn(connection);
        let mut times = Vec::new();
        while Instant::now() < end {
            let request = self.request(times.len());
            let began = Instant::now();
            call(&mut sender, request).await;
            times.push(began.elapsed());
        }
        times
    }

    fn request(&self, number: usize) -> Request<Full<Bytes>> {
        let body = format!(
            "token=none&team_id=T1&team_domain=example&channel_id=C1&channel_name=dev&user_id=U1&user_name=somebody\
             &command=%2Fgantry&text=deploy+web+to+dev+for+8h&api_app_id=A1&is_enterprise_install=false\
             &response_url=https%3A%2F%2Fexample.com%2Fcommands%2F1&trigger_id={}.{number}",
            self.number
        );
        let sent_at = SystemClock.now().as_second();
        Request::post(self.path)
            .header("host", "127.0.0.1")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-slack-request-timestamp", sent_at)
            .header("x-slack-signature", self.secret.sign(sent_at, body.as_bytes()))
            .body(Full::from(body))
            .expect("a request")
    }
}

async fn call(sender: &mut SendRequest<Full<Bytes>>, request: Request<Full<Bytes>>) {
    sender.ready().await.expect("the connection stays");
    let answer = sender.send_request(request).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK, "an acknowledgement");
    answer.into_body().collect().await.expect("a whole answer");
}
