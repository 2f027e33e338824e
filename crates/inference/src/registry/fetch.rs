//! Models from elsewhere into a folder of installed models: what a manifest that was fetched asks for, and taking each
//! fetched file into its place once it is whole. Fetching itself is somebody else's work: into [`FetchFile::part`].

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{InstallError, MANIFEST, Registry, install::is_licence, manifest::Manifest};
use crate::{
    abort::Abort,
    hash::{ContentHash, hash_file},
    stamp::Stamp,
};

/// Files that a manifest may name. Models of many parts have twenty.
const MOST_FILES: usize = 256;
/// Bytes of a file's path within the folder, so that the whole stays below what Windows takes.
const MOST_PATH: usize = 128;

/// What a manifest asks for, and where it would go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FetchPlan {
    /// The model's name.
    pub name: String,
    /// Its family.
    pub family: String,
    /// Licence as the manifest states it, else the one its family usually comes under.
    pub licence: Option<String>,
    /// Where it came from as the manifest states it.
    pub source: Option<String>,
    /// Where it would go.
    pub target: PathBuf,
    /// Its files, those that hold the licence first. The manifest is none of them.
    pub files: Vec<FetchFile>,
}

/// A file to be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FetchFile {
    /// Its path within the folder, with slashes: what to append to where the manifest came from.
    pub path: String,
    /// Its size as the manifest declares it.
    pub bytes: Option<u64>,
    /// SHA-256 as the manifest declares it.
    pub declared_sha256: Option<ContentHash>,
    /// Whether it is in its place already, with this content.
    pub whole: bool,
    /// Whether it holds the licence, to be shown before the others are fetched.
    pub is_licence: bool,
    /// Where to fetch it to. What is there already is the beginning of it.
    pub part: PathBuf,
}

/// Where a model goes and what is known of it.
struct Meant {
    manifest: Manifest,
    licence: Option<String>,
    target: PathBuf,
}

impl Registry {
    /// What installing the model of a manifest into a folder of models would take. `sha256`: of the manifest, where it
    /// is known. Files that are there already are read whole, to be compared.
    ///
    /// # Errors
    /// [`InstallError::Manifest`], [`InstallError::Differs`], [`InstallError::Inference`].
    pub fn fetch_plan(
        &self,
        manifest: &str,
        models: &Path,
        sha256: Option<ContentHash>,
        abort: &dyn Abort,
    ) -> Result<FetchPlan, InstallError> {
        let found = ContentHash::of_bytes(manifest.as_bytes());
        if let Some(declared) = sha256.filter(|&declared| declared != found) {
            return Err(InstallError::Differs { file: MANIFEST.into(), found, declared });
        }
        let Meant { manifest, licence, target } = self.meant(manifest, models)?;
        let mut files = Vec::new();
        for file in &manifest.files {
            let place = target.join(&file.path);
            let sound = |found: u64| file.bytes.is_none_or(|declared| declared == found);
            let there = Stamp::of(&place).is_ok_and(|stamp| sound(stamp.bytes));
            files.push(FetchFile {
                part: part_of(&place),
                whole: match file.sha256.filter(|_| there) {
                    Some(declared) => hash_file(&place, abort)? == declared,
                    None => false,
                },
                is_licence: is_licence(Path::new(&file.path)),
                path: file.path.clone(),
                bytes: file.bytes,
                declared_sha256: file.sha256,
            });
        }
        files.sort_by_key(|file| !file.is_licence);
        Ok(FetchPlan { name: manifest.name, family: manifest.family, licence, source: manifest.source, target, files })
    }

