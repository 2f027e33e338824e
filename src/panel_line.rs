//! A line of status in the panel. Renders write it down from any thread; it is shown in main-thread actions only, because
//! writing a parameter in a render crashes Nuke 17 and breaks Resolve's cache.

use openfx::{Instance, Result, TextKey};
use parking_lot::Mutex;

/// The line of one instance.
#[derive(Debug, Default)]
pub struct PanelLine {
    line: Mutex<String>,
    shown: Mutex<String>,
}

impl PanelLine {
    /// Takes note of what is to be shown next.
    pub fn write(&self, line: String) {
        *self.line.lock() = line;
    }

    /// Writes the line into the panel, where it is another than the one that is there. For actions of the main thread in
    /// which a parameter may be written: InstanceChanged and the pen's.
    ///
    /// # Errors
    /// The host's refusal.
    pub fn show(&self, instance: &Instance, key: TextKey) -> Result<()> {
        let line = self.line.lock().clone();
        if line.is_empty() || *self.shown.lock() == line {
            return Ok(());
        }
        self.shown.lock().clone_from(&line);
        instance.parameters().set(key, line)
    }
}
