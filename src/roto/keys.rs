//! The names under which pictures, masks and mattes are remembered: hashes of all they depend on, and of nothing else.

use inference::{Key, KeyBuilder};
use segment::Segmentation;

use super::model_prompts::{ModelPrompts, ObjectPrompt};
use super::objects::Selection;
use super::settings::Settings;

/// The name of a source picture at a model's size.
pub fn picture_key(source: Key, [width, height]: [usize; 2]) -> Key {
    let key = KeyBuilder::new("model picture 1").bytes(&source.0.to_le_bytes());
    key.number(width as u64).number(height as u64).finish()
}

/// The name of one object's decoded mask: the model, the encoded picture, and the prompts.
pub fn decoded_key(model: Key, embedding: Key, prompt: &ObjectPrompt) -> Key {
    let key = KeyBuilder::new("decoded 2").bytes(&model.0.to_le_bytes()).bytes(&embedding.0.to_le_bytes());
    add_prompt(key, prompt).finish()
}

/// The name of what a second look finds of the object of a mask, whose content says where it looks: the model, the picture,
/// the shape of its pixels, the mask, the points on it.
pub fn detail_key(model: Key, source: Key, pixel_aspect: f64, mask: &Segmentation, points: &[([f64; 2], bool)]) -> Key {
    let key = KeyBuilder::new("detail 1").bytes(&model.0.to_le_bytes()).bytes(&source.0.to_le_bytes());
    let key = key.number(pixel_aspect.to_bits()).number(mask.logits.width() as u64);
    let key = key.number(u64::from(mask.extent.0.to_bits())).number(u64::from(mask.extent.1.to_bits()));
    let logits: Vec<u8> = mask.logits.data().iter().flat_map(|logit| logit.to_le_bytes()).collect();
    let add = |key: KeyBuilder, &([u, v], include): &([f64; 2], bool)| {
        key.number(u.to_bits()).number(v.to_bits()).number(u64::from(include))
    };
    points.iter().fold(key.bytes(&logits).number(points.len() as u64), add).finish()
}

/// The name of a finished matte: the picture, the model and the size it worked at, the objects that count, the panel.
pub fn matte_key(
    source: Key,
    model: Key,
    [width, height]: [usize; 2],
    prompts: &ModelPrompts,
    settings: &Settings,
) -> Key {
    let key = KeyBuilder::new("finished matte 2").bytes(&source.0.to_le_bytes()).bytes(&model.0.to_le_bytes());
    let mut key = add_objects(key.number(width as u64).number(height as u64), prompts, settings.selection);
    for number in [settings.threshold, settings.softness, settings.edge_detail] {
        key = key.number(number.to_bits());
    }
    if settings.detail_pass {
        key = key.bytes(b"detail pass 1");
    }
    key.finish()
}

/// The objects that count, in their order. Which number an object has does not matter, unless it has to share the
/// picture with others.
fn add_objects(mut key: KeyBuilder, prompts: &ModelPrompts, selection: Selection) -> KeyBuilder {
    key = key.number(u64::from(selection.shared_by().is_some()));
    for (object, prompt) in prompts.each() {
        key = key.number(u64::from(selection.shared_by() == Some(object)));
        key = add_prompt(key, prompt);
    }
    key
}

fn add_prompt(mut key: KeyBuilder, prompt: &ObjectPrompt) -> KeyBuilder {
    key = key.number(prompt.points.len() as u64);
    for &([x, y], include) in &prompt.points {
        key = key.number(u64::from(x.to_bits())).number(u64::from(y.to_bits())).number(u64::from(include));
    }
    key = key.number(u64::from(prompt.bounding_box.is_some()));
    for edge in prompt.bounding_box.iter().flatten() {
        key = key.number(u64::from(edge.to_bits()));
    }
    key = key.number(u64::from(prompt.mask.is_some()));
    if let Some(mask) = &prompt.mask {
        key = key.bytes(&mask.key.0.to_le_bytes());
    }
    key = key.number(u64::from(prompt.text.is_some()));
    if let Some(text) = &prompt.text {
        key = text.add_to(key);
    }
    key
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
