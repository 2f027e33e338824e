//! The `sam3roto` command. Everything is in [`headless::command`].

fn main() -> std::process::ExitCode {
    headless::command::run(std::env::args_os())
}
