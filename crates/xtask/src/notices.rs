//! THIRD-PARTY-NOTICES.txt: every crate that is linked, with the licence texts it ships. Equal texts are printed once.

use crate::error::Error;
use crate::metadata::{CratePackage, Metadata};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Licence texts of things inside a crate that are not the crate's own: (crate, file).
const CARRIED: [(&str, &str); 1] = [("openfx-sys", "openfx/LICENSE.md")];

/// Parts of the bundle that are no crates, and where their licences lie in it.
const OTHERS: &str = "\
Parts of the bundle
  ONNX Runtime (Microsoft)       MIT            licences/onnxruntime-LICENSE.txt
                                                licences/onnxruntime-ThirdPartyNotices.txt
  MobileSAM                      Apache-2.0     models/mobilesam/LICENSE
  OpenFX headers                 BSD-3-Clause   text below, with openfx-sys
  The Rust standard library      MIT OR Apache-2.0
";

/// The notices for what is linked into these crates of ours.
pub fn notices(metadata: &Metadata, ours: &[&str]) -> Result<String, Error> {
    let crates = metadata.linked_into(ours);
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in &crates {
        for path in licence_files(package)? {
            let bytes = fs::read(&path).map_err(Error::file("read", &path))?;
            texts.entry(normalised(&bytes)).or_default().push(heading(package, &path));
        }
    }
    Ok(laid_out(&crates, texts))
}

fn laid_out(crates: &[&CratePackage], texts: BTreeMap<String, Vec<String>>) -> String {
    let mut out = format!("Sam3Roto contains the work of others.\n\n{OTHERS}\nCrates\n");
    for package in crates {
        let licence = package.license.as_deref().unwrap_or("see its text below");
        let name = format!("{} {}", package.name, package.version);
        out += &format!("  {name:<30} {licence}\n");
    }
    let mut texts: Vec<(Vec<String>, String)> = texts.into_iter().map(|(text, holders)| (holders, text)).collect();
    texts.sort();
    for (holders, text) in texts {
        out += &format!("\n{}\n{}\n\n{text}\n", "-".repeat(80), holders.join("\n"));
    }
    out
}

fn heading(package: &CratePackage, path: &Path) -> String {
    let file = path.strip_prefix(package.folder()).unwrap_or(path);
    format!("{} {} ({})", package.name, package.version, file.display())
}

/// Licence files in the crate's folder, by their usual names, sorted.
fn licence_files(package: &CratePackage) -> Result<Vec<PathBuf>, Error> {
    let folder = package.folder();
    let entries = fs::read_dir(folder).map_err(Error::file("list", folder))?;
    let mut files: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file() && is_licence(path)).collect();
    files.extend(CARRIED.iter().filter(|(name, _)| *name == package.name).map(|(_, file)| folder.join(file)));
    files.extend(package.license_file.iter().map(|file| folder.join(file)));
    files.sort();
    files.dedup();
    Ok(files)
}

fn is_licence(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
    ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"].iter().any(|start| name.starts_with(start))
}

/// Texts that differ in line ends or trailing spaces only are the same.
fn normalised(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Workspace;

    #[test]
    fn the_notices_name_what_is_linked_with_its_texts() {
        let metadata = Metadata::with_dependencies(&Workspace::find().unwrap().path("")).unwrap();
        let text = notices(&metadata, &["sam3roto"]).unwrap();
        for expected in ["ort 2.0.0-rc.15", "openfx-sys 0.1.0 (openfx/LICENSE.md)", "ONNX Runtime", "MobileSAM"] {
            assert!(text.contains(expected), "{expected}");
        }
        assert!(!text.contains("proptest"), "what only tests need is not linked");
        assert!(!text.contains("bindgen 0."), "what only builds need is not linked");
    }

    #[test]
    fn equal_texts_are_one() {
        assert_eq!(normalised(b"\nMIT \r\ntext\n\n"), normalised(b"MIT\ntext"));
    }

    #[test]
    fn licence_files_are_known_by_name() {
        assert!(is_licence(Path::new("a/LICENSE-MIT")) && is_licence(Path::new("copying.txt")));
        assert!(!is_licence(Path::new("a/README.md")));
    }
}
