//! The edge proxy: one port that many host names share.
//!
//! Routes by name only, never by path; a name that isn't served gets an answer that tells nothing of those that are.

use super::body::Answer;
use super::forward::{Forwarder, Limits, Tunnel, refuse};
use super::headers::Place;
use super::listener::Listener;
use super::serve::serve;
use super::{Backends, HostName};
use http::header::HOST;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};

type Routes = RwLock<BTreeMap<HostName, Arc<Backends>>>;

/// An HTTP/1.1 reverse proxy that routes by host name. Dropping it closes everything at once.
#[derive(Debug)]
pub struct EdgeProxy {
    listener: Listener,
    routes: Arc<Routes>,
}

impl EdgeProxy {
    /// Binds and serves; with no routes yet, every name is answered with 404.
    ///
    /// # Errors
    /// When the address can't be bound.
    pub async fn start(bind: SocketAddr) -> io::Result<Self> {
        Self::start_with(bind, Limits::default()).await
    }

    pub(super) async fn start_with(bind: SocketAddr, limits: Limits) -> io::Result<Self> {
        let routes = Arc::new(Routes::default());
        let (shared, forwarder) = (routes.clone(), Forwarder::new(Place::Edge, limits));
        let listener = Listener::start(bind, move |stream, peer, stop| {
            let (routes, forwarder) = (shared.clone(), forwarder.clone());
            serve(stream, stop, move |request, tunnel| {
                respond(request, peer, routes.clone(), forwarder.clone(), tunnel)
            })
        })
        .await?;
        Ok(Self { listener, routes })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.listener.addr()
    }

    /// Replaces all routes at once. Requests under way go on to where they were sent.
    pub fn set_routes(&self, routes: BTreeMap<HostName, Arc<Backends>>) {
        *self.routes.write().unwrap_or_else(PoisonError::into_inner) = routes;
    }

    /// Stops accepting, lets what is under way finish for a few seconds, then closes everything.
    pub async fn shutdown(&self) {
        self.listener.shutdown().await;
    }
}

async fn respond(
    request: Request<Incoming>,
    peer: SocketAddr,
    routes: Arc<Routes>,
    forwarder: Forwarder,
    tunnel: Tunnel,
) -> Response<Answer> {
    let Some(host) = host(&request) else {
        return refuse(StatusCode::BAD_REQUEST, "the request must name one host");
    };
    let backends = routes.read().unwrap_or_else(PoisonError::into_inner).get(&host).cloned();
    match backends {
        Some(backends) => forwarder.forward(request, peer, &backends, &tunnel).await,
        None => refuse(StatusCode::NOT_FOUND, "no environment serves this name"),
    }
}

/// The one host that a request is for: from its target if that is a whole URL, else from `Host` (RFC 9112, 3.2.2).
fn host(request: &Request<Incoming>) -> Option<HostName> {
    let mut named = request.headers().get_all(HOST).iter();
    let (first, second) = (named.next(), named.next());
    if second.is_some() {
        return None;
    }
    match request.uri().authority() {
        Some(authority) => HostName::new(authority.host()).ok(),
        None => HostName::new(first?.to_str().ok()?).ok(),
    }
}
