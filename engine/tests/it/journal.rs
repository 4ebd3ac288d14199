//! The journal from outside: what may follow what, what comes next, and that a history means the same however it is read.

mod any;
mod bench;
mod legal;
mod next;
mod words;
