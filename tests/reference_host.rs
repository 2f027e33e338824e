//! The bundle in the reference host: the C++ host library of the OpenFX sources loads, describes, instantiates and
//! renders it.
//!
//! The library comes with the source of the `openfx-sys` package and is compiled here, with a small driver of our own.
//! `SAM3ROTO_BUNDLE` names the bundle; without it the bundle's test says that it skips, and fails where
//! `SAM3ROTO_TESTS_REQUIRE=1` forbids that.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "reference_host/build.rs"]
mod build;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the driver printed, line by line.
struct Facts(String);

impl Facts {
    /// The facts between a context's description and its end.
    fn of_context(&self, context: &str) -> &str {
        let start = self.0.find(&format!("described {context} "));
        let start = start.unwrap_or_else(|| panic!("{context} was not described:\n{}", self.0));
        let rest = &self.0[start..];
        let end = rest.find(&format!("destroyed {context}"));
        &rest[..end.unwrap_or_else(|| panic!("{context} did not live to its end:\n{}", self.0))]
    }
}

/// The fact that begins with `name`, without the name.
fn fact<'a>(facts: &'a str, name: &str) -> &'a str {
    facts
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
        .unwrap_or_else(|| panic!("nothing was said of '{name}':\n{facts}"))
}

/// Takes the plugin called `identifier` through its life; `plugins` is the folder the host searches.
fn live(plugins: &Path, identifier: &str) -> Facts {
    let output = Command::new(build::driver())
        .arg(identifier)
        .env("OFX_PLUGIN_PATH", plugins)
        .output()
        .expect("the driver that was just built runs");
    let facts = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{facts}\n{errors}", output.status);
    assert!(facts.ends_with("unloaded\n"), "the host did not reach its end:\n{facts}\n{errors}");
    Facts(facts)
}

/// The bundle under test; `None` where there is none and that is allowed.
fn bundle() -> Option<PathBuf> {
    match std::env::var_os("SAM3ROTO_BUNDLE") {
        Some(path) => Some(std::path::absolute(path).unwrap()),
        None if std::env::var_os("SAM3ROTO_TESTS_REQUIRE").is_some_and(|value| value == "1") => {
            panic!("SAM3ROTO_BUNDLE is not set: build the bundle with `cargo xtask bundle`, or run `cargo xtask test`")
        }
        None => {
            let words = "SKIPPED: SAM3ROTO_BUNDLE is not set, so the bundle was NOT tried in the reference host.";
            // Past the test harness, which would keep the words of a passing test to itself.
            #[allow(clippy::explicit_write, reason = "eprintln is captured")]
            writeln!(std::io::stderr(), "{words}").unwrap();
            None
        }
    }
}

#[test]
fn the_reference_host_runs_the_example_plugin_of_its_own_sources() {
    let facts = live(&build::example_plugins(), "uk.co.thefoundry.BasicGainPlugin");
    for context in ["OfxImageEffectContextFilter", "OfxImageEffectContextGeneral"] {
        let facts = facts.of_context(context);
        assert_eq!(fact(facts, "create"), "0");
        assert_eq!(fact(facts, "render"), "0");
    }
}

#[test]
fn the_reference_host_loads_describes_instantiates_and_renders_the_bundle() {
    let Some(bundle) = bundle() else { return };
    assert!(bundle.is_dir(), "SAM3ROTO_BUNDLE is no folder: {}", bundle.display());
    let facts = live(bundle.parent().unwrap(), "org.sam3roto.Roto");
    assert!(facts.0.contains("found org.sam3roto.Roto 1."), "{}", facts.0);
    for context in ["OfxImageEffectContextFilter", "OfxImageEffectContextGeneral"] {
        let facts = facts.of_context(context);
        let described = fact(facts, &format!("described {context}"));
        for clip in ["Source", "Matte", "Output"] {
            assert!(described.contains(clip), "clip {clip} is missing: {described}");
        }
        assert!(described.ends_with("overlay=1"), "{described}");
        assert_eq!(fact(facts, "create"), "0");
        assert_eq!(fact(facts, "preferences"), "ok");
        assert_eq!(fact(facts, "definition"), "0 0 0 768 576");
        assert_eq!(fact(facts, "interest"), "0 0 0 768 576", "the whole source is wanted");
        // Without a prompt: a transparent matte, no complaint.
        assert_eq!(fact(facts, "render"), "0", "{facts}");
        assert!(!facts.contains("message OfxMessageError"), "{facts}");
    }
}
