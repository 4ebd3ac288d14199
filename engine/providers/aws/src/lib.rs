//! Gantry on AWS.
