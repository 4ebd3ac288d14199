//! Tests with programs from outside: a browser on the chat page, and `dig` at the DNS server.

use gantry_tests::machine::Machine;
use gantry_tests::wait::until;
use gantry_tests::webdriver::{Browser, ENTER};
use std::path::Path;
use tokio::process::Command;

/// The chat page's address, with its key, as the bot printed it.
fn page(machine: &Machine) -> String {
    let printed = machine.printed();
    let line = printed.lines().find(|line| line.trim_start().starts_with("Chat"));
    line.and_then(|line| line.split_whitespace().last()).expect("the bot prints the address").to_owned()
}

/// Becomes somebody else.
async fn become_(browser: &Browser, who: &str) {
    until(&format!("{who} can be chosen"), || async {
        let names = browser.texts("#switch-user option").await;
        let place = names.iter().position(|name| name == who)?;
        browser.click(&format!("#switch-user option:nth-child({})", place + 1)).await;
        Some(())
    })
    .await;
}

/// Waits for a message that says this; gives every state of the newest card that was seen on the way.
async fn until_said(browser: &Browser, what: &str) -> Vec<String> {
    let seen = std::cell::RefCell::new(Vec::new());
    until(&format!("the page says `{what}`"), || async {
        let last = browser.texts("#messages [data-testid=message]").await.pop()?;
        let head = last.lines().find(|line| line.contains("op-")).unwrap_or_default().to_owned();
        if seen.borrow().last() != Some(&head) {
            seen.borrow_mut().push(head);
        }
        last.contains(what).then_some(())
    })
    .await;
    seen.into_inner()
}

#[tokio::test]
async fn a_person_at_the_chat_page() {
    let machine = Machine::start().await;
    let browser = Browser::open(1360, 900).await;
    browser.go(&page(&machine)).await;

    become_(&browser, "developer").await;
    browser.click("[data-testid=channel][data-channel=dev]").await;
    browser.write("[data-testid=composer]", &format!("/gantry deploy web to dev{ENTER}")).await;
    let states = until_said(&browser, "succeeded").await;
    assert!(states.len() > 1, "the card changes while one watches: {states:?}");

    browser.click("[data-testid=channel][data-channel=prod]").await;
    let words = "/gantry deploy web to prod because the new page is ready";
    browser.write("[data-testid=composer]", &format!("{words}{ENTER}")).await;
    until_said(&browser, "waits for approval").await;
    assert!(machine.counts().await.len() == 3, "only dev runs");

    become_(&browser, "platform").await;
    until_said(&browser, "waits for approval").await;
    browser.click("#messages .button-primary").await;
    // An approval is asked for once more, in a dialog with the plan's digest.
    browser.click("[data-testid=confirm-ok]").await;
    until_said(&browser, "succeeded").await;
    browser.click("#messages [data-testid=open-thread]").await;
    until("the thread tells it", || async {
        let thread = browser.texts("[data-testid=thread]").await.concat();
        (thread.contains("approved") && thread.contains("has started") && thread.contains("Done in")).then_some(())
    })
    .await;
    keep(&browser.picture().await).await;
    browser.close().await;
    machine.leave().await;
}

/// Keeps the picture where `GANTRY_PICTURE` says, if it does: that is how the one in the documentation is made.
#[expect(clippy::disallowed_methods, reason = "where a picture goes is the caller's choice")]
async fn keep(picture: &str) {
    let Ok(file) = std::env::var("GANTRY_PICTURE") else { return };
    let encoded = Path::new(&file).with_extension("base64");
    std::fs::write(&encoded, picture).unwrap();
    let to = std::fs::File::create(&file).unwrap();
    let status = Command::new("base64").arg("--decode").arg(&encoded).stdout(to).status().await.unwrap();
    assert!(status.success());
    std::fs::remove_file(&encoded).unwrap();
}

#[tokio::test]
async fn dig_gets_the_name_from_the_dns_server() {
    let machine = Machine::start().await;
    let said = machine.say("deploy web to dev").await;
    assert_eq!(said.exit, 0, "{}\n{}", said.text(), said.errors);
    let server = machine.runtime().await.status().await.unwrap().dns;
    let (address, port) = server.rsplit_once(':').unwrap();
    let arguments = [&format!("@{address}"), "-p", port, "+short", "+tries=1", "+time=5", "www.dev.mini-soa.localhost"];
    let output = Command::new("dig").args(arguments).output().await.unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "127.0.0.1\n", "{output:?}");
    machine.leave().await;
}
