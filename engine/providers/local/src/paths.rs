//! Where everything of the runtime lies below its state directory, for the daemon and its client alike.
//!
//! Names only; nothing is read or created here, but the record of a socket that had to move.

use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// `sun_path` holds 108 bytes including the final zero (unix(7)); some slack for the file that is renamed into place.
const LONGEST_SOCKET_PATH: usize = 100;

/// The layout of `<dir>/runtime`.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    root: PathBuf,
}

impl Paths {
    /// The layout below an absolute state directory.
    pub(crate) fn new(dir: &Path) -> Self {
        Self { root: dir.join("runtime") }
    }

    /// The runtime's own directory.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Held by the one daemon.
    pub(crate) fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// What a detached daemon writes.
    pub(crate) fn log(&self) -> PathBuf {
        self.root.join("daemon.log")
    }

    /// The ports that the daemon chose.
    pub(crate) fn ports(&self) -> PathBuf {
        self.root.join("ports.json")
    }

    /// One file per wanted object.
    pub(crate) fn objects(&self) -> PathBuf {
        self.root.join("objects")
    }

    /// One wanted object.
    pub(crate) fn object(&self, id: &str) -> PathBuf {
        self.objects().join(format!("{id}.json"))
    }

    /// One directory per task.
    pub(crate) fn tasks(&self) -> PathBuf {
        self.root.join("tasks")
    }

    /// One directory per volume.
    pub(crate) fn volume(&self, id: &str) -> PathBuf {
        self.root.join("volumes").join(id)
    }

    /// Says where the socket is, for people and for tools that can't compute it.
    pub(crate) fn socket_record(&self) -> PathBuf {
        self.root.join("socket")
    }

    /// The socket: in the directory, or, where that path is too long for a socket's address, in a private directory
    /// below the system's temporary one, under a name that is a function of the long path.
    pub(crate) fn socket(&self) -> PathBuf {
        let near = self.root.join("api.sock");
        if near.as_os_str().len() <= LONGEST_SOCKET_PATH {
            return near;
        }
        let digest = Sha256::digest(near.as_os_str().as_encoded_bytes());
        std::env::temp_dir().join(format!("gantry-{}", hex::encode(&digest[..8]))).join("api.sock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_path_always_fits() {
        let short = Paths::new(Path::new("/var/lib/gantry"));
        assert_eq!(short.socket(), Path::new("/var/lib/gantry/runtime/api.sock"));
        let long = Paths::new(&Path::new("/x").join("y".repeat(200)));
        assert!(long.socket().as_os_str().len() <= LONGEST_SOCKET_PATH);
        assert_eq!(long.socket(), long.socket());
        assert_ne!(long.socket(), Paths::new(&Path::new("/x").join("z".repeat(200))).socket());
    }
}
