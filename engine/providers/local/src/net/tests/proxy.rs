//! HTTP through the edge proxy and through balancers.

use super::bed::{ANY, Site, Wire, get, nobody, soon, until};
use crate::net::edge::EdgeProxy;
use crate::net::forward::Limits;
use crate::net::{Backends, Balancer, HostName, Mode};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

async fn edge(name: &str, backends: &Arc<Backends>) -> EdgeProxy {
    let edge = EdgeProxy::start(ANY).await.unwrap();
    edge.set_routes(BTreeMap::from([(HostName::new(name).unwrap(), backends.clone())]));
    edge
}

/// A server that reads each connection's first octets and closes it without a word; counts them.
async fn crasher() -> (SocketAddr, Arc<AtomicUsize>, JoinSet<()>) {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let (addr, hits) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let (mut tasks, counted) = (JoinSet::new(), hits.clone());
    tasks.spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.read_exact(&mut [0; 64]).await.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    (addr, hits, tasks)
}

#[tokio::test]
async fn routes_by_name_whatever_its_case_and_port() {
    let (a, b) = (Site::named("a").await, Site::named("b").await);
    let edge = EdgeProxy::start(ANY).await.unwrap();
    let route = |name, site: &Site| (HostName::new(name).unwrap(), Backends::new(vec![site.addr]));
    edge.set_routes(BTreeMap::from([route("www.dev.shop.localhost", &a), route("api.dev.shop.localhost", &b)]));
    assert!(get(edge.addr(), "www.dev.shop.localhost").await.body.starts_with("a 0 127.0.0.1 www.dev.shop"));
    assert!(get(edge.addr(), "API.dev.Shop.localhost:8080").await.body.starts_with("b "));

    let unknown = get(edge.addr(), "secret.dev.shop.localhost").await;
    assert_eq!((unknown.status, &*unknown.body), (404, "no environment serves this name\n"));
    edge.set_routes(BTreeMap::new());
    assert_eq!(get(edge.addr(), "www.dev.shop.localhost").await.status, 404);
}

#[tokio::test]
async fn a_request_must_name_one_host() {
    let edge = EdgeProxy::start(ANY).await.unwrap();
    for hosts in ["", "Host: a\r\nHost: b\r\n", "Host: a b\r\n"] {
        let mut wire = Wire::open(edge.addr()).await;
        wire.send(&format!("GET / HTTP/1.1\r\n{hosts}\r\n")).await;
        assert_eq!(wire.reply().await.status, 400, "{hosts:?}");
    }
    let site = Site::named("a").await;
    let edge = self::edge("www.x", &Backends::new(vec![site.addr])).await;
    let mut wire = Wire::open(edge.addr()).await;
    wire.send("GET http://www.x/ HTTP/1.1\r\nHost: other\r\n\r\n").await;
    assert_eq!(wire.reply().await.status, 200, "a whole URL as the target goes before the host header");
    wire.send("CONNECT www.x:80 HTTP/1.1\r\nHost: www.x\r\n\r\n").await;
    assert_eq!(wire.reply().await.status, 405);
}

#[tokio::test]
async fn what_a_client_says_of_forwarding_is_not_believed() {
    let site = Site::named("a").await;
    let edge = edge("www.x", &Backends::new(vec![site.addr])).await;
    let mut wire = Wire::open(edge.addr()).await;
    wire.send("GET / HTTP/1.1\r\nHost: www.x\r\nX-Forwarded-For: 6.6.6.6\r\nTE: trailers\r\n\r\n").await;
    assert_eq!(wire.reply().await.body, "a 0 127.0.0.1 www.x http -");
}

#[tokio::test]
async fn a_balancer_takes_turns_by_request_even_on_one_connection() {
    let sites = [Site::named("a").await, Site::named("b").await, Site::named("c").await];
    let backends = Backends::new(sites.iter().map(|site| site.addr).collect());
    let balancer = Balancer::start(ANY, Mode::Http, backends).await.unwrap();
    let mut wire = Wire::open(balancer.addr()).await;
    let mut counts = BTreeMap::new();
    for _ in 0..9 {
        let reply = wire.get("api").await;
        *counts.entry(reply.body.chars().next().unwrap()).or_insert(0) += 1;
    }
    assert_eq!(counts, BTreeMap::from([('a', 3), ('b', 3), ('c', 3)]));
}

#[tokio::test]
async fn a_task_that_does_not_listen_is_passed_over_with_the_body_whole() {
    let site = Site::named("a").await;
    let backends = Backends::new(vec![nobody().await, site.addr, nobody().await]);
    let balancer = Balancer::start(ANY, Mode::Http, backends).await.unwrap();
    for _ in 0..4 {
        let mut wire = Wire::open(balancer.addr()).await;
        wire.send("POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 5\r\n\r\nhello").await;
        assert!(wire.reply().await.body.starts_with("a 5 "));
    }
}

#[tokio::test]
async fn a_request_that_may_have_had_an_effect_is_not_repeated() {
    let (addr, hits, _tasks) = crasher().await;
    let balancer = Balancer::start(ANY, Mode::Http, Backends::new(vec![addr])).await.unwrap();
    let padding = format!("X-Padding: {}\r\n", "x".repeat(64));
    let mut wire = Wire::open(balancer.addr()).await;
    wire.send(&format!("POST / HTTP/1.1\r\nHost: api\r\n{padding}Content-Length: 2\r\n\r\nhi")).await;
    let reply = wire.reply().await;
    assert_eq!((reply.status, &*reply.body), (502, "the service broke off before it answered\n"));
    assert_eq!(hits.load(Ordering::SeqCst), 1);

    wire.send(&format!("GET / HTTP/1.1\r\nHost: api\r\n{padding}\r\n")).await;
    assert_eq!(wire.reply().await.status, 502);
    assert_eq!(hits.load(Ordering::SeqCst), 3, "a GET may be repeated, once");
}

