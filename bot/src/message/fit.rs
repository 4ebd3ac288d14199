//! Makes any content fit into what Slack takes. Whatever is left out is counted; nothing is dropped in silence, and a
//! command on a button is never cut: half of it would be another command.

use super::block::{Block, Message};
use super::button::{Button, Confirm};
use gantry_templates::{Mrkdwn, clip, length};

/// Slack's numbers (docs.slack.dev: "Reference: Block Kit" and its pages on blocks, elements and composition objects;
/// "chat.update" for the text).
pub mod limit {
    /// Blocks in a message.
    pub const BLOCKS: usize = 50;
    /// Text in all blocks together (`msg_blocks_too_long`; Slack names no number, this one was measured).
    pub const SUM: usize = 13_200;
    /// The top-level text (`chat.update`, `msg_too_long`).
    pub const TEXT: usize = 4_000;
    /// A section's text.
    pub const SECTION: usize = 3_000;
    /// A section's fields.
    pub const FIELDS: usize = 10;
    /// One field's text.
    pub const FIELD: usize = 2_000;
    /// A header.
    pub const HEADER: usize = 150;
    /// Elements of a context block.
    pub const CONTEXT: usize = 10;
    /// Elements of an actions block.
    pub const ACTIONS: usize = 25;
    /// A button's text.
    pub const LABEL: usize = 75;
    /// A button's value.
    pub const VALUE: usize = 2_000;
    /// A dialog's title.
    pub const CONFIRM_TITLE: usize = 100;
    /// A dialog's text.
    pub const CONFIRM_TEXT: usize = 300;
    /// A dialog's buttons.
    pub const CONFIRM_LABEL: usize = 30;
    /// Blocks in a view.
    pub const VIEW_BLOCKS: usize = 100;
    /// A modal's title, and the buttons at its foot.
    pub const TITLE: usize = 24;
    /// What comes back with a view.
    pub const METADATA: usize = 3_000;
    /// An input's example.
    pub const PLACEHOLDER: usize = 150;
    /// Options of a select.
    pub const OPTIONS: usize = 100;
    /// An option's value.
    pub const OPTION: usize = 150;
    /// What people may write into a line; ours.
    pub const LINE: usize = 200;
    /// What people may write where there is room; ours: with the rest of a command it stays within what one may say.
    pub const REASON: usize = 1_000;
}

/// Room for the line that counts what is left out.
const NOTICE: usize = 100;

/// The least of a text that is worth showing.
const WORTH: usize = 300;

pub(super) fn message(text: &Mrkdwn, blocks: Vec<Block>) -> Message {
    let text = some_mrkdwn(text);
    let mut blocks: Vec<Block> = blocks.into_iter().flat_map(block).filter(|block| !block.is_empty()).collect();
    if blocks.is_empty() {
        blocks.push(Block::section(text.clip(limit::SECTION)));
    }
    let sum: usize = blocks.iter().map(size).sum();
    if blocks.len() > limit::BLOCKS || sum > limit::SUM {
        blocks = squeeze(blocks);
    }
    Message { text: text.clip(limit::TEXT), blocks }
}

/// The blocks of a view: there is no limit on their text together, and more of them fit.
pub(super) fn view(blocks: Vec<Block>) -> Vec<Block> {
    let mut blocks: Vec<Block> = blocks.into_iter().flat_map(block).filter(|block| !block.is_empty()).collect();
    let left = blocks.len().saturating_sub(limit::VIEW_BLOCKS);
    if left > 0 {
        blocks.truncate(limit::VIEW_BLOCKS - 1);
        blocks.push(Block::context(Mrkdwn::more(left + 1, "part")));
    }
    blocks
}

/// Slack refuses empty texts where it wants one.
fn some(text: String) -> String {
    if text.trim().is_empty() { "…".to_owned() } else { text }
}

fn some_mrkdwn(text: &Mrkdwn) -> Mrkdwn {
    if text.is_empty() { Mrkdwn::escape("…") } else { text.clone() }
}

