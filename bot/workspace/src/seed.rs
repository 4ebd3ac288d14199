//! Who and what a workspace starts with: people, groups, channels and the app. Plain data, chosen by the caller;
//! nothing here is kept in the log, so a changed seed holds from the next start on.

/// What a new workspace holds.
#[derive(Clone, Debug)]
pub struct Seed {
    /// The team's name, as people see it.
    pub team: String,
    /// The team's short name, as in addresses.
    pub domain: String,
    /// The app whose bot connects.
    pub app: SeedApp,
    /// The people.
    pub people: Vec<SeedPerson>,
    /// The user groups.
    pub groups: Vec<SeedGroup>,
    /// The public channels.
    pub channels: Vec<SeedChannel>,
}

/// An installed app with one slash command and a bot user.
#[derive(Clone, Debug)]
pub struct SeedApp {
    /// What people read beside its messages.
    pub name: String,
    /// The bot user's handle.
    pub bot: String,
    /// The slash command, with its slash.
    pub command: String,
    /// What the command box shows behind the command.
    pub usage_hint: String,
    /// Whether `@name` in a command arrives as `<@U..|name>` (page: Implementing slash commands, "escape channels, users, and links").
    pub should_escape: bool,
    /// The scopes of the bot token.
    pub scopes: Vec<String>,
    /// The event subscriptions: `app_home_opened`, `app_mention`, `message.channels`, `message.im`.
    pub events: Vec<String>,
    /// What its menus offer.
    pub shortcuts: Vec<SeedShortcut>,
}

/// Something that an app's menu offers (page: Implementing shortcuts).
#[derive(Clone, Debug)]
pub struct SeedShortcut {
    /// What people read, at most 24 characters.
    pub name: String,
    /// What the app is told.
    pub callback_id: String,
    /// Whether it is in each message's menu; else it is where people write.
    pub on_messages: bool,
}

/// A person.
#[derive(Clone, Debug)]
pub struct SeedPerson {
    /// The handle, without `@`.
    pub name: String,
    /// The IANA time zone.
    pub tz: String,
    /// What they are in the team.
    pub standing: Standing,
}

/// What a person is in the team, as the fields of a user object tell it (page: User object).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// A full member.
    #[default]
    Member,
    /// A guest of several channels: `is_restricted`.
    Guest,
    /// A guest of one channel: `is_restricted` and `is_ultra_restricted`.
    ChannelGuest,
    /// Of another team, in a channel shared by Slack Connect: `is_stranger`, and a `team_id` of their own.
    Stranger,
    /// Deactivated: `deleted`.
    Deactivated,
}

/// A user group.
#[derive(Clone, Debug)]
pub struct SeedGroup {
    /// The handle, without `@`.
    pub handle: String,
    /// What the group is called.
    pub name: String,
    /// The members' handles.
    pub members: Vec<String>,
}

/// A public channel.
#[derive(Clone, Debug)]
pub struct SeedChannel {
    /// The name, without `#`.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// Who is in it.
    pub members: Members,
}

/// Who is in a channel.
#[derive(Clone, Debug)]
pub enum Members {
    /// All people and the bot.
    Everyone,
    /// These handles only (the bot's too, if it is to be in).
    Only(Vec<String>),
}

/// Every scope that a method here asks for, and those that commands and private channels take.
const SCOPES: [&str; 12] = [
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
    "reactions:write",
    "usergroups:read",
    "users:read",
];

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().copied().map(String::from).collect()
}

impl Default for Seed {
    /// Two on the platform team (so that one can approve the other's request), a developer, a newcomer without rights, and Gantry.
    fn default() -> Self {
        let person = |name: &str, tz: &str| SeedPerson { name: name.into(), tz: tz.into(), standing: Standing::Member };
        let group = |handle: &str, name: &str, members: &[&str]| SeedGroup {
            handle: handle.into(),
            name: name.into(),
            members: strings(members),
        };
        let channel = |name: &str, purpose: &str| SeedChannel {
            name: name.into(),
            purpose: purpose.into(),
            members: Members::Everyone,
        };
        Self {
            team: "Gantry Workspace".into(),
            domain: "gantry-local".into(),
            app: SeedApp {
                name: "Gantry".into(),
                bot: "gantry".into(),
                command: "/gantry".into(),
                usage_hint: "deploy web to dev for 8h".into(),
                should_escape: true,
                scopes: strings(&SCOPES),
                events: strings(&["app_home_opened", "app_mention", "message.channels", "message.im"]),
                shortcuts: vec![SeedShortcut {
                    name: "What is this operation?".into(),
                    callback_id: "about_message".into(),
                    on_messages: true,
                }],
            },
            people: vec![
                person("developer", "Europe/Berlin"),
                person("platform", "America/New_York"),
                person("platform-two", "Asia/Tokyo"),
                person("newcomer", "UTC"),
            ],
            groups: vec![
                group("platform", "Platform", &["platform", "platform-two"]),
                group("developers", "Developers", &["developer", "platform", "platform-two"]),
            ],
            channels: vec![
                channel("general", "Everything and everyone"),
                channel("dev", "Where development environments come and go"),
                channel("prod", "Production: changes here need an approval"),
                channel("ops", "Running things, and things that stopped running"),
            ],
        }
    }
}
