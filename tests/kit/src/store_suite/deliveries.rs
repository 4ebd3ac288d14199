//! Deliveries: stored once, handled once, answered in the same transaction.

use super::Case;
use super::samples::{delivery, draft};
use gantry_engine::names::DeliveryId;
use gantry_engine::ports::{Accepted, Delivery, Store, Told};
use std::sync::Arc;

pub(super) async fn a_repeat_is_stored_once(store: Arc<dyn Store>) -> Case {
    let first = delivery("d1", 1);
    assert_eq!(store.accept(first.clone()).await?, Accepted::New);
    let repeat = Delivery { body: "{}".to_owned(), ..delivery("d1", 9) };
    assert_eq!(store.accept(repeat).await?, Accepted::Duplicate);
    assert_eq!(store.unhandled(10).await?, std::slice::from_ref(&first), "the first one stays as it came");

    store.handled(&first.id, Told::default()).await?;
    assert_eq!(store.accept(first).await?, Accepted::Duplicate, "also after it was handled");
    assert_eq!(store.unhandled(10).await?, []);
    Ok(())
}

pub(super) async fn unhandled_come_oldest_first_up_to_the_limit(store: Arc<dyn Store>) -> Case {
    for (number, id) in ["z", "a", "m"].into_iter().enumerate() {
        store.accept(delivery(id, i64::try_from(number).expect("three"))).await?;
    }
    let ids = |list: Vec<Delivery>| list.into_iter().map(|d| d.id.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(store.unhandled(2).await?), ["z", "a"]);
    store.handled(&DeliveryId::new("a"), Told::default()).await?;
    assert_eq!(ids(store.unhandled(10).await?), ["z", "m"]);
    Ok(())
}

pub(super) async fn handled_marks_and_answers_at_once(store: Arc<dyn Store>) -> Case {
    store.accept(delivery("d1", 1)).await?;
    let answers = vec![draft("d1/answer", "hello"), draft("d1/more", "and more")];
    store.handled(&DeliveryId::new("d1"), answers.clone().into()).await?;
    assert_eq!(store.unhandled(10).await?, []);
    let unsent: Vec<_> = store.unsent(10).await?.into_iter().map(|post| post.draft).collect();
    assert_eq!(unsent, answers);
    Ok(())
}

pub(super) async fn a_second_handling_changes_nothing(store: Arc<dyn Store>) -> Case {
    store.accept(delivery("d1", 1)).await?;
    let id = DeliveryId::new("d1");
    store.handled(&id, vec![draft("d1/answer", "first")].into()).await?;
    store.handled(&id, vec![draft("d1/answer", "second"), draft("d1/late", "late")].into()).await?;
    let bodies: Vec<_> = store.unsent(10).await?.into_iter().map(|post| post.draft.body).collect();
    assert_eq!(bodies, ["first"], "a delivery is answered once");
    Ok(())
}
