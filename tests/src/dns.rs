//! One question to one DNS server, over UDP, as a resolver asks it.

use hickory_proto::op::{Message, Query};
use hickory_proto::rr::{Name, RData, RecordType};
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::net::UdpSocket;

/// The longest that an answer may take.
const ANSWER: Duration = Duration::from_secs(5);

/// The addresses of a name, as this server has them; none where the name isn't there.
///
/// # Errors
/// What went wrong, in words.
pub async fn addresses(server: &str, name: &str) -> Result<Vec<Ipv4Addr>, String> {
    let name = Name::from_ascii(format!("{name}.")).map_err(words)?;
    let mut question = Message::query();
    question.add_query(Query::query(name, RecordType::A));
    let socket = UdpSocket::bind("127.0.0.1:0").await.map_err(words)?;
    socket.send_to(&question.to_vec().map_err(words)?, server).await.map_err(words)?;
    let mut octets = [0; 4096];
    let received = tokio::time::timeout(ANSWER, socket.recv(&mut octets)).await;
    let count = received.map_err(|_| format!("{server} didn't answer in time"))?.map_err(words)?;
    let answer = Message::from_vec(&octets[..count]).map_err(words)?;
    let address = |data: &RData| if let RData::A(address) = data { Some(address.0) } else { None };
    Ok(answer.answers.iter().filter_map(|record| address(&record.data)).collect())
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
