//! Models into a folder of installed models: file by file, each under another name until it is whole, so that an
//! interrupted installation goes on where it stopped.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process,
};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{FoundModel, MANIFEST, Registry};
use crate::{
    abort::Abort,
    error::InferenceError,
    hash::{ContentHash, hash_file},
    stamp::Stamp,
};

/// Begins of names of files that hold a licence, in upper case.
const LICENCE_NAMES: &[&str] = &["LICENSE", "LICENCE", "NOTICE", "COPYING"];
/// Ends of such names: `mobilesam.LICENSE`.
const LICENCE_ENDS: &[&str] = &[".LICENSE", ".LICENCE"];
/// Bytes shown of a licence.
const MOST_LICENCE: u64 = 256 << 10;
/// Bytes copied between two looks at the abort.
const CHUNK: usize = 4 << 20;

/// Why a model is not installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The folder holds no model.
    #[error("{} holds neither a {MANIFEST} nor any .onnx file", folder.display())]
    NoModel {
        /// The folder.
        folder: PathBuf,
    },
    /// The model cannot be used where it is, and could not be where it would go.
    #[error("{} is not installed: {problem}", folder.display())]
    Unusable {
        /// The folder.
        folder: PathBuf,
        /// Why.
        problem: String,
    },
    /// A name that is none of the model's files.
    #[error("{file} is not a file of this model")]
    NoSuchFile {
        /// The name.
        file: String,
    },
    /// Reading or writing.
    #[error("{} cannot be copied to {}: {reason}", from.display(), to.display())]
    Copy {
        /// From where.
        from: PathBuf,
        /// To where.
        to: PathBuf,
        /// The operating system's words.
        reason: String,
    },
    /// A file that is not the manifest's.
    #[error("{} has the SHA-256 {found}, {declared} expected: fetch it again", file.display())]
    Differs {
        /// The file.
        file: PathBuf,
        /// Its checksum.
        found: ContentHash,
        /// The manifest's, or the one that was given.
        declared: ContentHash,
    },
    /// A file of another size.
    #[error("{file} has {found} bytes, {declared} expected: fetch it again")]
    Size {
        /// Its name.
        file: String,
        /// Its bytes.
        found: u64,
        /// The manifest's.
        declared: u64,
    },
    /// A file from elsewhere without a checksum.
    #[error(
        "{MANIFEST} has no checksum of {file}: give the one you trust by --sha256 {file}=..., or fetch the folder yourself and install it from there"
    )]
    NoChecksum {
        /// Its name.
        file: String,
    },
    /// A manifest from elsewhere that cannot be used.
    #[error("{MANIFEST} cannot be used: {reason}")]
    Manifest {
        /// Why.
        reason: String,
    },
    /// Aborted, or a file that cannot be read.
    #[error(transparent)]
    Inference(#[from] InferenceError),
}

/// What would be installed, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstallPlan {
    /// The model as found in the source folder.
    pub model: FoundModel,
    /// Where it would go.
    pub target: PathBuf,
    /// The text of its licence, where the folder has it.
    pub licence_text: Option<String>,
    /// The files, the manifest last: until it is there, the folder is not taken for whole.
    pub files: Vec<PlannedFile>,
}

/// A file to be installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedFile {
    /// Its path within the folder, with slashes.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Whether it is there already, with this content.
    pub whole: bool,
    /// SHA-256 as the manifest declares it.
    pub declared_sha256: Option<ContentHash>,
}

impl Registry {
    /// What installing the model of `source` into a folder of models would take. Files that are there already are read
    /// whole, to be compared.
    ///
    /// # Errors
    /// [`InstallError::NoModel`], [`InstallError::Unusable`], [`InstallError::Inference`].
    pub fn install_plan(&self, source: &Path, models: &Path, abort: &dyn Abort) -> Result<InstallPlan, InstallError> {
        let (model, target) = self.usable(source, models)?;
        let mut files = Vec::new();
        for (path, declared_sha256) in self.files_to_install(&model) {
            let Some(bytes) = Stamp::of(&path).ok().map(|stamp| stamp.bytes) else { continue };
            let Some(name) = within(&path, source) else { continue };
            let whole = is_whole(&path, &target.join(&name), declared_sha256, abort)?;
            files.push(PlannedFile { path: name, bytes, whole, declared_sha256 });
        }
        Ok(InstallPlan { licence_text: licence_text(source), model, target, files })
    }

