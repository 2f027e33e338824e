use super::*;
use std::collections::BTreeMap;

/// Parameters as a host would hold them: slot 0 keyed, slot 1 static, boxes as told.
#[derive(Default)]
struct Fake {
    used: BTreeMap<usize, Vec<(f64, bool)>>,
    keys: BTreeMap<usize, Vec<f64>>,
    boxes: BTreeMap<usize, (BoxMeaning, [[f64; 2]; 2])>,
    excluded: Vec<usize>,
    objects: BTreeMap<usize, usize>,
    box_keys: BTreeMap<usize, Vec<f64>>,
}

impl PromptParameters for Fake {
    type Error = ();

    fn used(&self, slot: Slot, time: f64) -> Result<bool, ()> {
        Ok(match slot {
            Slot::Box(slot) => self.boxes.contains_key(&slot),
            Slot::Point(point) => self.used.get(&point).is_some_and(|steps| {
                steps.iter().rev().find(|(from, _)| *from <= time).or(steps.first()).is_some_and(|step| step.1)
            }),
        })
    }
    fn object(&self, slot: Slot) -> Result<usize, ()> {
        Ok(match slot {
            Slot::Point(point) => self.objects.get(&point).copied().unwrap_or(0),
            Slot::Box(slot) => slot,
        })
    }
    fn meaning(&self, slot: usize) -> Result<BoxMeaning, ()> {
        Ok(self.boxes.get(&slot).map(|said| said.0).unwrap_or_default())
    }
    fn includes(&self, point: usize, _: f64) -> Result<bool, ()> {
        Ok(!self.excluded.contains(&point))
    }
    fn position(&self, point: usize, time: f64) -> Result<[f64; 2], ()> {
        Ok([time, point as f64])
    }
    fn corners(&self, slot: usize, _: f64) -> Result<[[f64; 2]; 2], ()> {
        self.boxes.get(&slot).map(|said| said.1).ok_or(())
    }
    fn key_times(&self, slot: Slot) -> Result<Vec<f64>, ()> {
        Ok(match slot {
            Slot::Point(point) => self.keys.get(&point).cloned().unwrap_or_default(),
            Slot::Box(slot) => self.box_keys.get(&slot).cloned().unwrap_or_default(),
        })
    }
    fn text(&self, _: f64) -> Result<TextWords, ()> {
        Ok(TextWords::default())
    }
}

fn points_at(fake: &Fake, time: f64) -> Vec<PointPrompt> {
    prompts_at(fake, time).unwrap().objects[0].points.clone()
}

#[test]
fn keys_of_a_point_that_is_off_are_no_prompt_frames() {
    let mut fake = Fake::default();
    fake.used.insert(0, vec![(0.0, true), (20.0, false)]);
    fake.keys.insert(0, vec![5.0, 25.0]);
    fake.keys.insert(1, vec![7.0]);
    assert_eq!(schedule(&fake, 0).unwrap().frames(), [5.0]);
}

#[test]
fn positions_are_interpolated_at_the_frame_while_switches_come_from_the_prompt_frame() {
    let mut fake = Fake::default();
    fake.used.insert(0, vec![(0.0, true)]);
    fake.used.insert(1, vec![(0.0, false), (12.0, true)]);
    fake.keys.insert(0, vec![10.0, 20.0]);
    let points = points_at(&fake, 15.0);
    assert_eq!(points.len(), 1, "the second point is switched on between the prompt frames only");
    assert_eq!(points[0].position, [15.0, 0.0]);
}

#[test]
fn without_keys_the_switches_are_read_at_the_frame_itself() {
    let mut fake = Fake::default();
    fake.used.insert(3, vec![(0.0, false), (8.0, true)]);
    assert!(prompts_at(&fake, 7.0).unwrap().is_empty());
    assert_eq!(points_at(&fake, 9.0)[0].slot, 3);
}

#[test]
fn excluding_points_say_so() {
    let mut fake = Fake { excluded: vec![1], ..Fake::default() };
    fake.used.insert(0, vec![(0.0, true)]);
    fake.used.insert(1, vec![(0.0, true)]);
    let include: Vec<bool> = points_at(&fake, 50.0).iter().map(|point| point.include).collect();
    assert_eq!(include, [true, false]);
}

#[test]
fn an_inverted_box_is_put_in_order() {
    let mut fake = Fake::default();
    fake.boxes.insert(0, (BoxMeaning::Round, [[80.0, 10.0], [20.0, 60.0]]));
    let prompts = prompts_at(&fake, 0.0).unwrap();
    assert_eq!(prompts.objects[0].boxes[0].edges, [20.0, 10.0, 80.0, 60.0]);
}

#[test]
fn each_object_goes_by_its_own_keys() {
    let mut fake = Fake::default();
    // Point 1 speaks of the first object and is keyed; point 2 of the third and is switched on half way.
    fake.used.insert(0, vec![(0.0, true)]);
    fake.keys.insert(0, vec![10.0, 30.0]);
    fake.used.insert(1, vec![(0.0, false), (20.0, true)]);
    fake.objects.insert(1, 2);
    let prompts = prompts_at(&fake, 25.0).unwrap();
    assert_eq!(prompts.objects[0].points.len(), 1);
    assert_eq!(prompts.objects[2].points.len(), 1, "the prompt frames of the first object are not its own");
    assert!(prompts.objects[1].is_empty() && prompts.objects[3].is_empty());
    assert_eq!(schedule(&fake, 0).unwrap().frames(), [10.0, 30.0]);
    assert!(schedule(&fake, 2).unwrap().frames().is_empty());
}

#[test]
fn an_example_belongs_to_the_first_object_whatever_object_its_slot_names() {
    let mut fake = Fake::default();
    fake.boxes.insert(2, (BoxMeaning::Unlike, [[0.0; 2], [9.0; 2]]));
    fake.boxes.insert(3, (BoxMeaning::Round, [[0.0; 2], [9.0; 2]]));
    fake.box_keys.insert(2, vec![4.0]);
    let prompts = prompts_at(&fake, 0.0).unwrap();
    assert_eq!(prompts.objects[0].boxes[0].slot, 2);
    assert_eq!(prompts.objects[3].boxes[0].slot, 3);
    assert!(prompts.objects[2].is_empty());
    assert_eq!(schedule(&fake, 0).unwrap().frames(), [4.0], "and its keys are prompt frames of that object");
}
