//! Tables that can be pasted into a document as they are.

use std::io::Write;
use std::time::Duration;

/// A table in Markdown.
#[derive(Debug)]
pub struct Table {
    title: String,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with a title and the names of its columns.
    #[must_use]
    pub fn new(title: &str, columns: &[&str]) -> Self {
        let line = columns.iter().map(|_| "---".to_owned()).collect();
        Self { title: title.to_owned(), rows: vec![columns.iter().map(ToString::to_string).collect(), line] }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Prints it.
    ///
    /// # Panics
    /// Where nobody takes the output.
    pub fn print(&self) {
        let lines = self.rows.iter().map(|row| format!("| {} |\n", row.join(" | ")));
        say(&format!("{}\n\n{}", self.title, lines.collect::<String>()));
    }
}

/// Prints a paragraph.
///
/// # Panics
/// Where nobody takes the output.
pub fn say(text: &str) {
    writeln!(std::io::stdout().lock(), "\n{text}").expect("somebody reads it");
}

/// A duration in microseconds.
#[must_use]
pub fn micros(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1e6)
}

/// A duration in milliseconds.
#[must_use]
pub fn millis(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64() * 1e3)
}

/// How many times the one is the other.
#[must_use]
pub fn times(one: f64, other: f64) -> String {
    if other > 0.0 { format!("{:.2}", one / other) } else { "-".to_owned() }
}
