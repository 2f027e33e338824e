//! The actions of the API.

use std::ffi::{c_char, c_void};

use openfx_sys as sys;

use crate::effect::Exported;
use crate::status::Status;

/// # Safety
/// The arguments are those of the API for the action.
pub(crate) unsafe fn main_entry<E: Exported>(
    _action: *const c_char,
    _handle: *const c_void,
    _in_arguments: sys::OfxPropertySetHandle,
    _out_arguments: sys::OfxPropertySetHandle,
) -> Status {
    Status::REPLY_DEFAULT
}
