use super::*;
use crate::roto::text::TextWords;
use inference::Key;
use raster::{Plane, RectI};
use std::sync::Arc;

fn geometry() -> FrameGeometry {
    FrameGeometry::new(RectI { x1: 0, y1: 0, x2: 100, y2: 100 }, [1.0, 1.0], 1.0, [100, 100])
}

fn point(slot: usize, position: [f64; 2], include: bool) -> PointPrompt {
    PointPrompt { slot, position, include }
}

fn boxed(slot: usize, edges: [f64; 4], meaning: BoxMeaning) -> BoxPrompt {
    BoxPrompt { slot, edges, meaning }
}

/// Prompts of the objects in their order.
fn frame<const N: usize>(objects: [ObjectPrompts; N]) -> FramePrompts {
    let mut frame = FramePrompts::default();
    for (slot, said) in frame.objects.iter_mut().zip(objects) {
        *slot = said;
    }
    frame
}

fn points(points: &[PointPrompt]) -> ObjectPrompts {
    ObjectPrompts { points: points.to_vec(), ..ObjectPrompts::default() }
}

fn boxes(boxes: &[BoxPrompt]) -> ObjectPrompts {
    ObjectPrompts { boxes: boxes.to_vec(), ..ObjectPrompts::default() }
}

fn words(text: &str, choice: TextChoice) -> TextWords {
    TextWords { text: text.to_owned(), threshold: 0.5, choice }
}

fn in_model(frame: &FramePrompts) -> ModelPrompts {
    to_model(frame, &MattePrompt::NotAsked, &geometry(), Selection::default())
}

fn told(prompts: &ModelPrompts) -> Vec<&str> {
    prompts.left_out().collect()
}

#[test]
fn positions_come_in_model_pixels_from_the_top() {
    let prompts = in_model(&frame([points(&[point(0, [50.0, 100.0], true), point(1, [50.0, 1.0], false)])]));
    let first = prompts.objects[0].as_ref().unwrap();
    assert_eq!(first.points, [([50.0, 0.0], true), ([50.0, 99.0], false)]);
    let prompts = in_model(&frame([boxes(&[boxed(0, [20.0, 10.0, 80.0, 60.0], BoxMeaning::Round)])]));
    assert_eq!(prompts.objects[0].as_ref().unwrap().bounding_box, Some([20.0, 40.0, 80.0, 90.0]));
    assert!(told(&prompts).is_empty());
}

#[test]
fn an_empty_box_is_left_out_and_told() {
    for edges in [[5.0, 5.0, 5.0, 60.0], [-50.0, -50.0, -10.0, -10.0], [9.0, 0.0, 9.0, 9.0]] {
        let prompts = in_model(&frame([boxes(&[boxed(0, edges, BoxMeaning::Round)])]));
        assert!(prompts.objects[0].is_none(), "{edges:?}");
        assert!(told(&prompts)[0].starts_with("The box is empty"), "{:?}", told(&prompts));
    }
}

#[test]
fn a_point_off_the_picture_is_left_out_and_named() {
    let prompts = in_model(&frame([points(&[point(2, [500.0, 2.0], true)])]));
    assert!(prompts.objects[0].is_none());
    assert!(told(&prompts)[0].starts_with("Point 3 at 500.0, 2.0"), "{:?}", told(&prompts));
    assert!(told(&prompts)[1].contains("what the object is"));
}

#[test]
fn of_two_boxes_round_one_object_the_second_is_told_of() {
    let inside = [10.0, 10.0, 50.0, 50.0];
    let both = [boxed(0, inside, BoxMeaning::Round), boxed(3, [0.0, 0.0, 9.0, 9.0], BoxMeaning::Round)];
    let prompts = in_model(&frame([boxes(&both)]));
    assert_eq!(prompts.objects[0].as_ref().unwrap().bounding_box, Some([10.0, 50.0, 50.0, 90.0]));
    assert_eq!(told(&prompts), ["Box 4 is ignored: Box is already drawn round Object 1."]);
}

#[test]
fn an_object_of_exclude_points_alone_does_not_keep_the_others_from_coming_out() {
    let frame = frame([points(&[point(0, [5.0, 5.0], true)]), points(&[point(1, [6.0, 6.0], false)])]);
    let prompts = in_model(&frame);
    assert!(prompts.say_what(Selection::default()));
    assert!(prompts.objects[1].is_none());
    assert!(told(&prompts)[0].contains("what Object 2 is"), "{:?}", told(&prompts));
}