#[tokio::test]
async fn the_proxys_own_answers_say_what_is_wrong() {
    let backends = Backends::new(vec![]);
    let edge = edge("www.x", &backends).await;
    let none = get(edge.addr(), "www.x").await;
    assert_eq!((none.status, &*none.body), (503, "no task serves this right now; try again in a moment\n"));
    assert!(none.head.contains("retry-after: 1"));

    backends.set(vec![nobody().await]);
    let dead = get(edge.addr(), "www.x").await;
    assert_eq!((dead.status, &*dead.body), (502, "none of the service's tasks accepts a connection\n"));

    let silent = TcpListener::bind(ANY).await.unwrap();
    backends.set(vec![silent.local_addr().unwrap()]);
    let limits = Limits { response: Duration::from_millis(50), ..Limits::default() };
    let hasty = EdgeProxy::start_with(ANY, limits).await.unwrap();
    hasty.set_routes(BTreeMap::from([(HostName::new("www.x").unwrap(), backends.clone())]));
    assert_eq!(get(hasty.addr(), "www.x").await.status, 504);
    assert_eq!(backends.in_flight(silent.local_addr().unwrap()), 0);
}

#[tokio::test]
async fn bodies_flow_both_ways_at_once() {
    let site = Site::echo().await;
    let edge = edge("www.x", &Backends::new(vec![site.addr])).await;
    let mut wire = Wire::open(edge.addr()).await;
    wire.send("POST / HTTP/1.1\r\nHost: www.x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n").await;
    let (status, head) = wire.head().await;
    assert_eq!(status, 200);
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
    assert_eq!(wire.read(8).await, "3\r\none\r\n", "the first piece is back before the last was sent");
    wire.send("3\r\ntwo\r\n0\r\n\r\n").await;
    assert_eq!(wire.read(13).await, "3\r\ntwo\r\n0\r\n\r\n");
}

#[tokio::test]
async fn a_switch_of_protocols_passes_and_counts_as_in_flight() {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let addr = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut wire = Wire(tokio::io::BufReader::new(listener.accept().await.unwrap().0));
        while !wire.line().await.is_empty() {}
        wire.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\n").await;
        let said = wire.read(5).await;
        wire.send(&said.to_uppercase()).await;
        let mut rest = String::new();
        wire.0.read_to_string(&mut rest).await.unwrap();
    });
    let backends = Backends::new(vec![addr]);
    let edge = edge("www.x", &backends).await;
    let mut wire = Wire::open(edge.addr()).await;
    wire.send("GET / HTTP/1.1\r\nHost: www.x\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\n").await;
    let (status, head) = wire.head().await;
    assert_eq!(status, 101);
    assert!(head.contains("upgrade: shout"), "{head}");
    wire.send("hello").await;
    assert_eq!(wire.read(5).await, "HELLO");
    backends.set(vec![]);
    assert!(!backends.drained(addr), "the stream is still open");
    drop(wire);
    until("the stream to end", || backends.drained(addr)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_lost_while_tasks_come_and_go() {
    let mut serving = vec![Site::named("old").await, Site::named("old").await];
    let backends = Backends::new(serving.iter().map(|site| site.addr).collect());
    let edge = edge("www.x", &backends).await;
    let (done, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut clients = JoinSet::new();
    for client in 0..6 {
        let (addr, done, count) = (edge.addr(), done.clone(), count.clone());
        clients.spawn(async move {
            let mut wire = Wire::open(addr).await;
            while !done.load(Ordering::SeqCst) {
                if client % 2 == 0 {
                    wire.send("POST / HTTP/1.1\r\nHost: www.x\r\nContent-Length: 2\r\n\r\nhi").await;
                    assert_eq!(wire.reply().await.status, 200);
                } else {
                    assert_eq!(get(addr, "www.x").await.status, 200);
                }
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    for round in 1..=10 {
        until("requests in this round", || count.load(Ordering::SeqCst) >= round * 20).await;
        let fresh = [Site::named("new").await, Site::named("new").await];
        backends.set(fresh.iter().map(|site| site.addr).collect());
        for old in std::mem::replace(&mut serving, fresh.into()) {
            until("a task to drain", || backends.drained(old.addr)).await;
            old.stop().await;
        }
    }
    done.store(true, Ordering::SeqCst);
    // A client that lost a request has panicked, which this passes on.
    soon("the clients", clients.join_all()).await;
}

#[tokio::test]
async fn a_stop_lets_what_is_under_way_finish() {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let edge = Arc::new(edge("www.x", &Backends::new(vec![listener.local_addr().unwrap()])).await);
    let mut wire = Wire::open(edge.addr()).await;
    wire.send("GET / HTTP/1.1\r\nHost: www.x\r\n\r\n").await;
    let (mut task, _) = listener.accept().await.unwrap();
    let stopping = tokio::spawn({
        let edge = edge.clone();
        async move { edge.shutdown().await }
    });
    let addr = edge.addr();
    soon("new connections to be refused", async {
        while TcpStream::connect(addr).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    task.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate").await.unwrap();
    assert_eq!(wire.reply().await.body, "late");
    soon("the proxy to stop", stopping).await.unwrap();
    edge.shutdown().await;
}