    /// Takes a fetched file into its place. `sha256`: where somebody else than the manifest knows it. What is not the
    /// file that was meant is removed.
    ///
    /// # Errors
    /// As [`Registry::fetch_plan`], and [`InstallError::NoSuchFile`], [`InstallError::NoChecksum`] for a file that
    /// nobody vouches for, [`InstallError::Differs`], [`InstallError::Size`], [`InstallError::Copy`].
    pub fn take_fetched(
        &self,
        (manifest, models): (&str, &Path),
        file: &str,
        sha256: Option<ContentHash>,
        abort: &dyn Abort,
    ) -> Result<(), InstallError> {
        let Meant { manifest, target, .. } = self.meant(manifest, models)?;
        let meant = manifest.files.iter().find(|known| known.path == file);
        let meant = meant.ok_or_else(|| InstallError::NoSuchFile { file: file.to_owned() })?;
        let place = target.join(&meant.path);
        let part = part_of(&place);
        let failed =
            |error: io::Error| InstallError::Copy { from: part.clone(), to: place.clone(), reason: error.to_string() };
        let found = Stamp::of(&part).map_err(failed)?.bytes;
        let expected = sha256.or(meant.sha256);
        if expected.is_none() && !is_licence(&place) {
            return Err(InstallError::NoChecksum { file: file.to_owned() });
        }
        let verdict = match (meant.bytes, expected) {
            (Some(declared), _) if declared != found => {
                Err(InstallError::Size { file: file.to_owned(), found, declared })
            }
            (_, None) => Ok(()),
            (_, Some(declared)) => match hash_file(&part, abort)? {
                found if found == declared => Ok(()),
                found => Err(InstallError::Differs { file: file.into(), found, declared }),
            },
        };
        if verdict.is_err() {
            // To go on from it would give the same again.
            fs::remove_file(&part).map_err(failed)?;
            return verdict;
        }
        // Opened for writing: Windows refuses to write out a file that is open for reading alone.
        OpenOptions::new().write(true).open(&part).and_then(|file| file.sync_all()).map_err(failed)?;
        fs::rename(&part, &place).map_err(failed)
    }

    /// Writes the manifest beside its files, which makes them a model. Returns the folder.
    ///
    /// # Errors
    /// [`InstallError::Manifest`], [`InstallError::Size`] for a file that is not there, [`InstallError::Copy`].
    pub fn finish_fetched(&self, text: &str, models: &Path) -> Result<PathBuf, InstallError> {
        let Meant { manifest, target, .. } = self.meant(text, models)?;
        for file in &manifest.files {
            if Stamp::of(&target.join(&file.path)).is_err() {
                let declared = file.bytes.unwrap_or_default();
                return Err(InstallError::Size { file: file.path.clone(), found: 0, declared });
            }
        }
        let place = target.join(MANIFEST);
        let part = part_of(&place);
        let write = || {
            let mut file = File::create(&part)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&part, &place)
        };
        write().map_err(|error| InstallError::Copy {
            from: part.clone(),
            to: place.clone(),
            reason: error.to_string(),
        })?;
        Ok(target)
    }

    /// A manifest of somebody unknown, looked at closely.
    fn meant(&self, text: &str, models: &Path) -> Result<Meant, InstallError> {
        let refuse = |reason: String| InstallError::Manifest { reason };
        let manifest = text.parse::<Manifest>().map_err(refuse)?;
        let Some(layout) = self.layouts.iter().find(|layout| layout.family == manifest.family) else {
            let known: Vec<_> = self.layouts.iter().map(|layout| layout.family).collect();
            let (family, known) = (&manifest.family, known.join(", "));
            return Err(refuse(format!("the family \"{family}\" is not known; known: {known}")));
        };
        if let Some(reason) = layout.not_run {
            return Err(refuse(reason.to_owned()));
        }
        if manifest.files.len() > MOST_FILES {
            return Err(refuse(format!("it names {} files, at most {MOST_FILES} expected", manifest.files.len())));
        }
        for file in &manifest.files {
            let is_odd = |c: char| c.is_control() || c == '\\' || c == ':';
            let hidden = file.path.split('/').any(|part| part.starts_with('.') || part.is_empty());
            if file.path.len() > MOST_PATH || file.path.contains(is_odd) || hidden || file.path == MANIFEST {
                return Err(refuse(format!("\"{}\" is not a name for a file of a model", file.path.escape_debug())));
            }
        }
        let has = |name: &str| manifest.files.iter().any(|file| file.role_in(layout) == name);
        if let Some(role) = layout.roles.iter().find(|role| role.needed && !has(role.name)) {
            return Err(refuse(format!("it names no file for \"{}\"", role.name)));
        }
        if let Some(beside) = layout.beside(has).find(|beside| !has(beside.role)) {
            return Err(refuse(format!("it names no file for \"{}\", usually {}", beside.role, beside.file)));
        }
        let folder = folder_for(&manifest.name);
        let folder = folder.ok_or_else(|| refuse(format!("\"{}\" cannot name a folder", manifest.name)))?;
        let licence = manifest.licence.clone().or(layout.usual_licence.map(str::to_owned));
        Ok(Meant { licence, target: models.join(folder), manifest })
    }
}

