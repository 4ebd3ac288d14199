//! Whose word counts, on which plan; and what a receipt adds up to.

use super::bench::{request, three, user, votes};
use crate::planner::world::addr;
use gantry_engine::address::{Generation, Kind, Mark};
use gantry_engine::approval::{Approved, Ballot, Ineligible, Motion, Refusal, Terms, Vote};
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
        plan: None,
        groups: member.then(|| GroupName::new("platform")).into_iter().collect(),
        because: None,
        at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn who_may_vote_is_a_table() {
    use Ballot::{Approve, Reject};
    let platform = || [GroupName::new("platform")].into();
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
        let (terms, request) = (Terms::from(policy.clone()), request(user("U1")));
        let eligible = |plan: &Digest| Motion { plan, terms: &terms, request: &request }.eligible(&vote);
        let verdict = eligible(&three().digest());
        assert_eq!(verdict, expected, "{policy:?} {vote:?}");
        let other = eligible(&Digest::new("other"));
        assert_eq!(other, expected.and(Err(Ineligible::OtherPlan)), "on another plan");
    }
}

#[test]
fn one_person_has_one_vote_and_the_schedule_needs_none() {
    let digest = three().digest();
    let twice = [vote("U2", Ballot::Approve, true), vote("U2", Ballot::Approve, true)];
    let terms = Terms::from(votes(2));
    let check = |by: Actor, votes: &[Vote]| {
        Approved::check(&Motion { plan: &digest, terms: &terms, request: &request(by) }, votes)
    };
    let Err(Refusal::Needs(tally)) = check(user("U1"), &twice) else { panic!("one is missing") };
    assert_eq!((&tally[0].have, tally[0].missing()), (&vec![UserId::new("U2")], 1));
    let approved = check(Actor::Schedule, &[]).unwrap();
    assert_eq!((approved.digest(), approved.by()), (&digest, &[][..]));
}

#[test]
fn the_newest_vote_counts_and_a_standing_rejection_blocks() {
    let (digest, terms, request) = (three().digest(), Terms::from(votes(2)), request(user("U1")));
    let check = |votes: &[Vote]| Approved::check(&Motion { plan: &digest, terms: &terms, request: &request }, votes);
    let stale = Vote { digest: Digest::new("other"), ..vote("U4", Ballot::Reject, true) };
    let mut cast = vec![stale, vote("U5", Ballot::Reject, false), vote("U1", Ballot::Approve, true)];
    cast.extend([vote("U2", Ballot::Approve, true), vote("U3", Ballot::Reject, true)]);
    assert!(matches!(check(&cast), Err(Refusal::Rejected(against)) if against.by.as_str() == "U3"));
    cast.push(vote("U3", Ballot::Approve, true));
    assert_eq!(check(&cast).unwrap().by(), [UserId::new("U2"), UserId::new("U3")]);
}

#[test]
fn every_ask_has_to_be_satisfied_and_a_vote_counts_in_each_of_its_groups() {
    let votes = |count, group: &str| Policy::votes(count, group).into();
    let terms = Terms::new(Some(Digest::new("r1")), &[votes(1, "platform"), votes(1, "security")]);
    let (digest, mut request) = (three().digest(), request(user("U1")));
    let motion = Motion { plan: &digest, terms: &terms, request: &request };
    let vote = |by: &str, groups: &[&str]| Vote {
        groups: groups.iter().map(GroupName::new).collect(),
        digest: motion.digest(),
        ..vote(by, Ballot::Approve, false)
    };
    assert!(Approved::check(&motion, &[vote("U2", &["platform"]), vote("U3", &["platform"])]).is_err());
    assert!(Approved::check(&motion, &[vote("U2", &["platform"]), vote("U3", &["security"])]).is_ok());
    assert!(Approved::check(&motion, &[vote("U2", &["platform", "security"])]).is_ok());
    assert_eq!(motion.eligible(&vote("U2", &["others"])), Err(Ineligible::NotMember(terms.groups())));
    request.bypass = true;
    let motion = Motion { plan: &digest, terms: &terms, request: &request };
    assert_eq!(Approved::check(&motion, &[]).unwrap().by(), []);
    assert!(!motion.asks_somebody());
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
