//! `gantry doctor`: is everything in order, and how to mend what isn't. It changes nothing.

use super::args::{Doctor, PORT};
use super::install::DATABASE;
use super::{Env, exit, print, serve, tryout};
use crate::platforms::BUILD_WITH_AWS;
use crate::projects::{BadProjects, Read, read};
use crate::slack::{Connecting, Identity, SlackClient};
use gantry_aws::settings::PLATFORM as ECS;
use gantry_engine::project::Project;
use gantry_local::api::{Client, ClientError};
use gantry_store::SqliteStore;
use secrecy::SecretString;
use std::fmt::Display;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What one check found.
enum Found {
    Good(String),
    /// Nothing wrong, but something to know.
    Note(String),
    Bad {
        what: String,
        remedy: String,
    },
}

fn bad(what: impl Display, remedy: impl Into<String>) -> Found {
    Found::Bad { what: what.to_string(), remedy: remedy.into() }
}

pub(super) async fn run(dir: &Path, args: Doctor, env: Env) -> anyhow::Result<ExitCode> {
    let mut found = vec![("state directory", directory(dir))];
    for file in &args.project {
        found.push(("project file", project(file)));
    }
    found.push(("AWS", aws(&args.project).await));
    found.push(("store", store(dir).await));
    found.push(("local runtime", local(dir).await));
    found.push(("embedded workspace", workspace(dir).await));
    found.push(("chat page's port", port(dir).await));
    if args.slack {
        found.push(("Slack", slack(env).await));
    }
    let mut failed = false;
    for (name, found) in found {
        let line = match found {
            Found::Good(what) => format!("ok    {name}: {what}\n"),
            Found::Note(what) => format!("note  {name}: {what}\n"),
            Found::Bad { what, remedy } => {
                failed = true;
                format!("FAIL  {name}: {what}\n      -> {remedy}\n")
            }
        };
        print(&line)?;
    }
    Ok(exit::code(if failed { exit::FAILED } else { exit::DONE }))
}

fn directory(dir: &Path) -> Found {
    match std::fs::metadata(dir) {
        Ok(data) if data.is_dir() && !data.permissions().readonly() => Found::Good(dir.display().to_string()),
        Ok(_) => bad(format!("{} can't be written", dir.display()), "choose another place with --dir"),
        Err(_) => Found::Note(format!("{} isn't there yet; the first start makes it", dir.display())),
    }
}

fn project(file: &Path) -> Found {
    match read(file) {
        Ok(Read { project, .. }) => Found::Good(format!("{}, revision {}", project.name, project.revision.short())),
        Err(error @ BadProjects::Invalid { .. }) => {
            bad(error, format!("`gantry validate {}` shows what, and where", file.display()))
        }
        Err(error) => bad(error, "check the path"),
    }
}

/// Whether environments on AWS can be made. Only a project that wants some makes it a fault that they can't.
async fn aws(files: &[PathBuf]) -> Found {
    let on_aws = |project: &Project| project.environments.iter().any(|settings| settings.platform.as_str() == ECS);
    let wanted = files.iter().filter_map(|file| read(file).ok()).any(|read| on_aws(&read.project));
    match (super::aws::place().await, wanted) {
        (Some(Ok(place)), _) => Found::Good(format!("account and region {place}")),
        (Some(Err(why)), true) => bad(why, "see \"On AWS\" in the README"),
        (Some(Err(why)), false) => Found::Note(format!("built in, and can't be reached: {why}")),
        (None, true) => bad("a project file wants it, and this program is built without it", BUILD_WITH_AWS),
        (None, false) => Found::Note(format!("not built in; {BUILD_WITH_AWS} builds a program that has it")),
    }
}

async fn store(dir: &Path) -> Found {
    let file = dir.join(DATABASE);
    if !file.exists() {
        return Found::Note("no database yet; the first start makes it".to_owned());
    }
    match SqliteStore::open(&file).await {
        Ok(store) => {
            store.close().await;
            Found::Good(file.display().to_string())
        }
        Err(error) => bad(error, "restore the file from a backup, or move it away to begin anew"),
    }
}

async fn local(dir: &Path) -> Found {
    match Client::connect(dir).await {
        Ok(client) => match client.status().await {
            Ok(status) => {
                Found::Good(format!("runs as process {}, sites at {}, DNS at {}", status.pid, status.edge, status.dns))
            }
            Err(error) => bad(error, "`gantry runtime stop`, then start the bot again"),
        },
        Err(ClientError::NotRunning { .. }) => Found::Note("doesn't run; it is started when it is needed".to_owned()),
        Err(error) => bad(error, "`gantry runtime stop`, then start the bot again"),
    }
}

async fn workspace(dir: &Path) -> Found {
    match gantry_workspace::Client::from_dir(&dir.join(tryout::WORKSPACE)) {
        Err(_) => Found::Note("never ran here; `gantry try` starts it".to_owned()),
        Ok(client) => match client.state().await {
            Ok(state) if state.sockets == 0 => bad("runs, and no bot is connected", "start `gantry try` again"),
            Ok(state) => Found::Good(format!("runs at {}, {} sockets", client.base_url(), state.sockets)),
            Err(_) => Found::Note("doesn't run; `gantry try` starts it".to_owned()),
        },
    }
}

/// Whether `gantry try` can have its usual port.
async fn port(dir: &Path) -> Found {
    let address = SocketAddr::from(([127, 0, 0, 1], PORT));
    match tokio::net::TcpListener::bind(address).await {
        Ok(_) => Found::Good(format!("{PORT} is free")),
        Err(_) if runs_at(dir, PORT) => Found::Good(format!("{PORT}, our own")),
        Err(error) => Found::Note(format!("{PORT} can't be had ({error}); `gantry try --port 0` takes a free one")),
    }
}

fn runs_at(dir: &Path, port: u16) -> bool {
    let client = gantry_workspace::Client::from_dir(&dir.join(tryout::WORKSPACE));
    client.is_ok_and(|client| client.base_url().ends_with(&format!(":{port}")))
}

async fn slack(env: Env) -> Found {
    let token = |variable, flag| serve::secret(None, variable, flag, env);
    let tokens = match (token("GANTRY_BOT_TOKEN", "--bot-token-file"), token("GANTRY_APP_TOKEN", "--app-token-file")) {
        (Ok(bot), Ok(app)) => (bot, app),
        (Err(error), _) | (_, Err(error)) => return bad(error, "see \"Connecting a real Slack\" in the README"),
    };
    match connects(&tokens.0, &tokens.1).await {
        Ok(identity) => Found::Good(format!("both tokens are good, in the workspace {}", identity.team)),
        Err(error) => bad(error, "see \"Connecting a real Slack\" in the README"),
    }
}

async fn connects(bot: &SecretString, app: &SecretString) -> Result<Identity, Connecting> {
    let (client, identity) = SlackClient::connect("https://slack.com/api", bot).await?;
    client.sockets(app).await.map(|_| identity)
}
