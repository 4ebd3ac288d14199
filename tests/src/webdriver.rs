//! A headless Chromium through its driver: as much of the WebDriver protocol (w3.org/TR/webdriver2) as the tests of the
//! chat page need. Elements are found by CSS selectors; whatever isn't there yet is waited for.

use crate::wait::until;
use crate::{http, process};
use serde_json::{Value, json};
use std::process::Stdio;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The key that an element's id has in answers.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The key Enter, as the protocol writes it.
pub const ENTER: char = '\u{E007}';

/// The key Escape.
pub const ESCAPE: char = '\u{E00C}';

/// A browser with one window.
pub struct Browser {
    address: String,
    session: String,
    driver: Child,
    profile: TempDir,
}

impl Browser {
    /// Opens a browser.
    ///
    /// # Panics
    /// If there is no `chromedriver`, or it can't open one.
    pub async fn open(width: u32, height: u32) -> Self {
        let profile = tempfile::Builder::new().prefix("gantry-browser-").tempdir().expect("there is room for files");
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").env("TMPDIR", profile.path()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut driver = command.kill_on_drop(true).spawn().expect("chromedriver is installed");
        let mut lines = BufReader::new(driver.stdout.take().expect("its output is ours")).lines();
        let port = loop {
            let line = lines.next_line().await.expect("it says something").expect("chromedriver goes on");
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                break port.trim_end_matches('.').to_owned();
            }
        };
        // Whoever writes to a pipe that nobody reads stops at some time.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let mut browser = Self { address: format!("127.0.0.1:{port}"), session: String::new(), driver, profile };
        let data = format!("--user-data-dir={}", browser.profile.path().display());
        let size = format!("--window-size={width},{height}");
        let arguments = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", &data, &size];
        let options = json!({ "args": arguments });
        let wanted = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let answer = browser.call("POST", "/session", Some(&wanted)).await.expect("a session");
        browser.session = answer["sessionId"].as_str().expect("a session has an id").to_owned();
        browser
    }

    /// Goes to an address.
    ///
    /// # Panics
    /// If the browser can't.
    pub async fn go(&self, url: &str) {
        self.ask("POST", "url", Some(&json!({ "url": url }))).await.expect("the page opens");
    }

    /// Clicks what a selector finds, once it is there and can be clicked.
    pub async fn click(&self, selector: &str) {
        let what = format!("`{selector}` can be clicked");
        until(&what, || async {
            let element = self.find(selector).await?;
            self.ask("POST", &format!("element/{element}/click"), Some(&json!({}))).await.ok()
        })
        .await;
    }

    /// Types into what a selector finds, once it is there.
    pub async fn write(&self, selector: &str, text: &str) {
        let what = format!("`{selector}` can be written into");
        until(&what, || async {
            let element = self.find(selector).await?;
            self.ask("POST", &format!("element/{element}/value"), Some(&json!({ "text": text }))).await.ok()
        })
        .await;
    }

    /// What everything that a selector finds reads now, in order.
    ///
    /// # Panics
    /// If the browser doesn't answer.
    pub async fn texts(&self, selector: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(arguments[0])].map((node) => node.innerText)";
        let answer = self.ask("POST", "execute/sync", Some(&json!({ "script": script, "args": [selector] }))).await;
        let answer = answer.expect("the page answers");
        let texts = answer.as_array().into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    }

    /// Makes the window so large.
    ///
    /// # Panics
    /// If the browser can't.
    pub async fn resize(&self, width: u32, height: u32) {
        // A window has a least width; a device has none.
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": true });
        let command = json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": metrics });
        self.ask("POST", "goog/cdp/execute", Some(&command)).await.expect("the window changes");
    }

    /// What a script gives.
    ///
    /// # Panics
    /// If the page doesn't answer.
    pub async fn ask_page(&self, script: &str) -> Value {
        self.ask("POST", "execute/sync", Some(&json!({ "script": script, "args": [] })))
            .await
            .expect("the page answers")
    }

    /// What is to be seen, as a PNG in base64.
    ///
    /// # Panics
    /// If the browser doesn't answer.
    pub async fn picture(&self) -> String {
        let answer = self.ask("GET", "screenshot", None).await.expect("a picture");
        answer.as_str().expect("a picture is text").to_owned()
    }

    /// Closes the browser, and waits for it.
    ///
    /// # Panics
    /// If it can't be closed.
    pub async fn close(mut self) {
        self.ask("DELETE", "", None).await.expect("the session ends");
        self.driver.kill().await.expect("the driver ends");
    }

    async fn find(&self, selector: &str) -> Option<String> {
        let wanted = json!({ "using": "css selector", "value": selector });
        let found = self.ask("POST", "element", Some(&wanted)).await.ok()?;
        found[ELEMENT].as_str().map(str::to_owned)
    }

    async fn ask(&self, method: &str, what: &str, body: Option<&Value>) -> Result<Value, String> {
        let path = format!("/session/{}/{what}", self.session);
        self.call(method, path.trim_end_matches('/'), body).await
    }

    async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let answer = http::send(method, &self.address, &self.address, path, body).await?;
        let mut json: Value = serde_json::from_str(&answer.body).map_err(|error| error.to_string())?;
        match answer.status {
            200 => Ok(json["value"].take()),
            _ => Err(json["value"]["message"].to_string()),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        process::end_all_of(self.profile.path());
    }
}
