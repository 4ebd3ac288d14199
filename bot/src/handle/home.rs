//! What one person sees on the Home tab: from records and journals alone, so that it is cheap to look often. No platform is
//! asked; `status` does that.

use super::answer::HistoryLine;
use super::decide::deciding;
use super::scene::Scene;
use super::write::read;
use super::{Handler, Said};
use crate::intake::{Incoming, Way};
use gantry_commands::Verb;
use gantry_engine::approval::{Ballot, Vote};
use gantry_engine::change::Actor;
use gantry_engine::environment::{Environment, Phase};
use gantry_engine::journal::{Operation, State};
use gantry_engine::names::{ChannelId, DeliveryId, EnvKey, OpId, UserId};
use gantry_engine::ports::{OpFilter, StoreError};
use std::collections::{BTreeMap, BTreeSet};

/// How many of the newest operations are searched for the person's own.
const SEARCHED: usize = 40;

/// How many of those are shown.
const SHOWN: usize = 6;

/// What a Home tab shows, in no words yet.
#[derive(Debug)]
pub struct HomeView {
    /// The conversation beside it.
    pub channel: ChannelId,
    /// The environments that the person may see.
    pub environments: Vec<HomeEnv>,
    /// What waits for their word.
    pub votes: Vec<Operation>,
    /// What they asked for lately.
    pub operations: Vec<HistoryLine>,
    /// Whether they may deploy, and provision, anywhere.
    pub may: BTreeSet<Verb>,
}

/// An environment on a Home tab.
#[derive(Debug)]
pub struct HomeEnv {
    /// Its record.
    pub env: Environment,
    /// Operations on their way.
    pub open: Vec<(OpId, State)>,
    /// What the person may do there.
    pub may: BTreeSet<Verb>,
}

/// What the Home tab has buttons for.
const OFFERED: [Verb; 6] = [Verb::Deploy, Verb::Provision, Verb::Status, Verb::Outputs, Verb::Extend, Verb::Teardown];

impl Handler {
    /// What a person sees; none where the workspace can't tell who they are.
    ///
    /// # Errors
    /// [`StoreError`] where the store refuses.
    pub async fn home(&self, user: &UserId, channel: &ChannelId) -> Result<Option<HomeView>, StoreError> {
        let incoming = Incoming {
            way: Way::Home,
            user: user.clone(),
            channel: channel.clone(),
            thread: None,
            text: String::new(),
            digest: None,
            scheduled: None,
        };
        let Ok(scene) = self.scene(&incoming).await? else { return Ok(None) };
        let may = self.offered(&scene).await;
        let id = DeliveryId::new("home");
        let said = Said { id: &id, incoming: &incoming, scene };
        let open = self.engine.store.operations(&OpFilter { open: true, ..OpFilter::default() }).await?;
        let mut environments = Vec::new();
        for env in said.scene.living() {
            let here: BTreeSet<Verb> =
                may.iter().filter(|(_, keys)| keys.contains(&env.key)).map(|(verb, _)| *verb).collect();
            if here.contains(&Verb::Status) {
                let open = open.iter().filter(|record| record.key == env.key).map(|record| (record.id, record.state));
                environments.push(HomeEnv { env: env.clone(), open: open.collect(), may: here });
            }
        }
        let mut votes = Vec::new();
        for record in open.iter().filter(|record| record.state == State::Voting) {
            let op = match read(&self.engine, record.id).await {
                Err(error) if error.is_of_one() => {
                    tracing::error!(op = %record.id, %error, "a Home tab lacks an operation that can't be read");
                    continue;
                }
                op => op?,
            };
            if self.waits_for(&said, &op).await {
                votes.push(op);
            }
        }
        let operations = self.own(&said).await?;
        let anywhere = may.iter().filter(|(_, keys)| !keys.is_empty()).map(|(verb, _)| *verb).collect();
        Ok(Some(HomeView { channel: channel.clone(), environments, votes, operations, may: anywhere }))
    }

    /// Where the person may use which verb, of those that are offered. What can't be told isn't offered.
    async fn offered(&self, scene: &Scene) -> BTreeMap<Verb, BTreeSet<EnvKey>> {
        let mut may: BTreeMap<Verb, BTreeSet<_>> = BTreeMap::new();
        let living = scene.living().map(|env| env.key.clone());
        let named = scene.projects.iter().flat_map(|(name, project)| {
            let exact = project.environments.iter().filter_map(|settings| settings.pattern.exact());
            exact.map(|env| EnvKey { project: name.clone(), env })
        });
        let keys: BTreeSet<EnvKey> = living.chain(named).collect();
        for key in keys {
            for verb in OFFERED {
                if self.allowed(scene, verb.name(), &key).await.is_ok() {
                    may.entry(verb).or_default().insert(key.clone());
                }
            }
        }
        may
    }

    /// Whether a vote of this person would count, and they haven't cast it.
    async fn waits_for(&self, said: &Said<'_>, op: &Operation) -> bool {
        let user = &said.incoming.user;
        let Ok(groups) = self.groups(said, op).await else { return false };
        let motion = op.motion();
        let (by, digest, at) = (user.clone(), motion.digest(), self.engine.clock.now());
        let vote = Vote { by, ballot: Ballot::Approve, digest, plan: None, groups, because: None, at };
        let votes = op.votes_in_time();
        let voted = motion.standing(&votes).iter().any(|vote| &vote.by == user);
        !voted
            && motion.eligible(&vote).is_ok()
            && self.allowed(&said.scene, deciding(user, op, Verb::Approve), &op.request.key).await.is_ok()
    }

    /// What the person asked for lately.
    async fn own(&self, said: &Said<'_>) -> Result<Vec<HistoryLine>, StoreError> {
        let mut lines = Vec::new();
        let newest = OpFilter { limit: SEARCHED, ..OpFilter::default() };
        for record in self.engine.store.operations(&newest).await? {
            let line = match self.line(&record).await {
                Err(error) if error.is_of_one() => {
                    tracing::error!(op = %record.id, %error, "a Home tab lacks an operation that can't be read");
                    continue;
                }
                line => line?,
            };
            if line.by == Actor::User(said.incoming.user.clone()) {
                lines.push(line);
            }
            if lines.len() == SHOWN {
                break;
            }
        }
        Ok(lines)
    }
}

impl HomeEnv {
    /// Whether nothing is wrong with it, as far as records tell.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.env.phase == Phase::Live && !self.open.iter().any(|(_, state)| *state == State::Parked)
    }
}
