//! Plain connections through a balancer.

use super::bed::{ANY, nobody, soon, until};
use crate::net::{Backends, Balancer, Mode};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Reads each connection to its end, only then answers with its name and what it read.
async fn reader(name: &'static str, tasks: &mut JoinSet<()>) -> SocketAddr {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let addr = listener.local_addr().unwrap();
    tasks.spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut said = String::new();
            stream.read_to_string(&mut said).await.unwrap();
            stream.write_all(format!("{name}:{said}").as_bytes()).await.unwrap();
        }
    });
    addr
}

async fn ask(addr: SocketAddr, question: &str) -> String {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(question.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    soon("an answer", stream.read_to_string(&mut answer)).await.unwrap();
    answer
}

#[tokio::test]
async fn connections_take_turns_and_half_closed_ones_are_answered() {
    let mut tasks = JoinSet::new();
    let (a, b) = (reader("a", &mut tasks).await, reader("b", &mut tasks).await);
    let balancer = Balancer::start(ANY, Mode::Tcp, Backends::new(vec![a, b, nobody().await])).await.unwrap();
    let mut answers = Vec::new();
    for _ in 0..6 {
        answers.push(ask(balancer.addr(), "hello").await);
    }
    for name in ["a:hello", "b:hello"] {
        let count = answers.iter().filter(|answer| *answer == name).count();
        assert!(count >= 2, "{name} is in turn too: {answers:?}");
    }
}

#[tokio::test]
async fn an_empty_set_closes_connections_and_a_stop_closes_open_ones() {
    let backends = Backends::new(vec![]);
    let balancer = Balancer::start(ANY, Mode::Tcp, backends.clone()).await.unwrap();
    let mut stream = TcpStream::connect(balancer.addr()).await.unwrap();
    assert_eq!(soon("an end", stream.read(&mut [0; 1])).await.unwrap(), 0);

    let mut tasks = JoinSet::new();
    let addr = reader("a", &mut tasks).await;
    backends.set(vec![addr]);
    let mut open = TcpStream::connect(balancer.addr()).await.unwrap();
    until("the connection to be carried", || backends.in_flight(addr) == 1).await;
    soon("the stop", balancer.shutdown()).await;
    assert_eq!(soon("an end", open.read(&mut [0; 1])).await.unwrap_or(0), 0);
    assert_eq!(backends.in_flight(addr), 0);
}
