//! `gantry say` and `gantry click`: acting as a person in the running workspace.

use super::args::{Click, Place, Say};
use super::follow::{Follow, Followed};
use super::{exit, print, render, tryout};
use crate::clock::SystemClock;
use crate::message::MarkState;
use anyhow::Context as _;
use gantry_commands::{Command, Context, Control, Vocabulary, parse};
use gantry_engine::ports::{Clock, PostKey};
use gantry_workspace::{Action, Client, Message, Slash, Ts};
use jiff::tz::TimeZone;
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
            let card = decided(&client, place, &args.text, None).await?;
            let trigger = client.command(&slash).await?;
            follow.delivery(&trigger.trigger_id, &args.text, card.as_ref(), limit(place)).await?
        }
        Some(thread) => {
            let state = client.state().await?;
            let bot = state.users.iter().find(|user| user.id == state.app.bot_user).map_or("gantry", |user| &user.name);
            let thread_ts = Some(the_thread(&client, place, thread).await?);
            let card = decided(&client, place, &args.text, thread_ts).await?;
            let say = gantry_workspace::Say {
                who: place.who.clone(),
                channel: place.channel.clone(),
                thread_ts,
                text: format!("@{bot} {}", args.text),
            };
            let mark = client.message(&say).await?;
            let id = format!("said:{}:{}", mark.channel, mark.ts);
            let followed = follow.delivery(&id, &args.text, card.as_ref(), limit(place)).await?;
            return tell(&client, place, followed, Some(mark.ts)).await;
        }
    };
    tell(&client, place, followed, None).await
}

/// The card of the operation that a vote or a signal is about, to be followed: by its name, else the thread's.
async fn decided(client: &Client, place: &Place, text: &str, thread: Option<Ts>) -> anyhow::Result<Option<Message>> {
    let vocabulary = Vocabulary::new();
    let context = Context { now: SystemClock.now(), zone: TimeZone::UTC, vocabulary: &vocabulary, me: None };
    let op = match parse(text, &context) {
        Ok(Some(Command::Decide(decision))) => decision.op,
        Ok(Some(Command::Control(Control::Cancel { op, .. } | Control::Retry { op }))) => op,
        _ => return Ok(None),
    };
    let key = op.map(PostKey::card);
    let is_card = |message: &Message| match render::mark(message) {
        Some(mark) if matches!(mark.state, MarkState::Operation(_)) => key.is_none() || mark.key() == key,
        _ => false,
    };
    let all = everything(client, place, thread).await?;
    Ok(all.into_iter().filter(is_card).max_by_key(|message| message.ts))
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
        label: Some(args.label.clone()),
        ..Action::default()
    };
    let trigger = client.click(&action).await?;
    let followed = follow.delivery(&trigger.trigger_id, &args.label, Some(&message), limit(place)).await?;
    tell(&client, place, followed, None).await
}

fn connect(dir: &Path) -> anyhow::Result<Client> {
    Client::from_dir(&dir.join(tryout::WORKSPACE)).map_err(|why| {
        tracing::debug!(%why, "no workspace");
        anyhow::anyhow!("nothing runs in {}: start it with `gantry try`, or name its place with --dir", dir.display())
    })
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

/// Every message of a thread, or of the channel with its threads.
async fn everything(client: &Client, place: &Place, thread: Option<Ts>) -> anyhow::Result<Vec<Message>> {
    let mut all = client.messages(&place.who, &place.channel, thread).await?;
    if thread.is_none() {
        for parent in all.clone().into_iter().filter(|message| message.thread_ts == Some(message.ts)) {
            let replies = client.messages(&place.who, &place.channel, Some(parent.ts)).await?;
            all.extend(replies.into_iter().filter(|reply| reply.ts != parent.ts));
        }
    }
    Ok(all)
}

/// The newest message with a button of that label. Those in threads (warnings) count too.
async fn button(client: &Client, place: &Place, thread: Option<Ts>, label: &str) -> anyhow::Result<Message> {
    let all = everything(client, place, thread).await?;
    let labels = |message: &Message| render::buttons(message).iter().any(|found| found.eq_ignore_ascii_case(label));
    let found = all.into_iter().filter(labels).max_by_key(|message| message.ts);
    found.with_context(|| format!("no message in #{} has a button `{label}` for {}", place.channel, place.who))
}

/// Prints what came of it; of a thread that was there before, only what is new `since` then.
async fn tell(client: &Client, place: &Place, followed: Followed, since: Option<Ts>) -> anyhow::Result<ExitCode> {
    let transcript = match (&followed.thread, followed.messages.is_empty()) {
        (Some(thread), _) => client.messages(&place.who, &place.channel, Some(*thread)).await?,
        (None, _) => followed.messages.clone(),
    };
    // Answers that only this person sees aren't in the thread.
    let seen: Vec<Ts> = transcript.iter().map(|message| message.ts).collect();
    let more = followed.messages.iter().filter(|message| !seen.contains(&message.ts)).cloned();
    let changed = |ts: Ts| followed.messages.iter().any(|message| message.ts == ts);
    let is_new = |message: &Message| since.is_none_or(|since| message.ts >= since) || changed(message.ts);
    let transcript: Vec<Message> = transcript.into_iter().filter(is_new).chain(more).collect();
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
