//! `gantry doctor`: is everything in order, and how to mend what isn't. It changes nothing.

use super::args::{Doctor, PORT};
use super::install::DATABASE;
use super::{Env, exit, print, serve, tryout};
use crate::platforms::BUILD_WITH_AWS;
use crate::projects::{BadProjects, Read, read};
use crate::slack::{Identity, Scope, SlackClient, missing};
use gantry_aws::settings::PLATFORM as ECS;
use gantry_engine::project::Project;
use gantry_local::api::{Client, ClientError};
use gantry_store::SqliteStore;
use std::collections::BTreeSet;
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
        found.extend(slack(args, env).await);
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

/// Whether a real Slack lets the bot in, and whether it lets it do everything.
async fn slack(args: Doctor, env: Env) -> Vec<(&'static str, Found)> {
    const REMEDY: &str = "see \"Connecting a real Slack\" in the README";
    let bot = match serve::secret(args.bot_token_file, "GANTRY_BOT_TOKEN", "--bot-token-file", env) {
        Ok(bot) => bot,
        Err(error) => return vec![("Slack", bad(format!("{error:#}"), REMEDY))],
    };
    let (client, team) = match SlackClient::connect(&args.api_url, &bot).await {
        Ok((client, Identity { team, .. })) => (client, team),
        Err(error) => return vec![("Slack", bad(error, REMEDY))],
    };
    // What isn't named isn't looked for: one of the two is enough.
    let named = |file: Option<PathBuf>, variable, flag| {
        let is_set = env(variable).is_some_and(|text| !text.trim().is_empty());
        (file.is_some() || is_set).then(|| serve::secret(file, variable, flag, env))
    };
    let app = named(args.app_token_file, "GANTRY_APP_TOKEN", "--app-token-file");
    let way = match (app, named(args.signing_secret_file, "GANTRY_SIGNING_SECRET", "--signing-secret-file")) {
        (Some(Err(error)), _) | (None, Some(Err(error))) => bad(format!("{error:#}"), REMEDY),
        (Some(Ok(app)), _) => match client.sockets(&app).await {
            Ok(_) => Found::Good("the app token is good: the bot can open sockets".to_owned()),
            Err(error) => bad(error, REMEDY),
        },
        (None, Some(Ok(_))) => Found::Note(
            "no app token: requests have to come over HTTP (`serve --http`), and only Slack can test that".to_owned(),
        ),
        (None, None) => bad(
            "there is neither an app token nor a signing secret",
            "name a file with --app-token-file or --signing-secret-file, or set GANTRY_APP_TOKEN or \
             GANTRY_SIGNING_SECRET: Slack can't reach the bot otherwise",
        ),
    };
    let good = Found::Good(format!("the bot token is good, in the workspace {team}"));
    let mut found = vec![("Slack", good), ("Slack\'s way in", way)];
    match client.granted().await {
        Ok(Some(granted)) => found.extend(scopes(&granted).into_iter().map(|found| ("Slack scope", found))),
        Ok(None) => found.push(("Slack scope", Found::Note("the workspace doesn\'t tell which there are".to_owned()))),
        Err(error) => found.push(("Slack scope", bad(error, REMEDY))),
    }
    found
}

/// Each scope that lacks, with what is missing without it.
fn scopes(granted: &BTreeSet<String>) -> Vec<Found> {
    let lacks = missing(granted);
    if lacks.is_empty() {
        return vec![Found::Good("all are there".to_owned())];
    }
    let remedy = "add it on the app\'s page \"OAuth & Permissions\" and install the app anew; `gantry slack manifest` has them all";
    let one =
        |scope: Scope| bad(format!("{} isn't granted; missing without it: {}", scope.name, scope.without), remedy);
    lacks.into_iter().map(one).collect()
}
