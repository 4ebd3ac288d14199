//! Messages as lines of text, as they are sent.

use crate::message::{Block, Body, Message};
use gantry_engine::ports::{PostDraft, Thread};
use std::fmt::Write as _;

pub(super) fn body(draft: &PostDraft) -> Body {
    serde_json::from_str(&draft.body).unwrap()
}

pub(super) fn transcript(drafts: &[PostDraft]) -> String {
    let mut page = String::new();
    for draft in drafts {
        let body = body(draft);
        let place = match &draft.thread {
            Thread::None => String::new(),
            Thread::Under(ts) => format!(" under {ts}"),
            Thread::UnderPost(key) => format!(" under {}", key.0),
        };
        let only = draft.only_for.as_ref().map_or(String::new(), |user| format!(" for {user} only"));
        writeln!(page, "== {} [{}]{place}{only}", draft.key.0, body.state.as_str()).unwrap();
        message(&body.message, &mut page);
    }
    page
}

fn message(message: &Message, page: &mut String) {
    writeln!(page, "text: {}", message.text).unwrap();
    for block in &message.blocks {
        match block {
            Block::Header(text) => writeln!(page, "# {text}"),
            Block::Section(text, _) => writeln!(page, "{text}"),
            Block::Fields(texts) | Block::Context(texts) => {
                let texts: Vec<&str> = texts.iter().map(gantry_templates::Mrkdwn::as_str).collect();
                writeln!(page, "({})", texts.join(" | "))
            }
            Block::Divider => writeln!(page, "---"),
            Block::Preformatted(text) => writeln!(page, "```\n{text}\n```"),
            Block::Actions(buttons) => {
                let all = buttons.iter().map(|button| {
                    let ask = button.confirm.as_ref().map_or(String::new(), |ask| {
                        format!(" ({} / {} / {} / {})", ask.title, ask.text, ask.yes, ask.no)
                    });
                    format!("[{}{ask} -> {}]", button.label, button.value)
                });
                writeln!(page, "{}", all.collect::<Vec<_>>().join("\n"))
            }
        }
        .unwrap();
    }
}
