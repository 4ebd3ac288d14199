//! What is wrong with a file, as values: where, what, and what to do. How they are drawn is miette's work; where they
//! are shown is the caller's.

use miette::{Diagnostic, LabeledSpan, NamedSource, Severity};
use std::fmt;
use std::ops::Range;
use std::path::Path;

/// One thing that is wrong, or (a warning) that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    severity: Severity,
    message: String,
    label: String,
    span: Range<usize>,
    also: Vec<(Range<usize>, String)>,
    remedy: Option<String>,
    line: usize,
    column: usize,
}

impl Finding {
    pub(crate) fn error(span: &Range<usize>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            message: message.into(),
            label: "here".to_owned(),
            span: span.clone(),
            also: Vec::new(),
            remedy: None,
            line: 1,
            column: 1,
        }
    }

    pub(crate) fn warning(span: &Range<usize>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(span, message) }
    }

    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// A second place that the message speaks of.
    pub(crate) fn also(mut self, span: &Range<usize>, label: impl Into<String>) -> Self {
        self.also.push((span.clone(), label.into()));
        self
    }

    pub(crate) fn remedy_is(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into()).filter(|remedy| !remedy.is_empty());
        self
    }

    /// Whether the file can be used all the same.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        self.severity != Severity::Error
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.remedy.as_deref()
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in characters, from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Finding {}

impl Diagnostic for Finding {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.remedy.as_ref().map(|text| Box::new(text) as Box<dyn fmt::Display>)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let first = LabeledSpan::new_primary_with_span(Some(self.label.clone()), self.span.clone());
        let others =
            self.also.iter().map(|(span, label)| LabeledSpan::new_with_span(Some(label.clone()), span.clone()));
        Some(Box::new(std::iter::once(first).chain(others)))
    }
}

/// Everything that was found in a file, by place. As a [`Diagnostic`] it draws each finding with its lines.
#[derive(Debug, Clone)]
pub struct Findings {
    file: NamedSource<String>,
    all: Vec<Finding>,
}

impl Findings {
    /// `shown` is the text with the same bytes at the same places as the file's, without what nobody may see.
    pub(crate) fn new(file_name: &str, shown: String, mut all: Vec<Finding>) -> Self {
        all.sort_by_key(|finding| (finding.severity != Severity::Error, finding.span.start, finding.span.end));
        all.dedup();
        for finding in &mut all {
            (finding.line, finding.column) = place(&shown, finding.span.start);
        }
        Self { file: NamedSource::new(file_name, shown), all }
    }

    /// The findings: errors first, then warnings, each by place.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.all.iter()
    }

    /// What is wrong as plain lines, for where nothing can be drawn: place, message, and the remedy below it. Warnings are
    /// left out; so is the way to the file, which is nobody's business in a chat.
    #[must_use]
    pub fn in_lines(&self) -> String {
        let name = Path::new(self.file.name()).file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let one = |finding: &Finding| {
            let remedy = finding.remedy.as_ref().map(|remedy| format!("\n  {remedy}")).unwrap_or_default();
            format!("{name}:{}:{} {}{remedy}", finding.line, finding.column, finding.message)
        };
        let errors = self.all.iter().filter(|finding| !finding.is_warning());
        errors.map(one).collect::<Vec<_>>().join("\n")
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether the file can't be used.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.all.iter().any(|finding| !finding.is_warning())
    }

    /// The name of the file, as the caller gave it.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.file.name()
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let warnings = self.all.iter().filter(|finding| finding.is_warning()).count();
        let errors = self.all.len() - warnings;
        let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let said = match (errors, warnings) {
            (0, 0) => "nothing to mend".to_owned(),
            (0, _) => count(warnings, "warning"),
            (_, 0) => count(errors, "error"),
            (_, _) => format!("{} and {}", count(errors, "error"), count(warnings, "warning")),
        };
        write!(f, "{said} in {}", self.file.name())
    }
}

impl std::error::Error for Findings {}

impl Diagnostic for Findings {
    fn severity(&self) -> Option<Severity> {
        Some(if self.has_errors() { Severity::Error } else { Severity::Warning })
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.file)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.all.iter().map(|finding| finding as &dyn Diagnostic)))
    }
}

/// The line and column, from 1, of a byte.
pub(crate) fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..byte.min(text.len())];
    let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |newline| newline + 1);
    let line = 1 + before.iter().filter(|b| **b == b'\n').count();
    (line, 1 + String::from_utf8_lossy(&before[start..]).chars().count())
}
