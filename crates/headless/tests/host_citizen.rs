//! A plugin that keeps the rules, and what it gets from every suite.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "an expectation that fails ends the test")]

mod host_compile;

use headless::host::{
    Bundle, Character, ClipFormat, Components, Depth, DrawCommand, Frame, Host, HostError, ImageSource, Instance,
    InstanceOptions, MessageKind, OverlayView, Profile, ProgressEvent, Project, RectD, RectI, RenderRequest,
    SourceError, Status, Value,
};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Frames from 1 to 20 whose samples all are the frame number; frame 13 cannot be read.
struct Counter;

impl ImageSource for Counter {
    fn range(&self) -> (f64, f64) {
        (1.0, 20.0)
    }

    fn format(&self) -> ClipFormat {
        ClipFormat::new(Depth::Float, Components::Rgba)
    }

    fn rod(&self, _time: f64) -> RectD {
        RectD::new(0.0, 0.0, 40.0, 20.0)
    }

    fn frame(&self, time: f64) -> Result<Frame, SourceError> {
        if time == 13.0 {
            return Err("the disk is on fire".into());
        }
        let data = std::iter::repeat_n((time as f32).to_ne_bytes(), 40 * 20 * 4).flatten().collect();
        Ok(Frame::new(RectI::new(0, 0, 40, 20), Depth::Float, Components::Rgba, data)?)
    }
}

fn citizen(character: &Character) -> Instance {
    let host = Host::with_character(character.clone());
    let plugin = Bundle::open(&host, &host_compile::own()).unwrap().plugin("test.citizen").unwrap();
    let clips = [("Source".to_owned(), Box::new(Counter) as Box<dyn ImageSource>)].into();
    Instance::create(&plugin, InstanceOptions { clips, ..InstanceOptions::default() }).unwrap()
}

fn strict() -> Instance {
    citizen(Profile::Strict.character())
}

fn first_sample(frame: &Frame) -> f32 {
    f32::from_ne_bytes(frame.data()[..4].try_into().unwrap())
}

#[test]
fn the_parameter_suite_answers_in_full() {
    let instance = strict();
    instance.set_key("gain", 10.0, 1.0).unwrap();
    instance.set_key("gain", 20.0, 3.0).unwrap();
    instance.set_key("gain", 5.0, 0.0).unwrap();
    instance.set("colour", [0.25, 0.5, 0.75]).unwrap();
    instance.set("count", 42).unwrap();
    instance.set("on", true).unwrap();
    instance.set("note", "häuschen").unwrap();
    instance.set_time(7.0).unwrap();
    instance.press("report").unwrap();
    let expected = "keys 3 first 5 at 1 after 2 before 0 slope 0.2 area 20 position 20,10 colour 0.25,0.5,0.75 count 42 on 1 \
                    note häuschen time 7 of 1..20";
    assert_eq!(instance.get("echo").unwrap(), Value::from(expected));
}

#[test]
fn memory_mutexes_and_copies_work() {
    let instance = strict();
    instance.set_key("gain", 10.0, 1.0).unwrap();
    instance.set_key("gain", 20.0, 3.0).unwrap();
    instance.press("bundle").unwrap();
    assert_eq!(instance.get("echo").unwrap(), Value::from("good"));
    assert_eq!(instance.keys("measured").unwrap(), [110.0, 120.0]);
    assert_eq!(instance.get_at("measured", 115.0).unwrap(), Value::Double(2.0));
}

#[test]
fn analysis_reads_frames_keys_parameters_and_reports_progress() {
    let instance = strict();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let watched = seen.clone();
    instance.on_progress(move |event| {
        watched.lock().unwrap().push(event.clone());
        // Cancelled before the frame that cannot be read.
        !matches!(event, ProgressEvent::Update(done) if *done >= 0.5)
    });
    instance.press("analyse").unwrap();
    assert_eq!(instance.keys("measured").unwrap(), (1..=10).map(f64::from).collect::<Vec<_>>());
    assert_eq!(instance.get_at("measured", 4.5).unwrap(), Value::Double(4.5));
    let seen = seen.lock().unwrap();
    assert_eq!(seen.first(), Some(&ProgressEvent::Start { label: "Looking".to_owned(), id: String::new() }));
    assert_eq!(seen.last(), Some(&ProgressEvent::End));
    assert_eq!(seen.len(), 12);
}

