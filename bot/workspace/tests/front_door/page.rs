//! The page's files: there, of the right kind, under a policy that lets nothing foreign in. A browser tests what they do.

use std::collections::BTreeSet;
use std::path::Path;

use http::Request;

use crate::bed::{Bed, Reply};

async fn get(bed: &Bed, path: &str) -> Reply {
    let request = Request::get(format!("{}{path}", bed.running.base_url())).body(Default::default()).unwrap();
    bed.request(request).await.unwrap()
}

fn sources() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect()
}

#[tokio::test]
async fn every_file_is_served_with_its_kind_and_the_policy() {
    let bed = Bed::start().await;
    let index = get(&bed, "/").await;
    assert_eq!(index.status, 200);
    assert!(index.text.contains("/page/app.js"));
    for (name, text) in sources() {
        let reply = get(&bed, &format!("/page/{name}")).await;
        assert_eq!((reply.status, reply.text), (200, text), "{name}");
        let policy = reply.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(reply.headers["x-content-type-options"], "nosniff");
        let kind = reply.headers["content-type"].to_str().unwrap();
        assert!(
            kind.contains(match name.rsplit('.').next() {
                Some("js") => "javascript",
                Some("css") => "css",
                Some("svg") => "svg",
                _ => "html",
            }),
            "{name}: {kind}"
        );
    }
    assert_eq!(get(&bed, "/page/..%2fCargo.toml").await.status, 404);
}

#[test]
fn no_file_asks_for_what_is_not_there_or_elsewhere() {
    let sources = sources();
    let names: BTreeSet<&str> = sources.iter().map(|(name, _)| name.as_str()).collect();
    for (name, text) in &sources {
        for piece in text.split(['"', '\'']) {
            if let Some(file) = piece.strip_prefix("/page/").or_else(|| piece.strip_prefix("./")) {
                assert!(names.contains(file), "{name} asks for {piece}");
            }
        }
        let foreign = text.match_indices("http").filter(|(at, _)| {
            let rest = &text[*at..];
            rest.starts_with("http") && rest.contains("://") && rest[..rest.find("://").unwrap()].len() <= 5
        });
        for (at, _) in foreign {
            assert!(
                text[at..].starts_with("http://www.w3.org/2000/svg"),
                "{name}: {}",
                &text[at..(at + 60).min(text.len())]
            );
        }
    }
}

/// Data becomes text nodes, never markup: the ways around that don't occur at all.
#[test]
fn no_script_turns_data_into_markup() {
    for (name, text) in sources() {
        for word in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "srcdoc",
            "DOMParser",
        ] {
            assert!(!text.contains(word), "{name} uses {word}");
        }
    }
}
