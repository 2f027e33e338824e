//! Presets of the bundle and of the user: a choice in the panel that sets many parameters at once.

use std::ffi::CStr;
use std::path::{Path, PathBuf};

use openfx::{Change, Instance, Result};

use super::parameters::{PRESET, USER_PRESET};
use super::preset_file::{Preset, PresetError};
use crate::settings::{self, places};

/// The options of the parameter: nothing, the bundle's in the order of [`FILES`], the user's own.
pub const CHOICES: &[&CStr] = &[
    c"Custom",
    c"Default",
    c"Fine hair",
    c"Thick hair",
    c"Fur",
    c"Smoke",
    c"Glass",
    c"Sharp edges",
    c"Fabric",
    c"Motion blur",
    c"Portrait",
    c"User preset",
];

/// Files of the bundle, from the second option on. The first sets every parameter; the others what differs from it.
pub const FILES: [&str; 10] =
    ["default", "fine-hair", "thick-hair", "fur", "smoke", "glass", "sharp-edges", "fabric", "motion-blur", "portrait"];

const USERS: usize = FILES.len() + 1;

/// Sets the parameters after the user chose a preset, or named one.
///
/// # Errors
/// In words for the user, where a file cannot be used; the host's refusal.
pub fn apply(instance: &Instance, change: &Change) -> Result<()> {
    let parameters = instance.parameters();
    let name = parameters.get(USER_PRESET, change.time)?;
    let named = change.is(USER_PRESET);
    if named && name.trim().is_empty() {
        return Ok(());
    }
    let index = if named { USERS } else { parameters.get(PRESET, change.time)? };
    let preset = match index {
        0 => return Ok(()),
        USERS => Preset::read(&user_file(&name)?)?,
        _ => Preset::read(&bundle_file(FILES.get(index - 1).copied().unwrap_or(FILES[0])))?,
    };
    let preset = preset.over(Preset::read(&bundle_file(FILES[0]))?);
    let _one_step = parameters.edit(c"Preset");
    if named {
        parameters.set(PRESET, USERS)?;
    }
    preset.apply(parameters)
}

/// Writes the panel's values at `time` into the user's preset.
///
/// # Errors
/// As [`apply`].
pub fn save(instance: &Instance, time: f64) -> Result<()> {
    let parameters = instance.parameters();
    let file = user_file(&parameters.get(USER_PRESET, time)?)?;
    Ok(Preset::of(parameters, time)?.write(&file)?)
}

/// A preset of the bundle: `Contents/Resources/presets`, beside the folder of the library.
fn bundle_file(name: &str) -> PathBuf {
    let library = openfx::library_path().unwrap_or_default();
    let contents = library.parent().and_then(Path::parent).unwrap_or(Path::new(""));
    contents.join("Resources").join("presets").join(name).with_extension("toml")
}

/// A preset of the user: a full path, or a name in their folder.
fn user_file(name: &str) -> Result<PathBuf, PresetError> {
    let name = name.trim();
    if name.is_empty() {
        return Err(PresetError::NoName);
    }
    let file = if name.ends_with(".toml") { name.to_owned() } else { format!("{name}.toml") };
    if Path::new(&file).is_absolute() {
        return Ok(file.into());
    }
    Ok(user_folder().ok_or(PresetError::NoFolder)?.join(file))
}

/// The setting, else a folder among the user's data.
fn user_folder() -> Option<PathBuf> {
    let set = settings::current().ok().and_then(|settings| settings.presets_folder.clone());
    set.or_else(|| places::data(&|name| std::env::var_os(name)).map(|data| data.join("presets")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where something is missing")]
mod tests {
    use super::super::preset_file::KEYS;
    use super::*;

    fn file(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/presets").join(name).with_extension("toml")
    }

    #[test]
    fn every_choice_has_its_file_and_every_file_its_choice() {
        assert_eq!(CHOICES.len(), FILES.len() + 2);
        for name in FILES {
            Preset::read(&file(name)).unwrap();
        }
        let there = std::fs::read_dir(file("any").parent().unwrap()).unwrap().count();
        assert_eq!(there, FILES.len());
    }

    #[test]
    fn the_default_sets_everything() {
        let default = Preset::read(&file(FILES[0])).unwrap();
        for key in KEYS {
            assert!(default.get(key.name()).is_some(), "{}", key.name());
        }
    }
}
