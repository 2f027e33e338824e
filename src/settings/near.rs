//! The setting that was probably meant.

use super::table::TABLE;

/// The setting whose name, with or without its section, differs from `key` by the fewest letters; none where all differ
/// by more than a third of them.
pub(super) fn nearest(key: &str) -> Option<&'static str> {
    // What is longer than any name and its typing errors is not worth comparing letter by letter.
    let wanted: Vec<char> = key.to_lowercase().chars().take(64).collect();
    let distance = |name: &str| letters_between(&wanted, &name.chars().collect::<Vec<_>>());
    let candidates = TABLE.iter().map(|row| {
        let bare = row.key.split_once('.').map_or(row.key, |(_, name)| name);
        (distance(row.key).min(distance(bare)), row.key)
    });
    let (letters, key) = candidates.min_by_key(|(letters, _)| *letters)?;
    (letters <= wanted.len() / 3).then_some(key)
}

/// Letters to change, add or remove (Levenshtein).
fn letters_between(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (line, letter) in a.iter().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        let (first, rest) = match row.split_first_mut() {
            Some(parts) => parts,
            None => return 0,
        };
        *first = left;
        for (place, other) in rest.iter_mut().zip(b) {
            let above = *place;
            left = (diagonal + usize::from(other != letter)).min(above + 1).min(left + 1);
            diagonal = above;
            *place = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(a: &str, b: &str) -> usize {
        letters_between(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>())
    }

    #[test]
    fn letters_to_change_are_counted() {
        for (a, b, expected) in
            [("", "", 0), ("abc", "", 3), ("", "abc", 3), ("kitten", "sitting", 3), ("flaw", "lawn", 2)]
        {
            assert_eq!(letters(a, b), expected, "{a} {b}");
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
