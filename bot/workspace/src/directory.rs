//! The seed with its ids: who is who, who is where, and lookups by id or by name. It never changes while running.

use std::collections::BTreeSet;

use crate::ids::named;
use crate::seed::{Members, Seed, SeedApp, SeedChannel, Standing};

/// A person, or the bot's user.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) real_name: String,
    pub(crate) tz: String,
    pub(crate) is_bot: bool,
    pub(crate) standing: Standing,
}

#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) handle: String,
    pub(crate) name: String,
    pub(crate) members: Vec<String>,
}

/// A public channel, or the direct messages between one person and the bot.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) purpose: String,
    /// The person of a direct conversation; `None` for a channel.
    pub(crate) dm_with: Option<String>,
    pub(crate) members: BTreeSet<String>,
}

impl Channel {
    pub(crate) fn is_dm(&self) -> bool {
        self.dm_with.is_some()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) id: String,
    pub(crate) bot_id: String,
    pub(crate) bot_user: String,
    pub(crate) about: SeedApp,
}

#[derive(Clone, Debug)]
pub(crate) struct Directory {
    pub(crate) team_id: String,
    pub(crate) team: String,
    pub(crate) domain: String,
    pub(crate) app: App,
    pub(crate) people: Vec<Person>,
    pub(crate) groups: Vec<Group>,
    pub(crate) channels: Vec<Channel>,
}

impl Directory {
    pub(crate) fn new(seed: &Seed) -> Self {
        let app = App {
            id: named("A", &seed.app.name),
            bot_id: named("B", &seed.app.name),
            bot_user: named("U", &seed.app.bot),
            about: seed.app.clone(),
        };
        let seeded = seed.people.iter().map(|p| Person { standing: p.standing, ..person(&p.name, &p.name, &p.tz) });
        let mut people: Vec<Person> = seeded.collect();
        people.push(Person { is_bot: true, ..person(&seed.app.bot, &seed.app.name, "UTC") });
        let everyone: BTreeSet<String> = people.iter().map(|p| p.id.clone()).collect();
        let mut channels: Vec<Channel> = seed.channels.iter().map(|c| channel(c, &everyone)).collect();
        channels.extend(people.iter().filter(|p| !p.is_bot).map(|p| direct(p, &app.bot_user)));
        let groups = seed.groups.iter().map(|g| Group {
            id: named("S", &g.handle),
            handle: g.handle.clone(),
            name: g.name.clone(),
            members: g.members.iter().map(|m| named("U", m)).collect(),
        });
        Self {
            team_id: named("T", &seed.team),
            team: seed.team.clone(),
            domain: seed.domain.clone(),
            groups: groups.collect(),
            app,
            people,
            channels,
        }
    }

    pub(crate) fn person(&self, id: &str) -> Option<&Person> {
        self.people.iter().find(|p| p.id == id)
    }

    /// A person by id, `name` or `@name`.
    pub(crate) fn find_person(&self, who: &str) -> Option<&Person> {
        let name = who.trim_start_matches('@');
        self.people.iter().find(|p| p.id == who || p.name == name)
    }

    pub(crate) fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels.iter().find(|c| c.id == id)
    }

    /// A channel by id, `name` or `#name`.
    pub(crate) fn find_channel(&self, which: &str) -> Option<&Channel> {
        let name = which.trim_start_matches('#');
        self.channels.iter().find(|c| c.id == which || (!c.is_dm() && c.name == name))
    }

    pub(crate) fn dm(&self, user: &str) -> Option<&Channel> {
        self.channels.iter().find(|c| c.dm_with.as_deref() == Some(user))
    }

    pub(crate) fn group_by_handle(&self, handle: &str) -> Option<&Group> {
        self.groups.iter().find(|g| g.handle == handle)
    }
}

fn person(name: &str, real_name: &str, tz: &str) -> Person {
    Person {
        id: named("U", name),
        name: name.into(),
        real_name: real_name.into(),
        tz: tz.into(),
        is_bot: false,
        standing: Standing::Member,
    }
}

fn channel(seed: &SeedChannel, everyone: &BTreeSet<String>) -> Channel {
    let members = match &seed.members {
        Members::Everyone => everyone.clone(),
        Members::Only(names) => names.iter().map(|n| named("U", n)).collect(),
    };
    Channel {
        id: named("C", &seed.name),
        name: seed.name.clone(),
        purpose: seed.purpose.clone(),
        dm_with: None,
        members,
    }
}

fn direct(person: &Person, bot_user: &str) -> Channel {
    Channel {
        id: named("D", &person.name),
        name: "directmessage".into(),
        purpose: String::new(),
        dm_with: Some(person.id.clone()),
        members: [person.id.clone(), bot_user.to_owned()].into(),
    }
}
