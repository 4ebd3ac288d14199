//! Sends one request on to one of a set of backends, and its response back; tries another backend where that is safe.
//!
//! Safe means: nothing of the request can have had an effect. That is so when no connection came about, and for methods
//! that may be repeated (RFC 9110, 9.2.2) as long as none of the body was read. A POST whose backend dies half-way is
//! reported, not repeated.

use super::body::{self, Answer, Leased, Lent};
use super::headers::{self, Place};
use super::{Backends, Lease};
use futures::future::BoxFuture;
use http::header::{CONTENT_TYPE, RETRY_AFTER, SERVER};
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, Version, request};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::client::legacy::{Client, Error, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a proxy waits for what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// For a connection to a backend. All are on loopback, so this is long.
    pub(super) connect: Duration,
    /// For a response to begin, counted from the last byte of the request; nginx's `proxy_read_timeout` is the same.
    pub(super) response: Duration,
    /// Before an idle connection to a backend is closed: shorter than servers commonly wait (Node.js: 5 seconds), since
    /// the side that closes first can't lose a request.
    pub(super) idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(2), response: Duration::from_secs(60), idle: Duration::from_secs(4) }
    }
}

/// Where a request leaves the stream that follows a switch of protocols, for its connection to run.
#[derive(Clone, Default)]
pub(super) struct Tunnel(Arc<Mutex<Option<BoxFuture<'static, ()>>>>);

impl Tunnel {
    /// Carries bytes both ways until either end is done, if protocols were switched at all.
    pub(super) async fn run(self) {
        let stream = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(stream) = stream {
            stream.await;
        }
    }

    fn open(&self, client: OnUpgrade, server: OnUpgrade, lease: Lease) {
        let stream = async move {
            let Ok((client, server)) = tokio::try_join!(client, server) else { return };
            // Either end may just go away; that ends the stream and is nobody's error.
            let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(client), &mut TokioIo::new(server)).await;
            drop(lease);
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::pin(stream));
    }
}

/// A client with its idle connections, and the proxy's place.
#[derive(Debug, Clone)]
pub(super) struct Forwarder {
    client: Client<HttpConnector, Lent>,
    place: Place,
    limits: Limits,
}

/// Why an attempt brought no response.
enum Failure {
    Late,
    Broken(Error),
}

impl Forwarder {
    pub(super) fn new(place: Place, limits: Limits) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(limits.connect));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(limits.idle)
            .build(connector);
        Self { client, place, limits }
    }

    /// Sends the request to one of the backends. Always answers: with theirs, or with a sentence of its own.
    pub(super) async fn forward(
        &self,
        mut request: Request<Incoming>,
        peer: SocketAddr,
        backends: &Arc<Backends>,
        tunnel: &Tunnel,
    ) -> Response<Answer> {
        if request.method() == Method::CONNECT {
            return refuse(StatusCode::METHOD_NOT_ALLOWED, "this is no forward proxy; ask for a path of a served name");
        }
        let client = hyper::upgrade::on(&mut request);
        let (mut head, incoming) = request.into_parts();
        headers::prepare(&mut head.headers, self.place, peer.ip());
        head.version = Version::HTTP_11;
        head.extensions.clear();
        let body = Lent::new(incoming);
        match self.attempts(&head, &body, backends).await {
            Ok((response, lease)) => answer(response, client, lease, tunnel),
            Err(refusal) => refusal,
        }
    }

    async fn attempts(
        &self,
        head: &request::Parts,
        body: &Lent,
        backends: &Arc<Backends>,
    ) -> Result<(Response<Incoming>, Lease), Response<Answer>> {
        let mut unreachable = Vec::new();
        // One: it covers a kept connection that its server closed just now. More would hide a service that crashes.
        let mut repeats = u8::from(head.method.is_idempotent());
        while let Some(lease) = backends.next(&unreachable) {
            let Some(request) = aim(head, lease.addr(), body.clone()) else {
                return Err(refuse(StatusCode::BAD_REQUEST, "the request's target isn't a path"));
            };
            match self.send(request, body).await {
                Ok(response) => return Ok((response, lease)),
                Err(Failure::Late) => {
                    let seconds = self.limits.response.as_secs();
                    let why = format!("the service took more than {seconds} seconds to answer");
                    return Err(refuse(StatusCode::GATEWAY_TIMEOUT, why));
                }
                Err(Failure::Broken(error)) => {
                    tracing::debug!(addr = %lease.addr(), %error, "a backend failed");
                    if error.is_connect() && body.reads() == 0 {
                        unreachable.push(lease.addr());
                    } else if repeats > 0 && body.reads() == 0 {
                        repeats -= 1;
                    } else {
                        return Err(refuse(StatusCode::BAD_GATEWAY, "the service broke off before it answered"));
                    }
                }
            }
        }
        Err(if unreachable.is_empty() {
            let why = "no task serves this right now; try again in a moment";
            let mut response = refuse(StatusCode::SERVICE_UNAVAILABLE, why);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
            response
        } else {
            refuse(StatusCode::BAD_GATEWAY, "none of the service's tasks accepts a connection")
        })
    }

    /// One attempt. An upload that goes on may take as long as it likes; a silent backend may not.
    async fn send(&self, request: Request<Lent>, body: &Lent) -> Result<Response<Incoming>, Failure> {
        let mut response = pin!(self.client.request(request));
        loop {
            let reads = body.reads();
            match tokio::time::timeout(self.limits.response, response.as_mut()).await {
                Ok(result) => return result.map_err(Failure::Broken),
                Err(_) if body.reads() != reads => {}
                Err(_) => return Err(Failure::Late),
            }
        }
    }
}

/// The same request for one backend; nothing if its target can't be sent on.
fn aim(head: &request::Parts, addr: SocketAddr, body: Lent) -> Option<Request<Lent>> {
    let path = head.uri.path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
    let mut head = head.clone();
    head.uri = Uri::builder().scheme(Scheme::HTTP).authority(addr.to_string()).path_and_query(path).build().ok()?;
    Some(Request::from_parts(head, body))
}

fn answer(mut response: Response<Incoming>, client: OnUpgrade, lease: Lease, tunnel: &Tunnel) -> Response<Answer> {
    headers::strip(response.headers_mut());
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        tunnel.open(client, hyper::upgrade::on(&mut response), lease);
        return response.map(|_| body::text(""));
    }
    response.map(|incoming| Leased::answer(incoming, lease))
}

/// The proxy's own answer: a sentence for whoever reads it in a browser or a log.
pub(super) fn refuse(status: StatusCode, sentence: impl Into<String>) -> Response<Answer> {
    let mut response = Response::new(body::text(sentence.into() + "\n"));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(SERVER, HeaderValue::from_static("gantry"));
    response
}
