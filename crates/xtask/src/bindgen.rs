//! libclang for the OpenFX bindings: the system's where it has one, else a fetched one.

use crate::environment::Environment;
use crate::error::Error;
use crate::pins;
use crate::programs::{capture, on_path};
use crate::store::obtain;
use crate::workspace::Workspace;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What bindgen needs to find libclang and the compiler's own headers. Empty where it finds both by itself.
pub fn environment(workspace: &Workspace) -> Result<Environment, Error> {
    let mut found = Environment::default();
    if env::var_os("LIBCLANG_PATH").is_none() && !system_has_libclang() {
        let folder = obtain(&workspace.downloads(), &pins::tool(workspace, "libclang")?)?;
        found.set("LIBCLANG_PATH", folder);
    }
    // Without a clang program bindgen has no builtin headers (stddef.h and the like); those of gcc serve as well.
    if env::var_os("BINDGEN_EXTRA_CLANG_ARGS").is_none()
        && on_path("clang").is_none()
        && let Some(headers) = gcc_headers()
    {
        found.set("BINDGEN_EXTRA_CLANG_ARGS", format!("-I{}", headers.display()));
    }
    Ok(found)
}

/// gcc's folder of builtin headers.
fn gcc_headers() -> Option<PathBuf> {
    let output = capture(Command::new("gcc").arg("-print-file-name=include"), "gcc", "").ok()?;
    // gcc answers with the bare name when it has no such folder.
    let folder = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    folder.join("stddef.h").is_file().then_some(folder)
}

/// Whether libclang lies where bindgen (its crate clang-sys) looks.
fn system_has_libclang() -> bool {
    usual_folders().iter().any(|folder| holds_libclang(folder))
}

fn holds_libclang(folder: &Path) -> bool {
    let Ok(entries) = folder.read_dir() else { return false };
    entries.flatten().any(|entry| is_libclang(&entry.file_name().to_string_lossy()))
}

/// The C library by any of its names; not `libclang-cpp`, and not the static archives.
fn is_libclang(name: &str) -> bool {
    if cfg!(windows) {
        return name == "libclang.dll" || name == "clang.dll";
    }
    let Some(rest) = name.strip_prefix("libclang") else { return false };
    let is_dynamic =
        if cfg!(target_os = "macos") { rest == ".dylib" } else { rest.ends_with(".so") || rest.contains(".so.") };
    is_dynamic
        && (rest.starts_with('.')
            || rest.strip_prefix('-').is_some_and(|version| version.starts_with(char::is_numeric)))
}

/// Where systems put it.
fn usual_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Ok(output) = capture(Command::new("llvm-config").arg("--libdir"), "llvm-config", "") {
        folders.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    let fixed: &[&str] = if cfg!(windows) {
        &["C:\\Program Files\\LLVM\\bin"]
    } else if cfg!(target_os = "macos") {
        &[
            "/opt/homebrew/opt/llvm/lib",
            "/usr/local/opt/llvm/lib",
            "/Library/Developer/CommandLineTools/usr/lib",
            "/Applications/Xcode.app/Contents/Developer/Toolchains/XcodeDefault.xctoolchain/usr/lib",
        ]
    } else {
        &["/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
    };
    folders.extend(fixed.iter().map(PathBuf::from));
    // Debian's llvm-14, Fedora's llvm17.
    for parent in ["/usr/lib", "/usr/lib64"] {
        let Ok(entries) = Path::new(parent).read_dir() else { continue };
        let versions = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with("llvm"));
        folders.extend(versions.map(|entry| entry.path().join("lib")));
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn the_c_library_is_told_from_its_siblings() {
        for name in ["libclang.so", "libclang.so.1", "libclang-14.so.1", "libclang-18.so"] {
            assert!(is_libclang(name), "{name}");
        }
        for name in ["libclang-cpp.so.14", "libclang.a", "libclangAST.a", "libclang_rt.so", "libc.so"] {
            assert!(!is_libclang(name), "{name}");
        }
    }
}
