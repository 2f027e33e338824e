//! The text prompt: what the panel says, what a model is asked, what it answered.

use inference::KeyBuilder;
use segment::text::{Choose, Detection, Exemplar, TextPrompt};

/// Which of the things found make the matte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TextChoice {
    /// All of them together.
    #[default]
    All,
    /// The one the model is surest of.
    Best,
    /// One by its place in the order of scores, counted from 1.
    Number(usize),
    /// The surest of those that Point 1 lies on.
    UnderPoint1,
}

impl TextChoice {
    /// The choice at an index of the parameter; an index out of range takes all. `number` is the panel's, from 1.
    pub fn from_index(index: usize, number: i32) -> Self {
        match index {
            1 => Self::Best,
            2 => Self::Number(usize::try_from(number).unwrap_or(1).max(1)),
            3 => Self::UnderPoint1,
            _ => Self::All,
        }
    }
}

/// What the panel says of the text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TextWords {
    /// The words as written; blank ones say nothing.
    pub text: String,
    /// Scores above it count, 0..1.
    pub threshold: f64,
    /// Which of the things found make the matte.
    pub choice: TextChoice,
}

impl TextWords {
    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// A text as a model is asked, in the pixels of its picture.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelText {
    /// The words; may be empty where an exemplar says what is meant.
    pub text: String,
    /// Boxes round examples and counterexamples: left, top, right, bottom, and whether it is an example.
    pub exemplars: Vec<([f32; 4], bool)>,
    /// Scores above it count.
    pub threshold: f32,
    /// Which of the things found make the mask.
    pub choose: Choose,
}

impl ModelText {
    /// As the model takes it.
    pub fn prompt(&self) -> TextPrompt {
        let exemplar = |&(box_, positive): &([f32; 4], bool)| Exemplar { box_, positive };
        TextPrompt {
            text: self.text.clone(),
            exemplars: self.exemplars.iter().map(exemplar).collect(),
            threshold: Some(self.threshold),
            choose: self.choose,
        }
    }

    /// Adds all of it to a key.
    pub fn add_to(&self, key: KeyBuilder) -> KeyBuilder {
        let mut key = key.bytes(self.text.as_bytes()).number(self.exemplars.len() as u64);
        for (edges, positive) in &self.exemplars {
            key = edges.iter().fold(key, |key, edge| key.number(u64::from(edge.to_bits())));
            key = key.number(u64::from(*positive));
        }
        key = key.number(u64::from(self.threshold.to_bits()));
        match self.choose {
            Choose::All => key.number(0),
            Choose::Best => key.number(1),
            Choose::Index(index) => key.number(2).number(index as u64),
            Choose::Under { x, y } => key.number(3).number(u64::from(x.to_bits())).number(u64::from(y.to_bits())),
        }
    }
}

/// What came of a text on one frame: what the user is told of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextFound {
    /// Things above the threshold.
    pub found: u32,
    /// How many of them make the mask.
    pub chosen: u32,
    /// How sure the model is that there is any such thing in the picture, 0..1.
    pub presence: f32,
    /// Whether the text was longer than the model reads.
    pub cut: bool,
}

impl TextFound {
    /// Of a model's answer.
    pub fn of(detection: &Detection) -> Self {
        let count = |list: usize| u32::try_from(list).unwrap_or(u32::MAX);
        Self {
            found: count(detection.instances.len()),
            chosen: count(detection.chosen.len()),
            presence: detection.presence,
            cut: detection.cut,
        }
    }

    /// For the status line.
    pub fn in_short(&self) -> String {
        format!("text found {}, took {}", self.found, self.chosen)
    }

    /// What the user has to know because the matte is not what they asked for.
    pub fn warnings(&self) -> Vec<String> {
        let mut words = Vec::new();
        let presence = self.presence;
        if self.found == 0 {
            words.push(format!(
                "The text finds nothing at this frame (the model gives {presence:.2} for any such thing being there): lower Text Threshold, or use other words."
            ));
        } else if self.chosen == 0 {
            words.push(format!(
                "The text finds {} at this frame, and none of them is the one that Take asks for: choose another.",
                self.found
            ));
        }
        if self.cut {
            words.push(
                "The text is longer than the model reads: only its beginning counts. A short noun phrase is best."
                    .to_owned(),
            );
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text() -> ModelText {
        ModelText { text: "cat".into(), exemplars: vec![([1.0; 4], true)], threshold: 0.5, choose: Choose::All }
    }

    #[test]
    fn everything_about_a_text_is_in_its_key() {
        let key = |text: &ModelText| text.add_to(KeyBuilder::new("t")).finish();
        let others = [
            ModelText { text: "cats".into(), ..text() },
            ModelText { exemplars: Vec::new(), ..text() },
            ModelText { exemplars: vec![([1.0; 4], false)], ..text() },
            ModelText { exemplars: vec![([1.0, 1.0, 1.0, 2.0], true)], ..text() },
            ModelText { threshold: 0.4, ..text() },
            ModelText { choose: Choose::Best, ..text() },
            ModelText { choose: Choose::Index(1), ..text() },
            ModelText { choose: Choose::Under { x: 1.0, y: 0.0 }, ..text() },
        ];
        let mut keys: Vec<_> = others.iter().chain([&text()]).map(key).collect();
        keys.sort_unstable_by_key(|key| key.0);
        keys.dedup();
        assert_eq!(keys.len(), others.len() + 1);
    }

    #[test]
    fn a_number_counts_from_one_whatever_the_host_hands_over() {
        assert_eq!(TextChoice::from_index(2, 3), TextChoice::Number(3));
        for number in [0, -7, i32::MIN] {
            assert_eq!(TextChoice::from_index(2, number), TextChoice::Number(1));
        }
        assert_eq!(TextChoice::from_index(99, 1), TextChoice::All);
    }

    #[test]
    fn nothing_found_and_nothing_taken_are_told_apart() {
        let found = |found, chosen, cut| TextFound { found, chosen, presence: 0.25, cut }.warnings();
        assert!(found(2, 1, false).is_empty());
        assert!(found(0, 0, false)[0].contains("finds nothing") && found(0, 0, false)[0].contains("0.25"));
        assert!(found(2, 0, false)[0].contains("finds 2"));
        assert!(found(1, 1, true)[0].contains("longer"));
    }
}
