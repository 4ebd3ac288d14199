//! A runtime of a test's own: a real daemon in a temporary directory, and the means to look at it from outside.
//!
//! Whatever the test does, nothing of it is left: dropping the bed kills the daemon and everything it started, by the
//! directory in its arguments and by the marker in its environment.

use bytes::Bytes;
use gantry_local::api::*;
use gantry_local::net::Mode;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::collections::BTreeMap;
use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpStream;

/// No condition in these tests takes longer on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A temporary directory with a daemon.
pub(crate) struct Bed {
    dir: TempDir,
    state: PathBuf,
    pub(crate) client: Client,
}

impl Bed {
    pub(crate) async fn new() -> Self {
        Self::below("").await
    }

    /// With its state in a directory of this name.
    pub(crate) async fn below(name: &str) -> Self {
        let dir = tempfile::Builder::new().prefix("gantry-runtime-").tempdir().unwrap();
        let state = dir.path().join(name);
        fs::create_dir_all(&state).unwrap();
        let client = Client::connect_with(&state, launch(&state)).await.unwrap();
        Self { dir, state, client }
    }

    /// The state directory.
    pub(crate) fn dir(&self) -> &Path {
        &self.state
    }

    /// Tries to run a second daemon.
    pub(crate) fn another_daemon(&self) -> std::process::Child {
        let Launch { exe, args } = launch(self.dir());
        let quiet = std::process::Stdio::null;
        std::process::Command::new(exe).args(args).stdout(quiet()).stderr(quiet()).spawn().unwrap()
    }

    /// Has the daemon die at this point, once.
    pub(crate) fn arm(&self, point: &str) {
        fs::write(self.dir().join("fault"), point).unwrap();
    }

    pub(crate) fn is_armed(&self) -> bool {
        self.dir().join("fault").exists()
    }

    pub(crate) async fn daemon_pid(&self) -> u32 {
        self.client.status().await.unwrap().pid
    }

    /// `kill -9`, and gone.
    pub(crate) async fn kill_daemon(&self) {
        let pid = self.daemon_pid().await;
        kill9(pid);
        until("the daemon is gone", || async { (!alive(pid)).then_some(()) }).await;
        // Its main thread can be gone while another still holds the socket: only a refused connection is the end.
        until("nothing answers", || async { Client::connect(self.dir()).await.is_err().then_some(()) }).await;
    }

    /// Everything but services: two nodes with room for `per_node` tasks each, a balancer and a route.
    pub(crate) async fn stage(&self, per_node: u32) -> Stage {
        for node in ["one", "two"] {
            let spec = NodeSpec { cluster: "test/a".to_owned(), cpu_millis: per_node * 100, memory_mib: 4096 };
            self.ready(&put(&format!("dev/a/{node}"), "t", Spec::Node(spec))).await;
        }
        let balancer =
            self.ready(&put("dev/web/balancer", "t", Spec::Balancer(BalancerSpec { mode: Mode::Http }))).await;
        let host =
            format!("www.dev.{}.localhost", self.dir.path().file_name().unwrap().to_str().unwrap().to_lowercase());
        let route = RouteSpec { host, balancer: balancer.id.clone() };
        let route = self.ready(&put("dev/web/route", "t", Spec::Route(route))).await;
        Stage { balancer: balancer.id, address: balancer.outputs["address"].clone(), url: route.outputs["url"].clone() }
    }

    pub(crate) async fn ready(&self, put: &Put) -> Status {
        self.client.put(put).await.unwrap();
        self.settled(put, State::Ready).await
    }

    /// The outcome of a put, which has to be this.
    pub(crate) async fn settled(&self, put: &Put, state: State) -> Status {
        let status = self.outcome(put).await;
        assert_eq!(status.state, state, "{status:#?}");
        status
    }

    /// Repeats the put, as a caller does, until it is settled.
    pub(crate) async fn outcome(&self, put: &Put) -> Status {
        until(&format!("{} is settled", put.mark.addr), || async {
            // A daemon that dies in the middle of a call leaves it unanswered; a caller repeats it.
            let status = self.client.put(put).await.ok()?;
            matches!(status.state, State::Ready | State::Reverted).then_some(status)
        })
        .await
    }

    /// Waits for exactly so many running tasks, all healthy.
    pub(crate) async fn healthy(&self, number: usize) -> Vec<TaskView> {
        until(&format!("{number} tasks are healthy"), || async {
            let tasks = self.tasks(TaskState::Running).await;
            let healthy = tasks.iter().all(|task| task.health == TaskHealth::Healthy);
            (healthy && tasks.len() == number).then_some(tasks)
        })
        .await
    }

    pub(crate) async fn tasks(&self, state: TaskState) -> Vec<TaskView> {
        let tasks = self.client.tasks(&Filter::default()).await.unwrap();
        tasks.into_iter().filter(|task| task.state == state).collect()
    }

    pub(crate) async fn pids(&self) -> Vec<i32> {
        let mut pids: Vec<i32> = self.tasks(TaskState::Running).await.into_iter().filter_map(|task| task.pid).collect();
        pids.sort_unstable();
        pids
    }

    /// Deletes everything, users first, and checks that nothing is left: no object, no task, no process.
    pub(crate) async fn tear_down(&self) {
        until("everything is gone", || async {
            let objects = self.client.list(&Filter::default()).await.ok()?;
            for object in &objects {
                match self.client.delete(&object.id).await {
                    Ok(_) => {}
                    // In use by what goes later, or unanswered by a daemon that died: next time.
                    Err(error) => assert!(matches!(error.code(), Some(ErrorCode::InUse) | None), "{error}"),
                }
            }
            objects.is_empty().then_some(())
        })
        .await;
        let tasks = until("the daemon answers", || async { self.client.tasks(&Filter::default()).await.ok() }).await;
        assert!(tasks.is_empty(), "{tasks:#?}");
        assert_eq!(self.processes().len(), 1, "only the daemon is left: {:?}", self.processes());
    }

