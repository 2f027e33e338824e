//! "Did you mean ...?"

use strsim::levenshtein;

/// Names shown when all of a short list fit.
const SHORT_LIST: usize = 12;

/// The end of a message about an unknown name: what comes near, else the whole list where it is short.
pub(super) fn near_hint(name: &str, available: &[String]) -> String {
    let near = near_names(name, available);
    match (near.as_slice(), available) {
        ([], []) => String::new(),
        ([], _) if available.len() <= SHORT_LIST => format!("; there are: {}", available.join(", ")),
        ([], _) => "; `sam3roto describe` lists them all".to_owned(),
        (near, _) => format!("; did you mean {}?", near.join(" or ")),
    }
}

/// Up to three names that differ by few letters, or hold the given one.
fn near_names<'a>(name: &str, available: &'a [String]) -> Vec<&'a str> {
    let wanted = name.to_lowercase();
    if wanted.is_empty() {
        return Vec::new();
    }
    let allowed = wanted.chars().count() / 3 + 1;
    let mut near: Vec<(usize, &str)> = Vec::new();
    for candidate in available {
        let lower = candidate.to_lowercase();
        let distance = levenshtein(&wanted, &lower);
        let holds = wanted.chars().count() >= 3 && lower.contains(&wanted);
        if distance <= allowed || holds {
            near.push((distance, candidate));
        }
    }
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter().take(3).map(|(_, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_to_change_are_counted() {
        for (a, b, distance) in
            [("", "", 0), ("abc", "", 3), ("", "abc", 3), ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("a", "a", 0)]
        {
            assert_eq!(levenshtein(a, b), distance, "{a} {b}");
        }
    }

    #[test]
    fn near_names_are_offered_and_far_ones_are_not() {
        let names = ["point1Position", "point2Position", "invert", "threshold"].map(str::to_owned);
        assert_eq!(near_hint("point1position", &names), "; did you mean point1Position or point2Position?");
        assert_eq!(near_hint("Invrt", &names), "; did you mean invert?");
        assert_eq!(near_hint("xyz", &names), "; there are: point1Position, point2Position, invert, threshold");
        assert_eq!(near_hint("", &[]), "");
    }
}
