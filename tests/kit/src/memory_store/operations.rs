//! Operations: proposals, journals, and everything that a commit changes with them.

use super::state::{Result, State, Stored};
use gantry_engine::audit::Event;
use gantry_engine::journal::Stamped;
use gantry_engine::names::EnvKey;
use gantry_engine::names::{ChannelId, MessageTs, OpId};
use gantry_engine::ports::{
    Commit, NewOperation, OpFilter, OpRecord, Proposed, RecordChange, RowChange, StoreError, Writer,
};

impl State {
    pub(super) fn propose(&mut self, new: NewOperation) -> Proposed {
        if let Some((id, _)) = self.operations.iter().find(|(_, stored)| stored.delivery == new.delivery) {
            return Proposed::Already(*id);
        }
        let id = OpId(self.operations.keys().next_back().map_or(1, |last| last.0 + 1));
        let record = OpRecord {
            id,
            key: new.key,
            services: new.services,
            place: new.place,
            state: new.state,
            seq: 1,
            reported: 0,
            at: new.at,
        };
        let event = Event::of_entry(id, &record.key, new.at, &new.first);
        event.iter().for_each(|event| self.audit(event));
        let journal = vec![Stamped { seq: 1, at: new.at, entry: new.first }];
        self.operations.insert(id, Stored { record, delivery: new.delivery, journal, held: None, epoch: 0 });
        Proposed::New(id)
    }

    pub(super) fn list(&self, filter: &OpFilter) -> Vec<OpRecord> {
        let limit = if filter.limit == 0 { usize::MAX } else { filter.limit };
        let wanted = |record: &&OpRecord| {
            filter.key.as_ref().is_none_or(|key| &record.key == key)
                && filter.service.as_ref().is_none_or(|service| record.services.contains(service))
                && !(filter.open && record.state.is_closed())
        };
        self.operations.values().rev().map(|stored| &stored.record).filter(wanted).take(limit).cloned().collect()
    }

    pub(super) fn in_thread(&self, channel: &ChannelId, thread: &MessageTs) -> Option<OpId> {
        let asked =
            |record: &OpRecord| &record.place.channel == channel && record.place.thread.as_ref() == Some(thread);
        let opened = |op: OpId| {
            let card = self.posts.iter().find(|message| message.post.draft.key.card_of() == Some(op));
            card.is_some_and(|card| &card.post.draft.channel == channel && card.post.ts.as_ref() == Some(thread))
        };
        let newest = self.operations.iter().rev().find(|(id, stored)| asked(&stored.record) || opened(**id));
        newest.map(|(id, _)| *id)
    }

    pub(super) fn history(&self, op: OpId, after: u64) -> Result<Vec<Stamped>> {
        if self.damaged.contains(&op) {
            return Err(StoreError::Unreadable { what: op.to_string(), why: "it is damaged".to_owned() });
        }
        Ok(self.stored(op)?.journal.iter().filter(|stamped| stamped.seq > after).cloned().collect())
    }

    pub(super) fn append(&mut self, commit: Commit) -> Result<u64> {
        let key = self.stored(commit.op)?.record.key.clone();
        let events = Event::of_commit(&commit, &key, self.environments.get(&key));
        let Commit { op, writer, after, entries, at, state, rows, record, releases } = commit;
        match &writer {
            Writer::Worker(lease) if lease.op != op => return Err(StoreError::Fenced(op)),
            Writer::Worker(lease) => self.check(lease)?,
            Writer::Delivery(id) if self.effects.contains_key(id) => {
                return Err(StoreError::Repeated(id.clone()));
            }
            Writer::Delivery(_) => {}
        }
        let seq = self.stored(op)?.record.seq;
        if seq != after {
            return Err(StoreError::Moved { op, seq });
        }
        if let Some(change) = &record {
            self.check_record(change)?;
        }
        if let Writer::Delivery(id) = writer {
            self.effects.insert(id, op);
        }
        events.iter().for_each(|event| self.audit(event));
        rows.into_iter().for_each(|change| self.change_row(&key, change));
        if let Some(change) = record {
            self.environments.insert(change.to.key.clone(), change.to);
        }
        for release in releases {
            self.releases.insert((key.clone(), release.service.clone(), release.number), release);
        }
        let stored = self.stored_mut(op)?;
        for entry in entries {
            stored.record.seq += 1;
            stored.journal.push(Stamped { seq: stored.record.seq, at, entry });
        }
        stored.record.state = state;
        let seq = stored.record.seq;
        if state.is_closed() {
            stored.held = None;
            self.claims.retain(|asked| asked.op != op);
        }
        Ok(seq)
    }

    fn check_record(&self, change: &RecordChange) -> Result<()> {
        let key = &change.to.key;
        let is = self.environments.get(key).map(|env| (env.incarnation, env.version));
        if is == change.from { Ok(()) } else { Err(StoreError::RecordMoved(key.clone())) }
    }

    fn change_row(&mut self, key: &EnvKey, change: RowChange) {
        let RowChange { addr, generation, row } = change;
        let at = (EnvKey { project: key.project.clone(), env: addr.env.clone() }, addr, generation);
        match row {
            Some(row) => self.rows.insert(at, row),
            None => self.rows.remove(&at),
        };
    }
}
