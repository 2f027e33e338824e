//! The prompts of a frame in a model's pixels, object by object, and what had to be left out.

use segment::text::Choose;

use super::geometry::FrameGeometry;
use super::matte_prompt::{MaskPrompt, MattePrompt};
use super::objects::{OBJECTS, Selection};
use super::prompts::{BoxMeaning, BoxPrompt, FIRST_OBJECT, FramePrompts, ObjectPrompts, PointPrompt};
use super::text::{ModelText, TextChoice};

/// What is said of one object, in model pixels (y down).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ObjectPrompt {
    /// Points: x, y, include.
    pub points: Vec<([f32; 2], bool)>,
    /// Left, top, right, bottom, cut to the picture.
    pub bounding_box: Option<[f32; 4]>,
    /// Where the Matte clip says the object is.
    pub mask: Option<MaskPrompt>,
    /// What the object is called, and what it looks like.
    pub text: Option<ModelText>,
}

impl ObjectPrompt {
    /// Whether points or the box say where the object is. Exclude points alone do not.
    pub fn points_out(&self) -> bool {
        self.bounding_box.is_some() || self.points.iter().any(|&(_, include)| include)
    }

    /// Whether there are points or a box at all.
    pub fn has_clicks(&self) -> bool {
        self.bounding_box.is_some() || !self.points.is_empty()
    }

    /// Whether anything says what the object is.
    pub fn says_what(&self) -> bool {
        self.points_out() || self.mask.is_some() || self.text.is_some()
    }
}

/// What is said of the objects that a matte depends on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelPrompts {
    /// Those of which it is said what they are.
    pub objects: [Option<ObjectPrompt>; OBJECTS],
    /// What was left out, of which object, in words for the user.
    left_out: Vec<(usize, String)>,
}

impl ModelPrompts {
    /// The objects in their order.
    pub fn each(&self) -> impl Iterator<Item = (usize, &ObjectPrompt)> {
        self.objects.iter().enumerate().filter_map(|(object, prompt)| Some((object, prompt.as_ref()?)))
    }

    /// Without those objects that are known otherwise: nothing needs to be said of them, and nothing about them is told.
    #[must_use]
    pub fn but_those(mut self, known: impl Fn(usize) -> bool) -> Self {
        self.objects.iter_mut().enumerate().filter(|(object, _)| known(*object)).for_each(|(_, prompt)| *prompt = None);
        self.left_out.retain(|(object, _)| !known(*object));
        self
    }

    /// What was left out, in words for the user.
    pub fn left_out(&self) -> impl Iterator<Item = &str> {
        self.left_out.iter().map(|(_, words)| words.as_str())
    }

    /// Whether any object comes out.
    pub fn say_what(&self, selection: Selection) -> bool {
        self.each().any(|(object, _)| selection.shows(object))
    }

    /// Whether a text says what an object is.
    pub fn have_text(&self) -> bool {
        self.each().any(|(_, prompt)| prompt.text.is_some())
    }
}

/// Brings the prompts of the objects that the selection needs to model pixels. What lies off the picture, boxes without
/// area on it, and what contradicts other prompts is left out and told.
pub fn to_model(
    prompts: &FramePrompts,
    matte: &MattePrompt<'_>,
    geometry: &FrameGeometry,
    selection: Selection,
) -> ModelPrompts {
    let mut left_out = Vec::new();
    let one_alone = prompts.objects[1..].iter().all(ObjectPrompts::is_empty);
    let objects = std::array::from_fn(|object| {
        if !selection.needs(object) {
            return None;
        }
        let said = &prompts.objects[object];
        let mut tell = |words| left_out.push((object, words));
        let mut prompt = ObjectPrompt {
            points: points(said, geometry, &mut tell),
            bounding_box: bounding_box(object, said, geometry, &mut tell),
            ..ObjectPrompt::default()
        };
        if object == FIRST_OBJECT {
            prompt.text = text(prompts, geometry, &mut tell);
            if prompt.text.is_some() && prompts.text.choice == TextChoice::UnderPoint1 {
                leave_to_the_choice(said, &mut prompt.points, geometry);
            }
            prompt.mask = mask(matte, geometry, prompt.text.is_some(), &mut tell);
        }
        if prompt.says_what() {
            return Some(prompt);
        }
        let asked = selection.alone() == Some(object) || (object == FIRST_OBJECT && one_alone);
        if asked || !said.is_empty() {
            let name = if one_alone && object == FIRST_OBJECT {
                "the object".to_owned()
            } else {
                format!("Object {}", object + 1)
            };
            tell(format!("Nothing says what {name} is: add an include point on it, or a box round it."));
        }
        None
    });
    ModelPrompts { objects, left_out }
}

fn mask(
    matte: &MattePrompt<'_>,
    geometry: &FrameGeometry,
    has_text: bool,
    tell: &mut impl FnMut(String),
) -> Option<MaskPrompt> {
    if has_text && matte.is_asked() {
        tell("The Matte input is ignored: the text already says what Object 1 is.".to_owned());
        return None;
    }
    let (mask, missing) = matte.mask(geometry);
    missing.into_iter().for_each(tell);
    mask
}

