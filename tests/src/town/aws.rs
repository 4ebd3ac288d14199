//! What a town needs of AWS: a stand-in whose time is the town's, and an account as the example expects it.

use gantry_aws::{Ecs, Endpoint};
use gantry_engine::names::InstallationId;
use gantry_standin::{Options, Standin};
use std::sync::Arc;

/// How much faster than ours the limits of calls go: the town's time is no time of ours.
const SPEED: f64 = 1_000.0;

/// The platform on a stand-in.
pub(super) fn platform(installation: &InstallationId, standin: &Standin) -> Ecs {
    let (url, region) = (standin.url().to_owned(), "eu-central-1".to_owned());
    Ecs::at(installation.clone(), Endpoint { url, region, speed: SPEED, dns: None })
}

/// A stand-in whose time stands still unless the town's goes on, with what the example expects of an account.
#[must_use]
pub fn account(versions: &[&str]) -> Arc<Standin> {
    let standin = Standin::start(Options { scale: 0.0, ..Options::default() });
    standin.equip(versions);
    Arc::new(standin)
}
