//! What compositors do to a node, in hosts of every character: each line of the checklist is a test, and each test goes
//! through all profiles. The library has one host at a time, so every test has a process of its own.
//!
//! Elsewhere: every host gets the same matte (`roto_hosts`), projects of earlier versions (`roto_projects`), any order,
//! threads and processes (`roto_track`, `roto_farm`), hosts without other frames or without a time line (`roto_track`,
//! `roto_quality`), drafts (`roto_draft`).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use std::collections::BTreeMap;

use headless::host::{
    Bundle, ClipFormat, Components, Depth, Frame, ImageSource, Instance, InstanceOptions, ParamKind, Plugin, Profile,
    Project, RectD, RenderRequest, SourceError, Value,
};
use support::workplace::in_own_process;
use support::*;

/// Every frame another picture, from the first to the last.
#[derive(Clone, Copy)]
struct Reel {
    range: (f64, f64),
    size: (i32, i32),
    /// The picture at a time is that of `speed * time + offset`.
    speed: f64,
    offset: f64,
}

const REEL: Reel = Reel { range: (-4.0, 6.0), size: (320, 180), speed: 1.0, offset: 10.0 };

impl ImageSource for Reel {
    fn range(&self) -> (f64, f64) {
        self.range
    }

    fn format(&self) -> ClipFormat {
        ClipFormat::new(Depth::Byte, Components::Rgba)
    }

    fn rod(&self, _: f64) -> RectD {
        RectD { x1: 0.0, y1: 0.0, x2: f64::from(self.size.0), y2: f64::from(self.size.1) }
    }

    fn frame(&self, time: f64) -> Result<Frame, SourceError> {
        Ok(striped_frame(self.size.0, self.size.1, (self.speed * time + self.offset).floor() as usize))
    }
}

/// Runs a line of the checklist in every host, each with the tiny model.
fn in_every_host(test: &str, line: impl Fn(&str, &Bundle, &Plugin)) {
    in_own_process(test, || {
        for &profile in Profile::ALL {
            let (bundle, plugin) = open(profile).expect("the bundle was there outside");
            line(profile.character().name, &bundle, &plugin);
        }
    });
}

fn options(reel: Reel) -> InstanceOptions {
    let mut options = InstanceOptions { depth: Some(Depth::Float), interactive: true, ..InstanceOptions::default() };
    options.clips.insert("Source".into(), Box::new(reel));
    options
}

/// A node with a point keyed on frames -2 and 3.
fn node(plugin: &Plugin, options: InstanceOptions) -> Instance {
    let instance = Instance::create(plugin, options).expect("the instance is made");
    instance.set("point1Use", Value::Boolean(true)).unwrap();
    instance.set_key("point1Position", -2.0, Value::Double2D([100.0, 90.0])).unwrap();
    instance.set_key("point1Position", 3.0, Value::Double2D([180.0, 90.0])).unwrap();
    instance
}

fn matte(instance: &Instance, time: f64) -> Vec<f32> {
    alpha(&render(instance, &RenderRequest::at(time)).frame)
}

fn mattes(instance: &Instance, times: &[f64]) -> Vec<Vec<f32>> {
    times.iter().map(|&time| matte(instance, time)).collect()
}

const TIMES: [f64; 6] = [-4.0, -2.0, 0.0, 1.0, 3.0, 6.0];

/// All that a host saves of a node.
fn saved(plugin: &Plugin, instance: &Instance, reel: Reel) -> InstanceOptions {
    let description = plugin.describe().unwrap();
    let parameters = &description.described.iter().find(|known| known.context == instance.context()).unwrap().params;
    let valueless = [ParamKind::Group, ParamKind::Page, ParamKind::PushButton];
    let (mut values, mut keys) = (BTreeMap::new(), BTreeMap::new());
    for parameter in parameters.iter().filter(|parameter| !valueless.contains(&parameter.kind)) {
        let name = parameter.name.clone();
        let times = instance.keys(&name).unwrap();
        if times.is_empty() {
            values.insert(name.clone(), instance.get(&name).unwrap());
        } else {
            let of_name = times.into_iter().map(|time| (time, instance.get_at(&name, time).unwrap())).collect();
            keys.insert(name, of_name);
        }
    }
    InstanceOptions { values, keys, ..options(reel) }
}

