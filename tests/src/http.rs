//! As much of an HTTP client as tests need: one request over a connection of its own, with a host name of choice.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::net::TcpStream;

/// The longest that one answer may take.
const ANSWER: Duration = Duration::from_secs(30);

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// Asks for a page by its whole address (`http://www.dev.shop.localhost:8080/`): at the loopback address, under the name
/// that the address has.
///
/// # Errors
/// What went wrong, in words.
pub async fn get(url: &str) -> Result<Answer, String> {
    let rest = url.strip_prefix("http://").ok_or_else(|| format!("`{url}` doesn't begin with http://"))?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let port = authority.rsplit_once(':').map_or("80", |(_, port)| port);
    send("GET", &format!("127.0.0.1:{port}"), authority, &format!("/{path}"), None).await
}

/// Sends one request to an address, with a body of JSON if there is one.
///
/// # Errors
/// What went wrong, in words.
pub async fn send(
    method: &str,
    address: &str,
    host: &str,
    path: &str,
    json: Option<&serde_json::Value>,
) -> Result<Answer, String> {
    let exchange = async {
        let stream = TcpStream::connect(address).await.map_err(words)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(words)?;
        let connection = tokio::spawn(connection);
        let body = json.map(ToString::to_string).unwrap_or_default();
        let request = http::Request::builder().method(method).uri(path).header(http::header::HOST, host);
        let request = request.header(http::header::CONTENT_TYPE, "application/json");
        let request = request.body(Full::new(Bytes::from(body))).map_err(words)?;
        let answer = sender.send_request(request).await.map_err(words)?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.map_err(words)?.to_bytes();
        connection.abort();
        Ok(Answer { status, body: String::from_utf8_lossy(&body).into_owned() })
    };
    tokio::time::timeout(ANSWER, exchange).await.map_err(|_| format!("{address} didn't answer in time"))?
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
