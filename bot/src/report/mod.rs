//! The reporter (to come).
