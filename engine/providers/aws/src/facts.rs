//! What the survey found out for the lowering: a typed view of [`Facts`], which are texts by key. The survey fills a
//! [`Found`] and writes it down; the lowering reads it back. Nothing secret is in it: of a secret only its ARN.
//!
//! Facts are a part of what decides the resources, so what is the same must read the same: zones, the network's range
//! and images that stand already keep their facts for as long as they stand.

use gantry_engine::names::ServiceName;
use gantry_engine::provider::Facts;
use std::collections::BTreeMap;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// The region (`region`).
    pub(crate) region: String,
    /// The account's id (`account`).
    pub(crate) account: String,
    /// The first part of ARNs after `arn` (`partition`): `aws`, `aws-cn`, `aws-us-gov`.
    pub(crate) partition: String,
    /// The zones of a network of ours (`zones`), two: those of our own subnets if they are there, else the first two of
    /// the account's by name that aren't local zones.
    pub(crate) zones: Vec<String>,
    /// The range of a network of ours (`cidr`): our own VPC's if it is there, else one that nothing overlaps
    /// ([`crate::range::choose`]).
    pub(crate) cidr: Option<String>,
    /// Subnets that are used and not ours (`subnet.<id>`), with their zones.
    pub(crate) subnets: BTreeMap<String, String>,
    /// The hosted zone that is used and not ours (`zone`): its id, without `/hostedzone/`.
    pub(crate) zone: Option<String>,
    /// The image of each service's release with its digest (`image.<service>`): `<repository>@sha256:<digest>`.
    pub(crate) images: BTreeMap<ServiceName, String>,
    /// Where each secret of a service is (`secret.<service>.<variable>`).
    pub(crate) secrets: BTreeMap<(ServiceName, String), Secret>,
    /// The zones of volumes that stand already (`volume.<service>`), since a volume can't move.
    pub(crate) volumes: BTreeMap<ServiceName, String>,
}

/// Where a secret is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Secret {
    /// What ECS takes as `valueFrom`: the ARN of the secret or parameter, for a key of a JSON secret with
    /// `:<key>::` at its end.
    pub(crate) from: String,
    /// The ARN of the KMS key that it is encrypted with, if that isn't AWS's own (`secret-key.<service>.<variable>`).
    pub(crate) key: Option<String>,
}

impl Secret {
    /// The ARN alone: seven parts, of which the last has no colon in either service (`arn:aws:ssm:REGION:ACCOUNT:
    /// parameter/NAME` has six).
    pub(crate) fn arn(&self) -> String {
        let parts = if self.from.contains(":secretsmanager:") { 7 } else { 6 };
        self.from.split(':').take(parts).collect::<Vec<_>>().join(":")
    }
}

impl Found {
    /// As facts that are recorded with a plan.
    pub(crate) fn write(&self) -> Facts {
        let mut facts = BTreeMap::from([
            ("region".to_owned(), self.region.clone()),
            ("account".to_owned(), self.account.clone()),
            ("partition".to_owned(), self.partition.clone()),
        ]);
        if !self.zones.is_empty() {
            facts.insert("zones".to_owned(), self.zones.join(" "));
        }
        facts.extend(self.cidr.clone().map(|cidr| ("cidr".to_owned(), cidr)));
        facts.extend(self.zone.clone().map(|zone| ("zone".to_owned(), zone)));
        facts.extend(self.subnets.iter().map(|(id, zone)| (format!("subnet.{id}"), zone.clone())));
        facts.extend(self.images.iter().map(|(service, image)| (format!("image.{service}"), image.clone())));
        facts.extend(self.volumes.iter().map(|(service, zone)| (format!("volume.{service}"), zone.clone())));
        for ((service, variable), secret) in &self.secrets {
            facts.insert(format!("secret.{service}.{variable}"), secret.from.clone());
            facts.extend(secret.key.clone().map(|key| (format!("secret-key.{service}.{variable}"), key)));
        }
        Facts(facts)
    }

    /// From recorded facts. Keys that aren't known are left alone: a later version may have written them.
    pub(crate) fn read(facts: &Facts) -> Self {
        let mut found = Self::default();
        for (key, value) in &facts.0 {
            let parts: Vec<&str> = key.splitn(3, '.').collect();
            let service = || parts.get(1).and_then(|name| ServiceName::new(name).ok());
            match (parts.as_slice(), service()) {
                (["region"], _) => found.region.clone_from(value),
                (["account"], _) => found.account.clone_from(value),
                (["partition"], _) => found.partition.clone_from(value),
                (["zones"], _) => found.zones = value.split(' ').map(str::to_owned).collect(),
                (["cidr"], _) => found.cidr = Some(value.clone()),
                (["zone"], _) => found.zone = Some(value.clone()),
                (["subnet", id], _) => drop(found.subnets.insert((*id).to_owned(), value.clone())),
                (["image", _], Some(service)) => drop(found.images.insert(service, value.clone())),
                (["volume", _], Some(service)) => drop(found.volumes.insert(service, value.clone())),
                (["secret", _, variable], Some(service)) => {
                    found.secrets.entry((service, (*variable).to_owned())).or_default().from.clone_from(value);
                }
                (["secret-key", _, variable], Some(service)) => {
                    found.secrets.entry((service, (*variable).to_owned())).or_default().key = Some(value.clone());
                }
                _ => {}
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_reads_back() {
        let web = ServiceName::new("web-1").unwrap();
        let arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/token-AbCdEf";
        let plain = Secret { from: arn.to_owned(), key: None };
        let keyed = Secret {
            from: format!("{arn}:password::"),
            key: Some("arn:aws:kms:eu-central-1:111122223333:key/0a1b".to_owned()),
        };
        let found = Found {
            region: "eu-central-1".to_owned(),
            account: "111122223333".to_owned(),
            partition: "aws".to_owned(),
            zones: vec!["eu-central-1a".to_owned(), "eu-central-1b".to_owned()],
            cidr: Some("10.20.0.0/16".to_owned()),
            subnets: BTreeMap::from([("subnet-1".to_owned(), "eu-central-1a".to_owned())]),
            zone: Some("Z123".to_owned()),
            images: BTreeMap::from([(web.clone(), "ghcr.io/acme/web@sha256:00".to_owned())]),
            secrets: BTreeMap::from([
                ((web.clone(), "TOKEN".to_owned()), plain),
                ((web.clone(), "DB_PASSWORD".to_owned()), keyed),
            ]),
            volumes: BTreeMap::from([(web, "eu-central-1b".to_owned())]),
        };
        assert_eq!(Found::read(&found.write()), found);
        assert_eq!(Found::read(&Found::default().write()), Found::default());
    }

    #[test]
    fn a_secrets_arn_is_without_its_key() {
        let arn = |from: &str| Secret { from: from.to_owned(), key: None }.arn();
        let secret = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/token-AbCdEf";
        assert_eq!(arn(&format!("{secret}:password::")), secret);
        assert_eq!(arn(secret), secret);
        let parameter = "arn:aws:ssm:eu-central-1:111122223333:parameter/shop/token";
        assert_eq!(arn(parameter), parameter);
    }
}
