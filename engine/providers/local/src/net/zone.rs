//! Zones and the answers they give: pure, no sockets.
//!
//! Authoritative data only: no delegation below a zone, no transfers, no updates, no DNSSEC.

use super::dns::{BadZone, Data, Record};
use hickory_proto::op::{Query, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, NS, SOA, TXT};
use hickory_proto::rr::{DNSClass, LowerName, Name, RData, Record as Wire, RecordType};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::Bound;

/// Seconds that a resolver may remember that something isn't there: short, since here names come and go in seconds.
const NEGATIVE_TTL: u32 = 5;

/// Seconds for the SOA's timers, which only a secondary server would read: the values that RIPE-203 recommends.
const REFRESH: i32 = 86_400;
const RETRY: i32 = 7_200;
const EXPIRE: i32 = 3_600_000;

/// The longest chain of aliases that is followed; chains that go round end here.
const MAX_ALIASES: usize = 8;

/// The most octets in one string of a TXT record (RFC 1035, 3.3).
const TXT_PIECE: usize = 255;

/// What a question is answered with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub(super) code: ResponseCode,
    pub(super) answers: Vec<Wire>,
    /// The zone's SOA record, where something isn't there: it tells for how long to remember that.
    pub(super) soa: Option<Wire>,
}

impl Answer {
    pub(super) fn only(code: ResponseCode) -> Self {
        Self { code, answers: Vec::new(), soa: None }
    }
}

/// One zone: its records by name, its own SOA and NS among them.
#[derive(Debug)]
struct Zone {
    soa: Wire,
    /// In canonical order (RFC 4034, 6.1), so what lies below a name follows it.
    names: BTreeMap<LowerName, Vec<Wire>>,
}

/// All zones of a server, by origin.
#[derive(Debug, Default)]
pub(super) struct Zones {
    zones: BTreeMap<LowerName, Zone>,
    /// Counts changes. Nothing transfers from here, so that it starts anew with the server harms nobody.
    serial: u32,
}

impl Zones {
    /// Puts a zone in place of the one with this origin. `server` is the address that its name server's name gets.
    pub(super) fn set(&mut self, origin: &str, records: &[Record], server: IpAddr) -> Result<(), BadZone> {
        let origin = name(origin)?;
        let zone = Zone::new(&origin, records, self.serial + 1, server)?;
        self.serial += 1;
        self.zones.insert(origin.into(), zone);
        Ok(())
    }

    /// Takes a zone away; whether there was one.
    pub(super) fn remove(&mut self, origin: &str) -> bool {
        name(origin).is_ok_and(|origin| self.zones.remove(&origin.into()).is_some())
    }

    /// Answers a question. `turn` decides which of several records comes first, so that clients spread.
    pub(super) fn answer(&self, query: &Query, turn: usize) -> Answer {
        let asked = LowerName::new(query.name());
        let transfer = matches!(query.query_type(), RecordType::AXFR | RecordType::IXFR);
        let Some(zone) = self.holding(&asked).filter(|_| query.query_class() == DNSClass::IN && !transfer) else {
            return Answer::only(ResponseCode::Refused);
        };
        let mut answer = zone.answer(&asked, query.query_type(), turn);
        // A resolver that mixes cases to be hard to fool wants to see its own spelling again.
        for record in &mut answer.answers {
            if LowerName::new(&record.name) == asked {
                record.name = query.name().clone();
            }
        }
        answer
    }

    /// The zone with the longest origin that this name is in.
    fn holding(&self, asked: &LowerName) -> Option<&Zone> {
        let mut name = asked.clone();
        loop {
            if let Some(zone) = self.zones.get(&name) {
                return Some(zone);
            }
            if name.is_root() {
                return None;
            }
            name = name.base_name();
        }
    }
}

impl Zone {
    fn new(origin: &Name, records: &[Record], serial: u32, server: IpAddr) -> Result<Self, BadZone> {
        let label = |label: &str| name(&format!("{label}.{origin}"));
        let (host, mailbox) = (label("ns")?, label("hostmaster")?);
        let soa = SOA::new(host.clone(), mailbox, serial, REFRESH, RETRY, EXPIRE, NEGATIVE_TTL);
        let soa = Wire::from_rdata(origin.clone(), NEGATIVE_TTL, RData::SOA(soa));
        let ns = Wire::from_rdata(origin.clone(), NEGATIVE_TTL, RData::NS(NS(host.clone())));
        let mut names = BTreeMap::from([(LowerName::new(origin), vec![soa.clone(), ns])]);
        for record in records {
            let owner = name(&record.name)?;
            if !origin.zone_of(&owner) {
                return Err(BadZone::Outside { name: record.name.clone(), origin: origin.to_string() });
            }
            let data = record.data.to_wire()?;
            let wire = Wire::from_rdata(owner, record.ttl, data);
            let set = names.entry(LowerName::new(&wire.name)).or_default();
            if !set.contains(&wire) {
                set.push(wire);
            }
        }
        let address = Wire::from_rdata(host.clone(), NEGATIVE_TTL, address(server));
        names.entry(host.into()).or_insert_with(|| vec![address]);
        match names.iter().find(|(_, set)| set.len() > 1 && set.iter().any(is_alias)) {
            Some((crowded, _)) => Err(BadZone::Crowded(crowded.to_string())),
            None => Ok(Self { soa, names }),
        }
    }

