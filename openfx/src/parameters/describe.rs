//! Telling the host of the parameters.

use std::ffi::CStr;
use std::ptr;

use openfx_sys as sys;

use super::row::{Kind, Row, TextMode};
use crate::entry::Loaded;
use crate::error::Result;
use crate::host::Host;
use crate::names;
use crate::properties::PropertySet;
use crate::suites::call;

/// Defines every row in the parameter set of a descriptor. A parameter that the host refuses is logged and left out; so
/// is a second definition, which MLT asks for by describing again.
pub(crate) fn describe(loaded: &Loaded, set: sys::OfxParamSetHandle, rows: &[&'static Row]) {
    for row in rows {
        match define(loaded, set, row) {
            Ok(properties) => fill(&properties, row, rows, &loaded.host),
            Err(error) => log::warn!("parameter {} is left out: {error}", row.name.to_string_lossy()),
        }
    }
}

fn define<'a>(loaded: &'a Loaded, set: sys::OfxParamSetHandle, row: &Row) -> Result<PropertySet<'a>> {
    let suite = loaded.suites.parameter;
    let mut properties = ptr::null_mut();
    // SAFETY: the set belongs to the descriptor; type and name are static C strings; the target is a local.
    unsafe { call!(suite.paramDefine(set, type_name(&row.kind).as_ptr(), row.name.as_ptr(), &raw mut properties)) }
        .check("paramDefine", row.name.to_string_lossy())?;
    // SAFETY: on success the host answered with the parameter's property set.
    Ok(unsafe { PropertySet::new(&loaded.suites.property, properties) })
}

/// Never `Bytes` (it takes Natron down) nor `StrChoice` (Natron cannot make the node).
fn type_name(kind: &Kind) -> &'static CStr {
    match kind {
        Kind::Boolean { .. } => names::TYPE_BOOLEAN,
        Kind::Integer { .. } => names::TYPE_INTEGER,
        Kind::Choice { .. } => names::TYPE_CHOICE,
        Kind::Double { .. } => names::TYPE_DOUBLE,
        Kind::Double2D { .. } => names::TYPE_DOUBLE_2D,
        Kind::Text { mode: TextMode::Custom, .. } => names::TYPE_CUSTOM,
        Kind::Text { .. } => names::TYPE_STRING,
        Kind::PushButton => names::TYPE_PUSH_BUTTON,
        Kind::Group { .. } => names::TYPE_GROUP,
        Kind::Page => names::TYPE_PAGE,
    }
}

fn fill(properties: &PropertySet<'_>, row: &Row, rows: &[&'static Row], host: &Host) {
    properties.offer(names::LABEL, 0, row.label);
    properties.offer(names::SHORT_LABEL, 0, row.label);
    properties.offer(names::LONG_LABEL, 0, row.label);
    properties.offer(names::PARAM_SCRIPT_NAME, 0, row.name);
    if let Some(hint) = row.hint {
        properties.offer(names::PARAM_HINT, 0, hint);
    }
    if let Some(parent) = row.parent {
        properties.offer(names::PARAM_PARENT, 0, parent);
    }
    // Only what departs from the default: the pages and groups of many hosts know no such keys.
    if row.secret {
        properties.offer(names::PARAM_SECRET, 0, true);
    }
    if !row.enabled {
        properties.offer(names::PARAM_ENABLED, 0, false);
    }
    match &row.kind {
        Kind::Group { open } => properties.offer(names::PARAM_GROUP_OPEN, 0, *open),
        Kind::Page => fill_page(properties, rows),
        Kind::PushButton => properties.offer(names::PARAM_EVALUATE_ON_CHANGE, 0, row.evaluates),
        kind => {
            fill_value(properties, row, host);
            fill_kind(properties, kind);
        }
    }
}

/// A page lists what has no parent of its own.
fn fill_page(properties: &PropertySet<'_>, rows: &[&'static Row]) {
    let children = rows.iter().filter(|row| row.parent.is_none() && !matches!(row.kind, Kind::Page));
    for (index, child) in (0..).zip(children) {
        properties.offer(names::PARAM_PAGE_CHILD, index, child.name);
    }
}

