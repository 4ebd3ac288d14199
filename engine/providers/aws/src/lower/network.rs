//! The component `network`: a VPC over two zones with the ways into the internet, and the private names in it. Or one
//! that is there already, of which nothing is made or changed.

use super::draft::{Draft, after, finding, id, list};
use super::names;
use crate::kinds::{Address, InternetGateway, Namespace, NatGateway, Route, RouteAssociation, RouteTable, Subnet, Vpc};
use crate::range::Range;
use crate::settings::Nat;
use gantry_engine::address::Addr;
use gantry_engine::ports::Finding;
use gantry_engine::value::{Spec, Value};

/// The component's name.
pub(super) const NETWORK: &str = "network";

/// A network is cut into eight parts; four of them are subnets, the others stay free.
const CUT: u8 = 3;

/// Everything there is outside.
const ANYWHERE: &str = "0.0.0.0/0";

/// Where everything else stands.
pub(super) struct Network {
    /// The VPC's id.
    pub(super) vpc: Value,
    /// The public subnets.
    pub(super) public: Vec<Place>,
    /// The private subnets; none if tasks run in the public ones.
    pub(super) private: Vec<Place>,
    /// What has to be there before a load balancer can stand in the public subnets.
    pub(super) gateway: Vec<Value>,
    /// What has to be there before something in a subnet reaches the internet.
    pub(super) ways: Vec<Value>,
    /// The id of the namespace for private names; none where no service listens.
    pub(super) namespace: Option<Value>,
}

/// A subnet.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) subnet: Value,
    pub(super) zone: String,
}

impl Network {
    /// Where tasks run: their subnets, and whether they need public addresses there.
    pub(super) fn for_tasks(&self) -> (Value, bool) {
        let places = if self.private.is_empty() { &self.public } else { &self.private };
        (list(places.iter().map(|place| place.subnet.clone())), self.private.is_empty())
    }
}

pub(super) fn lower(draft: &mut Draft<'_>) -> Result<Network, Finding> {
    let mut network = match draft.wanted.account.vpc.clone() {
        Some(vpc) => existing(draft, vpc),
        None => own(draft)?,
    };
    let listens = draft.wanted.env.services.values().any(|running| !running.service.ports.is_empty());
    if listens {
        let spec = Spec::new().with("name", names::namespace(&draft.wanted.env.key)).with("vpc", network.vpc.clone());
        network.namespace = Some(id(&draft.add::<Namespace>(NETWORK, "namespace", spec)?));
    }
    Ok(network)
}

fn existing(draft: &Draft<'_>, vpc: String) -> Network {
    let (account, found) = (&draft.wanted.account, &draft.wanted.found);
    let places = |ids: &[String]| {
        let place =
            |id: &String| Place { subnet: Value::text(id), zone: found.subnets.get(id).cloned().unwrap_or_default() };
        ids.iter().map(place).collect()
    };
    Network {
        vpc: vpc.into(),
        public: places(&account.public_subnets),
        private: places(&account.private_subnets),
        gateway: Vec::new(),
        ways: Vec::new(),
        namespace: None,
    }
}

