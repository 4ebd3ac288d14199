//! Sentences from their templates, each in two renderings: formatted for Slack, and as plain words for notifications
//! and screen readers. Both come from the same template, so they can't say different things.
//!
//! Values never become template: `{{}}` in people's words is only text.

use crate::mrkdwn::Mrkdwn;
use crate::{helpers, sentences};
use handlebars::{Handlebars, TemplateError};
use rust_embed::RustEmbed;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

#[derive(RustEmbed)]
#[folder = "text/"]
struct Files;

/// What a sentence says. Both renderings are safe to send.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Said {
    /// Formatted.
    pub mrkdwn: Mrkdwn,
    /// The same in plain words.
    pub text: Mrkdwn,
}

impl Said {
    /// Sentences after each other.
    #[must_use]
    pub fn join<'a>(parts: impl IntoIterator<Item = &'a Self>, between: &str) -> Self {
        let parts: Vec<&Self> = parts.into_iter().filter(|part| !part.mrkdwn.is_empty()).collect();
        let all = |of: fn(&Self) -> &Mrkdwn| {
            let texts: Vec<&str> = parts.iter().map(|part| of(part).as_str()).collect();
            Mrkdwn::rendered(texts.join(between))
        };
        Self { mrkdwn: all(|part| &part.mrkdwn), text: all(|part| &part.text) }
    }

    /// Sentences after each other, each with an end: what stands on lines of its own often has none.
    #[must_use]
    pub fn sentences<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let ended = |text: &Mrkdwn| {
            let ends = text.as_str().ends_with(['.', '?', '!', ':', '…']);
            Mrkdwn::rendered(format!("{text}{}", if ends { "" } else { "." }))
        };
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        let all: Vec<Self> = parts.map(|part| Self { mrkdwn: ended(&part.mrkdwn), text: ended(&part.text) }).collect();
        Self::join(&all, " ")
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.mrkdwn.is_empty()
    }
}

/// A sentence with what fills it in.
pub trait Sentence: Serialize {
    /// Its template, as a path below `text` without the ending.
    fn file(&self) -> Cow<'static, str>;
}

/// For whom a template is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavor {
    /// Slack's formatting.
    Mrkdwn,
    /// Plain words.
    Text,
}

/// A template that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}.hbs: {why}")]
pub struct BadTemplate {
    /// Which, as a path below the folder without the ending.
    pub name: String,
    /// Why not.
    pub why: String,
}

/// Every template that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct BadTemplates(pub Vec<BadTemplate>);

/// All templates, read once.
#[derive(Debug)]
pub struct Templates {
    mrkdwn: Handlebars<'static>,
    text: Handlebars<'static>,
}

impl Default for Templates {
    fn default() -> Self {
        Self::new()
    }
}

impl Templates {
    /// The templates that come with the program.
    #[must_use]
    pub fn new() -> Self {
        let mut templates = Self { mrkdwn: registry(Flavor::Mrkdwn), text: registry(Flavor::Text) };
        for name in Self::files() {
            let source = Self::source(&name).expect("an embedded template is UTF-8");
            templates.register(&name, &source).expect("an embedded template is well-formed");
        }
        templates
    }

    /// The templates that come with the program, with some of them in other words. Every sentence is said once with
    /// sample values, so that what can't be said shows now and not in a thread.
    ///
    /// # Errors
    /// [`BadTemplates`]: everything that is wrong, at once.
    pub fn with(own: &BTreeMap<String, String>) -> Result<Self, BadTemplates> {
        let mut templates = Self::new();
        let mut bad = Vec::new();
        for (name, source) in own {
            if Files::get(&format!("{name}.hbs")).is_none() {
                bad.push(BadTemplate { name: name.clone(), why: "there is no template of that name".to_owned() });
            } else if let Err(why) = templates.register(name, source) {
                bad.push(BadTemplate { name: name.clone(), why: why.to_string() });
            }
        }
        let unsaid = templates.samples().into_iter().filter_map(|(name, said)| Some((name, said.err()?)));
        bad.extend(unsaid.map(|(name, why)| BadTemplate { name, why }));
        if bad.is_empty() { Ok(templates) } else { Err(BadTemplates(bad)) }
    }

    /// The template of a name as it comes with the program.
    #[must_use]
    pub fn source(name: &str) -> Option<String> {
        let file = Files::get(&format!("{name}.hbs"))?;
        String::from_utf8(file.data.into_owned()).ok()
    }

    fn register(&mut self, name: &str, source: &str) -> Result<(), Box<TemplateError>> {
        for registry in [&mut self.mrkdwn, &mut self.text] {
            registry.register_template_string(name, source.trim_end()).map_err(Box::new)?;
        }
        Ok(())
    }

    /// Says a sentence. Its fields are typed, and a test renders each sentence, so a failure here is a mistake in a
    /// template; then the message says which one instead of being lost.
    #[must_use]
    pub fn say<S: Sentence>(&self, sentence: &S) -> Said {
        let file = sentence.file();
        self.try_say(sentence).unwrap_or_else(|why| {
            let apology = Mrkdwn::escape(&format!("(the sentence {file} can't be said: {why})"));
            Said { mrkdwn: apology.clone(), text: apology }
        })
    }

    pub(crate) fn try_say<S: Sentence>(&self, sentence: &S) -> Result<Said, handlebars::RenderError> {
        let file = sentence.file();
        let render = |registry: &Handlebars<'_>| registry.render(&file, sentence).map(Mrkdwn::rendered);
        Ok(Said { mrkdwn: render(&self.mrkdwn)?, text: render(&self.text)? })
    }

    /// Every sentence with sample values, by file; for tests, and for whoever writes templates.
    #[must_use]
    pub fn samples(&self) -> Vec<(String, Result<Said, String>)> {
        sentences::samples()
            .into_iter()
            .map(|sample| (sample.file.clone(), (sample.render)(self).map_err(|why| why.to_string())))
            .collect()
    }

    /// The names of all templates.
    #[must_use]
    pub fn files() -> Vec<String> {
        Files::iter().map(|file| file.trim_end_matches(".hbs").to_owned()).collect()
    }
}

fn registry(flavor: Flavor) -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_escape_fn(move |text| helpers::escape(text, flavor));
    helpers::register(&mut registry, flavor);
    registry
}
