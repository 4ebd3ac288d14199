//! Fifty secrets, and everything in which they are looked for.

use gantry_testkit::dice::Dice;
use gantry_tests::process;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Secrets by the place that they were put into. They are made here, so that nothing that looks like one stands in a file.
pub(super) struct Nest {
    dice: RefCell<Dice>,
    pub(super) laid: RefCell<BTreeMap<String, String>>,
}

impl Nest {
    pub(super) fn new() -> Self {
        Self { dice: RefCell::new(Dice::new(1)), laid: RefCell::default() }
    }

    pub(super) fn text(&self) -> String {
        let letter = |_| char::from(b'a' + u8::try_from(self.dice.borrow_mut().below(26)).unwrap());
        (0..32).map(letter).collect()
    }

    /// A new one for a place.
    pub(super) fn lay(&self, place: impl Into<String>) -> String {
        let (place, text) = (place.into(), self.text());
        assert_eq!(self.laid.borrow_mut().insert(place.clone(), text.clone()), None, "{place} has one");
        text
    }

    /// The places whose secret is in there, as it is or in hexadecimal.
    pub(super) fn found(&self, bytes: &[u8]) -> Vec<String> {
        let laid = self.laid.borrow();
        laid.iter().filter(|(_, text)| holds(bytes, text)).map(|(place, _)| place.clone()).collect()
    }
}

pub(super) fn holds(bytes: &[u8], text: &str) -> bool {
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    [text, &hex].iter().any(|form| bytes.windows(form.len()).any(|window| window == form.as_bytes()))
}

/// Everything that was written, printed, sent or shown, by where.
#[derive(Default)]
pub(super) struct Traces(BTreeMap<String, Vec<u8>>);

impl Traces {
    pub(super) fn add(&mut self, place: impl Into<String>, bytes: impl AsRef<[u8]>) {
        self.0.entry(place.into()).or_default().extend_from_slice(bytes.as_ref());
    }

    /// All files below a directory, and what the machine's processes were started with.
    pub(super) fn look_at(&mut self, dir: &Path, when: &str) {
        let mut open = vec![dir.to_owned()];
        while let Some(dir) = open.pop() {
            for entry in fs::read_dir(dir).unwrap().flatten() {
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => open.push(entry.path()),
                    // A file may be gone by now: a log that was put aside, a task's socket.
                    Ok(kind) if kind.is_file() => {
                        let bytes = fs::read(entry.path()).unwrap_or_default();
                        self.add(format!("{} {when}", entry.path().display()), bytes);
                    }
                    _ => {}
                }
            }
        }
        for pid in process::of(dir.parent().unwrap()) {
            self.add(
                format!("arguments of {pid} {when}"),
                fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default(),
            );
        }
    }

    pub(super) fn found(&self, nest: &Nest) -> Vec<String> {
        let found = |(place, bytes): (&String, &Vec<u8>)| -> Vec<String> {
            nest.found(bytes).into_iter().map(|canary| format!("{canary}: found in {place}")).collect()
        };
        self.0.iter().flat_map(found).collect()
    }

    pub(super) fn where_is(&self, text: &str) -> Vec<&str> {
        self.0.iter().filter(|(_, bytes)| holds(bytes, text)).map(|(place, _)| place.as_str()).collect()
    }
}
