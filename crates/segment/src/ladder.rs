//! Which installed model is used: by its name, its family, its line, or the best there is.

use std::{fmt, path::PathBuf, sync::Arc};

use inference::{Engine, FoundModel, Layout};

use crate::{
    adapters,
    error::SegmentError,
    exported::{self, Exported, Family},
    model::ImageSegmenter,
    sam1,
};

/// The families this crate can run, by their usual file names: for [`inference::EngineOptions::layouts`].
pub const LAYOUTS: &[Layout] = &[
    exported::SAM3_LAYOUT,
    exported::SAM2_LAYOUT,
    adapters::SAM3_TRACKER,
    adapters::SAM3_CONCEPTS,
    adapters::SAM2_RECTLABEL,
    adapters::SAM2_TRANSFORMERS,
    adapters::SAM2_SAMEXPORTER,
    adapters::SAM2_VIDEO,
    adapters::SAM2_AILIA,
    adapters::SAM2_CPP,
    sam1::LAYOUT,
];

/// The families from the best to the humblest, each with the line it is of. Last what takes no clicks.
const LADDER: &[(&str, Line)] = &[
    ("sam3", Line::Sam3),
    (adapters::SAM3_TRACKER.family, Line::Sam3),
    ("sam2", Line::Sam2),
    (adapters::SAM2_VIDEO.family, Line::Sam2),
    (adapters::SAM2_RECTLABEL.family, Line::Sam2),
    (adapters::SAM2_TRANSFORMERS.family, Line::Sam2),
    (adapters::SAM2_SAMEXPORTER.family, Line::Sam2),
    (adapters::SAM2_AILIA.family, Line::Sam2),
    (adapters::SAM2_CPP.family, Line::Sam2),
    (sam1::FAMILY, Line::Sam1),
    (adapters::SAM3_CONCEPTS.family, Line::Sam3),
];

/// A generation of models, whoever exported them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Sam1,
    Sam2,
    Sam3,
}

impl Line {
    /// The line that a word asks for.
    fn of(word: &str) -> Option<Self> {
        let all = [("sam1", Self::Sam1), ("sam2", Self::Sam2), ("sam3", Self::Sam3)];
        all.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, line)| line)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sam1 => "SAM 1 (SAM, MobileSAM)",
            Self::Sam2 => "SAM 2",
            Self::Sam3 => "SAM 3",
        })
    }
}

/// A model, and which better ones are installed and cannot be used.
pub struct Choice {
    /// The model to use.
    pub model: Box<dyn ImageSegmenter>,
    /// Those that stand before it on the ladder, best first. Empty for a model asked for by its name.
    pub passed_over: Vec<PassedOver>,
}

/// An installed model that would have been used before the one that is. Displays as a sentence without its full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOver {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Why it cannot be used, and what to do.
    pub problem: String,
}

impl fmt::Display for PassedOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {} cannot be used: {}", self.name, self.folder.display(), self.problem)
    }
}

/// [`choose`] for those who do not tell what was passed over.
///
/// # Errors
/// As [`choose`].
pub fn open(engine: &Arc<Engine>, model: &str) -> Result<Box<dyn ImageSegmenter>, SegmentError> {
    Ok(choose(engine, model)?.model)
}

/// Chooses an installed model. `asked` is, upper or lower case alike:
/// * `"auto"` or `""`: the best that is installed whole;
/// * `"sam3"`, `"sam2"` or `"sam1"`: the best of that line, whoever exported it;
/// * the name of a model, or of a family ("sam3-tracker").
///
/// Reads manifests only; the files are checked and loaded by the first call that needs them.
///
/// # Errors
/// [`SegmentError::NoModel`], [`SegmentError::NoModelOfLine`], [`SegmentError::UnknownModel`],
/// [`SegmentError::UnusableModel`].
pub fn choose(engine: &Arc<Engine>, asked: &str) -> Result<Choice, SegmentError> {
    choose_able(engine, asked, |_| Ok(()))
}

/// [`choose`] for a text prompt: models that take no texts are passed over for those that do, unless one is asked for by
/// its name. Where none of those asked for takes texts it is the choice of [`choose`], which says so when it is asked.
///
/// # Errors
/// As [`choose`].
pub fn choose_for_text(engine: &Arc<Engine>, asked: &str) -> Result<Choice, SegmentError> {
    let takes_texts = |model: &dyn ImageSegmenter| match model.texts() {
        Some(_) => Ok(()),
        None => Err("it takes no text as a prompt".to_owned()),
    };
    choose_able(engine, asked, takes_texts).or_else(|_| choose(engine, asked))
}

