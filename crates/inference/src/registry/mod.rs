//! Which models are installed, and why the others are not usable.

mod check;
mod data;
mod fetch;
mod graphs;
mod install;
mod layout;
mod manifest;
mod onnx;
mod recognise;

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use serde::Serialize;

pub use check::{FileCheck, FolderReport};
pub use fetch::{FetchFile, FetchPlan};
use graphs::Graphs;
pub use install::{InstallError, InstallPlan, PlannedFile};
pub use layout::{Ability, Beside, Layout, Role};
use manifest::{MANIFEST, Manifest};
pub use onnx::Weights;

use crate::{
    contract::{Contract, GraphTensor, Sizes},
    hash::ContentHash,
    session::{DataFile, ModelFile},
    stamp::Stamp,
    sync::Mutex,
};

/// One file of an installed model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundFile {
    /// What the file is within its family: "encoder".
    pub role: String,
    /// The file.
    pub path: PathBuf,
    /// Its size in bytes; `None` when it is not there.
    pub bytes: Option<u64>,
    /// Size as the manifest declares it.
    pub declared_bytes: Option<u64>,
    /// SHA-256 as the manifest declares it.
    pub declared_sha256: Option<ContentHash>,
    /// What its weights are, where it is a graph that could be read.
    pub weights: Option<Weights>,
}

impl FoundFile {
    fn at(role: &str, path: PathBuf) -> Self {
        let bytes = Stamp::of(&path).ok().map(|stamp| stamp.bytes);
        Self { role: role.to_owned(), path, bytes, declared_bytes: None, declared_sha256: None, weights: None }
    }

    /// The file as something to load.
    pub fn model_file(&self, contract: &'static Contract) -> ModelFile {
        ModelFile {
            path: self.path.clone(),
            contract,
            sizes: Sizes::default(),
            declared_bytes: self.declared_bytes,
            declared_hash: self.declared_sha256,
            data: None,
        }
    }

    /// The file as the weights of a graph beside it.
    pub fn data_file(&self) -> DataFile {
        DataFile { path: self.path.clone(), declared_bytes: self.declared_bytes, declared_hash: self.declared_sha256 }
    }
}

/// A folder that holds, or was to hold, a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundModel {
    /// The name shown to people and used to choose it.
    pub name: String,
    /// The family it belongs to; `None` when unknown.
    pub family: Option<String>,
    /// The folder.
    pub folder: PathBuf,
    /// Licence as the manifest states it.
    pub licence: Option<String>,
    /// Where it came from as the manifest states it.
    pub source: Option<String>,
    /// Its files.
    pub files: Vec<FoundFile>,
    /// What it can do.
    pub abilities: Vec<Ability>,
    /// The text of its `model.toml`, for what else its family keeps there.
    #[serde(skip)]
    pub manifest: Option<Arc<str>>,
    /// Why it cannot be used, in words; `None` when nothing speaks against it. Sizes are looked at here, checksums
    /// when a file is loaded.
    pub problem: Option<String>,
}

impl FoundModel {
    /// The file of a role.
    pub fn file(&self, role: &str) -> Option<&FoundFile> {
        self.files.iter().find(|file| file.role == role)
    }

    /// The graph of a role as something to load, with its weights where they lie beside it (the role `ROLE.data`).
    pub fn model_file(&self, role: &str, contract: &'static Contract) -> Option<ModelFile> {
        let data = self.file(&format!("{role}.data")).map(FoundFile::data_file);
        Some(ModelFile { data, ..self.file(role)?.model_file(contract) })
    }

    /// What most of its weights are: those of the largest graph, with its data.
    pub fn weights(&self) -> Option<Weights> {
        let size = |file: &&FoundFile| {
            let data = self.file(&format!("{}.data", file.role)).and_then(|data| data.bytes);
            file.bytes.unwrap_or_default() + data.unwrap_or_default()
        };
        self.files.iter().filter(|file| file.weights.is_some()).max_by_key(size)?.weights
    }
}

