//! Bodies on their way through a proxy: a request's, which can be taken back as long as nobody read from it, and a
//! response's, which keeps its backend counted as busy until it ends.
//!
//! Nothing is buffered: a frame that was read is on its way, and then the request can't be sent a second time.

use super::Lease;
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

/// A response's body, whoever wrote it.
pub(super) type Answer = UnsyncBoxBody<Bytes, hyper::Error>;

/// A short text as a body.
pub(super) fn text(text: impl Into<Bytes>) -> Answer {
    Full::new(text.into()).map_err(|never| match never {}).boxed_unsync()
}

/// A request's body that is lent to one attempt after another. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Lent(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    body: Mutex<Incoming>,
    /// How often it was read from.
    reads: AtomicU64,
}

impl Lent {
    pub(super) fn new(body: Incoming) -> Self {
        Self(Arc::new(Shared { body: Mutex::new(body), reads: AtomicU64::new(0) }))
    }

    /// Grows whenever an attempt reads on; zero means that another attempt can still send all of it.
    pub(super) fn reads(&self) -> u64 {
        self.0.reads.load(Ordering::Relaxed)
    }

    fn with<T>(&self, act: impl FnOnce(&mut Incoming) -> T) -> T {
        act(&mut self.0.body.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Body for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.0.reads.fetch_add(1, Ordering::Relaxed);
        self.with(|body| Pin::new(body).poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.with(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.with(|body| body.size_hint())
    }
}

/// A response's body with the lease of the backend that sends it.
pub(super) struct Leased {
    body: Incoming,
    _lease: Lease,
}

impl Leased {
    /// The body, keeping the lease until it is dropped.
    pub(super) fn answer(body: Incoming, lease: Lease) -> Answer {
        Self { body, _lease: lease }.boxed_unsync()
    }
}

impl Body for Leased {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
