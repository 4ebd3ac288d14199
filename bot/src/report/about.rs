//! One operation, as an answer: its card as it is now, and what happened to it so far.

use super::answer::Reply;
use super::project::{ReportContext, retell};
use super::voice::words;
use crate::handle::AboutView;
use gantry_engine::journal::Illegal;
use gantry_templates::{Said, sentences as s};

pub(super) fn about(view: &AboutView) -> Result<Reply, Illegal> {
    let cx = ReportContext { env: view.env.clone(), moved_on: view.moved_on, ..ReportContext::default() };
    let (card, news) = retell(&view.journal, &view.record, &cx)?;
    let card = card.message;
    let mut reply = Reply::default().tell(Said { mrkdwn: card.text.clone(), text: card.text });
    reply = card.blocks.into_iter().fold(reply, Reply::show);
    if news.is_empty() {
        return Ok(reply);
    }
    let line = |(at, body): &(jiff::Timestamp, crate::message::Body)| {
        let text = body.message.text.clone();
        words().say(&s::AboutLine { at: words().time(*at), what: Said { mrkdwn: text.clone(), text } })
    };
    Ok(reply.say(words().say(&s::AboutHistory {})).say_lines(news.iter().map(line).collect()))
}
