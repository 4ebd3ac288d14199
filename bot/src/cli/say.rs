//! `gantry say` and `gantry click`: acting as a person in the running workspace.

use super::args::{Click, Place, Say};
use super::follow::{Follow, Followed};
use super::{exit, print, render, tryout};
use crate::message::MarkState;
use anyhow::Context;
use gantry_workspace::{Action, Client, Message, Slash, Ts};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

pub(super) async fn say(dir: &Path, args: Say) -> anyhow::Result<ExitCode> {
    let client = connect(dir)?;
    let place = &args.place;
    let follow = Follow::begin(&client, place).await?;
    let followed = match &place.thread {
        None => {
            let slash = Slash {
                who: place.who.clone(),
                channel: place.channel.clone(),
                command: "/gantry".to_owned(),
                text: args.text.clone(),
                thread_ts: None,
            };
            let trigger = client.command(&slash).await?;
            follow.delivery(&trigger.trigger_id, None, limit(place)).await?
        }
        Some(thread) => {
            let state = client.state().await?;
            let bot = state.users.iter().find(|user| user.id == state.app.bot_user).map_or("gantry", |user| &user.name);
            let thread_ts = Some(the_thread(&client, place, thread).await?);
            let say = gantry_workspace::Say {
                who: place.who.clone(),
                channel: place.channel.clone(),
                thread_ts,
                text: format!("@{bot} {}", args.text),
            };
            let mark = client.message(&say).await?;
            let id = format!("said:{}:{}", mark.channel, mark.ts);
            follow.delivery(&id, None, limit(place)).await?
        }
    };
    tell(&client, place, followed).await
}

pub(super) async fn click(dir: &Path, args: Click) -> anyhow::Result<ExitCode> {
    let client = connect(dir)?;
    let place = &args.place;
    let thread = match place.thread.as_deref() {
        Some(thread) => Some(the_thread(&client, place, thread).await?),
        None => None,
    };
    let message = button(&client, place, thread, &args.label).await?;
    let follow = Follow::begin(&client, place).await?;
    let action = Action {
        who: place.who.clone(),
        channel: place.channel.clone(),
        message_ts: message.ts,
        action_id: None,
        block_id: None,
        label: Some(args.label.clone()),
    };
    let trigger = client.click(&action).await?;
    let followed = follow.delivery(&trigger.trigger_id, Some(&message), limit(place)).await?;
    tell(&client, place, followed).await
}

fn connect(dir: &Path) -> anyhow::Result<Client> {
    Client::from_dir(&dir.join(tryout::WORKSPACE)).context("start one with `gantry try`, or name its place with --dir")
}

fn limit(place: &Place) -> Duration {
    Duration::from_secs(place.timeout)
}

/// A thread by its time stamp, or the newest one of the channel.
async fn the_thread(client: &Client, place: &Place, thread: &str) -> anyhow::Result<Ts> {
    if thread != "last" {
        return thread.parse().with_context(|| format!("`{thread}` is no thread; copy the time stamp, or say `last`"));
    }
    let messages = client.messages(&place.who, &place.channel, None).await?;
    let is_card =
        |message: &&Message| render::mark(message).is_some_and(|mark| matches!(mark.state, MarkState::Operation(_)));
    let newest = messages.iter().rev().find(is_card);
    newest
        .map(|message| message.thread_ts.unwrap_or(message.ts))
        .with_context(|| format!("there is no thread in #{} yet", place.channel))
}

/// The newest message with a button of that label.
async fn button(client: &Client, place: &Place, thread: Option<Ts>, label: &str) -> anyhow::Result<Message> {
    let mut all = client.messages(&place.who, &place.channel, thread).await?;
    if thread.is_none() {
        // Buttons in threads (warnings) count too; the newest message wins.
        for parent in all.clone().into_iter().filter(|message| message.thread_ts == Some(message.ts)) {
            let replies = client.messages(&place.who, &place.channel, Some(parent.ts)).await?;
            all.extend(replies.into_iter().filter(|reply| reply.ts != parent.ts));
        }
    }
    let labels = |message: &Message| render::buttons(message).iter().any(|found| found.eq_ignore_ascii_case(label));
    let found = all.into_iter().filter(labels).max_by_key(|message| message.ts);
    found.with_context(|| format!("no message in #{} has a button `{label}` for {}", place.channel, place.who))
}

async fn tell(client: &Client, place: &Place, followed: Followed) -> anyhow::Result<ExitCode> {
    let transcript = match (&followed.thread, followed.messages.is_empty()) {
        (Some(thread), _) => client.messages(&place.who, &place.channel, Some(*thread)).await?,
        (None, _) => followed.messages.clone(),
    };
    // Answers that only this person sees aren't in the thread.
    let seen: Vec<Ts> = transcript.iter().map(|message| message.ts).collect();
    let more = followed.messages.iter().filter(|message| !seen.contains(&message.ts)).cloned();
    let transcript: Vec<Message> = transcript.into_iter().chain(more).collect();
    let people = client.state().await?;
    if place.json {
        let messages: Vec<_> = transcript.iter().map(|message| render::json(message, &people)).collect();
        let all = serde_json::json!({
            "exit": followed.exit,
            "operation": followed.operation,
            "state": followed.state,
            "thread": followed.thread,
            "messages": messages,
        });
        print(&format!("{all:#}\n"))?;
    } else {
        let text: Vec<String> = transcript.iter().map(|message| render::text(message, &people)).collect();
        print(&format!("{}\n", text.join("\n\n")))?;
    }
    Ok(exit::code(followed.exit))
}
