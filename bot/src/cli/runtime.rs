//! `gantry runtime`: the daemon itself, and what people want of it.

use super::args::{Runtime, RuntimeCommand};
use super::{Env, exit, print};
use anyhow::Context;
use gantry_local::api::{Client, ClientError, DaemonStatus, Stop};
use gantry_local::runtime::{self, RuntimeConfig};
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

pub(super) async fn run(dir: &Path, args: Runtime, env: Env) -> anyhow::Result<ExitCode> {
    match args.what {
        None => daemon(dir, &args, env).await,
        Some(RuntimeCommand::Status) => status(dir).await,
        Some(RuntimeCommand::Stop { tasks }) => stop(dir, tasks).await,
    }
}

async fn daemon(dir: &Path, args: &Runtime, env: Env) -> anyhow::Result<ExitCode> {
    super::install::private(dir)?;
    let exe = std::env::current_exe().context("where this program lies can't be told")?;
    let here = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let config = RuntimeConfig {
        edge: here(args.edge_port),
        dns: here(args.dns_port),
        detach: args.detached,
        ..RuntimeConfig::new(dir.to_owned(), exe, env)
    };
    runtime::run(config).await?;
    Ok(exit::code(exit::DONE))
}

async fn status(dir: &Path) -> anyhow::Result<ExitCode> {
    match Client::connect(dir).await {
        Ok(client) => {
            let status = client.status().await?;
            print(&told(dir, &status))?;
            Ok(exit::code(exit::DONE))
        }
        Err(ClientError::NotRunning { .. }) => {
            print(&format!("No runtime runs for {}; it is started when it is needed.\n", dir.display()))?;
            Ok(exit::code(exit::FAILED))
        }
        Err(error) => Err(error.into()),
    }
}

fn told(dir: &Path, status: &DaemonStatus) -> String {
    let DaemonStatus { pid, version, started, edge, dns, objects, tasks, .. } = status;
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    for (what, is) in [
        ("process", format!("{pid}, version {version}, since {started:.0}")),
        ("state", dir.display().to_string()),
        ("sites", format!("http://{edge}")),
        ("DNS", dns.clone()),
        ("tasks", tasks.to_string()),
    ] {
        table.add_row([what, is.as_str()]);
    }
    for (kind, count) in objects {
        table.add_row([format!("{kind}s"), count.to_string()]);
    }
    format!("{}\n", table.trim_fmt())
}

async fn stop(dir: &Path, tasks: bool) -> anyhow::Result<ExitCode> {
    match Client::connect(dir).await {
        Ok(client) => {
            client.stop(Stop { tasks }).await?;
            let what = if tasks {
                "Its tasks are stopped too."
            } else {
                "Its tasks go on running; the next start finds them."
            };
            print(&format!("The runtime is stopped. {what}\n"))?;
            Ok(exit::code(exit::DONE))
        }
        Err(ClientError::NotRunning { .. }) => {
            print("No runtime runs here.\n")?;
            Ok(exit::code(exit::DONE))
        }
        Err(error) => Err(error.into()),
    }
}
