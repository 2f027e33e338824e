//! A closer look at one folder: which file is what, and each thing that does not fit.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{FoundModel, Layout, Registry, Role, Weights, recognise};
use crate::{
    abort::Abort,
    contract::{GraphTensor, Misfit},
    error::InferenceError,
    hash::hash_file,
    stamp::Stamp,
};

/// What was found in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FolderReport {
    /// The model as the list of models shows it.
    pub model: FoundModel,
    /// Its files, and the `.onnx` files of the folder that it does not use.
    pub files: Vec<FileCheck>,
}

/// What was found in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileCheck {
    /// The file.
    pub path: PathBuf,
    /// Its size; `None` when it is not there.
    pub bytes: Option<u64>,
    /// What it is within the family; nothing when the model does not use it.
    pub role: Option<String>,
    /// What its weights are, where it is a graph.
    pub weights: Option<Weights>,
    /// What must be fed.
    pub inputs: Vec<GraphTensor>,
    /// What it gives.
    pub outputs: Vec<GraphTensor>,
    /// Each tensor that is not as the role wants it.
    pub misfits: Vec<Misfit>,
    /// Whether the checksum is the manifest's; `None` where the manifest has none or the file cannot be read.
    pub checksum_right: Option<bool>,
    /// Why it cannot be used, apart from the tensors.
    pub problem: Option<String>,
}

impl FileCheck {
    /// Whether nothing speaks against the file.
    pub fn is_right(&self) -> bool {
        self.misfits.is_empty() && self.problem.is_none() && self.checksum_right != Some(false)
    }
}

impl Registry {
    /// Looks closely at one folder, wherever it is, and reads its files whole where the manifest has checksums.
    /// `None` when the folder holds neither a manifest nor any `.onnx` file.
    ///
    /// # Errors
    /// [`InferenceError::Aborted`].
    pub fn check(&self, folder: &Path, abort: &dyn Abort) -> Result<Option<FolderReport>, InferenceError> {
        let Some(model) = self.look_at(folder.to_owned()) else { return Ok(None) };
        let layout = self.layouts.iter().find(|layout| Some(layout.family) == model.family.as_deref());
        let mut files = Vec::new();
        for file in &model.files {
            let role = layout.and_then(|layout| layout.role(&file.role));
            let mut check = self.check_file(&file.path, role);
            check.role = Some(file.role.clone()).filter(|role| !role.is_empty());
            if let Some(declared) = file.declared_sha256 {
                check.checksum_right = match hash_file(&file.path, abort) {
                    Ok(hash) => Some(hash == declared),
                    Err(InferenceError::Aborted) => return Err(InferenceError::Aborted),
                    Err(_) => None,
                };
            }
            if let (Some(found), Some(declared)) =
                (check.bytes, file.declared_bytes.filter(|&d| Some(d) != check.bytes))
            {
                check.problem = Some(format!("it has {found} bytes, {declared} expected"));
            }
            files.push(check);
        }
        for candidate in recognise::candidates(folder, &self.graphs) {
            if files.iter().all(|file| file.path != candidate.path) {
                files.push(self.check_unused(&candidate.path, layout, &files));
            }
        }
        Ok(Some(FolderReport { model, files }))
    }

    /// A file that the model does not use, against the role that it comes nearest to and that nobody has.
    fn check_unused(&self, path: &Path, layout: Option<&Layout>, used: &[FileCheck]) -> FileCheck {
        let graph = self.graphs.of(path).ok();
        let taken = |role: &&Role| used.iter().any(|file| file.role.as_deref() == Some(role.name));
        let likeness = |role: &&Role| graph.as_ref().map_or(0.0, |graph| graph.likeness(role));
        let roles = layout.map_or(&[][..], |layout| layout.roles);
        let free = roles.iter().filter(|role| !taken(role) && likeness(role) > 0.0);
        self.check_file(path, free.max_by(|a, b| likeness(a).total_cmp(&likeness(b))))
    }

    fn check_file(&self, path: &Path, role: Option<&Role>) -> FileCheck {
        let bytes = Stamp::of(path).ok().map(|stamp| stamp.bytes);
        let mut check = FileCheck {
            path: path.to_owned(),
            bytes,
            role: None,
            weights: None,
            inputs: Vec::new(),
            outputs: Vec::new(),
            misfits: Vec::new(),
            checksum_right: None,
            problem: bytes.is_none().then(|| "it is missing".to_owned()),
        };
        let is_graph = role.is_some() || path.extension().is_some_and(|extension| extension == "onnx");
        if bytes.is_none() || !is_graph {
            return check;
        }
        match self.graphs.of(path) {
            Ok(graph) => {
                check.weights = Some(recognise::weights_of(path, graph.weights));
                check.misfits = role.map(|role| graph.misfits(role)).unwrap_or_default();
                check.inputs = graph.inputs.clone();
                check.outputs = graph.outputs.clone();
                check.problem = super::data::files_of("", path, &graph).1;
            }
            Err(flaw) => check.problem = Some(flaw.to_string()),
        }
        check
    }
}
