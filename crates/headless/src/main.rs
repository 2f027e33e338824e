//! The `sam3roto` command. Everything is in [`headless::command`].

/// Frames come and go by the thousand.
#[global_allocator]
static BLOCKS: blocks::Blocks = blocks::Blocks;

fn main() -> std::process::ExitCode {
    headless::command::run(std::env::args_os())
}
