//! The digest that a tag leads to, asked of any registry with the OCI distribution API, as anybody may ask.
//!
//! Three requests at most (the manifest, a token, the manifest again), over the HTTP connector that the SDK brings: a
//! registry client of a library would bring a second HTTP stack, and much that isn't needed here (layers, uploads,
//! credentials of people). Private registries other than ECR aren't asked: that would need credentials of theirs.

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use gantry_engine::provider::ProviderError;
use serde::Deserialize;
use std::time::Duration;

type Result<T> = std::result::Result<T, ProviderError>;

/// How long a registry may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What manifests there are (OCI distribution specification, "Pulling manifests"; Docker's own before that).
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

/// What a registry says of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// Its digest, `sha256:..`.
    Digest(String),
    /// There is no such repository or tag.
    Missing,
    /// Not for everybody.
    Private,
}

/// The digest of a tag.
///
/// # Errors
/// Where the registry can't be asked.
pub(super) async fn digest(repository: &str, tag: &str) -> Result<Answer> {
    let place = Place::of(repository);
    let settings = HttpConnectorSettings::builder().connect_timeout(PATIENCE).read_timeout(PATIENCE).build();
    let tls = tls::Provider::Rustls(CryptoMode::Ring);
    let http = Connector::builder().tls_provider(tls).connector_settings(settings).build();
    let manifest = format!("{}/v2/{}/manifests/{tag}", place.url, place.name);
    let mut answer = ask(&http, "HEAD", &manifest, None).await?;
    if answer.status().as_u16() == 401 {
        let Some(challenge) = answer.headers().get("www-authenticate").and_then(Challenge::read) else {
            return Ok(Answer::Private);
        };
        let Some(token) = token(&http, &challenge, &place).await? else { return Ok(Answer::Private) };
        answer = ask(&http, "HEAD", &manifest, Some(&token)).await?;
    }
    match answer.status().as_u16() {
        200 => {
            let digest = answer.headers().get("docker-content-digest").filter(|digest| digest.starts_with("sha256:"));
            let unsaid = || ProviderError::Transient(format!("the registry of {repository} doesn't say digests"));
            digest.map(|digest| Answer::Digest(digest.to_owned())).ok_or_else(unsaid)
        }
        404 => Ok(Answer::Missing),
        401 | 403 => Ok(Answer::Private),
        429 => Err(ProviderError::Throttled { again: Duration::from_secs(30) }),
        status => Err(ProviderError::Transient(format!("the registry of {repository} answered HTTP {status}"))),
    }
}

/// A token for everybody, where there is one.
async fn token(http: &Connector, challenge: &Challenge, place: &Place) -> Result<Option<String>> {
    /// Docker's name for it, and OAuth's.
    #[derive(Deserialize)]
    struct Given {
        token: Option<String>,
        access_token: Option<String>,
    }
    let scope = format!("repository:{}:pull", place.name);
    let joint = if challenge.realm.contains('?') { '&' } else { '?' };
    let url = format!("{}{joint}service={}&scope={scope}", challenge.realm, challenge.service);
    let mut answer = ask(http, "GET", &url, None).await?;
    if !answer.status().is_success() {
        return Ok(None);
    }
    let body = ByteStream::new(answer.take_body()).collect().await;
    let body = body.map_err(|error| ProviderError::Transient(format!("{url}: {error}")))?.into_bytes();
    let given: Option<Given> = serde_json::from_slice(&body).ok();
    Ok(given.and_then(|given| given.token.or(given.access_token)))
}

async fn ask(http: &Connector, method: &str, url: &str, token: Option<&str>) -> Result<HttpResponse> {
    let wrong = |error: &dyn std::fmt::Display| ProviderError::Invalid(format!("{url} can't be asked: {error}"));
    let mut request = HttpRequest::new(SdkBody::empty());
    request.set_method(method).map_err(|error| wrong(&error))?;
    request.set_uri(url).map_err(|error| wrong(&error))?;
    request.headers_mut().insert("accept", if method == "HEAD" { MANIFESTS } else { "application/json" });
    if let Some(token) = token {
        request.headers_mut().insert("authorization", format!("Bearer {token}"));
    }
    let reached = http.call(request).await;
    reached.map_err(|error| ProviderError::Transient(format!("{url} couldn't be reached ({error})")))
}

/// Where a repository is.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    url: String,
    name: String,
}

