//! The town's bot: wired up as `gantry serve` does it, but for the clock and the platforms.

use super::Town;
use async_trait::async_trait;
use gantry::directory::{Cached, Directory, Groups, Person, Standing, Unknown};
use gantry::projects::ProjectFiles;
use gantry::run::{App, Parts};
use gantry::slack::{Door, HttpIntake, Listening, SigningSecret, SlackClient};
use gantry_engine::apply::Tuning;
use gantry_engine::names::{ChannelId, Holder, UserId};
use gantry_engine::ports::{Clock, Keeping};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// The bot, connected.
pub(super) struct Bot {
    app: App,
    ears: Ears,
}

/// How the workspace reaches it.
enum Ears {
    Sockets(Listening),
    Http(HttpIntake),
}

/// What the workspace knows, but for those who have left since: the embedded one lets nobody go.
struct Known {
    people: SlackClient,
    left: Arc<Mutex<BTreeSet<UserId>>>,
}

#[async_trait]
impl Directory for Known {
    async fn person(&self, id: &UserId) -> Result<Person, Unknown> {
        let gone = self.left.lock().unwrap_or_else(PoisonError::into_inner).contains(id);
        let person = self.people.person(id).await?;
        Ok(if gone { Person { standing: Standing::Gone, ..person } } else { person })
    }

    async fn groups(&self) -> Result<Groups, Unknown> {
        self.people.groups().await
    }

    async fn channels(&self) -> Result<BTreeMap<String, ChannelId>, Unknown> {
        self.people.channels().await
    }
}

impl Town {
    /// Somebody leaves the workspace.
    pub fn leaves(&self, who: &str) {
        let id = UserId::new(self.chronicle.user(who));
        self.left.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
    }

    /// Starts the bot and waits until the workspace has it.
    ///
    /// # Panics
    /// If it doesn't start.
    pub async fn start_bot(&mut self) {
        // Whoever is first in this process installs it; it is the same for all.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let secrets = self.workspace.secrets();
        let (bot_token, app_token) = (secrets.bot_token.clone().into(), secrets.app_token.clone().into());
        let api_url = self.workspace.api_url();
        let (client, identity) = SlackClient::connect(&api_url, &bot_token).await.expect("the bot connects");
        let sockets = client.sockets(&app_token).await.expect("the workspace gives sockets");
        let clock: Arc<dyn Clock> = self.clock.clone();
        let known = Known { people: client.clone(), left: self.left.clone() };
        let directory = Arc::new(Cached::new(known, clock.clone()));
        let channels = directory.channels().await.expect("the workspace lists its channels");
        let files = vec![self.project.clone()];
        let projects = ProjectFiles::open(files, self.store.clone(), clock.clone()).await.expect("a project file");
        let parts = Parts {
            store: self.store.clone(),
            platforms: self.platforms.clone(),
            projects: Arc::new(projects),
            clock,
            chat: Arc::new(client.clone()),
            directory,
            installation: self.installation.clone(),
            holder: Holder::new("town"),
            me: identity.me.clone(),
            fallback: channels["general"].clone(),
            tuning: Tuning::default(),
            keeping: Keeping::default(),
        };
        let app = App::start(parts).await.expect("the bot starts");
        let ears = if self.signed {
            let secret = SigningSecret::new(&secrets.signing_secret.clone().into());
            let door = Door { secret, inbox: app.inbox(), clock: self.clock.clone(), me: identity.me };
            let intake = HttpIntake::start(([127, 0, 0, 1], 0).into(), door).await.expect("the bot listens");
            self.workspace.deliver_to(&format!("http://{}/slack", intake.address()));
            Ears::Http(intake)
        } else {
            Ears::Sockets(sockets.listen(app.inbox(), identity.me).await.expect("the bot listens"))
        };
        self.bot = Some(Bot { app, ears });
        self.until("the workspace has the bot's socket", async |town| {
            town.people.state().await.is_ok_and(|state| state.sockets > 0).then_some(())
        })
        .await;
    }

    /// Stops the bot as Ctrl-C does.
    pub async fn stop_bot(&mut self) {
        if let Some(bot) = self.bot.take() {
            match bot.ears {
                Ears::Sockets(listening) => listening.stop().await,
                Ears::Http(intake) => intake.stop().await,
            }
            bot.app.stop().await;
        }
    }
}
