//! `gantry audit`: the log of who did what, checked and handed out. It changes nothing in the log, and may run beside the bot. A
//! database of an earlier version gets this version's schema first, as at any start.

use super::args::{AuditCommand, AuditForm};
use super::install::DATABASE;
use super::{exit, print};
use crate::report;
use anyhow::Context;
use gantry_engine::audit::{Chain, Line, Trail};
use gantry_engine::names::Digest;
use gantry_engine::ports::{LogFilter, Retention, Store};
use gantry_store::SqliteStore;
use gantry_templates::clean;
use std::path::Path;
use std::process::ExitCode;
use std::str::FromStr;

/// How many lines are read at once.
const PAGE: usize = 1_000;

/// A line that somebody wrote down elsewhere: `NUMBER:DIGEST`, as `verify` prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known(Chain);

impl FromStr for Known {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = "expected NUMBER:DIGEST, as `gantry audit verify` prints it";
        let (seq, digest) = text.split_once(':').ok_or(expected)?;
        let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        let seq = seq.parse().map_err(|_| expected)?;
        if is_digest {
            Ok(Self(Chain { seq, digest: Digest::new(digest.to_ascii_lowercase()) }))
        } else {
            Err(expected)
        }
    }
}

pub(super) async fn run(dir: &Path, what: AuditCommand) -> anyhow::Result<ExitCode> {
    let file = dir.join(DATABASE);
    anyhow::ensure!(file.exists(), "there is no {}; say where state lives with --dir", file.display());
    let store = SqliteStore::open(&file).await?;
    let done = match what {
        AuditCommand::Verify { known } => verify(&store, known.map(|Known(chain)| chain)).await,
        AuditCommand::Export { after, form } => export(&store, after, form).await,
    };
    store.close().await;
    done
}

/// Follows the log from its first line to its last.
async fn verify(store: &SqliteStore, known: Option<Chain>) -> anyhow::Result<ExitCode> {
    let anchor = store.anchor().await?.map(|anchor| anchor.last);
    let mut trail = Trail::after(anchor.clone());
    let mut met = known.is_none() || known == anchor;
    let mut broken = None;
    each(store, 0, |line| {
        broken = trail.follow(line).err();
        met |= known.as_ref() == Some(&trail.chain);
        Ok(broken.is_none())
    })
    .await?;
    let broken = broken.or_else(|| trail.end().err());
    let chain = &trail.chain;
    let first = anchor.map_or(0, |anchor| anchor.seq);
    if broken.is_none() && known.as_ref().is_some_and(|known| known.seq < first) {
        print(&format!(
            "The line that you know was pruned: the log begins after {first}. Compare it with what was exported before.\n"
        ))?;
        return Ok(exit::code(exit::FAILED));
    }
    let seen = format!("{}:{}", chain.seq, chain.digest);
    let (text, code) = match (broken, met) {
        (Some(why), _) => {
            (format!("The audit log can't be believed: {why}. Up to {seen} it is whole.\n"), exit::FAILED)
        }
        (None, false) => {
            (format!("The audit log is whole, but it isn't the one that you know: it ends at {seen}.\n"), exit::FAILED)
        }
        (None, true) => {
            (format!("The audit log is whole: {} lines, the last is {seen}\n", chain.seq - first), exit::DONE)
        }
    };
    print(&text)?;
    Ok(exit::code(code))
}

/// Prints the log, a line each. What can't be believed is printed all the same: `verify` judges.
async fn export(store: &SqliteStore, after: u64, form: AuditForm) -> anyhow::Result<ExitCode> {
    each(store, after, |line| {
        let Line { seq, body, digest } = line;
        let text = match form {
            AuditForm::Json => format!("{{\"seq\":{seq},\"digest\":\"{digest}\",\"event\":{body}}}\n"),
            AuditForm::Text => {
                let event = line.event().with_context(|| format!("line {seq} can't be read"))?;
                format!("{seq} {}\n", clean::plain(report::record_line(&event).text.as_str()))
            }
        };
        print(&text)?;
        Ok(true)
    })
    .await?;
    Ok(exit::code(exit::DONE))
}

/// Hands over line by line, until there are no more or nobody wants them.
async fn each(
    store: &SqliteStore,
    after: u64,
    mut take: impl FnMut(&Line) -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    let mut after = after;
    loop {
        let lines = store.audited(&LogFilter { after, limit: PAGE, ..LogFilter::default() }).await?;
        let Some(last) = lines.last() else { return Ok(()) };
        after = last.seq;
        for line in &lines {
            if !take(line)? {
                return Ok(());
            }
        }
    }
}
