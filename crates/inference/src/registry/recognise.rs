//! A folder without a manifest: each `.onnx` file in it is known by its tensors.
//!
//! The rule where several files fit one role: single precision before half precision, and quantised files never on
//! their own, because a quantised encoder costs edges and, on CUDA, time. Who wants one names it in `model.toml`. Two
//! files of one precision are refused rather than chosen between: the networks of one family and different sizes have
//! equal tensors, and an encoder of one with the decoder of another gives nonsense without an error.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    FoundFile, FoundModel, Layout, MANIFEST, RIGHT_FILE, Role, folder_name,
    graphs::{Graphs, Seen},
    onnx::{Graph, Weights},
};
use crate::contract::Sizes;

/// The sub-folder in which exporters of the transformers family put the files.
const SUB_FOLDER: &str = "onnx";
/// Files looked at in one folder.
const MOST_FILES: usize = 256;
/// Ends of names by which exporters tell quantised files, where the weights do not tell it (they may be constants).
const QUANTISED_ENDS: &[&str] = &["q4", "q4f16", "q8", "int8", "uint8", "int4", "bnb4", "quantized", "quantised"];

/// An `.onnx` file and what it says.
pub(super) struct Candidate {
    pub path: PathBuf,
    pub seen: Seen,
}

impl Candidate {
    fn graph(&self) -> Option<&Arc<Graph>> {
        self.seen.as_ref().ok()
    }

    fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn fits(&self, role: &Role) -> bool {
        let fits = |graph: &Arc<Graph>| graph.misfits(role).is_empty();
        self.graph().is_some_and(fits)
    }

    /// What its weights are, by the weights themselves or else by its name.
    fn weights(&self) -> Weights {
        weights_of(&self.path, self.graph().and_then(|graph| graph.weights))
    }
}

impl Graph {
    /// In what it is not the file of a role. Sizes that a family leaves to its manifest may be any.
    pub(super) fn misfits(&self, role: &Role) -> Vec<crate::contract::Misfit> {
        role.contract.misfits(&Sizes::default(), &self.inputs, &self.outputs)
    }

    /// The share of a role's tensors that it has by name.
    pub(super) fn likeness(&self, role: &Role) -> f64 {
        let (known, all) = role.contract.known_names(&self.inputs, &self.outputs);
        known as f64 / all.max(1) as f64
    }
}

/// What a file's weights are: what they say, or its name where that says more.
pub(super) fn weights_of(path: &Path, told: Option<Weights>) -> Weights {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let end = stem.rsplit(['_', '-', '.']).next().unwrap_or_default();
    match told {
        _ if QUANTISED_ENDS.contains(&end) => Weights::Quantised,
        Some(weights) => weights,
        None if end == "fp16" => Weights::Half,
        None => Weights::Full,
    }
}

/// The `.onnx` files of a folder and of its sub-folder, by name.
pub(super) fn candidates(folder: &Path, graphs: &Graphs) -> Vec<Candidate> {
    let mut paths: Vec<PathBuf> =
        [folder.to_owned(), folder.join(SUB_FOLDER)].iter().flat_map(|f| onnx_in(f)).collect();
    paths.truncate(MOST_FILES);
    paths.into_iter().map(|path| Candidate { seen: graphs.of(&path), path }).collect()
}

fn onnx_in(folder: &Path) -> Vec<PathBuf> {
    let is_onnx = |path: &PathBuf| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx"));
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).filter(|path| is_onnx(path) && path.is_file()).collect();
    paths.sort();
    paths
}

/// The model that the files make up, or as what it fails; `None` where there are no `.onnx` files.
pub(super) fn recognise(folder: &Path, layouts: &'static [Layout], graphs: &Graphs) -> Option<FoundModel> {
    let candidates = candidates(folder, graphs);
    if candidates.is_empty() {
        return None;
    }
    let is_known =
        |candidate: &Candidate| layouts.iter().flat_map(|layout| layout.roles).any(|role| candidate.fits(role));
    let known: Vec<bool> = candidates.iter().map(is_known).collect();
    let mut attempts: Vec<Attempt> = layouts.iter().map(|layout| Attempt::of(layout, &candidates, &known)).collect();
    // Stable: of equals, the first of the table.
    attempts.sort_by(|a, b| b.rank().total_cmp(&a.rank()));
    let model = match attempts.as_slice() {
        [best, second, ..] if second.problem.is_none() && second.rank() == best.rank() => {
            let (one, other) = (best.layout.family, second.layout.family);
            let words = format!("the tensors are those of {one} and of {other} alike: name the family in {MANIFEST}");
            super::problem(folder.to_owned(), words)
        }
        [best, ..] if best.likeness > 0.0 => best.model(folder, &candidates),
        _ => super::problem(folder.to_owned(), nothing_known(&candidates, layouts)),
    };
    Some(model)
}

