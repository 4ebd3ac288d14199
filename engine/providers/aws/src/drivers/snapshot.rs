//! The snapshot of a volume that is about to be removed: one for each removal, found by the removal's token.
//!
//! `CreateSnapshot` knows no token, and what it made may not be visible for a while. So the volume carries a note of it;
//! where the reply was lost before that was written, it is waited until the snapshot would have shown up. Should there be
//! two all the same, the younger one goes.

use super::ec2::{filter, pairs, tag, tag_spec, tagged, told, with};
use super::{Aws, LAG, Result, gone_but, trouble};
use crate::marks;
use aws_sdk_ec2::types::{Filter, ResourceType, Snapshot as Seen, SnapshotState as State, Volume};
use gantry_engine::address::{Kind, Mark};
use gantry_engine::provider::{Note, Progress, ProviderError, Remove};

/// What a receipt calls a snapshot. It is no resource of an environment's: it is what stays of one.
const KIND: Kind = Kind::new("aws.snapshot");

/// The tag of a snapshot that says for which removal it was made, and of a volume that it was.
const TOKEN: &str = "gantry:token";

/// How far the snapshot is.
pub(super) enum Snapshot {
    /// Everything is in it; its id.
    Complete(String),
    /// Not yet.
    OnItsWay(Note),
}

/// Makes a snapshot of a volume, or goes on waiting for it. It stays when the volume is gone.
pub(super) async fn take(aws: &Aws, volume: &Volume, want: &Remove) -> Result<Snapshot> {
    let of = told(volume.volume_id())?;
    let by = [filter("volume-id", &of), filter(&format!("tag:{TOKEN}"), &want.token.0)];
    let mut found = described(aws, by.to_vec()).await?;
    found.sort_by(|a, b| (a.start_time(), a.snapshot_id()).cmp(&(b.start_time(), b.snapshot_id())));
    let Some((first, others)) = found.split_first() else {
        let noted = pairs(volume.tags()).any(|pair| pair == (TOKEN, &want.token.0));
        if noted || want.tried.is_some_and(|ago| ago < LAG) {
            return Err(ProviderError::NotYet(format!("a snapshot of {of} isn't visible yet")));
        }
        return create(aws, &of, want).await;
    };
    for other in others {
        delete(aws, &told(other.snapshot_id())?).await?;
    }
    let id = told(first.snapshot_id())?;
    match first.state() {
        Some(State::Completed) => Ok(Snapshot::Complete(id)),
        Some(State::Error) => {
            // It stays failed for ever. It goes, so that the next try makes another.
            aws.ec2.set.delete_tags().resources(&of).tags(tag(TOKEN, &want.token.0)).send().await.map_err(trouble)?;
            delete(aws, &id).await?;
            let why = first.state_message().unwrap_or("AWS doesn't say why");
            Err(ProviderError::Conflict(format!("the snapshot of {of} failed: {why}; the volume is still there")))
        }
        _ => Ok(on_its_way(&id, &of, first.progress().filter(|so_far| !so_far.is_empty()).unwrap_or("0%"))),
    }
}

async fn create(aws: &Aws, volume: &str, want: &Remove) -> Result<Snapshot> {
    let mark = &want.at.mark;
    let about = format!("{} of {}: {volume} before its removal", mark.addr, mark.project);
    let tags = with(tag_spec(ResourceType::Snapshot, mark), TOKEN, &want.token.0);
    let call = aws.ec2.write.create_snapshot().volume_id(volume).description(about).tag_specifications(tags);
    let made = call.send().await.map_err(trouble)?;
    let note = aws.ec2.set.create_tags().resources(volume).tags(tag(TOKEN, &want.token.0)).send().await;
    // Whatever it was, the snapshot is made: the next try looks for it first.
    note.map_err(|error| ProviderError::Transient(format!("a snapshot was begun: {}", trouble(error).error)))?;
    Ok(on_its_way(&told(made.snapshot_id())?, volume, "0%"))
}

async fn delete(aws: &Aws, id: &str) -> Result<()> {
    match aws.ec2.write.delete_snapshot().snapshot_id(id).send().await.map_err(trouble) {
        Ok(_) => Ok(()),
        Err(error) if error.is(&["InvalidSnapshot.NotFound"]) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn on_its_way(id: &str, volume: &str, progress: &str) -> Snapshot {
    Snapshot::OnItsWay(Note::Other(format!("snapshot {id} of {volume} is being made, {progress}; the snapshot stays")))
}

/// The snapshots that stay of a volume that is gone, from whatever removal of it.
pub(super) async fn staying(aws: &Aws, mark: &Mark) -> Result<Progress> {
    let found = described(aws, tagged(&marks::ownership(mark))).await?;
    let ids = found.into_iter().filter_map(|one| one.snapshot_id).collect::<Vec<_>>();
    Ok(gone_but(&KIND, &ids))
}

async fn described(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<Seen>> {
    let call = aws.ec2.read.describe_snapshots().owner_ids("self").set_filters(Some(filters));
    let pages = call.into_paginator().items().send();
    Ok(pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?)
}
