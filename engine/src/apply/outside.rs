//! What the outside says: drift of what stands, and things that belong to nobody. Reads only.

use super::engine::Engine;
use super::planning::{NoPlan, Planned, within_bounds};
use crate::change::Request;
use crate::environment::{Environment, Phase};
use crate::names::{EnvKey, PlatformName, ProjectName};
use crate::plan::Plan;
use crate::ports::{Drift, Platform, Whose};
use crate::project::Project;
use crate::propose::Proposal;
use crate::provider::ProviderError;
use crate::receipt::Found;
use crate::resource::Actual;
use crate::sweep;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Engine {
    /// What somebody changed outside, of a living environment; nothing where none lives.
    ///
    /// # Errors
    /// [`NoPlan`] where the outside can't be asked, or the store refuses.
    pub async fn drift(&self, key: &EnvKey) -> Result<Vec<Drift>, NoPlan> {
        let Some(env) = self.store.environment(key).await?.filter(|env| env.phase == Phase::Live) else {
            return Ok(Vec::new());
        };
        let platform = self.platform_named(key, &env.platform)?;
        let actual = self.actual(&env).await?;
        platform.drift(&env, &actual).await.map_err(NoPlan::Survey)
    }

    /// What carries a project's marks and belongs to no living environment, by environment: what sweeps would remove.
    ///
    /// # Errors
    /// [`NoPlan`] where a platform can't be asked, or the store refuses.
    pub async fn leftovers(&self, project: &ProjectName) -> Result<BTreeMap<EnvKey, Vec<Found>>, NoPlan> {
        let meant = self.projects.project(project).ok_or_else(|| NoPlan::NoProject(project.clone()))?;
        let records = self.store.environments().await?;
        let mut names = named(&meant);
        names.extend(records.iter().filter(|env| &env.key.project == project).map(|env| env.platform.clone()));
        let mut found: BTreeMap<EnvKey, Vec<Found>> = BTreeMap::new();
        // A project's file may have forgotten where it was once.
        for (name, platform) in &self.platforms {
            let all = platform.inventory(&self.installation, Whose::Project(project)).await;
            for thing in known(all, names.contains(name))? {
                found.entry(thing.mark.env()).or_default().push(thing);
            }
        }
        for (key, things) in &mut found {
            let record = self.store.environment(key).await?;
            let rows = self.store.rows(key).await?;
            *things = sweep::leftovers(std::mem::take(things), record.as_ref(), &rows);
        }
        found.retain(|_, things| !things.is_empty());
        Ok(found)
    }

    /// The plan of a sweep. One platform at a time: the record's, or else the first with something left.
    pub(super) async fn sweep(
        &self,
        request: &Request,
        proposal: Proposal,
        project: &Project,
        volumes: bool,
    ) -> Result<Planned, NoPlan> {
        let own = proposal.after.platform.clone();
        within_bounds(self.platform_named(&request.key, &own)?, &proposal.after).await?;
        let names = named(project);
        let rest = self.platforms.keys().filter(|name| **name != own).cloned();
        let mut chosen = (own.clone(), Plan::default());
        for name in std::iter::once(own.clone()).chain(rest) {
            let platform = self.platform_named(&request.key, &name)?;
            let left = self.left_over(&request.key, platform, name == own || names.contains(&name)).await?;
            let plan = sweep::plan(left, volumes, platform.rules());
            if !plan.is_empty() {
                chosen = (name, plan);
                break;
            }
        }
        let (name, plan) = chosen;
        let platform = self.platform_named(&request.key, &name)?;
        let plan = Plan { platform: Some(name.clone()), delta: proposal.delta.clone(), ..plan };
        Ok(self.under_terms(request, project, (proposal, plan), platform))
    }

    /// What one platform has that carries an environment's marks and belongs to no living one.
    async fn left_over(
        &self,
        key: &EnvKey,
        platform: &Arc<dyn Platform>,
        is_meant: bool,
    ) -> Result<Vec<Found>, NoPlan> {
        let found = known(platform.inventory(&self.installation, Whose::Env(key)).await, is_meant)?;
        let record: Option<Environment> = self.store.environment(key).await?;
        let rows: Actual = self.store.rows(key).await?;
        Ok(sweep::leftovers(found, record.as_ref(), &rows))
    }

    pub(super) fn platform_named(&self, env: &EnvKey, name: &PlatformName) -> Result<&Arc<dyn Platform>, NoPlan> {
        self.platforms.get(name).ok_or_else(|| NoPlan::NoPlatform {
            env: env.clone(),
            platform: name.clone(),
            have: self.platforms.keys().cloned().collect(),
        })
    }
}

/// What a platform lists. One that nobody means to use, and that can't be asked, stands in nobody's way.
fn known(listed: Result<Vec<Found>, ProviderError>, is_meant: bool) -> Result<Vec<Found>, NoPlan> {
    match listed {
        Err(error) if !is_meant => {
            tracing::info!(%error, "a platform that the project doesn't use can't be asked what is left over there");
            Ok(Vec::new())
        }
        listed => listed.map_err(NoPlan::Survey),
    }
}

/// The platforms that a project's environments run on.
fn named(project: &Project) -> BTreeSet<PlatformName> {
    project.environments.iter().map(|settings| settings.platform.clone()).collect()
}
