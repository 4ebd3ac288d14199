//! The tokens: made at the first start from the system's randomness (or handed in), kept readable by their owner only,
//! compared in constant time, never shown.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const NAME: &str = "tokens.json";

/// The credentials of a workspace.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secrets {
    /// What the bot calls the Web API with.
    pub bot_token: String,
    /// What the bot opens sockets with.
    pub app_token: String,
    /// What people's tools (the page, the command line) use to act as people.
    pub control_token: String,
    /// The old-style token inside payloads; nobody should rely on it.
    pub verification_token: String,
    /// What requests to the app are signed with. Workspaces that were made before there were such requests have none.
    #[serde(default)]
    pub signing_secret: String,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(..)")
    }
}

/// Why there are no credentials.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The system gave no randomness.
    #[error("the system gave no random bytes for new tokens: {0}")]
    Random(getrandom::Error),
    /// The file can't be read or written.
    #[error("failed to keep the workspace's tokens in {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's word.
        source: io::Error,
    },
    /// The file isn't ours.
    #[error("{} doesn't hold a workspace's tokens: remove it to have new ones made (the bot must then be restarted)", .0.display())]
    Damaged(PathBuf),
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N], SecretsError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(SecretsError::Random)?;
    Ok(bytes)
}

impl Secrets {
    /// New ones.
    pub fn generate() -> Result<Self, SecretsError> {
        let token = |prefix: &str| random::<24>().map(|bytes| format!("{prefix}{}", hex::encode(bytes)));
        Ok(Self {
            bot_token: token("xoxb-workspace-")?,
            app_token: token("xapp-workspace-")?,
            control_token: token("")?,
            verification_token: token("")?,
            signing_secret: token("")?,
        })
    }

    /// Those kept in `dir`, or new ones, kept there from now on.
    pub(crate) fn load_or_generate(dir: &Path) -> Result<Self, SecretsError> {
        let path = dir.join(NAME);
        match fs::read(&path) {
            Ok(bytes) => {
                let mut kept: Self = serde_json::from_slice(&bytes).map_err(|_| SecretsError::Damaged(path))?;
                if kept.signing_secret.is_empty() {
                    kept.signing_secret = Self::generate()?.signing_secret;
                    kept.keep(dir)?;
                }
                Ok(kept)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let secrets = Self::generate()?;
                secrets.keep(dir)?;
                Ok(secrets)
            }
            Err(source) => Err(SecretsError::Io { path, source }),
        }
    }

    pub(crate) fn keep(&self, dir: &Path) -> Result<(), SecretsError> {
        write_private(&dir.join(NAME), self)
    }
}

/// Writes a file that only its owner can read, whole or not at all.
pub(crate) fn write_private(path: &Path, value: &impl Serialize) -> Result<(), SecretsError> {
    let beside = path.with_extension("new");
    let write = || -> io::Result<()> {
        let _ = fs::remove_file(&beside);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        file.write_all(&serde_json::to_vec_pretty(value)?)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(|source| SecretsError::Io { path: path.to_owned(), source })
}

/// Compares without telling by its time how much was right: digests are compared, which a guesser can't steer.
pub(crate) fn same(given: &str, expected: &str) -> bool {
    Sha256::digest(given) == Sha256::digest(expected)
}
