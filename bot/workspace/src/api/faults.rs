//! Disturbances that tests ask for: calls that are refused, answers that get lost.

use std::sync::{Mutex, PoisonError};

use crate::wire::Fault;

#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub(crate) fn add(&self, fault: Fault) {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match fault.times {
            0 => faults.retain(|known| known.method != fault.method),
            _ => faults.push(fault),
        }
    }

    /// The next disturbance for a method, used up by taking it.
    pub(crate) fn take(&self, method: &str) -> Option<Fault> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = faults.iter().position(|fault| fault.method == method || fault.method == "*")?;
        faults[index].times -= 1;
        let fault = faults[index].clone();
        faults.retain(|fault| fault.times > 0);
        Some(fault)
    }
}
