//! A connection to the Web API: bounded in time, with errors that don't carry bodies.

use super::codes::{self, LIMITED};
use crate::metrics;
use bytes::Bytes;
use gantry_engine::names::{ChannelId, UserId};
use http::Request;
use http::header::AUTHORIZATION;
use http_body_util::Empty;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use slack_morphism::errors::SlackClientError;
use slack_morphism::prelude::SlackClientHyperConnector;
use slack_morphism::{SlackApiToken, SlackApiTokenValue};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The longest that one call may take; the library sets no limit.
const CALL: Duration = Duration::from_secs(15);

/// How long to wait when Slack says "too many" and not for how long (docs.slack.dev, "Rate limits": tiers are by the
/// minute, one message a second per channel).
const UNTOLD_WAIT: Duration = Duration::from_secs(1);

pub(super) type Connector = SlackClientHyperConnector<HttpsConnector<HttpConnector>>;
pub(super) type Morphism = slack_morphism::SlackClient<Connector>;

/// Who the bot is, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Its own user.
    pub me: UserId,
    /// The workspace's name.
    pub team: String,
    /// Its id.
    pub team_id: String,
    /// The organisation that it belongs to, if it does.
    pub enterprise_id: Option<String>,
}

/// Why there is no connection, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Connecting {
    /// A token was refused.
    #[error("Slack refuses the {which} token ({code}): {remedy}")]
    Refused {
        /// Which.
        which: &'static str,
        /// Slack's error code.
        code: String,
        /// What to do.
        remedy: &'static str,
    },
    /// No answer.
    #[error("{url} doesn't answer: {why}; is it the right address, and is the network there?")]
    Unreachable {
        /// Which address.
        url: String,
        /// Why.
        why: String,
    },
    /// No certificates to trust.
    #[error("the machine's certificates can't be read: {0}; install the package ca-certificates")]
    Certificates(String),
}

/// One call that didn't work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CallError {
    /// Slack says no, with this code.
    Code(String),
    /// Too many calls.
    Limited(Duration),
    /// No usable answer; the call may have had its effect.
    Lost(String),
}

impl std::fmt::Display for CallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(f, "Slack says {code}"),
            Self::Limited(wait) => write!(f, "too many calls; again in {} s", wait.as_secs()),
            Self::Lost(why) => write!(f, "no answer: {why}"),
        }
    }
}

/// A client of the Web API.
#[derive(Clone)]
pub struct SlackClient {
    pub(super) morphism: Arc<Morphism>,
    bot_token: SlackApiToken,
    api_url: String,
    /// Where the token is from.
    pub(super) team: Arc<Team>,
    /// Direct conversations, by person: they never change.
    pub(super) directs: Arc<Mutex<BTreeMap<ChannelId, ChannelId>>>,
}

/// A workspace, as its users' fields name it.
#[derive(Debug, Default)]
pub(super) struct Team {
    pub(super) team_id: String,
    /// The organisation that it belongs to, if it does.
    pub(super) enterprise_id: Option<String>,
}

impl std::fmt::Debug for SlackClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SlackClient")
    }
}

/// A client that may open sockets.
pub struct Sockets {
    pub(super) client: SlackClient,
    pub(super) app_token: SlackApiToken,
}

/// Where a list goes on (docs.slack.dev, "Pagination").
#[derive(Deserialize, Default)]
pub(super) struct Metadata {
    /// Empty at the end.
    #[serde(default)]
    pub(super) next_cursor: String,
}

#[derive(Deserialize)]
struct AuthTest {
    user_id: String,
    #[serde(default)]
    team: String,
    #[serde(default)]
    team_id: String,
    #[serde(default)]
    enterprise_id: Option<String>,
}

#[derive(Deserialize)]
struct Anything {}

