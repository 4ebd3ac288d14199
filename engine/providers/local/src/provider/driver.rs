//! The driver of every kind: the same calls to the runtime, with what differs looked up in the kind.
//!
//! The runtime's requests can all be repeated, so nothing is remembered here between two calls.

use super::error::provider_error;
use super::kinds::{ID, Object, json};
use super::marks;
use crate::api::{Client, ClientError, ErrorCode, Filter, Put as WirePut, State, Status};
use async_trait::async_trait;
use gantry_engine::environment::ReleaseNo;
use gantry_engine::journal::Serving;
use gantry_engine::names::Version;
use gantry_engine::ports::Driver;
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Put, Remove};
use gantry_engine::resource::PhysicalId;
use std::time::Duration;

/// When to ask again where the runtime doesn't say.
const AGAIN: Duration = Duration::from_millis(500);

/// Drives one kind.
pub(super) struct ObjectDriver {
    client: Client,
    object: &'static dyn Object,
}

impl ObjectDriver {
    pub(super) fn new(client: Client, object: &'static dyn Object) -> Self {
        Self { client, object }
    }

    /// The resource by its id, or where that isn't known, by its mark.
    async fn find(&self, at: &Handle) -> Result<Option<Status>, ProviderError> {
        let mark = marks::to_wire(&at.mark);
        let found = match &at.id {
            Some(id) => self.client.get(&id.0).await.map_err(provider_error)?,
            None => {
                let filter = Filter::env(&mark.installation, &mark.project, &mark.env);
                let mut all = self.client.list(&filter).await.map_err(provider_error)?.into_iter();
                all.find(|status| status.kind == self.object.wire_kind() && status.mark == mark)
            }
        };
        Ok(found.filter(|status| status.mark == mark))
    }

    fn observed(&self, status: &Status) -> Observed {
        let mut outputs = self.object.outputs(status);
        outputs.insert(ID, status.id.clone());
        Observed { id: Some(PhysicalId(status.id.clone())), outputs }
    }

    fn progress(&self, status: &Status) -> Progress {
        match status.state {
            State::Ready => Progress::Done(self.observed(status)),
            State::Pending | State::Removing => Progress::Pending {
                seen: self.observed(status),
                note: self.object.note(status),
                again: again(status.again_ms),
            },
            State::Reverted => {
                let reverted = status.reverted.clone();
                let why = reverted.as_ref().map_or_else(|| status.note.clone(), |reverted| reverted.why.clone());
                let serving = reverted.and_then(|reverted| reverted.serving).map_or(Serving::Nothing, |serving| {
                    let number = u32::try_from(serving.release).ok().map(ReleaseNo);
                    Serving::Release { number, version: Version::new(&serving.version) }
                });
                Progress::Reverted { serving, why }
            }
        }
    }
}

fn again(millis: Option<u64>) -> Duration {
    millis.map_or(AGAIN, Duration::from_millis)
}

/// What a removal waits for: so many tasks, where the sentence starts with their number.
fn draining(note: String) -> Note {
    match note.split(' ').next().and_then(|first| first.parse().ok()) {
        Some(left) => Note::Draining { left },
        None => Note::Other(note),
    }
}

/// Whether the runtime says that there is no such thing.
fn is_gone(error: &ClientError) -> bool {
    error.code() == Some(ErrorCode::NotFound)
}

#[async_trait]
impl Driver for ObjectDriver {
    async fn read(&self, at: &Handle) -> Result<Option<Observed>, ProviderError> {
        Ok(self.find(at).await?.map(|status| self.observed(&status)))
    }

    async fn put(&self, want: &Put) -> Result<Progress, ProviderError> {
        let spec = self.object.wire(json(&want.spec)).map_err(|error| {
            let (addr, kind) = (&want.at.mark.addr, self.object.kind());
            ProviderError::Invalid(format!("the spec of {addr} isn't one of a {kind}: {error}"))
        })?;
        let put = WirePut { mark: marks::to_wire(&want.at.mark), token: want.token.0.clone(), spec };
        let status = self.client.put(&put).await.map_err(provider_error)?;
        Ok(self.progress(&status))
    }

    async fn remove(&self, want: &Remove) -> Result<Progress, ProviderError> {
        let Some(status) = self.find(&want.at).await? else {
            return Ok(Progress::Done(Observed::default()));
        };
        match self.client.delete(&status.id).await {
            Ok(removal) if !removal.gone => Ok(Progress::Pending {
                seen: self.observed(&status),
                note: draining(removal.note),
                again: again(removal.again_ms),
            }),
            Ok(_) => Ok(Progress::Done(Observed::default())),
            Err(error) if is_gone(&error) => Ok(Progress::Done(Observed::default())),
            Err(error) => Err(provider_error(error)),
        }
    }

    async fn abort(&self, want: &Put) -> Result<(), ProviderError> {
        let Some(status) = self.find(&want.at).await? else { return Ok(()) };
        match self.client.abort(&status.id, &want.token.0).await {
            Ok(_) => Ok(()),
            Err(error) if is_gone(&error) => Ok(()),
            Err(error) => Err(provider_error(error)),
        }
    }
}
