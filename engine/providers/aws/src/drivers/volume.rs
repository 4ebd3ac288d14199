//! The driver of `aws.volume`. It grows in place. Where that is wanted, a snapshot of it is complete before it goes; the
//! snapshot is data and stays, told by the step's notes and in the receipt.

use super::ec2::{alive, filter, is_there, pairs, tag, tag_spec, tagged, token, told, which, with};
use super::snapshot::{self, Snapshot};
use super::{Aws, Drive, Listing, Result, Want, observed, trouble};
use crate::kinds::{Shape, Volume};
use async_trait::async_trait;
use aws_sdk_ec2::types::{
    Filter, ResourceType, Volume as Seen, VolumeAttachment, VolumeAttachmentState as Attachment,
    VolumeModificationState as Growth, VolumeState as State, VolumeType,
};
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Remove};
use gantry_engine::receipt::Found;
use std::time::Duration;

/// The tag that says whether a snapshot is made first: a removal knows no spec.
const SNAPSHOT: &str = "gantry:snapshot";

pub(super) struct VolumeDriver;

#[async_trait]
impl Drive for VolumeDriver {
    type Spec = Volume;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, at).await?.and_then(|volume| Some(observed(volume.volume_id()?, []))))
    }

    async fn put(&self, aws: &Aws, want: &Want<Volume>) -> Result<Progress> {
        // One that is on its way out had the same mark before.
        let found = look(aws, &want.at).await?.filter(|seen| seen.state() != Some(&State::Deleting));
        let Some(volume) = alive(aws, want, found, Seen::volume_id).await? else { return create(aws, want).await };
        let id = told(volume.volume_id())?;
        match volume.state() {
            Some(State::Creating) => return Ok(coming(&id)),
            Some(State::Error) => {
                let text = format!("{id} couldn't be made; remove it and look whether its encryption key may be used");
                return Err(ProviderError::Conflict(text));
            }
            _ => {}
        }
        if wants_snapshot(&volume) != want.spec.snapshot {
            let call = aws.ec2.set.create_tags().resources(&id).tags(tag(SNAPSHOT, yes_or_no(want.spec.snapshot)));
            call.send().await.map_err(trouble)?;
        }
        grow(aws, &volume, &id, want.spec.size_gib).await
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let Some(volume) = look(aws, &want.at).await? else {
            return match &want.at.id {
                Some(id) => unseen(aws, &id.0, want).await,
                None => snapshot::staying(aws, &want.at.mark).await,
            };
        };
        let id = told(volume.volume_id())?;
        match volume.state() {
            Some(State::Deleting) => return Ok(going(&id)),
            Some(State::InUse) => return held(&volume, &id),
            _ => {}
        }
        let snapshot = if wants_snapshot(&volume) { Some(snapshot::take(aws, &volume, want).await?) } else { None };
        let after = match snapshot {
            Some(Snapshot::OnItsWay(note)) => return Ok(waiting(&id, note, Duration::from_secs(10))),
            Some(Snapshot::Complete(snapshot)) => {
                let note = Note::Other(format!("volume going; its snapshot {snapshot} stays"));
                waiting(&id, note, Duration::from_secs(2))
            }
            None => going(&id),
        };
        match aws.ec2.write.delete_volume().volume_id(&id).send().await.map_err(trouble) {
            Ok(_) => Ok(after),
            Err(error) if error.is(&["InvalidVolume.NotFound"]) => snapshot::staying(aws, &want.at.mark).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let found = described(aws, tagged(&of.tags())).await?;
        let found = found.iter().filter_map(|one| of.found(Volume::KIND, one.volume_id()?, pairs(one.tags())));
        Ok(found.collect())
    }
}

