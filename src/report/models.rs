//! Models on disk, for `sam3roto models`: listed, checked and installed, from a folder or from elsewhere, without a host and without loading one.

use std::path::{Path, PathBuf};

use inference::{Ability, ContentHash, FetchPlan, FolderReport, FoundModel, InstallPlan, NeverAbort, Weights};
use serde::Serialize;

use super::disk::Answer;
use crate::engine::{Shared, shared};
use crate::settings::places;

/// All models that are found, and where was looked.
#[derive(Serialize)]
pub struct Models {
    folders: Vec<PathBuf>,
    models: Vec<Row>,
}

/// A model as the list shows it.
#[derive(Serialize)]
struct Row {
    name: String,
    family: Option<String>,
    precision: Option<Weights>,
    bytes: u64,
    licence: Option<String>,
    abilities: Vec<Ability>,
    folder: PathBuf,
    problem: Option<String>,
}

impl From<FoundModel> for Row {
    fn from(model: FoundModel) -> Self {
        Self {
            precision: model.weights(),
            bytes: model.files.iter().filter_map(|file| file.bytes).sum(),
            name: model.name,
            family: model.family,
            licence: model.licence,
            abilities: model.abilities,
            folder: model.folder,
            problem: model.problem,
        }
    }
}

/// A file that is whole in its place.
#[derive(Serialize)]
pub struct Installed {
    file: String,
}

/// The models that are found now.
pub fn list() -> Answer<Models> {
    answer(|shared| {
        let registry = shared.engine.registry();
        let models = registry.list().into_iter().map(Row::from).collect();
        Ok(Models { folders: registry.folders().to_vec(), models })
    })
}

/// Which file of a folder is what, and what does not fit.
pub fn check(folder: Option<&str>) -> Answer<FolderReport> {
    answer(|shared| {
        let folder = folder_of(folder)?;
        let report = shared.engine.registry().check(folder, &NeverAbort).map_err(|error| error.to_string())?;
        report.ok_or_else(|| format!("{} holds neither a model.toml nor any .onnx file", folder.display()))
    })
}

/// What installing a folder would take.
pub fn plan(folder: Option<&str>) -> Answer<InstallPlan> {
    answer(|shared| {
        let plan = shared.engine.registry().install_plan(folder_of(folder)?, &users_folder()?, &NeverAbort);
        plan.map_err(|error| error.to_string())
    })
}

/// Installs one file of a folder.
pub fn install(folder: Option<&str>, file: Option<&str>) -> Answer<Installed> {
    answer(|shared| {
        let file = file.ok_or("no file is named")?;
        let models = users_folder()?;
        let done = shared.engine.registry().install_file(folder_of(folder)?, &models, file, &NeverAbort);
        done.map(|()| Installed { file: file.to_owned() }).map_err(|error| error.to_string())
    })
}

/// What installing the model of a manifest from elsewhere would take.
pub fn fetch_plan(checksum: Option<&str>, manifest: &str) -> Answer<FetchPlan> {
    answer(|shared| {
        let checksum = checksum_of(checksum)?;
        let plan = shared.engine.registry().fetch_plan(manifest, &users_folder()?, checksum, &NeverAbort);
        plan.map_err(|error| error.to_string())
    })
}

/// Takes a fetched file into its place.
pub fn fetched(file: Option<&str>, checksum: Option<&str>, manifest: &str) -> Answer<Installed> {
    answer(|shared| {
        let file = file.ok_or("no file is named")?;
        let (models, checksum) = (users_folder()?, checksum_of(checksum)?);
        let done = shared.engine.registry().take_fetched((manifest, &models), file, checksum, &NeverAbort);
        done.map(|()| Installed { file: file.to_owned() }).map_err(|error| error.to_string())
    })
}

/// Makes the fetched files a model.
pub fn fetch_done(manifest: &str) -> Answer<Installed> {
    answer(|shared| {
        let done = shared.engine.registry().finish_fetched(manifest, &users_folder()?);
        done.map(|folder| Installed { file: folder.display().to_string() }).map_err(|error| error.to_string())
    })
}

/// A checksum, or `-` for none.
fn checksum_of(text: Option<&str>) -> Result<Option<ContentHash>, String> {
    let given = text.filter(|&text| text != "-");
    given.map(|text| text.parse().map_err(|error| format!("{text}: {error}"))).transpose()
}

fn answer<T>(act: impl FnOnce(&Shared) -> Result<T, String>) -> Answer<T> {
    match shared().map_err(|error| error.to_string()).and_then(act) {
        Ok(done) => Answer::Done(done),
        Err(problem) => Answer::Refused { problem },
    }
}

fn folder_of(folder: Option<&str>) -> Result<&Path, String> {
    folder.map(Path::new).ok_or_else(|| "no folder is named".to_owned())
}

/// The folder of the user's own models, which is always among those that are searched.
fn users_folder() -> Result<PathBuf, String> {
    let data = places::data(&|name| std::env::var_os(name));
    data.map(|data| data.join("models")).ok_or_else(|| "there is no folder for the user's data".to_owned())
}
