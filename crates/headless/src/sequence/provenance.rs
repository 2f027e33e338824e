//! Where a picture comes from, as files tell it.

/// Where a picture comes from: written into every format that has a place for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provenance {
    /// Name and version of the program.
    pub software: String,
    /// Identifier of the effect.
    pub effect: String,
    /// Frame number.
    pub frame: i32,
    /// The shot that was rendered: file, pattern or video.
    pub source: String,
    /// Values and keys of the effect's parameters as they were given, as JSON: the same fields as a job file.
    pub settings: String,
    /// The model and where it ran.
    pub model: String,
}

impl Provenance {
    /// What is known beside the program and the frame, as names and values; what is empty is left out.
    pub(super) fn entries(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("sam3roto.effect", &self.effect),
            ("sam3roto.model", &self.model),
            ("sam3roto.settings", &self.settings),
            ("sam3roto.source", &self.source),
        ];
        all.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name, text.as_str())).collect()
    }

    /// All of it in lines, for formats with one place for words.
    pub(super) fn text(&self) -> String {
        let lines = self.entries().into_iter().map(|(name, text)| format!("{name}: {text}"));
        lines.chain([format!("sam3roto.frame: {}", self.frame)]).collect::<Vec<_>>().join("\n")
    }
}