/// [`choose`] among the models that `able` has nothing against. A model asked for by its name is not asked.
fn choose_able(
    engine: &Arc<Engine>,
    asked: &str,
    able: impl Fn(&dyn ImageSegmenter) -> Result<(), String>,
) -> Result<Choice, SegmentError> {
    let installed = engine.registry().recent();
    let asked = asked.trim();
    if asked.is_empty() || asked.eq_ignore_ascii_case("auto") {
        // A folder that cannot be made out may have been meant for the best of all: it is told, and never the choice.
        let unknown = installed.iter().filter(|found| found.family.is_none());
        return first_usable(engine, unknown.chain(by_rank(&installed, |_, _| true)), &able).map_err(|passed_over| {
            SegmentError::NoModel {
                searched: engine.registry().folders().to_vec(),
                problems: in_brackets(&passed_over),
            }
        });
    }
    if let Some(line) = Line::of(asked) {
        return first_usable(engine, by_rank(&installed, |_, of| of == line), &able).map_err(|passed_over| {
            let (problems, found) = (in_brackets(&passed_over), names(&installed));
            SegmentError::NoModelOfLine { line: line.to_string(), problems, found }
        });
    }
    if let Some(found) = installed.iter().find(|found| found.name.eq_ignore_ascii_case(asked)) {
        return match make(engine, found) {
            Ok(model) => Ok(Choice { model, passed_over: Vec::new() }),
            Err(problem) => {
                Err(SegmentError::UnusableModel { name: found.name.clone(), folder: found.folder.clone(), problem })
            }
        };
    }
    let of_family = by_rank(&installed, |family, _| family.eq_ignore_ascii_case(asked));
    first_usable(engine, of_family, &able).map_err(|passed_over| match passed_over.into_iter().next() {
        Some(PassedOver { name, folder, problem }) => SegmentError::UnusableModel { name, folder, problem },
        None => SegmentError::UnknownModel { asked: asked.to_owned(), found: names(&installed) },
    })
}

/// The models of the ladder's wanted families, from the top; of one family in the order of the search.
fn by_rank(installed: &[FoundModel], is_wanted: impl Fn(&str, Line) -> bool) -> impl Iterator<Item = &FoundModel> {
    let wanted = LADDER.iter().filter(move |(family, line)| is_wanted(family, *line));
    wanted.flat_map(|(family, _)| installed.iter().filter(move |found| found.family.as_deref() == Some(family)))
}

/// The first that can be used, or all that cannot.
fn first_usable<'a>(
    engine: &Arc<Engine>,
    models: impl Iterator<Item = &'a FoundModel>,
    able: &impl Fn(&dyn ImageSegmenter) -> Result<(), String>,
) -> Result<Choice, Vec<PassedOver>> {
    let mut passed_over = Vec::new();
    for found in models {
        match make(engine, found).and_then(|model| able(model.as_ref()).map(|()| model)) {
            Ok(model) => return Ok(Choice { model, passed_over }),
            Err(problem) => {
                let (name, folder) = (found.name.clone(), found.folder.clone());
                passed_over.push(PassedOver { name, folder, problem });
            }
        }
    }
    Err(passed_over)
}

fn make(engine: &Arc<Engine>, found: &FoundModel) -> Result<Box<dyn ImageSegmenter>, String> {
    if let Some(problem) = &found.problem {
        return Err(problem.clone());
    }
    let exported = |family| match Exported::open(engine, found, family) {
        Ok(model) => Ok(Box::new(Arc::new(model)) as Box<dyn ImageSegmenter>),
        Err(problem) => Err(problem.to_string()),
    };
    let segmenter = match found.family.as_deref() {
        Some("sam3") => return exported(Family::Sam3),
        Some("sam2") => return exported(Family::Sam2),
        Some(family) if family == adapters::SAM2_VIDEO.family => {
            return adapters::open_video(engine, found).map_err(|problem| problem.to_string());
        }
        Some(sam1::FAMILY) => sam1::Sam1::new(engine, found).map(|segmenter| Box::new(segmenter) as Box<_>),
        _ => adapters::open(engine, found),
    };
    segmenter.ok_or_else(|| "it does not segment pictures".to_owned())
}

fn names(installed: &[FoundModel]) -> String {
    let names: Vec<_> = installed.iter().map(|found| found.name.as_str()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// What stands against each, behind a space, or nothing.
fn in_brackets(passed_over: &[PassedOver]) -> String {
    let all: Vec<_> = passed_over.iter().map(|model| format!("{}: {}", model.name, model.problem)).collect();
    if all.is_empty() { String::new() } else { format!(" ({})", all.join("; ")) }
}
