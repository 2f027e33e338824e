//! A parameter's value over time: a constant, or keys with interpolation between them.
//!
//! Numbers are interpolated linearly; whole numbers, choices, check boxes and text hold the value of the last key. Before the first key
//! and after the last one the value stays. Derivative and integral follow from that exactly.

use super::{ParamKind, Value};
use std::ffi::CStr;
use std::sync::Arc;

/// Keys closer together than this, in frames, are the same key.
const SAME_TIME: f64 = 1e-6;

/// A value as it is kept: whole numbers, numbers or text, as many as the kind has dimensions.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Datum {
    Int(Vec<i32>),
    Double(Vec<f64>),
    Text(Arc<CStr>),
}

impl Datum {
    /// The plain value of a parameter of this kind.
    pub(super) fn value(&self, kind: ParamKind) -> Value {
        match (self, kind) {
            (Self::Int(values), ParamKind::Boolean) => Value::Boolean(values.first().is_some_and(|value| *value != 0)),
            (Self::Int(values), _) => match values[..] {
                [x, y] => Value::Integer2D([x, y]),
                [x, y, z] => Value::Integer3D([x, y, z]),
                _ => Value::Integer(values.first().copied().unwrap_or(0)),
            },
            (Self::Double(values), _) => match values[..] {
                [x, y] => Value::Double2D([x, y]),
                [x, y, z] => Value::Double3D([x, y, z]),
                [x, y, z, w] => Value::Double4D([x, y, z, w]),
                _ => Value::Double(values.first().copied().unwrap_or(0.0)),
            },
            (Self::Text(text), _) => Value::Text(text.to_string_lossy().into_owned()),
        }
    }
}

/// One key.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    pub(super) time: f64,
    pub(super) datum: Datum,
}

/// A value over time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    constant: Datum,
    keys: Vec<Key>,
}

impl Curve {
    /// A constant.
    pub(super) fn constant(datum: Datum) -> Self {
        Self { constant: datum, keys: Vec::new() }
    }

