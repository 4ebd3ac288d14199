//! "Did you mean": the nearest of the names that exist. No index, no ranking by use: the lists here are short.

/// The candidate that a word was probably meant to be.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let far = |candidate: &str| strsim::damerau_levenshtein(&word, &candidate.to_lowercase());
    let near = |candidate: &str, distance: usize| distance * 3 <= word.chars().count().max(candidate.chars().count());
    candidates
        .into_iter()
        .map(|candidate| (far(candidate), candidate))
        .filter(|(distance, candidate)| near(candidate, *distance))
        .min()
        .map(|(_, candidate)| candidate)
}

/// A remedy for a name that doesn't exist: the nearest that does, then all of them.
pub(crate) fn remedy<'a>(word: &str, what: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    if names.is_empty() {
        return format!("{what}: none yet");
    }
    let all = format!("{what}: {}", listed(&names));
    nearest(word, names.iter().copied()).map_or_else(|| all.clone(), |near| format!("did you mean `{near}`? {all}"))
}

/// Names in a sentence. Long lists are cut: a remedy is read, not searched.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 20;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(SHOWN);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_near_and_other_words_are_not() {
        let keys = ["image", "replicas", "depends_on"];
        assert_eq!(nearest("imgae", keys), Some("image"));
        assert_eq!(nearest("Replica", keys), Some("replicas"));
        assert_eq!(nearest("depends-on", keys), Some("depends_on"));
        assert_eq!(nearest("colour", keys), None);
        assert_eq!(nearest("", keys), None);
    }
}