#[test]
fn messages_stay_and_are_cleared() {
    let instance = citizen(Profile::Nuke.character());
    let told = instance.press("complain").unwrap();
    assert_eq!((told[0].kind, told[0].text.as_str()), (MessageKind::Error, "broken 7"));
    assert_eq!(instance.persistent_message().unwrap().text, "broken 7");
    let refused = instance.render(&RenderRequest::at(2.0));
    assert!(matches!(refused, Err(HostError::PersistentError { message, .. }) if message == "broken 7"));
    instance.clear_persistent_message();
    instance.render(&RenderRequest::at(2.0)).unwrap();
    assert_eq!(instance.take_messages().len(), 1);
}

#[test]
fn questions_are_answered() {
    let instance = strict();
    instance.press("ask").unwrap();
    assert_eq!(instance.get("echo").unwrap(), Value::from("no"));
    instance.on_question(|question| question == "really?");
    instance.press("ask").unwrap();
    assert_eq!(instance.get("echo").unwrap(), Value::from("yes"));
}

#[test]
fn a_frame_that_cannot_be_read_is_an_error_with_its_reason() {
    let instance = strict();
    instance.set("gain", 2.0).unwrap();
    let error = instance.render(&RenderRequest::at(13.0)).unwrap_err();
    assert_eq!(error.to_string(), "clip Source has no frame at time 13: the disk is on fire");
    let rendered = instance.render(&RenderRequest::at(14.0)).unwrap();
    assert_eq!(first_sample(&rendered.frame), 28.0);
}

#[test]
fn the_effect_tells_which_frames_it_needs() {
    let rendered = strict().render(&RenderRequest::at(5.0)).unwrap();
    assert_eq!(rendered.frames_needed["Source"], [(1.0, 1.0), (4.0, 5.0)]);
    assert_eq!(rendered.region_of_definition, RectD::new(0.0, 0.0, 40.0, 20.0));
    assert_eq!(rendered.regions_of_interest["Source"], RectD::new(0.0, 0.0, 40.0, 20.0));
    let once = citizen(Profile::Mlt.character()).render(&RenderRequest::at(5.0)).unwrap();
    assert_eq!(once.frames_needed["Source"], [(5.0, 5.0)]);
}

#[test]
fn an_abort_from_another_thread_ends_the_render_as_aborted() {
    struct Stopper(Mutex<Option<Arc<Instance>>>, Counter);
    impl ImageSource for Stopper {
        fn range(&self) -> (f64, f64) {
            self.1.range()
        }
        fn format(&self) -> ClipFormat {
            self.1.format()
        }
        fn rod(&self, time: f64) -> RectD {
            self.1.rod(time)
        }
        fn frame(&self, time: f64) -> Result<Frame, SourceError> {
            // The user presses escape while the first input is read.
            if let Some(instance) = self.0.lock().unwrap().take() {
                std::thread::spawn(move || instance.abort()).join().unwrap();
            }
            self.1.frame(time)
        }
    }
    let instance = Arc::new(strict());
    instance.set("gain", 2.0).unwrap();
    let source = Stopper(Mutex::new(Some(instance.clone())), Counter);
    instance.clip("Source").unwrap().connect(Box::new(source)).unwrap();
    assert!(matches!(instance.render(&RenderRequest::at(3.0)), Err(HostError::Aborted { time: 3.0 })));
    assert!(matches!(instance.render(&RenderRequest::at(3.0)), Err(HostError::Aborted { .. })));
    instance.resume();
    assert_eq!(first_sample(&instance.render(&RenderRequest::at(3.0)).unwrap().frame), 6.0);
}

