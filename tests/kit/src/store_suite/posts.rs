//! Messages: one per key, edited by another body, sent in the order they were stored.

use super::Case;
use super::samples::{click, draft, propose, ts};
use gantry_engine::names::{ChannelId, OpId, UserId};
use gantry_engine::ports::{Post, PostDraft, PostKey, Report, Store, StoreError, Thread, Undelivered};
use std::sync::Arc;

fn key(text: &str) -> PostKey {
    PostKey(text.to_owned())
}

async fn unsent(store: &dyn Store) -> Result<Vec<(String, u64)>, StoreError> {
    Ok(store.unsent(100).await?.into_iter().map(|post| (post.draft.key.0, post.version)).collect())
}

async fn report(store: &dyn Store, op: OpId, upto: u64, posts: &[(&str, &str)]) -> Case {
    let posts = posts.iter().map(|(key, body)| draft(key, body)).collect();
    store.report(Report { op, upto, posts }).await
}

pub(super) async fn a_report_stores_messages_and_the_marker(store: Arc<dyn Store>) -> Case {
    let op = propose(&*store, "d1", "dev").await?;
    assert_eq!(store.unreported().await?.into_iter().map(|op| op.id).collect::<Vec<_>>(), [op]);
    report(&*store, op, 1, &[("card", "v1")]).await?;
    assert_eq!(store.unreported().await?, []);
    assert_eq!(store.operation(op).await?.map(|op| (op.seq, op.reported)), Some((1, 1)));
    let post = Post { draft: draft("card", "v1"), version: 1, sent: 0, tried: false, ts: None };
    assert_eq!(store.unsent(10).await?, std::slice::from_ref(&post));
    assert_eq!(store.post(&key("card")).await?, Some(post));
    assert_eq!(store.post(&key("none")).await?, None);
    store.append(click(op, "c1", 1)).await?;
    assert_eq!(store.unreported().await?.into_iter().map(|op| (op.id, op.reported)).collect::<Vec<_>>(), [(op, 1)]);
    Ok(())
}

pub(super) async fn a_report_that_comes_late_changes_nothing(store: Arc<dyn Store>) -> Case {
    let op = propose(&*store, "d1", "dev").await?;
    store.append(click(op, "c1", 1)).await?;
    report(&*store, op, 2, &[("card", "newer")]).await?;
    report(&*store, op, 1, &[("card", "older"), ("extra", "older")]).await?;
    assert_eq!(store.operation(op).await?.map(|op| op.reported), Some(2));
    assert_eq!(store.post(&key("card")).await?.map(|p| (p.draft.body, p.version)), Some(("newer".to_owned(), 1)));
    assert_eq!(store.post(&key("extra")).await?, None);
    report(&*store, op, 2, &[("card", "same entry, told anew")]).await?;
    assert_eq!(store.post(&key("card")).await?.map(|p| p.version), Some(2));
    Ok(())
}

pub(super) async fn an_unchanged_body_is_no_edit(store: Arc<dyn Store>) -> Case {
    let op = propose(&*store, "d1", "dev").await?;
    report(&*store, op, 1, &[("card", "v1")]).await?;
    store.sent(&key("card"), 1, Some(&ts(1))).await?;
    report(&*store, op, 1, &[("card", "v1")]).await?;
    assert_eq!(unsent(&*store).await?, []);
    report(&*store, op, 1, &[("card", "v2")]).await?;
    assert_eq!(unsent(&*store).await?, [("card".to_owned(), 2)]);
    let post = store.post(&key("card")).await?.expect("it is there");
    assert_eq!((post.sent, post.ts, post.draft.body.as_str()), (1, Some(ts(1)), "v2"), "it is an edit of that message");
    store.sent(&key("card"), 2, None).await?;
    assert_eq!(store.post(&key("card")).await?.and_then(|p| p.ts), Some(ts(1)), "an edit stays where it is");
    assert_eq!(unsent(&*store).await?, []);
    Ok(())
}

pub(super) async fn unsent_come_in_the_order_of_first_storing(store: Arc<dyn Store>) -> Case {
    let op = propose(&*store, "d1", "dev").await?;
    report(&*store, op, 1, &[("z", "1"), ("a", "1")]).await?;
    report(&*store, op, 1, &[("m", "1"), ("z", "2")]).await?;
    let expected = [("z", 2), ("a", 1), ("m", 1)].map(|(key, version)| (key.to_owned(), version));
    assert_eq!(unsent(&*store).await?, expected);
    let two: Vec<_> = store.unsent(2).await?.into_iter().map(|post| post.draft.key.0).collect();
    assert_eq!(two, ["z", "a"]);
    Ok(())
}

pub(super) async fn an_edit_overtakes_what_is_being_sent(store: Arc<dyn Store>) -> Case {
    let op = propose(&*store, "d1", "dev").await?;
    report(&*store, op, 1, &[("card", "v1")]).await?;
    report(&*store, op, 1, &[("card", "v2")]).await?;
    store.sent(&key("card"), 1, Some(&ts(1))).await?;
    assert_eq!(unsent(&*store).await?, [("card".to_owned(), 2)]);
    store.sent(&key("card"), 2, Some(&ts(1))).await?;
    store.sent(&key("card"), 1, Some(&ts(1))).await?;
    assert_eq!(unsent(&*store).await?, [], "an answer that comes late takes nothing back");
    assert_eq!(store.post(&key("card")).await?.map(|p| p.sent), Some(2));
    Ok(())
}

