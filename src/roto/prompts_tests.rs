use super::*;
use raster::RectI;
use std::collections::BTreeMap;

/// Parameters as a host would hold them: slot 0 keyed, slot 1 static, the box as told.
#[derive(Default)]
struct Fake {
    used: BTreeMap<usize, Vec<(f64, bool)>>,
    keys: BTreeMap<usize, Vec<f64>>,
    corners: Option<[[f64; 2]; 2]>,
    excluded: Vec<usize>,
}

impl PromptParameters for Fake {
    type Error = ();

    fn used(&self, slot: Slot, time: f64) -> Result<bool, ()> {
        Ok(match slot {
            Slot::Box => self.corners.is_some(),
            Slot::Point(point) => self.used.get(&point).is_some_and(|steps| {
                steps.iter().rev().find(|(from, _)| *from <= time).or(steps.first()).is_some_and(|step| step.1)
            }),
        })
    }
    fn includes(&self, point: usize, _: f64) -> Result<bool, ()> {
        Ok(!self.excluded.contains(&point))
    }
    fn position(&self, point: usize, time: f64) -> Result<[f64; 2], ()> {
        Ok([time, point as f64])
    }
    fn corners(&self, _: f64) -> Result<[[f64; 2]; 2], ()> {
        self.corners.ok_or(())
    }
    fn key_times(&self, slot: Slot) -> Result<Vec<f64>, ()> {
        Ok(match slot {
            Slot::Point(point) => self.keys.get(&point).cloned().unwrap_or_default(),
            Slot::Box => Vec::new(),
        })
    }
}

fn geometry() -> FrameGeometry {
    FrameGeometry::new(RectI { x1: 0, y1: 0, x2: 100, y2: 100 }, [1.0, 1.0], 1.0, [100, 100])
}

#[test]
fn keys_of_a_point_that_is_off_are_no_prompt_frames() {
    let mut fake = Fake::default();
    fake.used.insert(0, vec![(0.0, true), (20.0, false)]);
    fake.keys.insert(0, vec![5.0, 25.0]);
    fake.keys.insert(1, vec![7.0]);
    assert_eq!(schedule(&fake).unwrap().frames(), [5.0]);
}

#[test]
fn positions_are_interpolated_at_the_frame_while_switches_come_from_the_prompt_frame() {
    let mut fake = Fake::default();
    fake.used.insert(0, vec![(0.0, true)]);
    fake.used.insert(1, vec![(0.0, false), (12.0, true)]);
    fake.keys.insert(0, vec![10.0, 20.0]);
    let prompts = prompts_at(&fake, 15.0).unwrap();
    assert_eq!(prompts.points.len(), 1, "the second point is switched on between the prompt frames only");
    assert_eq!(prompts.points[0].position, [15.0, 0.0]);
}

#[test]
fn without_keys_the_switches_are_read_at_the_frame_itself() {
    let mut fake = Fake::default();
    fake.used.insert(3, vec![(0.0, false), (8.0, true)]);
    assert!(prompts_at(&fake, 7.0).unwrap().is_empty());
    assert_eq!(prompts_at(&fake, 9.0).unwrap().points[0].slot, 3);
}

#[test]
fn an_inverted_box_is_put_in_order() {
    let fake = Fake { corners: Some([[80.0, 10.0], [20.0, 60.0]]), ..Fake::default() };
    let prompts = prompts_at(&fake, 0.0).unwrap();
    assert_eq!(prompts.bounding_box, Some([20.0, 10.0, 80.0, 60.0]));
    assert_eq!(to_model(&prompts, &geometry()).bounding_box, Some([20.0, 40.0, 80.0, 90.0]));
}

#[test]
fn an_empty_box_is_left_out_and_told() {
    for corners in [[[5.0, 5.0], [5.0, 60.0]], [[-50.0, -50.0], [-10.0, -10.0]], [[f64::NAN, 0.0], [9.0, 9.0]]] {
        let fake = Fake { corners: Some(corners), ..Fake::default() };
        let model = to_model(&prompts_at(&fake, 0.0).unwrap(), &geometry());
        assert_eq!(model.bounding_box, None, "{corners:?}");
        assert_eq!(model.left_out.len(), 1);
    }
}

#[test]
fn a_point_off_the_picture_is_left_out_and_named() {
    let mut fake = Fake::default();
    fake.used.insert(2, vec![(0.0, true)]);
    let model = to_model(&prompts_at(&fake, 500.0).unwrap(), &geometry());
    assert!(model.points.is_empty());
    assert!(model.left_out[0].starts_with("Point 3 at 500.0, 2.0"), "{:?}", model.left_out);
}

#[test]
fn excluding_points_say_so() {
    let mut fake = Fake { excluded: vec![1], ..Fake::default() };
    fake.used.insert(0, vec![(0.0, true)]);
    fake.used.insert(1, vec![(0.0, true)]);
    let model = to_model(&prompts_at(&fake, 50.0).unwrap(), &geometry());
    assert_eq!(model.points, [([50.0, 100.0], true), ([50.0, 99.0], false)]);
}