#[test]
fn the_overlay_draws_moves_and_listens() {
    let instance = strict();
    let overlay = instance.overlay(OverlayView::new((400.0, 300.0), 1.0)).unwrap().expect("it has one");
    let drawn = overlay.draw().unwrap();
    assert_eq!(drawn[0], DrawCommand::Colour([1.0, 1.0, 0.0, 1.0]));
    let line = DrawCommand::Shape { primitive: 0, points: vec![[20.0, 10.0], [30.0, 10.0]] };
    assert_eq!(drawn[2], line);
    assert!(matches!(&drawn[3], DrawCommand::Text { text, .. } if text == "here"));
    assert!(!overlay.pen_motion((1.0, 1.0)).unwrap());
    assert!(overlay.pen_down((3.0, 4.0)).unwrap());
    assert_eq!(overlay.take_redraws(), 1);
    assert_eq!(instance.get("position").unwrap(), Value::Double2D([3.0, 4.0]));
    assert!(!overlay.key_down(0x61, "a").unwrap());
    assert!(overlay.key_down(0xFFFF, "").unwrap());
    assert_eq!(instance.get("position").unwrap(), Value::Double2D([0.0, 0.0]));
    instance.destroy().unwrap();
    assert!(matches!(overlay.draw(), Err(HostError::Overlay { .. })));
}

#[test]
fn overlays_are_what_the_host_can_show() {
    assert!(citizen(Profile::Mlt.character()).overlay(OverlayView::new((9.0, 9.0), 1.0)).unwrap().is_none());
    let natron = citizen(Profile::Natron.character());
    let overlay = natron.overlay(OverlayView::new((9.0, 9.0), 1.0)).unwrap().expect("the first version");
    assert!(matches!(overlay.draw(), Err(HostError::Overlay { .. })));
    assert!(overlay.pen_down((3.0, 4.0)).unwrap());
}

#[test]
fn every_frame_of_mlt_is_a_new_instance_that_keeps_values_and_keys() {
    let instance = citizen(Profile::Mlt.character());
    instance.set_key("gain", 1.0, 2.0).unwrap();
    instance.set_key("gain", 3.0, 4.0).unwrap();
    let rendered = instance.render(&RenderRequest::at(2.0)).unwrap();
    assert_eq!(first_sample(&rendered.frame), 6.0);
    instance.destroy().unwrap();
}

#[test]
fn unconnected_clips_do_no_harm_however_hosts_show_them() {
    for profile in Profile::ALL {
        let instance = citizen(profile.character());
        instance.set("gain", 2.0).unwrap();
        assert_eq!(first_sample(&instance.render(&RenderRequest::at(2.0)).unwrap().frame), 4.0, "{profile:?}");
    }
}

#[test]
fn a_required_clip_must_be_connected() {
    let instance = strict();
    instance.clip("Source").unwrap().disconnect().unwrap();
    assert!(
        matches!(instance.render(&RenderRequest::at(2.0)), Err(HostError::NotConnected { clip }) if clip == "Source")
    );
}

#[test]
fn some_hosts_render_without_a_required_clip() {
    let options = InstanceOptions { render_unconnected: true, ..InstanceOptions::default() };
    for (profile, options) in [(Profile::Resolve, InstanceOptions::default()), (Profile::Strict, options)] {
        let host = Host::new(profile);
        let plugin = Bundle::open(&host, &host_compile::own()).unwrap().plugin("test.citizen").unwrap();
        let instance = Instance::create(&plugin, options).unwrap();
        instance.set("gain", 2.0).unwrap();
        // This plugin gives up without a source: that is its own answer, not the host's.
        let answer = instance.render(&RenderRequest::at(1.0));
        assert!(matches!(answer, Err(HostError::Action { status: Status::FAILED, .. })), "{profile:?}");
    }
}

#[test]
fn values_that_do_not_fit_are_refused_in_words() {
    let instance = strict();
    let error = instance.set("gain", 11.0).unwrap_err().to_string();
    assert_eq!(error, "parameter gain takes a number from [0.0] to [10.0], not Double(11.0)");
    assert!(matches!(instance.set("gain", f64::NAN), Err(HostError::ValueType { .. })));
    assert!(matches!(instance.set("sin", "no such sin"), Err(HostError::ValueType { .. })));
    assert!(matches!(instance.set("missing", 1), Err(HostError::NoParam { available, .. }) if available.len() == 16));
    assert!(matches!(instance.press("gain"), Err(HostError::ValueType { .. })));
    assert!(matches!(instance.clip("Nowhere").err(), Some(HostError::NoClip { .. })));
}

