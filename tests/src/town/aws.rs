//! What a town needs of AWS: a stand-in whose time is the town's, and an account as the example expects it.

use gantry_aws::{Ecs, Endpoint};
use gantry_engine::names::InstallationId;
use gantry_standin::{Options, Standin};
use serde_json::json;
use std::sync::Arc;

/// The zone that the example's public names stand in.
pub const ZONE: &str = "example.com";

/// What sort of image manifests these are.
const MEDIA: &str = "application/vnd.docker.distribution.manifest.v2+json";

/// How much faster than ours the limits of calls go: the town's time is no time of ours.
const SPEED: f64 = 1_000.0;

/// The platform on a stand-in.
pub(super) fn platform(installation: &InstallationId, standin: &Standin) -> Ecs {
    let (url, region) = (standin.url().to_owned(), "eu-central-1".to_owned());
    Ecs::at(installation.clone(), Endpoint { url, region, speed: SPEED })
}

/// A stand-in whose time stands still unless the town's goes on, with what the example expects of an account.
#[must_use]
pub fn account(versions: &[&str]) -> Arc<Standin> {
    let standin = Standin::start(Options { scale: 0.0, ..Options::default() });
    equip(&standin, versions);
    Arc::new(standin)
}

/// Puts into an account what the example expects there: a public zone, and images of these versions.
pub fn equip(standin: &Standin, versions: &[&str]) {
    standin.act("route53", "create_hosted_zone", &json!({ "Name": ZONE, "CallerReference": "somebody" }));
    standin.act("ecr", "create_repository", &json!({ "repositoryName": "mini-soa" }));
    for version in versions {
        let manifest = json!({ "schemaVersion": 2, "config": { "digest": version } }).to_string();
        let image = json!({ "repositoryName": "mini-soa", "imageTag": version, "imageManifest": manifest, "imageManifestMediaType": MEDIA });
        standin.act("ecr", "put_image", &image);
    }
}
