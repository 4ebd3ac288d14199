//! A booth: the bot alone, in memory or with a database on disk, with a chat that only takes notes. For tests that say ten thousand things.
//!
//! What is said goes in where Slack's deliveries go in once they are verified, so it can be anything, also what no
//! well-behaved workspace would send. Sockets, disks and the real time have no part in it.

use async_trait::async_trait;
use gantry::chat::{Chat, ChatError};
use gantry::directory::{Directory, Person, Standing, Unknown};
use gantry::intake::{Incoming, Way};
use gantry::message::{Form, Home, Marked, PostMark};
use gantry::projects::ProjectFiles;
use gantry::run::{App, Parts};
use gantry::slack::{Door, HttpIntake, SigningSecret};
use gantry_engine::apply::Tuning;
use gantry_engine::names::{ChannelId, DeliveryId, Digest, Holder, InstallationId, MessageTs, PlatformName, UserId};
use gantry_engine::ports::{Clock, Keeping, Platform, Platforms, PostKey, Store};
use gantry_store::SqliteStore;
use gantry_testkit::clock::ManualClock;
use gantry_testkit::fake::{FakeCloud, FakePlatform, Weather};
use gantry_testkit::life::Life;
use gantry_testkit::memory_store::MemoryStore;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tempfile::TempDir;

/// The one who speaks: a developer of the example project.
pub const SPEAKER: &str = "U0SPEAKER";
/// The bot.
const ME: &str = "U0GANTRY";
/// The project file's name.
const PROJECT: &str = "gantry.toml";
/// The one channel.
const CHANNEL: &str = "C0DEV";

/// Where there is a disk: how long a step of time takes, and the longest one.
const MOMENT: Duration = Duration::from_millis(4);
const STEP: SignedDuration = SignedDuration::from_secs(1);