pub(super) async fn post_once_is_once(store: Arc<dyn Store>) -> Case {
    assert!(store.post_once(draft("warning", "an hour left")).await?);
    assert!(!store.post_once(draft("warning", "something else")).await?);
    let post = store.post(&key("warning")).await?.expect("it is there");
    assert_eq!((post.draft.body.as_str(), post.version), ("an hour left", 1));
    Ok(())
}

pub(super) async fn a_first_try_is_noted(store: Arc<dyn Store>) -> Case {
    store.post_once(draft("p", "b")).await?;
    store.sending(&key("p")).await?;
    store.sending(&key("p")).await?;
    let post = store.post(&key("p")).await?.expect("it is there");
    assert!(post.tried && post.sent == 0 && post.ts.is_none());
    assert_eq!(store.unsent(10).await?, [post], "a try is no success");
    Ok(())
}

pub(super) async fn a_body_that_is_given_up_waits_for_another_one(store: Arc<dyn Store>) -> Case {
    let op = propose(&*store, "d1", "dev").await?;
    report(&*store, op, 1, &[("gone", "1"), ("fine", "1")]).await?;
    let never = || Undelivered::Never("its blocks are refused".to_owned());
    store.undeliverable(&key("gone"), 1, never(), vec![]).await?;
    assert_eq!(unsent(&*store).await?, [("fine".to_owned(), 1)]);
    assert_eq!(store.reopen(None).await?, 0, "it waits for no channel");
    report(&*store, op, 1, &[("gone", "1")]).await?;
    assert_eq!(unsent(&*store).await?, [("fine".to_owned(), 1)], "the same again is no other one");
    report(&*store, op, 1, &[("gone", "2")]).await?;
    store.undeliverable(&key("gone"), 1, never(), vec![]).await?;
    assert_eq!(unsent(&*store).await?, [("gone".to_owned(), 2), ("fine".to_owned(), 1)], "the newer one is tried");
    Ok(())
}

pub(super) async fn what_waits_for_its_channel_is_told_elsewhere_until_it_opens(store: Arc<dyn Store>) -> Case {
    let op = propose(&*store, "d1", "dev").await?;
    let other = PostDraft { channel: ChannelId::new("C9"), ..draft("other", "1") };
    store.post_once(other.clone()).await?;
    report(&*store, op, 1, &[("card", "1"), ("news", "1")]).await?;
    let closed = || Undelivered::Closed("is_archived".to_owned());
    for at in ["card", "news", "card"] {
        let copy = PostDraft { key: key(at).copy(&ChannelId::new("U1")), ..draft(at, "1") };
        store.undeliverable(&key(at), 1, closed(), vec![draft("why", "archived"), copy]).await?;
    }
    store.undeliverable(&key("other"), 1, closed(), vec![]).await?;
    let told = ["why", "card@U1", "news@U1"].map(|key| (key.to_owned(), 1));
    assert_eq!(unsent(&*store).await?, told, "each once, in the order of telling");
    assert_eq!(store.reopen(Some(&draft("card", "").channel)).await?, 2);
    assert_eq!(unsent(&*store).await?[..2], ["card", "news"].map(|key| (key.to_owned(), 1)), "in its old order");
    assert_eq!(store.reopen(None).await?, 1, "and so may all others");
    Ok(())
}

pub(super) async fn a_copy_follows_its_original(store: Arc<dyn Store>) -> Case {
    let op = propose(&*store, "d1", "dev").await?;
    let copy = key("card").copy(&ChannelId::new("U1"));
    assert_eq!(copy.original(), Some(key("card")));
    report(&*store, op, 1, &[("card", "1"), ("card2", "1")]).await?;
    let drafts = vec![PostDraft { key: copy.clone(), ..draft("card", "1") }];
    store.undeliverable(&key("card"), 1, Undelivered::Closed("is_archived".to_owned()), drafts).await?;
    store.sent(&copy, 1, Some(&ts(1))).await?;
    report(&*store, op, 1, &[("card", "2")]).await?;
    let post = store.post(&copy).await?.expect("it is there");
    assert_eq!((post.draft.body.as_str(), post.version, post.ts), ("2", 2, Some(ts(1))), "it is an edit");
    let expected = [("card", 2), ("card2", 1), ("card@U1", 2)].map(|(key, version)| (key.to_owned(), version));
    assert_eq!(unsent(&*store).await?, expected, "and the original is tried again");
    report(&*store, op, 1, &[("card", "2")]).await?;
    assert_eq!(unsent(&*store).await?, expected, "an unchanged body is no edit");
    Ok(())
}

pub(super) async fn what_a_draft_says_is_kept(store: Arc<dyn Store>) -> Case {
    let drafts = [
        PostDraft { thread: Thread::Under(ts(3)), ..draft("a", "{\"text\":\"ü 'quoted' \\u0000\"}") },
        PostDraft { thread: Thread::UnderPost(key("a")), ..draft("b", "") },
        PostDraft { only_for: Some(UserId::new("U9")), ..draft("c", "psst") },
    ];
    for draft in &drafts {
        store.post_once(draft.clone()).await?;
    }
    let found: Vec<_> = store.unsent(10).await?.into_iter().map(|post| post.draft).collect();
    assert_eq!(found, drafts);
    Ok(())
}

pub(super) async fn unreported_come_oldest_first(store: Arc<dyn Store>) -> Case {
    let mut ops = vec![];
    for delivery in ["d1", "d2", "d3"] {
        ops.push(propose(&*store, delivery, "dev").await?);
    }
    report(&*store, ops[1], 1, &[]).await?;
    let found: Vec<_> = store.unreported().await?.into_iter().map(|op| op.id).collect();
    assert_eq!(found, [ops[0], ops[2]]);
    Ok(())
}
