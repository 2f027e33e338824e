//! One parameter of an effect descriptor or instance.

use super::curve::{Curve, Datum};
use super::effect::Effect;
use super::handle::{Handle, Tag};
use super::property::{Element, NAMES, PropertySet, name, text, text_of};
use super::{HostError, ParamKind, Value, schema};
use openfx_sys as sys;
use parking_lot::Mutex;
use std::ffi::{CStr, CString};
use std::sync::{Arc, Weak};

/// A parameter. Descriptors have them too, only never with keys.
#[derive(Debug)]
pub(super) struct Param {
    pub(super) handle: Handle,
    pub(super) name: CString,
    pub(super) kind: ParamKind,
    pub(super) properties: Arc<PropertySet>,
    pub(super) effect: Weak<Effect>,
    curve: Mutex<Curve>,
}

impl Param {
    /// A parameter as the plugin defines it.
    pub(super) fn describe(
        effect: &Weak<Effect>,
        kind: ParamKind,
        label: &CStr,
        api: (i32, i32),
        closed: bool,
    ) -> Arc<Self> {
        let properties = schema::param(kind, api, closed);
        for key in NAMES.into_iter().chain([sys::kOfxParamPropScriptName as &[u8]]) {
            properties.put(name(key), vec![text(label)]);
        }
        properties.put(name(sys::kOfxParamPropType), vec![text(kind.ofx())]);
        Self::publish(effect.clone(), kind, label.to_owned(), properties)
    }

    /// The same parameter in an instance, at its default.
    pub(super) fn instantiate(&self, effect: &Weak<Effect>) -> Arc<Self> {
        let properties = self.properties.duplicate();
        properties.put(name(sys::kOfxPropType), vec![text(name(sys::kOfxTypeParameterInstance))]);
        Self::publish(effect.clone(), self.kind, self.name.clone(), properties)
    }

    fn publish(effect: Weak<Effect>, kind: ParamKind, label: CString, properties: Arc<PropertySet>) -> Arc<Self> {
        let start = default_of(kind, &properties).unwrap_or(Datum::Int(Vec::new()));
        let param = Arc::new(Self {
            handle: Handle::reserve(Tag::Object),
            name: label,
            kind,
            properties,
            effect,
            curve: Mutex::new(Curve::constant(start)),
        });
        param.handle.publish(&param);
        param
    }

    /// Its name as a Rust string.
    pub(super) fn label(&self) -> String {
        self.name.to_string_lossy().into_owned()
    }

    /// Reads the value over time.
    pub(super) fn read<R>(&self, look: impl FnOnce(&Curve) -> R) -> R {
        look(&self.curve.lock())
    }

    /// Changes the value over time, and the properties that follow from it.
    pub(super) fn write<R>(&self, change: impl FnOnce(&mut Curve) -> R) -> R {
        let (result, animated) = {
            let mut curve = self.curve.lock();
            let result = change(&mut curve);
            (result, curve.is_animated())
        };
        self.properties.put(name(sys::kOfxParamPropIsAnimating), vec![i32::from(animated)]);
        result
    }

    /// Whether it may have keys.
    pub(super) fn animates(&self) -> bool {
        self.kind.dimension() > 0 && self.properties.flag(name(sys::kOfxParamPropAnimates))
    }

    /// The labels of a choice.
    pub(super) fn choices(&self) -> Vec<String> {
        let labels = self.properties.all::<Arc<CStr>>(name(sys::kOfxParamPropChoiceOption)).unwrap_or_default();
        labels.iter().map(|label| label.to_string_lossy().into_owned()).collect()
    }

    /// A value from outside as this parameter keeps it.
    ///
    /// # Errors
    /// [`HostError::ValueType`] for a value of another type, a number outside the range, or an entry that the choice has not.
    pub(super) fn datum(&self, value: &Value) -> Result<Datum, HostError> {
        let datum = match (self.kind, value) {
            (ParamKind::Boolean, Value::Boolean(on)) => Some(Datum::Int(vec![i32::from(*on)])),
            (ParamKind::Choice, Value::Integer(index)) => self.entry(*index).map(|index| Datum::Int(vec![index])),
            (ParamKind::Choice, Value::Text(label)) => {
                let index = self.choices().iter().position(|choice| choice == label);
                index.and_then(|index| i32::try_from(index).ok()).map(|index| Datum::Int(vec![index]))
            }
            (ParamKind::String | ParamKind::Custom, Value::Text(text)) => Some(Datum::Text(text_of(text))),
            (ParamKind::Integer, Value::Integer(value)) => self.in_int_range(vec![*value]),
            (ParamKind::Integer2D, Value::Integer2D(values)) => self.in_int_range(values.to_vec()),
            (ParamKind::Integer3D, Value::Integer3D(values)) => self.in_int_range(values.to_vec()),
            (ParamKind::Double, Value::Double(value)) => self.in_range(vec![*value]),
            (ParamKind::Double, Value::Integer(value)) => self.in_range(vec![f64::from(*value)]),
            (ParamKind::Double2D, Value::Double2D(values)) => self.in_range(values.to_vec()),
            (ParamKind::Double2D, Value::Integer2D(values)) => self.in_range(values.map(f64::from).to_vec()),
            (ParamKind::Double3D | ParamKind::Rgb, Value::Double3D(values)) => self.in_range(values.to_vec()),
            (ParamKind::Double3D | ParamKind::Rgb, Value::Integer3D(values)) => {
                self.in_range(values.map(f64::from).to_vec())
            }
            (ParamKind::Rgba, Value::Double4D(values)) => self.in_range(values.to_vec()),
            _ => None,
        };
        datum.ok_or_else(|| HostError::ValueType {
            param: self.label(),
            expected: self.expectation(),
            found: format!("{value:?}"),
        })
    }

