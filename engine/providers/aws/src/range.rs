//! Ranges of IPv4 addresses (CIDR), and which of them an environment's network takes. Pure: what is taken already is
//! told by the caller.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// The size of an environment's network, and the largest that a VPC may have (VPC user guide, "VPC CIDR blocks").
const NETWORK: u8 = 16;

/// A range of IPv4 addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Range {
    first: u32,
    prefix: u8,
}

/// Why a text is no range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadRange {
    /// Not an address and a length.
    #[error("`{0}` isn't a range of addresses like `10.20.0.0/16`")]
    Shape(String),
    /// An address within the range, not its first.
    #[error("`{0}` isn't the beginning of a range; that would be `{1}`")]
    Inside(String, Range),
}

impl Range {
    fn new(address: u32, prefix: u8) -> Self {
        Self { first: address & mask(prefix), prefix }
    }

    /// How many leading bits all of its addresses share.
    pub(crate) fn prefix(self) -> u8 {
        self.prefix
    }

    fn last(self) -> u32 {
        self.first | !mask(self.prefix)
    }

    /// Whether some address is in both.
    pub(crate) fn overlaps(self, other: Self) -> bool {
        self.first <= other.last() && other.first <= self.last()
    }

    /// Whether all of it is for private use (RFC 1918).
    pub(crate) fn is_private(self) -> bool {
        [(0x0a00_0000, 8), (0xac10_0000, 12), (0xc0a8_0000, 16)].into_iter().any(|(first, prefix)| {
            let private = Self::new(first, prefix);
            self.prefix >= prefix && self.overlaps(private)
        })
    }

    /// One of the equal parts that `bits` more bits cut it into.
    pub(crate) fn part(self, bits: u8, number: u32) -> Self {
        let prefix = self.prefix + bits;
        Self::new(self.first + (number << (32 - prefix)), prefix)
    }
}

fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

/// The range for a network: of the parts of `from` the first that overlaps nothing taken, beginning at a place that
/// `seed` decides, so that environments which come and go don't fight for the same one.
pub(crate) fn choose(from: Range, taken: &[Range], seed: u32) -> Option<Range> {
    let bits = NETWORK.saturating_sub(from.prefix);
    let count = 1_u32 << bits;
    let candidates = (0..count).map(|offset| from.part(bits, (seed % count + offset) % count));
    candidates.into_iter().find(|range| !taken.iter().any(|other| range.overlaps(*other)))
}

impl FromStr for Range {
    type Err = BadRange;
    fn from_str(text: &str) -> Result<Self, BadRange> {
        let shape = || BadRange::Shape(text.to_owned());
        let (address, prefix) = text.split_once('/').ok_or_else(shape)?;
        let address: Ipv4Addr = address.parse().map_err(|_| shape())?;
        let prefix: u8 = prefix.parse().ok().filter(|prefix| (1..=32).contains(prefix)).ok_or_else(shape)?;
        let range = Self::new(address.to_bits(), prefix);
        if range.first == address.to_bits() { Ok(range) } else { Err(BadRange::Inside(text.to_owned(), range)) }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from_bits(self.first), self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> Range {
        text.parse().unwrap()
    }

    #[test]
    fn ranges_read_and_show() {
        assert_eq!(range("10.20.0.0/16").to_string(), "10.20.0.0/16");
        for bad in ["10.20.0.0", "10.20.0/16", "10.20.0.0/33", "10.20.0.0/0", "x/16", "10.20.0.0/-1"] {
            assert_eq!(bad.parse::<Range>(), Err(BadRange::Shape(bad.to_owned())));
        }
        let inside = "10.20.1.0/16".parse::<Range>().unwrap_err().to_string();
        assert_eq!(inside, "`10.20.1.0/16` isn't the beginning of a range; that would be `10.20.0.0/16`");
    }

    #[test]
    fn parts_fill_a_range_without_overlap() {
        let whole = range("10.20.0.0/16");
        let parts: Vec<Range> = (0..8).map(|number| whole.part(3, number)).collect();
        assert_eq!(parts[0].to_string(), "10.20.0.0/19");
        assert_eq!(parts[7].to_string(), "10.20.224.0/19");
        for (at, one) in parts.iter().enumerate() {
            assert!(one.overlaps(whole) && parts[at + 1..].iter().all(|other| !one.overlaps(*other)));
        }
    }

    #[test]
    fn private_is_what_rfc_1918_says() {
        for yes in ["10.0.0.0/8", "10.64.0.0/10", "172.16.0.0/12", "192.168.7.0/24"] {
            assert!(range(yes).is_private(), "{yes}");
        }
        for no in ["8.0.0.0/8", "172.32.0.0/16", "192.0.0.0/8", "10.0.0.0/7"] {
            assert!(!no.parse::<Range>().is_ok_and(Range::is_private), "{no}");
        }
    }

    #[test]
    fn a_network_is_taken_where_nothing_stands() {
        let from = range("10.0.0.0/8");
        assert_eq!(choose(from, &[], 20), Some(range("10.20.0.0/16")));
        let taken = [range("10.20.0.0/16"), range("10.21.128.0/20")];
        assert_eq!(choose(from, &taken, 20), Some(range("10.22.0.0/16")));
        assert_eq!(choose(from, &[range("10.255.0.0/16")], 255), Some(range("10.0.0.0/16")), "it goes on at the start");
        assert_eq!(choose(from, &[from], 0), None);
        assert_eq!(choose(range("10.1.2.0/24"), &[], 7), Some(range("10.1.2.0/24")), "a small range is taken whole");
        assert_eq!(choose(range("10.1.2.0/24"), &[range("10.1.0.0/16")], 7), None);
    }
}