/// Who and what a booth is opened with.
pub struct Cast {
    /// The project file.
    pub project: String,
    /// Who is in which group; whoever is in none can speak, too.
    pub groups: Vec<(&'static str, &'static [&'static str])>,
    /// How the bot's process goes.
    pub life: Life,
    /// Whether the store is a database on disk; then its process goes well.
    pub on_disk: bool,
}

impl Default for Cast {
    fn default() -> Self {
        let groups = vec![("developers", [SPEAKER].as_slice())];
        Self { project: crate::EXAMPLE.to_owned(), groups, life: Life::forever(), on_disk: false }
    }
}

/// A bot alone.
pub struct Booth {
    /// The journal's home.
    pub store: Arc<dyn Store>,
    /// The outside.
    pub cloud: FakeCloud,
    /// Time.
    pub clock: Arc<ManualClock>,
    app: App,
    on_disk: bool,
    notes: Arc<Notes>,
    dir: TempDir,
}

/// A message as the bot sent it.
#[derive(Debug, Clone)]
pub struct Note {
    /// What makes it findable.
    pub mark: PostMark,
    /// The text for notifications.
    pub text: String,
    /// The blocks.
    pub blocks: Vec<Value>,
}

#[derive(Default)]
struct Notes(Mutex<Vec<Note>>);

impl Booth {
    /// Opens a booth with the example project.
    ///
    /// # Panics
    /// If the bot doesn't start.
    pub async fn open() -> Self {
        Self::with(Cast::default()).await
    }

    /// Opens a booth with people and a project of one's choice.
    ///
    /// # Panics
    /// If the bot doesn't start.
    pub async fn with(Cast { project, groups, life, on_disk }: Cast) -> Self {
        let dir = tempfile::tempdir().expect("there is room for files");
        let file = dir.path().join(PROJECT);
        std::fs::write(&file, project).expect("the project file can be written");
        let clock = Arc::new(ManualClock::default());
        let (store, port): (Arc<dyn Store>, Arc<dyn Store>) = if on_disk {
            let store = SqliteStore::open(&dir.path().join("gantry.db")).await.expect("the database opens");
            let store = Arc::new(store);
            (store.clone(), store)
        } else {
            let store = MemoryStore::new();
            let port = Arc::new(store.seen_by(&life));
            (Arc::new(store), port)
        };
        let projects = ProjectFiles::open(vec![file], port.clone(), clock.clone()).await.expect("a project file");
        let cloud = FakeCloud::new(Weather::FAIR);
        let platform: Arc<dyn Platform> = Arc::new(FakePlatform::seen_by(&cloud, &life));
        let notes = Arc::<Notes>::default();
        let parts = Parts {
            store: port,
            platforms: Platforms::from([(PlatformName::new("local").expect("a name"), platform)]),
            projects: Arc::new(projects),
            clock: clock.clone(),
            chat: notes.clone(),
            directory: Arc::new(Groups(groups)),
            installation: InstallationId::new("booth"),
            holder: Holder::new("booth"),
            me: UserId::new(ME),
            fallback: ChannelId::new(CHANNEL),
            tuning: Tuning::default(),
            keeping: Keeping::default(),
        };
        let app = App::start(parts).await.expect("the bot starts");
        Self { store, cloud, clock, app, on_disk, notes, dir }
    }

    /// Opens the booth to requests that are signed with a secret, as Slack's are.
    ///
    /// # Panics
    /// If it can't be listened.
    pub async fn open_to(&self, secret: &SigningSecret) -> HttpIntake {
        let (secret, clock) = (secret.clone(), self.clock.clone());
        let door = Door { secret, inbox: self.app.inbox(), clock, me: UserId::new(ME) };
        HttpIntake::start(([127, 0, 0, 1], 0).into(), door).await.expect("a free port")
    }

    /// Says something, under a delivery id of one's own.
    ///
    /// # Panics
    /// If it isn't taken.
    pub async fn say(&self, id: &str, text: &str) {
        let incoming = Incoming {
            way: Way::Command,
            user: UserId::new(SPEAKER),
            channel: ChannelId::new(CHANNEL),
            thread: None,
            text: text.to_owned(),
            digest: None,
            scheduled: None,
        };
        self.hear(id, &incoming).await;
    }

    /// Hears something, from whomever by whatever way.
    ///
    /// # Panics
    /// If it isn't taken.
    pub async fn hear(&self, id: &str, incoming: &Incoming) {
        self.app.inbox().accept(DeliveryId::new(id), incoming).await.expect("the store takes it");
    }

    /// Somebody edits the project file; it counts once somebody says `reload`.
    ///
    /// # Panics
    /// If it can't be written.
    pub fn edit(&self, project: &str) {
        std::fs::write(self.dir.path().join(PROJECT), project).expect("the project file can be written");
    }

    /// Clicks a button that carries these words and what was shown beside it.
    ///
    /// # Panics
    /// If it isn't taken.
    pub async fn click(&self, id: &str, words: &str, shown: &Digest) {
        let (user, channel) = (UserId::new(SPEAKER), ChannelId::new(CHANNEL));
        let (text, digest) = (words.to_owned(), Some(shown.clone()));
        let incoming = Incoming { way: Way::Click, user, channel, thread: None, text, digest, scheduled: None };
        self.app.inbox().accept(DeliveryId::new(id), &incoming).await.expect("the store takes it");
    }

    /// Lets time pass until everything is handled and told.
    ///
    /// # Panics
    /// If it never is.
    pub async fn settle(&self) {
        let done = async {
            loop {
                let unhandled = self.store.unhandled(1).await.expect("the store answers").len();
                let unsent = self.store.unsent(1).await.expect("the store answers").len();
                let unreported = self.store.unreported().await.expect("the store answers").len();
                if unhandled + unsent + unreported == 0 {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        if !self.on_disk {
            return self.clock.run(done).await;
        }
        // What waits for a disk doesn't sleep, so time can't leap from one sleeper to the next.
        let time = async {
            loop {
                tokio::time::sleep(MOMENT).await;
                let soon = self.clock.now().saturating_add(STEP).unwrap_or(Timestamp::MAX);
                self.clock.set(self.clock.next_wake().map_or(soon, |wake| wake.min(soon)));
            }
        };
        tokio::select! {
            () = done => {}
            () = time => {}
        }
    }

    /// Everything that the bot has sent.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        self.notes_after(0)
    }

    /// What the bot has sent after so many messages.
    #[must_use]
    pub fn notes_after(&self, count: usize) -> Vec<Note> {
        self.notes.lock()[count..].to_vec()
    }

    /// How many messages the bot has sent.
    #[must_use]
    pub fn noted(&self) -> usize {
        self.notes.lock().len()
    }

    /// Closes the booth.
    pub async fn close(self) {
        self.app.stop().await;
    }
}

impl Notes {
    fn lock(&self) -> MutexGuard<'_, Vec<Note>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, message: &Marked) -> MessageTs {
        let note = Note { mark: message.mark.clone(), text: message.text().to_owned(), blocks: message.blocks() };
        let mut all = self.lock();
        all.push(note);
        MessageTs::new(format!("{}.000100", all.len()))
    }
}

#[async_trait]
impl Chat for Notes {
    async fn post(
        &self,
        _channel: &ChannelId,
        _thread: Option<&MessageTs>,
        message: &Marked,
    ) -> Result<MessageTs, ChatError> {
        Ok(self.take(message))
    }

    async fn edit(&self, _channel: &ChannelId, _ts: &MessageTs, message: &Marked) -> Result<(), ChatError> {
        self.take(message);
        Ok(())
    }

    async fn ephemeral(
        &self,
        _channel: &ChannelId,
        _user: &UserId,
        _thread: Option<&MessageTs>,
        message: &Marked,
    ) -> Result<(), ChatError> {
        self.take(message);
        Ok(())
    }

    async fn open(&self, _: &str, _: &Form) -> Result<(), ChatError> {
        Err(ChatError::Gone("no views here".to_owned()))
    }

    async fn publish(&self, _: &UserId, _: &Home) -> Result<(), ChatError> {
        Err(ChatError::Gone("no views here".to_owned()))
    }

    async fn find(
        &self,
        _channel: &ChannelId,
        _thread: Option<&MessageTs>,
        key: &PostKey,
    ) -> Result<Option<MessageTs>, ChatError> {
        let place = self.lock().iter().position(|note| note.mark.is_for(key));
        Ok(place.map(|place| MessageTs::new(format!("{}.000100", place + 1))))
    }
}

/// Who is in which group.
struct Groups(Vec<(&'static str, &'static [&'static str])>);

#[async_trait]
impl Directory for Groups {
    async fn person(&self, id: &UserId) -> Result<Person, Unknown> {
        Ok(Person { id: id.clone(), handle: "speaker".to_owned(), time_zone: None, standing: Standing::Member })
    }

    async fn groups(&self) -> Result<BTreeMap<String, BTreeSet<UserId>>, Unknown> {
        let mut groups: BTreeMap<String, BTreeSet<UserId>> = BTreeMap::new();
        for (name, members) in &self.0 {
            groups.entry((*name).to_owned()).or_default().extend(members.iter().copied().map(UserId::new));
        }
        Ok(groups)
    }

    async fn channels(&self) -> Result<BTreeMap<String, ChannelId>, Unknown> {
        Ok([("dev".to_owned(), ChannelId::new(CHANNEL))].into())
    }
}
