//! Whether the world is sent to Route 53 for a zone, by what a DNS server on this machine says of it.

use crate::bed::{Bed, endpoint, installation};
use crate::survey::{environment, findings, furnished, survey};
use gantry_aws::{Ecs, Endpoint};
use hickory_net::proto::op::{Message, ResponseCode};
use hickory_net::proto::rr::rdata::{A, NS};
use hickory_net::proto::rr::{Name, RData, Record, RecordType};
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::UdpSocket;

/// A resolver that says of each name the same: a code, and the name servers that people are sent to. It finds the
/// addresses of all names in `awsdns`, unless it is cut off.
async fn resolver(code: ResponseCode, sent: &[String], is_cut_off: bool) -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let addr = socket.local_addr().unwrap();
    let sent = sent.to_vec();
    tokio::spawn(async move {
        let mut octets = [0; 4096];
        while let Ok((count, from)) = socket.recv_from(&mut octets).await {
            let Ok(asked) = Message::from_vec(&octets[..count]) else { continue };
            let query = asked.queries[0].clone();
            let mut reply = asked.into_response();
            let name = query.name().clone();
            if query.query_type() == RecordType::NS {
                reply.metadata.response_code = code;
                let server = |server: &String| RData::NS(NS(Name::from_ascii(format!("{server}.")).unwrap()));
                reply.add_answers(sent.iter().map(|one| Record::from_rdata(name.clone(), 60, server(one))));
            } else if is_cut_off {
                reply.metadata.response_code = ResponseCode::ServFail;
            } else {
                assert!(name.to_string().contains("awsdns"), "nobody else is looked up: {name}");
                reply.add_answer(Record::from_rdata(name, 60, RData::A(A(Ipv4Addr::LOCALHOST))));
            }
            socket.send_to(&reply.to_vec().unwrap(), from).await.unwrap();
        }
    });
    addr
}

fn asks(bed: &mut Bed, dns: SocketAddr) {
    bed.ecs = Ecs::at(installation(), Endpoint { dns: Some(dns), ..endpoint(&bed.standin) });
}

/// Route 53's own name servers of the zone.
fn given(bed: &Bed) -> Vec<String> {
    let zones = bed.standin.act("route53", "list_hosted_zones", &json!({}));
    let zone = bed.standin.act("route53", "get_hosted_zone", &json!({ "Id": zones["HostedZones"][0]["Id"] }));
    let servers = zone["DelegationSet"]["NameServers"].as_array().unwrap();
    servers.iter().map(|server| server.as_str().unwrap().to_owned()).collect()
}

async fn told(bed: &mut Bed, dns: SocketAddr) -> String {
    asks(bed, dns);
    findings(&survey(bed, &environment(bed, json!({ "zone": "example.com" }))).await)
}

#[tokio::test]
async fn a_zone_that_the_world_is_sent_to_is_well_and_isnt_asked_about_again() {
    let (mut bed, _) = furnished().await;
    let mut servers = given(&bed);
    servers[0].make_ascii_uppercase();
    assert_eq!(told(&mut bed, resolver(ResponseCode::NoError, &servers[..1], false).await).await, "");
    bed.standin.forget_calls();
    assert_eq!(findings(&survey(&bed, &environment(&bed, json!({ "zone": "example.com" }))).await), "");
    assert!(bed.standin.calls().iter().all(|call| call.action != "GetHostedZone"), "it is remembered");
}

#[tokio::test]
async fn a_zone_that_nobody_is_sent_to_is_told_with_its_name_servers() {
    let (mut bed, _) = furnished().await;
    let servers = given(&bed);
    let text = told(&mut bed, resolver(ResponseCode::NXDomain, &[], false).await).await;
    assert!(text.contains("the zone example.com isn't delegated to Route 53: DNS doesn't know it"), "{text}");
    assert!(servers.iter().all(|server| text.contains(server)), "{text}");
    let elsewhere = ["ns1.example.net".to_owned(), "ns2.example.net".to_owned()];
    let text = told(&mut bed, resolver(ResponseCode::NoError, &elsewhere, false).await).await;
    assert!(text.contains("DNS sends people to ns1.example.net, ns2.example.net: where the domain"), "{text}");
    let text = told(&mut bed, resolver(ResponseCode::ServFail, &[], false).await).await;
    assert!(text.contains("DNS sends people to name servers that don't answer for it"), "{text}");
}

#[tokio::test]
async fn where_dns_cant_be_asked_or_shouldnt_be_nothing_is_found() {
    let (mut bed, _) = furnished().await;
    assert_eq!(told(&mut bed, resolver(ResponseCode::ServFail, &[], true).await).await, "", "it reaches nobody");
    assert_eq!(told(&mut bed, resolver(ResponseCode::Refused, &[], false).await).await, "", "it doesn't want to say");
    let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    assert_eq!(told(&mut bed, silent.local_addr().unwrap()).await, "", "it says nothing");
    let wrong = resolver(ResponseCode::NXDomain, &[], false).await;
    asks(&mut bed, wrong);
    let settings = json!({ "zone": "example.com", "check_delegation": false });
    assert_eq!(findings(&survey(&bed, &environment(&bed, settings)).await), "");
}