impl SlackClient {
    /// Connects with the bot's token (`xoxb-`), and checks it: the library itself would loop for ever on a bad one.
    ///
    /// # Errors
    /// [`Connecting`] says that the token is refused, or that nobody answers.
    pub async fn connect(api_url: &str, bot: &SecretString) -> Result<(Self, Identity), Connecting> {
        let mut client = Self::new(api_url, bot)?;
        let remedy = "take the Bot User OAuth Token from the app's page \"OAuth & Permissions\"";
        let who: AuthTest = match client.post("auth.test", &serde_json::json!({})).await {
            Ok(who) => who,
            Err(error) => return Err(client.refusal(error, "bot", remedy)),
        };
        let AuthTest { user_id, team, team_id, enterprise_id } = who;
        client.team = Arc::new(Team { team_id: team_id.clone(), enterprise_id: enterprise_id.clone() });
        Ok((client, Identity { me: UserId::new(user_id), team, team_id, enterprise_id }))
    }

    /// A client that asks nothing first: who it is, is known from an earlier [`SlackClient::connect`].
    ///
    /// # Errors
    /// [`Connecting::Certificates`].
    pub fn known(api_url: &str, bot: &SecretString, identity: &Identity) -> Result<Self, Connecting> {
        let Identity { team_id, enterprise_id, .. } = identity.clone();
        Ok(Self { team: Arc::new(Team { team_id, enterprise_id }), ..Self::new(api_url, bot)? })
    }

    fn new(api_url: &str, bot: &SecretString) -> Result<Self, Connecting> {
        let connector = Connector::with_connector(connector(api_url)?).with_slack_api_url(api_url);
        Ok(Self {
            morphism: Arc::new(Morphism::new(connector)),
            bot_token: token(bot),
            api_url: api_url.to_owned(),
            team: Arc::default(),
            directs: Arc::default(),
        })
    }

    /// Asks for the right to open sockets with the app's token (`xapp-`), and checks that too.
    ///
    /// # Errors
    /// [`Connecting`] says that the token is refused, or that nobody answers.
    pub async fn sockets(&self, app: &SecretString) -> Result<Sockets, Connecting> {
        let sockets = Sockets { client: self.clone(), app_token: token(app) };
        let remedy = "make one with the scope connections:write on the app's page \"Basic Information\"";
        match sockets.open_connection().await {
            Ok(()) => Ok(sockets),
            Err(error) => Err(self.refusal(error, "app", remedy)),
        }
    }

    /// The rights that the bot's token has, as Slack tells them with every answer; none where it doesn't tell.
    ///
    /// # Errors
    /// [`Connecting`], where nobody answers.
    pub async fn granted(&self) -> Result<Option<BTreeSet<String>>, Connecting> {
        let unreachable =
            |why: &dyn std::fmt::Display| Connecting::Unreachable { url: self.api_url.clone(), why: why.to_string() };
        // The library keeps headers to itself.
        let client = Client::builder(TokioExecutor::new()).build(connector(&self.api_url)?);
        let request = Request::post(format!("{}/auth.test", self.api_url))
            .header(AUTHORIZATION, format!("Bearer {}", self.bot_token.token_value.0))
            .body(Empty::<Bytes>::new())
            .map_err(|error| unreachable(&error))?;
        let answer = tokio::time::timeout(CALL, client.request(request)).await;
        let answer = answer.map_err(|error| unreachable(&error))?.map_err(|_| unreachable(&"the connection failed"))?;
        let told = answer.headers().get("x-oauth-scopes").and_then(|scopes| scopes.to_str().ok());
        let names = |told: &str| told.split(',').map(|name| name.trim().to_owned()).collect();
        Ok(told.map(names))
    }

    fn refusal(&self, error: CallError, which: &'static str, remedy: &'static str) -> Connecting {
        match error {
            CallError::Code(code) if !codes::passes(&code) => Connecting::Refused { which, code, remedy },
            other => Connecting::Unreachable { url: self.api_url.clone(), why: other.to_string() },
        }
    }

