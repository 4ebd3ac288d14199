//! HTTP/1.1 on one accepted connection: requests one after another, then maybe a switch of protocols.
//!
//! HTTP/2 is left out on purpose: browsers speak it only over TLS, which nothing here needs.

use super::body::Answer;
use super::forward::Tunnel;
use super::listener::Stop;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;
use tokio::net::TcpStream;

/// How long a client may take to send a request's head; it also ends idle connections. Browsers open some ahead of use.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Serves a connection until its client is done, or a stop is asked for and the request under way is answered.
pub(super) async fn serve<S, F>(stream: TcpStream, mut stop: Stop, respond: S)
where
    S: Fn(Request<Incoming>, Tunnel) -> F,
    F: Future<Output = Response<Answer>> + Send + 'static,
{
    let tunnel = Tunnel::default();
    let service = service_fn(|request| {
        let response = respond(request, tunnel.clone());
        async { Ok::<_, Infallible>(response.await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    {
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
        let result = tokio::select! {
            result = connection.as_mut() => result,
            () = stop.asked() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = result {
            tracing::debug!(%error, "a client's connection ended early");
        }
    }
    // A stop ends the stream too: nobody can tell when a switched protocol would be done.
    tokio::select! {
        () = tunnel.run() => {}
        () = stop.asked() => {}
    }
}
