//! What the plugin tells of models, for people.

use super::engine_report::byte_text;
use super::table::{Align, table};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// All models.
#[derive(Debug, Deserialize)]
pub(super) struct Models {
    folders: Vec<PathBuf>,
    models: Vec<Row>,
}

#[derive(Debug, Deserialize)]
struct Row {
    name: String,
    family: Option<String>,
    precision: Option<String>,
    bytes: u64,
    licence: Option<String>,
    abilities: Vec<String>,
    folder: PathBuf,
    problem: Option<String>,
}

impl Models {
    /// A table, and below it what keeps a model from being used.
    pub fn text(&self) -> String {
        let mut out = String::new();
        if self.models.is_empty() {
            out.push_str("no model is installed\n");
        } else {
            let head = ["name", "family", "weights", "size", "licence", "prompts"].map(str::to_owned).to_vec();
            let rows: Vec<_> = std::iter::once(head).chain(self.models.iter().map(Row::cells)).collect();
            let aligns = [Align::Left, Align::Left, Align::Left, Align::Right, Align::Left, Align::Left];
            out.push_str(&table(&aligns, &rows));
        }
        for model in &self.models {
            if let Some(problem) = &model.problem {
                out.push_str(&format!("{} in {} cannot be used: {problem}\n", model.name, model.folder.display()));
            }
        }
        out.push_str("searched:\n");
        self.folders.iter().for_each(|folder| out.push_str(&format!("  {}\n", folder.display())));
        out
    }
}

impl Row {
    fn cells(&self) -> Vec<String> {
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let can = match (&self.problem, self.abilities.is_empty()) {
            (Some(_), _) => "cannot be used".to_owned(),
            (None, true) => "-".to_owned(),
            (None, false) => self.abilities.join(", "),
        };
        let (family, precision) = (or_dash(&self.family), or_dash(&self.precision));
        vec![self.name.clone(), family, precision, byte_text(self.bytes), or_dash(&self.licence), can]
    }
}

/// A folder looked at closely.
#[derive(Debug, Deserialize)]
pub(super) struct Checked {
    model: Told,
    files: Vec<File>,
}

/// A model as a report on its folder has it.
#[derive(Debug, Deserialize)]
pub(super) struct Told {
    pub name: String,
    family: Option<String>,
    licence: Option<String>,
    problem: Option<String>,
}

#[derive(Debug, Deserialize)]
struct File {
    path: PathBuf,
    bytes: Option<u64>,
    role: Option<String>,
    weights: Option<String>,
    misfits: Vec<Misfit>,
    checksum_right: Option<bool>,
    problem: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Misfit {
    expected: String,
    found: String,
}

impl Checked {
    /// Whether the model can be used and its files are those of its manifest.
    pub fn is_right(&self) -> bool {
        self.model.problem.is_none() && self.files.iter().all(|file| file.role.is_none() || file.is_right())
    }

    /// File by file.
    pub fn text(&self) -> String {
        let family = self.model.family.as_deref().unwrap_or("of no known family");
        let mut out = format!("{}: {family}\n", self.model.name);
        for file in &self.files {
            out.push_str(&file.text());
        }
        match &self.model.problem {
            Some(problem) => out.push_str(&format!("cannot be used: {problem}\n")),
            None if self.is_right() => out.push_str("can be used\n"),
            None => out.push_str("is not what its model.toml describes: install it again\n"),
        }
        out
    }
}

impl File {
    fn is_right(&self) -> bool {
        self.misfits.is_empty() && self.problem.is_none() && self.checksum_right != Some(false)
    }

