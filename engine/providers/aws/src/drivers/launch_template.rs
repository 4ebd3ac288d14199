//! The driver of `aws.launch-template`. The default version's description carries a digest of what it was made from, so
//! one look tells whether it is as wanted.

use super::{Aws, Drive, Listing, Result, Trouble, Want, gone, observed, trouble};
use crate::kinds::{LaunchTemplate, Shape};
use crate::marks;
use async_trait::async_trait;
use aws_sdk_ec2::types::{
    Filter, LaunchTemplate as Seen, LaunchTemplateBlockDeviceMappingRequest as Disk,
    LaunchTemplateEbsBlockDeviceRequest as Ebs, LaunchTemplateHttpTokensState as HttpTokens,
    LaunchTemplateIamInstanceProfileSpecificationRequest as Profile,
    LaunchTemplateInstanceMetadataOptionsRequest as Metadata, LaunchTemplateTagSpecificationRequest as NodeTags,
    RequestLaunchTemplateData as Data, ResourceType, Tag, TagSpecification, VolumeType,
};
use aws_smithy_types::base64;
use gantry_engine::address::Mark;
use gantry_engine::provider::{Handle, Observed, Progress, Remove};
use gantry_engine::receipt::Found;
use sha2::{Digest, Sha256};

/// EC2's limit for names of launch templates.
const LONGEST: usize = 128;
/// The root disk of Amazon's ECS images (ECS developer guide, "Amazon ECS-optimized AMIs", storage).
const ROOT: &str = "/dev/xvda";
const MISSING: &[&str] = &[
    "InvalidLaunchTemplateId.NotFound",
    "InvalidLaunchTemplateName.NotFoundException",
    "InvalidLaunchTemplateId.VersionNotFound",
];

pub(super) struct LaunchTemplateDriver;

