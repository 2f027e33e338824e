//! Compiles the reference host library, our driver and the example plugin, out of the sources that `openfx-sys` ships.
//! Objects are kept under the target folder and made again when their source is newer.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

/// How one source becomes an object.
#[derive(Clone, Copy, PartialEq)]
enum Language {
    C,
    Cpp,
}

/// The program that runs a plugin in the reference host.
pub fn driver() -> &'static Path {
    static DRIVER: OnceLock<PathBuf> = OnceLock::new();
    DRIVER.get_or_init(|| {
        let openfx = openfx_sources();
        let objects = compile_all(&openfx, &sources(&openfx));
        let driver = output_folder().join("driver");
        let mut link = compiler(Language::Cpp);
        link.arg("-o").arg(&driver).args(&objects);
        if cfg!(target_os = "linux") {
            link.arg("-ldl");
        }
        run(link, "link the reference host");
        driver
    })
}

/// A folder of plugins with the Basic example of the OpenFX sources in it.
pub fn example_plugins() -> PathBuf {
    let openfx = openfx_sources();
    let plugins = output_folder().join("plugins");
    let folder = plugins.join("Basic.ofx.bundle/Contents").join(architecture());
    std::fs::create_dir_all(&folder).unwrap();
    let mut build = compiler(Language::Cpp);
    build.args(["-shared", "-fPIC"]).arg("-I").arg(openfx.join("include"));
    build.arg("-I").arg(openfx.join("Examples/include")).arg(openfx.join("Examples/Basic/basic.cpp"));
    run_into(build, &folder.join("Basic.ofx"), "build the example plugin");
    plugins
}

/// The folder in a bundle that the reference host looks into (ofxhPluginCache.cpp).
fn architecture() -> &'static str {
    if cfg!(target_os = "macos") { "MacOS" } else { "Linux-x86-64" }
}

/// The OpenFX sources in the package `openfx-sys`, wherever cargo keeps it.
fn openfx_sources() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        // Packages of other platforms were never fetched, so cargo must not ask for them.
        .args(["metadata", "--format-version", "1", "--offline", "--filter-platform", &platform(), "--manifest-path"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .output()
        .expect("cargo, which runs this test, can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("cargo metadata lists packages");
    let package = packages.iter().find(|package| package["name"] == "openfx-sys").expect("openfx-sys is a dependency");
    let manifest = package["manifest_path"].as_str().expect("a package has a manifest");
    let sources = Path::new(manifest).parent().unwrap().join("openfx");
    assert!(sources.join("HostSupport").is_dir(), "no OpenFX sources in {}", sources.display());
    sources
}

/// The platform this test runs on, in the words of the compiler.
fn platform() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().expect("rustc, which built this test, can be run");
    let words = String::from_utf8_lossy(&output.stdout);
    let platform = words.lines().find_map(|line| line.strip_prefix("host: "));
    platform.expect("rustc names its platform").to_owned()
}

/// The host library, its XML parser, the demo host's classes and our driver.
fn sources(openfx: &Path) -> Vec<(PathBuf, Language)> {
    let library = openfx.join("HostSupport/src");
    let demo = openfx.join("HostSupport/examples");
    let expat = openfx.join("HostSupport/expat-2.0.1/lib");
    let mut sources: Vec<_> = std::fs::read_dir(&library)
        .expect("the host library has sources")
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "cpp"))
        .chain(
            ["HostDescriptor", "EffectInstance", "ClipInstance", "ParamInstance"]
                .map(|class| demo.join(format!("hostDemo{class}.cpp"))),
        )
        .chain([Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference_host/driver.cpp")])
        .map(|path| (path, Language::Cpp))
        .collect();
    sources.extend(["xmlparse.c", "xmlrole.c", "xmltok.c"].map(|file| (expat.join(file), Language::C)));
    sources.sort_by(|a, b| a.0.cmp(&b.0));
    sources
}

/// Compiles what is out of date on as many threads as there are processors.
fn compile_all(openfx: &Path, sources: &[(PathBuf, Language)]) -> Vec<PathBuf> {
    let queue = Mutex::new(sources.iter());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let Some((source, language)) = queue.lock().unwrap().next() else { break };
                    compile(openfx, source, *language);
                }
            });
        }
    });
    sources.iter().map(|(source, _)| object(source)).collect()
}

fn object(source: &Path) -> PathBuf {
    output_folder().join(source.file_name().unwrap()).with_extension("o")
}

fn compile(openfx: &Path, source: &Path, language: Language) {
    let object = object(source);
    if is_newer(&object, source) {
        return;
    }
    let host = openfx.join("HostSupport");
    let mut build = compiler(language);
    build.arg("-c").arg(source).arg("-DXML_STATIC").arg("-I").arg(host.join("expat-2.0.1/lib"));
    if language == Language::C {
        // What expat's configure script would have found out, and the defaults of its features.
        build.args(["-DHAVE_MEMMOVE", "-DXML_NS", "-DXML_DTD", "-DXML_CONTEXT_BYTES=1024", "-DBYTEORDER=1234"]);
    } else {
        // One of the demo's files relies on an include it does not make.
        build.args(["-include", "cstring", "-I"]).arg(openfx.join("include"));
        build.arg("-I").arg(host.join("include")).arg("-I").arg(host.join("examples"));
    }
    run_into(build, &object, &format!("compile {}", source.display()));
}

/// The compiler, in the dialect of sources from 2007 and without their warnings.
fn compiler(language: Language) -> Command {
    let (variable, fallbacks): (_, &[&str]) = match language {
        Language::C => ("CC", &["cc", "gcc", "clang"]),
        Language::Cpp => ("CXX", &["c++", "g++", "clang++"]),
    };
    let named = std::env::var(variable).ok();
    let found = named
        .into_iter()
        .chain(fallbacks.iter().map(ToString::to_string))
        .find(|name| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success()));
    let mut command = Command::new(found.unwrap_or_else(|| {
        panic!("no compiler among {fallbacks:?}: install one (Debian: apt install g++), or name it in {variable}")
    }));
    command.arg("-w");
    if language == Language::Cpp {
        command.arg("-std=gnu++11");
    }
    command
}

/// Runs a compiler whose result appears under its name only when it is complete.
fn run_into(mut command: Command, result: &Path, task: &str) {
    let unfinished = result.with_extension("unfinished");
    command.arg("-o").arg(&unfinished);
    run(command, task);
    std::fs::rename(&unfinished, result).unwrap();
}

fn run(mut command: Command, task: &str) {
    let output = command.output().unwrap_or_else(|error| panic!("cannot {task}: {error}"));
    assert!(output.status.success(), "cannot {task}:\n{}", String::from_utf8_lossy(&output.stderr));
}

fn is_newer(object: &Path, source: &Path) -> bool {
    let time = |path: &Path| std::fs::metadata(path).and_then(|data| data.modified()).ok();
    matches!((time(object), time(source)), (Some(object), Some(source)) if object > source)
}

/// Kept between runs.
fn output_folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reference_host");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
