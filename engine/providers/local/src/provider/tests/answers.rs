//! What the runtime's answers mean to the engine, and marks in both forms.

use crate::api::{ApiError, ClientError, ErrorCode};
use crate::provider::error::provider_error;
use crate::provider::{kinds, marks};
use gantry_engine::address::{Generation, Mark};
use gantry_engine::names::{InstallationId, ProjectName};
use gantry_engine::provider::ProviderError;
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

#[test]
fn marks_survive_the_way_there_and_back() {
    let mark = Mark {
        installation: InstallationId::new("i-1"),
        project: ProjectName::new("shop").unwrap(),
        incarnation: 3,
        addr: "dev/web/service".parse().unwrap(),
        generation: Generation(2),
    };
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
