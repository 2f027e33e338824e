//! The setting that was probably meant.

use strsim::levenshtein;

use super::table::TABLE;

/// The setting whose name, with or without its section, differs from `key` by the fewest letters; none where all differ
/// by more than a third of them.
pub(super) fn nearest(key: &str) -> Option<&'static str> {
    // What is longer than any name and its typing errors is not worth comparing letter by letter.
    let wanted: String = key.to_lowercase().chars().take(64).collect();
    let candidates = TABLE.iter().map(|row| {
        let bare = row.key.split_once('.').map_or(row.key, |(_, name)| name);
        (levenshtein(&wanted, row.key).min(levenshtein(&wanted, bare)), row.key)
    });
    let (letters, key) = candidates.min_by_key(|(letters, _)| *letters)?;
    (letters <= wanted.chars().count() / 3).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_to_change_are_counted() {
        for (a, b, expected) in
            [("", "", 0), ("abc", "", 3), ("", "abc", 3), ("kitten", "sitting", 3), ("flaw", "lawn", 2)]
        {
            assert_eq!(levenshtein(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn typing_errors_find_their_setting_and_other_words_none() {
        assert_eq!(nearest("engine.thread"), Some("engine.threads"));
        assert_eq!(nearest("engin.threads"), Some("engine.threads"));
        assert_eq!(nearest("threads"), Some("engine.threads"));
        assert_eq!(nearest("Engine.Threads"), Some("engine.threads"));
        assert_eq!(nearest("colour.lut"), None);
        assert_eq!(nearest(""), None);
    }
}