impl Place {
    /// As container runtimes read an image's name: what comes before the first slash is a host if it looks like one; what
    /// has none is Docker Hub's. A registry on this machine speaks plain HTTP.
    fn of(repository: &str) -> Self {
        let host = repository.split_once('/').filter(|(first, _)| first.contains(['.', ':']) || *first == "localhost");
        let Some((host, name)) = host else {
            let name = if repository.contains('/') { repository.to_owned() } else { format!("library/{repository}") };
            return Self { url: "https://registry-1.docker.io".to_owned(), name };
        };
        let host = if host == "docker.io" { "registry-1.docker.io" } else { host };
        let bare = host.split(':').next().unwrap_or(host);
        let scheme = if matches!(bare, "localhost" | "127.0.0.1") { "http" } else { "https" };
        Self { url: format!("{scheme}://{host}"), name: name.to_owned() }
    }
}

/// Where a token is given (distribution specification of Docker, "Token authentication").
#[derive(Debug, PartialEq, Eq)]
struct Challenge {
    realm: String,
    service: String,
}

impl Challenge {
    fn read(header: &str) -> Option<Self> {
        let rest = header.strip_prefix("Bearer ")?;
        let value = |key: &str| {
            let start = rest.find(&format!("{key}=\""))? + key.len() + 2;
            rest[start..].split('"').next().map(ToOwned::to_owned)
        };
        Some(Self { realm: value("realm")?, service: value("service").unwrap_or_default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

    #[test]
    fn names_lead_to_registries() {
        let place = |url: &str, name: &str| Place { url: url.to_owned(), name: name.to_owned() };
        assert_eq!(Place::of("nginx"), place("https://registry-1.docker.io", "library/nginx"));
        assert_eq!(Place::of("shop/web"), place("https://registry-1.docker.io", "shop/web"));
        assert_eq!(Place::of("ghcr.io/shop/web"), place("https://ghcr.io", "shop/web"));
        assert_eq!(Place::of("localhost:5000/web"), place("http://localhost:5000", "web"));
    }

    #[test]
    fn a_challenge_says_where_tokens_are() {
        let read = Challenge::read("Bearer realm=\"https://auth.example.com/token\",service=\"registry\",scope=\"x\"");
        let there = Challenge { realm: "https://auth.example.com/token".to_owned(), service: "registry".to_owned() };
        assert_eq!(read, Some(there));
        assert_eq!(Challenge::read("Basic realm=\"x\""), None);
    }

    /// A registry that wants a token: `web:1` is there, `web:2` isn't, `own` isn't for everybody.
    async fn registry() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let own = host.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (host, mut socket) = (own.clone(), BufReader::new(socket));
                let (mut first, mut head) = (String::new(), String::new());
                socket.read_line(&mut first).await.unwrap();
                while !head.ends_with("\r\n\r\n") && socket.read_line(&mut head).await.unwrap() > 2 {}
                let (status, more, body) = match first.split(' ').nth(1).unwrap() {
                    token if token.starts_with("/token") && token.contains("own") => ("401 No", String::new(), ""),
                    token if token.starts_with("/token") => ("200 OK", String::new(), r#"{"token":"t0"}"#),
                    _ if !head.to_lowercase().contains("authorization: bearer t0") => {
                        let realm = format!("WWW-Authenticate: Bearer realm=\"http://{host}/token\",service=\"s\"\r\n");
                        ("401 No", realm, "")
                    }
                    "/v2/web/manifests/1" => ("200 OK", "Docker-Content-Digest: sha256:0a\r\n".to_owned(), ""),
                    _ => ("404 No", String::new(), ""),
                };
                let head =
                    format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{more}\r\n", body.len());
                socket.get_mut().write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            }
        });
        host
    }

    #[tokio::test]
    async fn a_digest_is_asked_for_as_anybody_may() {
        let host = registry().await;
        let ask = |name: &str, tag: &'static str| {
            let repository = format!("{host}/{name}");
            async move { digest(&repository, tag).await }
        };
        assert_eq!(ask("web", "1").await, Ok(Answer::Digest("sha256:0a".to_owned())));
        assert_eq!(ask("web", "2").await, Ok(Answer::Missing));
        assert_eq!(ask("own", "1").await, Ok(Answer::Private));
        let nobody = digest("127.0.0.1:1/web", "1").await;
        assert!(matches!(nobody, Err(ProviderError::Transient(_))), "{nobody:?}");
    }
}
