//! Property sets: named, typed lists of values with dimension rules.

use super::Status;
use super::description::PropertyValues;
use super::handle::{Handle, Tag};
use super::schema::{Row, Start};
use openfx_sys as sys;
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::ffi::CStr;
use std::sync::Arc;

mod values;

pub(super) use values::{Element, Values, text, text_of};

/// No plugin has a use for more values in one property than this; a larger index is a mistake.
const MAX_DIMENSION: usize = 65_536;

/// An object's name and labels, which all start as the name.
pub(super) const NAMES: [&[u8]; 4] =
    [sys::kOfxPropName, sys::kOfxPropLabel, sys::kOfxPropShortLabel, sys::kOfxPropLongLabel];

/// The name of a property or action from a constant of the bindings.
pub(super) fn name(constant: &'static [u8]) -> &'static CStr {
    CStr::from_bytes_with_nul(constant).unwrap_or(c"")
}

#[derive(Debug, Clone)]
struct Property {
    values: Values,
    start: Values,
    fixed: bool,
    plugin_writes: bool,
}

/// Why a plugin's access to a property failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is no such property; plugins may try.
    Unknown,
    /// The property is of another type.
    Type(&'static str),
    /// The index or count is beyond the property's dimension.
    Index(usize),
    /// Only the host may set it.
    ReadOnly,
}

impl Refusal {
    /// What the plugin is told.
    pub(super) fn status(&self) -> Status {
        match self {
            Self::Unknown => Status::ERR_UNKNOWN,
            Self::Type(_) | Self::ReadOnly => Status::ERR_VALUE,
            Self::Index(_) => Status::ERR_BAD_INDEX,
        }
    }

    /// What is said about a failed write; none where trying is allowed.
    pub(super) fn problem(&self) -> Option<String> {
        match self {
            Self::Unknown => None,
            Self::Type(given) => Some(format!("it does not hold {given} values")),
            Self::Index(index) => Some(format!("it has no index {index}")),
            Self::ReadOnly => Some("only the host may set it".to_owned()),
        }
    }
}

/// A set of properties behind a handle.
#[derive(Debug)]
pub(super) struct PropertySet {
    handle: Handle,
    /// Whether only the keys that the host defined can be set.
    closed: bool,
    /// Shared between the set of a description and those of its instances until one of them changes a property: most
    /// never do, and an effect's parameters have some thousands.
    entries: Mutex<HashMap<Arc<CStr>, Arc<Property>>>,
}

impl PropertySet {
    /// A set of the given rows that are known to API version `api`, published under a handle of its own.
    pub(super) fn new(rows: &[&[Row]], api: (i32, i32), closed: bool) -> Arc<Self> {
        let set = Arc::new(Self::unpublished(rows, api, closed, Handle::reserve(Tag::Object)));
        set.handle.publish(&set);
        set
    }

    /// A set that another object answers for under `handle`.
    pub(super) fn unpublished(rows: &[&[Row]], api: (i32, i32), closed: bool, handle: Handle) -> Self {
        let set = Self { handle, closed, entries: Mutex::default() };
        set.add(rows, api);
        set
    }

    /// A copy under a handle of its own.
    pub(super) fn duplicate(&self) -> Arc<Self> {
        let entries = Mutex::new(self.entries.lock().clone());
        let set = Arc::new(Self { handle: Handle::reserve(Tag::Object), closed: self.closed, entries });
        set.handle.publish(&set);
        set
    }

    /// Adds the rows that are not there yet.
    pub(super) fn add(&self, rows: &[&[Row]], api: (i32, i32)) {
        let mut entries = self.entries.lock();
        for row in rows.iter().flat_map(|rows| rows.iter()).filter(|row| row.since <= api) {
            let start = match row.start {
                Start::Int(values) => Values::Int(values.to_vec()),
                Start::Double(values) => Values::Double(values.to_vec()),
                Start::Text(values) => Values::Text(values.iter().map(|value| text(name(value))).collect()),
                Start::Pointer => Values::Pointer(vec![0]),
            };
            let (fixed, plugin_writes) = (row.fixed, row.plugin_writes);
            let property = || Arc::new(Property { values: start.clone(), start, fixed, plugin_writes });
            entries.entry(text(name(row.name))).or_insert_with(property);
        }
    }

    /// Its handle.
    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Sets a property as the host: replaces values and type; a new one is read only for the plugin.
    pub(super) fn put<T: Element>(&self, key: &CStr, values: Vec<T>) {
        self.insert(key, T::wrap(values), false);
    }

    /// Defines a property that the plugin may set, as in the answers to an action; its dimension is fixed unless `any`.
    pub(super) fn offer<T: Element>(&self, key: &CStr, values: Vec<T>, any: bool) {
        let values = T::wrap(values);
        let property = Property { start: values.clone(), values, fixed: !any, plugin_writes: true };
        self.entries.lock().insert(text(key), Arc::new(property));
    }

    fn insert(&self, key: &CStr, values: Values, plugin_writes: bool) {
        let mut entries = self.entries.lock();
        if let Some(property) = entries.get_mut(key) {
            let property = Arc::make_mut(property);
            property.start = values.clone();
            property.values = values;
        } else {
            let property = Property { start: values.clone(), values, fixed: true, plugin_writes };
            entries.insert(text(key), Arc::new(property));
        }
    }

    /// All values of a property; none when it is missing or of another type.
    pub(super) fn all<T: Element>(&self, key: &CStr) -> Option<Vec<T>> {
        T::of(&self.entries.lock().get(key)?.values).cloned()
    }

    /// The first value of a property; the type's zero when it is missing.
    pub(super) fn first<T: Element>(&self, key: &CStr) -> T {
        self.all(key).and_then(|values| values.into_iter().next()).unwrap_or_default()
    }

    /// The first text of a property as a Rust string; empty when it is missing.
    pub(super) fn string(&self, key: &CStr) -> String {
        self.first::<Arc<CStr>>(key).to_string_lossy().into_owned()
    }

    /// Whether a whole-number flag is set.
    pub(super) fn flag(&self, key: &CStr) -> bool {
        self.first::<i32>(key) != 0
    }

    /// Reads one value for the plugin.
    pub(super) fn get<T: Element>(&self, key: &CStr, index: usize) -> Result<T, Refusal> {
        let entries = self.entries.lock();
        let property = entries.get(key).ok_or(Refusal::Unknown)?;
        let values = T::of(&property.values).ok_or(Refusal::Type(T::NAME))?;
        values.get(index).cloned().ok_or(Refusal::Index(index))
    }

    /// Reads `count` values for the plugin.
    pub(super) fn get_many<T: Element>(&self, key: &CStr, count: usize) -> Result<Vec<T>, Refusal> {
        let entries = self.entries.lock();
        let property = entries.get(key).ok_or(Refusal::Unknown)?;
        let values = T::of(&property.values).ok_or(Refusal::Type(T::NAME))?;
        values.get(..count).map(<[T]>::to_vec).ok_or(Refusal::Index(count))
    }

    /// Sets one value for the plugin; a property of any dimension grows as needed.
    pub(super) fn set<T: Element>(&self, key: &CStr, index: usize, value: T) -> Result<(), Refusal> {
        self.change::<T>(key, |values, fixed| {
            if index >= values.len() {
                if fixed || index >= MAX_DIMENSION {
                    return Err(Refusal::Index(index));
                }
                values.resize(index + 1, T::default());
            }
            if let Some(slot) = values.get_mut(index) {
                *slot = value;
            }
            Ok(())
        })
    }

    /// Sets the first values for the plugin; a property of any dimension takes exactly this many.
    pub(super) fn set_many<T: Element>(&self, key: &CStr, given: Vec<T>) -> Result<(), Refusal> {
        self.change::<T>(key, |values, fixed| {
            if given.len() > if fixed { values.len() } else { MAX_DIMENSION } {
                return Err(Refusal::Index(given.len()));
            }
            if fixed {
                for (slot, value) in values.iter_mut().zip(given) {
                    *slot = value;
                }
            } else {
                *values = given;
            }
            Ok(())
        })
    }

    fn change<T: Element>(
        &self,
        key: &CStr,
        apply: impl FnOnce(&mut Vec<T>, bool) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let mut entries = self.entries.lock();
        if !entries.contains_key(key) {
            if self.closed {
                return Err(Refusal::Unknown);
            }
            let empty = T::wrap(Vec::new());
            let property = Property { values: empty.clone(), start: empty, fixed: false, plugin_writes: true };
            entries.insert(text(key), Arc::new(property));
        }
        let property = entries.get_mut(key).ok_or(Refusal::Unknown)?;
        if !property.plugin_writes {
            return Err(Refusal::ReadOnly);
        }
        let property = Arc::make_mut(property);
        let fixed = property.fixed;
        apply(T::of_mut(&mut property.values).ok_or(Refusal::Type(T::NAME))?, fixed)?;
        let values = property.values.clone();
        for follower in followers(key) {
            if let Some(property) = entries.get_mut(name(follower)) {
                Arc::make_mut(property).values = values.clone();
            }
        }
        Ok(())
    }

    /// Puts a property back to what it was at first.
    pub(super) fn reset(&self, key: &CStr) -> Result<(), Refusal> {
        let mut entries = self.entries.lock();
        let property = entries.get_mut(key).ok_or(Refusal::Unknown)?;
        if !property.plugin_writes {
            return Err(Refusal::ReadOnly);
        }
        let property = Arc::make_mut(property);
        property.values = property.start.clone();
        Ok(())
    }

    /// Number of values of a property.
    pub(super) fn dimension(&self, key: &CStr) -> Result<usize, Refusal> {
        self.entries.lock().get(key).map(|property| property.values.len()).ok_or(Refusal::Unknown)
    }

    /// Every property as plain data.
    pub(super) fn plain(&self) -> BTreeMap<String, PropertyValues> {
        let entries = self.entries.lock();
        entries.iter().map(|(key, property)| (key.to_string_lossy().into_owned(), property.values.plain())).collect()
    }
}

/// Properties that the specification resets together with another (ofxCore.h on labels, ofxParam.h on ranges).
fn followers(key: &CStr) -> &'static [&'static [u8]] {
    let key = key.to_bytes_with_nul();
    if key == sys::kOfxPropLabel {
        &[sys::kOfxPropShortLabel, sys::kOfxPropLongLabel]
    } else if key == sys::kOfxParamPropMin {
        &[sys::kOfxParamPropDisplayMin]
    } else if key == sys::kOfxParamPropMax {
        &[sys::kOfxParamPropDisplayMax]
    } else {
        &[]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::schema;

    fn clip(closed: bool) -> Arc<PropertySet> {
        PropertySet::new(&[schema::CLIP], (1, 5), closed)
    }

    #[test]
    fn fixed_dimensions_refuse_and_free_ones_grow() {
        let set = clip(true);
        let optional = name(sys::kOfxImageClipPropOptional);
        assert_eq!(set.set(optional, 1, 1), Err(Refusal::Index(1)));
        let components = name(sys::kOfxImageEffectPropSupportedComponents);
        assert_eq!(set.set(components, 2, text(c"x")), Ok(()));
        assert_eq!(set.dimension(components), Ok(3));
        assert_eq!(set.get::<Arc<CStr>>(components, 0), Ok(text(c"")));
        assert_eq!(set.set(components, usize::MAX, text(c"x")), Err(Refusal::Index(usize::MAX)));
    }

    #[test]
    fn a_change_of_a_copy_or_of_the_original_leaves_the_other_as_it_was() {
        let (set, label) = (clip(true), name(sys::kOfxPropLabel));
        let copy = set.duplicate();
        copy.set(label, 0, text(c"Copy")).unwrap();
        assert_eq!((set.string(label), copy.string(label)), (String::new(), "Copy".to_owned()));
        set.put(label, vec![text(c"Original")]);
        assert_eq!(copy.string(label), "Copy");
        copy.reset(label).unwrap();
        assert_eq!((set.string(label), copy.string(label)), ("Original".to_owned(), String::new()));
    }

    #[test]
    fn types_are_kept() {
        let set = clip(true);
        let optional = name(sys::kOfxImageClipPropOptional);
        assert_eq!(set.set(optional, 0, 1.0), Err(Refusal::Type("double")));
        assert_eq!(set.get::<f64>(optional, 0), Err(Refusal::Type("double")));
    }

    #[test]
    fn unknown_keys_are_refused_by_closed_sets_only() {
        assert_eq!(clip(true).set(c"Own", 0, 1), Err(Refusal::Unknown));
        let open = clip(false);
        assert_eq!(open.set(c"Own", 0, 1), Ok(()));
        assert_eq!(open.get::<i32>(c"Own", 0), Ok(1));
    }

    #[test]
    fn labels_follow_the_label_and_reset_brings_the_start_back() {
        let set = clip(true);
        set.set(name(sys::kOfxPropLabel), 0, text(c"Footage")).unwrap();
        assert_eq!(set.string(name(sys::kOfxPropShortLabel)), "Footage");
        set.reset(name(sys::kOfxPropLabel)).unwrap();
        assert_eq!(set.string(name(sys::kOfxPropLabel)), "");
    }

    #[test]
    fn what_the_host_put_is_read_only() {
        let set = clip(true);
        set.put(c"Mine", vec![1]);
        assert_eq!(set.set(c"Mine", 0, 2), Err(Refusal::ReadOnly));
    }
}
