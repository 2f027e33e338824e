//! The library's log: to the host's standard error, where a terminal or a render log shows it.

use std::sync::Once;

/// What is logged, by level or by module: `SAM3ROTO_LOG=debug`, `SAM3ROTO_LOG=inference=debug`. Warnings without it.
const VARIABLE: &str = "SAM3ROTO_LOG";

/// Starts logging, once in the process. Cheap to call again.
pub fn start() {
    static START: Once = Once::new();
    START.call_once(|| {
        let environment = env_logger::Env::new().filter_or(VARIABLE, "warn");
        let started = env_logger::Builder::from_env(environment).format_target(true).try_init();
        // The logger is this library's own: it can only be there already if this function ran before.
        debug_assert!(started.is_ok());
    });
}
