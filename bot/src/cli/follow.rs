//! Following what comes of something said: every message of the bot carries a mark that says which delivery it answers
//! and what it means, so nothing has to be guessed from words.

use super::args::Place;
use super::{exit, render};
use crate::message::MarkState;
use anyhow::Context;
use futures::StreamExt;
use gantry_engine::journal::State;
use gantry_workspace::{Client, Event, Events, Message, Ts};
use std::io::IsTerminal;
use std::time::Duration;

/// What came of it.
pub(super) struct Followed {
    pub(super) exit: u8,
    pub(super) operation: Option<String>,
    pub(super) state: Option<String>,
    pub(super) thread: Option<Ts>,
    /// Messages that answer it, as they are now.
    pub(super) messages: Vec<Message>,
}

/// A listener that began before anything was said, so that nothing is missed.
pub(super) struct Follow {
    events: Events,
    channel: String,
    progress: indicatif::ProgressBar,
}

impl Follow {
    pub(super) async fn begin(client: &Client, place: &Place) -> anyhow::Result<Self> {
        let state = client.state().await.context("nothing runs there; start it with `gantry try`")?;
        let name = place.channel.trim_start_matches('#');
        let channel = state.channels.iter().find(|channel| channel.name == name || channel.id == name);
        let there = || state.channels.iter().map(|channel| format!("#{}", channel.name)).collect::<Vec<_>>().join(", ");
        let channel =
            channel.with_context(|| format!("there is no channel #{name}; there are {}", there()))?.id.clone();
        let events = client.events(&place.who, Some(state.seq)).await?;
        let progress = if std::io::stderr().is_terminal() && !place.json {
            indicatif::ProgressBar::new_spinner()
        } else {
            indicatif::ProgressBar::hidden()
        };
        progress.enable_steady_tick(Duration::from_millis(120));
        Ok(Self { events, channel, progress })
    }

    /// Follows a delivery until it is settled, or until the time is up. `word` is what was said or clicked: who cancels or
    /// rejects gets what they wanted when it is over. `clicked` is the message whose button was
    /// clicked: if it is the card of an operation that isn't over, the operation is followed.
    pub(super) async fn delivery(
        mut self,
        id: &str,
        word: &str,
        clicked: Option<&Message>,
        limit: Duration,
    ) -> anyhow::Result<Followed> {
        let card = clicked.filter(|message| {
            let state = render::mark(message).map(|mark| mark.state);
            matches!(state, Some(MarkState::Operation(state)) if !state.is_closed())
        });
        let clicked = card.map(|message| message.ts);
        let wanted = wanted(word);
        let mut so_far = SoFar { id, wanted, clicked, answered: None, card: None, messages: Vec::new() };
        let followed = tokio::time::timeout(limit, self.watch(&mut so_far)).await;
        self.progress.finish_and_clear();
        match followed {
            Ok(Ok(exit)) => Ok(so_far.followed(exit)),
            Ok(Err(error)) => Err(error),
            Err(_) => Ok(so_far.followed(exit::TIMED_OUT)),
        }
    }

    async fn watch(&mut self, so_far: &mut SoFar<'_>) -> anyhow::Result<u8> {
        while let Some(event) = self.events.next().await {
            let (channel, message) = match event?.event {
                Event::Posted { channel, message } | Event::Changed { channel, message } => (channel, message),
                Event::Modal { view: Some(_) } => {
                    anyhow::bail!("that opened a form: fill it in on the chat page, or say the whole command here")
                }
                Event::Deleted { .. } | Event::Home { .. } | Event::Modal { .. } | Event::Reset => continue,
            };
            if channel != self.channel {
                continue;
            }
            if so_far.note(*message) {
                self.progress.set_message(so_far.messages.last().map(|m| m.text.clone()).unwrap_or_default());
            }
            if let Some(exit) = so_far.settled() {
                return Ok(exit);
            }
        }
        anyhow::bail!("the workspace has stopped; start it again and look at the thread there")
    }
}

/// The end that a word asks for, where it asks for one that others would call a failure.
fn wanted(word: &str) -> Option<State> {
    let verb = word.split_whitespace().next().unwrap_or_default().to_lowercase();
    match verb.as_str() {
        "cancel" => Some(State::Cancelled),
        "reject" => Some(State::Rejected),
        _ => None,
    }
}

struct SoFar<'a> {
    id: &'a str,
    wanted: Option<State>,
    /// The clicked card of an operation that isn't over.
    clicked: Option<Ts>,
    answered: Option<MarkState>,
    card: Option<Card>,
    messages: Vec<Message>,
}

/// The card of the operation that is followed, as it is now.
struct Card {
    ts: Ts,
    thread: Option<Ts>,
    operation: String,
    state: State,
}

impl SoFar<'_> {
    /// Takes a message in; tells whether it is about what was said.
    fn note(&mut self, message: Message) -> bool {
        let Some(mark) = render::mark(&message) else { return false };
        let ours = mark.delivery.as_ref().is_some_and(|delivery| delivery.as_str() == self.id);
        match mark.state {
            MarkState::Operation(state) if ours || self.clicked == Some(message.ts) => {
                let name = mark.key().map(|key| key.0).unwrap_or_default();
                let name = name.strip_suffix("/card").unwrap_or(&name).to_owned();
                self.card = Some(Card { ts: message.ts, thread: message.thread_ts, operation: name, state });
            }
            state if ours => self.answered = Some(state),
            _ => return false,
        }
        self.messages.retain(|known| known.ts != message.ts);
        self.messages.push(message);
        true
    }

    fn settled(&self) -> Option<u8> {
        let by_card = |state| match state {
            State::Succeeded => Some(exit::DONE),
            ended if Some(ended) == self.wanted => Some(exit::DONE),
            State::Reverted | State::Failed | State::Cancelled | State::Rejected | State::Expired => Some(exit::FAILED),
            State::Voting | State::Parked => Some(exit::WAITING),
            State::Ready | State::Queued | State::Held | State::Running | State::Cancelling => None,
        };
        match (self.answered, &self.card) {
            (Some(MarkState::Refused | MarkState::Invalid), _) => Some(exit::FAILED),
            (Some(MarkState::Asked), _) => Some(exit::WAITING),
            (_, Some(card)) => by_card(card.state),
            // The word was noted; what comes of it shows on the card, which changes next.
            (Some(_), None) if self.clicked.is_some() => None,
            (Some(_), None) => Some(exit::DONE),
            (None, None) => None,
        }
    }

    fn followed(self, exit: u8) -> Followed {
        let card = self.card;
        Followed {
            exit,
            operation: card.as_ref().map(|card| card.operation.clone()),
            state: card.as_ref().map(|card| card.state.as_str().to_owned()),
            thread: card.map(|card| card.thread.unwrap_or(card.ts)),
            messages: self.messages,
        }
    }
}
