//! What the runtime's answers mean to the engine, and marks in both forms.

use super::sample::environment;
use crate::api::{self, ApiError, ClientError, ErrorCode, State, Status};
use crate::provider::error::provider_error;
use crate::provider::lower::lower;
use crate::provider::{kinds, marks};
use gantry_engine::address::{Generation, Mark};
use gantry_engine::names::{InstallationId, ProjectName};
use gantry_engine::provider::{Facts, Note, ProviderError};
use gantry_engine::value::{Output, Outputs};
use std::collections::BTreeSet;

#[test]
fn a_refusal_says_what_the_engine_may_do() {
    let refused = |code| provider_error(ClientError::Refused(ApiError::new(code, "because")));
    let because = || "because".to_owned();
    assert_eq!(refused(ErrorCode::Invalid), ProviderError::Invalid(because()));
    assert_eq!(refused(ErrorCode::Conflict), ProviderError::Conflict(because()));
    assert_eq!(refused(ErrorCode::InUse), ProviderError::Conflict(because()));
    assert_eq!(refused(ErrorCode::NotYet), ProviderError::NotYet(because()));
    assert_eq!(refused(ErrorCode::Failed), ProviderError::Transient(because()));
    let silent = ClientError::Unanswered { request: "PUT".to_owned(), why: "it died".to_owned() };
    assert!(matches!(provider_error(silent), ProviderError::Transient(_)), "it may have happened");
}

fn mark() -> Mark {
    Mark {
        installation: InstallationId::new("i-1"),
        project: ProjectName::new("shop").unwrap(),
        incarnation: 3,
        addr: "dev/web/service".parse().unwrap(),
        generation: Generation(2),
    }
}

#[test]
fn marks_survive_the_way_there_and_back() {
    let mark = mark();
    let wire = marks::to_wire(&mark);
    assert_eq!(marks::from_wire(&wire), Ok(mark));
    let foreign = crate::api::Mark { addr: "elsewhere".to_owned(), ..wire };
    assert!(matches!(marks::from_wire(&foreign), Err(ProviderError::Invalid(_))));
}

#[test]
fn each_kind_has_names_of_its_own() {
    let names: BTreeSet<_> = kinds::ALL.iter().map(|object| object.kind()).collect();
    let wire: BTreeSet<_> = kinds::ALL.iter().map(|object| object.wire_kind()).collect();
    assert_eq!((names.len(), wire.len()), (kinds::ALL.len(), kinds::ALL.len()));
    for object in kinds::ALL {
        assert_eq!(kinds::of_wire(object.wire_kind()).unwrap().kind(), object.kind());
    }
}

/// The sample's `api` as the runtime tells it.
pub(super) fn status(kind: api::Kind, state: State, note: &str, outputs: &[(&str, &str)]) -> Status {
    let desired = lower(&environment(), &Facts::default()).unwrap();
    let spec = &desired.resources[&"dev/api/service".parse().unwrap()].spec;
    let spec = spec.resolve(&|r| Some(r.to_string())).unwrap();
    Status {
        id: "svc-1".to_owned(),
        kind,
        mark: marks::to_wire(&mark()),
        token: "t".to_owned(),
        state,
        note: note.to_owned(),
        outputs: outputs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        again_ms: Some(250),
        reverted: None,
        wanted: kinds::of_wire(api::Kind::Service).unwrap().wire(kinds::json(&spec)).unwrap(),
    }
}

#[test]
fn a_rollout_tells_how_far_it_is_and_what_blocks_it() {
    let service = kinds::of_wire(api::Kind::Service).unwrap();
    let note = |text| service.note(&status(api::Kind::Service, State::Pending, text, &[("healthy", "1")]));
    let tasks = |blocked: Option<&str>| Note::Tasks { healthy: 1, wanted: 2, blocked: blocked.map(str::to_owned) };
    assert_eq!(note("release 4: 1 of 2 tasks healthy"), tasks(None));
    assert_eq!(note("release 4: 1 of 2 tasks healthy; no room on cluster b"), tasks(Some("no room on cluster b")));
    let reverting = "reverting: 1 of 2 tasks healthy, 1 to stop";
    assert_eq!(note(reverting), Note::Other(reverting.to_owned()));
}

#[test]
fn only_what_others_refer_to_is_given_out() {
    let outputs =
        |kind, pairs: &[(&str, &str)]| kinds::of_wire(kind).unwrap().outputs(&status(kind, State::Ready, "", pairs));
    assert_eq!(outputs(api::Kind::Service, &[("healthy", "1"), ("release", "4")]), Outputs::new());
    assert_eq!(outputs(api::Kind::Node, &[("state", "up")]), Outputs::new());
    let balancer = outputs(api::Kind::Balancer, &[("address", "127.0.0.1:81"), ("port", "81")]);
    let expected = [("address", "127.0.0.1:81"), ("host", "127.0.0.1"), ("port", "81")];
    assert_eq!(balancer, expected.map(|(name, value)| (Output::named(name), value.to_owned())).into());
}
