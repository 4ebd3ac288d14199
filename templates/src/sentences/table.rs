//! How sentences are declared: name, file, fields with a sample value each. The samples are what tests render, and what
//! somebody who changes a template can look at.

use crate::{Moment, Said, Sentence, Templates};
use handlebars::RenderError;
use jiff::Timestamp;
use jiff::tz::TimeZone;

type Render = Box<dyn Fn(&Templates) -> Result<Said, RenderError>>;

/// One sentence with sample values.
pub(crate) struct Sample {
    pub(crate) file: String,
    pub(crate) render: Render,
}

impl Sample {
    pub(super) fn of(sentence: impl Sentence + 'static) -> Self {
        Self { file: sentence.file().into_owned(), render: Box::new(move |templates| templates.try_say(&sentence)) }
    }
}

/// Declares sentences.
macro_rules! sentences {
    ($($(#[$doc:meta])+ $name:ident $file:literal { $($field:ident: $type:ty = $sample:expr),* $(,)? })+) => {
        $(
            $(#[$doc])+
            #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
            pub struct $name {
                $(
                    #[doc = concat!("`", stringify!($field), "` in the sentence.")]
                    pub $field: $type,
                )*
            }

            impl crate::Sentence for $name {
                fn file(&self) -> std::borrow::Cow<'static, str> {
                    $file.into()
                }
            }
        )+

        pub(super) fn samples() -> Vec<super::table::Sample> {
            use super::table::values::*;
            vec![$(super::table::Sample::of($name { $($field: $sample),* })),+]
        }
    };
}

/// Sample values.
pub(super) mod values {
    use super::{Moment, Said, TimeZone, Timestamp};
    use crate::Mrkdwn;

    pub(in super::super) fn text(text: &str) -> String {
        text.to_owned()
    }

    pub(in super::super) fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    pub(in super::super) fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    pub(in super::super) fn said(text: &str) -> Said {
        Said { mrkdwn: Mrkdwn::escape(text), text: Mrkdwn::escape(text) }
    }

    pub(in super::super) fn at() -> Moment {
        Moment::new(Timestamp::constant(1_795_204_800, 0), &TimeZone::UTC)
    }
}
