//! What people do in a town: they type, they click, they wait for the answer.

use super::Town;
use crate::chronicle::{Place, buttons};
use gantry::message::MarkState;
use gantry_workspace::{Action, Message, Say, Slash, Ts};

/// What came of something said.
#[derive(Debug, Clone)]
pub struct Said {
    /// The delivery's id.
    pub delivery: String,
    /// Where the answer is.
    pub place: Place,
    /// The answer, as it is when everything has settled.
    pub answer: Message,
    /// What it means.
    pub state: MarkState,
}

impl Said {
    /// The thread of the answer: its own, or the one that it opens.
    #[must_use]
    pub fn thread(&self) -> Place {
        (self.place.0.clone(), self.answer.thread_ts.unwrap_or(self.place.1))
    }
}

impl Town {
    /// Types a slash command and doesn't wait. Gives the delivery's id.
    ///
    /// # Panics
    /// If the workspace refuses it.
    pub async fn send(&self, who: &str, channel: &str, text: &str) -> String {
        let slash = Slash {
            who: who.to_owned(),
            channel: channel.trim_start_matches('#').to_owned(),
            command: "/gantry".to_owned(),
            text: text.to_owned(),
            thread_ts: None,
        };
        self.people.command(&slash).await.expect("the workspace takes the command").trigger_id
    }

    /// Types a slash command, and waits until all that comes of it has settled.
    pub async fn say(&self, who: &str, channel: &str, text: &str) -> Said {
        let delivery = self.send(who, channel, text).await;
        self.outcome(delivery).await
    }

    /// Mentions the bot in a thread, and doesn't wait. Gives the delivery's id.
    ///
    /// # Panics
    /// If the workspace refuses it.
    pub async fn mention(&self, who: &str, thread: &Place, text: &str) -> String {
        let (channel, ts) = thread.clone();
        let say = Say { who: who.to_owned(), channel, thread_ts: Some(ts), text: format!("@gantry {text}") };
        let mark = self.people.message(&say).await.expect("the workspace takes the message");
        format!("said:{}:{}", mark.channel, mark.ts)
    }

    /// Mentions the bot in a thread, and waits until all that comes of it has settled.
    pub async fn reply(&self, who: &str, thread: &Place, text: &str) -> Said {
        let delivery = self.mention(who, thread, text).await;
        self.outcome(delivery).await
    }

    /// Clicks the newest button of that label, and waits until all that comes of it has settled.
    ///
    /// # Panics
    /// If there is no such button.
    pub async fn click(&self, who: &str, label: &str) -> Said {
        let messages = self.chronicle.messages();
        let newest = messages.iter().rev().find(|(_, message)| buttons(message).iter().any(|found| found == label));
        let ((channel, ts), _) = newest.unwrap_or_else(|| panic!("no button `{label}`:\n{}", self.transcript()));
        self.click_at(who, &(channel.clone(), *ts), label).await
    }

    /// Clicks a button of a message.
    ///
    /// # Panics
    /// If there is no such button.
    pub async fn click_at(&self, who: &str, (channel, ts): &(String, Ts), label: &str) -> Said {
        let action = Action {
            who: who.to_owned(),
            channel: channel.clone(),
            message_ts: *ts,
            label: Some(label.to_owned()),
            ..Action::default()
        };
        let delivery = self.people.click(&action).await.expect("the button can be clicked").trigger_id;
        self.outcome(delivery).await
    }

    /// Waits for what comes of a delivery.
    ///
    /// # Panics
    /// When it isn't answered in time.
    pub async fn outcome(&self, delivery: String) -> Said {
        let what = format!("{delivery} is answered");
        self.until(&what, async |town| town.chronicle.answer(&delivery)).await;
        self.settle().await;
        let (place, answer, state) = self.chronicle.answer(&delivery).expect("an answer doesn't go away");
        Said { delivery, place, answer, state }
    }
}
