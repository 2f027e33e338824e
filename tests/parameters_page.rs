//! `docs/parameters.md` is what the effects say of themselves. To write it anew:
//! `SAM3ROTO_WRITE_DOCS=1 cargo test -p sam3roto --test parameters_page`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]
#![allow(dead_code, reason = "what the tests share serves others, too")]

mod support;

use std::path::Path;

use support::*;

#[test]
fn the_page_is_what_the_effects_say_of_themselves() {
    let Some(bundle) = from_environment("SAM3ROTO_BUNDLE") else { return };
    let output = sam3roto_beside(&bundle).args(["describe", "--markdown", "--bundle"]).arg(&bundle).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/parameters.md");
    if std::env::var_os("SAM3ROTO_WRITE_DOCS").is_some() {
        std::fs::write(&file, &said).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        written == said,
        "docs/parameters.md is not what the effects say: write it anew with SAM3ROTO_WRITE_DOCS=1"
    );
}
