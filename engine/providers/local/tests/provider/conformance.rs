//! Every promise of a provider. The cases are in the test kit.

use super::bed::bed;

gantry_testkit::provider_suite!(bed());
