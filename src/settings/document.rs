//! `docs/settings.md`, written from the table: `SAM3ROTO_WRITE_DOCS=1 cargo test -p sam3roto --lib settings`.

use std::fmt::Write;
use std::path::Path;

use super::Settings;
use super::table::TABLE;

const HEAD: &str = "\
# Settings

Nothing has to be set. What can be set, is set in one of three places; a later one wins over an earlier one:

1. the file `settings.toml` in the user's configuration folder, or the file that `SAM3ROTO_SETTINGS` names
2. the environment of the host
3. options of the `sam3roto` command, such as `render --cache`

| system  | settings file                                           | log file                                                    |
|---------|---------------------------------------------------------|-------------------------------------------------------------|
| Linux   | `~/.config/sam3roto/settings.toml` (`$XDG_CONFIG_HOME`) | `~/.local/state/sam3roto/sam3roto.log` (`$XDG_STATE_HOME`)  |
| macOS   | `~/Library/Application Support/sam3roto/settings.toml`  | `~/Library/Logs/sam3roto/sam3roto.log`                      |
| Windows | `%APPDATA%\\sam3roto\\settings.toml`                      | `%LOCALAPPDATA%\\sam3roto\\sam3roto.log`                     |

Settings are read when the first node of a session is made; a change needs a restart of the host. A wrong value, a
misspelt name or a line that cannot be read is refused: the node shows the file, the line and what is allowed, and
renders nothing until it is put right, which needs no restart. `sam3roto doctor` shows every setting and where its value
comes from.

";

const VARIABLES: &str = "
In the environment, switches are `on` or `off`, and lists are separated as in `PATH`. An empty variable counts as not
set.
";

/// The whole page.
fn document() -> String {
    let defaults = Settings::default();
    let mut page = HEAD.to_owned();
    page.push_str(&example(&defaults));
    page.push_str(VARIABLES);
    let mut section = "";
    for row in TABLE {
        let (of, key) = row.key.split_once('.').unwrap();
        if of != section {
            section = of;
            write!(page, "\n## [{section}]\n").unwrap();
        }
        write!(
            page,
            "\n### {key}\n\n{}\n\n* Default: {}\n* Allowed: {}\n* Variable: `{}`\n",
            row.meaning,
            row.kind.text(&defaults),
            row.kind.allowed(),
            row.variable
        )
        .unwrap();
    }
    page
}

/// A file that says what holds anyway.
fn example(defaults: &Settings) -> String {
    let written: Vec<String> = ["engine.threads", "cache.features_mb", "log.file"]
        .iter()
        .map(|key| {
            let row = TABLE.iter().find(|row| row.key == *key).unwrap();
            let (section, name) = key.split_once('.').unwrap();
            let text = row.kind.text(defaults);
            let word = text.split(' ').next().unwrap();
            let value = if word.parse::<u64>().is_ok() { word.to_owned() } else { format!("\"{word}\"") };
            format!("[{section}]\n{name} = {value}\n")
        })
        .collect();
    format!("```toml\n{}```\n", written.join("\n"))
}

#[test]
fn the_documentation_is_that_of_the_table() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/settings.md");
    if std::env::var_os("SAM3ROTO_WRITE_DOCS").is_some() {
        std::fs::write(&file, document()).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        written == document(),
        "docs/settings.md is not that of the table: write it anew with SAM3ROTO_WRITE_DOCS=1"
    );
}
