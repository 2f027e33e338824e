//! `sam3roto models`: what is installed, what a folder holds, and installing it; by the plugin that will use it.

use super::bundle_path::BundleSearch;
use super::engine_report::{REPORT_SYMBOL, byte_text};
use super::error::CommandError;
use super::models_address::Address;
use super::models_fetch::{self, Checksums};
use super::models_text::{Checked, Models, Plan};
use super::options::{ModelsAction, ModelsTarget};
use super::print_out;
use crate::host::{Bundle, Host, Profile};
use serde_json::Value as Json;
use std::io::{self, BufRead};
use std::path::{Path, absolute};

/// Does what is asked.
pub(super) fn models(action: ModelsAction) -> Result<(), CommandError> {
    let host = Host::new(Profile::Strict);
    let open = |target: &ModelsTarget| -> Result<Bundle, CommandError> {
        Ok(Bundle::open(&host, &BundleSearch::from_environment(target.bundle.clone()).find()?)?)
    };
    match action {
        ModelsAction::List(target) => {
            let answer = ask(&open(&target)?, "models-list")?;
            tell(&target, &answer, || Ok(serde_json::from_value::<Models>(answer.clone())?.text()))
        }
        ModelsAction::Check { folder, target } => {
            let answer = ask(&open(&target)?, &format!("models-check\n{}", text_of(&folder)?))?;
            let checked: Checked = serde_json::from_value(answer.clone())?;
            tell(&target, &answer, || Ok(checked.text()))?;
            if checked.is_right() { Ok(()) } else { Err(CommandError::UnfitModel { folder }) }
        }
        ModelsAction::Install { source, accept_licence, sha256, target } => {
            let checksums = Checksums::of(&sha256)?;
            if Address::is_meant(&source) {
                let address = Address::of(&source)?;
                return models_fetch::install(&open(&target)?, &address, &checksums, accept_licence);
            }
            checksums.expect_none()?;
            install(&open(&target)?, Path::new(&source), accept_licence)
        }
    }
}

fn install(bundle: &Bundle, folder: &Path, accept_licence: bool) -> Result<(), CommandError> {
    let folder = text_of(folder)?;
    let plan: Plan = serde_json::from_value(ask(bundle, &format!("models-plan\n{folder}"))?)?;
    print_out(&plan.text())?;
    accept(accept_licence)?;
    for file in &plan.files {
        let state = if file.whole { "is there already" } else { "copied" };
        if !file.whole {
            ask(bundle, &format!("models-install\n{folder}\n{}", file.path))?;
        }
        print_out(&format!("  {}  {}  {state}\n", file.path, byte_text(file.bytes)))?;
    }
    finish(bundle, &plan.model.name, &plan.target)
}

/// Asks whether the licence that was shown is accepted, unless that is said already.
pub(super) fn accept(already: bool) -> Result<(), CommandError> {
    if already {
        return Ok(());
    }
    print_out("Type yes to accept the licence and install the model: ")?;
    let mut words = String::new();
    io::stdin().lock().read_line(&mut words)?;
    if words.trim().eq_ignore_ascii_case("yes") { Ok(()) } else { Err(CommandError::LicenceNotAccepted) }
}

/// Looks at what was installed, and says so.
pub(super) fn finish(bundle: &Bundle, name: &str, target: &Path) -> Result<(), CommandError> {
    let installed: Checked = serde_json::from_value(ask(bundle, &format!("models-check\n{}", text_of(target)?))?)?;
    if !installed.is_right() {
        print_out(&installed.text())?;
        return Err(CommandError::UnfitModel { folder: target.to_owned() });
    }
    print_out(&format!("{name} is installed in {}\n", target.display()))
}

fn tell(
    target: &ModelsTarget,
    answer: &Json,
    text: impl FnOnce() -> Result<String, CommandError>,
) -> Result<(), CommandError> {
    print_out(&if target.json { format!("{}\n", serde_json::to_string_pretty(answer)?) } else { text()? })
}

/// The plugin's answer. A `problem` that is all there is, is an error.
pub(super) fn ask(bundle: &Bundle, topic: &str) -> Result<Json, CommandError> {
    let no_models = || CommandError::NoModels { bundle: bundle.library_path().to_owned() };
    let answer: Json = serde_json::from_str(&bundle.report(REPORT_SYMBOL, topic).ok_or_else(no_models)?)?;
    match answer.get("problem").and_then(Json::as_str) {
        Some(problem) => Err(CommandError::Plugin(problem.to_owned())),
        None => Ok(answer),
    }
}

/// The folder as the plugin is told it, which has to be one.
fn text_of(folder: &Path) -> Result<String, CommandError> {
    if !folder.is_dir() {
        return Err(CommandError::NoModelFolder { folder: folder.to_owned() });
    }
    let whole = absolute(folder)?;
    whole.to_str().map(str::to_owned).ok_or_else(|| CommandError::NotUnicode { path: folder.to_owned() })
}