async fn create(aws: &Aws, want: &Want<Volume>) -> Result<Progress> {
    want.may_create()?;
    let before: Vec<&str> = want.at.id.iter().map(|id| id.0.as_str()).collect();
    let Volume { zone, size_gib, snapshot } = &want.spec;
    let tags = with(tag_spec(ResourceType::Volume, want.mark()), SNAPSHOT, yes_or_no(*snapshot));
    let call = aws.ec2.write.create_volume().availability_zone(zone).size(gib(*size_gib)?).volume_type(VolumeType::Gp3);
    let call = call.encrypted(true).client_token(token(&want.token, &before)).tag_specifications(tags);
    let made = call.send().await.map_err(trouble)?;
    Ok(coming(&told(made.volume_id())?))
}

/// As large as wanted. AWS takes the new size at once and moves what is stored later (`optimizing`, for hours): it serves
/// with its new size meanwhile.
async fn grow(aws: &Aws, volume: &Seen, id: &str, wanted: u32) -> Result<Progress> {
    let (size, wanted) = (volume.size().unwrap_or_default(), gib(wanted)?);
    if size > wanted {
        let text = format!("{id} has {size} GiB, and a volume doesn't shrink; ask for at least {size} GiB");
        return Err(ProviderError::Invalid(text));
    }
    let call = aws.ec2.read.describe_volumes_modifications().filters(filter("volume-id", id));
    let growths = call.into_paginator().items().send().collect::<std::result::Result<Vec<_>, _>>().await;
    if growths.map_err(trouble)?.iter().any(|growth| growth.modification_state() == Some(&Growth::Modifying)) {
        return Ok(growing(id));
    }
    if size == wanted {
        return Ok(Progress::Done(observed(id, [])));
    }
    aws.ec2.write.modify_volume().volume_id(id).size(wanted).send().await.map_err(trouble)?;
    Ok(growing(id))
}

/// A volume that isn't visible is gone, or was made a moment ago. A call that changes nothing but needs it knows which:
/// it isn't removed unseen, since it may want a snapshot first.
async fn unseen(aws: &Aws, id: &str, want: &Remove) -> Result<Progress> {
    if is_there(aws, id, &want.at.mark).await? {
        return Ok(going(id));
    }
    snapshot::staying(aws, &want.at.mark).await
}

/// What a volume in use waits for.
fn held(volume: &Seen, id: &str) -> Result<Progress> {
    let left = volume.attachments().iter().filter(|one| one.state() != Some(&Attachment::Detached));
    let stays: Vec<&VolumeAttachment> = left.filter(|one| one.state() != Some(&Attachment::Detaching)).collect();
    let Some(first) = stays.first() else {
        return Ok(pending(id, "volume being detached", (5, 60)));
    };
    let by = first.instance_id().unwrap_or("an instance");
    Err(ProviderError::Conflict(format!("{id} is attached to {by}; it can go when that instance is gone")))
}

fn wants_snapshot(volume: &Seen) -> bool {
    pairs(volume.tags()).any(|pair| pair == (SNAPSHOT, yes_or_no(true)))
}

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

fn gib(size: u32) -> Result<i32> {
    let too_large = |_| ProviderError::Invalid(format!("no volume has {size} GiB; AWS gives up to 65536"));
    i32::try_from(size).map_err(too_large)
}

fn coming(id: &str) -> Progress {
    pending(id, "volume being made", (2, 15))
}

fn growing(id: &str) -> Progress {
    pending(id, "volume growing", (5, 60))
}

fn going(id: &str) -> Progress {
    pending(id, "volume going", (1, 60))
}

fn pending(id: &str, what: &str, seconds: (u32, u32)) -> Progress {
    waiting(id, Note::Usually { what: what.to_owned(), seconds }, Duration::from_secs(2))
}

fn waiting(id: &str, note: Note, again: Duration) -> Progress {
    Progress::Pending { seen: observed(id, []), note, again }
}

async fn look(aws: &Aws, at: &Handle) -> Result<Option<Seen>> {
    Ok(described(aws, which(at, "volume-id")).await?.into_iter().next())
}

/// Those that are there; AWS may show a deleted one a little longer.
async fn described(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<Seen>> {
    let pages = aws.ec2.read.describe_volumes().set_filters(Some(filters)).into_paginator().items().send();
    let found = pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?;
    Ok(found.into_iter().filter(|volume| volume.state() != Some(&State::Deleted)).collect())
}