    /// Copies one [file of a plan](PlannedFile::path). A file that is there already with this content stays as it is.
    ///
    /// # Errors
    /// As [`Registry::install_plan`], and [`InstallError::NoSuchFile`], [`InstallError::Copy`],
    /// [`InstallError::Differs`].
    pub fn install_file(
        &self,
        source: &Path,
        models: &Path,
        file: &str,
        abort: &dyn Abort,
    ) -> Result<(), InstallError> {
        let (model, target) = self.usable(source, models)?;
        let files = self.files_to_install(&model);
        let found = files.into_iter().find(|(path, _)| within(path, source).is_some_and(|name| name == file));
        let (path, declared) = found.ok_or_else(|| InstallError::NoSuchFile { file: file.to_owned() })?;
        let target = target.join(file);
        if is_whole(&path, &target, declared, abort)? {
            return Ok(());
        }
        copy(&path, &target, declared, abort)
    }

    /// The model of a folder, where nothing speaks against it, and where it would go.
    fn usable(&self, source: &Path, models: &Path) -> Result<(FoundModel, PathBuf), InstallError> {
        let folder = source.to_owned();
        let Some(model) = self.look_at(folder.clone()) else { return Err(InstallError::NoModel { folder }) };
        if let Some(problem) = model.problem {
            return Err(InstallError::Unusable { folder, problem });
        }
        let target = models.join(source.file_name().unwrap_or(model.name.as_ref()));
        Ok((model, target))
    }

    /// All files of a model: its own, all data files of its graphs, the licence, and last the manifest.
    fn files_to_install(&self, model: &FoundModel) -> Vec<(PathBuf, Option<ContentHash>)> {
        let mut files: Vec<(PathBuf, Option<ContentHash>)> = Vec::new();
        let mut add = |path: PathBuf, declared| {
            if files.iter().all(|(known, _)| *known != path) {
                files.push((path, declared));
            }
        };
        for file in &model.files {
            add(file.path.clone(), file.declared_sha256);
        }
        for file in &model.files {
            let folder = file.path.parent().unwrap_or(&model.folder);
            let graph = file.weights.and_then(|_| self.graphs.of(&file.path).ok());
            graph.iter().flat_map(|graph| graph.data_files.keys()).for_each(|name| add(folder.join(name), None));
        }
        licence_files(&model.folder).into_iter().for_each(|path| add(path, None));
        if model.manifest.is_some() {
            add(model.folder.join(MANIFEST), None);
        }
        files
    }
}

/// The path of a file within a folder, with slashes.
fn within(path: &Path, folder: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.strip_prefix(folder).ok()?.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}

/// Whether a file holds a licence, by its name.
pub(super) fn is_licence(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
    LICENCE_NAMES.iter().any(|begin| name.starts_with(begin)) || LICENCE_ENDS.iter().any(|end| name.ends_with(end))
}

fn licence_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> =
        entries.map(|entry| entry.path()).filter(|path| is_licence(path) && path.is_file()).collect();
    files.sort();
    files
}

