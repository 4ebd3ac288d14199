//! Values with their place in the text, and the kinds of text that have a form of their own.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;

/// Bytes of the file.
pub(crate) type Span = Range<usize>;

/// A value and its place. Two are equal when their values are.
#[derive(Debug, Clone)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

impl<T> At<T> {
    /// A default: it stands nowhere in the file.
    pub(crate) fn given(value: T) -> Self {
        Self { value, span: 0..0 }
    }
}

impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for At<T> {}

impl<T: Ord> PartialOrd for At<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord> Ord for At<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let spanned = toml::Spanned::<T>::deserialize(from)?;
        Ok(Self { span: spanned.span(), value: spanned.into_inner() })
    }
}

impl<T: Serialize> Serialize for At<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(to)
    }
}

/// A place changes nothing about what may be written.
impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// A text with a form of its own: the title is what readers call it, the pattern is for editors. Our own reading is
/// elsewhere, and says more than "doesn't match".
macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $title:literal, $pattern:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
        #[serde(transparent)]
        pub(crate) struct $name(pub(crate) String);

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "title": $title, "pattern": $pattern })
            }
        }
    };
}

pub(super) use text;

text!(
    /// A length of time.
    Length,
    "duration",
    r"^([0-9]+(ms|s|m|h|d|w))+$"
);
text!(
    /// An amount of memory or disk.
    Size,
    "size",
    r"^[0-9]+(MiB|GiB|TiB)$"
);
text!(
    /// A text that outputs of other services may stand in.
    Templated,
    "text with `${services.NAME.OUTPUT}`",
    r""
);

/// Where a secret is found. No `Debug`: until it has been checked, the text may be the secret itself.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Reference(pub(crate) String);

impl JsonSchema for Reference {
    fn schema_name() -> Cow<'static, str> {
        "Reference".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "title": "where a secret is found", "pattern": "^(env:|file:/|secretsmanager:|ssm:)" })
    }
}
