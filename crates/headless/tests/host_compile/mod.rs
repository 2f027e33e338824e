//! Compiles plugins for the host's tests: reference plugins from the source that ships in the `openfx-sys` crate, and our own C file.

// Every test binary uses its own part of this.
#![allow(dead_code)]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The OpenFX tree inside the source of the `openfx-sys` crate.
fn openfx() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        // Of other platforms' dependencies nothing may be on this machine.
        let platform = ["--filter-platform", env!("SAM3ROTO_TARGET")];
        let arguments = ["metadata", "--format-version", "1", "--manifest-path", manifest];
        let output = Command::new(cargo).args(arguments).args(platform).output().expect("cargo runs");
        assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
        let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("metadata is JSON");
        let packages = metadata["packages"].as_array().expect("metadata lists packages");
        let package =
            packages.iter().find(|package| package["name"] == "openfx-sys").expect("openfx-sys is a dependency");
        let manifest = Path::new(package["manifest_path"].as_str().expect("a path"));
        manifest.parent().expect("a folder").join("openfx")
    })
}

/// The first of these compilers that runs: the variable's, else the usual names.
fn compiler(variable: &str, usual: &[&str]) -> OsString {
    let named = std::env::var_os(variable);
    let candidates = named.into_iter().chain(usual.iter().map(OsString::from));
    let runs =
        |name: &OsString| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
    candidates
        .into_iter()
        .find(runs)
        .unwrap_or_else(|| panic!("none of ${variable}, {usual:?} runs: install a compiler"))
}

/// Compiles sources into a plugin library, unless it is newer than all of them.
fn build(name: &str, compiler: OsString, sources: &[PathBuf], includes: &[PathBuf], flags: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("host-plugins");
    fs::create_dir_all(&folder).expect("the target folder is writable");
    let library = folder.join(format!("{name}.ofx"));
    let changed = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    let built = changed(&library);
    if built.is_some() && sources.iter().all(|source| changed(source) <= built) {
        return library;
    }
    // Built aside and moved into place, so that another test process never sees half a library.
    let fresh = folder.join(format!("{name}.{}.part", std::process::id()));
    let mut command = Command::new(compiler);
    command.args(["-shared", "-fPIC", "-O1", "-w", "-fvisibility=hidden"]).args(flags);
    for include in includes {
        command.arg("-I").arg(include);
    }
    command.args(sources).arg("-o").arg(&fresh);
    let output = command.output().expect("the compiler runs");
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    fs::rename(&fresh, &library).expect("the target folder is writable");
    library
}

fn cpp(name: &str, sources: Vec<PathBuf>) -> PathBuf {
    let root = openfx();
    let includes = [root.join("include"), root.join("Support/include"), root.join("Support/Plugins/include")];
    // The reference sources are of 2015: auto_ptr, and a test for "linux" that strict standards do not define.
    build(name, compiler("CXX", &["c++", "g++", "clang++"]), &sources, &includes, &["-std=gnu++14"])
}

/// A reference plugin of the plain C API: `Examples/<folder>/<file>`.
pub fn example(folder: &str, file: &str) -> PathBuf {
    static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one_at_a_time = LOCK.lock();
    cpp(&format!("example-{folder}"), vec![openfx().join("Examples").join(folder).join(file)])
}

/// A reference plugin on the C++ support library: `Support/Plugins/<folder>/<file>`.
pub fn support(folder: &str, file: &str) -> PathBuf {
    static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one_at_a_time = LOCK.lock();
    let support = openfx().join("Support");
    let library = ["Core", "ImageEffect", "Interact", "Log", "MultiThread", "Params", "Property", "PropertyValidation"];
    let mut sources: Vec<_> = library.iter().map(|part| support.join(format!("Library/ofxs{part}.cpp"))).collect();
    sources.push(support.join("Plugins").join(folder).join(file));
    cpp(&format!("support-{folder}"), sources)
}

/// Our own test plugin.
pub fn own() -> PathBuf {
    static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one_at_a_time = LOCK.lock();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/host_plugin.c");
    build("own", compiler("CC", &["cc", "gcc", "clang"]), &[source], &[openfx().join("include")], &["-std=gnu11"])
}
