//! Link flags of the plugin.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // A host unloads the plugin with dlclose while thread pools of ours are alive and thread-local destructors are still registered:
    // unmapping their code crashes the host. The library stays mapped instead; loading it again finds it as it was.
    if matches!(env::var("CARGO_CFG_TARGET_OS").as_deref(), Ok("linux" | "freebsd")) {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
