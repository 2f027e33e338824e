//! Which rows of the panel count for now: the others are greyed out.

use openfx::{Change, Instance};

use super::parameters::{ACTIVE_OBJECT, BOXES, OBJECTS_OUT, POINTS, TEXT, TEXT_CHOICE, TEXT_NUMBER, TEXT_THRESHOLD};
use super::prompts::BoxMeaning;
use super::text::TextChoice;

/// Whether something changed that says what an object is.
pub fn is_prompt(change: &Change) -> bool {
    let of_point = POINTS
        .iter()
        .any(|keys| change.is(keys.used) || change.is(keys.object) || change.is(keys.kind) || change.is(keys.position));
    let of_box = BOXES.iter().any(|keys| {
        let corners = change.is(keys.corner_1) || change.is(keys.corner_2);
        corners || change.is(keys.used) || change.is(keys.object) || change.is(keys.meaning)
    });
    let of_text = change.is(TEXT) || change.is(TEXT_CHOICE) || change.is(TEXT_NUMBER) || change.is(TEXT_THRESHOLD);
    of_point || of_box || of_text || change.is(OBJECTS_OUT) || change.is(ACTIVE_OBJECT)
}

/// Greys out what belongs to slots that are off, and how to take what a text finds where there is none. Hosts with
/// handles of their own (Natron) then show those of the used slots only. What cannot be read stays as it is.
pub fn enable_used(instance: &Instance, time: f64) {
    let parameters = instance.parameters();
    for keys in &POINTS {
        let used = parameters.get(keys.used, time).unwrap_or(true);
        parameters.set_enabled(keys.object, used);
        parameters.set_enabled(keys.kind, used);
        parameters.set_enabled(keys.position, used);
    }
    let mut examples = false;
    for keys in &BOXES {
        let used = parameters.get(keys.used, time).unwrap_or(true);
        let meaning = parameters.get(keys.meaning, time).map(BoxMeaning::from_index).unwrap_or_default();
        examples |= used && meaning == BoxMeaning::Like;
        // An example belongs to the text, whatever object is named.
        parameters.set_enabled(keys.object, used && meaning == BoxMeaning::Round);
        parameters.set_enabled(keys.meaning, used);
        parameters.set_enabled(keys.corner_1, used);
        parameters.set_enabled(keys.corner_2, used);
    }
    let text = examples || parameters.get(TEXT, time).map_or(true, |text| !text.trim().is_empty());
    parameters.set_enabled(TEXT_THRESHOLD, text);
    parameters.set_enabled(TEXT_CHOICE, text);
    let choice = parameters.get(TEXT_CHOICE, time).map(|index| TextChoice::from_index(index, 1)).unwrap_or_default();
    parameters.set_enabled(TEXT_NUMBER, text && matches!(choice, TextChoice::Number(_)));
}
