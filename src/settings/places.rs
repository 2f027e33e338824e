//! Where programs keep a user's things on each system.

use std::ffi::OsString;
use std::path::PathBuf;

/// The environment, or what a test puts in its place.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// Our folder among the user's configuration: `$XDG_CONFIG_HOME` or `~/.config` (XDG Base Directory Specification),
/// `%APPDATA%`, `~/Library/Application Support`.
pub fn configuration(variables: Variables<'_>) -> Option<PathBuf> {
    folder(variables, "XDG_CONFIG_HOME", &[".config"], "APPDATA", &["Library", "Application Support"])
}

/// Our folder among the user's data: `$XDG_DATA_HOME` or `~/.local/share`, `%LOCALAPPDATA%`,
/// `~/Library/Application Support`.
pub fn data(variables: Variables<'_>) -> Option<PathBuf> {
    folder(variables, "XDG_DATA_HOME", &[".local", "share"], "LOCALAPPDATA", &["Library", "Application Support"])
}

/// Our folder for logs: `$XDG_STATE_HOME` or `~/.local/state`, `%LOCALAPPDATA%`, `~/Library/Logs`.
pub fn state(variables: Variables<'_>) -> Option<PathBuf> {
    folder(variables, "XDG_STATE_HOME", &[".local", "state"], "LOCALAPPDATA", &["Library", "Logs"])
}

fn folder(
    variables: Variables<'_>,
    xdg: &str,
    below_home: &[&str],
    windows: &str,
    mac_below_home: &[&str],
) -> Option<PathBuf> {
    // The specification has relative paths ignored.
    let path = |name: &str| variables(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = |below: &[&str]| path("HOME").map(|home| below.iter().fold(home, |path, name| path.join(name)));
    let base = if cfg!(windows) {
        path(windows)
    } else if cfg!(target_os = "macos") {
        home(mac_below_home)
    } else {
        path(xdg).or_else(|| home(below_home))
    };
    base.map(|base| base.join("sam3roto"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn folders_follow_the_desktop_specification() {
        let bare = |name: &str| (name == "HOME").then(|| OsString::from("/home/a"));
        assert_eq!(configuration(&bare), Some("/home/a/.config/sam3roto".into()));
        assert_eq!(data(&bare), Some("/home/a/.local/share/sam3roto".into()));
        assert_eq!(state(&bare), Some("/home/a/.local/state/sam3roto".into()));
        let moved = |name: &str| (name == "XDG_STATE_HOME").then(|| OsString::from("/var/a"));
        assert_eq!(state(&moved), Some("/var/a/sam3roto".into()));
        assert_eq!(data(&moved), None);
        let relative = |name: &str| Some(OsString::from(if name == "HOME" { "/home/a" } else { "relative" }));
        assert_eq!(configuration(&relative), Some("/home/a/.config/sam3roto".into()));
    }
}
