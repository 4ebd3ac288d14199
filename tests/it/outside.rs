//! Tests with programs from outside: a browser on the chat page, and `dig` at the DNS server.

use gantry_tests::machine::Machine;
use gantry_tests::wait::until;
use gantry_tests::webdriver::{Browser, ENTER, ESCAPE};
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

/// Waits until a script gives true.
async fn until_true(browser: &Browser, what: &str, script: &str) {
    until(what, || async { (browser.ask_page(script).await == true).then_some(()) }).await;
}

const MODAL_IS_OPEN: &str = "return Boolean(document.querySelector('[data-testid=modal][open]'))";
const MODAL_IS_GONE: &str = "return !document.querySelector('[data-testid=modal]')";

/// The chat page as wide as a phone, in a channel, as the developer.
async fn phone(machine: &Machine, name: &str) -> Browser {
    let browser = Browser::open(1000, 800).await;
    browser.resize(390, 800).await;
    browser.go(&page(machine)).await;
    let there = "return document.querySelectorAll('#switch-user option').length > 1";
    until_true(&browser, "who one is can be chosen", there).await;
    browser.click("[data-testid=menu-open]").await;
    become_(&browser, "developer").await;
    channel(&browser, name).await;
    browser
}

/// Goes to a channel: on a phone the list lies over the messages, and opens by a button.
async fn channel(browser: &Browser, name: &str) {
    // It is open still where somebody chose to be who they are already.
    if browser.ask_page("return document.querySelector('.menu-open') === null").await == true {
        browser.click("[data-testid=menu-open]").await;
    }
    browser.click(&format!("[data-testid=channel][data-channel={name}]")).await;
}

const IT_FITS: &str = "return document.documentElement.scrollWidth <= 390";

#[tokio::test]
async fn a_form_on_a_phone() {
    let machine = Machine::start().await;
    let browser = phone(&machine, "dev").await;
    let ask = format!("/gantry deploy{ENTER}");
    browser.write("[data-testid=composer]", &ask).await;
    until_true(&browser, "the form is open", MODAL_IS_OPEN).await;
    let inside = "return document.querySelector('.modal').contains(document.activeElement)";
    until_true(&browser, "the focus is in it", inside).await;
    until_true(&browser, "it fits", IT_FITS).await;
    browser.click("[data-testid=modal-submit]").await;
    let told =
        "return document.activeElement.id === 'field-service' && document.activeElement.hasAttribute('aria-invalid')";
    until_true(&browser, "the first empty field says so and has the focus", told).await;
    browser.write("#field-reason", &ESCAPE.to_string()).await;
    until_true(&browser, "Escape closes it", MODAL_IS_GONE).await;
    until_true(&browser, "the focus is back", "return document.activeElement.dataset.testid === 'composer'").await;

    browser.write("[data-testid=composer]", &ask).await;
    until_true(&browser, "the form is open again", MODAL_IS_OPEN).await;
    browser.click("#field-service option[value=web]").await;
    browser.click("[data-testid=modal-submit]").await;
    until_true(&browser, "it was taken", MODAL_IS_GONE).await;
    until_said(&browser, "succeeded").await;
    browser.close().await;
    machine.leave().await;
}

#[tokio::test]
async fn the_home_tab_and_a_menu_on_a_phone() {
    let machine = Machine::start().await;
    let browser = phone(&machine, "dev").await;
    browser.write("[data-testid=composer]", &format!("/gantry deploy web to dev{ENTER}")).await;
    until_said(&browser, "succeeded").await;

    channel(&browser, "directmessage").await;
    // The answer to the visit comes after what the app publishes for it, and tells what was there before.
    let late = "const ask = window.fetch; window.fetch = async (...what) => { const answer = await ask(...what); \
                if (/home/.test(what[0])) { await new Promise((done) => setTimeout(done, 1500)); setTimeout(() => window.came = true); } \
                return answer; }; return true";
    until_true(&browser, "answers come late", late).await;
    browser.click("[data-testid=tab-home]").await;
    until_true(&browser, "the answer has come", "return window.came === true").await;
    let dev = "return /\\bdev\\b/.test(document.querySelector('[data-testid=home]')?.innerText ?? '')";
    until_true(&browser, "the Home tab shows dev", dev).await;
    until_true(&browser, "it fits", IT_FITS).await;
    browser.click("#home [data-label^='Tear down']").await;
    let asks = "return Boolean(document.querySelector('[data-testid=confirm][open]'))";
    until_true(&browser, "it asks", asks).await;
    browser.click("[data-testid=confirm-cancel]").await;
    browser.click("#home [data-label='Extend…']").await;
    let about = "return document.querySelector('#field-environment')?.value === 'dev'";
    until_true(&browser, "the form is about dev", about).await;
    browser.write("#field-end", &format!("2h{ENTER}")).await;
    until_true(&browser, "it was taken", MODAL_IS_GONE).await;

    channel(&browser, "dev").await;
    browser.click("#messages [data-testid=message]:last-of-type [data-testid=message-menu]").await;
    let open = "return document.querySelectorAll('[data-testid=menu-item]').length > 3";
    until_true(&browser, "the menu is open", open).await;
    browser.click(".menu > [data-testid=menu-item]:last-child").await;
    until("it tells what the message is about", || async {
        let said = browser.texts("#messages [data-testid=ephemeral]").await;
        (!said.is_empty()).then_some(())
    })
    .await;
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
