//! Prompts as they are typed on the command line, made into a job.

use super::job::{BOX_CORNERS, BOX_USE, EFFECT, EXCLUDE, SLOTS, point_position, point_type, point_use};
use crate::error::Error;
use std::collections::BTreeMap;
use toml::{Table, Value};

const POINT_FORM: &str = "X,Y or X,Y@FRAME, as 640,360@12 or tl:640,360:exclude@12";
const BOX_FORM: &str = "X1,Y1,X2,Y2 or X1,Y1,X2,Y2@FRAME, as tl:200,100,900,1000@12";

/// Numbers at a frame. They stay text: the render command reads them.
#[derive(Debug, Clone, PartialEq)]
struct Typed {
    frame: Option<i32>,
    exclude: bool,
    /// "tl:" or nothing.
    origin: &'static str,
    numbers: Vec<f64>,
}

/// The text of a job file.
pub fn job(points: &[String], boxes: &[String]) -> Result<String, Error> {
    let points = points.iter().map(|text| typed("--point", text, 2, POINT_FORM)).collect::<Result<Vec<_>, _>>()?;
    let boxes = boxes.iter().map(|text| typed("--box", text, 4, BOX_FORM)).collect::<Result<Vec<_>, _>>()?;
    let is_timed = |prompt: &Typed| prompt.frame.is_some();
    let timed = points.iter().chain(&boxes).filter(|prompt| is_timed(prompt)).count();
    if timed != 0 && timed != points.len() + boxes.len() {
        return Err(Error::Usage("give @FRAME with every --point and --box, or with none".to_owned()));
    }
    if timed == 0 && boxes.len() > 1 {
        return Err(Error::Usage("there is one box: give further ones with @FRAME for other frames".to_owned()));
    }
    let mut frames: Vec<i32> = points.iter().chain(&boxes).filter_map(|prompt| prompt.frame).collect();
    frames.sort_unstable();
    frames.dedup();

    let mut job = Writer::new(frames);
    let slots = slots(&points)?;
    for (slot, (exclude, prompts)) in (1..).zip(&slots) {
        if *exclude {
            job.set(point_type(slot), Value::from(EXCLUDE));
        }
        job.place(&point_use(slot), &[(point_position(slot), 0)], prompts);
    }
    let boxes: Vec<&Typed> = boxes.iter().collect();
    job.place(BOX_USE, &[(BOX_CORNERS[0].to_owned(), 0), (BOX_CORNERS[1].to_owned(), 2)], &boxes);
    job.finish()
}

/// Points of the same kind and the same place in the order of their frame follow one thing through the shot: they share a slot.
fn slots(points: &[Typed]) -> Result<Vec<(bool, Vec<&Typed>)>, Error> {
    let mut counts: BTreeMap<(bool, Option<i32>), usize> = BTreeMap::new();
    let mut slots: BTreeMap<(bool, usize), Vec<&Typed>> = BTreeMap::new();
    for point in points {
        let count = counts.entry((point.exclude, point.frame)).or_default();
        slots.entry((point.exclude, *count)).or_default().push(point);
        *count += 1;
    }
    match slots.len() {
        0..=SLOTS => Ok(slots.into_iter().map(|((exclude, _), prompts)| (exclude, prompts)).collect()),
        count => Err(Error::Usage(format!("{count} points at once, but the effect has {SLOTS}: give fewer"))),
    }
}

/// A job under construction.
struct Writer {
    frames: Vec<i32>,
    set: Table,
    key: Table,
}

impl Writer {
    fn new(frames: Vec<i32>) -> Self {
        Self { frames, set: Table::new(), key: Table::new() }
    }

    fn set(&mut self, name: String, value: Value) {
        self.set.insert(name, value);
    }

    /// Switches something on where it is given, and places it: each position takes two of the numbers, from an index on.
    fn place(&mut self, switch: &str, positions: &[(String, usize)], prompts: &[&Typed]) {
        if prompts.is_empty() {
            return;
        }
        let at_frame = |frame: i32| prompts.iter().any(|prompt| prompt.frame == Some(frame));
        match self.frames.is_empty() || self.frames.iter().all(|frame| at_frame(*frame)) {
            true => self.set(switch.to_owned(), Value::from(true)),
            false => {
                let keys = self.frames.iter().map(|&frame| (frame.to_string(), Value::from(at_frame(frame))));
                let keys: Table = keys.collect();
                self.key.insert(switch.to_owned(), Value::from(keys));
            }
        }
        for (name, index) in positions {
            for prompt in prompts {
                let value = Value::from(prompt.position(*index));
                match prompt.frame {
                    None => self.set(name.clone(), value),
                    Some(frame) => {
                        let keys = self.key.entry(name.clone()).or_insert_with(|| Value::from(Table::new()));
                        if let Value::Table(keys) = keys {
                            keys.insert(frame.to_string(), value);
                        }
                    }
                }
            }
        }
    }

