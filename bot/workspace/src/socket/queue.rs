//! Which envelope goes to which socket, and when again. Pure: time comes in, decisions come out. What is to be delivered
//! is kept by the state; the queue only knows how far each delivery got.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::state::{Delivery, Kind};

/// How long things take. The default is what Slack does.
#[derive(Clone, Debug)]
pub struct Timings {
    /// How long an acknowledgement may take (page: Using Socket Mode, "3 seconds").
    pub ack: Duration,
    /// The waits before an event is sent again (page: The Events API, "Retries": at once, 1 minute, 5 minutes).
    pub event_retries: Vec<Duration>,
    /// How long a command or a click is offered to a bot that isn't there or doesn't acknowledge. Slack gives up at the
    /// first failure; a bot that restarts beside an embedded workspace deserves longer than the 30 seconds after which
    /// clients usually connect again.
    pub patience: Duration,
    /// How often sockets are pinged.
    pub ping: Duration,
    /// How long streams may take to end when the workspace stops.
    pub shutdown: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            ack: Duration::from_secs(3),
            event_retries: vec![Duration::ZERO, Duration::from_secs(60), Duration::from_secs(300)],
            patience: Duration::from_secs(60),
            ping: Duration::from_secs(10),
            shutdown: Duration::from_secs(3),
        }
    }
}

/// A socket's number within this run.
pub(crate) type SocketId = u64;

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Todo {
    /// Send it there.
    Send { envelope_id: String, socket: SocketId, attempt: u32, reason: &'static str },
    /// Nobody acknowledged it: settle it, and tell the person.
    GiveUp { envelope_id: String, why: GaveUp },
}

/// Why an envelope was given up, in Slack's words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GaveUp {
    /// There was no socket.
    NoSocket,
    /// It was sent, but not acknowledged.
    NoAck,
}

#[derive(Debug)]
struct Entry {
    kind: Kind,
    patience: Duration,
    since: Instant,
    sent: u32,
    last_socket: Option<SocketId>,
    reason: &'static str,
    stage: Stage,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    /// To be sent as soon as this moment has come and there is a socket.
    Due(Instant),
    /// On its way, to be acknowledged by then.
    Sent { socket: SocketId, until: Instant },
}

/// Deliveries on their way, in the order in which they came.
#[derive(Debug)]
pub(crate) struct Queue {
    timings: Timings,
    arrived: u64,
    entries: BTreeMap<u64, (String, Entry)>,
    sockets: Vec<SocketId>,
    turn: usize,
}

impl Queue {
    pub(crate) fn new(timings: Timings) -> Self {
        Self { timings, arrived: 0, entries: BTreeMap::new(), sockets: Vec::new(), turn: 0 }
    }

    /// How long somebody waits for this: before a modal not for long (page: Modals, "3 seconds").
    pub(crate) fn patience(&self, delivery: &Delivery) -> Duration {
        if delivery.is_submission() { self.timings.ack } else { self.timings.patience }
    }

    pub(crate) fn push(&mut self, envelope_id: String, (kind, patience): (Kind, Duration), now: Instant) {
        self.arrived += 1;
        let entry =
            Entry { kind, patience, since: now, sent: 0, last_socket: None, reason: "", stage: Stage::Due(now) };
        self.entries.insert(self.arrived, (envelope_id, entry));
    }

    pub(crate) fn opened(&mut self, socket: SocketId) {
        self.sockets.push(socket);
    }

    /// What was on its way to a socket that closed goes to another one at once.
    pub(crate) fn closed(&mut self, socket: SocketId, now: Instant) {
        self.sockets.retain(|open| *open != socket);
        for (_, entry) in self.entries.values_mut() {
            if matches!(entry.stage, Stage::Sent { socket: at, .. } if at == socket) {
                entry.reason = "connection_failed";
                entry.stage = Stage::Due(now);
            }
        }
    }

    /// Whether it was still waiting for this.
    pub(crate) fn acknowledged(&mut self, envelope_id: &str) -> bool {
        let before = self.entries.len();
        self.entries.retain(|_, (id, _)| id != envelope_id);
        self.entries.len() < before
    }

    pub(crate) fn sockets(&self) -> usize {
        self.sockets.len()
    }

    /// Everything that is due.
    pub(crate) fn poll(&mut self, now: Instant) -> Vec<Todo> {
        let mut todo = Vec::new();
        let mut gone = Vec::new();
        for (number, (envelope_id, entry)) in &mut self.entries {
            if let Stage::Sent { until, .. } = entry.stage
                && until <= now
            {
                entry.reason = "timeout";
                entry.stage = Stage::Due(until + again(&self.timings, entry));
            }
            if let Some(why) = hopeless(&self.timings, entry, now) {
                gone.push(*number);
                todo.push(Todo::GiveUp { envelope_id: envelope_id.clone(), why });
                continue;
            }
            let due = matches!(entry.stage, Stage::Due(at) if at <= now);
            if due && let Some(socket) = next_socket(&self.sockets, &mut self.turn, entry.last_socket) {
                todo.push(Todo::Send {
                    envelope_id: envelope_id.clone(),
                    socket,
                    attempt: entry.sent,
                    reason: entry.reason,
                });
                entry.sent += 1;
                entry.last_socket = Some(socket);
                entry.stage = Stage::Sent { socket, until: now + self.timings.ack };
            }
        }
        for number in gone {
            self.entries.remove(&number);
        }
        todo
    }

