//! What `model.toml` says of an exported model beyond what the registry reads: sizes, colours, the constants of the
//! loop. `resources/export/CONTRACT.md` explains each of them.

use serde::Deserialize;

/// The version of `resources/export/CONTRACT.md` that this crate follows.
const CONTRACT: i64 = 1;

/// Bounds of what a size may be. Far beyond any model of these families, and far below what would hurt: a manifest may
/// be damaged, and buffers are made by its numbers.
const MOST_PIXELS: usize = 4096;
const MOST_GRID: usize = 256;
const MOST_CHANNELS: usize = 4096;
const MOST_FRAMES: usize = 256;

/// The two families of exported models. They differ in the graphs before the click head, and in sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// SAM2.1: clicks, boxes, masks, tracking.
    Sam2,
    /// SAM3: the same over a trunk that text prompts share.
    Sam3,
}

impl Family {
    /// As manifests call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sam2 => "sam2",
            Self::Sam3 => "sam3",
        }
    }
}

/// The facts of one exported model.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The family.
    pub family: Family,
    /// I: pixels on a side of the model's picture.
    pub image_size: usize,
    /// h: cells on a side of its embedding. Logits have 4 h on a side.
    pub grid: usize,
    /// C: channels of the embedding.
    pub channels: usize,
    /// M: channels of a memory.
    pub memory_channels: usize,
    /// Mean of each colour, 0..1.
    pub mean: [f32; 3],
    /// Deviation of each colour.
    pub std: [f32; 3],
    /// The tracker's constants.
    pub tracker: TrackerFacts,
    /// What text prompts need; `None` for a model without them.
    pub concepts: Option<ConceptFacts>,
    /// Added to the embedding where there is no memory; one value a channel.
    pub no_memory_embedding: Vec<f32>,
    /// Pointer of a frame whose mask prompt is empty; one value a channel.
    pub no_object_pointer: Vec<f32>,
}

/// Constants of the loop.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackerFacts {
    /// Memories of a frame: one for conditioning frames, the others for the frames just before.
    pub memory_frames: usize,
    /// Conditioning frames attended to; `None` for all.
    pub max_conditioning_frames: Option<usize>,
    /// Frames whose pointers are attended to.
    pub max_pointers: usize,
    /// From how many to how many points the best of three guesses is taken.
    pub multimask_points: (usize, usize),
    /// Logits within this distance of the edge decide whether a mask is stable.
    pub stability_delta: f32,
    /// From this share on a mask is stable.
    pub stability_threshold: f32,
    /// All logits of a frame without the object.
    pub no_object_logit: f32,
    /// Earlier logits are clamped to this on either side when they are refined.
    pub refine_clamp: f32,
}

#[cfg(test)]
impl TrackerFacts {
    /// The official ones. SAM3's have at most four conditioning frames, SAM2.1's any number.
    pub(crate) fn official(max_conditioning_frames: Option<usize>) -> Self {
        Self {
            memory_frames: 7,
            max_conditioning_frames,
            max_pointers: 16,
            multimask_points: (0, 1),
            stability_delta: 0.05,
            stability_threshold: 0.98,
            no_object_logit: -1024.0,
            refine_clamp: 32.0,
        }
    }
}

/// What text prompts need.
#[derive(Debug, Clone, PartialEq)]
pub struct ConceptFacts {
    /// Tokens of a text.
    pub text_context: usize,
    /// Q: candidates of the detector.
    pub queries: usize,
    /// Label of a box that is none.
    pub no_box_label: i64,
    /// Scores above this count, where nobody says otherwise.
    pub score_threshold: f32,
}

/// Why a manifest gives no facts. To be read after the model's name and folder.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FactsError {
    /// There is no manifest.
    #[error("there is no model.toml, which says the sizes of an exported model; export or install the model again")]
    Missing,
    /// A key is missing or of another type.
    #[error("model.toml: {reason}; export or install the model again")]
    Invalid {
        /// The parser's words, with line and key.
        reason: String,
    },
    /// A value makes no sense.
    #[error("model.toml: {key} is {found}, expected {expected}; export or install the model again")]
    Value {
        /// The key, dotted.
        key: &'static str,
        /// What stands there.
        found: String,
        /// What is possible.
        expected: String,
    },
}