    fn text(&self) -> String {
        let role = self.role.as_deref().unwrap_or("not used");
        let facts = [self.weights.clone(), self.bytes.map(byte_text)];
        let facts: Vec<String> = facts.into_iter().flatten().collect();
        let mut out = format!("  {role}: {} ({})\n", self.path.display(), facts.join(", "));
        for misfit in &self.misfits {
            out.push_str(&format!("      expected {}\n      found    {}\n", misfit.expected, misfit.found));
        }
        out.push_str(match self.checksum_right {
            Some(true) => "      the checksum is that of model.toml\n",
            Some(false) => "      the checksum is NOT that of model.toml\n",
            None => "",
        });
        if let Some(problem) = &self.problem {
            out.push_str(&format!("      {problem}\n"));
        }
        out
    }
}

/// What would be installed.
#[derive(Debug, Deserialize)]
pub(super) struct Plan {
    pub model: Told,
    pub target: PathBuf,
    licence_text: Option<String>,
    pub files: Vec<PlannedFile>,
}

/// One file of it.
#[derive(Debug, Deserialize)]
pub(super) struct PlannedFile {
    pub path: String,
    pub bytes: u64,
    pub whole: bool,
}

impl Plan {
    /// The model, where it goes, and its licence.
    pub fn text(&self) -> String {
        let missing: u64 = self.files.iter().filter(|file| !file.whole).map(|file| file.bytes).sum();
        let work = format!("{} files, {} to be copied", self.files.len(), byte_text(missing));
        let Told { name, family, licence, .. } = &self.model;
        let family = family.as_deref().unwrap_or("-");
        plan_text((name, family), &self.target, &work, licence.as_deref(), self.licence_text.as_deref())
    }
}

/// A model and its family, where it goes, what there is to do, and its licence by name and in full.
pub(super) fn plan_text(
    (name, family): (&str, &str),
    target: &Path,
    work: &str,
    licence: Option<&str>,
    licence_text: Option<&str>,
) -> String {
    let licence = licence.unwrap_or("not stated: ask where you had the model from");
    let text = licence_text.map(|text| format!("\n{}\n\n", text.trim_end())).unwrap_or_default();
    format!("{name} ({family}) goes to {}\n  {work}\n  licence: {licence}\n{text}", target.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_list_shows_what_each_model_can_do_and_why_another_cannot_be_used() {
        let models: Models = serde_json::from_value(json!({ "folders": ["/m"], "models": [
            { "name": "MobileSAM", "family": "sam1", "precision": "fp32", "bytes": 44_000_000, "licence": "Apache-2.0",
              "abilities": ["points", "box"], "folder": "/m/mobilesam", "problem": null },
            { "name": "odd", "family": null, "precision": null, "bytes": 0, "licence": null, "abilities": [],
              "folder": "/m/odd", "problem": "a.onnx is cut short" }
        ] }))
        .unwrap();
        // The head is indented too, which the literal cannot hold.
        let expected = "\
name       family  weights     size  licence     prompts
  MobileSAM  sam1    fp32     44.0 MB  Apache-2.0  points, box
  odd        -       -        0 bytes  -           cannot be used
odd in /m/odd cannot be used: a.onnx is cut short
searched:
  /m
";
        assert_eq!(models.text(), format!("  {expected}"));
    }

    #[test]
    fn a_check_tells_the_tensor_and_the_checksum() {
        let checked: Checked = serde_json::from_value(json!({
            "model": { "name": "m", "family": "sam1", "licence": null, "problem": null },
            "files": [
                { "path": "/m/e.onnx", "bytes": 1000, "role": "encoder", "weights": "fp16", "inputs": [], "outputs": [],
                  "misfits": [], "checksum_right": false, "problem": null },
                { "path": "/m/x.onnx", "bytes": 10, "role": null, "weights": "fp32", "inputs": [], "outputs": [],
                  "misfits": [{ "expected": "input \"a\" f32[1]", "found": "\"a\" i64[1]" }], "checksum_right": null,
                  "problem": null }
            ]
        }))
        .unwrap();
        assert!(!checked.is_right());
        let expected = "\
m: sam1
  encoder: /m/e.onnx (fp16, 1.0 kB)
      the checksum is NOT that of model.toml
  not used: /m/x.onnx (fp32, 10 bytes)
      expected input \"a\" f32[1]
      found    \"a\" i64[1]
is not what its model.toml describes: install it again
";
        assert_eq!(checked.text(), expected);
    }

    #[test]
    fn the_licence_is_shown_before_anything_is_copied() {
        let plan: Plan = serde_json::from_value(json!({
            "model": { "name": "SAM3", "family": "sam3", "licence": "SAM License", "problem": null },
            "target": "/home/a/.local/share/sam3roto/models/sam3", "licence_text": "Be kind.\n",
            "files": [{ "path": "e.onnx", "bytes": 2000, "whole": true }, { "path": "d.onnx", "bytes": 1000, "whole": false }]
        }))
        .unwrap();
        let expected = "\
SAM3 (sam3) goes to /home/a/.local/share/sam3roto/models/sam3
  2 files, 1.0 kB to be copied
  licence: SAM License

Be kind.

";
        assert_eq!(plan.text(), expected);
    }
}