#[async_trait]
impl Drive for LaunchTemplateDriver {
    type Spec = LaunchTemplate;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, &at.mark).await?.and_then(|template| Some(observed(template.launch_template_id()?, []))))
    }

    async fn put(&self, aws: &Aws, want: &Want<LaunchTemplate>) -> Result<Progress> {
        let wanted = digest(&want.spec);
        let Some(template) = look(aws, want.mark()).await? else {
            let tags = marks::tags(want.mark()).into_iter().map(|(key, value)| tag(key, value));
            let tags =
                TagSpecification::builder().resource_type(ResourceType::LaunchTemplate).set_tags(Some(tags.collect()));
            let call = aws.ec2.write.create_launch_template().launch_template_name(marks::name(want.mark(), LONGEST));
            let call = call.client_token(&want.token.0).version_description(&wanted).tag_specifications(tags.build());
            let made = call.launch_template_data(data(&want.spec, want.mark())).send().await.map_err(trouble)?;
            let id = made.launch_template.and_then(|template| template.launch_template_id);
            let id = id.ok_or_else(|| Trouble::unexpected("CreateLaunchTemplate gave no id"))?;
            return Ok(Progress::Done(observed(&id, [])));
        };
        let id = template.launch_template_id().unwrap_or_default();
        if description(aws, id).await?.as_deref() != Some(&wanted) {
            // The token goes with the content, so that the same version is made once.
            let token = &hex::encode(Sha256::digest(format!("{} {wanted}", want.token.0)))[..32];
            let call = aws.ec2.write.create_launch_template_version().launch_template_id(id).client_token(token);
            let call = call.version_description(&wanted).launch_template_data(data(&want.spec, want.mark()));
            let made = call.send().await.map_err(trouble)?.launch_template_version;
            let number = made.and_then(|version| version.version_number).map(|number| number.to_string());
            let number = number.ok_or_else(|| Trouble::unexpected("CreateLaunchTemplateVersion gave no number"))?;
            let call = aws.ec2.set.modify_launch_template().launch_template_id(id).default_version(number);
            call.send().await.map_err(trouble)?;
        }
        Ok(Progress::Done(observed(id, [])))
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let Some(template) = look(aws, &want.at.mark).await? else { return Ok(gone()) };
        let call = aws.ec2.write.delete_launch_template().set_launch_template_id(template.launch_template_id);
        match call.send().await.map_err(trouble) {
            Err(error) if !error.is(MISSING) => Err(error.into()),
            _ => Ok(gone()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let filter = |(key, value): (&str, String)| Filter::builder().name(format!("tag:{key}")).values(value).build();
        let filters = of.tags().into_iter().map(filter).collect();
        let call = aws.ec2.read.describe_launch_templates().set_filters(Some(filters));
        let all = call.into_paginator().items().send().collect::<std::result::Result<Vec<_>, _>>().await;
        let found =
            |template: &Seen| of.found(LaunchTemplate::KIND, template.launch_template_id()?, pairs(template.tags()));
        Ok(all.map_err(trouble)?.iter().filter_map(found).collect())
    }
}

/// What a version was made from: the same content gives the same text.
fn digest(spec: &LaunchTemplate) -> String {
    format!("gantry {}", &hex::encode(Sha256::digest(format!("{spec:?}")))[..32])
}

fn data(spec: &LaunchTemplate, mark: &Mark) -> Data {
    let ebs = Ebs::builder().encrypted(true).delete_on_termination(true).volume_type(VolumeType::Gp3);
    let ebs = ebs.volume_size(i32::try_from(spec.disk_gib).unwrap_or(i32::MAX)).build();
    // IMDSv2 only; one hop, so that containers in a network of their own don't get at the node's role.
    let metadata = Metadata::builder().http_tokens(HttpTokens::Required).http_put_response_hop_limit(1).build();
    // Disks and network interfaces come and go with their node, so they carry whose they are but no address of their own.
    let whose = [
        (marks::INSTALLATION, mark.installation.to_string()),
        (marks::PROJECT, mark.project.to_string()),
        (marks::ENVIRONMENT, mark.addr.env.to_string()),
    ];
    let whose: Vec<Tag> = whose.into_iter().map(|(key, value)| tag(key, value)).collect();
    let tagged = |kind| NodeTags::builder().resource_type(kind).set_tags(Some(whose.clone())).build();
    Data::builder()
        .image_id(&spec.image)
        .instance_type(spec.instance_type.as_str().into())
        .iam_instance_profile(Profile::builder().arn(&spec.profile).build())
        .set_security_group_ids(Some(spec.groups.clone()))
        .user_data(base64::encode(&spec.user_data))
        .block_device_mappings(Disk::builder().device_name(ROOT).ebs(ebs).build())
        .metadata_options(metadata)
        .tag_specifications(tagged(ResourceType::Volume))
        .tag_specifications(tagged(ResourceType::NetworkInterface))
        .build()
}

/// The description of the default version.
async fn description(aws: &Aws, id: &str) -> Result<Option<String>> {
    let call = aws.ec2.read.describe_launch_template_versions().launch_template_id(id).versions("$Default");
    match call.send().await.map_err(trouble) {
        Ok(answer) => {
            let version = answer.launch_template_versions.unwrap_or_default().into_iter().next();
            Ok(version.and_then(|version| version.version_description))
        }
        Err(error) if error.is(MISSING) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The template of this name, if it is the mark's own.
async fn look(aws: &Aws, mark: &Mark) -> Result<Option<Seen>> {
    let call = aws.ec2.read.describe_launch_templates().launch_template_names(marks::name(mark, LONGEST));
    match call.send().await.map_err(trouble) {
        Ok(answer) => {
            let ours = |template: &Seen| marks::from_tags(pairs(template.tags())).as_ref() == Some(mark);
            Ok(answer.launch_templates.unwrap_or_default().into_iter().find(ours))
        }
        Err(error) if error.is(MISSING) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn tag(key: &str, value: String) -> Tag {
    Tag::builder().key(key).value(value).build()
}

fn pairs(tags: &[Tag]) -> impl Iterator<Item = (&str, &str)> {
    tags.iter().filter_map(|tag| Some((tag.key()?, tag.value()?)))
}
