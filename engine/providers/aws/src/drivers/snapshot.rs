//! The snapshot of a volume that is about to be removed: one for each removal, found by the removal's token.
//!
//! `CreateSnapshot` knows no token. A create whose reply was lost may be repeated before its snapshot shows; then there
//! are two, and the younger one goes when both can be seen: a snapshot takes longer than AWS's lists lag.

use super::ec2::{filter, tag_spec, told, with};
use super::{Aws, Result, trouble};
use aws_sdk_ec2::types::{ResourceType, Snapshot as Seen, SnapshotState as State};
use gantry_engine::provider::{Note, ProviderError, Remove};

/// The tag that says for which removal it was made.
const TOKEN: &str = "gantry:token";

/// How far the snapshot is.
pub(super) enum Snapshot {
    /// Everything is in it.
    Complete,
    /// Not yet.
    OnItsWay(Note),
}

/// Makes a snapshot of a volume, or goes on waiting for it. It stays when the volume is gone.
pub(super) async fn take(aws: &Aws, volume: &str, want: &Remove) -> Result<Snapshot> {
    let mut found = described(aws, volume, &want.token.0).await?;
    found.sort_by(|a, b| (a.start_time(), a.snapshot_id()).cmp(&(b.start_time(), b.snapshot_id())));
    let Some((first, others)) = found.split_first() else { return create(aws, volume, want).await };
    let id = told(first.snapshot_id())?;
    for other in others {
        delete(aws, &told(other.snapshot_id())?).await?;
    }
    match first.state() {
        Some(State::Completed) => Ok(Snapshot::Complete),
        Some(State::Error) => {
            // It stays failed for ever. It goes, so that the next try makes another.
            delete(aws, &id).await?;
            let why = first.state_message().unwrap_or("AWS doesn't say why");
            Err(ProviderError::Conflict(format!("the snapshot of {volume} failed: {why}; the volume is still there")))
        }
        _ => Ok(on_its_way(&id, volume, first.progress().unwrap_or("0%"))),
    }
}

async fn create(aws: &Aws, volume: &str, want: &Remove) -> Result<Snapshot> {
    let mark = &want.at.mark;
    let about = format!("{} of {}: {volume} before its removal", mark.addr, mark.project);
    let tags = with(tag_spec(ResourceType::Snapshot, mark), TOKEN, &want.token.0);
    let call = aws.ec2.write.create_snapshot().volume_id(volume).description(about).tag_specifications(tags);
    let made = call.send().await.map_err(trouble)?;
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

async fn described(aws: &Aws, volume: &str, token: &str) -> Result<Vec<Seen>> {
    let call = aws.ec2.read.describe_snapshots().owner_ids("self").filters(filter("volume-id", volume));
    let pages = call.filters(filter(&format!("tag:{TOKEN}"), token)).into_paginator().items().send();
    Ok(pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?)
}
