//! Whether the world is sent to Route 53 for a zone: what the public DNS says of the zone's name servers, beside those
//! that Route 53 gave it. Where DNS can't be asked, nothing is found: what isn't known stops nobody.

use super::{Look, finding};
use crate::drivers::route53::{plain, records};
use crate::drivers::{Dns, Result, trouble};
use aws_sdk_route53::types::{ResourceRecordSet, RrType};
use gantry_engine::ports::Finding;
use hickory_net::client::{Client, ClientHandle};
use hickory_net::proto::op::ResponseCode;
use hickory_net::proto::rr::{DNSClass, Name, RData, RecordType};
use hickory_net::runtime::TokioRuntimeProvider;
use hickory_net::udp::UdpClientStream;
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// How long a name server may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// So many name servers are asked before it is given up; resolvers take three of a list (resolv.conf(5), MAXNS).
const ASKED: usize = 3;
const PORT: u16 = 53;

/// What DNS says of a zone.
enum World {
    /// People are sent to these; none if nobody is sent anywhere.
    Sent(BTreeSet<String>),
    /// Those that people are sent to don't answer for it.
    Lost,
    /// It can't be asked.
    Unknown,
}

pub(super) async fn look(look: &Look<'_>, domain: &str, zone: &str) -> Result<Option<Finding>> {
    let question = format!("delegation of {zone}");
    if !look.account.check_delegation || look.kept.answer(&question).is_some() {
        return Ok(None);
    }
    let resolvers = resolvers(look.aws.dns);
    let world = world(&resolvers, domain).await;
    if matches!(world, World::Unknown) {
        tracing::warn!(zone = domain, "DNS can't be asked whether the zone is delegated");
        return Ok(None);
    }
    let answer = look.aws.route53.read.get_hosted_zone().id(zone).send().await.map_err(trouble)?;
    let given = answer.delegation_set().map(|set| set.name_servers().to_vec()).unwrap_or_default();
    let wanted: BTreeSet<String> = given.iter().map(|server| lower(server)).collect();
    let sent = match world {
        // A resolver that can't reach anybody says the same.
        World::Lost if !knows(&resolvers, &wanted).await => return Ok(None),
        World::Sent(sent) if !sent.is_disjoint(&wanted) || named(look, domain, zone, &sent).await? => {
            look.kept.keep(&question, "");
            return Ok(None);
        }
        World::Sent(sent) if sent.is_empty() => "doesn't know it".to_owned(),
        World::Sent(sent) => format!("sends people to {}", joined(&sent)),
        _ => "sends people to name servers that don't answer for it".to_owned(),
    };
    Ok(Some(finding(
        format!("the zone {domain} isn't delegated to Route 53: DNS {sent}"),
        format!(
            "where the domain is registered, or in the zone above it, name {} as the name servers of {domain}; or set \
             `check_delegation = false` in `[ecs]` if Gantry's own name server doesn't see the public DNS",
            joined(&wanted)
        ),
    )))
}

/// Whether the zone itself says these names: its owner may have given Route 53's name servers names of their own (Route
/// 53 developer guide, "Configuring white-label name servers").
async fn named(look: &Look<'_>, domain: &str, zone: &str, sent: &BTreeSet<String>) -> Result<bool> {
    if sent.is_empty() {
        return Ok(false);
    }
    let sets = records(look.aws, zone, Some(domain)).await?;
    let own = sets.iter().filter(|set| set.r#type() == &RrType::Ns).flat_map(ResourceRecordSet::resource_records);
    Ok(own.into_iter().any(|record| sent.contains(&lower(record.value()))))
}

fn lower(server: &str) -> String {
    plain(server).to_ascii_lowercase()
}

fn joined(servers: &BTreeSet<String>) -> String {
    servers.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// Who is to be asked.
fn resolvers(dns: Dns) -> Vec<SocketAddr> {
    match dns {
        Dns::Only(one) => one.into_iter().collect(),
        Dns::System => {
            let text = std::fs::read("/etc/resolv.conf").unwrap_or_default();
            let read = resolv_conf::Config::parse(text).map(|config| config.nameservers).unwrap_or_default();
            let addresses = read.into_iter().map(|server| SocketAddr::new(IpAddr::from(server), PORT));
            addresses.take(ASKED).collect()
        }
    }
}

async fn world(resolvers: &[SocketAddr], domain: &str) -> World {
    match ask(resolvers, domain, RecordType::NS).await {
        Some((ResponseCode::NoError | ResponseCode::NXDomain, answers)) => {
            let servers = answers.iter().filter_map(|data| match data {
                RData::NS(server) => Some(lower(&server.0.to_string())),
                _ => None,
            });
            World::Sent(servers.collect())
        }
        Some((ResponseCode::ServFail, _)) => World::Lost,
        _ => World::Unknown,
    }
}

/// Whether DNS finds one of the name servers themselves.
async fn knows(resolvers: &[SocketAddr], servers: &BTreeSet<String>) -> bool {
    let Some(server) = servers.first() else { return false };
    matches!(ask(resolvers, server, RecordType::A).await, Some((ResponseCode::NoError, answers)) if !answers.is_empty())
}

/// The first answer of one of them; none where none of them answers in time.
async fn ask(resolvers: &[SocketAddr], name: &str, kind: RecordType) -> Option<(ResponseCode, Vec<RData>)> {
    let name = Name::from_ascii(format!("{name}.")).ok()?;
    for resolver in resolvers {
        let stream = UdpClientStream::builder(*resolver, TokioRuntimeProvider::new()).with_timeout(Some(PATIENCE));
        let (mut client, background) = Client::<TokioRuntimeProvider>::from_sender(stream.build());
        let background = tokio::spawn(background);
        let answer = client.query(name.clone(), DNSClass::IN, kind).await;
        background.abort();
        match answer {
            Ok(answer) => {
                let data = answer.answers.iter().map(|record| record.data.clone());
                return Some((answer.response_code, data.collect()));
            }
            Err(error) => tracing::debug!(%resolver, %error, "a name server doesn't answer"),
        }
    }
    None
}