fn own(draft: &mut Draft<'_>) -> Result<Network, Finding> {
    let no_range = |why: String| finding(why, "plan again; if that doesn't help, name another `cidr`");
    let cidr = draft.wanted.found.cidr.clone().ok_or_else(|| no_range("no range for the network was found".into()))?;
    let range: Range = cidr.parse().map_err(|wrong| no_range(format!("the network's range can't be: {wrong}")))?;
    let vpc = id(&draft.add::<Vpc>(NETWORK, "vpc", Spec::new().with("cidr", cidr))?);
    let of_vpc = || Spec::new().with("vpc", vpc.clone());
    let gateway = draft.add::<InternetGateway>(NETWORK, "gateway", of_vpc())?;

    let nat = draft.wanted.account.nat;
    let public = subnets(draft, &vpc, range, Side::Public)?;
    let private = if nat == Nat::None { Vec::new() } else { subnets(draft, &vpc, range, Side::Private)? };

    let table = draft.add::<RouteTable>(NETWORK, "routes-public", of_vpc())?;
    let mut ways = vec![route(draft, "public", &table, "gateway", &gateway)?];
    ways.extend(associate(draft, Side::Public, &table, &public)?);
    let gateways = if nat == Nat::PerZone { private.len() } else { usize::from(nat == Nat::One) };
    for at in 0..gateways {
        let suffix = if nat == Nat::PerZone { format!("-{}", LETTERS[at]) } else { String::new() };
        let address = draft.add::<Address>(NETWORK, &format!("nat-address{suffix}"), Spec::new())?;
        let spec = Spec::new().with("subnet", public[at].subnet.clone()).with("address", id(&address));
        // A NAT gateway fails for good where its VPC has no internet gateway attached yet.
        let gateway = draft.add::<NatGateway>(NETWORK, &format!("nat{suffix}"), after(spec, vec![id(&gateway)]))?;
        let table = draft.add::<RouteTable>(NETWORK, &format!("routes-private{suffix}"), of_vpc())?;
        ways.push(route(draft, &format!("private{suffix}"), &table, "nat", &gateway)?);
        let of = if nat == Nat::PerZone { &private[at..=at] } else { private.as_slice() };
        ways.extend(associate_from(draft, Side::Private, &table, of, at)?);
    }
    Ok(Network { vpc, public, private, gateway: vec![id(&gateway)], ways, namespace: None })
}

/// How subnets of the first zones are told apart.
const LETTERS: [&str; 2] = ["a", "b"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Public,
    Private,
}

impl Side {
    fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
        }
    }
}

/// A subnet in each zone.
fn subnets(draft: &mut Draft<'_>, vpc: &Value, range: Range, side: Side) -> Result<Vec<Place>, Finding> {
    let zones = draft.wanted.found.zones.clone();
    let first = if side == Side::Public { 0_u32 } else { 2 };
    let mut places = Vec::new();
    for ((zone, letter), number) in zones.into_iter().zip(LETTERS).zip(first..) {
        let spec = Spec::new()
            .with("vpc", vpc.clone())
            .with("cidr", range.part(CUT, number).to_string())
            .with("zone", zone.as_str())
            // Who needs a public address asks for it: load balancers, NAT gateways and tasks do.
            .with("public", false);
        let subnet = draft.add::<Subnet>(NETWORK, &format!("{}-{letter}", side.word()), spec)?;
        places.push(Place { subnet: id(&subnet), zone });
    }
    Ok(places)
}

fn route(draft: &mut Draft<'_>, name: &str, table: &Addr, through: &str, to: &Addr) -> Result<Value, Finding> {
    let spec = Spec::new().with("table", id(table)).with("destination", ANYWHERE).with(through, id(to));
    Ok(id(&draft.add::<Route>(NETWORK, &format!("route-{name}"), spec)?))
}

fn associate(draft: &mut Draft<'_>, side: Side, table: &Addr, places: &[Place]) -> Result<Vec<Value>, Finding> {
    associate_from(draft, side, table, places, 0)
}

/// Which table subnets use, beginning with that of the zone at a place.
fn associate_from(
    draft: &mut Draft<'_>,
    side: Side,
    table: &Addr,
    places: &[Place],
    first: usize,
) -> Result<Vec<Value>, Finding> {
    let mut ways = Vec::new();
    for (place, letter) in places.iter().zip(&LETTERS[first..]) {
        let spec = Spec::new().with("table", id(table)).with("subnet", place.subnet.clone());
        let part = format!("uses-{}-{letter}", side.word());
        ways.push(id(&draft.add::<RouteAssociation>(NETWORK, &part, spec)?));
    }
    Ok(ways)
}
