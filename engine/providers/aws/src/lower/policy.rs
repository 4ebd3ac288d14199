//! What roles may do: as little as their holders need. Written as types with a fixed order, since the text is a part of
//! a spec: the same policy has to read the same in every build.

use crate::facts::Secret;
use crate::settings;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The version of the policy language (IAM user guide, "IAM JSON policy elements: Version").
const VERSION: &str = "2012-10-17";

/// A policy.
#[derive(Debug, Default)]
pub(super) struct Policy(Vec<Statement>);

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: &'static str,
    action: Vec<String>,
    resource: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    condition: BTreeMap<&'static str, BTreeMap<String, String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'a> {
    version: &'static str,
    statement: &'a [Statement],
}

impl Policy {
    /// Allows actions on what these ARNs name.
    pub(super) fn allow(&mut self, actions: &[&str], resources: Vec<String>) {
        let action = actions.iter().map(|action| (*action).to_owned()).collect();
        self.0.push(Statement { effect: "Allow", action, resource: resources, condition: BTreeMap::new() });
    }

    /// The same, only where tags of the resource are these.
    pub(super) fn allow_tagged(&mut self, actions: &[&str], resources: Vec<String>, tags: &[(&str, String)]) {
        self.allow(actions, resources);
        let tags = tags.iter().map(|(key, value)| (format!("aws:ResourceTag/{key}"), value.clone())).collect();
        if let Some(last) = self.0.last_mut() {
            last.condition.insert("StringEquals", tags);
        }
    }

    /// As JSON; none where nothing is allowed, since IAM takes no empty policy.
    pub(super) fn text(&self) -> Option<String> {
        let document = Document { version: VERSION, statement: &self.0 };
        if self.0.is_empty() { None } else { serde_json::to_string(&document).ok() }
    }

    /// Pulling an image, where it is in a registry of ECR: its repository and nothing else. Other registries ask for no
    /// rights of AWS.
    pub(super) fn pull(&mut self, image: &str, partition: &str) {
        let Some((registry, rest)) = image.split_once('/') else { return };
        let parts: Vec<&str> = registry.split('.').collect();
        let [account, "dkr", "ecr", region, "amazonaws", ..] = parts.as_slice() else { return };
        let name = rest.split(['@', ':']).next().unwrap_or(rest);
        let repository = format!("arn:{partition}:ecr:{region}:{account}:repository/{name}");
        // It gives a token for the registry, and knows no resource (service authorization reference, Amazon ECR).
        self.allow(&["ecr:GetAuthorizationToken"], vec!["*".to_owned()]);
        let pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
        self.allow(&pull, vec![repository]);
    }

    /// Reading exactly these secrets.
    pub(super) fn secrets<'s>(&mut self, secrets: impl Iterator<Item = &'s Secret>) {
        let (mut managed, mut parameters, mut keys) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for secret in secrets {
            let arn = secret.arn();
            let all = if arn.contains(":secretsmanager:") { &mut managed } else { &mut parameters };
            all.insert(arn);
            keys.extend(secret.key.clone());
        }
        let all =
            [("secretsmanager:GetSecretValue", managed), ("ssm:GetParameters", parameters), ("kms:Decrypt", keys)];
        for (action, arns) in all {
            if !arns.is_empty() {
                self.allow(&[action], arns.into_iter().collect());
            }
        }
    }

    /// Letting people run commands in a task (ECS developer guide, "Monitor Amazon ECS containers with ECS Exec").
    pub(super) fn exec(&mut self) {
        let channels = [
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ];
        self.allow(&channels, vec!["*".to_owned()]);
    }

    /// What the project file asks for.
    pub(super) fn asked(&mut self, statements: &[settings::Statement]) {
        for statement in statements {
            let actions: Vec<&str> = statement.actions.iter().map(String::as_str).collect();
            self.allow(&actions, statement.resources.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pull(image: &str) -> Option<String> {
        let mut policy = Policy::default();
        policy.pull(image, "aws");
        policy.text()
    }

    #[test]
    fn only_the_repository_of_the_image_is_read() {
        let text = pull("111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop/web@sha256:00").unwrap();
        assert_eq!(
            text,
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ecr:GetAuthorizationToken"],"Resource":["*"]},{"Effect":"Allow","Action":["ecr:BatchCheckLayerAvailability","ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"],"Resource":["arn:aws:ecr:eu-central-1:111122223333:repository/shop/web"]}]}"#
        );
        assert_eq!(pull("ghcr.io/acme/web@sha256:00"), None);
        assert_eq!(pull("web"), None);
    }

    #[test]
    fn secrets_are_named_one_by_one() {
        let secret = |from: &str, key: Option<&str>| Secret { from: from.to_owned(), key: key.map(str::to_owned) };
        let one = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/db-AbCdEf";
        let secrets = [
            secret(&format!("{one}:user::"), None),
            secret(&format!("{one}:password::"), Some("arn:aws:kms:eu-central-1:111122223333:key/1")),
            secret("arn:aws:ssm:eu-central-1:111122223333:parameter/shop/token", None),
        ];
        let mut policy = Policy::default();
        policy.secrets(secrets.iter());
        let text = policy.text().unwrap();
        assert_eq!(text.matches(one).count(), 1, "{text}");
        assert!(text.contains("\"kms:Decrypt\"") && text.contains("parameter/shop/token"), "{text}");
    }
}
