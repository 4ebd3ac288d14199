//! Whose word counts, on which plan; and what a receipt adds up to.

use super::bench::{request, three, user, votes};
use crate::planner::world::addr;
use gantry_engine::address::{Generation, Kind, Mark};
use gantry_engine::approval::{Approved, Ballot, Ineligible, Refusal, Vote, eligible};
use gantry_engine::change::Actor;
use gantry_engine::names::{Digest, GroupName, InstallationId, UserId};
use gantry_engine::project::Policy;
use gantry_engine::receipt::{Found, Receipt};
use gantry_engine::resource::PhysicalId;
use gantry_testkit::sample;
use jiff::Timestamp;

fn vote(by: &str, ballot: Ballot, member: bool) -> Vote {
    Vote {
        by: UserId::new(by),
        ballot,
        digest: three().digest(),
        groups: member.then(|| GroupName::new("platform")).into_iter().collect(),
        because: None,
        at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn who_may_vote_is_a_table() {
    use Ballot::{Approve, Reject};
    let platform = || GroupName::new("platform");
    let cases = [
        (Policy::None, vote("U2", Approve, true), Err(Ineligible::NotAsked)),
        (Policy::Confirm, vote("U1", Approve, false), Ok(())),
        (Policy::Confirm, vote("U2", Approve, true), Err(Ineligible::OnlyRequester)),
        (votes(1), vote("U1", Approve, true), Err(Ineligible::OwnRequest(platform()))),
        (votes(1), vote("U1", Reject, false), Ok(())),
        (votes(1), vote("U2", Approve, true), Ok(())),
        (votes(1), vote("U2", Approve, false), Err(Ineligible::NotMember(platform()))),
        (votes(1), vote("U2", Reject, false), Err(Ineligible::NotMember(platform()))),
    ];
    for (policy, vote, expected) in cases {
        let verdict = eligible(&vote, &three().digest(), &policy, &request(user("U1")).by);
        assert_eq!(verdict, expected, "{policy:?} {vote:?}");
        let other = eligible(&vote, &Digest::new("other"), &policy, &request(user("U1")).by);
        assert_eq!(other, expected.and(Err(Ineligible::OtherPlan)), "on another plan");
    }
}

#[test]
fn one_person_has_one_vote_and_the_schedule_needs_none() {
    let digest = three().digest();
    let twice = [vote("U2", Ballot::Approve, true), vote("U2", Ballot::Approve, true)];
    let refused = Approved::check(&digest, &twice, &votes(2), &user("U1"));
    assert_eq!(refused, Err(Refusal::Needs { wanted: 2, have: vec![UserId::new("U2")] }));
    let approved = Approved::check(&digest, &[], &votes(2), &Actor::Schedule).unwrap();
    assert_eq!((approved.digest(), approved.by()), (&digest, &[][..]));
}

#[test]
fn a_receipt_adds_up() {
    let found = |at: &str, kind: &'static str| Found {
        mark: Mark {
            installation: InstallationId::new("here"),
            project: sample::project_name("shop"),
            incarnation: 1,
            addr: addr(at),
            generation: Generation::FIRST,
        },
        kind: Kind::new(kind),
        id: PhysicalId(format!("id of {at}")),
    };
    let clean = Receipt::new(7, Vec::new(), Vec::new(), |_| true);
    assert_eq!((clean.created, clean.destroyed, clean.is_clean()), (7, 7, true));
    let all = vec![found("web/service", "plain"), found("db/volume", "data"), found("net/main", "plain")];
    let receipt = Receipt::new(7, Vec::new(), all, |thing| thing.kind.as_str() == "data");
    assert_eq!(receipt.created as usize, receipt.destroyed as usize + receipt.kept.len() + receipt.left.len());
    let left: Vec<_> = receipt.left.iter().map(|item| item.addr.to_string()).collect();
    assert_eq!((receipt.created, left), (10, vec!["dev/net/main".to_owned(), "dev/web/service".to_owned()]));
    assert!(!receipt.is_clean());
}
