//! Several writes as one step of the host's undo.

use std::ffi::CStr;

use super::access::Parameters;
use crate::suites::call;

/// An open undo group; it closes when dropped.
#[must_use = "the undo group closes when this is dropped"]
pub struct EditBlock<'a> {
    parameters: &'a Parameters,
    open: bool,
}

impl Parameters {
    /// Opens an undo group called `label` in the host's Edit menu. A host without undo groups makes single steps.
    pub fn edit(&self, label: &'static CStr) -> EditBlock<'_> {
        let suite = self.loaded.suites.parameter;
        // SAFETY: the set belongs to this instance, the label is static.
        let status = unsafe { call!(suite.paramEditBegin(self.set, label.as_ptr())) };
        if !status.is_ok() {
            log::debug!("the host answered {status} to paramEditBegin");
        }
        EditBlock { parameters: self, open: status.is_ok() }
    }
}

impl Drop for EditBlock<'_> {
    fn drop(&mut self) {
        if !self.open {
            return;
        }
        let suite = self.parameters.loaded.suites.parameter;
        // SAFETY: the set belongs to this instance, and the group was opened by `edit`.
        let status = unsafe { call!(suite.paramEditEnd(self.parameters.set)) };
        if !status.is_ok() {
            log::debug!("the host answered {status} to paramEditEnd");
        }
    }
}