/// A block within its own limits, and the line that counts what it lost.
fn block(block: Block) -> Vec<Block> {
    match block {
        Block::Header(text) => vec![Block::Header(clip(&text, limit::HEADER))],
        Block::Section(text, button) => {
            let button = button.and_then(self::button);
            let text = if button.is_some() { some_mrkdwn(&text) } else { text };
            vec![Block::Section(text.clip(limit::SECTION), button)]
        }
        Block::Fields(texts) => vec![Block::Fields(few(texts, limit::FIELDS, limit::FIELD))],
        Block::Context(texts) => vec![Block::Context(few(texts, limit::CONTEXT, limit::FIELD))],
        Block::Divider => vec![Block::Divider],
        Block::Preformatted(text) => vec![Block::Preformatted(clip(&text, limit::SECTION))],
        Block::Actions(buttons) => {
            let all = buttons.len();
            let fitting: Vec<Button> = buttons.into_iter().filter_map(button).take(limit::ACTIONS).collect();
            let left = all - fitting.len();
            let notice = (left > 0).then(|| Block::context(Mrkdwn::more(left, "choice")));
            std::iter::once(Block::Actions(fitting)).chain(notice).collect()
        }
    }
}

fn few(texts: Vec<Mrkdwn>, most: usize, each: usize) -> Vec<Mrkdwn> {
    let mut texts: Vec<Mrkdwn> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    if texts.len() > most {
        let left = texts.len() - (most - 1);
        texts.truncate(most - 1);
        texts.push(Mrkdwn::more(left, "part"));
    }
    texts.iter().map(|text| text.clip(each)).collect()
}

fn button(button: Button) -> Option<Button> {
    let Button { label, value, style, confirm } = button;
    if length(&value.to_string()) > limit::VALUE || label.trim().is_empty() {
        return None;
    }
    let confirm = confirm.map(|ask| Confirm {
        title: some(clip(&ask.title, limit::CONFIRM_TITLE)),
        text: some_mrkdwn(&ask.text).clip(limit::CONFIRM_TEXT),
        yes: some(clip(&ask.yes, limit::CONFIRM_LABEL)),
        no: some(clip(&ask.no, limit::CONFIRM_LABEL)),
    });
    Some(Button { label: clip(&label, limit::LABEL), value, style, confirm })
}

/// How much of [`limit::SUM`] a block takes.
fn size(block: &Block) -> usize {
    match block {
        Block::Header(text) | Block::Preformatted(text) => length(text),
        Block::Section(text, button) => text.length() + button.as_ref().map_or(0, button_size),
        Block::Fields(texts) | Block::Context(texts) => texts.iter().map(Mrkdwn::length).sum(),
        Block::Divider => 0,
        Block::Actions(buttons) => buttons.iter().map(button_size).sum(),
    }
}

fn button_size(button: &Button) -> usize {
    let ask = |ask: &Confirm| length(&ask.title) + ask.text.length() + length(&ask.yes) + length(&ask.no);
    length(&button.label) + button.confirm.as_ref().map_or(0, ask)
}

/// Fits blocks into a message together: buttons first, since people have to be able to act, then text from the top.
fn squeeze(blocks: Vec<Block>) -> Vec<Block> {
    let mut room = Room { slots: limit::BLOCKS - 1, size: limit::SUM - NOTICE };
    // Buttons may take half of everything.
    let mut for_buttons = Room { slots: room.slots / 2, size: room.size / 2 };
    let kept: Vec<bool> =
        blocks.iter().map(|block| matches!(block, Block::Actions(_)) && for_buttons.take(size(block))).collect();
    for (block, _) in blocks.iter().zip(&kept).filter(|(_, kept)| **kept) {
        room.take(size(block));
    }
    let (mut out, mut left, mut gap) = (Vec::new(), 0, None);
    for (block, kept) in blocks.into_iter().zip(kept) {
        let fits = match &block {
            Block::Actions(_) => kept,
            text => room.take(size(text)),
        };
        match (fits, shortened(&block, &room)) {
            (true, _) => out.push(block),
            (false, Some(short)) => {
                room.take(size(&short));
                out.push(short);
            }
            (false, None) => {
                gap.get_or_insert(out.len());
                left += 1;
            }
        }
    }
    if let Some(at) = gap {
        out.insert(at, Block::context(Mrkdwn::more(left, "part")));
    }
    out
}

struct Room {
    slots: usize,
    size: usize,
}

impl Room {
    fn take(&mut self, size: usize) -> bool {
        let fits = self.slots > 0 && size <= self.size;
        if fits {
            self.slots -= 1;
            self.size -= size;
        }
        fits
    }
}

/// As much of a text as there is room for, if that is worth showing.
fn shortened(block: &Block, room: &Room) -> Option<Block> {
    if room.slots == 0 || room.size < WORTH {
        return None;
    }
    match block {
        Block::Section(text, None) => Some(Block::section(text.clip(room.size))),
        Block::Preformatted(text) => Some(Block::Preformatted(clip(text, room.size))),
        _ => None,
    }
}
