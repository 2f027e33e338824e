//! Where values are looked for: the file, then the environment, then the command line. The last one wins.

use std::path::PathBuf;

use super::Settings;
use super::error::{Place, Problem, SettingsError};
use super::file;
use super::kind::Raw;
use super::places::{self, Variables};
use super::table::TABLE;

/// Names another settings file.
pub const FILE_VARIABLE: &str = "SAM3ROTO_SETTINGS";
/// The file's name in the user's configuration folder.
const FILE_NAME: &str = "settings.toml";

/// What settings are read from.
pub struct Sources<'a> {
    pub(super) variables: Variables<'a>,
    pub(super) command: &'a [(String, String)],
}

impl<'a> Sources<'a> {
    /// The process's own environment, with values of the command line.
    pub fn of_process(command: &'a [(String, String)]) -> Self {
        Self { variables: &|name| std::env::var_os(name), command }
    }

    /// Reads all of them.
    ///
    /// # Errors
    /// [`SettingsError`] with everything that is wrong anywhere.
    pub fn read(&self) -> Result<Settings, SettingsError> {
        let mut settings = Settings::default();
        let mut problems = Vec::new();
        if let Err(problem) = self.read_file(&mut settings, &mut problems) {
            problems.push(problem);
        }
        self.read_variables(&mut settings, &mut problems);
        self.read_command(&mut settings, &mut problems);
        problems.extend(settings.check().err());
        SettingsError::of(problems).map_or(Ok(settings), Err)
    }

    fn read_file(&self, settings: &mut Settings, problems: &mut Vec<Problem>) -> Result<(), Problem> {
        let named = (self.variables)(FILE_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        let is_named = named.is_some();
        let Some(path) = named.or_else(|| Some(places::configuration(self.variables)?.join(FILE_NAME))) else {
            return Ok(());
        };
        settings.file = Some(path.clone());
        match file::text_of(&path)? {
            Some(text) => file::apply(&text, &path, settings, problems),
            None if is_named => return Err(Problem::Missing { variable: FILE_VARIABLE, file: path }),
            None => {}
        }
        Ok(())
    }

    fn read_variables(&self, settings: &mut Settings, problems: &mut Vec<Problem>) {
        for row in TABLE {
            // An empty variable is one that is not set: scripts cannot always remove them.
            let Some(text) = (self.variables)(row.variable).filter(|text| !text.is_empty()) else { continue };
            problems.extend(settings.take(row.key, Raw::Text(&text), Place::Variable(row.variable)).err());
        }
    }

    fn read_command(&self, settings: &mut Settings, problems: &mut Vec<Problem>) {
        for (key, text) in self.command {
            problems.extend(settings.take(key, Raw::Text(text.as_ref()), Place::Command).err());
        }
    }
}