fn points(said: &ObjectPrompts, geometry: &FrameGeometry, tell: &mut impl FnMut(String)) -> Vec<([f32; 2], bool)> {
    let mut points = Vec::new();
    for point in &said.points {
        let position = geometry.to_model(point.position);
        if geometry.contains(position) {
            points.push((position, point.include));
        } else {
            let [x, y] = point.position;
            tell(format!(
                "Point {} at {x:.1}, {y:.1} lies outside the picture and is ignored: move it or switch it off.",
                point.slot + 1
            ));
        }
    }
    points
}

fn bounding_box(
    object: usize,
    said: &ObjectPrompts,
    geometry: &FrameGeometry,
    tell: &mut impl FnMut(String),
) -> Option<[f32; 4]> {
    let mut kept: Option<(usize, [f32; 4])> = None;
    for said in said.boxes.iter().filter(|said| said.meaning == BoxMeaning::Round) {
        match (kept, on_picture(said, geometry, tell)) {
            (None, Some(edges)) => kept = Some((said.slot, edges)),
            (Some((first, _)), Some(_)) => tell(format!(
                "{} is ignored: {} is already drawn round Object {}.",
                box_name(said.slot),
                box_name(first),
                object + 1
            )),
            (_, None) => {}
        }
    }
    kept.map(|(_, edges)| edges)
}

/// A box in model pixels; `None`, told, where nothing of it lies on the picture.
fn on_picture(said: &BoxPrompt, geometry: &FrameGeometry, tell: &mut impl FnMut(String)) -> Option<[f32; 4]> {
    let clipped = box_to_model(said.edges, geometry);
    if clipped.is_none() {
        let (name, round) = match (said.slot, said.meaning) {
            (0, BoxMeaning::Round) => ("The box".to_owned(), "the object"),
            (slot, BoxMeaning::Round) => (box_name(slot), "the object"),
            (slot, _) => (box_name(slot), "the example"),
        };
        tell(format!("{name} is empty or outside the picture and is ignored: draw it round {round}."));
    }
    clipped
}

/// The label of a box in the panel.
fn box_name(slot: usize) -> String {
    if slot == 0 { "Box".to_owned() } else { format!("Box {}", slot + 1) }
}

/// The text as the model is asked; `None` where nothing is written and no example shows what is meant, or where the
/// point that is to choose is missing.
fn text(prompts: &FramePrompts, geometry: &FrameGeometry, tell: &mut impl FnMut(String)) -> Option<ModelText> {
    let first = &prompts.objects[FIRST_OBJECT];
    let mut exemplars = Vec::new();
    for said in first.boxes.iter().filter(|said| said.meaning != BoxMeaning::Round) {
        if let Some(edges) = on_picture(said, geometry, tell) {
            exemplars.push((edges, said.meaning == BoxMeaning::Like));
        }
    }
    let words = &prompts.text;
    if words.is_empty() && !exemplars.iter().any(|&(_, like)| like) {
        if !exemplars.is_empty() {
            tell("A box that says \"Unlike this\" needs a text, or a box that says \"Like this\".".to_owned());
        }
        return None;
    }
    let choose = match words.choice {
        TextChoice::All => Choose::All,
        TextChoice::Best => Choose::Best,
        TextChoice::Number(number) => Choose::Index(number.saturating_sub(1)),
        TextChoice::UnderPoint1 => {
            let place = prompts.objects.iter().find_map(choosing_point).map(|point| geometry.to_model(point.position));
            let Some([x, y]) = place.filter(|&place| geometry.contains(place)) else {
                tell(
                    "The text is ignored: to take what lies under Point 1, switch Point 1 on as Include and put it on the picture."
                        .to_owned(),
                );
                return None;
            };
            Choose::Under { x, y }
        }
    };
    Some(ModelText { text: words.text.trim().to_owned(), exemplars, threshold: words.threshold as f32, choose })
}

/// Point 1, where it is among these and includes.
fn choosing_point(said: &ObjectPrompts) -> Option<&PointPrompt> {
    said.points.iter().find(|point| point.slot == 0 && point.include)
}

/// Takes Point 1 out of the points that refine: it only chooses.
fn leave_to_the_choice(said: &ObjectPrompts, points: &mut Vec<([f32; 2], bool)>, geometry: &FrameGeometry) {
    let Some(chooser) = choosing_point(said) else { return };
    let place = (geometry.to_model(chooser.position), true);
    // Points come in slot order, and it is the first.
    if points.first() == Some(&place) {
        points.remove(0);
    }
}

/// A box smaller than this in model pixels, in either direction, holds nothing a model could see.
const SMALLEST_BOX: f32 = 1.0;

fn box_to_model(canonical: [f64; 4], geometry: &FrameGeometry) -> Option<[f32; 4]> {
    let [left, bottom, right, top] = canonical;
    let [x1, y1] = geometry.to_model([left, top]);
    let [x2, y2] = geometry.to_model([right, bottom]);
    let [w, h] = geometry.model_size().map(|n| n as f32);
    let clipped = [x1.max(0.0), y1.max(0.0), x2.min(w), y2.min(h)];
    // A comparison that is false for NaN too.
    let has_area = clipped[2] - clipped[0] >= SMALLEST_BOX && clipped[3] - clipped[1] >= SMALLEST_BOX;
    has_area.then_some(clipped)
}

#[cfg(test)]
#[path = "model_prompts_tests.rs"]
mod tests;