/// What a tensor counts for against a file. Families have some tens of tensors at most.
const TENSOR: f64 = 1e-4;

/// What likeness is worth of a file that fits another family: some families' tensors have names that any network's may
/// have, and a damaged folder shall be told as what it was.
const OF_ANOTHER: f64 = 0.5;

/// How the files do as a family.
struct Attempt {
    layout: &'static Layout,
    /// (role, index of the candidate) of the roles that are filled.
    filled: Vec<(&'static Role, usize)>,
    /// The first needed role that is not, or another reason why not.
    problem: Option<String>,
    /// How near the files come: needed roles filled, or the best likeness where not, over needed roles.
    likeness: f64,
}

impl Attempt {
    /// `known`: which of the candidates fit a role of some family.
    fn of(layout: &'static Layout, candidates: &[Candidate], known: &[bool]) -> Self {
        let mut attempt = Self { layout, filled: Vec::new(), problem: None, likeness: 0.0 };
        let needed = layout.roles.iter().filter(|role| role.needed).count().max(1) as f64;
        for role in layout.roles {
            let (choice, near) = match choose(role, candidates) {
                Ok(Some(index)) => (Ok(index), 1.0),
                Ok(None) => {
                    let nearest = nearest(role, layout, candidates, known);
                    (Err(missing(role, candidates, nearest)), nearest.map_or(0.0, |(_, likeness)| likeness * 0.9))
                }
                Err(problem) => (Err(problem), 1.0),
            };
            match choice {
                Ok(index) => attempt.filled.push((role, index)),
                Err(problem) if role.needed => attempt.problem = attempt.problem.or(Some(problem)),
                Err(_) => {}
            }
            if role.needed {
                attempt.likeness += near / needed;
            }
        }
        attempt
    }

    /// Whole families first, of those the one that uses most of the files, and of these the one that names most of
    /// their tensors; then the nearest.
    fn rank(&self) -> f64 {
        let tensors = |(role, _): &(&Role, usize)| role.contract.inputs.len() + role.contract.outputs.len();
        let named: usize = self.filled.iter().map(tensors).sum();
        if self.problem.is_none() { 1.0 + self.filled.len() as f64 + named as f64 * TENSOR } else { self.likeness }
    }