fn licence_text(folder: &Path) -> Option<String> {
    let mut text = Vec::new();
    File::open(licence_files(folder).first()?).ok()?.take(MOST_LICENCE).read_to_end(&mut text).ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

fn is_whole(from: &Path, to: &Path, declared: Option<ContentHash>, abort: &dyn Abort) -> Result<bool, InferenceError> {
    let bytes = |path| Stamp::of(path).ok().map(|stamp| stamp.bytes);
    if bytes(to).is_none() || bytes(to) != bytes(from) {
        return Ok(false);
    }
    let wanted = match declared {
        Some(declared) => declared,
        None => hash_file(from, abort)?,
    };
    Ok(hash_file(to, abort)? == wanted)
}

fn copy(from: &Path, to: &Path, declared: Option<ContentHash>, abort: &dyn Abort) -> Result<(), InstallError> {
    let failed =
        |error: io::Error| InstallError::Copy { from: from.to_owned(), to: to.to_owned(), reason: error.to_string() };
    let folder = to.parent().unwrap_or(to);
    fs::create_dir_all(folder).map_err(failed)?;
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let part = folder.join(format!(".{name}.{}.part", process::id()));
    let result =
        write_part(from, &part, abort).and_then(|found| match declared.filter(|&declared| declared != found) {
            Some(declared) => Err(InstallError::Differs { file: from.to_owned(), found, declared }),
            None => fs::rename(&part, to).map_err(failed),
        });
    if result.is_err() {
        // It may never have been made.
        let _ = fs::remove_file(&part);
    }
    result
}

/// Copies to the end and to the disk. Returns the checksum.
fn write_part(from: &Path, part: &Path, abort: &dyn Abort) -> Result<ContentHash, InstallError> {
    let failed =
        |error: io::Error| InstallError::Copy { from: from.to_owned(), to: part.to_owned(), reason: error.to_string() };
    let mut source = File::open(from).map_err(failed)?;
    let mut target = File::create(part).map_err(failed)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; CHUNK];
    loop {
        abort.check()?;
        let read = source.read(&mut buffer).map_err(failed)?;
        let Some(chunk) = buffer.get(..read).filter(|chunk| !chunk.is_empty()) else { break };
        hasher.update(chunk);
        target.write_all(chunk).map_err(failed)?;
    }
    target.sync_all().map_err(failed)?;
    Ok(ContentHash(hasher.finalize().into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abort::NeverAbort;
    use crate::registry::{registry_over, sound_model};

    #[test]
    fn a_model_is_installed_whole_and_an_interrupted_one_goes_on() {
        let (root, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let source = sound_model(root.path());
        fs::write(source.join("LICENSE.txt"), "be kind").unwrap();
        let registry = registry_over(target.path());
        let plan = registry.install_plan(&source, target.path(), &NeverAbort).unwrap();
        assert_eq!(plan.licence_text.as_deref(), Some("be kind"));
        let names: Vec<_> = plan.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(names, ["onnx/encoder.onnx", "sam.onnx", "LICENSE.txt", "model.toml"]);
        let install = |name: &str| registry.install_file(&source, target.path(), name, &NeverAbort);
        install(names[0]).unwrap();
        fs::write(plan.target.join("sam.onnx"), "cut").unwrap();

        let again = registry.install_plan(&source, target.path(), &NeverAbort).unwrap();
        assert_eq!(again.files.iter().map(|file| file.whole).collect::<Vec<_>>(), [true, false, false, false]);
        for name in &names {
            install(name).unwrap();
        }
        let installed = registry.list();
        assert_eq!((installed.len(), &installed[0].problem), (1, &None));
        assert!(matches!(install("../elsewhere"), Err(InstallError::NoSuchFile { .. })));
        let left: Vec<_> = fs::read_dir(&plan.target).unwrap().flatten().map(|entry| entry.file_name()).collect();
        assert!(left.iter().all(|name| !name.to_string_lossy().ends_with(".part")), "{left:?}");
    }

    #[test]
    fn a_file_of_another_checksum_is_never_installed() {
        let (root, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let source = sound_model(root.path());
        let mut graph = fs::read(source.join("onnx/encoder.onnx")).unwrap();
        // The version of the operators, the last byte of the file: another file, and still the same tensors.
        *graph.last_mut().unwrap() ^= 1;
        fs::write(source.join("onnx/encoder.onnx"), graph).unwrap();
        let install = |name| registry_over(target.path()).install_file(&source, target.path(), name, &NeverAbort);
        let error = install("onnx/encoder.onnx").unwrap_err();
        assert!(matches!(error, InstallError::Differs { .. }), "{error}");
        assert!(!target.path().join("sound/onnx/encoder.onnx").exists());
    }

    #[test]
    fn what_is_no_usable_model_is_not_installed() {
        let root = tempfile::tempdir().unwrap();
        let registry = registry_over(root.path());
        let plan = |folder: &Path| registry.install_plan(folder, root.path(), &NeverAbort);
        assert!(matches!(plan(&root.path().join("absent")), Err(InstallError::NoModel { .. })));
        let source = sound_model(root.path());
        fs::remove_file(source.join("sam.onnx")).unwrap();
        assert!(matches!(plan(&source), Err(InstallError::Unusable { .. })));
    }
}
