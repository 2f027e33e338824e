//! Keyframes of a parameter.

use super::access::Parameters;
use super::keys::Key;
use crate::error::Result;
use crate::names;
use crate::suites::call;

/// Where to look for a keyframe, seen from a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Strictly before the time.
    Before,
    /// At the time.
    At,
    /// Strictly after the time.
    After,
}

impl Parameters {
    /// How many keyframes a parameter has; 0 where the host will not tell (MLT, openfx-runner), although its value may
    /// change over time there.
    #[must_use]
    pub fn key_count(&self, key: impl Key) -> usize {
        if self.loaded.host.quirks.keys_are_hidden {
            return 0;
        }
        let Ok(handle) = self.handle(key) else { return 0 };
        let suite = self.loaded.suites.parameter;
        let mut count = 0;
        // SAFETY: the handle is the host's own and the target a local.
        let status = unsafe { call!(suite.paramGetNumKeys(handle.parameter, &raw mut count)) };
        if status.is_ok() { usize::try_from(count).unwrap_or(0) } else { 0 }
    }

    /// The time of keyframe `index`, 0 being the earliest.
    #[must_use]
    pub fn key_time(&self, key: impl Key, index: usize) -> Option<f64> {
        let handle = self.handle(key).ok()?;
        let suite = self.loaded.suites.parameter;
        let mut time = 0.0;
        // SAFETY: the handle is the host's own and the target a local.
        let status =
            unsafe { call!(suite.paramGetKeyTime(handle.parameter, u32::try_from(index).ok()?, &raw mut time)) };
        (status.is_ok() && time.is_finite()).then_some(time)
    }

    /// The times of all keyframes, ascending.
    #[must_use]
    pub fn key_times(&self, key: impl Key) -> Vec<f64> {
        let mut times: Vec<f64> = (0..self.key_count(key)).filter_map(|index| self.key_time(key, index)).collect();
        times.sort_by(f64::total_cmp);
        times
    }

    /// The time of the keyframe nearest to `time` in `direction`.
    ///
    /// Searches the list itself: `paramGetKeyIndex` is among the least tested functions of hosts.
    #[must_use]
    pub fn nearest_key(&self, key: impl Key, time: f64, direction: Direction) -> Option<f64> {
        let times = self.key_times(key);
        match direction {
            Direction::Before => times.into_iter().rev().find(|&key| key < time),
            Direction::At => times.into_iter().find(|&key| key == time),
            Direction::After => times.into_iter().find(|&key| key > time),
        }
    }

    /// Removes the keyframe at `time`.
    ///
    /// # Errors
    /// As [`Parameters::set`]; the host refuses where there is no key at that time.
    pub fn delete_key(&self, key: impl Key, time: f64) -> Result<()> {
        let handle = self.writable(key)?;
        let suite = self.loaded.suites.parameter;
        // SAFETY: the handle is the host's own.
        unsafe { call!(suite.paramDeleteKey(handle.parameter, time)) }
            .check("paramDeleteKey", key.name().to_string_lossy())
    }

    /// Removes every keyframe.
    ///
    /// # Errors
    /// As [`Parameters::set`].
    pub fn delete_all_keys(&self, key: impl Key) -> Result<()> {
        let handle = self.writable(key)?;
        let suite = self.loaded.suites.parameter;
        // SAFETY: the handle is the host's own.
        unsafe { call!(suite.paramDeleteAllKeys(handle.parameter)) }
            .check("paramDeleteAllKeys", key.name().to_string_lossy())
    }

    /// Whether the host says that the value changes over time.
    #[must_use]
    pub fn is_animating(&self, key: impl Key) -> bool {
        self.properties(key).and_then(|properties| properties.flag(names::PARAM_IS_ANIMATING)).unwrap_or(false)
    }

    /// Whether the host will set a keyframe by itself when the value is set.
    #[must_use]
    pub fn is_auto_keying(&self, key: impl Key) -> bool {
        self.properties(key).and_then(|properties| properties.flag(names::PARAM_IS_AUTO_KEYING)).unwrap_or(false)
    }
}
