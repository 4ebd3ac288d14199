//! Keeps the Home tabs of those who looked at them lately as things are. It looks at records by itself and publishes what
//! has changed, at most once in a while for each person: so a busy operation costs no more calls than a quiet one.

use crate::chat::{Chat, ChatError};
use crate::form::Visitor;
use crate::handle::Handler;
use crate::message::Home;
use crate::report;
use gantry_engine::names::{ChannelId, UserId};
use gantry_engine::ports::Clock;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long after a look somebody still counts as looking.
const LATELY: SignedDuration = SignedDuration::from_mins(30);

/// How often it is looked whether something changed. `views.publish` may be called 100 times a minute (docs.slack.dev, "Rate
/// limits", tier 4), for everybody together.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(10);

/// How long none is published after one was refused for what only somebody can mend.
const BARRED: SignedDuration = SignedDuration::from_mins(1);

/// How many are kept fresh, those who looked last.
const KEPT: usize = 12;

struct Looking {
    channel: ChannelId,
    since: Timestamp,
    shown: Option<Home>,
}

/// Who draws Home tabs.
pub(super) struct Homes {
    pub(super) handler: Handler,
    pub(super) chat: Arc<dyn Chat>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Homes {
    pub(super) async fn run(&self, visitors: &mut tokio::sync::mpsc::UnboundedReceiver<Visitor>) {
        let mut looking: BTreeMap<UserId, Looking> = BTreeMap::new();
        // None is published before then.
        let mut shut = Timestamp::MIN;
        loop {
            let until = self.later(LOOK_AGAIN).max(shut);
            let again = async {
                match looking.is_empty() {
                    true => std::future::pending().await,
                    false => self.clock.sleep_until(until).await,
                }
            };
            tokio::select! {
                visitor = visitors.recv() => match visitor {
                    Some((user, channel)) => {
                        let look = Looking { channel, since: self.clock.now(), shown: None };
                        let look = looking.entry(user.clone()).insert_entry(look).into_mut();
                        if shut <= self.clock.now() {
                            shut = self.draw(&user, look).await.unwrap_or(shut);
                        }
                    }
                    None => return,
                },
                () = again => {
                    forget(&mut looking, self.clock.now());
                    for (user, look) in &mut looking {
                        if let Some(until) = self.draw(user, look).await {
                            shut = until;
                            break;
                        }
                    }
                }
            }
        }
    }

    fn later(&self, wait: SignedDuration) -> Timestamp {
        self.clock.now().saturating_add(wait).unwrap_or(Timestamp::MAX)
    }

    /// Publishes what a person sees now, unless they see it already. Tells until when no more may be published, if so.
    async fn draw(&self, user: &UserId, look: &mut Looking) -> Option<Timestamp> {
        let home = match self.handler.home(user, &look.channel).await {
            Ok(Some(view)) => report::home(&view),
            Ok(None) => return None,
            Err(error) => {
                tracing::warn!(%error, "a Home tab can't be drawn");
                return None;
            }
        };
        if look.shown.as_ref() == Some(&home) {
            return None;
        }
        match self.chat.publish(user, &home).await {
            Ok(()) => look.shown = Some(home),
            Err(ChatError::Gone(why)) => {
                tracing::warn!(why, "a Home tab is refused");
                look.shown = Some(home);
            }
            Err(ChatError::RateLimited { after }) => {
                return Some(self.later(SignedDuration::try_from(after).unwrap_or(LOOK_AGAIN)));
            }
            Err(ChatError::Barred { code, remedy }) => {
                tracing::error!(
                    code,
                    remedy,
                    "no Home tab is published until somebody mends what Slack refuses it for"
                );
                return Some(self.later(BARRED));
            }
            // The next look tries again.
            Err(why) => tracing::info!(%why, "a Home tab couldn't be published"),
        }
        None
    }
}

fn forget(looking: &mut BTreeMap<UserId, Looking>, now: Timestamp) {
    looking.retain(|_, look| now.duration_since(look.since) < LATELY);
    while looking.len() > KEPT {
        let Some(oldest) = looking.iter().min_by_key(|(_, look)| look.since).map(|(user, _)| user.clone()) else {
            return;
        };
        looking.remove(&oldest);
    }
}