#[test]
fn only_the_objects_that_the_matte_depends_on_are_looked_at() {
    let frame = frame([points(&[point(0, [5.0, 5.0], true)]), points(&[point(1, [-600.0, 6.0], false)])]);
    let first = Selection::from_parameters(1, false);
    let prompts = to_model(&frame, &MattePrompt::NotAsked, &geometry(), first);
    assert!(prompts.say_what(first) && told(&prompts).is_empty(), "{:?}", told(&prompts));
    let third = Selection::from_parameters(3, false);
    let prompts = to_model(&frame, &MattePrompt::NotAsked, &geometry(), third);
    assert!(!prompts.say_what(third));
    assert!(told(&prompts)[0].contains("what Object 3 is"), "{:?}", told(&prompts));
    let shared = Selection::from_parameters(3, true);
    let prompts = to_model(&frame, &MattePrompt::NotAsked, &geometry(), shared);
    assert!(prompts.objects[0].is_some() && !prompts.say_what(shared), "others alone show nothing");
}

#[test]
fn nothing_is_told_of_an_object_that_is_known_otherwise() {
    let frame = frame([points(&[point(0, [-5.0, 5.0], true)]), points(&[point(1, [6.0, -6.0], true)])]);
    let prompts = in_model(&frame).but_those(|object| object == 0);
    assert_eq!(told(&prompts).len(), 2, "{:?}", told(&prompts));
    assert!(told(&prompts).iter().all(|words| words.contains("Point 2") || words.contains("Object 2")));
}

#[test]
fn a_text_says_what_the_first_object_is() {
    let mut said = frame([]);
    said.text = words("  a cat ", TextChoice::Number(3));
    let prompts = in_model(&said);
    let text = prompts.objects[0].as_ref().unwrap().text.as_ref().unwrap();
    assert_eq!((text.text.as_str(), text.choose), ("a cat", Choose::Index(2)));
    assert!(prompts.have_text() && told(&prompts).is_empty());
}

#[test]
fn an_example_stands_without_a_text_and_a_counterexample_does_not() {
    let edges = [10.0, 10.0, 50.0, 50.0];
    let prompts = in_model(&frame([boxes(&[boxed(1, edges, BoxMeaning::Like)])]));
    let text = prompts.objects[0].as_ref().unwrap().text.as_ref().unwrap();
    assert_eq!(text.exemplars, [([10.0, 50.0, 50.0, 90.0], true)]);
    let prompts = in_model(&frame([boxes(&[boxed(1, edges, BoxMeaning::Unlike)])]));
    assert!(prompts.objects[0].is_none());
    assert!(told(&prompts)[0].contains("Unlike this"), "{:?}", told(&prompts));
}

#[test]
fn the_point_that_chooses_does_not_refine() {
    let mut said = frame([points(&[point(0, [5.0, 5.0], true), point(1, [9.0, 9.0], true)])]);
    said.text = words("cat", TextChoice::UnderPoint1);
    let prompts = in_model(&said);
    let first = prompts.objects[0].as_ref().unwrap();
    assert_eq!(first.text.as_ref().unwrap().choose, Choose::Under { x: 5.0, y: 95.0 });
    assert_eq!(first.points, [([9.0, 91.0], true)]);
}

#[test]
fn a_choice_without_its_point_is_told() {
    for chooser in [point(0, [5.0, 5.0], false), point(0, [-5.0, 5.0], true), point(1, [5.0, 5.0], true)] {
        let mut said = frame([points(&[chooser])]);
        said.text = words("cat", TextChoice::UnderPoint1);
        let prompts = in_model(&said);
        assert!(told(&prompts).iter().any(|words| words.contains("under Point 1")), "{:?}", told(&prompts));
        assert!(!prompts.have_text());
    }
}

#[test]
fn a_mask_that_the_text_contradicts_is_told() {
    let mut said = frame([]);
    said.text = words("cat", TextChoice::All);
    let prompts = to_model(&said, &MattePrompt::Missing, &geometry(), Selection::default());
    assert_eq!(told(&prompts), ["The Matte input is ignored: the text already says what Object 1 is."]);
}

#[test]
fn a_mask_alone_says_what_the_object_is() {
    let mask = MaskPrompt { plane: Arc::new(Plane::new(1, 1, 1.0)), key: Key(1) };
    let prompt = ObjectPrompt { mask: Some(mask), points: vec![([1.0; 2], false)], ..ObjectPrompt::default() };
    assert!(prompt.says_what() && !prompt.points_out() && prompt.has_clicks());
}
