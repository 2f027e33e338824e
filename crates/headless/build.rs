//! Compiles the variadic functions of the OFX host, which stable Rust cannot define.

fn main() {
    println!("cargo::rerun-if-changed=src/host/variadic.c");
    cc::Build::new().file("src/host/variadic.c").std("c99").warnings(true).compile("sam3roto_host_variadic");
    // The host's tests ask cargo for the sources of this platform's dependencies only.
    println!("cargo::rustc-env=SAM3ROTO_TARGET={}", std::env::var("TARGET").unwrap_or_default());
}
