//! What a test wants to know about a town.

use super::Town;
use crate::transcript;
use gantry_engine::address::{Addr, Generation, Mark};
use gantry_engine::environment::Environment;
use gantry_engine::journal::{Operation, Stamped};
use gantry_engine::names::{EnvKey, EnvName, OpId, ProjectName};
use gantry_engine::ports::{OpFilter, OpRecord, Whose};
use gantry_engine::provider::{Handle, Progress, Put, Token};
use gantry_engine::receipt::Found;
use gantry_engine::value::Spec;
use gantry_testkit::fake::kind;

impl Town {
    /// Everything that was said, as plain text.
    #[must_use]
    pub fn transcript(&self) -> String {
        transcript::of(&self.chronicle)
    }

    /// An environment's full name.
    ///
    /// # Panics
    /// If it is no name.
    #[must_use]
    pub fn key(&self, env: &str) -> EnvKey {
        EnvKey {
            project: ProjectName::new("mini-soa").expect("a name"),
            env: EnvName::new(env).expect("a name for an environment"),
        }
    }

    /// An environment's record.
    ///
    /// # Panics
    /// If the store doesn't answer.
    pub async fn environment(&self, env: &str) -> Option<Environment> {
        self.store.environment(&self.key(env)).await.expect("the store answers")
    }

    /// Every operation, oldest first.
    ///
    /// # Panics
    /// If the store doesn't answer.
    pub async fn operations(&self) -> Vec<OpRecord> {
        let mut all = self.store.operations(&OpFilter::default()).await.expect("the store answers");
        all.reverse();
        all
    }

    /// An operation's journal.
    ///
    /// # Panics
    /// If the store doesn't answer.
    pub async fn journal(&self, op: OpId) -> Vec<Stamped> {
        self.store.history(op, 0).await.expect("the store answers")
    }

    /// An operation, as its journal tells it.
    ///
    /// # Panics
    /// If its journal makes no sense.
    pub async fn operation(&self, op: OpId) -> Operation {
        Operation::fold(op, &self.journal(op).await).expect("a journal that makes sense")
    }

    /// What is there by its mark, asked of the outside.
    ///
    /// # Panics
    /// If the platform doesn't answer.
    pub async fn inventory(&self, env: &str) -> Vec<Found> {
        let mut found = Vec::new();
        for platform in self.platforms.values() {
            found.extend(
                platform.inventory(&self.installation, Whose::Env(&self.key(env))).await.expect("the platform answers"),
            );
        }
        found
    }

    /// Makes something that carries the marks of an environment which doesn't live, as if it had been forgotten.
    ///
    /// # Panics
    /// If the fake cloud doesn't make it.
    pub async fn leave_behind(&self, env: &str) {
        let key = self.key(env);
        let addr = Addr::new(&key.env, "network", "forgotten").expect("an address");
        let installation = self.installation.clone();
        let mark = Mark { installation, project: key.project, incarnation: 1, addr, generation: Generation::FIRST };
        let at = Handle { mark, kind: kind::NETWORK, id: None };
        let token = Token("forgotten".to_owned());
        let put = Put { at, token, spec: Spec::new(), replaces: None, tried: None, begun: std::time::Duration::ZERO };
        let driver = self.platforms.values().find_map(|platform| platform.driver(&kind::NETWORK));
        let driver = driver.expect("the fake cloud has networks");
        while !matches!(driver.put(&put).await.expect("it is made"), Progress::Done(_)) {}
    }
}
