//! The network's tests, on real sockets on loopback. Servers take a free port and end with the test.

mod bed;
mod dns;
mod proxy;
mod tcp;
