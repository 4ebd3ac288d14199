//! Messages: one per key, edited by drafting it again.

use super::state::{Message, Result, State};
use gantry_engine::names::MessageTs;
use gantry_engine::ports::{OpRecord, Post, PostDraft, PostKey, Report};

impl State {
    pub(super) fn draft(&mut self, draft: PostDraft) {
        match self.message_mut(&draft.key) {
            Some(known) if known.post.draft.body == draft.body => {}
            Some(known) => {
                known.post.version += 1;
                known.post.draft.body = draft.body;
            }
            None => {
                let post = Post { draft, version: 1, sent: 0, tried: false, ts: None };
                self.posts.push(Message { post, given_up: None });
            }
        }
    }

    pub(super) fn unreported(&self) -> Vec<OpRecord> {
        let all = self.operations.values().map(|stored| &stored.record);
        all.filter(|record| record.reported < record.seq).cloned().collect()
    }

    pub(super) fn report(&mut self, report: Report) -> Result<()> {
        let stored = self.stored_mut(report.op)?;
        if report.upto >= stored.record.reported {
            stored.record.reported = report.upto;
            report.posts.into_iter().for_each(|draft| self.draft(draft));
        }
        Ok(())
    }

    pub(super) fn post_once(&mut self, draft: PostDraft) -> bool {
        let new = self.message_mut(&draft.key).is_none();
        if new {
            self.draft(draft);
        }
        new
    }

    pub(super) fn unsent(&self, limit: usize) -> Vec<Post> {
        let open = self.posts.iter().filter(|message| message.given_up.is_none());
        open.map(|message| &message.post).filter(|post| post.sent < post.version).take(limit).cloned().collect()
    }

    pub(super) fn sending(&mut self, key: &PostKey) {
        if let Some(message) = self.message_mut(key) {
            message.post.tried = true;
        }
    }

    pub(super) fn sent(&mut self, key: &PostKey, version: u64, ts: Option<&MessageTs>) {
        if let Some(message) = self.message_mut(key) {
            message.post.sent = message.post.sent.max(version);
            message.post.ts = ts.cloned().or_else(|| message.post.ts.take());
        }
    }

    pub(super) fn give_up(&mut self, key: &PostKey, why: &str) {
        if let Some(message) = self.message_mut(key) {
            message.given_up = Some(why.to_owned());
        }
    }
}