/// Finds models in folders: each sub-folder with a `model.toml`, or with `.onnx` files that have the tensors of a known
/// [`Layout`]. Of two files for one part of a model, single precision goes before half precision; quantised files are
/// used only where a `model.toml` names them.
#[derive(Debug)]
pub struct Registry {
    folders: Vec<PathBuf>,
    layouts: &'static [Layout],
    graphs: Graphs,
    recent: Mutex<Option<(Instant, Arc<[FoundModel]>)>>,
}

/// How long a list is believed: frames follow each other faster, and a person who installs a model takes longer to come
/// back. On a network home each look costs tens of milliseconds.
const BELIEVED: Duration = Duration::from_secs(1);

impl Registry {
    /// Looks in `folders`; where two hold a model of the same name, the first is chosen.
    pub fn new(folders: Vec<PathBuf>, layouts: &'static [Layout]) -> Self {
        Self { folders, layouts, graphs: Graphs::default(), recent: Mutex::new(None) }
    }

    /// The folders that are searched, in order.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// All models found now, usable or not, in search order and by folder name within one folder. Looks at the disk
    /// every time: a model installed while the host runs is found without restarting it. Sub-folders that hold neither
    /// a manifest nor any `.onnx` file are none of our business and left out.
    pub fn list(&self) -> Vec<FoundModel> {
        self.folders.iter().flat_map(|folder| sub_folders(folder)).filter_map(|folder| self.look_at(folder)).collect()
    }

    /// As [`Registry::list`], at most a second old: for every frame.
    pub fn recent(&self) -> Arc<[FoundModel]> {
        let known = self.recent.lock().clone();
        if let Some((_, models)) = known.filter(|(then, _)| then.elapsed() < BELIEVED) {
            return models;
        }
        // Not under the lock: a folder on a network may take its time.
        let models: Arc<[FoundModel]> = self.list().into();
        *self.recent.lock() = Some((Instant::now(), Arc::clone(&models)));
        models
    }

    /// What a graph takes and what it gives, in the order of its file; nothing for a file that is no graph. Read once per
    /// version of the file.
    pub fn tensors(&self, file: &Path) -> Option<(Vec<GraphTensor>, Vec<GraphTensor>)> {
        let graph = self.graphs.of(file).ok()?;
        Some((graph.inputs.clone(), graph.outputs.clone()))
    }

