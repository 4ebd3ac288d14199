//! Where a resource is: in which account, and in which region. A driver that is asked about one that is elsewhere
//! refuses, since it would look in the wrong place, find nothing, and call it gone.
//!
//! The credentials of a process may change between two calls: a profile is edited, a bot is started again with another
//! one. So a survey's look at the account isn't enough. Two things travel with a resource instead. Every spec says where
//! it belongs ([`crate::kinds::PLACE`], written by the lowering from the survey's facts), so that nothing is made
//! elsewhere. And every id that the engine writes down says where it was made, either by itself, as an ARN does, or by
//! account and region in front of AWS's own id; so nothing is looked for, changed or removed elsewhere.
//!
//! What is left: an inventory and a resource whose id was never written down are looked for in the account at hand.

use super::{Aws, Result};
use crate::kinds::PLACE;
use gantry_engine::provider::{Handle, Observed, Progress, ProviderError};
use gantry_engine::resource::PhysicalId;
use gantry_engine::value::{Spec, Value};
use std::fmt;

/// An account and a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) account: String,
    pub(crate) region: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.region)
    }
}

impl Place {
    /// Where these clients are.
    pub(crate) fn of(aws: &Aws) -> Self {
        Self { account: aws.account.clone(), region: aws.region.clone() }
    }

    /// The engine's name for something here: AWS's own id, with the place in front unless it says it itself.
    pub(crate) fn named(&self, id: &PhysicalId) -> PhysicalId {
        if id.0.starts_with("arn:") { id.clone() } else { PhysicalId(format!("{self}/{id}")) }
    }

    /// AWS's own id of something that is here.
    ///
    /// # Errors
    /// [`ProviderError::Denied`] if it is elsewhere.
    pub(crate) fn own(&self, id: &PhysicalId) -> Result<PhysicalId> {
        let (account, region, own) = split(&id.0);
        let elsewhere = |said: Option<&str>, here: &str| said.is_some_and(|said| !said.is_empty() && said != here);
        if elsewhere(account, &self.account) || elsewhere(region, &self.region) {
            return Err(self.refusal(&id.0));
        }
        Ok(PhysicalId(own.to_owned()))
    }

    /// Whether a spec belongs here.
    ///
    /// # Errors
    /// [`ProviderError::Denied`] if it belongs elsewhere.
    pub(crate) fn takes(&self, spec: &Spec) -> Result<()> {
        match spec.get(PLACE).and_then(Value::as_text) {
            Some(place) if place != self.to_string() => Err(self.refusal(place)),
            _ => Ok(()),
        }
    }

    /// The same handle, with AWS's own id.
    pub(crate) fn handle(&self, at: &Handle) -> Result<Handle> {
        let id = at.id.as_ref().map(|id| self.own(id)).transpose()?;
        Ok(Handle { id, ..at.clone() })
    }

    /// What a driver saw, as the engine is to know it.
    pub(crate) fn seen(&self, seen: Observed) -> Observed {
        Observed { id: seen.id.as_ref().map(|id| self.named(id)), ..seen }
    }

    /// How far a driver is, as the engine is to know it.
    pub(crate) fn progress(&self, progress: Progress) -> Progress {
        match progress {
            Progress::Done(seen) => Progress::Done(self.seen(seen)),
            Progress::Pending { seen, note, again } => Progress::Pending { seen: self.seen(seen), note, again },
            reverted @ Progress::Reverted { .. } => reverted,
        }
    }

    fn refusal(&self, where_it_is: &str) -> ProviderError {
        let Self { account, region } = self;
        ProviderError::Denied(format!(
            "Gantry's AWS credentials are for account {account} in {region}, but this belongs to {where_it_is}; start \
             Gantry with the profile and region of that account, then say `retry`"
        ))
    }
}

/// The account and the region that an id tells, and AWS's own id.
fn split(id: &str) -> (Option<&str>, Option<&str>, &str) {
    if id.starts_with("arn:") {
        // IAM user guide, "ARNs": arn:partition:service:region:account:resource; IAM's own have no region.
        let mut fields = id.splitn(6, ':').skip(3);
        let (region, account) = (fields.next(), fields.next());
        return (account, region, id);
    }
    let mut fields = id.splitn(3, '/');
    match (fields.next(), fields.next(), fields.next()) {
        (Some(account), Some(region), Some(own)) if is_account(account) => (Some(account), Some(region), own),
        _ => (None, None, id),
    }
}

/// An account id has twelve digits.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Place {
        Place { account: "111122223333".to_owned(), region: "eu-central-1".to_owned() }
    }

    fn id(text: &str) -> PhysicalId {
        PhysicalId(text.to_owned())
    }

    #[test]
    fn an_id_comes_back_from_its_name() {
        for own in ["vpc-0a", "/hostedzone/Z1", "rtb-1/10.0.0.0/16", "arn:aws:iam::111122223333:role/gantry/a"] {
            assert_eq!(here().own(&here().named(&id(own))), Ok(id(own)), "{own}");
        }
    }

    #[test]
    fn what_is_elsewhere_is_refused() {
        for other in [
            "444455556666/eu-central-1/vpc-0a",
            "111122223333/us-east-1/vpc-0a",
            "arn:aws:iam::444455556666:role/gantry/a",
            "arn:aws:ecs:us-east-1:111122223333:service/a/b",
        ] {
            assert!(matches!(here().own(&id(other)), Err(ProviderError::Denied(_))), "{other}");
        }
        let spec = |place: &str| Spec([(PLACE.to_owned(), Value::Text(place.to_owned()))].into());
        assert_eq!(here().takes(&spec("111122223333/eu-central-1")), Ok(()));
        assert!(here().takes(&spec("444455556666/eu-central-1")).is_err());
    }
}
