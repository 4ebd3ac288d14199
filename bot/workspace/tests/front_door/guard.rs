//! Who may act as people: not a foreign page, not somebody without the token, not the bot.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;

use crate::bed::Bed;

fn get(bed: &Bed, path: &str, headers: &[(&str, &str)]) -> Request<Full<Bytes>> {
    let mut request = Request::get(format!("{}{path}", bed.running.base_url()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Full::default()).unwrap()
}

#[tokio::test]
async fn control_needs_its_own_token() {
    let bed = Bed::start().await;
    let secrets = bed.secrets().clone();
    let status = async |token: &str| {
        let header = format!("Bearer {token}");
        bed.request(get(&bed, "/_/state", &[("authorization", &header)])).await.unwrap().status
    };
    assert_eq!(status(&secrets.control_token).await, 200);
    assert_eq!(status(&secrets.bot_token).await, 401, "the bot can't act as a person");
    assert_eq!(status(&secrets.app_token).await, 401);
    assert_eq!(status("").await, 401);
    assert_eq!(bed.request(get(&bed, "/_/state", &[])).await.unwrap().status, 401);
    let in_address = format!("/_/state?token={}", secrets.control_token);
    assert_eq!(bed.request(get(&bed, &in_address, &[])).await.unwrap().status, 401, "not from the address");
    let reply =
        bed.raw_call("auth.test", Some(&secrets.control_token), crate::bed::Body::Form(Vec::new())).await.unwrap();
    assert_eq!(reply.json()["error"], "invalid_auth", "and people can't act as the bot");
}

#[tokio::test]
async fn foreign_names_and_pages_are_turned_away() {
    let bed = Bed::start().await;
    let token = format!("Bearer {}", bed.secrets().control_token);
    let port = bed.running.base_url().rsplit(':').next().unwrap().to_owned();
    let localhost = format!("localhost:{port}");
    let rebound = format!("evil.example:{port}");
    let own = bed.running.base_url().to_owned();
    for (headers, status) in [
        (vec![("host", localhost.as_str())], 200),
        (vec![("host", rebound.as_str())], 403),
        (vec![("host", "127.0.0.1")], 200),
        (vec![("host", "evil.example")], 403),
        (vec![("origin", "http://127.0.0.1")], 403),
        (vec![("origin", own.as_str())], 200),
        (vec![("origin", "http://evil.example")], 403),
        (vec![("origin", "null")], 403),
        (vec![("origin", "https://localhost")], 403),
    ] {
        for path in ["/_/state", "/"] {
            let mut all = headers.clone();
            all.push(("authorization", &token));
            assert_eq!(bed.request(get(&bed, path, &all)).await.unwrap().status, status, "{path} {headers:?}");
        }
    }
}

#[tokio::test]
async fn it_listens_on_this_machine_only() {
    let mut config = gantry_workspace::WorkspaceConfig::new(std::sync::Arc::new(|| jiff::Timestamp::UNIX_EPOCH));
    config.bind = "0.0.0.0:0".parse().unwrap();
    let error = gantry_workspace::Workspace::start(config).await.unwrap_err().to_string();
    assert!(error.contains("loopback"), "{error}");
}

#[tokio::test]
async fn no_secret_shows_in_debug_output() {
    let bed = Bed::start().await;
    let shown = format!("{:?} {:?} {:?}", bed.running, bed.secrets(), bed.people);
    let secrets = bed.secrets();
    for secret in [&secrets.bot_token, &secrets.app_token, &secrets.control_token] {
        assert!(!shown.contains(secret.as_str()), "{shown}");
    }
}