fn runs(bundle: &Bundle) -> (u64, u64) {
    (counter(bundle, "encoder_runs"), counter(bundle, "decoder_runs"))
}

#[test]
fn a_copy_and_a_project_opened_again_give_the_same_bits_and_run_no_network() {
    in_every_host("a_copy_and_a_project_opened_again_give_the_same_bits_and_run_no_network", |host, bundle, plugin| {
        let first = node(plugin, options(REEL));
        let expected = mattes(&first, &TIMES);
        let before = runs(bundle);
        let copy = Instance::create(plugin, saved(plugin, &first, REEL)).unwrap();
        assert!(mattes(&copy, &TIMES) == expected, "{host}: the copy");
        let project = saved(plugin, &copy, REEL);
        first.destroy().unwrap();
        copy.destroy().unwrap();
        let reopened = Instance::create(plugin, project).unwrap();
        assert!(mattes(&reopened, &TIMES) == expected, "{host}: opened again");
        // Hosts that say nobody is there have their frames forgotten as soon as the next ones come.
        assert!(runs(bundle) == before || is_unattended(host), "{host}: a network ran");
        reopened.destroy().unwrap();
    });
}

fn is_unattended(host: &str) -> bool {
    Profile::ALL.iter().any(|profile| profile.character().name == host && profile.character().is_background)
}

#[test]
fn several_instances_on_one_clip_do_not_disturb_each_other() {
    in_every_host("several_instances_on_one_clip_do_not_disturb_each_other", |host, _, plugin| {
        let alone = node(plugin, options(REEL));
        let expected = mattes(&alone, &TIMES);
        alone.destroy().unwrap();
        let [first, second, third] = [0, 1, 2].map(|_| node(plugin, options(REEL)));
        second.set_key("point1Position", 3.0, Value::Double2D([60.0, 40.0])).unwrap();
        let other = mattes(&second, &TIMES);
        assert!(other != expected, "{host}: the second node has prompts of its own");
        first.destroy().unwrap();
        assert!(mattes(&third, &TIMES) == expected, "{host}: after the first was deleted");
        assert!(mattes(&second, &TIMES) == other, "{host}: the second");
        second.destroy().unwrap();
        third.destroy().unwrap();
    });
}

#[test]
fn thumbnails_start_no_inference() {
    in_every_host("thumbnails_start_no_inference", |host, bundle, plugin| {
        // Only Resolve renders them as frames like any other, with nothing but their width to tell them by.
        if host != Profile::Resolve.character().name {
            return;
        }
        let tiny = Reel { size: (160, 90), ..REEL };
        let instance = node(plugin, options(tiny));
        let before = runs(bundle);
        let rendered = rgba(&render(&instance, &RenderRequest::at(0.0)).frame);
        assert_eq!(runs(bundle), before, "{host}");
        assert!(rendered == rgba(&tiny.frame(0.0).unwrap()), "{host}: something else than the picture");
        instance.destroy().unwrap();
    });
}

#[test]
fn a_trimmed_clip_keeps_the_bits_of_its_frames() {
    in_every_host("a_trimmed_clip_keeps_the_bits_of_its_frames", |host, _, plugin| {
        let (whole, trimmed) =
            (node(plugin, options(REEL)), node(plugin, options(Reel { range: (-2.0, 3.0), ..REEL })));
        let inside = [-2.0, -1.0, 0.0, 2.0, 3.0];
        assert!(mattes(&whole, &inside) == mattes(&trimmed, &inside), "{host}");
        whole.destroy().unwrap();
        trimmed.destroy().unwrap();
    });
}

