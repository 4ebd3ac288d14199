//! Starts a workspace on its own, to look at its page or to try a bot against it: prints the addresses, stops on Ctrl-C.
//! It doesn't print tokens beyond the page's own; a bot finds them in the state directory that is given as the argument.

use std::path::PathBuf;
use std::sync::Arc;

use gantry_workspace::{Workspace, WorkspaceConfig};

#[expect(clippy::disallowed_methods, reason = "this is the edge: the one place that reads the clock")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

#[expect(clippy::print_stdout, reason = "telling the addresses is what this program is for")]
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut config = WorkspaceConfig::new(Arc::new(now));
    config.dir = std::env::args_os().nth(1).map(PathBuf::from);
    let running = Workspace::start(config).await?;
    println!("page     {}", running.page_url());
    println!("web api  {}", running.api_url());
    tokio::signal::ctrl_c().await?;
    running.shutdown().await;
    Ok(())
}