    fn model(&self, folder: &Path, candidates: &[Candidate]) -> FoundModel {
        let layout = self.layout;
        let mut files = Vec::new();
        let mut problem = self.problem.clone().map(|words| format!("it looks like {}, and {words}", layout.family));
        for (role, index) in &self.filled {
            let Some(candidate) = candidates.get(*index) else { continue };
            let weights = Some(candidate.weights());
            files.push(FoundFile { weights, ..FoundFile::at(role.name, candidate.path.clone()) });
            if let Some(graph) = candidate.graph() {
                let (data, trouble) = super::data::files_of(role.name, &candidate.path, graph);
                files.extend(data);
                problem = problem.or(trouble);
            }
        }
        let missing = super::add_files_beside(layout, folder, &mut files);
        problem = problem.or(missing);
        if problem.is_none() && layout.needs_manifest {
            problem = Some(format!("{} is missing; export or install the model again", MANIFEST));
        }
        let problem = problem.or(layout.not_run.map(str::to_owned));
        let has = |name: &str| files.iter().any(|file| file.role == name);
        FoundModel {
            name: folder_name(folder),
            family: Some(layout.family.to_owned()),
            folder: folder.to_owned(),
            licence: layout.usual_licence.map(str::to_owned),
            source: None,
            abilities: layout.abilities_with(has),
            manifest: None,
            files,
            problem,
        }
    }
}

/// The file for a role by the rule of precisions, if any fits.
fn choose(role: &Role, candidates: &[Candidate]) -> Result<Option<usize>, String> {
    let fitting: Vec<_> = candidates.iter().enumerate().filter(|(_, candidate)| candidate.fits(role)).collect();
    for precision in [Weights::Full, Weights::Half] {
        let mut of_precision = fitting.iter().filter(|(_, candidate)| candidate.weights() == precision);
        match (of_precision.next(), of_precision.next()) {
            (None, _) => {}
            (Some((index, _)), None) => return Ok(Some(*index)),
            (Some((_, one)), Some((_, other))) => {
                return Err(format!(
                    "{} and {} are both a {} in {precision}: keep the files of one model, or name the right ones in {}",
                    one.name(),
                    other.name(),
                    role.contract.name,
                    MANIFEST
                ));
            }
        }
    }
    match fitting.first() {
        Some((_, quantised)) => Err(format!(
            "{} is quantised, which is not used unasked: add the fp32 or fp16 file, or name this one in {}",
            quantised.name(),
            MANIFEST
        )),
        None => Ok(None),
    }
}

/// The file that has most of a role's tensors, and how near it comes. Files that are something else in the family are not
/// meant.
fn nearest(role: &Role, layout: &Layout, candidates: &[Candidate], known: &[bool]) -> Option<(usize, f64)> {
    let is_other = |candidate: &Candidate| layout.roles.iter().any(|role| candidate.fits(role));
    let likeness = |(index, (candidate, known)): (usize, (&Candidate, &bool))| {
        let share = candidate.graph()?.likeness(role);
        Some((index, if *known { share * OF_ANOTHER } else { share }))
    };
    let all = candidates.iter().zip(known).enumerate().filter(|(_, (candidate, _))| !is_other(candidate));
    let near = all.filter_map(likeness).filter(|(_, likeness)| *likeness > 0.0);
    near.max_by(|(i, a), (j, b)| a.total_cmp(b).then(j.cmp(i)))
}

/// Why a role is not filled: the file of that name, or else the file that comes nearest, and the tensor that is wrong.
fn missing(role: &Role, candidates: &[Candidate], nearest: Option<(usize, f64)>) -> String {
    let named = candidates.iter().find(|candidate| candidate.name() == role.file);
    if let Some(Err(flaw)) = named.map(|candidate| &candidate.seen) {
        return format!("{} cannot be used: {flaw}; install the model again", role.file);
    }
    let near = nearest.and_then(|(index, _)| candidates.get(index));
    let told = named.or(near).and_then(|candidate| {
        let misfit = candidate.graph()?.misfits(role).into_iter().next()?;
        Some(format!(
            "{} is not a {}: expected {}, found {}; {RIGHT_FILE}",
            candidate.name(),
            role.contract.name,
            misfit.expected,
            misfit.found
        ))
    });
    let broken = candidates.iter().find_map(|candidate| {
        let flaw = candidate.seen.as_ref().err()?;
        Some(format!("{} cannot be used: {flaw}; install the model again", candidate.name()))
    });
    told.or(broken).unwrap_or_else(|| format!("no file is the {}, usually {}; add it", role.contract.name, role.file))
}

/// For files that resemble no family.
fn nothing_known(candidates: &[Candidate], layouts: &[Layout]) -> String {
    if let Some((candidate, flaw)) =
        candidates.iter().find_map(|candidate| Some((candidate, candidate.seen.as_ref().err()?)))
    {
        return format!("{} cannot be used: {flaw}; install the model again", candidate.name());
    }
    let shown = candidates.iter().take(3).filter_map(|candidate| {
        let inputs: Vec<_> = candidate.graph()?.inputs.iter().take(8).map(ToString::to_string).collect();
        Some(format!("{} takes {}", candidate.name(), inputs.join(", ")))
    });
    let shown: Vec<_> = shown.collect();
    let known: Vec<_> = layouts.iter().map(|layout| layout.family).collect();
    format!(
        "no {} and no file with the tensors of a known family ({}): {}",
        MANIFEST,
        known.join(", "),
        shown.join("; ")
    )
}
