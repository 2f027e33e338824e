use super::*;
use crate::roto::matte_prompt::MaskPrompt;
use crate::roto::text::ModelText;
use raster::Plane;
use segment::text::Choose;
use std::sync::Arc;

fn at(x: f32) -> ObjectPrompt {
    ObjectPrompt { points: vec![([x, 2.0], true)], ..ObjectPrompt::default() }
}

fn objects<const N: usize>(prompts: [Option<ObjectPrompt>; N]) -> KeyedObjects {
    let mut all = ModelPrompts::default();
    for (slot, prompt) in all.objects.iter_mut().zip(prompts) {
        *slot = prompt;
    }
    KeyedObjects(all)
}

struct KeyedObjects(ModelPrompts);

impl KeyedObjects {
    fn key(&self, selection: Selection) -> Key {
        add_objects(KeyBuilder::new("t"), &self.0, selection).finish()
    }
}

#[test]
fn everything_said_of_an_object_is_in_the_name_of_its_mask() {
    let mask = |key| MaskPrompt { plane: Arc::new(Plane::new(1, 1, 1.0)), key: Key(key) };
    let text = ModelText { text: "cat".into(), exemplars: Vec::new(), threshold: 0.5, choose: Choose::All };
    let prompts = [
        at(1.0),
        at(1.5),
        ObjectPrompt { points: vec![([1.0, 2.0], false)], ..ObjectPrompt::default() },
        ObjectPrompt { points: vec![([1.0, 2.0], true); 2], ..ObjectPrompt::default() },
        ObjectPrompt { bounding_box: Some([1.0, 2.0, 3.0, 4.0]), ..ObjectPrompt::default() },
        ObjectPrompt { mask: Some(mask(1)), ..at(1.0) },
        ObjectPrompt { mask: Some(mask(2)), ..at(1.0) },
        ObjectPrompt { text: Some(text), ..at(1.0) },
    ];
    let mut keys: Vec<_> = prompts.iter().map(|prompt| decoded_key(Key(1), Key(2), prompt).0).collect();
    keys.extend([decoded_key(Key(3), Key(2), &at(1.0)).0, decoded_key(Key(1), Key(3), &at(1.0)).0]);
    let count = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), count);
}

#[test]
fn an_object_has_one_name_under_every_number_while_it_shares_with_nobody() {
    let all = Selection::default();
    let first = objects([Some(at(1.0))]).key(all);
    assert_eq!(objects([None, Some(at(1.0))]).key(all), first);
    assert_eq!(objects([Some(at(1.0))]).key(Selection::from_parameters(1, false)), first);
    assert_ne!(objects([Some(at(1.0)), Some(at(5.0))]).key(all), first);
}

#[test]
fn sharing_counts_where_one_comes_out_alone() {
    let both = objects([Some(at(1.0)), Some(at(5.0))]);
    let key = |out, exclusive| both.key(Selection::from_parameters(out, exclusive));
    assert_eq!(key(0, true), key(0, false), "all of them together cover the same");
    let keys = [key(0, false), key(1, true), key(2, true)];
    assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2]);
}
