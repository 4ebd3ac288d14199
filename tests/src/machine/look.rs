//! What is there: in the runtime, in the chat, and in the journal once the bot has stopped.

use super::Machine;
use crate::chronicle::mark;
use crate::wait::until;
use gantry::message::MarkState;
use gantry_engine::journal::{Operation, State};
use gantry_engine::ports::{OpFilter, Store};
use gantry_local::api::{Filter, TaskHealth, TaskState, TaskView};
use gantry_store::SqliteStore;
use gantry_workspace::{Client, Message};
use std::collections::BTreeMap;
use std::path::PathBuf;

impl Machine {
    /// The tasks that run, oldest first.
    ///
    /// # Panics
    /// If the runtime doesn't answer.
    pub async fn tasks(&self) -> Vec<TaskView> {
        let all = self.runtime().await.tasks(&Filter::default()).await.expect("the runtime answers");
        all.into_iter().filter(|task| task.state == TaskState::Running).collect()
    }

    /// The healthy tasks of a service.
    pub async fn healthy(&self, service: &str) -> Vec<TaskView> {
        let of =
            |task: &TaskView| task.mark.addr.split('/').nth(1) == Some(service) && task.health == TaskHealth::Healthy;
        self.tasks().await.into_iter().filter(of).collect()
    }

    /// Running tasks by service.
    pub async fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for task in self.tasks().await {
            let service = task.mark.addr.split('/').nth(1).unwrap_or_default().to_owned();
            *counts.entry(service).or_default() += 1;
        }
        counts
    }

    /// Every running task has its process, and there is no process of a task that the runtime doesn't know.
    ///
    /// # Panics
    /// If it isn't so within a while: a task that was told to stop may take its time.
    pub async fn no_orphans(&self) {
        until("each task is one process and each process is a task's", || async {
            let mut known: Vec<u32> = self.tasks().await.iter().filter_map(|task| task.pid?.try_into().ok()).collect();
            let mut there: Vec<u32> = self.processes().into_iter().filter(|pid| is_task(*pid)).collect();
            known.sort_unstable();
            there.sort_unstable();
            (known == there).then_some(())
        })
        .await;
    }

    /// The files of this machine, its database and its logs among them, that hold one of these texts.
    ///
    /// # Panics
    /// If they can't be read.
    #[must_use]
    pub fn files_with(&self, texts: &[&str]) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut open = vec![self.dir.path().to_owned()];
        while let Some(dir) = open.pop() {
            for entry in std::fs::read_dir(dir).expect("a directory of ours").flatten() {
                let (path, kind) = (entry.path(), entry.file_type().expect("a file has a type"));
                if kind.is_dir() {
                    open.push(path);
                } else if kind.is_file() && entry.file_name() != "gantry" {
                    let bytes = std::fs::read(&path).expect("a file of ours can be read");
                    let holds = |text: &&str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
                    if texts.iter().any(holds) {
                        found.push(path);
                    }
                }
            }
        }
        found
    }

    /// A client of the embedded workspace.
    ///
    /// # Panics
    /// If it never ran.
    #[must_use]
    pub fn workspace(&self) -> Client {
        Client::from_dir(&self.state().join("workspace")).expect("the workspace left its address")
    }

    /// The operations' cards in a channel, oldest first, with where they stand.
    pub async fn cards(&self, channel: &str) -> Vec<(Message, State)> {
        let messages = self.workspace().messages("developer", channel, None).await.unwrap_or_default();
        let card = |message: Message| match mark(&message)?.state {
            MarkState::Operation(state) => Some((message, state)),
            _ => None,
        };
        messages.into_iter().filter_map(card).collect()
    }

    /// Waits until there are so many cards in #dev and all of them are over.
    pub async fn over(&self, cards: usize) -> Vec<(Message, State)> {
        until(&format!("{cards} operations are over"), || async {
            let all = self.cards("dev").await;
            let over = all.iter().all(|(_, state)| state.is_closed());
            (all.len() >= cards && over).then_some(all)
        })
        .await
    }

    /// Every operation as its journal tells it, oldest first. Only while the bot is stopped: the journal is its own.
    ///
    /// # Panics
    /// If the bot runs, or the database can't be read.
    pub async fn journal(&self) -> Vec<Operation> {
        assert!(self.bot_pid().is_none(), "the bot runs");
        let store = SqliteStore::open(&self.state().join("gantry.db")).await.expect("the database opens");
        let mut operations = Vec::new();
        for record in store.operations(&OpFilter::default()).await.expect("the store answers") {
            let journal = store.history(record.id, 0).await.expect("the store answers");
            operations.push(Operation::fold(record.id, &journal).expect("a journal that makes sense"));
        }
        store.close().await;
        operations.reverse();
        operations
    }
}

/// Whether a process is a task's main process: it has the marker in its environment, and its parent is the shim.
fn is_task(pid: u32) -> bool {
    let environ = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let arguments = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let has_marker = environ.split(|byte| *byte == 0).any(|variable| variable.starts_with(b"GANTRY_TASK="));
    has_marker && !arguments.split(|byte| *byte == 0).any(|argument| argument == b"shim")
}
