//! The drivers of the fake's kinds: one program for all of them, steered by the table of kinds.

use super::client::Client;
use super::kinds::{Habits, Identity, kind};
use super::rollout::Stage;
use super::thing::{New, Removed, Seen, name_of};
use async_trait::async_trait;
use gantry_engine::address::Kind;
use gantry_engine::ports::Driver;
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Put, Remove, Token};
use gantry_engine::resource::PhysicalId;
use gantry_engine::value::Spec;
use std::sync::Arc;
use std::time::Duration;

type Result<T> = std::result::Result<T, ProviderError>;

/// When to ask again.
const AGAIN: Duration = Duration::from_secs(5);

/// The second thing of a balancer.
const LISTENER: &str = "listener";

/// Serves one kind.
#[derive(Debug)]
pub(super) struct FakeDriver {
    pub(super) kind: Kind,
    pub(super) habits: &'static Habits,
    pub(super) client: Arc<Client>,
}

#[async_trait]
impl Driver for FakeDriver {
    async fn read(&self, at: &Handle) -> Result<Option<Observed>> {
        let Some((id, seen)) = self.see(at, None).await? else { return Ok(None) };
        Ok(Some(Observed { id: Some(id), outputs: seen.outputs }))
    }

    async fn put(&self, want: &Put) -> Result<Progress> {
        let _turn = self.client.one_at_a_time.lock().await;
        if let Some(id) = self.locate(want).await? {
            return self.complete(want, id).await;
        }
        let id = self.create(want, "", &want.spec).await?;
        self.client.remember(&want.token, &id);
        let progress = self.complete(want, id.clone()).await;
        // It is made: whatever failed since, the try had its effect, so it isn't told as one that had none.
        progress.or_else(|_| Ok(self.on_its_way(id)))
    }

    async fn remove(&self, want: &Remove) -> Result<Progress> {
        let _turn = self.client.one_at_a_time.lock().await;
        if self.kind == kind::BALANCER
            && let Some(listener) = self.named(&want.at, LISTENER, &Spec::new()).await?
        {
            self.client.effect(|world| world.delete(&listener)).await?;
        }
        // What has an id can be removed before anybody sees it.
        let id = match want.at.id.clone() {
            Some(id) => Some(id),
            None => self.see(&want.at, None).await?.map(|(id, _)| id),
        };
        match id {
            None => Ok(Progress::Done(Observed::default())),
            Some(id) => match self.client.effect(|world| world.delete(&id)).await? {
                Removed::Gone => Ok(Progress::Done(Observed::default())),
                Removed::Draining(left) => {
                    let seen = Observed { id: Some(id), ..Observed::default() };
                    Ok(Progress::Pending { seen, note: Note::Draining { left }, again: AGAIN })
                }
            },
        }
    }

    async fn abort(&self, want: &Put) -> Result<()> {
        let Some((id, _)) = self.see(&want.at, Some(&want.spec)).await? else { return Ok(()) };
        self.client
            .effect(|world| {
                world.abort(&id, &want.token);
                Ok(())
            })
            .await
    }
}

impl FakeDriver {
    /// A thing by its id, its name or its mark, whichever finds it.
    async fn see(&self, at: &Handle, spec: Option<&Spec>) -> Result<Option<(PhysicalId, Seen)>> {
        let mut ids: Vec<PhysicalId> = at.id.iter().cloned().collect();
        if self.habits.identity == Identity::Name {
            ids.extend(self.named(at, "", spec.unwrap_or(&Spec::new())).await?);
        }
        let found = self.client.ask(|world| world.find(|mark, kind| mark == &at.mark && kind == &at.kind)).await?;
        ids.extend(found.into_iter().map(|(id, ..)| id));
        for id in ids {
            if let Some(seen) = self.client.ask(|world| world.look(&id)).await?
                && seen.mark == at.mark
                && !seen.is_part
            {
                return Ok(Some((id, seen)));
            }
        }
        Ok(None)
    }