    /// Every process that belongs to this bed: the daemon and shims by their arguments, tasks by their working directory
    /// or their environment.
    pub(crate) fn processes(&self) -> Vec<u32> {
        processes_of(self.dir.path())
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = fs::read_to_string(self.dir().join("runtime/daemon.log")).unwrap_or_default();
            eprintln!("the daemon's log:\n{log}");
        }
        for _ in 0..100 {
            let left = processes_of(self.dir.path());
            if left.is_empty() {
                return;
            }
            left.into_iter().for_each(kill9);
        }
    }
}

fn launch(dir: &Path) -> Launch {
    Launch { exe: host(), args: vec!["runtime".into(), "--detached".into(), "--dir".into(), dir.into()] }
}

/// The example binary that cargo builds along with the tests.
pub(crate) fn host() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let host = tests.parent().unwrap().parent().unwrap().join("examples/runtime_host");
    assert!(host.exists(), "there is no {}; run `cargo build -p gantry-local --example runtime_host`", host.display());
    host
}

/// What a service needs around it.
pub(crate) struct Stage {
    pub(crate) balancer: String,
    pub(crate) address: String,
    pub(crate) url: String,
}

impl Stage {
    /// A web service of this release behind the balancer.
    pub(crate) fn web(&self, release: u64, version: &str, replicas: u32) -> ServiceSpec {
        let mut spec = service("web", release, version);
        spec.replicas = replicas;
        spec.balancers = BTreeMap::from([("http".to_owned(), self.balancer.clone())]);
        spec
    }

    /// The page, or nothing when it isn't answered with 200.
    pub(crate) async fn page(&self) -> Option<String> {
        get(&self.address, "/").await
    }
}

/// A service of the example's program without anything around it.
pub(crate) fn service(role: &str, release: u64, version: &str) -> ServiceSpec {
    ServiceSpec {
        replicas: 1,
        order: Order::StartFirst,
        batch: None,
        deadline_ms: 30_000,
        balancers: BTreeMap::new(),
        task: TaskSpec {
            cluster: "test/a".to_owned(),
            command: ["runtime_host", "example", role].map(str::to_owned).into(),
            env: BTreeMap::new(),
            secrets: BTreeMap::new(),
            ports: vec![Port { name: "http".to_owned(), protocol: Mode::Http }],
            health: Health {
                kind: HealthKind::Http,
                path: "/health".to_owned(),
                interval_ms: 200,
                timeout_ms: 2_000,
                healthy_after: 1,
                unhealthy_after: 3,
                grace_ms: 5_000,
            },
            cpu_millis: 100,
            memory_mib: 64,
            volumes: vec![],
            version: version.to_owned(),
            release,
            stop_timeout_ms: 5_000,
        },
    }
}

pub(crate) fn put(addr: &str, token: &str, spec: Spec) -> Put {
    let mark = Mark {
        installation: "test".to_owned(),
        project: "mini-soa".to_owned(),
        env: "dev".to_owned(),
        incarnation: 1,
        addr: addr.to_owned(),
        generation: 1,
    };
    Put { mark, token: token.to_owned(), spec }
}

/// A put of a service under the address that these tests use.
pub(crate) fn web(token: &str, spec: ServiceSpec) -> Put {
    put("dev/web/service", token, Spec::Service(Box::new(spec)))
}

/// The answer's body, when it is a 200.
pub(crate) async fn get(address: &str, path: &str) -> Option<String> {
    ask("GET", address, address, path).await
}

/// The same, under a host name.
pub(crate) async fn get_as(address: &str, host: &str, path: &str) -> Option<String> {
    ask("GET", address, host, path).await
}

/// The same, with POST.
pub(crate) async fn post(address: &str, path: &str) -> Option<String> {
    ask("POST", address, address, path).await
}

async fn ask(method: &str, address: &str, host: &str, path: &str) -> Option<String> {
    let stream = TcpStream::connect(address).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let connection = tokio::spawn(connection);
    let request = http::Request::builder().method(method).uri(path).header("host", host);
    let answer = sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.ok()?;
    let good = answer.status().is_success();
    let body = answer.into_body().collect().await.ok()?.to_bytes();
    connection.abort();
    good.then(|| String::from_utf8_lossy(&body).into_owned())
}

/// Looks until there is something.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(value) = look().await {
            return value;
        }
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

pub(crate) fn alive(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X'])))
}

pub(crate) fn parent(pid: u32) -> u32 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit_once(") ").unwrap().1.split(' ').nth(1).unwrap().parse().unwrap()
}

pub(crate) fn kill9(pid: u32) {
    let pid = nix::unistd::Pid::from_raw(pid.cast_signed());
    let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
}

/// The directory's name is unique on the machine, and every process of the bed has it in its arguments or in its
/// working directory.
fn processes_of(dir: &Path) -> Vec<u32> {
    let name = dir.file_name().unwrap().as_encoded_bytes();
    let mentions = |bytes: &[u8]| bytes.windows(name.len()).any(|window| window == name);
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| *pid != std::process::id() && alive(*pid))
        .filter(|pid| {
            let file = |name: &str| fs::read(format!("/proc/{pid}/{name}")).is_ok_and(|bytes| mentions(&bytes));
            let cwd = fs::read_link(format!("/proc/{pid}/cwd"));
            file("cmdline") || file("environ") || cwd.is_ok_and(|path| mentions(path.as_os_str().as_encoded_bytes()))
        })
        .collect()
}
