//! What a proxy does to headers: takes out those meant for one hop, adds who asked for what.
//!
//! Message framing (lengths, chunking) is hyper's business, which writes those headers itself.

use http::header::{
    CONNECTION, EXPECT, FORWARDED, HOST, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION,
    TE, TRAILER, TRANSFER_ENCODING, UPGRADE, VIA,
};
use std::net::IpAddr;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Headers that are meant for the next hop only, besides those that `Connection` names (RFC 9110, 7.6.1).
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Where a proxy stands, which decides whose word on forwarding it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// First in line: what a client says of forwarding is its own invention and is replaced.
    Edge,
    /// Between services of one machine: adds to what is there.
    Inside,
}

/// The protocol that this message wants to switch to (or did switch to), if it says so properly.
pub(super) fn upgrade(headers: &HeaderMap) -> Option<HeaderValue> {
    let wants = connection_options(headers).any(|option| option.eq_ignore_ascii_case("upgrade"));
    headers.get(UPGRADE).filter(|_| wants).cloned()
}

/// Takes out what was meant for this hop only, except a switch of protocols, which concerns both ends.
pub(super) fn strip(headers: &mut HeaderMap) {
    let upgrade = upgrade(headers);
    let named: Vec<HeaderName> = connection_options(headers).filter_map(|name| name.parse().ok()).collect();
    for name in HOP_BY_HOP.iter().chain(&named) {
        headers.remove(name);
    }
    if let Some(protocol) = upgrade {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, protocol);
    }
}

/// Makes a request's headers ready for the next hop.
pub(super) fn prepare(headers: &mut HeaderMap, place: Place, peer: IpAddr) {
    strip(headers);
    // Waiting for `100 Continue` ends here: hyper sends it as soon as the body is read.
    headers.remove(EXPECT);
    if place == Place::Edge {
        for name in [FORWARDED, FORWARDED_FOR, FORWARDED_HOST, FORWARDED_PROTO] {
            headers.remove(name);
        }
    }
    let mut hops =
        headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(", ");
    if !hops.is_empty() {
        hops.push_str(", ");
    }
    hops.push_str(&peer.to_canonical().to_string());
    if let Ok(value) = HeaderValue::try_from(hops) {
        headers.insert(FORWARDED_FOR, value);
    }
    if !headers.contains_key(FORWARDED_HOST)
        && let Some(host) = headers.get(HOST).cloned()
    {
        headers.insert(FORWARDED_HOST, host);
    }
    headers.entry(FORWARDED_PROTO).or_insert(HeaderValue::from_static("http"));
    headers.append(VIA, HeaderValue::from_static("1.1 gantry"));
}

fn connection_options(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lists = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).map(str::trim).filter(|option| !option.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        map
    }

    fn text(headers: &HeaderMap) -> Vec<String> {
        let mut lines: Vec<_> =
            headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        lines.sort();
        lines
    }

    #[test]
    fn what_is_meant_for_one_hop_stays_here() {
        let mut map = headers(&[
            ("connection", "close, X-Private"),
            ("keep-alive", "timeout=5"),
            ("proxy-authorization", "for us"),
            ("te", "trailers"),
            ("x-private", "1"),
            ("x-public", "2"),
        ]);
        strip(&mut map);
        assert_eq!(text(&map), ["x-public: 2"]);
    }

    #[test]
    fn a_switch_of_protocols_travels() {
        let mut map = headers(&[("connection", "keep-alive, Upgrade"), ("upgrade", "websocket")]);
        strip(&mut map);
        assert_eq!(text(&map), ["connection: upgrade", "upgrade: websocket"]);
        let mut unnamed = headers(&[("upgrade", "h2c")]);
        strip(&mut unnamed);
        assert!(unnamed.is_empty(), "an upgrade that `Connection` doesn't name is none");
    }

    #[test]
    fn the_edge_says_who_asked_and_inside_it_is_added_to() {
        let mut map = headers(&[("host", "www.x"), ("x-forwarded-for", "1.2.3.4"), ("x-forwarded-host", "evil")]);
        prepare(&mut map, Place::Edge, [127, 0, 0, 1].into());
        assert_eq!(
            text(&map),
            [
                "host: www.x",
                "via: 1.1 gantry",
                "x-forwarded-for: 127.0.0.1",
                "x-forwarded-host: www.x",
                "x-forwarded-proto: http"
            ]
        );
        map.insert(HOST, HeaderValue::from_static("inner"));
        prepare(&mut map, Place::Inside, [127, 0, 0, 2].into());
        assert_eq!(map[FORWARDED_FOR], "127.0.0.1, 127.0.0.2");
        assert_eq!(map[FORWARDED_HOST], "www.x");
    }
}
