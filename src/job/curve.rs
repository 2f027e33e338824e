//! A parameter over time as the job file can say it: a value, or keys. The command goes from key to key in a straight
//! line (numbers) or in steps (all else); hosts have other curves too, which are told frame by frame.

use openfx::AnyValue;

/// How far a straight line may be from the host's curve, as a share of the value or, near 0, as such: rounding.
const ROUNDING: f64 = 1e-9;

/// A parameter over time.
#[derive(Debug, Clone, PartialEq)]
pub enum Curve {
    /// The same at all times.
    Constant(AnyValue),
    /// Keys by frame, ascending.
    Keys(Vec<(i32, AnyValue)>),
}

impl Curve {
    /// The curve of `value` with keyframes at `keys`. Where the way between two of them is not the command's, each frame
    /// of `frames` becomes a key; unless `exactly`, for prompts, whose keyframes mean something and whose way does not.
    ///
    /// # Errors
    /// What `value` answers.
    pub fn of<E>(
        keys: &[i32],
        frames: &[i32],
        exactly: bool,
        value: impl Fn(i32) -> Result<AnyValue, E>,
    ) -> Result<Self, E> {
        let at = |times: &[i32]| times.iter().map(|&time| Ok((time, value(time)?))).collect::<Result<Vec<_>, E>>();
        let keyed = at(keys)?;
        if exactly {
            return Ok(Self::Keys(keyed));
        }
        let seen = at(frames)?;
        if seen.iter().all(|(time, value)| between(&keyed, *time).is_some_and(|line| is_same(&line, value))) {
            return Ok(Self::Keys(keyed));
        }
        Ok(Self::Keys(seen))
    }
}

/// What the command makes of the keys at a frame; `None` without keys.
fn between(keys: &[(i32, AnyValue)], time: i32) -> Option<AnyValue> {
    let after = keys.partition_point(|(key, _)| *key <= time);
    let (before, after) = (after.checked_sub(1).and_then(|index| keys.get(index)), keys.get(after));
    let (Some((start, first)), Some((end, last))) = (before, after) else {
        return before.or(after).map(|(_, value)| value.clone());
    };
    let share = f64::from(time - start) / f64::from(end - start);
    let mix = |first: f64, last: f64| first + share * (last - first);
    Some(match (first, last) {
        (AnyValue::Double(first), AnyValue::Double(last)) => AnyValue::Double(mix(*first, *last)),
        (AnyValue::Double2D(first), AnyValue::Double2D(last)) => {
            AnyValue::Double2D([mix(first[0], last[0]), mix(first[1], last[1])])
        }
        _ => first.clone(),
    })
}

fn is_same(a: &AnyValue, b: &AnyValue) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= ROUNDING * a.abs().max(b.abs()).max(1.0);
    match (a, b) {
        (AnyValue::Double(a), AnyValue::Double(b)) => near(*a, *b),
        (AnyValue::Double2D(a), AnyValue::Double2D(b)) => near(a[0], b[0]) && near(a[1], b[1]),
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn curve(keys: &[i32], exactly: bool, value: impl Fn(i32) -> AnyValue) -> Curve {
        let frames: Vec<i32> = (0..=8).collect();
        Curve::of(keys, &frames, exactly, |time| Ok::<_, Infallible>(value(time)))
            .unwrap_or_else(|never| match never {})
    }

    fn times(curve: &Curve) -> Vec<i32> {
        match curve {
            Curve::Constant(_) => Vec::new(),
            Curve::Keys(keys) => keys.iter().map(|(time, _)| *time).collect(),
        }
    }

    #[test]
    fn straight_lines_need_no_more_than_their_keys() {
        let line = curve(&[0, 3, 8], false, |time| AnyValue::Double(f64::from(if time < 3 { 7 * time } else { 21 })));
        assert_eq!(times(&line), [0, 3, 8]);
    }

    #[test]
    fn curves_are_told_frame_by_frame() {
        let smooth = |time: i32| AnyValue::Double2D([f64::from(time), f64::from(time * time)]);
        assert_eq!(times(&curve(&[0, 8], false, smooth)), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn a_value_that_only_steps_needs_no_more_than_its_keys() {
        let steps = |time: i32| AnyValue::Choice(usize::from(time >= 4));
        assert_eq!(times(&curve(&[0, 4], false, steps)), [0, 4]);
    }

    #[test]
    fn an_expression_without_keys_is_told_frame_by_frame() {
        assert_eq!(times(&curve(&[], false, AnyValue::Integer)).len(), 9);
    }

    #[test]
    fn keyframes_of_prompts_stay_those_that_the_artist_set() {
        let smooth = |time: i32| AnyValue::Double(f64::from(time * time));
        assert_eq!(times(&curve(&[0, 8], true, smooth)), [0, 8]);
    }
}