#[test]
fn saved_values_are_there_before_the_plugin_is() {
    let host = Host::new(Profile::Strict);
    let plugin = Bundle::open(&host, &host_compile::own()).unwrap().plugin("test.citizen").unwrap();
    let area = RectD::new(100.0, 0.0, 300.0, 100.0);
    let options = InstanceOptions {
        project: Some(Project { area, pixel_aspect: 1.0, frame_rate: 25.0, range: (0.0, 9.0) }),
        values: [("count".to_owned(), Value::Integer(5))].into(),
        keys: [("gain".to_owned(), vec![(2.0, Value::Double(1.5))])].into(),
        ..InstanceOptions::default()
    };
    let instance = Instance::create(&plugin, options).unwrap();
    assert_eq!(instance.get("count").unwrap(), Value::Integer(5));
    assert_eq!(instance.keys("gain").unwrap(), [2.0]);
    // The default of a position is normalised: the middle of the project.
    assert_eq!(instance.get("position").unwrap(), Value::Double2D([200.0, 50.0]));
}

#[test]
fn windows_and_formats_are_delivered_as_asked() {
    let instance = strict();
    instance.set("gain", 0.1).unwrap();
    let request = RenderRequest {
        window: Some(RectI::new(35, 15, 60, 60)),
        depth: Some(Depth::Byte),
        components: Some(Components::Alpha),
        ..RenderRequest::at(5.0)
    };
    let frame = instance.render(&request).unwrap().frame;
    assert_eq!(
        (frame.bounds(), frame.depth(), frame.components()),
        (RectI::new(35, 15, 40, 20), Depth::Byte, Components::Alpha)
    );
    assert!(frame.data().iter().all(|value| *value == 128));
    let outside = RenderRequest { window: Some(RectI::new(100, 100, 120, 120)), ..RenderRequest::at(5.0) };
    assert!(matches!(instance.render(&outside), Err(HostError::Request { .. })));
    let never = RenderRequest::at(f64::NAN);
    assert!(matches!(instance.render(&never), Err(HostError::Request { .. })));
}

#[test]
fn hosts_take_turns_at_one_library() {
    let host = Host::new(Profile::Strict);
    let bundle = Bundle::open(&host, &host_compile::own()).unwrap();
    let other = Bundle::open(&Host::new(Profile::Nuke), &host_compile::own());
    assert!(matches!(other.err(), Some(HostError::InUse { .. })));
    let again = Bundle::open(&host, &host_compile::own()).unwrap();
    assert_eq!(again.effects(), ["test.citizen", "test.sinner", "test.writer"]);
    let waiting = Arc::new(AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let waiting = waiting.clone();
        scope.spawn(move || {
            let later = Bundle::open(&Host::new(Profile::Nuke), &host_compile::own()).unwrap();
            waiting.store(later.effects().len(), Ordering::SeqCst);
        });
        drop((bundle, again));
    });
    assert_eq!(waiting.load(Ordering::SeqCst), 3);
}

#[test]
fn threads_of_one_host_share_what_they_open() {
    let host = Host::new(Profile::Strict);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let plugin = Bundle::open(&host, &host_compile::own()).unwrap().plugin("test.citizen").unwrap();
                let instance = Instance::create(&plugin, InstanceOptions::default()).unwrap();
                instance.set("count", 3).unwrap();
                instance.destroy().unwrap();
            });
        }
    });
}

#[test]
fn extension_symbols_report() {
    let host = Host::new(Profile::Strict);
    let bundle = Bundle::open(&host, &host_compile::own()).unwrap();
    assert_eq!(bundle.report("TestReport", "doctor").as_deref(), Some("{\"topic\":\"doctor\"}"));
    assert_eq!(bundle.report("NoSuchSymbol", "doctor"), None);
    let missing = bundle.plugin("test.stranger").err().unwrap().to_string();
    assert_eq!(missing, "there is no effect test.stranger; the bundle has: test.citizen, test.sinner, test.writer");
}
