//! Somebody else in the account: makes what Gantry finds there, and changes what is Gantry's, with the SDK as anybody
//! would.

use crate::bed::endpoint;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ec2::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use gantry_standin::Standin;

/// The value of every secret here: it must never be seen anywhere.
pub(crate) const SECRET: &str = "canary-that-nobody-may-see";

pub(crate) struct Outside {
    config: SdkConfig,
}

impl Outside {
    pub(crate) fn of(standin: &Standin) -> Self {
        let to = endpoint(standin);
        let keys = Credentials::builder().access_key_id("outside").secret_access_key("testing").provider_name("tests");
        let tls = tls::Provider::Rustls(CryptoMode::Ring);
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(to.region))
            .endpoint_url(to.url)
            .credentials_provider(SharedCredentialsProvider::new(keys.build()))
            .http_client(aws_smithy_http_client::Builder::new().tls_provider(tls).build_https())
            .build();
        Self { config }
    }

    /// Changes a service as people do by hand: its task definition and the number of its tasks.
    pub(crate) async fn update_service(&self, (cluster, service): (&str, &str), task: Option<&str>, desired: i32) {
        let ecs = aws_sdk_ecs::Client::new(&self.config);
        let call = ecs.update_service().cluster(cluster).service(service).desired_count(desired);
        call.set_task_definition(task.map(ToOwned::to_owned)).send().await.expect("an update");
    }

    pub(crate) async fn delete_service(&self, (cluster, service): (&str, &str)) {
        let ecs = aws_sdk_ecs::Client::new(&self.config);
        ecs.delete_service().cluster(cluster).service(service).force(true).send().await.expect("a deletion");
    }

    /// Lets Application Auto Scaling say how many tasks a service has.
    pub(crate) async fn autoscale(&self, (cluster, service): (&str, &str), bounds: (i32, i32)) {
        use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};
        let scaling = aws_sdk_applicationautoscaling::Client::new(&self.config);
        let call = scaling.register_scalable_target().resource_id(format!("service/{cluster}/{service}"));
        let call = call.service_namespace(ServiceNamespace::Ecs).min_capacity(bounds.0).max_capacity(bounds.1);
        call.scalable_dimension(ScalableDimension::EcsServiceDesiredCount).send().await.expect("a registration");
    }

    /// EC2, for everything that is only asked once.
    pub(crate) fn ec2(&self) -> aws_sdk_ec2::Client {
        aws_sdk_ec2::Client::new(&self.config)
    }

    /// A VPC with this range; gives its id.
    pub(crate) async fn vpc(&self, range: &str) -> String {
        let made = self.ec2().create_vpc().cidr_block(range).send().await.unwrap();
        made.vpc().unwrap().vpc_id().unwrap().to_owned()
    }

    /// A public hosted zone.
    pub(crate) async fn zone(&self, name: &str) -> String {
        let route53 = aws_sdk_route53::Client::new(&self.config);
        let made = route53.create_hosted_zone().name(name).caller_reference(name).send().await.unwrap();
        made.hosted_zone().unwrap().id().trim_start_matches("/hostedzone/").to_owned()
    }

    /// A record that isn't Gantry's.
    pub(crate) async fn record(&self, zone: &str, name: &str) {
        let route53 = aws_sdk_route53::Client::new(&self.config);
        let zones = route53.list_hosted_zones_by_name().dns_name(zone).send().await.unwrap();
        let value = ResourceRecord::builder().value("somewhere.example.net").build().unwrap();
        let set = ResourceRecordSet::builder().name(name).r#type(RrType::Cname).ttl(60).resource_records(value);
        let change = Change::builder().action(ChangeAction::Create).resource_record_set(set.build().unwrap());
        let batch = ChangeBatch::builder().changes(change.build().unwrap()).build().unwrap();
        let call = route53.change_resource_record_sets().hosted_zone_id(zones.hosted_zones()[0].id());
        call.change_batch(batch).send().await.unwrap();
    }

    /// An image in ECR; gives its digest.
    pub(crate) async fn image(&self, repository: &str, tag: &str) -> String {
        let ecr = aws_sdk_ecr::Client::new(&self.config);
        // It may be there, with another tag.
        let _made = ecr.create_repository().repository_name(repository).send().await;
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{"digest":"sha256:{tag}"}},"layers":[]}}"#
        );
        let put = ecr.put_image().repository_name(repository).image_tag(tag).image_manifest(manifest);
        let image = put.send().await.unwrap().image.unwrap();
        image.image_id.unwrap().image_digest.unwrap()
    }

    /// A parameter with a secret value.
    pub(crate) async fn parameter(&self, name: &str) {
        let ssm = aws_sdk_ssm::Client::new(&self.config);
        let call = ssm.put_parameter().name(name).r#type(aws_sdk_ssm::types::ParameterType::SecureString);
        call.value(SECRET).send().await.unwrap();
    }

    /// A secret with a value.
    pub(crate) async fn secret(&self, name: &str) {
        let secrets = aws_sdk_secretsmanager::Client::new(&self.config);
        secrets.create_secret().name(name).secret_string(SECRET).send().await.unwrap();
    }
}
