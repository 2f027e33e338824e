//! `sam3roto models install URL`: the manifest, its licence, and once that is accepted the files. The plugin says what
//! the manifest asks for and where each file goes, and takes a file only when it is the one that was meant.

use super::engine_report::byte_text;
use super::error::CommandError;
use super::models::{accept, ask, finish};
use super::models_address::Address;
use super::models_download as download;
use super::models_text::plan_text;
use super::print_out;
use crate::host::Bundle;
use serde::Deserialize;
use std::path::PathBuf;

/// A manifest is a page of text.
const MOST_MANIFEST: u64 = 1 << 20;
/// Bytes of a licence.
const MOST_LICENCE: u64 = 256 << 10;
/// In the place of a checksum that nobody gave.
const NO_CHECKSUM: &str = "-";

/// What the plugin makes of a manifest.
#[derive(Debug, Deserialize)]
struct Plan {
    name: String,
    family: String,
    licence: Option<String>,
    target: PathBuf,
    files: Vec<PlannedFile>,
}

#[derive(Debug, Deserialize)]
struct PlannedFile {
    path: String,
    bytes: Option<u64>,
    whole: bool,
    is_licence: bool,
    part: PathBuf,
}

/// Checksums given by hand.
pub(super) struct Checksums(Vec<(String, String)>);

impl Checksums {
    /// `DIGITS` of the manifest, `FILE=DIGITS` of a file.
    ///
    /// # Errors
    /// [`CommandError::Checksum`].
    pub fn of(given: &[String]) -> Result<Self, CommandError> {
        let one = |given: &String| {
            let (file, digits) = given.rsplit_once('=').unwrap_or(("", given));
            if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                let reason = "a checksum has 64 hexadecimal digits";
                return Err(CommandError::Checksum { given: given.clone(), reason });
            }
            Ok((file.to_owned(), digits.to_owned()))
        };
        given.iter().map(one).collect::<Result<_, _>>().map(Self)
    }

    /// None for a model of a folder, which needs none.
    ///
    /// # Errors
    /// [`CommandError::Checksum`].
    pub fn expect_none(&self) -> Result<(), CommandError> {
        let reason = "a folder has its checksums in its model.toml: leave it out";
        self.0.first().map_or(Ok(()), |(_, given)| Err(CommandError::Checksum { given: given.clone(), reason }))
    }

    /// That of a file; the manifest has no name.
    fn of_file(&self, file: &str) -> &str {
        self.0.iter().find(|(known, _)| known == file).map_or(NO_CHECKSUM, |(_, digits)| digits)
    }

    /// Refuses one of a file that the model does not have.
    fn check(&self, plan: &Plan) -> Result<(), CommandError> {
        let is_known = |name: &str| name.is_empty() || plan.files.iter().any(|file| file.path == name);
        match self.0.iter().find(|(name, _)| !is_known(name)) {
            Some((name, _)) => {
                Err(CommandError::Checksum { given: name.clone(), reason: "the model has no file of this name" })
            }
            None => Ok(()),
        }
    }
}

/// Installs the model of an address.
pub(super) fn install(
    bundle: &Bundle,
    address: &Address,
    checksums: &Checksums,
    accept_licence: bool,
) -> Result<(), CommandError> {
    let manifest = download::text(&address.manifest(), MOST_MANIFEST)?;
    let plan = ask(bundle, &format!("models-fetch-plan\n{}\n{manifest}", checksums.of_file("")))?;
    let plan: Plan = serde_json::from_value(plan)?;
    checksums.check(&plan)?;
    let licence = plan.files.iter().find(|file| file.is_licence);
    let licence = licence.map(|file| download::text(&address.file(&file.path), MOST_LICENCE)).transpose()?;
    print_out(&plan.text(licence.as_deref()))?;
    accept(accept_licence)?;
    for file in &plan.files {
        if !file.whole {
            download::file(&address.file(&file.path), &file.part, file.bytes)?;
            let sum = checksums.of_file(&file.path);
            ask(bundle, &format!("models-fetched\n{}\n{sum}\n{manifest}", file.path))?;
        }
        let state = if file.whole { "is there already" } else { "fetched" };
        let size = file.bytes.map(|bytes| format!("  {}", byte_text(bytes))).unwrap_or_default();
        print_out(&format!("  {}{size}  {state}\n", file.path))?;
    }
    ask(bundle, &format!("models-fetch-done\n{manifest}"))?;
    finish(bundle, &plan.name, &plan.target)
}

impl Plan {
    fn text(&self, licence: Option<&str>) -> String {
        let missing = self.files.iter().filter(|file| !file.whole);
        let bytes = missing.filter_map(|file| file.bytes).sum();
        let work = format!("{} files, {} to be fetched", self.files.len(), byte_text(bytes));
        plan_text((&self.name, &self.family), &self.target, &work, self.licence.as_deref(), licence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_of_the_manifest_or_of_a_file_and_anything_else_is_refused() {
        let digits = "ab".repeat(32);
        let given = [digits.clone(), format!("onnx/a=b.onnx={}", digits.to_uppercase())];
        let checksums = Checksums::of(&given).unwrap();
        assert_eq!((checksums.of_file(""), checksums.of_file("other")), (digits.as_str(), "-"));
        assert_eq!(checksums.of_file("onnx/a=b.onnx"), digits.to_uppercase());
        assert!(checksums.expect_none().is_err() && Checksums::of(&[]).unwrap().expect_none().is_ok());
        for wrong in ["", "ab", &digits[1..], &"xy".repeat(32), "a.onnx=", &format!("{digits}=a.onnx")] {
            assert!(Checksums::of(&[wrong.to_owned()]).is_err(), "{wrong}");
        }
    }
}
