//! The text of a `gantry.toml` to a typed [`Project`](gantry_engine::project::Project), or to everything that is wrong
//! with it, each with its place, what was expected and what to do. Pure: no file is opened here, no secret is
//! resolved, and no clock or environment is read.
//!
//! One description of the format serves everybody. The types in `raw` carry the keys, their defaults and their
//! documentation; a platform's own tables ([`Platform`]) are described by that platform; from both come the JSON Schema
//! that editors use ([`schema`]), the reference in the handbook ([`reference()`]), and the check of a file's shape. What
//! the values mean together is checked in `meaning`.
//!
//! ```
//! let text = "version = 1\n[project]\nname = \"shop\"\n[clusters.a]\nndoes = 2\n";
//! let findings = gantry_project::read(text, "gantry.toml").unwrap_err();
//! let first = findings.iter().next().unwrap();
//! assert_eq!((first.line(), first.column()), (5, 1));
//! assert_eq!(first.remedy(), Some("did you mean `nodes`? Keys here: `node`, `nodes`"));
//! ```

mod finding;
mod inspect;
mod mask;
mod meaning;
mod platform;
mod raw;
mod reference;
mod schema;
mod shape;
mod suggest;

pub use finding::{Finding, Findings};
pub use inspect::{Inspection, Vocabulary, inspect, read};
pub use platform::Platform;
pub use reference::reference;
pub use schema::schema;
