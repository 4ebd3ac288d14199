//! Who may come in. A page on the web can make a browser send requests here, and can give its own name our address
//! (DNS rebinding): so the `Host` must be ours, an `Origin` must be ours, and control needs a token that such a page can't know.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, StatusCode, header};

use super::error::ControlError;
use crate::hub::Hub;
use crate::secrets::same;

/// Lets through what was addressed to this machine by one of its own names, and was sent by no foreign page.
pub(crate) async fn local_only(State(hub): State<Arc<Hub>>, request: Request, next: Next) -> Response {
    if is_foreign(&hub.base_url, request.headers()) {
        let message = format!("this workspace answers only to {} and localhost", hub.base_url);
        return ControlError::new(StatusCode::FORBIDDEN, "foreign_request", message).into_response();
    }
    next.run(request).await
}

/// HTTP/1.1 demands a `Host`; whoever leaves it out is no browser, but no proper client either. Slack's Python SDK leaves out
/// the port, which does no harm: a rebinding page can change where its name leads, but not the name. An `Origin`, which only
/// browsers send, must be ours to the port: another local server's page is foreign too.
fn is_foreign(base_url: &str, headers: &HeaderMap) -> bool {
    let own = base_url.trim_start_matches("http://");
    let (ip, port) = own.rsplit_once(':').unwrap_or((own, ""));
    let hosts = [own.to_owned(), format!("localhost:{port}"), ip.to_owned(), "localhost".to_owned()];
    let origins = [base_url.to_owned(), format!("http://localhost:{port}")];
    let host = text(headers, &header::HOST).is_some_and(|host| hosts.iter().any(|own| own == host));
    let origin = text(headers, &header::ORIGIN).is_none_or(|origin| origins.iter().any(|own| own == origin));
    !host || !origin
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"))
}

/// Lets through who has the control token. It isn't taken from the address: those end up in histories and logs.
pub(super) async fn token(State(hub): State<Arc<Hub>>, request: Request, next: Next) -> Response {
    if has_token(&hub, request.headers()) {
        return next.run(request).await;
    }
    let message = "acting as people needs the control token: open the address that was printed at start".to_owned();
    ControlError::new(StatusCode::UNAUTHORIZED, "not_authed", message).into_response()
}

fn has_token(hub: &Hub, headers: &HeaderMap) -> bool {
    let bearer = text(headers, &header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    bearer.is_some_and(|given| same(given, &hub.secrets.control_token))
}
