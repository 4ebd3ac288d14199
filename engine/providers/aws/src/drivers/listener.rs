//! The driver of `aws.listener`. A port of a load balancer has one listener at most, which makes `CreateListener`
//! repeatable.

use super::elb::{MISSING, found, is_marked, listeners, marks_of, tags};
use super::{Aws, Drive, Listing, Result, Trouble, Want, gone, observed, trouble};
use crate::kinds::{DefaultAction, Listener, Shape};
use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, Certificate, FixedResponseActionConfig, Listener as Seen, ProtocolEnum,
    RedirectActionConfig, RedirectActionStatusCodeEnum,
};
use gantry_engine::ports::Whose;
use gantry_engine::provider::{Handle, Observed, Progress, ProviderError, Remove};
use gantry_engine::receipt::Found;

/// TLS 1.3 and 1.2: what AWS recommends for HTTPS listeners (ELB user guide, "Security policies").
const TLS: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

pub(super) struct ListenerDriver;

#[async_trait]
impl Drive for ListenerDriver {
    type Spec = Listener;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(arn_of(aws, at).await?.map(|arn| observed(&arn, [])))
    }

    async fn put(&self, aws: &Aws, want: &Want<Listener>) -> Result<Progress> {
        let spec = &want.spec;
        let pages = aws.elb.read.describe_listeners().load_balancer_arn(&spec.balancer).into_paginator().items();
        let all = pages.send().collect::<std::result::Result<Vec<Seen>, _>>().await.map_err(trouble);
        let all = match all {
            Err(error) if error.is(MISSING) => {
                return Err(ProviderError::NotYet("the load balancer can't be read yet".to_owned()));
            }
            all => all?,
        };
        let Some(listener) = all.into_iter().find(|one| one.port() == Some(i32::from(spec.port))) else {
            return create(aws, want).await;
        };
        let arn = listener.listener_arn().unwrap_or_default();
        if !is_marked(aws, arn, want.mark()).await? {
            let port = spec.port;
            let text =
                format!("port {port} of the load balancer has a listener that isn't ours; delete it, then retry");
            return Err(ProviderError::Conflict(text));
        }
        if differs(&listener, spec) {
            let call = aws.elb.set.modify_listener().listener_arn(arn).protocol(protocol(spec));
            let call = call.set_certificates(certificates(spec)).set_ssl_policy(policy(spec));
            call.default_actions(action(spec.default)).send().await.map_err(trouble)?;
        }
        Ok(Progress::Done(observed(arn, [])))
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let Some(arn) = arn_of(aws, &want.at).await? else { return Ok(gone()) };
        match aws.elb.write.delete_listener().listener_arn(arn).send().await.map_err(trouble) {
            Err(error) if !error.is(MISSING) => Err(error.into()),
            _ => Ok(gone()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        found(aws, of, &Listener::KIND, listeners(aws, of).await?).await
    }
}

async fn create(aws: &Aws, want: &Want<Listener>) -> Result<Progress> {
    let spec = &want.spec;
    let call = aws.elb.write.create_listener().load_balancer_arn(&spec.balancer).port(i32::from(spec.port));
    let call = call.protocol(protocol(spec)).set_certificates(certificates(spec)).set_ssl_policy(policy(spec));
    let call = call.default_actions(action(spec.default)).set_tags(Some(tags(want.mark())));
    match call.send().await.map_err(trouble) {
        Ok(made) => {
            let arn = made.listeners().first().and_then(Seen::listener_arn);
            let arn = arn.ok_or_else(|| Trouble::unexpected("CreateListener gave no listener"))?;
            Ok(Progress::Done(observed(arn, [])))
        }
        Err(error) if error.is(&["DuplicateListener"]) => {
            Err(ProviderError::NotYet("the listener is there, but can't be read yet".to_owned()))
        }
        Err(error) if error.is(MISSING) => Err(ProviderError::NotYet("the load balancer can't be used yet".to_owned())),
        Err(error) => Err(error.into()),
    }
}

fn protocol(spec: &Listener) -> ProtocolEnum {
    if spec.certificate.is_some() { ProtocolEnum::Https } else { ProtocolEnum::Http }
}

fn policy(spec: &Listener) -> Option<String> {
    spec.certificate.as_ref().map(|_| TLS.to_owned())
}

fn certificates(spec: &Listener) -> Option<Vec<Certificate>> {
    spec.certificate.as_ref().map(|arn| vec![Certificate::builder().certificate_arn(arn).build()])
}

fn action(default: DefaultAction) -> Action {
    match default {
        DefaultAction::NotFound => {
            let answer = FixedResponseActionConfig::builder().status_code("404").content_type("text/plain");
            let answer = answer.message_body("No service has this name.\n").build();
            Action::builder().r#type(ActionTypeEnum::FixedResponse).fixed_response_config(answer).build()
        }
        DefaultAction::Redirect => {
            let to = RedirectActionConfig::builder().protocol("HTTPS").port("443");
            let to = to.status_code(RedirectActionStatusCodeEnum::Http301).build();
            Action::builder().r#type(ActionTypeEnum::Redirect).redirect_config(to).build()
        }
    }
}

fn differs(listener: &Seen, spec: &Listener) -> bool {
    let certificate = listener.certificates().first().and_then(Certificate::certificate_arn);
    let default = listener.default_actions().first().and_then(Action::r#type);
    listener.protocol() != Some(&protocol(spec))
        || certificate != spec.certificate.as_deref()
        || default != action(spec.default).r#type()
}

/// The listener by its id, or where that isn't known, by its mark: through the load balancers of its environment.
async fn arn_of(aws: &Aws, at: &Handle) -> Result<Option<String>> {
    if let Some(id) = &at.id {
        let ours = is_marked(aws, &id.0, &at.mark).await?;
        return Ok(Some(id.0.clone()).filter(|_| ours));
    }
    let env = at.mark.env();
    let of = Listing { installation: &at.mark.installation, of: Whose::Env(&env) };
    let all = marks_of(aws, listeners(aws, &of).await?).await?;
    Ok(all.into_iter().find(|(_, mark)| mark == &at.mark).map(|(arn, _)| arn))
}
