//! The platform `ecs` through the front door: words in, transcript out, and what stands afterwards by the own account of
//! the stand-in for AWS.

mod story;