    fn finish(self) -> Result<String, Error> {
        let mut job = Table::new();
        job.insert("effect".to_owned(), Value::from(EFFECT));
        job.insert("set".to_owned(), Value::from(self.set));
        job.insert("key".to_owned(), Value::from(self.key));
        toml::to_string(&job).map_err(|error| Error::Usage(error.to_string()))
    }
}

impl Typed {
    fn position(&self, index: usize) -> String {
        match self.numbers.get(index..index + 2) {
            Some([x, y]) => format!("{}{x},{y}", self.origin),
            _ => String::new(),
        }
    }
}

/// `[tl:]NUMBERS[@FRAME][:exclude|:include]`, the word also before the frame; a "-" in front of all of it excludes too.
fn typed(option: &'static str, text: &str, count: usize, form: &'static str) -> Result<Typed, Error> {
    let wrong = || Error::Prompt { option, text: text.to_owned(), form };
    let (text, excluded_last) = without_word(text.trim());
    let (place, frame) = match text.split_once('@') {
        Some((place, frame)) => (place, Some(frame.trim().parse().map_err(|_| wrong())?)),
        None => (text, None),
    };
    let (place, excluded_before_frame) = without_word(place);
    // "-tl:5,6" excludes; so does "-640,360", for a place left of the picture is never meant.
    let (place, excluded_in_front) = match place.strip_prefix('-') {
        Some(rest) if count == 2 => (rest, true),
        _ => (place, false),
    };
    let (place, origin) = match place.strip_prefix("tl:") {
        Some(place) => (place, "tl:"),
        None => (place, ""),
    };
    let numbers: Result<Vec<f64>, _> = place.split(',').map(|number| number.trim().parse::<f64>()).collect();
    match numbers {
        Ok(numbers) if numbers.len() == count && numbers.iter().all(|number| number.is_finite()) => {
            let exclude = excluded_last || excluded_before_frame || excluded_in_front;
            Ok(Typed { frame, exclude, origin, numbers })
        }
        _ => Err(wrong()),
    }
}

/// The text without a closing `:exclude` or `:include`, and whether it was `:exclude`.
fn without_word(text: &str) -> (&str, bool) {
    match text.strip_suffix(":exclude") {
        Some(rest) => (rest, true),
        None => (text.strip_suffix(":include").unwrap_or(text), false),
    }
}

#[cfg(test)]
mod tests {
    use super::super::job::{Job, Mark};
    use super::*;

    fn made(points: &[&str], boxes: &[&str]) -> Result<(Job, String), Error> {
        let words = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let text = job(&words(points), &words(boxes))?;
        Ok((toml::from_str(&text).unwrap(), text))
    }

    #[test]
    fn a_point_without_a_frame_holds_everywhere() {
        let (job, text) = made(&["640,360"], &[]).unwrap();
        assert_eq!(job.at(77, 720.0).points, [Mark { x: 640.0, y: 360.0, include: true }]);
        assert!(text.contains("effect = \"org.sam3roto.Roto\""), "{text}");
    }

    #[test]
    fn points_of_one_kind_follow_one_thing() {
        let (job, _) = made(&["tl:10,20@1", "tl:5,5@1:exclude", "tl:30,40@11", "tl:5,9:exclude@11"], &[]).unwrap();
        let points = job.at(6, 100.0).points;
        assert_eq!(points, [Mark { x: 20.0, y: 30.0, include: true }, Mark { x: 5.0, y: 7.0, include: false }]);
    }

    #[test]
    fn a_point_of_one_frame_is_silent_at_the_others() {
        let (job, _) = made(&["10,20@1", "30,40@11", "50,60@11"], &[]).unwrap();
        assert_eq!(
            [job.at(1, 100.0).points.len(), job.at(10, 100.0).points.len(), job.at(11, 100.0).points.len()],
            [1, 1, 2]
        );
    }

    #[test]
    fn a_box_is_keyed_where_it_is_given() {
        let (job, _) = made(&["5,6@3"], &["tl:1,2,30,40@3"]).unwrap();
        assert_eq!(job.at(3, 100.0).r#box, Some([1.0, 2.0, 30.0, 40.0]));
    }

    #[test]
    fn what_does_not_read_is_told_with_its_form() {
        for wrong in ["640", "640,360,1", "640;360", "640,360@x", "nan,1", "tl:640,360:leave@3"] {
            let words = made(&[wrong], &[]).unwrap_err().to_string();
            assert!(words.contains(wrong) && words.contains("X,Y@FRAME"), "{words}");
        }
    }

    #[test]
    fn mixing_timed_and_untimed_prompts_or_too_many_is_refused() {
        assert!(made(&["1,2", "3,4@5"], &[]).is_err());
        assert!(made(&["1,2"; 9], &[]).is_err());
        assert!(made(&["1,2"; 8], &[]).is_ok());
        assert!(made(&[], &["1,2,3,4", "5,6,7,8"]).is_err());
    }
}
