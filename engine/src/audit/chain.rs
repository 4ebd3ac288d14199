//! The audit log as a chain of lines: following it line by line, from its first or from where it was pruned.

use super::{Event, What};
use crate::names::Digest;
use crate::value::Canon;

/// What the first line follows.
pub const NOTHING_BEFORE: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1.
    pub seq: u64,
    /// What happened, exactly as it was written.
    pub body: String,
    /// The digest over this line and the one before.
    pub digest: Digest,
}

impl Line {
    /// What it says.
    ///
    /// # Errors
    /// Where it isn't what this version, or one before it, writes.
    pub fn event(&self) -> Result<Event, serde_json::Error> {
        serde_json::from_str(&self.body)
    }
}

/// Why a log can't be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A line isn't there.
    #[error("line {0} is missing")]
    Missing(u64),
    /// A line, or the one before it, isn't what was written.
    #[error("line {0} isn't what was written there, or doesn't follow the line before it")]
    Changed(u64),
    /// The log begins after a line, and doesn't say itself that those up to there were pruned.
    #[error("it begins after line {0}, and no line of it says that those before were pruned")]
    Anchor(u64),
}

/// The digest of a line that follows another one.
#[must_use]
pub fn digest(before: &Digest, seq: u64, body: &str) -> Digest {
    let mut canon = Canon::new("gantry audit 1");
    canon.text(before.as_str()).text(&seq.to_string()).text(body);
    canon.digest()
}

/// Follows a log line by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The number of the newest line that was followed.
    pub seq: u64,
    /// Its digest.
    pub digest: Digest,
}

impl Default for Chain {
    fn default() -> Self {
        Self { seq: 0, digest: Digest::new(NOTHING_BEFORE) }
    }
}

impl Chain {
    /// Takes the next line.
    ///
    /// # Errors
    /// [`Broken`] where it can't be the next one; nothing after it can be believed.
    pub fn follow(&mut self, line: &Line) -> Result<(), Broken> {
        if line.seq != self.seq + 1 {
            return Err(Broken::Missing(self.seq + 1));
        }
        if digest(&self.digest, line.seq, &line.body) != line.digest {
            return Err(Broken::Changed(line.seq));
        }
        *self = Self { seq: line.seq, digest: line.digest.clone() };
        Ok(())
    }

    /// The line that comes next.
    #[must_use]
    pub fn next(&self, body: String) -> Line {
        let seq = self.seq + 1;
        Line { seq, digest: digest(&self.digest, seq, &body), body }
    }
}

/// Follows a whole log, of which the oldest lines may have been pruned: its own last word on that has to agree with what is
/// kept of them, so that nobody prunes more unseen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    /// How far it was followed.
    pub chain: Chain,
    /// What is kept of the lines that were pruned.
    anchor: Option<Chain>,
    /// What the log says of that.
    told: Option<Chain>,
}

impl Trail {
    /// The trail of a log that begins after a line that was pruned; or with its first.
    #[must_use]
    pub fn after(anchor: Option<Chain>) -> Self {
        Self { chain: anchor.clone().unwrap_or_default(), anchor, told: None }
    }

    /// Takes the next line.
    ///
    /// # Errors
    /// [`Broken`] where it can't be the next one; nothing after it can be believed.
    pub fn follow(&mut self, line: &Line) -> Result<(), Broken> {
        self.chain.follow(line)?;
        if let Ok(Event { what: What::Pruned { upto, digest }, .. }) = line.event() {
            self.told = Some(Chain { seq: upto, digest });
        }
        Ok(())
    }

    /// Whether the whole log can be believed, now that it was followed to its end.
    ///
    /// # Errors
    /// [`Broken::Anchor`] where it doesn't say that its oldest lines were pruned.
    pub fn end(&self) -> Result<(), Broken> {
        if self.told == self.anchor {
            return Ok(());
        }
        Err(Broken::Anchor(self.anchor.as_ref().map_or(0, |anchor| anchor.seq)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(bodies: &[&str]) -> Vec<Line> {
        let mut chain = Chain::default();
        let add = |body: &&str| {
            let line = chain.next((*body).to_owned());
            chain.follow(&line).unwrap();
            line
        };
        bodies.iter().map(add).collect()
    }

    fn followed(lines: &[Line]) -> Result<Chain, Broken> {
        let mut chain = Chain::default();
        lines.iter().try_for_each(|line| chain.follow(line)).map(|()| chain)
    }

    #[test]
    fn whatever_is_done_to_a_line_shows() {
        let lines = log(&["a", "b", "c"]);
        assert_eq!(followed(&lines).unwrap().seq, 3);
        let mut changed = lines.clone();
        changed[1].body = "B".to_owned();
        assert_eq!(followed(&changed), Err(Broken::Changed(2)));
        let mut forged = changed;
        forged[1].digest = digest(&forged[0].digest, 2, "B");
        assert_eq!(followed(&forged), Err(Broken::Changed(3)), "the line after it still stands on the old one");
        assert_eq!(followed(&[lines[0].clone(), lines[2].clone()]), Err(Broken::Missing(2)));
        assert_eq!(followed(&lines[1..]), Err(Broken::Missing(1)));
        let swapped = [lines[1].clone(), lines[0].clone()].map(|line| line.body);
        assert_ne!(log(&swapped.each_ref().map(String::as_str)), lines[..2]);
    }
}
