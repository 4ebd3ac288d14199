//! What stands: records of environments, rows of resources, releases, revisions of project files.

use super::Case;
use super::samples::{FIRST, addr, at, claim, environment, key, leased, release, row, service, work};
use gantry_engine::address::Generation;
use gantry_engine::environment::Release;
use gantry_engine::names::{Digest, ProjectName};
use gantry_engine::ports::{Commit, Lease, RecordChange, Revision, RowChange, Store, StoreError};
use std::sync::Arc;

fn change(env: &str, from: Option<(u32, u64)>, to: (u32, u64)) -> Option<RecordChange> {
    Some(RecordChange { from, to: environment(env, to.0, to.1) })
}

fn put(lease: &Lease, env: &str, part: &str, number: u32) -> RowChange {
    RowChange { addr: addr(env, part), generation: FIRST, row: Some(row(lease.op, number)) }
}

pub(super) async fn a_record_is_written_where_it_was_read(store: Arc<dyn Store>) -> Case {
    let lease = leased(&*store, "d1", "dev").await?;
    assert_eq!(store.environment(&key("dev")).await?, None);
    let steps = [(None, (1, 1)), (Some((1, 1)), (1, 2)), (Some((1, 2)), (2, 1))];
    for (after, (from, to)) in (1..).zip(steps) {
        store.append(Commit { record: change("dev", from, to), ..work(&lease, after, "") }).await?;
        assert_eq!(store.environment(&key("dev")).await?, Some(environment("dev", to.0, to.1)));
    }
    Ok(())
}

pub(super) async fn a_record_that_moved_on_refuses_everything(store: Arc<dyn Store>) -> Case {
    let lease = leased(&*store, "d1", "dev").await?;
    let born = Commit { record: change("dev", None, (2, 5)), ..work(&lease, 1, "") };
    store.append(born).await?;
    let moved = Err(StoreError::RecordMoved(key("dev")));
    for from in [None, Some((2, 4)), Some((2, 6)), Some((1, 5))] {
        let commit = Commit {
            record: change("dev", from, (2, 6)),
            rows: vec![put(&lease, "dev", "a", 1)],
            releases: vec![release(lease.op, "web", 1, true)],
            state: gantry_engine::journal::State::Succeeded,
            ..work(&lease, 2, "")
        };
        assert_eq!(store.append(commit).await, moved, "from {from:?}");
    }
    assert_eq!(store.environment(&key("dev")).await?, Some(environment("dev", 2, 5)));
    assert_eq!(store.rows(&key("dev")).await?.rows.len(), 0);
    assert_eq!(store.releases(&key("dev")).await?, []);
    assert_eq!(store.history(lease.op, 0).await?.len(), 2);
    assert_eq!(store.append(work(&lease, 2, "the lease is still held")).await?, 3);
    Ok(())
}

pub(super) async fn a_second_birth_is_refused(store: Arc<dyn Store>) -> Case {
    let first = leased(&*store, "d1", "dev").await?;
    let second = leased(&*store, "d2", "dev").await?;
    store.claim(&first, &claim("dev", &["a"])).await?;
    store.append(Commit { record: change("dev", None, (1, 1)), ..work(&first, 1, "") }).await?;
    let late = Commit { record: change("dev", None, (1, 1)), ..work(&second, 1, "") };
    assert_eq!(store.append(late).await, Err(StoreError::RecordMoved(key("dev"))));
    Ok(())
}

pub(super) async fn rows_are_put_and_removed(store: Arc<dyn Store>) -> Case {
    let lease = leased(&*store, "d1", "dev").await?;
    let second = RowChange { generation: Generation(2), ..put(&lease, "dev", "a", 20) };
    let rows = vec![put(&lease, "dev", "a", 1), second, put(&lease, "dev", "b", 2)];
    store.append(Commit { rows, ..work(&lease, 1, "") }).await?;
    let gone = RowChange { addr: addr("dev", "a"), generation: FIRST, row: None };
    let never = RowChange { addr: addr("dev", "never"), generation: FIRST, row: None };
    store.append(Commit { rows: vec![gone, never, put(&lease, "dev", "b", 3)], ..work(&lease, 2, "") }).await?;
    let found = store.rows(&key("dev")).await?.rows;
    let expected =
        [((addr("dev", "a"), Generation(2)), row(lease.op, 20)), ((addr("dev", "b"), FIRST), row(lease.op, 3))];
    assert_eq!(found, expected.into());
    Ok(())
}

pub(super) async fn rows_belong_to_one_environment(store: Arc<dyn Store>) -> Case {
    let dev = leased(&*store, "d1", "dev").await?;
    let prod = leased(&*store, "d2", "prod").await?;
    store.append(Commit { rows: vec![put(&dev, "dev", "a", 1)], ..work(&dev, 1, "") }).await?;
    store.append(Commit { rows: vec![put(&prod, "prod", "a", 2)], ..work(&prod, 1, "") }).await?;
    let found = store.rows(&key("prod")).await?.rows;
    assert_eq!(found, [((addr("prod", "a"), FIRST), row(prod.op, 2))].into());
    let mut other = key("dev");
    other.project = ProjectName::new("blog").expect("a name");
    assert_eq!(store.rows(&other).await?.rows, [].into(), "the same name in another project");
    Ok(())
}

pub(super) async fn releases_are_put_by_service_and_number(store: Arc<dyn Store>) -> Case {
    let lease = leased(&*store, "d1", "dev").await?;
    let all = [("web", 2, false), ("web", 10, false), ("api", 1, true), ("web", 1, true)];
    let releases: Vec<Release> = all.map(|(name, n, served)| release(lease.op, name, n, served)).into();
    store.append(Commit { releases, ..work(&lease, 1, "") }).await?;
    let served = vec![release(lease.op, "web", 2, true)];
    store.append(Commit { releases: served, ..work(&lease, 2, "") }).await?;
    let found = store.releases(&key("dev")).await?;
    let seen: Vec<_> = found.iter().map(|r| (r.service.clone(), r.number.0, r.served)).collect();
    let expected = [("api", 1, true), ("web", 1, true), ("web", 2, true), ("web", 10, false)];
    assert_eq!(seen, expected.map(|(name, n, served)| (service(name), n, served)));
    assert_eq!(found[0], release(lease.op, "api", 1, true));
    assert_eq!(store.releases(&key("prod")).await?, []);
    Ok(())
}

pub(super) async fn a_revision_is_kept_once(store: Arc<dyn Store>) -> Case {
    let project = key("dev").project;
    let digest = Digest::new("0a1b");
    let first =
        Revision { project: project.clone(), digest: digest.clone(), text: "name = \"shop\"\n".to_owned(), at: at(1) };
    assert_eq!(store.revision(&project, &digest).await?, None);
    store.keep_revision(first.clone(), None).await?;
    store.keep_revision(Revision { at: at(9), ..first.clone() }, None).await?;
    assert_eq!(store.revision(&project, &digest).await?, Some(first), "as it was read first");
    assert_eq!(store.revision(&project, &Digest::new("ffff")).await?, None);
    Ok(())
}

pub(super) async fn records_are_listed_by_name(store: Arc<dyn Store>) -> Case {
    for env in ["prod", "dev", "pr-12"] {
        let lease = leased(&*store, env, env).await?;
        store.append(Commit { record: change(env, None, (1, 1)), ..work(&lease, 1, "") }).await?;
    }
    let names: Vec<_> = store.environments().await?.into_iter().map(|env| env.key).collect();
    assert_eq!(names, [key("dev"), key("pr-12"), key("prod")]);
    Ok(())
}