    /// What a put is about, if it is there; none where it surely isn't.
    async fn locate(&self, want: &Put) -> Result<Option<PhysicalId>> {
        if let Some(id) = self.client.made(&want.token) {
            return Ok(Some(id));
        }
        if let Some((id, _)) = self.see(&want.at, Some(&want.spec)).await? {
            return Ok(Some(id));
        }
        if let Some(id) = &want.at.id {
            return Err(ProviderError::NotYet(format!("{id} can't be seen")));
        }
        // Look-ups by name are never late; those by mark are.
        if self.habits.identity != Identity::Name && want.tried.is_some_and(|tried| tried < self.client.lag()) {
            return Err(ProviderError::NotYet("an earlier try may have made it".to_owned()));
        }
        Ok(None)
    }

    /// All that belongs to a thing that is there.
    async fn complete(&self, want: &Put, id: PhysicalId) -> Result<Progress> {
        if self.kind == kind::BALANCER {
            self.ensure_listener(want, &id).await?;
        }
        self.bring(want, id).await
    }

    /// What has a unique name: ours, nobody's, or a conflict.
    async fn named(&self, at: &Handle, part: &str, spec: &Spec) -> Result<Option<PhysicalId>> {
        let name = name_of(&at.kind, &at.mark, part, spec);
        match self.client.ask(|world| world.named(&at.kind, &name)).await? {
            Some((id, mark)) if mark == at.mark => Ok(Some(id)),
            Some((id, mark)) => Err(ProviderError::Conflict(format!(
                "{name} is {id} already, which belongs to {mark}; remove it there"
            ))),
            None => Ok(None),
        }
    }

    async fn create(&self, want: &Put, part: &'static str, spec: &Spec) -> Result<PhysicalId> {
        let token = if part.is_empty() { want.token.clone() } else { Token(format!("{}-{part}", want.token.0)) };
        let new = New { kind: &want.at.kind, mark: &want.at.mark, part, token: &token, spec };
        self.client.effect(|world| world.create(&new)).await
    }

    /// A balancer is no use without its listener; a try that ended between the two left one without.
    async fn ensure_listener(&self, want: &Put, balancer: &PhysicalId) -> Result<()> {
        if self.named(&want.at, LISTENER, &Spec::new()).await?.is_none() {
            let spec = Spec::new().with("balancer", balancer.0.as_str());
            self.create(want, LISTENER, &spec).await?;
        }
        Ok(())
    }

    /// Changes what is there to what is wanted, and says how far it is.
    async fn bring(&self, want: &Put, id: PhysicalId) -> Result<Progress> {
        let Some(seen) = self.client.ask(|world| world.look(&id)).await? else {
            return Ok(self.on_its_way(id));
        };
        if seen.spec != want.spec {
            if let Some(field) = self.habits.fixed.iter().find(|field| seen.spec.get(field) != want.spec.get(field)) {
                return Err(ProviderError::Invalid(format!("the {field} of {id} can't be changed; replace it")));
            }
            self.client.effect(|world| world.change(&id, &want.token, &want.spec)).await?;
        }
        let stage = self.client.ask(|world| world.stage(&id)).await?;
        let observed = Observed { id: Some(id), outputs: seen.outputs };
        Ok(match stage {
            Some(Stage::Reverted { serving, why }) => Progress::Reverted { serving, why },
            Some(Stage::Moving(note)) => Progress::Pending { seen: observed, note, again: AGAIN },
            Some(Stage::Done) | None if seen.ready => Progress::Done(observed),
            Some(Stage::Done) | None => Progress::Pending { seen: observed, note: self.usually(), again: AGAIN },
        })
    }

    fn on_its_way(&self, id: PhysicalId) -> Progress {
        let seen = Observed { id: Some(id), ..Observed::default() };
        Progress::Pending { seen, note: self.usually(), again: AGAIN }
    }

    fn usually(&self) -> Note {
        Note::Usually { what: format!("{} provisioning", self.kind), seconds: (5, 60) }
    }
}
