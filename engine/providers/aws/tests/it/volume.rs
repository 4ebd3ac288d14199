//! A volume's life: it grows, it waits until nothing uses it, and what is in it is kept where that is wanted.

use crate::bed::{Bed, own_id};
use aws_sdk_ec2::types::Placement;
use gantry_engine::address::Kind;
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Remove, Token};
use serde_json::{Value as Json, json};

const KIND: &str = "aws.volume";

fn spec(size: u32, snapshot: bool) -> Json {
    json!({ "zone": "eu-central-1a", "size_gib": size, "snapshot": snapshot })
}

fn removal(bed: &Bed, of: &Observed) -> Remove {
    let at = Handle { id: of.id.clone(), kind: Kind::new(KIND), mark: bed.mark("data") };
    Remove { at, token: Token("t".to_owned()), tried: None }
}

#[tokio::test]
async fn is_made_once_though_the_reply_is_lost_and_reads_lag() {
    let mut bed = Bed::new();
    let once = json!([{ "action": "ec2.CreateVolume", "n": 1, "fault": "lost_reply" }]);
    bed.standin.faults(json!({ "once": once, "read_lag": [20, 50] }));
    let made = bed.put(KIND, "data", spec(10, true)).await;
    bed.restart();
    assert_eq!(bed.update(KIND, "data", spec(10, true), &made).await, made);
    let there = bed.standin.state();
    let volumes: Vec<_> = there.iter().filter(|thing| thing.sort == "volume").collect();
    assert_eq!(volumes.len(), 1, "{volumes:?}");
    assert_eq!(volumes[0].tags["gantry:snapshot"], "yes");
    assert_eq!(bed.listed().await, ["aws.volume data"]);
}

#[tokio::test]
async fn grows_in_place_and_never_shrinks() {
    let bed = Bed::new();
    let made = bed.put(KIND, "data", spec(10, true)).await;
    assert_eq!(bed.update(KIND, "data", spec(20, false), &made).await, made);
    let volume = bed.standin.state().into_iter().find(|thing| thing.id == own_id(&made)).expect("the volume");
    assert_eq!((volume.more["size"].clone(), volume.tags["gantry:snapshot"].as_str()), (json!(20), "no"));
    let mut less = bed.wish(KIND, "data", spec(10, false));
    less.at.id.clone_from(&made.id);
    let refused = bed.driver(KIND).put(&less).await;
    assert!(matches!(&refused, Err(ProviderError::Invalid(why)) if why.contains("doesn't shrink")), "{refused:?}");
}

#[tokio::test]
async fn one_snapshot_is_complete_before_it_goes() {
    let bed = Bed::new();
    let made = bed.put(KIND, "data", spec(10, true)).await;
    let once = json!([{ "action": "ec2.CreateSnapshot", "n": 1, "fault": "lost_reply" }]);
    bed.standin.faults(json!({ "once": once, "read_lag": [20, 50] }));
    let mut notes = Vec::new();
    let stays = bed.removed(removal(&bed, &made), |note| notes.push(note)).await;
    let first = notes.iter().find(|note| matches!(note, Note::Other(_)));
    assert!(matches!(first, Some(Note::Other(text)) if text.contains("snap-") && text.contains("stays")), "{notes:?}");
    let there = bed.standin.state();
    let snapshots: Vec<_> = there.iter().filter(|thing| thing.sort == "snapshot").collect();
    assert_eq!(snapshots.len(), 1, "{snapshots:?}");
    assert_eq!(snapshots[0].tags["gantry:resource"], "test/data");
    let told: Vec<_> = stays.iter().map(|(kind, id)| (kind.as_str(), id.as_str())).collect();
    assert_eq!(told, [("aws.snapshot", snapshots[0].id.as_str())], "for the receipt");
    assert_eq!(bed.count("ec2", "volume"), 0);
    bed.standin.faults(json!({}));
    assert_eq!(bed.listed().await, Vec::<String>::new(), "a snapshot that was wanted isn't left over");
}

#[tokio::test]
async fn goes_without_a_snapshot_where_none_is_wanted() {
    let bed = Bed::new();
    let made = bed.put(KIND, "data", spec(10, false)).await;
    bed.lose_reply_of("ec2.DeleteVolume");
    bed.remove(KIND, "data", made.id.as_ref()).await;
    bed.remove(KIND, "data", made.id.as_ref()).await;
    bed.remove(KIND, "data", None).await;
    assert_eq!((bed.count("ec2", "volume"), bed.count("ec2", "snapshot")), (0, 0));
}

#[tokio::test]
async fn is_not_removed_unseen() {
    let bed = Bed::new();
    bed.standin.faults(json!({ "read_lag": [50, 50] }));
    let want = bed.wish(KIND, "data", spec(10, true));
    let Ok(Progress::Pending { seen, .. }) = bed.driver(KIND).put(&want).await else { panic!("it is being made") };
    bed.remove(KIND, "data", seen.id.as_ref()).await;
    assert_eq!((bed.count("ec2", "volume"), bed.count("ec2", "snapshot")), (0, 1));
}

#[tokio::test]
async fn waits_for_the_instance_that_has_it() {
    let bed = Bed::new();
    let made = bed.put(KIND, "data", spec(10, false)).await;
    let ec2 = bed.outside().ec2();
    let zone = Placement::builder().availability_zone("eu-central-1a").build();
    let images = ec2.describe_images().owners("amazon").send().await.unwrap();
    let run = ec2.run_instances().image_id(images.images()[0].image_id().unwrap()).placement(zone);
    let run = run.min_count(1).max_count(1).send().await.unwrap();
    let instance = run.instances()[0].instance_id().unwrap().to_owned();
    bed.standin.advance(60.0);
    let attach = ec2.attach_volume().volume_id(own_id(&made)).instance_id(&instance).device("/dev/sdf");
    attach.send().await.unwrap();
    let held = bed.driver(KIND).remove(&removal(&bed, &made)).await;
    assert!(matches!(&held, Err(ProviderError::Conflict(why)) if why.contains(&instance)), "{held:?}");
    ec2.terminate_instances().instance_ids(&instance).send().await.unwrap();
    bed.remove(KIND, "data", made.id.as_ref()).await;
    assert_eq!(bed.listed().await, Vec::<String>::new());
    assert!(bed.standin.calls().iter().all(|call| call.action != "CreateSnapshot"));
}