    pub(super) async fn post<T: DeserializeOwned + Send>(
        &self,
        method: &'static str,
        body: &serde_json::Value,
    ) -> Result<T, CallError> {
        let session = self.morphism.open_session(&self.bot_token);
        answer(method, session.http_session_api.http_post(method, body, None)).await
    }

    /// Methods that read take no JSON body (docs.slack.dev, "Using the Slack Web API").
    pub(super) async fn get<T: DeserializeOwned + Send>(
        &self,
        method: &'static str,
        params: &[(&str, &str)],
    ) -> Result<T, CallError> {
        let session = self.morphism.open_session(&self.bot_token);
        let params: Vec<(&str, Option<&str>)> = params.iter().map(|(name, value)| (*name, Some(*value))).collect();
        answer(method, session.http_session_api.http_get(method, &params, None)).await
    }
}

impl Sockets {
    /// Asks for a socket's address, to see that the app's token is good. The address isn't used.
    async fn open_connection(&self) -> Result<(), CallError> {
        let session = self.client.morphism.open_session(&self.app_token);
        let (method, body) = ("apps.connections.open", serde_json::json!({}));
        let call = session.http_session_api.http_post::<_, Anything>(method, &body, None);
        answer(method, call).await.map(drop)
    }
}

fn token(secret: &SecretString) -> SlackApiToken {
    SlackApiToken::new(SlackApiTokenValue(secret.expose_secret().to_owned()))
}

async fn answer<T>(
    method: &'static str,
    call: impl Future<Output = Result<T, SlackClientError>>,
) -> Result<T, CallError> {
    let answer = match tokio::time::timeout(CALL, call).await {
        Err(_) => Err(CallError::Lost(format!("nothing within {} s", CALL.as_secs()))),
        Ok(answer) => answer.map_err(|error| redacted(&error)),
    };
    let outcome = match &answer {
        Ok(_) => "ok",
        Err(CallError::Code(_)) => "error",
        Err(CallError::Limited(_)) => "rate_limited",
        Err(CallError::Lost(_)) => "lost",
    };
    metrics::called(method, outcome);
    answer
}

/// The library's own texts carry whole bodies, and so could carry what nobody should read.
fn redacted(error: &SlackClientError) -> CallError {
    match error {
        SlackClientError::ApiError(api) if LIMITED.contains(&api.code.as_str()) => CallError::Limited(UNTOLD_WAIT),
        SlackClientError::ApiError(api) => CallError::Code(api.code.clone()),
        SlackClientError::RateLimitError(limit) => CallError::Limited(limit.retry_after.unwrap_or(UNTOLD_WAIT)),
        SlackClientError::HttpError(http) => CallError::Lost(format!("HTTP status {}", http.status_code)),
        SlackClientError::HttpProtocolError(_) => CallError::Lost("the connection failed".to_owned()),
        SlackClientError::ProtocolError(_) => CallError::Lost("the answer isn't what was expected".to_owned()),
        _ => CallError::Lost("the connection ended".to_owned()),
    }
}

/// A connector that trusts the machine's certificates; for a workspace on this machine none are needed.
fn connector(api_url: &str) -> Result<HttpsConnector<HttpConnector>, Connecting> {
    let builder = HttpsConnectorBuilder::new();
    let builder = if api_url.starts_with("http://") {
        let none = rustls::RootCertStore::empty();
        builder.with_tls_config(rustls::ClientConfig::builder().with_root_certificates(none).with_no_client_auth())
    } else {
        builder.with_native_roots().map_err(|error| Connecting::Certificates(error.to_string()))?
    };
    let builder = if api_url.starts_with("http://") { builder.https_or_http() } else { builder.https_only() };
    Ok(builder.enable_http1().build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_shows_no_token() {
        let token = token(&SecretString::from("of-somebody"));
        assert!(!format!("{token:?} {:?}", token.token_value).contains("of-somebody"));
    }
}