#[test]
fn a_retimed_clip_is_another_shot_with_the_same_bits_in_any_order() {
    in_every_host("a_retimed_clip_is_another_shot_with_the_same_bits_in_any_order", |host, _, plugin| {
        // At half speed two frames in a row are one picture.
        let slow = Reel { speed: 0.5, ..REEL };
        let instance = node(plugin, options(REEL));
        let at_speed = mattes(&instance, &TIMES);
        instance.clip("Source").unwrap().connect(Box::new(slow)).unwrap();
        let retimed = mattes(&instance, &TIMES);
        assert!(retimed != at_speed, "{host}: the old pictures' mattes");
        let fresh = node(plugin, options(slow));
        for index in [4, 0, 5, 2, 1, 3] {
            assert!(matte(&fresh, TIMES[index]) == retimed[index], "{host}: frame {}", TIMES[index]);
        }
        instance.destroy().unwrap();
        fresh.destroy().unwrap();
    });
}

#[test]
fn the_other_eye_gets_its_own_matte_and_the_first_one_keeps_its() {
    in_every_host("the_other_eye_gets_its_own_matte_and_the_first_one_keeps_its", |host, _, plugin| {
        // Hosts hand out the picture of the view they render; an effect sees one clip with other pictures.
        let right = Reel { offset: 40.0, ..REEL };
        let instance = node(plugin, options(REEL));
        let left = mattes(&instance, &TIMES);
        let alone = node(plugin, options(right));
        let expected = mattes(&alone, &TIMES);
        for _ in 0..2 {
            instance.clip("Source").unwrap().connect(Box::new(right)).unwrap();
            assert!(mattes(&instance, &TIMES) == expected, "{host}: the right eye");
            instance.clip("Source").unwrap().connect(Box::new(REEL)).unwrap();
            assert!(mattes(&instance, &TIMES) == left, "{host}: the left eye");
        }
        instance.destroy().unwrap();
        alone.destroy().unwrap();
    });
}

#[test]
fn negative_frames_and_times_between_frames_have_the_same_bits_in_any_order() {
    in_every_host("negative_frames_and_times_between_frames_have_the_same_bits_in_any_order", |host, _, plugin| {
        let times = [-3.5, -1.0, -0.25, 0.5, 2.75, 5.5];
        let instance = node(plugin, options(REEL));
        let expected = mattes(&instance, &times);
        let again = node(plugin, options(REEL));
        again.purge_caches().unwrap();
        for index in [5, 3, 0, 4, 1, 2] {
            assert!(matte(&again, times[index]) == expected[index], "{host}: time {}", times[index]);
        }
        instance.destroy().unwrap();
        again.destroy().unwrap();
    });
}

#[test]
fn a_proxy_shows_the_object_where_the_full_size_does() {
    in_every_host("a_proxy_shows_the_object_where_the_full_size_does", |host, _, plugin| {
        let instance = node(plugin, options(REEL));
        let whole = render(&instance, &RenderRequest::at(-2.0)).frame;
        let half = render(&instance, &RenderRequest { scale: (0.5, 0.5), ..RenderRequest::at(-2.0) }).frame;
        assert_eq!((half.width(), half.height()), (160, 90), "{host}");
        // In Resolve this is as small as its thumbnails, which show the picture and no matte.
        if host != Profile::Resolve.character().name {
            let (whole, half) = (alpha(&whole), alpha(&half));
            let halved: Vec<f32> =
                (0..90).flat_map(|y| (0..160).map(move |x| (x, y))).map(|(x, y)| whole[2 * y * 320 + 2 * x]).collect();
            let agreement = iou(&half, &halved);
            assert!(agreement > 0.9, "{host}: IoU {agreement}");
        }
        instance.destroy().unwrap();
    });
}

#[test]
fn the_frame_rate_of_the_project_changes_no_bit() {
    in_every_host("the_frame_rate_of_the_project_changes_no_bit", |host, _, plugin| {
        let at = |frame_rate: f64| {
            let area = REEL.rod(0.0);
            let project = Some(Project { area, pixel_aspect: 1.0, frame_rate, range: REEL.range });
            let instance = node(plugin, InstanceOptions { project, ..options(REEL) });
            let mattes = mattes(&instance, &TIMES);
            instance.destroy().unwrap();
            mattes
        };
        let expected = at(24.0);
        assert!([23.976, 25.0, 60.0].into_iter().all(|rate| at(rate) == expected), "{host}");
    });
}
