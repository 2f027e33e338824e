//! `cargo xtask bundle`: builds the plugin and lays out `Sam3Roto.ofx.bundle`.

use crate::cargo::REMEDY;
use crate::environment::Environment;
use crate::error::Error;
use crate::metadata::Metadata;
use crate::notices::notices;
use crate::plist::info_plist;
use crate::say::{self, Step};
use crate::setup::{self, private_runtime_name};
use crate::staging::{self, Staging};
use crate::workspace::{Profile, Workspace};
use crate::{bindgen, programs};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Name of the bundle's folder.
pub const NAME: &str = "Sam3Roto.ofx.bundle";

/// The packages whose code goes out.
const OURS: [&str; 2] = ["sam3roto", "headless"];

/// Where hosts look for plugins (OpenFX specification, "Packaging OFX plug-ins").
const PLUGIN_FOLDER: &str = if cfg!(windows) {
    r"C:\Program Files\Common Files\OFX\Plugins"
} else if cfg!(target_os = "macos") {
    "/Library/OFX/Plugins"
} else {
    "/usr/OFX/Plugins"
};

/// Options of `bundle`.
#[derive(clap::Args)]
pub struct Options {
    /// Build for speed: this is what hosts should get
    #[arg(long)]
    release: bool,
    /// Also copy the bundle to where hosts look
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = PLUGIN_FOLDER)]
    install: Option<PathBuf>,
}

/// What was laid out.
pub struct Bundled {
    pub bundle: PathBuf,
    /// The `sam3roto` command, beside the bundle.
    pub command: PathBuf,
}

/// The task.
pub fn run(workspace: &Workspace, options: &Options) -> Result<(), Error> {
    let profile = if options.release { Profile::Release } else { Profile::Dev };
    let bundled = build(workspace, profile)?;
    if let Some(folder) = &options.install {
        install(&bundled.bundle, folder, options.release)?;
    }
    Ok(())
}

/// Builds the plugin and the command, and lays out the bundle.
pub fn build(workspace: &Workspace, profile: Profile) -> Result<Bundled, Error> {
    let environment = bindgen::environment(workspace)?;
    let step = Step::begin("built", format!("the plugin and the sam3roto command ({})", profile.folder()));
    let mut cargo = workspace.cargo();
    cargo.arg("build").args(OURS.iter().flat_map(|package| ["--package", package])).args(profile.arguments());
    programs::run(environment.give(&mut cargo), "building the plugin", REMEDY)?;
    step.end();
    lay_out(workspace, profile)
}

/// Builds everything that the tests use, with the features that they are built with, so that nothing is compiled twice; then lays out
/// the bundle.
pub fn build_with_tests(workspace: &Workspace, environment: &Environment) -> Result<Bundled, Error> {
    let step = Step::begin("built", "the plugin, the sam3roto command and the tests");
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--workspace", "--lib", "--bins", "--tests"]);
    programs::run(environment.give(&mut cargo), "building the plugin and the tests", REMEDY)?;
    step.end();
    lay_out(workspace, Profile::Dev)
}

/// Lays out the bundle from what is built.
fn lay_out(workspace: &Workspace, profile: Profile) -> Result<Bundled, Error> {
    let runtime = setup::runtime(workspace)?;
    let models = setup::models(workspace)?;
    let bundle = workspace.bundles(profile).join(NAME);
    let staging = Staging::of(&bundle)?;
    let binaries = PathBuf::from("Contents").join(binaries_folder());
    let library = format!("{}sam3roto{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    staging::copy(&workspace.built(profile).join(library), &staging.path(binaries.join("Sam3Roto.ofx")))?;
    staging::copy(&runtime.library, &staging.path(binaries.join(private_runtime_name())))?;

    let template = workspace.path("bundle/Info.plist");
    let template = fs::read_to_string(&template).map_err(Error::file("read", &template))?;
    staging::write(&staging.path("Contents/Info.plist"), info_plist(&template, env!("CARGO_PKG_VERSION")))?;

    let resources = staging.path("Contents/Resources");
    staging::copy_folder(&workspace.path("resources/icons"), &resources)?;
    staging::copy_folder(&workspace.path("resources/presets"), &resources.join("presets"))?;
    staging::copy_folder(&models, &resources.join("models"))?;
    staging::copy(&runtime.licence, &resources.join("licences/onnxruntime-LICENSE.txt"))?;
    staging::copy(&runtime.notices, &resources.join("licences/onnxruntime-ThirdPartyNotices.txt"))?;
    let metadata = Metadata::with_dependencies(&workspace.path(""))?;
    staging::write(&resources.join("THIRD-PARTY-NOTICES.txt"), notices(&metadata, &OURS)?)?;
    staging.finish()?;

    let name = format!("sam3roto{}", std::env::consts::EXE_SUFFIX);
    let command = workspace.bundles(profile).join(&name);
    staging::copy(&workspace.built(profile).join(&name), &command)?;
    say::line("bundle", &bundle.display().to_string());
    Ok(Bundled { bundle, command })
}

/// The folder of binaries, as the OpenFX specification names it for each platform.
fn binaries_folder() -> &'static str {
    if cfg!(windows) {
        "Win64"
    } else if cfg!(target_os = "macos") {
        "MacOS"
    } else if cfg!(target_arch = "aarch64") {
        "Linux-aarch64"
    } else {
        "Linux-x86-64"
    }
}

/// Copies the bundle to where hosts look, whole or not at all.
fn install(bundle: &Path, folder: &Path, release: bool) -> Result<(), Error> {
    let place = folder.join(NAME);
    let copied = Staging::of(&place).and_then(|staging| {
        staging::copy_folder(bundle, &staging.path(""))?;
        staging.finish()
    });
    copied.map_err(|error| match error {
        Error::File { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
            Error::NotPermitted { folder: folder.to_owned(), command: copy_command(bundle, folder) }
        }
        other => other,
    })?;
    say::line("installed", &place.display().to_string());
    if !release {
        say::line("note", "this is the unoptimised build; give --release for work");
    }
    Ok(())
}

fn copy_command(bundle: &Path, folder: &Path) -> String {
    let (bundle, folder) = (bundle.display(), folder.display());
    match cfg!(windows) {
        true => format!("robocopy /E \"{bundle}\" \"{folder}\\{NAME}\""),
        false => format!("sudo mkdir -p '{folder}' && sudo cp -R '{bundle}' '{folder}/'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installing_copies_the_whole_bundle_over_an_older_one() {
        let home = tempfile::tempdir().unwrap();
        let (bundle, folder) = (home.path().join("built").join(NAME), home.path().join("OFX/Plugins"));
        staging::write(&bundle.join("Contents/Info.plist"), "new").unwrap();
        staging::write(&folder.join(NAME).join("Contents/old"), "old").unwrap();
        install(&bundle, &folder, true).unwrap();
        assert_eq!(fs::read(folder.join(NAME).join("Contents/Info.plist")).unwrap(), b"new");
        assert!(!folder.join(NAME).join("Contents/old").exists());
    }

    #[test]
    fn the_icons_are_named_after_the_effects() {
        let icons = Workspace::find().unwrap().path("resources/icons");
        for ending in ["png", "svg"] {
            assert!(icons.join(format!("org.sam3roto.Roto.{ending}")).is_file(), "{ending}");
        }
    }
}