/// Where a file is until it is whole.
fn part_of(place: &Path) -> PathBuf {
    place.with_file_name(format!(".{}.part", place.file_name().unwrap_or_default().to_string_lossy()))
}

/// A model's name as that of its folder: lower case letters and digits, and one dash for all between them.
fn folder_for(name: &str) -> Option<String> {
    let keep = |c: char| if c.is_alphanumeric() || "._".contains(c) { c } else { '-' };
    let kept: String = name.to_lowercase().chars().map(keep).take(64).collect();
    let words: Vec<_> = kept.split('-').filter(|word| word.contains(char::is_alphanumeric)).collect();
    let folder = words.join("-").trim_matches('.').to_owned();
    Some(folder).filter(|folder| !folder.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        abort::NeverAbort,
        registry::{registry_over, sound_model},
    };

    /// A manifest with checksums of both files of the sound model, and the folder it lies in.
    fn sound(root: &Path) -> (String, PathBuf) {
        let folder = sound_model(root);
        let sum = |name: &str| hash_file(&folder.join(name), &NeverAbort).unwrap();
        let (encoder, decoder) = (sum("onnx/encoder.onnx"), sum("sam.onnx"));
        let manifest = format!(
            "name = 'Sound & Safe'\nfamily = 'sam1'\n[[files]]\npath = 'onnx/encoder.onnx'\nrole = 'encoder'\n\
             sha256 = '{encoder}'\n[[files]]\npath = 'sam.onnx'\nsha256 = '{decoder}'\n\
             [[files]]\npath = 'LICENSE'\n"
        );
        (manifest, folder)
    }

    fn fetch(file: &FetchFile, from: &Path) {
        fs::create_dir_all(file.part.parent().unwrap()).unwrap();
        fs::copy(from.join(&file.path), &file.part).unwrap();
    }

    #[test]
    fn files_are_taken_one_by_one_and_the_manifest_makes_them_a_model() {
        let (root, models) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (manifest, from) = sound(root.path());
        fs::write(from.join("LICENSE"), "be kind").unwrap();
        let registry = registry_over(models.path());
        let plan = || registry.fetch_plan(&manifest, models.path(), None, &NeverAbort).unwrap();
        let take = |file: &str| registry.take_fetched((&manifest, models.path()), file, None, &NeverAbort);
        let first = plan();
        assert_eq!(first.target, models.path().join("sound-safe"));
        let names: Vec<_> = first.files.iter().map(|file| (file.path.as_str(), file.is_licence)).collect();
        assert_eq!(names, [("LICENSE", true), ("onnx/encoder.onnx", false), ("sam.onnx", false)]);
        assert_eq!(first.licence.as_deref(), Some("Usual-1.0"));
        assert!(registry.finish_fetched(&manifest, models.path()).is_err(), "nothing is there");
        for file in &first.files[..2] {
            fetch(file, &from);
            take(&file.path).unwrap();
        }
        // An interruption, and another beginning.
        assert_eq!(plan().files.iter().map(|file| file.whole).collect::<Vec<_>>(), [false, true, false]);
        fetch(&first.files[2], &from);
        take("sam.onnx").unwrap();
        assert_eq!(registry.finish_fetched(&manifest, models.path()).unwrap(), first.target);
        let installed = registry.list();
        assert_eq!((installed.len(), &installed[0].problem), (1, &None));
        assert_eq!(installed[0].name, "Sound & Safe");
        assert!(matches!(take("../elsewhere"), Err(InstallError::NoSuchFile { .. })));
    }

    #[test]
    fn what_is_not_the_file_that_was_meant_is_removed() {
        let (root, models) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (manifest, from) = sound(root.path());
        let manifest = manifest.replace("path = 'sam.onnx'", "path = 'sam.onnx'\nbytes = 7");
        let registry = registry_over(models.path());
        let plan = registry.fetch_plan(&manifest, models.path(), None, &NeverAbort).unwrap();
        let take = |file: &str, sum| registry.take_fetched((&manifest, models.path()), file, sum, &NeverAbort);
        let [licence, encoder, decoder] = plan.files.as_slice() else { panic!("{plan:?}") };
        fetch(decoder, &from);
        let error = take("sam.onnx", None).unwrap_err();
        assert!(matches!(&error, InstallError::Size { declared: 7, .. }), "{error}");
        fetch(encoder, &from);
        let other = Some(ContentHash([7; 32]));
        let error = take("onnx/encoder.onnx", other).unwrap_err().to_string();
        assert!(error.starts_with("onnx/encoder.onnx has the SHA-256 ") && error.contains("0707"), "{error}");
        assert!(!decoder.part.exists() && !encoder.part.exists() && !licence.part.exists());
        let error = registry.fetch_plan(&manifest, models.path(), other, &NeverAbort).unwrap_err();
        assert!(error.to_string().starts_with("model.toml has the SHA-256 "), "{error}");
    }

    #[test]
    fn a_file_that_nobody_vouches_for_is_not_taken() {
        let (root, models) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (manifest, from) = sound(root.path());
        let lines: Vec<_> = manifest.lines().filter(|line| !line.starts_with("sha256")).collect();
        let manifest = lines.join("\n");
        let registry = registry_over(models.path());
        let plan = registry.fetch_plan(&manifest, models.path(), None, &NeverAbort).unwrap();
        fetch(&plan.files[2], &from);
        let take = |sum| registry.take_fetched((&manifest, models.path()), "sam.onnx", sum, &NeverAbort);
        let error = take(None).unwrap_err().to_string();
        assert!(error.contains("no checksum of sam.onnx") && error.contains("--sha256 sam.onnx="), "{error}");
        take(Some(hash_file(&from.join("sam.onnx"), &NeverAbort).unwrap())).unwrap();
    }

    #[test]
    fn a_manifest_that_reaches_out_or_makes_no_sense_is_refused() {
        let (root, models) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (manifest, _) = sound(root.path());
        let registry = registry_over(models.path());
        for (from, to, words) in [
            ("'LICENSE'", "'../LICENSE'", "not a path within the folder"),
            ("'LICENSE'", "'/etc/passwd'", "not a path within the folder"),
            ("'LICENSE'", "'a/../../b'", "not a path within the folder"),
            ("'LICENSE'", "'model.toml'", "not a name for a file"),
            ("'LICENSE'", "'.sam.onnx.part'", "not a name for a file"),
            // A name elsewhere, a path on Windows.
            ("'LICENSE'", "'c:evil'", "not a "),
            ("'LICENSE'", "'..\\evil'", "not a "),
            ("'LICENSE'", "\"a\\nb\"", "not a name for a file"),
            ("'Sound & Safe'", "' ../.. '", "cannot name a folder"),
            ("'sam1'", "'sam9'", "the family \"sam9\" is not known"),
            ("'sam1'", "'odd'", "known and not run"),
            ("role = 'encoder'", "role = 'other'", "names no file for \"encoder\""),
            ("name = ", "nome = ", "missing field"),
        ] {
            assert!(manifest.contains(from), "{from}");
            let plan = registry.fetch_plan(&manifest.replace(from, to), models.path(), None, &NeverAbort);
            let error = plan.expect_err(to);
            assert!(matches!(error, InstallError::Manifest { .. }), "{error}");
            assert!(error.to_string().contains(words), "{to}: {error}");
        }
        assert_eq!(fs::read_dir(models.path()).unwrap().count(), 0, "nothing was written");
    }
}
