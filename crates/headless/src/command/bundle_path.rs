//! Where the bundle is.

use super::error::CommandError;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Names the bundle to use.
pub const BUNDLE_VARIABLE: &str = "SAM3ROTO_BUNDLE";

const BUNDLE_NAME: &str = "Sam3Roto.ofx.bundle";

/// Where to look for the bundle, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BundleSearch {
    /// Given on purpose: taken as it is.
    pub given: Option<PathBuf>,
    /// The folder of this program.
    pub program_folder: Option<PathBuf>,
    /// Value of `OFX_PLUGIN_PATH`, the hosts' own list.
    pub plugin_path: Option<OsString>,
}

impl BundleSearch {
    /// The option, else what the process's environment says.
    pub fn from_environment(option: Option<PathBuf>) -> Self {
        let variable = || env::var_os(BUNDLE_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        let program = env::current_exe().ok();
        Self {
            given: option.or_else(variable),
            program_folder: program.as_deref().and_then(Path::parent).map(Path::to_owned),
            plugin_path: env::var_os("OFX_PLUGIN_PATH"),
        }
    }

    /// Finds the bundle.
    ///
    /// # Errors
    /// [`CommandError::NoBundle`] with the places looked at.
    pub fn find(&self) -> Result<PathBuf, CommandError> {
        if let Some(given) = &self.given {
            return Ok(given.clone());
        }
        let listed =
            self.plugin_path.as_ref().map(|list| env::split_paths(list).collect::<Vec<_>>()).unwrap_or_default();
        let folders = self.program_folder.iter().cloned().chain(listed).chain([PathBuf::from(STANDARD_FOLDER)]);
        let places: Vec<PathBuf> = folders.map(|folder| folder.join(BUNDLE_NAME)).collect();
        match places.iter().find(|place| place.is_dir()) {
            Some(found) => Ok(found.clone()),
            None => Err(CommandError::NoBundle { looked: places }),
        }
    }
}

/// Where hosts look for plugins (OpenFX specification, "Packaging OFX plug-ins").
#[cfg(target_os = "windows")]
const STANDARD_FOLDER: &str = r"C:\Program Files\Common Files\OFX\Plugins";
#[cfg(target_os = "macos")]
const STANDARD_FOLDER: &str = "/Library/OFX/Plugins";
#[cfg(not(any(target_os = "windows", target_os = "macos")))]
const STANDARD_FOLDER: &str = "/usr/OFX/Plugins";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundle_given_is_taken_and_otherwise_the_first_found() {
        let folder = tempfile::tempdir().unwrap();
        let (beside, listed) = (folder.path().join("bin"), folder.path().join("ofx"));
        std::fs::create_dir_all(listed.join(BUNDLE_NAME)).unwrap();
        let mut search = BundleSearch {
            given: Some("anything".into()),
            program_folder: Some(beside.clone()),
            plugin_path: Some(listed.clone().into_os_string()),
        };
        assert_eq!(search.find().unwrap(), PathBuf::from("anything"));
        search.given = None;
        assert_eq!(search.find().unwrap(), listed.join(BUNDLE_NAME));
        std::fs::create_dir_all(beside.join(BUNDLE_NAME)).unwrap();
        assert_eq!(search.find().unwrap(), beside.join(BUNDLE_NAME));
    }

    #[test]
    fn a_missing_bundle_names_the_places_and_the_remedy() {
        let search = BundleSearch { program_folder: Some("/nowhere/bin".into()), ..BundleSearch::default() };
        if let Err(error) = search.find() {
            let words = error.to_string();
            assert!(words.contains("/nowhere/bin") && words.contains("cargo xtask bundle"), "{words}");
        } else {
            assert!(Path::new(STANDARD_FOLDER).join(BUNDLE_NAME).is_dir(), "installed on this machine");
        }
    }
}
