//! The set of addresses that serve one thing, shared between whoever fills it and the proxies that read it.
//!
//! Counts what is in flight to each address, so that a task can be taken out of the set, left to finish, and only then
//! stopped. Does not check health: whoever fills the set puts live addresses in.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A shared, swappable set of addresses with a count of what is in flight to each.
#[derive(Debug, Default)]
pub struct Backends(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    live: Vec<SocketAddr>,
    /// Where the next round starts.
    cursor: usize,
    /// Also holds addresses that left the set while something was in flight to them.
    in_flight: HashMap<SocketAddr, usize>,
}

impl Backends {
    /// A set of these addresses; an empty one answers 503 until it is filled.
    #[must_use]
    pub fn new(live: Vec<SocketAddr>) -> Arc<Self> {
        let set = Arc::new(Self::default());
        set.set(live);
        set
    }

    /// Replaces the set. What is in flight goes on; new requests go to the new set only.
    pub fn set(&self, mut live: Vec<SocketAddr>) {
        live.sort_unstable();
        live.dedup();
        self.state().live = live;
    }

    /// The addresses that new requests go to, in order.
    #[must_use]
    pub fn addrs(&self) -> Vec<SocketAddr> {
        self.state().live.clone()
    }

    /// How many requests, connections or upgraded streams are under way to this address.
    #[must_use]
    pub fn in_flight(&self, addr: SocketAddr) -> usize {
        self.state().in_flight.get(&addr).copied().unwrap_or(0)
    }

    /// Whether this address has left the set and nothing is under way to it any more: its task can stop.
    #[must_use]
    pub fn drained(&self, addr: SocketAddr) -> bool {
        let state = self.state();
        !state.live.contains(&addr) && !state.in_flight.contains_key(&addr)
    }

    /// The next address in turn that isn't among `tried`, counted as in flight until the lease is dropped.
    #[must_use]
    pub fn next(self: &Arc<Self>, tried: &[SocketAddr]) -> Option<Lease> {
        let mut state = self.state();
        let count = state.live.len();
        let (step, addr) = (0..count)
            .map(|step| (step, state.live[(state.cursor + step) % count]))
            .find(|(_, addr)| !tried.contains(addr))?;
        state.cursor = (state.cursor + step + 1) % count;
        *state.in_flight.entry(addr).or_default() += 1;
        drop(state);
        Some(Lease { set: self.clone(), addr })
    }

    /// Every change under the lock is one statement, so the state behind a poisoned lock is sound.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One thing in flight to one address; dropping it ends it.
#[derive(Debug)]
#[must_use = "the request counts as in flight only while the lease lives"]
pub struct Lease {
    set: Arc<Backends>,
    addr: SocketAddr,
}

impl Lease {
    /// The address to talk to.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut state = self.set.state();
        if let Some(count) = state.in_flight.get_mut(&self.addr) {
            *count -= 1;
            if *count == 0 {
                state.in_flight.remove(&self.addr);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(port: u16) -> SocketAddr {
        ([127, 0, 0, 1], port).into()
    }

    #[test]
    fn addresses_take_turns_and_tried_ones_are_passed_over() {
        let set = Backends::new(vec![addr(1), addr(2), addr(3)]);
        let turn = |tried: &[SocketAddr]| set.next(tried).map(|lease| lease.addr().port());
        assert_eq!([turn(&[]), turn(&[]), turn(&[]), turn(&[])], [Some(1), Some(2), Some(3), Some(1)]);
        assert_eq!(turn(&[addr(2)]), Some(3));
        assert_eq!(turn(&[addr(1), addr(2), addr(3)]), None);
        set.set(vec![]);
        assert_eq!(turn(&[]), None);
    }

    #[test]
    fn an_address_is_drained_when_it_left_the_set_and_its_last_request_ended() {
        let set = Backends::new(vec![addr(1)]);
        let (one, two) = (set.next(&[]).unwrap(), set.next(&[]).unwrap());
        assert_eq!(set.in_flight(addr(1)), 2);
        set.set(vec![addr(2)]);
        drop(one);
        assert!(!set.drained(addr(1)));
        drop(two);
        assert!(set.drained(addr(1)));
        assert!(!set.drained(addr(2)), "an address in the set still gets requests");
    }
}