    fn look_at(&self, folder: PathBuf) -> Option<FoundModel> {
        match read_limited(&folder.join(MANIFEST)) {
            Ok(text) => Some(self.by_manifest(folder, &text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                recognise::recognise(&folder, self.layouts, &self.graphs)
            }
            Err(error) => Some(problem(folder, format!("{MANIFEST} cannot be read: {error}"))),
        }
    }

    fn by_manifest(&self, folder: PathBuf, text: &str) -> FoundModel {
        let manifest = match text.parse::<Manifest>() {
            Ok(manifest) => manifest,
            Err(reason) => return problem(folder, format!("{MANIFEST} is not valid: {reason}")),
        };
        let Some(layout) = self.layouts.iter().find(|layout| layout.family == manifest.family) else {
            let known: Vec<_> = self.layouts.iter().map(|layout| layout.family).collect();
            let reason = format!("the family \"{}\" is not known; known: {}", manifest.family, known.join(", "));
            return FoundModel { name: manifest.name, family: Some(manifest.family), ..problem(folder, reason) };
        };
        let mut files: Vec<_> = manifest.files.iter().map(|file| file.found(&folder, layout)).collect();
        let missing = add_files_beside(layout, &folder, &mut files);
        let problem = files_problem(layout, &files).or(missing).or_else(|| self.tensors_problem(layout, &mut files));
        let problem = problem.or(layout.not_run.map(str::to_owned));
        let has = |name: &str| files.iter().any(|file| file.role == name);
        FoundModel {
            problem,
            abilities: layout.abilities_with(has),
            name: manifest.name,
            family: Some(manifest.family),
            licence: manifest.licence,
            source: manifest.source,
            manifest: Some(text.into()),
            folder,
            files,
        }
    }

    /// The first tensor that is not the family's. Fills in what the files' weights are.
    fn tensors_problem(&self, layout: &Layout, files: &mut Vec<FoundFile>) -> Option<String> {
        let mut data = Vec::new();
        let mut problem = None;
        for file in files.iter_mut() {
            let Some(role) = layout.role(&file.role) else { continue };
            let graph = match self.graphs.of(&file.path) {
                Ok(graph) => graph,
                Err(flaw) => {
                    let words = format!("{} cannot be used: {flaw}; install the model again", file.path.display());
                    problem = problem.or(Some(words));
                    continue;
                }
            };
            file.weights = Some(recognise::weights_of(&file.path, graph.weights));
            let misfit = graph.misfits(role).into_iter().next().map(|misfit| {
                let (path, name) = (file.path.display(), role.contract.name);
                let (expected, found) = (misfit.expected, misfit.found);
                format!("{path} is not a {name}: expected {expected}, found {found}; {RIGHT_FILE}")
            });
            let (beside, trouble) = data::files_of(role.name, &file.path, &graph);
            data.extend(beside);
            problem = problem.or(misfit).or(trouble);
        }
        // Those that the manifest does not name itself.
        data.retain(|new| files.iter().all(|file| file.role != new.role));
        files.extend(data);
        problem
    }
}

/// What to do about a file of another kind.
const RIGHT_FILE: &str = "put the file that belongs to this model in its place, or install the model again";

/// Adds the files that lie beside the graphs and that a manifest, if there is one, does not name. What is wrong with
/// the first that does not.
fn add_files_beside(layout: &Layout, folder: &Path, files: &mut Vec<FoundFile>) -> Option<String> {
    let roles: Vec<_> = files.iter().map(|file| file.role.clone()).collect();
    let has = |name: &str| roles.iter().any(|role| role == name);
    let mut problem = None;
    for beside in layout.beside(has).filter(|beside| !has(beside.role)) {
        let file = FoundFile::at(beside.role, folder.join(beside.file));
        if file.bytes.is_none() {
            let words = format!("{} is missing; install the model again, with it", file.path.display());
            problem = problem.or(Some(words));
        }
        files.push(file);
    }
    problem
}

/// What is wrong with the files, as far as names and sizes tell.
fn files_problem(layout: &Layout, files: &[FoundFile]) -> Option<String> {
    let absent = |role: &&Role| role.needed && files.iter().all(|file| file.role != role.name);
    if let Some(role) = layout.roles.iter().find(absent) {
        return Some(format!("{MANIFEST} names no file for \"{}\"", role.name));
    }
    files.iter().find_map(|file| match (file.bytes, file.declared_bytes) {
        (None, _) => Some(format!("{} is missing; install the model again", file.path.display())),
        (Some(0), _) => Some(format!("{} is empty; install the model again", file.path.display())),
        (Some(found), Some(declared)) if found != declared => Some(format!(
            "{} has {found} bytes, {declared} expected: it is cut short or exchanged; install the model again",
            file.path.display()
        )),
        _ => None,
    })
}

fn problem(folder: PathBuf, words: String) -> FoundModel {
    FoundModel {
        name: folder_name(&folder),
        family: None,
        licence: None,
        source: None,
        files: Vec::new(),
        abilities: Vec::new(),
        manifest: None,
        problem: Some(words),
        folder,
    }
}

fn folder_name(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// In the order of their names, so that the choice never depends on the file system. None for a folder that is not
/// there: most of the search path is optional.
fn sub_folders(folder: &Path) -> Vec<PathBuf> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            log::warn!("the model folder {} cannot be listed: {error}", folder.display());
            return Vec::new();
        }
    };
    let mut folders: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// A manifest is a page of text; something larger under its name is not read into memory.
fn read_limited(path: &Path) -> io::Result<String> {
    const MOST: u64 = 1 << 20;
    let mut text = String::new();
    fs::File::open(path)?.take(MOST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MOST { Err(io::Error::other("it is larger than 1 MiB")) } else { Ok(text) }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
use tests::{registry_over, sound_model};

/// Writes the small models of the tests.
#[cfg(test)]
#[path = "../../tests/support/onnx.rs"]
#[allow(dead_code)]
mod writer;
