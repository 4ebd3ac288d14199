//! Five thousand requests that aren't Slack's, over the real socket: each is refused as it should be, and none leaves a
//! trace. What is counted is what could grow: rows of the store, and requests that are remembered.

use super::super::replays::MOST;
use super::super::signature::Seal;
use super::*;
use futures::{StreamExt, stream};
use gantry_testkit::dice::Dice;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Good requests, each of which is replayed again and again.
const GOOD: usize = 25;

/// Bad ones.
const BAD: u64 = 5_000;

/// How many are on their way at once.
const AT_ONCE: usize = 32;

fn command(id: &str) -> Vec<u8> {
    COMMAND.replace("1.2.a", id).into_bytes()
}

/// Sends bytes as they are, says that no more come, and reads the answer's status; none where there was no answer.
async fn raw(address: SocketAddr, bytes: Vec<u8>) -> Option<u16> {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    // It may have answered and closed before it read all.
    let _cut = stream.write_all(&bytes).await;
    let _gone = stream.shutdown().await;
    let mut answer = Vec::new();
    let _reset = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).split(' ').nth(1)?.parse().ok()
}

impl Bed {
    /// A signed request's bytes up to its body, with a length of one's own.
    fn head(&self, body: &[u8], length: usize) -> Vec<u8> {
        let letter = self.letter("/slack/commands", body);
        let (at, signature) = (letter.sent_at, letter.signature.unwrap_or_default());
        format!(
            "POST {} HTTP/1.1\r\nhost: bot\r\n{SENT_AT}: {at}\r\n{SIGNATURE}: {signature}\r\ncontent-length: {length}\r\n\r\n",
            letter.path
        )
        .into_bytes()
    }

    /// One that is refused: which kind, its status, and the one that it should have.
    async fn refused(&self, n: u64) -> (&'static str, Option<u16>, &'static [Option<u16>]) {
        let mut dice = Dice::new(n);
        let body = command(&format!("bad-{n}"));
        let now = self.clock.now().as_second();
        match n % 5 {
            0 => {
                let somebody = SigningSecret::new(&format!("a secret of {}", dice.roll()).into());
                let signature = Some(somebody.sign(now, &body));
                let letter = Letter { signature, ..self.letter("/slack/commands", body) };
                ("forged", Some(self.send(letter).await.0.as_u16()), &[Some(401)])
            }
            1 => {
                let off = i64::try_from(301 + dice.below(100_000)).expect("a small number");
                let sent_at = if dice.percent(50) { now - off } else { now + off };
                let signature = Some(self.secret.sign(sent_at, &body));
                let letter = Letter { sent_at, signature, ..self.letter("/slack/commands", body) };
                ("stale", Some(self.send(letter).await.0.as_u16()), &[Some(401)])
            }
            2 => {
                let again = command(&format!("good-{}", dice.below(GOOD as u64)));
                let status = self.send(self.letter("/slack/commands", again)).await.0;
                ("replayed", Some(status.as_u16()), &[Some(401)])
            }
            3 => {
                // It says how long it is, so nobody has to wait for it; now and then all of it comes.
                let (length, whole) =
                    (BODY_LIMIT + 1 + usize::try_from(dice.below(1 << 30)).expect("small"), n % 500 == 3);
                let mut bytes = self.head(&body, if whole { BODY_LIMIT + 1 } else { length });
                bytes.extend(if whole { vec![b'x'; BODY_LIMIT + 1] } else { body });
                // Where it is closed while more is coming, the answer can be lost on the way.
                let fine: &[Option<u16>] = if whole { &[Some(413), None] } else { &[Some(413)] };
                ("oversized", raw(self.intake.address(), bytes).await, fine)
            }
            _ => {
                let mut bytes = self.head(&body, body.len());
                bytes.extend(&body[..usize::try_from(dice.below(body.len() as u64)).expect("small")]);
                ("cut", raw(self.intake.address(), bytes).await, &[Some(400), None])
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_that_arent_slacks_are_refused_and_leave_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Arc::new(SqliteStore::open(&dir.path().join("gantry.db")).await.expect("a database"));
    let bed = Bed::over(Arc::<SqliteStore>::clone(&store)).await;
    let remembered = || bed.gate.replays.0.lock().expect("nobody panicked").len();
    for n in 0..GOOD {
        assert_eq!(bed.status("/slack/commands", command(&format!("good-{n}"))).await, StatusCode::OK);
    }
    let all = stream::iter(0..BAD).map(|n| bed.refused(n)).buffer_unordered(AT_ONCE);
    let wrong: Vec<_> = all.filter(|(_, status, fine)| std::future::ready(!fine.contains(status))).collect().await;
    assert!(wrong.is_empty(), "{} of {BAD}, such as {:?}", wrong.len(), wrong.first());
    assert_eq!((bed.stored().await.len(), remembered()), (GOOD, GOOD));

    // Whose time is over needn't be remembered.
    bed.clock.advance(SignedDuration::from_secs(301));
    assert_eq!(bed.status("/slack/commands", command("later")).await, StatusCode::OK);
    assert_eq!((bed.stored().await.len(), remembered()), (GOOD + 1, 1));
    bed.intake.stop().await;
    store.close().await;
}

#[test]
fn what_is_remembered_is_bounded_and_the_newest() {
    let (replays, clock) = (Replays::default(), ManualClock::default());
    let secret = SigningSecret::new(&"signing, in a test".into());
    let now = clock.now();
    let seal = |n: usize| -> Seal {
        let (body, mut headers) = (n.to_string().into_bytes(), http::HeaderMap::new());
        let sent_at = now.as_second() + i64::from(n >= MOST);
        headers.insert(SENT_AT, sent_at.to_string().parse().expect("a header"));
        headers.insert(SIGNATURE, secret.sign(sent_at, &body).parse().expect("a header"));
        secret.check(&headers, &body, now).expect("it is signed")
    };
    (0..MOST + 500).for_each(|n| replays.remember(seal(n), now));
    assert_eq!(replays.0.lock().expect("nobody panicked").len(), MOST);
    assert!((MOST..MOST + 500).all(|n| replays.knows(&seal(n))));
}
