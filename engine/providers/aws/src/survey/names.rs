//! Public names: the hosted zone that they stand in, and whether they are free.

use super::{Look, delegation, finding};
use crate::drivers::route53::{below, mark_in, mark_name, plain, zone_id};
use crate::drivers::{Result, trouble};
use aws_sdk_route53::types::RrType;
use futures::try_join;
use gantry_engine::ports::Finding;

/// What was found about names.
#[derive(Default)]
pub(super) struct Names {
    pub(super) zone: Option<String>,
    pub(super) findings: Vec<Finding>,
}

pub(super) async fn look(look: &Look<'_>) -> Result<Names> {
    let Some(domain) = &look.account.zone else { return Ok(Names::default()) };
    // A zone of the environment's own is made, and everything in it is ours.
    if look.account.create_zone {
        return Ok(Names::default());
    }
    let Some(zone) = zone(look, domain).await? else {
        let account = &look.aws.account;
        return Ok(Names {
            zone: None,
            findings: vec![finding(
                format!("account {account} has no public hosted zone {domain} in Route 53"),
                "make it in Route 53 and delegate to it, name another `zone` in `[ecs]`, or set `create_zone = true`",
            )],
        });
    };
    let (taken, elsewhere) = try_join!(taken(look, domain, &zone), delegation::look(look, domain, &zone))?;
    Ok(Names { zone: Some(zone), findings: taken.into_iter().chain(elsewhere).collect() })
}

/// The id of a public zone with this name.
async fn zone(look: &Look<'_>, domain: &str) -> Result<Option<String>> {
    let question = format!("zone {domain} of {}", look.aws.account);
    if let Some(kept) = look.kept.answer(&question) {
        return Ok(Some(kept));
    }
    let answer = look.aws.route53.read.list_hosted_zones_by_name().dns_name(domain).send().await.map_err(trouble)?;
    let is_public = |zone: &&aws_sdk_route53::types::HostedZone| {
        plain(zone.name()) == *domain && zone.config().is_none_or(|config| !config.private_zone())
    };
    let found = answer.hosted_zones().iter().find(is_public).map(|zone| zone_id(zone.id()).to_owned());
    if let Some(id) = &found {
        look.kept.keep(&question, id);
    }
    Ok(found)
}

/// Names that stand in the zone already and that we don't own.
async fn taken(look: &Look<'_>, domain: &str, zone: &str) -> Result<Vec<Finding>> {
    let public =
        look.env.services.iter().filter_map(|(service, running)| Some((service, running.service.host.as_ref()?)));
    let public: Vec<_> = public.collect();
    if public.is_empty() {
        return Ok(Vec::new());
    }
    let domain = format!("{}.{domain}", look.env.key.env);
    let there = below(look.aws, zone, &domain).await?;
    let named = |name: &str| there.iter().filter(|set| plain(set.name()) == name).collect::<Vec<_>>();
    let mut findings = Vec::new();
    for (service, host) in public {
        let name = format!("{host}.{domain}");
        let leads = named(&name).into_iter().find(|set| !matches!(set.r#type(), RrType::Ns | RrType::Soa));
        let Some(leads) = leads else { continue };
        match named(&mark_name(&name)).into_iter().find_map(mark_in) {
            Some(mark) if &mark.installation == look.installation && mark.env() == look.env.key => {}
            Some(mark) => findings.push(finding(
                format!("{name}, the name of {service}, belongs to {} already", mark.env()),
                "tear that one down, or choose another `host`",
            )),
            None => findings.push(finding(
                format!("{name}, the name of {service}, has a record ({}) that isn't ours", leads.r#type().as_str()),
                "remove the record in Route 53, or choose another `host`",
            )),
        }
    }
    Ok(findings)
}
