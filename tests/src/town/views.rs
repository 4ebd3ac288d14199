//! What people do in a town beside typing and clicking in messages: forms, the Home tab, menus. Time stands still while a form
//! is on its way: it has three seconds.

use super::{Said, Town};
use crate::chronicle::{Place, buttons};
use crate::transcript;
use crate::wait;
use gantry_workspace::{Action, Message, Shortcut, Submit, Verdict};
use serde_json::{Map, Value};

impl Town {
    /// Types a slash command that asks for a form, and waits until it is there.
    pub async fn ask(&self, who: &str, channel: &str, text: &str) -> Value {
        self.send(who, channel, text).await;
        self.form(who).await
    }

    /// Clicks the newest button of that label, and waits until a form is there.
    ///
    /// # Panics
    /// If there is no such button.
    pub async fn press(&self, who: &str, label: &str) -> Value {
        let messages = self.chronicle.messages();
        let newest = messages.iter().rev().find(|(_, message)| buttons(message).iter().any(|found| found == label));
        let ((channel, ts), _) = newest.unwrap_or_else(|| panic!("no button `{label}`:\n{}", self.transcript()));
        let (who_owned, label) = (who.to_owned(), Some(label.to_owned()));
        let action = Action { who: who_owned, channel: channel.clone(), message_ts: *ts, label, ..Action::default() };
        self.people.click(&action).await.expect("the button can be clicked");
        self.form(who).await
    }

    /// The form that somebody has before them, once there is one.
    pub async fn form(&self, who: &str) -> Value {
        let what = format!("{who} has a form");
        wait::until(&what, || async { self.people.modal(who).await.ok()?.view }).await
    }

    /// Fills in the form that somebody has before them, and sends it. Gives its view's id and what the bot says to it.
    ///
    /// # Panics
    /// If there is none.
    pub async fn submit(&self, who: &str, fields: &[(&str, &str)]) -> (String, Verdict) {
        let view = self.people.modal(who).await.expect("the workspace answers").view.expect("a form");
        let view_id = view["id"].as_str().expect("a view has an id").to_owned();
        let values: Map<String, Value> =
            fields.iter().map(|(field, value)| ((*field).to_owned(), (*value).into())).collect();
        let submit = Submit { who: who.to_owned(), view_id: view_id.clone(), values };
        (view_id, self.people.submit(&submit).await.expect("the workspace takes it"))
    }

    /// Fills in the form, sends it, and waits until all that comes of it has settled.
    ///
    /// # Panics
    /// If it isn't taken.
    pub async fn fill(&self, who: &str, fields: &[(&str, &str)]) -> Said {
        let (view_id, verdict) = self.submit(who, fields).await;
        assert!(verdict.is_accepted(), "{verdict:?}");
        self.outcome(format!("form:{view_id}")).await
    }

    /// Opens somebody's Home tab. Gives what it shows as text, once it shows all of this.
    pub async fn home(&self, who: &str, shows: &[&str]) -> String {
        self.people.visit(who).await.expect("the workspace answers");
        self.until(&format!("{who}'s Home tab shows {shows:?}"), async |town| {
            let text = town.home_now(who).await?;
            shows.iter().all(|what| text.contains(what)).then_some(text)
        })
        .await
    }

    /// What somebody's Home tab shows now, as text.
    pub async fn home_now(&self, who: &str) -> Option<String> {
        let view = self.people.home(who).await.ok()?.view?;
        let blocks = view["blocks"].as_array()?.clone();
        let message = Message { blocks, ..Message::default() };
        Some(transcript::steady_text(&self.chronicle, &message))
    }

    /// Clicks a button of somebody's Home tab. Gives the delivery's id.
    ///
    /// # Panics
    /// If there is no such button.
    pub async fn click_home(&self, who: &str, label: &str) -> String {
        let view = self.people.home(who).await.expect("the workspace answers").view.expect("a Home tab");
        let view_id = view["id"].as_str().map(str::to_owned);
        let action = Action { who: who.to_owned(), view_id, label: Some(label.to_owned()), ..Action::default() };
        self.people.click(&action).await.expect("the button can be clicked").trigger_id
    }

    /// Asks a message's menu what it is about, and waits for the answer.
    ///
    /// # Panics
    /// If the workspace refuses it.
    pub async fn about(&self, who: &str, (channel, ts): &Place) -> Said {
        let shortcut = Shortcut {
            who: who.to_owned(),
            callback_id: "about_message".to_owned(),
            channel: Some(channel.clone()),
            message_ts: Some(*ts),
        };
        let delivery = self.people.shortcut(&shortcut).await.expect("the menu offers it").trigger_id;
        self.outcome(delivery).await
    }
}