    /// When to look again, if nothing else happens before.
    pub(crate) fn next(&self) -> Option<Instant> {
        let moments = self.entries.values().filter_map(|(_, entry)| match entry.stage {
            Stage::Sent { until, .. } => Some(until),
            Stage::Due(at) if !self.sockets.is_empty() => Some(at),
            Stage::Due(_) if entry.kind == Kind::EventsApi => None,
            Stage::Due(_) => Some(entry.since + entry.patience),
        });
        moments.min()
    }
}

/// The wait before sending it again.
fn again(timings: &Timings, entry: &Entry) -> Duration {
    match entry.kind {
        Kind::EventsApi => timings.event_retries.get(entry.sent as usize - 1).copied().unwrap_or_default(),
        Kind::SlashCommands | Kind::Interactive => Duration::ZERO,
    }
}

/// Events have their number of retries and wait for a socket as long as it takes; commands and clicks have a person waiting.
fn hopeless(timings: &Timings, entry: &Entry, now: Instant) -> Option<GaveUp> {
    let Stage::Due(_) = entry.stage else { return None };
    match entry.kind {
        Kind::EventsApi => (entry.sent as usize > timings.event_retries.len()).then_some(GaveUp::NoAck),
        Kind::SlashCommands | Kind::Interactive if now < entry.since + entry.patience => None,
        Kind::SlashCommands | Kind::Interactive if entry.sent == 0 => Some(GaveUp::NoSocket),
        Kind::SlashCommands | Kind::Interactive => Some(GaveUp::NoAck),
    }
}

/// The sockets take turns; a retry goes to another socket than before, if there is one.
fn next_socket(sockets: &[SocketId], turn: &mut usize, not: Option<SocketId>) -> Option<SocketId> {
    let candidates = (0..sockets.len()).map(|step| (*turn + step) % sockets.len());
    let other = candidates.clone().find(|index| Some(sockets[*index]) != not);
    let index = other.or_else(|| candidates.clone().next())?;
    *turn = index + 1;
    Some(sockets[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: Kind) -> (Kind, Duration) {
        (kind, Timings::default().patience)
    }

    fn sent(todo: &[Todo]) -> Vec<(&str, SocketId, u32)> {
        todo.iter()
            .filter_map(|todo| match todo {
                Todo::Send { envelope_id, socket, attempt, .. } => Some((envelope_id.as_str(), *socket, *attempt)),
                Todo::GiveUp { .. } => None,
            })
            .collect()
    }

    #[test]
    fn sockets_take_turns_and_each_envelope_goes_to_one() {
        let now = Instant::now();
        let mut queue = Queue::new(Timings::default());
        queue.opened(1);
        queue.opened(2);
        for id in ["a", "b", "c"] {
            queue.push(id.into(), of(Kind::EventsApi), now);
        }
        assert_eq!(sent(&queue.poll(now)), [("a", 1, 0), ("b", 2, 0), ("c", 1, 0)]);
        assert!(queue.poll(now).is_empty(), "nothing is sent twice");
    }

    #[test]
    fn an_event_without_ack_is_sent_again_three_times_at_slack_s_intervals() {
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let mut queue = Queue::new(Timings::default());
        queue.opened(1);
        queue.opened(2);
        queue.push("e".into(), of(Kind::EventsApi), start);
        assert_eq!(sent(&queue.poll(start)), [("e", 1, 0)]);
        assert!(queue.poll(at(2)).is_empty());
        assert_eq!(queue.next(), Some(at(3)));
        assert_eq!(sent(&queue.poll(at(3))), [("e", 2, 1)], "to the other socket");
        assert!(queue.poll(at(65)).is_empty(), "waits a minute after the second failure");
        assert_eq!(sent(&queue.poll(at(66))), [("e", 1, 2)]);
        assert!(queue.poll(at(368)).is_empty(), "waits five minutes after the third");
        assert_eq!(sent(&queue.poll(at(369))), [("e", 2, 3)]);
        assert_eq!(queue.poll(at(372)), [Todo::GiveUp { envelope_id: "e".into(), why: GaveUp::NoAck }]);
        assert_eq!(queue.next(), None);
    }

    #[test]
    fn a_command_waits_for_a_socket_for_a_while() {
        let start = Instant::now();
        let mut queue = Queue::new(Timings::default());
        queue.push("late".into(), of(Kind::SlashCommands), start);
        assert!(queue.poll(start).is_empty());
        queue.opened(7);
        assert_eq!(sent(&queue.poll(start + Duration::from_secs(59))), [("late", 7, 0)]);

        let mut empty = Queue::new(Timings::default());
        empty.push("never".into(), of(Kind::SlashCommands), start);
        empty.push("event".into(), of(Kind::EventsApi), start);
        let end = empty.next().unwrap();
        assert_eq!(empty.poll(end), [Todo::GiveUp { envelope_id: "never".into(), why: GaveUp::NoSocket }]);
        assert_eq!(empty.next(), None, "the event waits for a socket");
    }

    #[test]
    fn a_closed_socket_hands_over_at_once_and_an_ack_ends_it() {
        let now = Instant::now();
        let mut queue = Queue::new(Timings::default());
        queue.opened(1);
        queue.opened(2);
        queue.push("e".into(), of(Kind::Interactive), now);
        queue.poll(now);
        queue.closed(1, now);
        assert_eq!(
            queue.poll(now),
            [Todo::Send { envelope_id: "e".into(), socket: 2, attempt: 1, reason: "connection_failed" }]
        );
        assert!(queue.acknowledged("e"));
        assert!(!queue.acknowledged("e"));
        assert_eq!(queue.next(), None);
    }
}