impl Facts {
    /// The facts of a manifest of this family.
    ///
    /// # Errors
    /// [`FactsError`] names the key and what was expected.
    pub fn parse(family: Family, manifest: Option<&str>) -> Result<Self, FactsError> {
        let text = manifest.ok_or(FactsError::Missing)?;
        let file: File = toml::from_str(text)
            .map_err(|error| FactsError::Invalid { reason: error.to_string().trim_end().to_owned() })?;
        check("contract", file.contract, file.contract == CONTRACT, || {
            format!("{CONTRACT}, which is what this version of the plugin runs")
        })?;
        let model = &file.model;
        within("model.image_size", model.image_size, 16, MOST_PIXELS)?;
        within("model.grid", model.grid, 2, MOST_GRID)?;
        check("model.grid", model.grid, model.image_size.is_multiple_of(model.grid), || {
            format!("a divisor of model.image_size = {}", model.image_size)
        })?;
        within("model.channels", model.channels, 8, MOST_CHANNELS)?;
        check("model.channels", model.channels, model.channels.is_multiple_of(8), || "a multiple of 8".to_owned())?;
        within("model.memory_channels", model.memory_channels, 1, MOST_CHANNELS)?;
        check("preprocess.resize", &file.preprocess.resize, file.preprocess.resize == "stretch", || {
            "\"stretch\"".to_owned()
        })?;
        finite("preprocess.mean", &file.preprocess.mean)?;
        finite("preprocess.std", &file.preprocess.std)?;
        let apart = file.preprocess.std.iter().all(|deviation| *deviation > 0.0);
        check("preprocess.std", format!("{:?}", file.preprocess.std), apart, || "three positive numbers".to_owned())?;
        per_channel("no_memory_embedding", &file.no_memory_embedding, model.channels)?;
        per_channel("no_object_pointer", &file.no_object_pointer, model.channels)?;
        Ok(Self {
            family,
            image_size: model.image_size,
            grid: model.grid,
            channels: model.channels,
            memory_channels: model.memory_channels,
            mean: file.preprocess.mean,
            std: file.preprocess.std,
            tracker: file.tracker.facts()?,
            concepts: file.concepts.map(ConceptsTable::facts).transpose()?,
            no_memory_embedding: file.no_memory_embedding,
            no_object_pointer: file.no_object_pointer,
        })
    }

    /// Samples on a side of the logits: 4 h.
    pub fn logits_size(&self) -> usize {
        4 * self.grid
    }
}

#[derive(Deserialize)]
struct File {
    contract: i64,
    no_memory_embedding: Vec<f32>,
    no_object_pointer: Vec<f32>,
    model: ModelTable,
    preprocess: PreprocessTable,
    tracker: TrackerTable,
    concepts: Option<ConceptsTable>,
}

#[derive(Deserialize)]
struct ModelTable {
    image_size: usize,
    grid: usize,
    channels: usize,
    memory_channels: usize,
}

#[derive(Deserialize)]
struct PreprocessTable {
    resize: String,
    mean: [f32; 3],
    std: [f32; 3],
}

#[derive(Deserialize)]
struct TrackerTable {
    memory_frames: usize,
    max_conditioning_frames: i64,
    max_pointers: usize,
    multimask_points: [usize; 2],
    stability_delta: f32,
    stability_threshold: f32,
    no_object_logit: f32,
    refine_clamp: f32,
}

#[derive(Deserialize)]
struct ConceptsTable {
    text_context: usize,
    queries: usize,
    no_box_label: i64,
    score_threshold: f32,
}

impl TrackerTable {
    fn facts(self) -> Result<TrackerFacts, FactsError> {
        within("tracker.memory_frames", self.memory_frames, 1, MOST_FRAMES)?;
        within("tracker.max_pointers", self.max_pointers, 2, MOST_FRAMES)?;
        let most = match self.max_conditioning_frames {
            -1 => None,
            most => {
                let frames = usize::try_from(most).unwrap_or(0);
                let expected = || format!("-1, or 1 to {MOST_FRAMES}");
                check("tracker.max_conditioning_frames", most, (1..=MOST_FRAMES).contains(&frames), expected)?;
                Some(frames)
            }
        };
        let [least_points, most_points] = self.multimask_points;
        let sorted = least_points <= most_points && most_points <= MOST_FRAMES;
        check("tracker.multimask_points", format!("{:?}", self.multimask_points), sorted, || {
            "the least and the most number of points".to_owned()
        })?;
        finite("tracker.stability_delta", &[self.stability_delta])?;
        finite("tracker.stability_threshold", &[self.stability_threshold])?;
        finite("tracker.no_object_logit", &[self.no_object_logit])?;
        check("tracker.no_object_logit", self.no_object_logit, self.no_object_logit < 0.0, || {
            "a negative number".to_owned()
        })?;
        finite("tracker.refine_clamp", &[self.refine_clamp])?;
        check("tracker.refine_clamp", self.refine_clamp, self.refine_clamp > 0.0, || "a positive number".to_owned())?;
        Ok(TrackerFacts {
            memory_frames: self.memory_frames,
            max_conditioning_frames: most,
            max_pointers: self.max_pointers,
            multimask_points: (least_points, most_points),
            stability_delta: self.stability_delta,
            stability_threshold: self.stability_threshold,
            no_object_logit: self.no_object_logit,
            refine_clamp: self.refine_clamp,
        })
    }
}

