//! How a shot is cut into tasks.

use crate::host::{Description, ParamDescription, PropertyValues};
use std::collections::{BTreeMap, BTreeSet};

/// The OpenFX property by which a parameter says that a change of it is one of the whole shot: with keyframes, that they
/// are prompt frames.
const CACHE_INVALIDATION: &str = "OfxParamPropCacheInvalidation";
const INVALIDATES_ALL: &str = "OfxParamInvalidateAll";

/// Most tasks of a step (Open Job Description, `<RangeList>`).
const MOST_TASKS: usize = 1024;

/// The prompt frames of a job: the keyframes of parameters that propagate.
pub(super) fn prompt_frames(
    description: &Description,
    keys: &BTreeMap<String, BTreeMap<i32, String>>,
) -> BTreeSet<i32> {
    let params: Vec<&ParamDescription> =
        description.described.iter().flat_map(|context| &context.params).filter(|param| propagates(param)).collect();
    let is_prompt = |name: &String| params.iter().any(|param| param.name == *name || param.script_name == *name);
    keys.iter().filter(|(name, _)| is_prompt(name)).flat_map(|(_, keys)| keys.keys().copied()).collect()
}

fn propagates(param: &ParamDescription) -> bool {
    let invalidates_all = match param.properties.get(CACHE_INVALIDATION) {
        Some(PropertyValues::Text(values)) => values.iter().any(|value| value == INVALIDATES_ALL),
        _ => false,
    };
    param.animates && invalidates_all
}

/// The spans of `first..=last` that `prompts` cut: each from a prompt frame to the next, both included, and what lies
/// before the first and after the last. Joined where there are more than a step can have.
pub(super) fn spans((first, last): (i32, i32), prompts: &BTreeSet<i32>) -> Vec<(i32, i32)> {
    let inside: Vec<i32> = prompts.iter().copied().filter(|&frame| frame > first && frame < last).collect();
    let stride = inside.len().div_ceil(MOST_TASKS - 1).max(1);
    let cuts = inside.into_iter().skip(stride - 1).step_by(stride);
    let bounds: Vec<i32> = std::iter::once(first).chain(cuts).chain([last]).collect();
    bounds.windows(2).map(|ends| (ends[0], ends[1])).collect()
}

/// The chunks of `frames` in parts of `size`; of more where a step cannot have as many tasks.
pub(super) fn chunks(frames: &[i32], size: usize) -> Vec<&[i32]> {
    frames.chunks(size.max(frames.len().div_ceil(MOST_TASKS)).max(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompt_frames_belong_to_the_spans_on_both_sides() {
        assert_eq!(spans((1, 100), &[12, 80].into()), [(1, 12), (12, 80), (80, 100)]);
    }

    #[test]
    fn prompts_at_the_ends_and_outside_cut_nothing() {
        assert_eq!(spans((1, 100), &[-5, 1, 100, 200].into()), [(1, 100)]);
        assert_eq!(spans((7, 7), &BTreeSet::new()), [(7, 7)]);
    }

    #[test]
    fn there_are_never_more_tasks_than_a_step_can_have() {
        let prompts: BTreeSet<i32> = (2..5000).collect();
        let many = spans((1, 5000), &prompts);
        assert!(many.len() <= MOST_TASKS, "{}", many.len());
        assert!(many.windows(2).all(|pair| pair[0].1 == pair[1].0), "they follow one another");
        assert_eq!((many[0].0, many[many.len() - 1].1), (1, 5000));
        let frames: Vec<i32> = (1..=5000).collect();
        assert!(chunks(&frames, 1).len() <= MOST_TASKS);
        assert_eq!(chunks(&frames, 24)[0].len(), 24);
    }
}
