//! The ONNX Runtime library that is missing, broken, foreign, old, repaired. One test, because a process has one
//! runtime and its steps build on each other.

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use inference::{Runtime, RuntimeError};

#[allow(clippy::expect_used)] // Only test functions are exempt from the lint, not their helpers.
fn failure(path: &Path) -> RuntimeError {
    let error = Runtime::load(path, 2).expect_err("this library cannot be used");
    let message = error.to_string();
    assert!(message.contains(&*path.to_string_lossy()), "the file is not named: {message}");
    assert_eq!(Runtime::load(path, 2).expect_err("remembered"), error);
    error
}

/// A library that claims to be ONNX Runtime of some version and has no API at all.
#[allow(clippy::unwrap_used)]
fn impostor(folder: &Path, version: &str) -> PathBuf {
    let (source, library) = (folder.join("impostor.c"), folder.join(format!("impostor-{version}.so")));
    let code = format!(
        "static const char *version(void) {{ return \"{version}\"; }}
         static const void *api(unsigned number) {{ (void)number; return 0; }}
         static struct {{ const void *(*api)(unsigned); const char *(*version)(void); }} base = {{ api, version }};
         const void *OrtGetApiBase(void) {{ return &base; }}"
    );
    fs::write(&source, code).unwrap();
    let compiler = Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&library, &source]).status().unwrap();
    assert!(compiler.success());
    library
}

#[test]
#[cfg(target_os = "linux")]
fn a_library_is_proved_before_use_and_works_once_repaired() {
    let Some(good) = support::library() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("libsam3roto_onnxruntime.so");

    assert!(matches!(failure(Path::new("libonnxruntime.so")), RuntimeError::NotAbsolute { .. }));
    assert!(matches!(failure(&path), RuntimeError::Missing { .. }));
    assert!(matches!(failure(&path.join("below a file")), RuntimeError::Missing { .. }));
    assert!(matches!(failure(folder.path()), RuntimeError::WrongKind { .. }));

    let whole = fs::read(&good).unwrap();
    for keep in [1000, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..keep]).unwrap();
        let error = failure(&path);
        assert!(matches!(error, RuntimeError::CutShort { found, .. } if found == keep as u64), "{error}");
    }
    fs::write(&path, "<html>not found</html>").unwrap();
    assert!(matches!(failure(&path), RuntimeError::WrongKind { .. }));

    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let libc = maps.lines().filter_map(|line| line.split_whitespace().last()).find(|name| name.contains("/libc.so"));
    assert!(matches!(failure(Path::new(libc.unwrap())), RuntimeError::NotOnnxRuntime { .. }));
    for version in ["1.17.0", "nonsense", "1.99.0"] {
        let error = failure(&impostor(folder.path(), version));
        assert!(matches!(&error, RuntimeError::TooOld { found, .. } if found == version), "{error}");
    }

    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(&good, &path).unwrap();
    let runtime = Runtime::load(&path, 2).expect("repaired");
    assert!(runtime.version().starts_with("1."), "{}", runtime.version());
    assert!(std::ptr::eq(runtime, Runtime::load(&path, 2).expect("loaded before")));
    assert!(std::ptr::eq(runtime, Runtime::load(&good, 2).expect("the same file by another name")));

    let other = folder.path().join("other.so");
    fs::copy(&good, &other).unwrap();
    let error = failure(&other);
    assert!(matches!(&error, RuntimeError::AnotherLoaded { loaded, .. } if *loaded == path), "{error}");
    let missing = folder.path().join("missing.so");
    assert!(matches!(failure(&missing), RuntimeError::Missing { .. }), "still told apart with a runtime loaded");
}
