//! What tests of any room share.
