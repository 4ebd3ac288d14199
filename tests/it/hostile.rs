//! Hostile text (see below).