impl ConceptsTable {
    fn facts(self) -> Result<ConceptFacts, FactsError> {
        within("concepts.text_context", self.text_context, 3, MOST_FRAMES)?;
        within("concepts.queries", self.queries, 1, MOST_CHANNELS)?;
        let is_share = (0.0..=1.0).contains(&self.score_threshold);
        check("concepts.score_threshold", self.score_threshold, is_share, || "0 to 1".to_owned())?;
        Ok(ConceptFacts {
            text_context: self.text_context,
            queries: self.queries,
            no_box_label: self.no_box_label,
            score_threshold: self.score_threshold,
        })
    }
}

fn check(
    key: &'static str,
    found: impl ToString,
    good: bool,
    expected: impl FnOnce() -> String,
) -> Result<(), FactsError> {
    if good { Ok(()) } else { Err(FactsError::Value { key, found: found.to_string(), expected: expected() }) }
}

fn within(key: &'static str, found: usize, least: usize, most: usize) -> Result<(), FactsError> {
    check(key, found, (least..=most).contains(&found), || format!("{least} to {most}"))
}

fn finite(key: &'static str, found: &[f32]) -> Result<(), FactsError> {
    let good = found.iter().all(|value| value.is_finite());
    check(key, format!("{found:?}"), good, || "finite numbers".to_owned())
}

fn per_channel(key: &'static str, found: &[f32], channels: usize) -> Result<(), FactsError> {
    let length = || format!("{channels} numbers, as many as model.channels");
    check(key, format!("{} numbers", found.len()), found.len() == channels, length)?;
    let good = found.iter().all(|value| value.is_finite());
    check(key, "not finite somewhere", good, || "finite numbers".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        name = "m"
        contract = 1
        no_memory_embedding = [0, 1, 2, 3, 4, 5, 6, 7]
        no_object_pointer = [0.5, 1, 2, 3, 4, 5, 6, 7]
        [model]
        image_size = 112
        grid = 8
        channels = 8
        memory_channels = 2
        [preprocess]
        resize = "stretch"
        mean = [0.5, 0.5, 0.5]
        std = [0.5, 0.5, 0.5]
        [tracker]
        memory_frames = 7
        max_conditioning_frames = -1
        max_pointers = 16
        multimask_points = [0, 1]
        stability_delta = 0.05
        stability_threshold = 0.98
        no_object_logit = -1024.0
        refine_clamp = 32.0
    "#;

    fn refused(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from), "{from}");
        Facts::parse(Family::Sam3, Some(&GOOD.replace(from, to))).expect_err(to).to_string()
    }

    #[test]
    fn a_manifest_gives_its_facts() {
        let facts = Facts::parse(Family::Sam2, Some(GOOD)).expect("good");
        assert_eq!((facts.image_size, facts.logits_size(), facts.channels, facts.memory_channels), (112, 32, 8, 2));
        assert_eq!((facts.tracker.max_conditioning_frames, facts.concepts), (None, None));
        assert_eq!(facts.no_object_pointer[0], 0.5);
    }

    #[test]
    fn absurd_values_are_refused_with_their_key_and_what_was_expected() {
        for (from, to, key) in [
            ("contract = 1", "contract = 2", "contract"),
            ("image_size = 112", "image_size = 1000000000", "model.image_size"),
            ("grid = 8", "grid = 9", "model.grid"),
            ("grid = 8", "grid = 0", "model.grid"),
            ("channels = 8\n", "channels = 12\n", "model.channels"),
            ("memory_channels = 2", "memory_channels = 0", "model.memory_channels"),
            ("stretch", "pad", "preprocess.resize"),
            ("std = [0.5, 0.5, 0.5]", "std = [0.5, 0.0, 0.5]", "preprocess.std"),
            ("mean = [0.5, 0.5, 0.5]", "mean = [0.5, nan, 0.5]", "preprocess.mean"),
            ("memory_frames = 7", "memory_frames = 0", "tracker.memory_frames"),
            ("frames = -1", "frames = -2", "tracker.max_conditioning_frames"),
            ("pointers = 16", "pointers = 1", "tracker.max_pointers"),
            ("[0, 1]", "[2, 1]", "tracker.multimask_points"),
            ("clamp = 32.0", "clamp = -1.0", "tracker.refine_clamp"),
            ("[0.5, 1, 2, 3, 4", "[0.5, 1, 2, 3", "no_object_pointer"),
            ("[0, 1, 2, 3, 4, 5", "[0, 1, 2, 3, inf, 5", "no_memory_embedding"),
        ] {
            let words = refused(from, to);
            assert!(words.starts_with(&format!("model.toml: {key} is ")) && words.contains("expected"), "{words}");
        }
    }

    #[test]
    fn a_key_that_is_missing_or_of_another_type_is_named() {
        assert!(refused("grid = 8", "").contains("grid"), "missing");
        assert!(refused("grid = 8", "grid = -8").contains("grid"), "negative");
        assert!(refused("grid = 8", "grid = \"8\"").contains("grid"), "text");
        assert_eq!(Facts::parse(Family::Sam3, None), Err(FactsError::Missing));
    }
}
