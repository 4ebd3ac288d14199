//! Carries out what the queue decides: holds the sockets' senders, and runs the task that sends, waits and gives up.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::{Notify, mpsc, watch};

use super::queue::{GaveUp, Queue, SocketId, Timings, Todo};
use crate::draft::{Content, Draft, Place};
use crate::hub::Hub;
use crate::state::{Change, Delivery, Kind, LogError};
use crate::view::Verdict;
use crate::wire::payload;

/// At most so many sockets (page: Using Socket Mode, "Using multiple connections").
const MOST_SOCKETS: usize = 10;

/// What is written to a socket.
#[derive(Debug)]
pub(crate) enum Frame {
    /// An envelope.
    Envelope(String),
    /// The last frame: say why, then close.
    Disconnect(String),
}

pub(crate) struct Courier {
    inner: Mutex<Inner>,
    wake: Notify,
    /// How many sockets are open.
    open: watch::Sender<usize>,
}

struct Inner {
    queue: Queue,
    sockets: BTreeMap<SocketId, mpsc::UnboundedSender<Frame>>,
    last: SocketId,
}

impl Courier {
    pub(crate) fn new(timings: Timings) -> Self {
        let inner = Inner { queue: Queue::new(timings), sockets: BTreeMap::new(), last: 0 };
        Self { inner: Mutex::new(inner), wake: Notify::new(), open: watch::Sender::new(0) }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn enqueue(&self, delivery: &Delivery) {
        let mut inner = self.inner();
        let patience = inner.queue.patience(delivery);
        inner.queue.push(delivery.envelope_id.clone(), (delivery.kind, patience), Instant::now());
        drop(inner);
        self.wake.notify_one();
    }

    pub(crate) fn sockets(&self) -> usize {
        self.inner().queue.sockets()
    }

    /// Makes a socket known; `None` if there are too many. Envelopes come to it once [`Courier::ready`] is called.
    pub(crate) fn open(&self) -> Option<(SocketId, usize, mpsc::UnboundedReceiver<Frame>)> {
        let mut inner = self.inner();
        if inner.sockets.len() >= MOST_SOCKETS {
            return None;
        }
        inner.last += 1;
        let id = inner.last;
        let (sender, receiver) = mpsc::unbounded_channel();
        inner.sockets.insert(id, sender);
        self.open.send_replace(inner.sockets.len());
        Some((id, inner.sockets.len(), receiver))
    }

    /// The socket said hello and takes envelopes from now on.
    pub(crate) fn ready(&self, socket: SocketId) {
        self.inner().queue.opened(socket);
        self.wake.notify_one();
    }

    pub(crate) fn close(&self, socket: SocketId) {
        let mut inner = self.inner();
        inner.sockets.remove(&socket);
        inner.queue.closed(socket, Instant::now());
        self.open.send_replace(inner.sockets.len());
        drop(inner);
        self.wake.notify_one();
    }

    /// Returns when no socket is open any more.
    pub(crate) async fn all_closed(&self) {
        // An error means that the courier is gone, and its sockets with it.
        let _ = self.open.subscribe().wait_for(|open| *open == 0).await;
    }

    /// Tells all sockets to go away. Returns how many there were.
    pub(crate) fn disconnect(&self, reason: &str) -> usize {
        let inner = self.inner();
        for sender in inner.sockets.values() {
            let _gone_already = sender.send(Frame::Disconnect(reason.to_owned()));
        }
        inner.sockets.len()
    }

    pub(crate) fn acknowledged(&self, envelope_id: &str) -> bool {
        self.inner().queue.acknowledged(envelope_id)
    }

    fn poll(&self) -> (Vec<Todo>, Option<Instant>) {
        let mut inner = self.inner();
        let todo = inner.queue.poll(Instant::now());
        let next = inner.queue.next();
        (todo, next)
    }

    fn send(&self, socket: SocketId, frame: Frame) {
        if let Some(sender) = self.inner().sockets.get(&socket) {
            // If the socket is just closing, `close` hands its envelopes to another one.
            let _closing = sender.send(frame);
        }
    }

    /// Runs until the workspace stops.
    pub(crate) async fn run(hub: Arc<Hub>) {
        let mut stopping = hub.stopping();
        loop {
            let (todo, next) = hub.courier.poll();
            for todo in todo {
                carry_out(&hub, todo);
            }
            let next = async {
                match next {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = hub.courier.wake.notified() => {}
                () = next => {}
                () = stopping.wait() => return,
            }
        }
    }
}

fn carry_out(hub: &Hub, todo: Todo) {
    match todo {
        Todo::Send { envelope_id, socket, attempt, reason } => {
            let text = hub.read(|model| {
                model.delivery(&envelope_id).map(|delivery| payload::envelope(delivery, attempt, reason))
            });
            if let Some(text) = text {
                hub.courier.send(socket, Frame::Envelope(text));
            }
        }
        Todo::GiveUp { envelope_id, why } => {
            let done = hub.commit(|draft| {
                give_up(draft, &envelope_id, why);
                Ok::<_, LogError>(())
            });
            if let Err(error) = done {
                tracing::error!(%error, "failed to note that a delivery was given up");
            }
            hub.answers.tell(&envelope_id, Verdict::trouble());
        }
    }
}

/// The person who waits is told, as Slackbot tells it.
fn give_up(draft: &mut Draft<'_>, envelope_id: &str, why: GaveUp) {
    let (model, hub) = (draft.model, draft.hub);
    let Some(delivery) = model.delivery(envelope_id) else { return };
    draft.push(Change::Settled { envelope_id: envelope_id.to_owned() });
    tracing::warn!(envelope_id, kind = ?delivery.kind, ?why, "gave up a delivery");
    let code = match why {
        GaveUp::NoSocket => "dispatch_failed",
        GaveUp::NoAck => "operation_timeout",
    };
    let text = match delivery.kind {
        Kind::EventsApi => return,
        // The person still has the modal before them, and is told there.
        Kind::Interactive if delivery.is_submission() => return,
        // Page: Implementing slash commands, "Sending error responses".
        Kind::SlashCommands => format!("{} failed with the error \"{code}\"", delivery.what),
        Kind::Interactive => {
            format!(
                ":warning: {} didn't answer the click on “{}” ({code}). Try again.",
                hub.directory.app.about.name, delivery.what
            )
        }
    };
    if let Some(channel) = hub.directory.channel(&delivery.channel) {
        let place = Place::new(channel, delivery.thread_ts).only_for(&delivery.user);
        draft.post_as_bot(place, Content { text, ..Content::default() });
    }
}