    /// The keys, by time.
    pub(super) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// Whether there are keys.
    pub(super) fn is_animated(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Sets the value of a constant; where there are keys, sets one at `time`.
    pub(super) fn set(&mut self, time: f64, datum: Datum) {
        if self.is_animated() {
            self.set_key(time, datum);
        } else {
            self.constant = datum;
        }
    }

    /// Sets a key.
    pub(super) fn set_key(&mut self, time: f64, datum: Datum) {
        match self.position(time) {
            Ok(index) => {
                if let Some(key) = self.keys.get_mut(index) {
                    key.datum = datum;
                }
            }
            Err(index) => self.keys.insert(index, Key { time, datum }),
        }
    }

    /// Deletes the key at a time; returns whether there was one. When the last key goes, its value stays as the constant.
    pub(super) fn delete_key(&mut self, time: f64) -> bool {
        let Ok(index) = self.position(time) else { return false };
        let key = self.keys.remove(index);
        if self.keys.is_empty() {
            self.constant = key.datum;
        }
        true
    }

    /// Deletes all keys; the value at `time` stays as the constant.
    pub(super) fn delete_all_keys(&mut self, time: f64) {
        self.constant = self.at(time);
        self.keys.clear();
    }

    /// The index of the key at a time, or where it would go.
    pub(super) fn position(&self, time: f64) -> Result<usize, usize> {
        let index = self.keys.partition_point(|key| key.time < time - SAME_TIME);
        match self.keys.get(index) {
            Some(key) if (key.time - time).abs() <= SAME_TIME => Ok(index),
            _ => Err(index),
        }
    }

    /// The index of the first key after a time.
    pub(super) fn after(&self, time: f64) -> Option<usize> {
        self.keys.iter().position(|key| key.time > time + SAME_TIME)
    }

    /// The index of the last key before a time.
    pub(super) fn before(&self, time: f64) -> Option<usize> {
        self.keys.iter().rposition(|key| key.time < time - SAME_TIME)
    }

    /// The value at a time.
    pub(super) fn at(&self, time: f64) -> Datum {
        let next = self.keys.partition_point(|key| key.time <= time);
        let before = next.checked_sub(1).and_then(|index| self.keys.get(index));
        match (before, self.keys.get(next)) {
            (None, None) => self.constant.clone(),
            (None, Some(key)) | (Some(key), None) => key.datum.clone(),
            (Some(from), Some(to)) => blend(from, to, (time - from.time) / (to.time - from.time)),
        }
    }

    /// Change per frame at a time, for numbers; at a key the slope after it. None for other values.
    pub(super) fn derivative(&self, time: f64) -> Option<Vec<f64>> {
        let Datum::Double(here) = self.at(time) else { return None };
        let next = self.keys.partition_point(|key| key.time <= time);
        let pair = next.checked_sub(1).and_then(|index| self.keys.get(index)).zip(self.keys.get(next));
        let Some((from, to)) = pair else { return Some(vec![0.0; here.len()]) };
        let (Datum::Double(a), Datum::Double(b)) = (&from.datum, &to.datum) else { return None };
        Some(a.iter().zip(b).map(|(a, b)| (b - a) / (to.time - from.time)).collect())
    }

    /// The integral over time, for numbers; negative when `until` lies before `from`. None for other values.
    pub(super) fn integral(&self, from: f64, until: f64) -> Option<Vec<f64>> {
        let (start, end, sign) = if from <= until { (from, until, 1.0) } else { (until, from, -1.0) };
        let inner = self.keys.iter().map(|key| key.time).filter(|time| *time > start && *time < end);
        let stops: Vec<f64> = std::iter::once(start).chain(inner).chain(std::iter::once(end)).collect();
        let Datum::Double(mut previous) = self.at(start) else { return None };
        let mut sum = vec![0.0; previous.len()];
        for pair in stops.windows(2) {
            let [a, b] = pair else { continue };
            let Datum::Double(next) = self.at(*b) else { return None };
            for ((sum, p), n) in sum.iter_mut().zip(&previous).zip(&next) {
                // Between stops the value is a straight line, so the trapezium is exact.
                *sum += sign * (b - a) * (p + n) / 2.0;
            }
            previous = next;
        }
        Some(sum)
    }

    /// A copy of another curve with its keys moved by `offset`; with a range, only keys inside it, else all.
    pub(super) fn copied(&self, offset: f64, range: Option<(f64, f64)>) -> Self {
        let inside = |time: f64| range.is_none_or(|(first, last)| time >= first && time <= last);
        let keys = self.keys.iter().filter(|key| inside(key.time));
        let keys = keys.map(|key| Key { time: key.time + offset, datum: key.datum.clone() }).collect();
        let constant =
            if self.is_animated() { self.at(range.map_or(0.0, |range| range.0)) } else { self.constant.clone() };
        Self { constant, keys }
    }
}

fn blend(from: &Key, to: &Key, amount: f64) -> Datum {
    match (&from.datum, &to.datum) {
        (Datum::Double(a), Datum::Double(b)) => {
            Datum::Double(a.iter().zip(b).map(|(a, b)| a + (b - a) * amount).collect())
        }
        _ => from.datum.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp() -> Curve {
        let mut curve = Curve::constant(Datum::Double(vec![5.0]));
        curve.set_key(20.0, Datum::Double(vec![4.0]));
        curve.set_key(10.0, Datum::Double(vec![2.0]));
        curve
    }

    #[test]
    fn numbers_are_linear_between_keys_and_hold_outside() {
        let curve = ramp();
        let at = |time| if let Datum::Double(values) = curve.at(time) { values[0] } else { f64::NAN };
        assert_eq!([at(0.0), at(10.0), at(15.0), at(20.0), at(99.0)], [2.0, 2.0, 3.0, 4.0, 4.0]);
    }

    #[test]
    fn whole_numbers_step() {
        let mut curve = Curve::constant(Datum::Int(vec![0]));
        curve.set_key(1.0, Datum::Int(vec![1]));
        curve.set_key(5.0, Datum::Int(vec![9]));
        assert_eq!(curve.at(4.9), Datum::Int(vec![1]));
        assert_eq!(curve.at(5.0), Datum::Int(vec![9]));
    }

    #[test]
    fn derivative_and_integral_are_exact() {
        let curve = ramp();
        assert_eq!(curve.derivative(12.0), Some(vec![0.2]));
        assert_eq!(curve.derivative(5.0), Some(vec![0.0]));
        assert_eq!(curve.integral(8.0, 22.0), Some(vec![2.0 * 2.0 + 30.0 + 2.0 * 4.0]));
        assert_eq!(curve.integral(22.0, 8.0), Some(vec![-42.0]));
        assert_eq!(Curve::constant(Datum::Int(vec![1])).integral(0.0, 1.0), None);
    }

    #[test]
    fn setting_an_animated_value_keys_it_and_the_last_key_leaves_its_value() {
        let mut curve = ramp();
        curve.set(30.0, Datum::Double(vec![1.0]));
        assert_eq!(curve.keys().len(), 3);
        assert!(curve.delete_key(10.0) && curve.delete_key(20.0) && curve.delete_key(30.0));
        assert!(!curve.delete_key(30.0));
        assert_eq!(curve.at(0.0), Datum::Double(vec![1.0]));
    }

    #[test]
    fn copies_move_and_limit_keys() {
        let moved = ramp().copied(100.0, Some((15.0, 25.0)));
        assert_eq!(moved.keys().len(), 1);
        assert_eq!(moved.keys()[0].time, 120.0);
    }
}
