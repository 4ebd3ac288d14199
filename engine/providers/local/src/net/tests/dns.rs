//! Questions to the DNS server, over UDP and TCP, in messages that hickory's client side writes and reads.

use super::bed::{ANY, soon};
use crate::net::{BadZone, Data, DnsServer, Record};
use hickory_proto::op::{Edns, Message, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

const ZONE: &str = "dev.shop.localhost";

fn record(name: &str, data: Data) -> Record {
    Record { name: name.to_owned(), ttl: 30, data }
}

fn records() -> Vec<Record> {
    let address = |last| Data::A([127, 0, 0, last].into());
    vec![
        record("api.dev.shop.localhost", address(2)),
        record("api.dev.shop.localhost", address(3)),
        record("api.dev.shop.localhost", address(4)),
        record("www.dev.shop.localhost", Data::Cname("api.dev.shop.localhost".into())),
        record("away.dev.shop.localhost", Data::Cname("example.org".into())),
        record("round.dev.shop.localhost", Data::Cname("about.dev.shop.localhost".into())),
        record("about.dev.shop.localhost", Data::Cname("round.dev.shop.localhost".into())),
        record("_mark.dev.shop.localhost", Data::Txt("m".repeat(300))),
        record("a.b.dev.shop.localhost", Data::Aaaa(std::net::Ipv6Addr::LOCALHOST)),
        record("*.any.dev.shop.localhost", address(9)),
    ]
}

async fn server() -> DnsServer {
    let server = DnsServer::start(ANY).await.unwrap();
    server.set_zone(ZONE, &records()).unwrap();
    server
}

fn question(name: &str, kind: RecordType) -> Message {
    let mut message = Message::query();
    message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
    message
}

async fn udp(addr: SocketAddr, message: &Message) -> Message {
    let socket = UdpSocket::bind(ANY).await.unwrap();
    socket.send_to(&message.to_vec().unwrap(), addr).await.unwrap();
    let mut octets = [0; 4096];
    let count = soon("a datagram", socket.recv(&mut octets)).await.unwrap();
    let reply = Message::from_vec(&octets[..count]).unwrap();
    assert_eq!(reply.metadata.id, message.metadata.id);
    reply
}

async fn tcp(addr: SocketAddr, message: &Message) -> Message {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let octets = message.to_vec().unwrap();
    stream.write_u16(octets.len().try_into().unwrap()).await.unwrap();
    stream.write_all(&octets).await.unwrap();
    let count = soon("a length", stream.read_u16()).await.unwrap();
    let mut octets = vec![0; count.into()];
    soon("a message", stream.read_exact(&mut octets)).await.unwrap();
    Message::from_vec(&octets).unwrap()
}

/// The reply in one line: code, flags, answers, and what else it carries.
async fn ask(server: &DnsServer, name: &str, kind: RecordType) -> String {
    let message = question(name, kind);
    let (one, other) = (udp(server.addr(), &message).await, tcp(server.addr(), &message).await);
    let tell = |reply: Message| {
        let mut answers: Vec<_> =
            reply.answers.iter().map(|record| format!("{} {}", record.name, record.data)).collect();
        answers.sort();
        let soa = reply.authorities.iter().map(|record| format!(" +{} {}", record.record_type(), record.ttl));
        let authoritative = if reply.metadata.authoritative { "aa " } else { "" };
        format!("{authoritative}{:?} {}{}", reply.metadata.response_code, answers.join(", "), soa.collect::<String>())
    };
    let (one, other) = (tell(one), tell(other));
    assert_eq!(one, other, "UDP and TCP agree on {name}");
    one.trim().to_owned()
}

#[tokio::test]
async fn answers_what_is_there() {
    let server = server().await;
    let api = "api.dev.shop.localhost. 127.0.0.2, api.dev.shop.localhost. 127.0.0.3, api.dev.shop.localhost. 127.0.0.4";
    assert_eq!(ask(&server, "api.dev.shop.localhost", RecordType::A).await, format!("aa NoError {api}"));
    assert_eq!(
        ask(&server, "www.dev.shop.localhost", RecordType::A).await,
        format!("aa NoError {api}, www.dev.shop.localhost. api.dev.shop.localhost."),
        "an alias is followed within the zone"
    );
    assert_eq!(
        ask(&server, "away.dev.shop.localhost", RecordType::A).await,
        "aa NoError away.dev.shop.localhost. example.org.",
        "and left to the resolver where it leads elsewhere"
    );
    assert!(ask(&server, "round.dev.shop.localhost", RecordType::A).await.starts_with("aa NoError"));
    assert_eq!(
        ask(&server, "what.ever.any.dev.shop.localhost", RecordType::A).await,
        "aa NoError what.ever.any.dev.shop.localhost. 127.0.0.9"
    );
    let mark = ask(&server, "_mark.dev.shop.localhost", RecordType::TXT).await;
    assert_eq!(mark.matches('m').count(), "_mark".matches('m').count() + 300, "{mark}");
    assert_eq!(ask(&server, ZONE, RecordType::NS).await, "aa NoError dev.shop.localhost. ns.dev.shop.localhost.");
    assert_eq!(
        ask(&server, "ns.dev.shop.localhost", RecordType::A).await,
        "aa NoError ns.dev.shop.localhost. 127.0.0.1"
    );
    assert!(ask(&server, ZONE, RecordType::SOA).await.starts_with("aa NoError dev.shop.localhost. ns.dev.shop"));
}

#[tokio::test]
async fn tells_no_such_name_from_no_such_record_and_refuses_the_rest() {
    let server = server().await;
    for (name, kind) in [("api.dev.shop.localhost", RecordType::AAAA), ("b.dev.shop.localhost", RecordType::A)] {
        assert_eq!(ask(&server, name, kind).await, "aa NoError  +SOA 5", "{name} is there, without such a record");
    }
    for name in ["nobody.dev.shop.localhost", "x.api.dev.shop.localhost"] {
        assert_eq!(ask(&server, name, RecordType::A).await, "aa NXDomain  +SOA 5", "{name}");
    }
    for name in ["example.org", "shop.localhost", "xdev.shop.localhost", "."] {
        assert_eq!(ask(&server, name, RecordType::A).await, "Refused", "{name}");
    }
    assert_eq!(ask(&server, ZONE, RecordType::AXFR).await, "Refused");
    let mut update = question(ZONE, RecordType::SOA);
    update.metadata.op_code = OpCode::Notify;
    assert_eq!(udp(server.addr(), &update).await.metadata.response_code, ResponseCode::NotImp);
    let mut later = question("api.dev.shop.localhost", RecordType::A);
    later.set_edns(Edns::new().set_version(1).clone());
    let code = udp(server.addr(), &later).await.metadata.response_code;
    assert_eq!(u16::from(code), 16, "BADVERS (RFC 6891, 6.1.3), which shares its number with BADSIG");
}

#[tokio::test]
async fn answers_rotate_and_keep_the_askers_spelling() {
    let server = server().await;
    let mut first = BTreeSet::new();
    for _ in 0..3 {
        let reply = udp(server.addr(), &question("API.dev.Shop.localhost", RecordType::A)).await;
        assert_eq!(reply.answers[0].name.to_ascii(), "API.dev.Shop.localhost.");
        first.insert(reply.answers[0].data.to_string());
    }
    assert_eq!(first.len(), 3, "each address was first once");
}

#[tokio::test]
async fn what_does_not_fit_a_datagram_comes_over_tcp() {
    let server = server().await;
    let many: Vec<_> = (0..60).map(|n| record("many.dev.shop.localhost", Data::Txt(format!("{n:0>50}")))).collect();
    server.set_zone(ZONE, &many).unwrap();
    let message = question("many.dev.shop.localhost", RecordType::TXT);
    let cut = udp(server.addr(), &message).await;
    assert!(cut.metadata.truncation && cut.answers.len() < 60);
    let whole = tcp(server.addr(), &message).await;
    assert!(!whole.metadata.truncation);
    assert_eq!(whole.answers.len(), 60);
}

#[tokio::test]
async fn zones_are_replaced_whole_and_go() {
    let server = server().await;
    let outside = [record("www.example.org", Data::A([127, 0, 0, 1].into()))];
    assert!(matches!(server.set_zone(ZONE, &outside), Err(BadZone::Outside { .. })));
    let crowded = [
        record("x.dev.shop.localhost", Data::Cname("y.dev.shop.localhost".into())),
        record("x.dev.shop.localhost", Data::A([127, 0, 0, 1].into())),
    ];
    assert_eq!(server.set_zone(ZONE, &crowded), Err(BadZone::Crowded("x.dev.shop.localhost.".into())));
    assert!(ask(&server, "api.dev.shop.localhost", RecordType::A).await.contains("127.0.0.2"), "as it was");

    let inner = [record("x.a.dev.shop.localhost", Data::A([127, 0, 0, 7].into()))];
    server.set_zone("a.dev.shop.localhost", &inner).unwrap();
    assert!(ask(&server, "x.a.dev.shop.localhost", RecordType::A).await.ends_with("127.0.0.7"));
    server.set_zone(ZONE, &[]).unwrap();
    assert_eq!(ask(&server, "api.dev.shop.localhost", RecordType::A).await, "aa NXDomain  +SOA 5");
    assert!(server.remove_zone(ZONE) && !server.remove_zone(ZONE));
    assert_eq!(ask(&server, "api.dev.shop.localhost", RecordType::A).await, "Refused");
    soon("the stop", server.shutdown()).await;
}
