//! The four roles: what each answers.

use crate::http::{Answer, ask, serve as serve_http};
use crate::stop::Stop;
use crate::text::{complain, html, json, say};
use crate::variant::Variant;
use std::fs::{self, File};
use std::io::{self, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Between two lines of the worker.
const WORK: Duration = Duration::from_secs(10);

/// Who answers.
#[derive(Clone)]
struct Me {
    role: String,
    version: String,
    task: String,
    port: u16,
}

impl Me {
    fn json(&self, more: &str) -> String {
        let (role, version, task) = (json(&self.role), json(&self.version), json(&self.task));
        format!("{{\"service\":{role},\"version\":{version},\"task\":{task},\"port\":{}{more}}}\n", self.port)
    }
}

/// Serves a role until the wish to end.
pub(crate) fn serve(role: &str, env: impl Fn(&str) -> Option<String>) -> Result<(), String> {
    let need = |name: &str, what: &str| env(name).ok_or_else(|| format!("{name} isn't set; it gives {what}"));
    let version = env("VERSION").unwrap_or_else(|| "dev".to_owned());
    let variant = Variant::of(&version, &env);
    if variant == Variant::Broken {
        return Err(format!("version {version} cannot start: it was built broken, on purpose"));
    }
    let answer: Answers = match role {
        "web" => web(env("API_ADDRESS")),
        "api" => api(env("DB_ADDRESS")),
        "db" => db(PathBuf::from(need("VOLUME", "the directory to keep the counter in")?)),
        "slackbot" => Box::new(|_, _, _| not_found()),
        _ => return Err("give a role: web, api, db or slackbot".to_owned()),
    };
    let port = need("PORT", "the port to listen on")?;
    let port: u16 = port.parse().map_err(|_| format!("PORT is `{port}`; give a number from 0 to 65535"))?;
    let stop = Stop::on_signal()?;
    let listener =
        TcpListener::bind(("127.0.0.1", port)).map_err(|error| format!("cannot listen on {port}: {error}"))?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    let me = Me {
        role: role.to_owned(),
        version,
        task: env("GANTRY_TASK").unwrap_or_else(|| "a process of your own".to_owned()),
        port,
    };
    say(&format!("{role} {} listens on port {port}", me.version));
    if role == "slackbot" {
        work(&me, &stop);
    }
    let started = Instant::now();
    serve_http(&listener, &stop, move |method, path| match path {
        "/health" if variant.is_healthy(started.elapsed()) => Answer::text("200 OK", "ok\n"),
        "/health" => Answer::text("503 Service Unavailable", "not healthy\n"),
        _ => answer(&me, method, path),
    })?;
    say(&format!("{role} ended as it was asked to"));
    Ok(())
}

/// What a role answers to a method and a path.
type Answers = Box<dyn Fn(&Me, &str, &str) -> Answer + Send + Sync>;

/// A page that shows who answered, and what the API says.
fn web(api: Option<String>) -> Answers {
    Box::new(move |me, _, path| {
        if path != "/" {
            return not_found();
        }
        let below = match &api {
            Some(address) => ask("GET", address, "/").unwrap_or_else(|why| format!("the API doesn't answer: {why}")),
            None => "no API: API_ADDRESS isn't set".to_owned(),
        };
        let (version, task, port) = (html(&me.version), html(&me.task), me.port);
        Answer::page(format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>mini-soa {version}</title>\n\
             <style>body{{font:18px/1.5 system-ui;max-width:40em;margin:4em auto;padding:0 1em}}\
             pre{{background:#f2f0ec;padding:1em;overflow:auto}}</style></head>\n\
             <body><h1>mini-soa</h1>\n<p>Version <b>{version}</b>, answered by <b>{task}</b> on port {port}.</p>\n\
             <p>The API says:</p>\n<pre>{}</pre></body></html>\n",
            html(&below)
        ))
    })
}

/// JSON with the counter, which each question makes one higher.
fn api(db: Option<String>) -> Answers {
    Box::new(move |me, _, path| {
        if path != "/" {
            return not_found();
        }
        let counter = match &db {
            Some(address) => ask("POST", address, "/counter"),
            None => Err("DB_ADDRESS isn't set".to_owned()),
        };
        match counter.map(|text| text.trim().parse::<u64>()) {
            Ok(Ok(counter)) => Answer::json(me.json(&format!(",\"counter\":{counter}"))),
            Ok(Err(_)) => Answer::json(me.json(",\"counter\":null,\"problem\":\"the db answered no number\"")),
            Err(why) => {
                complain(&format!("no counter: {why}"));
                Answer::json(me.json(&format!(",\"counter\":null,\"problem\":{}", json(&why))))
            }
        }
    })
}

/// A counter that survives.
fn db(dir: PathBuf) -> Answers {
    let turn = Mutex::new(());
    Box::new(move |_, method, path| {
        if path != "/counter" {
            return not_found();
        }
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        let value = read(&dir).and_then(|value| match method {
            "POST" => write(&dir, value + 1).map(|()| value + 1),
            _ => Ok(value),
        });
        match value {
            Ok(value) => Answer::text("200 OK", format!("{value}\n")),
            Err(error) => {
                complain(&format!("the counter in {} can't be used: {error}", dir.display()));
                Answer::text("500 Internal Server Error", "the counter can't be used\n")
            }
        }
    })
}

fn read(dir: &Path) -> io::Result<u64> {
    match fs::read_to_string(dir.join("counter")) {
        Ok(text) => text.trim().parse().map_err(|_| io::Error::other("the file holds no number")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}

/// On disk before it is answered.
fn write(dir: &Path, value: u64) -> io::Result<()> {
    let beside = dir.join("counter.new");
    let mut file = File::create(&beside)?;
    file.write_all(format!("{value}\n").as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, dir.join("counter"))?;
    File::open(dir)?.sync_all()
}

/// A line now and then, as a worker writes.
fn work(me: &Me, stop: &Stop) {
    let (version, stop) = (me.version.clone(), stop.clone());
    std::thread::spawn(move || {
        let mut looks: u64 = 0;
        while !stop.wait(WORK) {
            looks += 1;
            say(&format!("slackbot {version} looked for messages {looks} times"));
        }
    });
}

fn not_found() -> Answer {
    Answer::text("404 Not Found", "there is nothing here\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_survives_whoever_keeps_it() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(dir.path()).unwrap(), 0);
        write(dir.path(), 41).unwrap();
        assert_eq!(read(dir.path()).unwrap(), 41);
        fs::write(dir.path().join("counter"), "nonsense").unwrap();
        assert!(read(dir.path()).is_err());
    }

    #[test]
    fn roles_ask_each_other() {
        let dir = tempfile::tempdir().unwrap();
        let stop = Stop::default();
        let start = |role: &str, answers: Answers| {
            let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
            let port = listener.local_addr().unwrap().port();
            let me = Me { role: role.to_owned(), version: "<1>".to_owned(), task: "t".to_owned(), port };
            let stop = stop.clone();
            let serve = move || serve_http(&listener, &stop, move |method, path| answers(&me, method, path));
            (format!("127.0.0.1:{port}"), std::thread::spawn(serve))
        };
        let (db_at, db_thread) = start("db", db(dir.path().to_owned()));
        let (api_at, api_thread) = start("api", api(Some(db_at.clone())));
        let (web_at, web_thread) = start("web", web(Some(api_at.clone())));
        assert!(ask("GET", &api_at, "/").unwrap().contains("\"counter\":1"));
        let page = ask("GET", &web_at, "/").unwrap();
        assert!(
            page.contains("&quot;counter&quot;:2") && page.contains("&lt;1&gt;") && !page.contains("<1>"),
            "{page}"
        );
        assert_eq!(ask("GET", &db_at, "/counter").unwrap(), "2\n");
        assert!(ask("GET", &web_at, "/nothing").unwrap_err().contains("404"));
        stop.set();
        for thread in [db_thread, api_thread, web_thread] {
            thread.join().unwrap().unwrap();
        }
    }

    #[test]
    fn a_broken_version_says_so() {
        let error = serve("web", |name| (name == "VERSION").then(|| "broken".to_owned())).unwrap_err();
        assert!(error.contains("built broken"), "{error}");
    }
}
