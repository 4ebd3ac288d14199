//! The authoritative DNS server: hickory's sockets and message format in front of our own zones.
//!
//! Answers for its zones and refuses everything else: it is no resolver, so it can't be used to reach anything.

use super::zone::{Answer, Zones};
use hickory_proto::op::{Edns, Metadata, OpCode, ResponseCode};
use hickory_server::Server;
use hickory_server::net::runtime::Time;
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::MessageResponseBuilder;
use serde::{Deserialize, Serialize};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::Mutex;

/// How long a TCP connection may be silent (RFC 7766, 6.2.3 speaks of a few seconds).
const TCP_IDLE: Duration = Duration::from_secs(10);

/// How many answers may wait to be read on one TCP connection.
const TCP_ANSWERS: usize = 32;

/// The largest answer over UDP that isn't cut into fragments on its way (DNS flag day 2020).
const UDP_PAYLOAD: u16 = 1232;

/// How often a free port is looked for that TCP and UDP both have.
const PORT_TRIES: usize = 16;

/// One record of a zone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Record {
    /// The full name (`api.dev.shop.localhost`), in or at the zone's origin; `*` as the first label is a wildcard.
    pub name: String,
    /// Seconds that a resolver may keep it.
    pub ttl: u32,
    /// What it says.
    pub data: Data,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Data {
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// A text; longer ones than 255 octets are sent in pieces, as the format wants it.
    Txt(String),
    /// Another name for this one; nothing else may stand at a name that has it.
    Cname(String),
}

/// Why a zone is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadZone {
    /// A name that can't be one.
    #[error("`{0}` isn't a DNS name; use labels of at most 63 characters joined by dots, 253 in all")]
    Name(String),
    /// A record that lies outside of the zone.
    #[error("`{name}` isn't in the zone `{origin}`; give names that end in it")]
    Outside {
        /// The record's name.
        name: String,
        /// The zone's.
        origin: String,
    },
    /// An alias beside another record.
    #[error("`{0}` has a CNAME and another record; a CNAME must stand alone (RFC 1034, 3.6.2)")]
    Crowded(String),
}

/// An authoritative DNS server over UDP and TCP on one port. Dropping it closes everything at once.
pub struct DnsServer {
    addr: SocketAddr,
    zones: Arc<RwLock<Zones>>,
    server: Mutex<Server<Handler>>,
}

impl std::fmt::Debug for DnsServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DnsServer").field("addr", &self.addr).finish_non_exhaustive()
    }
}

impl DnsServer {
    /// Binds the same port for UDP and TCP and serves; names outside of its zones are REFUSED.
    ///
    /// # Errors
    /// When the address can't be bound for both.
    pub async fn start(bind: SocketAddr) -> io::Result<Self> {
        let (udp, tcp) = bind_both(bind).await?;
        let addr = udp.local_addr()?;
        let zones = Arc::new(RwLock::default());
        let mut server = Server::new(Handler { zones: zones.clone(), turn: AtomicUsize::new(0) });
        server.register_socket(udp);
        server.register_listener(tcp, TCP_IDLE, TCP_ANSWERS);
        Ok(Self { addr, zones, server: Mutex::new(server) })
    }

    /// Where it listens, for UDP and TCP.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Puts a zone in place of the one with this origin, whole. The SOA and NS records are the server's own.
    ///
    /// # Errors
    /// [`BadZone`] says which record can't be served; the zone stays as it was then.
    pub fn set_zone(&self, origin: &str, records: &[Record]) -> Result<(), BadZone> {
        let server = match self.addr.ip() {
            ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            ip => ip,
        };
        self.zones.write().unwrap_or_else(PoisonError::into_inner).set(origin, records, server)
    }

    /// Takes a zone away; whether there was one.
    pub fn remove_zone(&self, origin: &str) -> bool {
        self.zones.write().unwrap_or_else(PoisonError::into_inner).remove(origin)
    }

    /// Stops serving.
    pub async fn shutdown(&self) {
        if let Err(error) = self.server.lock().await.shutdown_gracefully().await {
            tracing::debug!(%error, "the name server ended badly");
        }
    }
}

/// Both sockets on one port. Asked for any port, it takes one that TCP has free and hopes that UDP has it too.
async fn bind_both(bind: SocketAddr) -> io::Result<(UdpSocket, TcpListener)> {
    let tries = if bind.port() == 0 { PORT_TRIES } else { 1 };
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..tries {
        let tcp = TcpListener::bind(bind).await?;
        match UdpSocket::bind(tcp.local_addr()?).await {
            Ok(udp) => return Ok((udp, tcp)),
            Err(error) => last = error,
        }
    }
    Err(last)
}

struct Handler {
    zones: Arc<RwLock<Zones>>,
    turn: AtomicUsize,
}

impl Handler {
    fn answer(&self, request: &Request) -> Answer {
        if request.edns.as_ref().is_some_and(|edns| edns.version() > 0) {
            return Answer::only(ResponseCode::BADVERS);
        }
        if request.metadata.op_code != OpCode::Query {
            return Answer::only(ResponseCode::NotImp);
        }
        match request.request_info() {
            Ok(info) => {
                let turn = self.turn.fetch_add(1, Ordering::Relaxed);
                let zones = self.zones.read().unwrap_or_else(PoisonError::into_inner);
                zones.answer(info.query.original(), turn)
            }
            Err(_) => Answer::only(ResponseCode::FormErr),
        }
    }
}

#[async_trait::async_trait]
impl RequestHandler for Handler {
    async fn handle_request<R: ResponseHandler, T: Time>(&self, request: &Request, mut respond: R) -> ResponseInfo {
        let answer = self.answer(request);
        let mut metadata = Metadata::response_from_request(&request.metadata);
        metadata.response_code = answer.code;
        metadata.authoritative = matches!(answer.code, ResponseCode::NoError | ResponseCode::NXDomain);
        let edns = request.edns.as_ref().map(|asked| {
            let mut edns = Edns::new();
            edns.set_max_payload(asked.max_payload().clamp(512, UDP_PAYLOAD)).set_version(0);
            edns
        });
        let mut builder = MessageResponseBuilder::from_message_request(request);
        if let Some(edns) = &edns {
            builder.edns(edns);
        }
        let response = builder.build(metadata, &answer.answers, &[], &answer.soa, &[]);
        match respond.send_response(response).await {
            Ok(info) => info,
            Err(error) => {
                tracing::debug!(%error, "failed to send a dns answer");
                metadata.response_code = ResponseCode::ServFail;
                hickory_proto::op::Header { metadata, counts: hickory_proto::op::HeaderCounts::default() }.into()
            }
        }
    }
}
