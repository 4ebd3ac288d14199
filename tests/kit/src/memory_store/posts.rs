//! Messages: one per key, edited by drafting it again.

use super::state::{Message, Result, State};
use gantry_engine::names::{ChannelId, MessageTs};
use gantry_engine::ports::{OpRecord, Post, PostDraft, PostKey, Report, Undelivered};

impl State {
    pub(super) fn draft(&mut self, draft: PostDraft) {
        let same = |post: &Post| post.draft.key == draft.key || post.draft.key.original().as_ref() == Some(&draft.key);
        for known in self.posts.iter_mut().filter(|known| same(&known.post) && known.post.draft.body != draft.body) {
            known.post.version += 1;
            known.post.draft.body.clone_from(&draft.body);
            known.aside = None;
        }
        if self.message_mut(&draft.key).is_none() {
            let post = Post { draft, version: 1, sent: 0, tried: false, ts: None };
            self.posts.push(Message { post, aside: None, done: None });
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
        let open = self.posts.iter().filter(|message| message.aside.is_none());
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

    pub(super) fn set_aside(&mut self, key: &PostKey, version: u64, why: Undelivered) {
        if let Some(message) = self.message_mut(key).filter(|message| message.post.version == version) {
            if matches!(why, Undelivered::Never(_)) {
                message.post.sent = version;
            }
            message.aside = Some(why);
        }
    }

    pub(super) fn reopen(&mut self, channel: Option<&ChannelId>) -> u64 {
        let here = |message: &&mut Message| channel.is_none_or(|channel| message.post.draft.channel == *channel);
        let waits = |message: &&mut Message| matches!(message.aside, Some(Undelivered::Closed(_)));
        self.posts.iter_mut().filter(here).filter(waits).map(|message| message.aside = None).count() as u64
    }
}