    fn answer(&self, asked: &LowerName, wanted: RecordType, turn: usize) -> Answer {
        let mut answers = Vec::new();
        let mut name = asked.clone();
        for _ in 0..MAX_ALIASES {
            let Some(set) = self.find(&name) else {
                let code = ResponseCode::NXDomain;
                return Answer { code, answers, soa: Some(self.soa.clone()) };
            };
            let matches = |record: &&Wire| wanted == RecordType::ANY || record.record_type() == wanted;
            let mut found: Vec<Wire> = set.iter().filter(matches).cloned().map(|wire| at(wire, &name)).collect();
            if !found.is_empty() {
                let count = found.len();
                found.rotate_left(turn % count);
                answers.extend(found);
                return Answer { code: ResponseCode::NoError, answers, soa: None };
            }
            let Some((alias, target)) = set.iter().find_map(|wire| Some((wire, alias_of(wire)?))) else {
                return Answer { code: ResponseCode::NoError, answers, soa: Some(self.soa.clone()) };
            };
            answers.push(at(alias.clone(), &name));
            let target = LowerName::new(target);
            if !LowerName::new(&self.soa.name).zone_of(&target) {
                return Answer { code: ResponseCode::NoError, answers, soa: None };
            }
            name = target;
        }
        Answer { code: ResponseCode::NoError, answers, soa: None }
    }

    /// The records at a name, or at the wildcard that covers it (RFC 4592); none if there is no such name. A name that
    /// only has others below it exists, with no records.
    fn find(&self, asked: &LowerName) -> Option<&[Wire]> {
        if let Some(set) = self.at(asked) {
            return Some(set);
        }
        let mut encloser = asked.base_name();
        while self.at(&encloser).is_none() {
            if encloser.is_root() {
                return None;
            }
            encloser = encloser.base_name();
        }
        let wildcard = Name::from(&encloser).prepend_label("*").ok()?;
        self.names.get(&LowerName::from(wildcard)).map(Vec::as_slice)
    }

    fn at(&self, name: &LowerName) -> Option<&[Wire]> {
        let mut following = self.names.range((Bound::Included(name), Bound::Unbounded));
        match following.next()? {
            (found, set) if found == name => Some(set),
            (below, _) if name.zone_of(below) => Some(&[]),
            _ => None,
        }
    }
}

impl Data {
    fn to_wire(&self) -> Result<RData, BadZone> {
        Ok(match self {
            Self::A(address) => RData::A(A(*address)),
            Self::Aaaa(address) => RData::AAAA(AAAA(*address)),
            Self::Txt(text) if text.is_empty() => RData::TXT(TXT::from_bytes(vec![b""])),
            Self::Txt(text) => RData::TXT(TXT::from_bytes(text.as_bytes().chunks(TXT_PIECE).collect())),
            Self::Cname(target) => RData::CNAME(CNAME(name(target)?)),
        })
    }
}

/// A full name, in lower case.
fn name(text: &str) -> Result<Name, BadZone> {
    let mut name = Name::from_ascii(text).map_err(|_| BadZone::Name(text.to_owned()))?;
    name.set_fqdn(true);
    Ok(name.to_lowercase())
}

fn address(address: IpAddr) -> RData {
    match address {
        IpAddr::V4(address) => RData::A(A(address)),
        IpAddr::V6(address) => RData::AAAA(AAAA(address)),
    }
}

/// The record as if it stood at this name: for records that a wildcard gave.
fn at(mut wire: Wire, name: &LowerName) -> Wire {
    wire.name = name.into();
    wire
}

fn is_alias(wire: &Wire) -> bool {
    alias_of(wire).is_some()
}

fn alias_of(wire: &Wire) -> Option<&Name> {
    match &wire.data {
        RData::CNAME(target) => Some(&target.0),
        _ => None,
    }
}