fn fill_value(properties: &PropertySet<'_>, row: &Row, host: &Host) {
    let host_animates = match row.kind {
        Kind::Boolean { .. } => host.animates_booleans,
        Kind::Choice { .. } => host.animates_choices,
        Kind::Text { .. } => host.animates_strings,
        _ => true,
    };
    // Said in every case: booleans animate by default in Resolve.
    properties.offer(names::PARAM_ANIMATES, 0, row.animates && host_animates);
    properties.offer(names::PARAM_EVALUATE_ON_CHANGE, 0, row.evaluates);
    properties.offer(names::PARAM_PERSISTENT, 0, row.persistent);
    let invalidation = if row.invalidates_all { names::INVALIDATE_ALL } else { names::INVALIDATE_VALUE_CHANGE };
    properties.offer(names::PARAM_CACHE_INVALIDATION, 0, invalidation);
}

fn fill_kind(properties: &PropertySet<'_>, kind: &Kind) {
    match *kind {
        Kind::Boolean { default } => properties.offer(names::PARAM_DEFAULT, 0, default),
        Kind::Integer { default, range, display } => {
            properties.offer(names::PARAM_DEFAULT, 0, default);
            fill_limits(properties, range, display, 1);
        }
        Kind::Choice { default, options } => {
            for (index, option) in (0..).zip(options) {
                properties.offer(names::PARAM_CHOICE_OPTION, index, *option);
            }
            properties.offer(names::PARAM_DEFAULT, 0, i32::try_from(default).unwrap_or(0));
        }
        Kind::Double { default, range, display, increment, digits } => {
            properties.offer(names::PARAM_DOUBLE_TYPE, 0, names::DOUBLE_PLAIN);
            properties.offer(names::PARAM_DEFAULT, 0, default);
            // Resolve clamps to -1..1 where either pair is missing.
            fill_limits(properties, range, display, 1);
            properties.offer(names::PARAM_INCREMENT, 0, increment);
            properties.offer(names::PARAM_DIGITS, 0, digits);
        }
        Kind::Double2D { default, range, display, increment, digits, position } => {
            if position {
                fill_position(properties);
            } else {
                properties.offer(names::PARAM_DOUBLE_TYPE, 0, names::DOUBLE_PLAIN);
            }
            properties.offer(names::PARAM_DEFAULT, 0, default[0]);
            properties.offer(names::PARAM_DEFAULT, 1, default[1]);
            fill_limits(properties, range, display, 2);
            properties.offer(names::PARAM_INCREMENT, 0, increment);
            properties.offer(names::PARAM_DIGITS, 0, digits);
        }
        Kind::Text { default, mode } => fill_text(properties, default, mode),
        Kind::PushButton | Kind::Group { .. } | Kind::Page => {}
    }
}

/// A position in the picture. The coordinate system is said explicitly: Nuke takes Normalised where it is not.
fn fill_position(properties: &PropertySet<'_>) {
    properties.offer(names::PARAM_DOUBLE_TYPE, 0, names::DOUBLE_XY_ABSOLUTE);
    properties.offer(names::PARAM_DEFAULT_COORDINATES, 0, names::COORDINATES_CANONICAL);
    if properties.flag(names::PARAM_HAS_HOST_HANDLE).unwrap_or(false) {
        properties.offer(names::PARAM_USE_HOST_HANDLE, 0, true);
    }
}

fn fill_text(properties: &PropertySet<'_>, default: &'static CStr, mode: TextMode) {
    // The mode comes first: some hosts decide by it what the default may be.
    let mode_name = match mode {
        TextMode::SingleLine => Some(names::STRING_SINGLE_LINE),
        TextMode::MultiLine => Some(names::STRING_MULTI_LINE),
        TextMode::FilePath => Some(names::STRING_FILE_PATH),
        TextMode::DirectoryPath => Some(names::STRING_DIRECTORY_PATH),
        TextMode::Label => Some(names::STRING_LABEL),
        TextMode::Custom => None,
    };
    if let Some(mode_name) = mode_name {
        properties.offer(names::PARAM_STRING_MODE, 0, mode_name);
    }
    if mode == TextMode::FilePath {
        properties.offer(names::PARAM_STRING_PATH_EXISTS, 0, false);
    }
    properties.offer(names::PARAM_DEFAULT, 0, default);
}

fn fill_limits<T: crate::properties::PropertyValue>(
    properties: &PropertySet<'_>,
    range: [T; 2],
    display: [T; 2],
    dimensions: i32,
) {
    for index in 0..dimensions {
        properties.offer(names::PARAM_MIN, index, range[0]);
        properties.offer(names::PARAM_MAX, index, range[1]);
        properties.offer(names::PARAM_DISPLAY_MIN, index, display[0]);
        properties.offer(names::PARAM_DISPLAY_MAX, index, display[1]);
    }
}