    fn entry(&self, index: i32) -> Option<i32> {
        usize::try_from(index).ok().filter(|index| *index < self.choices().len()).map(|_| index)
    }

    fn in_range(&self, values: Vec<f64>) -> Option<Datum> {
        // Colours may go beyond their nominal 0..1.
        let colour = matches!(self.kind, ParamKind::Rgb | ParamKind::Rgba);
        let fits = values.iter().all(|value| value.is_finite())
            && (colour
                || within(&values, self.limits::<f64>(sys::kOfxParamPropMin), self.limits(sys::kOfxParamPropMax)));
        fits.then_some(Datum::Double(values))
    }

    fn in_int_range(&self, values: Vec<i32>) -> Option<Datum> {
        let fits = within(&values, self.limits::<i32>(sys::kOfxParamPropMin), self.limits(sys::kOfxParamPropMax));
        fits.then_some(Datum::Int(values))
    }

    fn limits<T: Element>(&self, key: &'static [u8]) -> Vec<T> {
        self.properties.all(name(key)).unwrap_or_default()
    }

    /// What it takes, in words.
    fn expectation(&self) -> String {
        let bounds = |low: String, high: String| format!("{} from {low} to {high}", self.kind.words());
        match self.kind {
            ParamKind::Choice => format!("one of {}, or its index", self.choices().join(", ")),
            ParamKind::Integer | ParamKind::Integer2D | ParamKind::Integer3D => bounds(
                format!("{:?}", self.limits::<i32>(sys::kOfxParamPropMin)),
                format!("{:?}", self.limits::<i32>(sys::kOfxParamPropMax)),
            ),
            ParamKind::Double | ParamKind::Double2D | ParamKind::Double3D => bounds(
                format!("{:?}", self.limits::<f64>(sys::kOfxParamPropMin)),
                format!("{:?}", self.limits::<f64>(sys::kOfxParamPropMax)),
            ),
            kind => kind.words().to_owned(),
        }
    }
}

fn within<T: PartialOrd>(values: &[T], low: Vec<T>, high: Vec<T>) -> bool {
    values.iter().zip(low.iter().zip(&high)).all(|(value, (low, high))| low <= value && value <= high)
}

/// The default of a parameter of this kind; none for kinds without a value.
pub(super) fn default_of(kind: ParamKind, properties: &PropertySet) -> Option<Datum> {
    let key = name(sys::kOfxParamPropDefault);
    match kind {
        ParamKind::Group | ParamKind::Page | ParamKind::PushButton => None,
        ParamKind::String | ParamKind::Custom => Some(Datum::Text(properties.first(key))),
        kind if kind.is_whole() => properties.all(key).map(Datum::Int),
        _ => properties.all(key).map(Datum::Double),
    }
}

impl ParamKind {
    /// How many values it holds; none for groups, pages and buttons.
    pub(super) fn dimension(self) -> usize {
        match self {
            Self::Group | Self::Page | Self::PushButton => 0,
            Self::Integer | Self::Double | Self::Boolean | Self::Choice | Self::String | Self::Custom => 1,
            Self::Double2D | Self::Integer2D => 2,
            Self::Double3D | Self::Integer3D | Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }

    /// Whether its values are C ints.
    pub(super) fn is_whole(self) -> bool {
        matches!(self, Self::Integer | Self::Integer2D | Self::Integer3D | Self::Boolean | Self::Choice)
    }

    /// What it takes, in words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Integer => "a whole number",
            Self::Double => "a number",
            Self::Boolean => "true or false",
            Self::Choice => "one of its entries",
            Self::Rgba => "four numbers: red,green,blue,alpha",
            Self::Rgb => "three numbers: red,green,blue",
            Self::Double2D => "two numbers: x,y",
            Self::Integer2D => "two whole numbers: x,y",
            Self::Double3D => "three numbers: x,y,z",
            Self::Integer3D => "three whole numbers: x,y,z",
            Self::String | Self::Custom => "text",
            Self::Group | Self::Page => "no value",
            Self::PushButton => "no value: it is a button to press",
        }
    }
}
