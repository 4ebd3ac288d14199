//! The API's promises: identity by mark, one effect per token, refusals that say what to do, and where it is reached.

use crate::support::*;
use gantry_local::api::*;
use gantry_local::net::{Data, Mode};
use std::fs;
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;

fn zone(name: &str) -> Spec {
    Spec::Zone(ZoneSpec { name: name.to_owned() })
}

#[tokio::test]
async fn the_same_mark_is_the_same_object() {
    let bed = Bed::new().await;
    let balancer = Spec::Balancer(BalancerSpec { mode: Mode::Tcp });
    let first = bed.client.put(&put("dev/x", "a", balancer.clone())).await.unwrap();
    assert_eq!(bed.client.put(&put("dev/x", "a", balancer.clone())).await.unwrap(), first);
    let second = bed.client.put(&put("dev/x", "b", balancer.clone())).await.unwrap();
    assert_eq!((&second.id, &second.outputs), (&first.id, &first.outputs));
    let mut reborn = put("dev/x", "a", balancer);
    reborn.mark.incarnation = 2;
    assert_ne!(bed.client.put(&reborn).await.unwrap().id, first.id);

    let all = bed.client.list(&Filter::env("test", "mini-soa", "dev")).await.unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(bed.client.list(&Filter::env("other", "mini-soa", "dev")).await.unwrap(), []);
    assert_eq!(bed.client.get(&first.id).await.unwrap(), Some(second));
    assert_eq!(bed.client.get("bal-0000").await.unwrap(), None);
    bed.tear_down().await;
    assert!(bed.client.delete(&first.id).await.unwrap().gone, "what isn't there is gone");
}

#[tokio::test]
async fn names_belong_to_whoever_had_them_first() {
    let bed = Bed::new().await;
    let owner = bed.client.put(&put("dev/zone", "a", zone("dev.shop.localhost"))).await.unwrap();
    let mut other = put("dev/zone", "b", zone("DEV.shop.localhost"));
    other.mark.env = "other".to_owned();
    let error = bed.client.put(&other).await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::Conflict));
    assert!(error.to_string().contains("belongs to dev/zone of mini-soa/dev"), "{error}");

    let record = |name: &str| {
        let data = Data::A(Ipv4Addr::LOCALHOST);
        Spec::Record(RecordSpec { zone: owner.id.clone(), name: name.to_owned(), ttl: 60, data })
    };
    bed.client.put(&put("dev/www", "a", record("www.dev.shop.localhost"))).await.unwrap();
    let outside = bed.client.put(&put("dev/out", "a", record("www.example.org"))).await.unwrap_err();
    assert_eq!(outside.code(), Some(ErrorCode::Invalid));
    let used = bed.client.delete(&owner.id).await.unwrap_err();
    assert_eq!(used.code(), Some(ErrorCode::InUse));
    assert!(used.to_string().contains("dev/www"), "{used}");
    bed.tear_down().await;
    assert_eq!(bed.client.put(&other).await.unwrap().outputs["name"], "DEV.shop.localhost");
    bed.tear_down().await;
}

#[tokio::test]
async fn what_cannot_be_carried_out_is_refused_and_leaves_nothing() {
    let bed = Bed::new().await;
    let stage = bed.stage(1).await;
    let before = bed.client.list(&Filter::default()).await.unwrap().len();
    let mut no_command = stage.web(1, "1", 1);
    no_command.task.command.clear();
    let mut no_port = stage.web(1, "1", 1);
    no_port.task.ports.clear();
    let mut no_volume = stage.web(1, "1", 1);
    no_volume.task.volumes = vec![Mount { volume: "vol-0".to_owned(), env: "DATA".to_owned() }];
    for (spec, hint) in [(no_command, "command is empty"), (no_port, "no port `http`"), (no_volume, "no vol-0")] {
        let error = bed.client.put(&web("a", spec)).await.unwrap_err();
        assert_eq!(error.code(), Some(ErrorCode::Invalid));
        assert!(error.to_string().contains(hint), "{error}");
    }
    let route = RouteSpec { host: "not a name".to_owned(), balancer: stage.balancer };
    let error = bed.client.put(&put("dev/r", "a", Spec::Route(route))).await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::Invalid));
    assert_eq!(bed.client.kill(&Kill::Task("task-0".to_owned())).await.unwrap_err().code(), Some(ErrorCode::NotFound));
    assert_eq!(bed.client.abort("svc-0", "a").await.unwrap_err().code(), Some(ErrorCode::NotFound));
    assert_eq!(bed.client.list(&Filter::default()).await.unwrap().len(), before);
    bed.tear_down().await;
}

#[tokio::test]
async fn the_socket_is_its_owners_alone_and_moves_when_the_path_is_too_long() {
    let bed = Bed::new().await;
    let near = bed.dir().join("runtime/api.sock");
    assert_eq!(fs::metadata(&near).unwrap().permissions().mode() & 0o777, 0o600);

    let deep = Bed::below(&"deep-".repeat(30)).await;
    let record = fs::read_to_string(deep.dir().join("runtime/socket")).unwrap();
    let socket = std::path::Path::new(record.trim());
    assert!(socket.as_os_str().len() < 108 && !socket.starts_with(deep.dir()));
    assert_eq!(fs::metadata(socket.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    deep.client.stop(Stop::default()).await.unwrap();
    assert!(!socket.exists());
    drop(fs::remove_dir(socket.parent().unwrap()));
}

#[tokio::test]
async fn a_program_that_is_no_runtime_is_told_from_one_that_is_slow() {
    let dir = tempfile::tempdir().unwrap();
    let launch = Launch { exe: "/nowhere/gantry".into(), args: vec![] };
    let error = Client::connect_with(dir.path(), launch).await.unwrap_err();
    assert!(error.to_string().starts_with("cannot start the runtime from /nowhere/gantry"), "{error}");
}

#[tokio::test]
async fn a_balancer_changes_its_mode_in_place_and_a_used_zone_keeps_its_name() {
    let bed = Bed::new().await;
    let balancer = |token: &str, mode| put("dev/x", token, Spec::Balancer(BalancerSpec { mode }));
    let http = bed.client.put(&balancer("a", Mode::Http)).await.unwrap();
    let tcp = bed.client.put(&balancer("b", Mode::Tcp)).await.unwrap();
    assert_eq!(http.outputs, tcp.outputs, "the address stays");
    let answer = get(&tcp.outputs["address"], "/").await;
    assert_eq!(answer, None, "nobody is behind it");

    let owner = bed.client.put(&put("dev/zone", "a", zone("one.localhost"))).await.unwrap();
    bed.client.put(&put("dev/zone", "b", zone("two.localhost"))).await.unwrap();
    let data = Data::A(Ipv4Addr::LOCALHOST);
    let record = RecordSpec { zone: owner.id, name: "www.two.localhost".to_owned(), ttl: 60, data };
    bed.client.put(&put("dev/www", "a", Spec::Record(record))).await.unwrap();
    let error = bed.client.put(&put("dev/zone", "c", zone("three.localhost"))).await.unwrap_err();
    assert!(error.to_string().contains("dev/www"), "{error}");
    bed.tear_down().await;
}
