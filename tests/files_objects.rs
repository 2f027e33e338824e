//! Objects as layers and ID mattes, from the bundle to the file.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use headless::host::Components;
use headless::sequence::{Picture, Provenance, WriteSettings, read_picture, write_picture};
use support::workplace::{Workplace, words};
use support::*;

/// Renders a small frame with two objects into `out`, with more arguments; the command's output is expected to be fine.
fn rendered(place: &Workplace, out: &str, more: &[&str]) {
    let picture = Picture::new(striped_frame(192, 108, 1));
    let provenance = Provenance { software: "test".into(), frame: 1, ..Provenance::default() };
    write_picture(&place.path("shot.0001.png"), &picture, &WriteSettings::default(), &provenance).unwrap();
    let mut command = place.sam3roto(&["render", "--effect", ROTO, "--overwrite", "--depth", "float"]);
    command.arg("--in").arg(place.path("shot.%04d.png")).arg("--out").arg(place.path(out));
    command.args(["--set", "point1Use=1", "--set", "point1Position=60,54"]);
    command.args(["--set", "point2Use=1", "--set", "point2Object=Object 2", "--set", "point2Position=130,54"]);
    let output = command.args(more).output().unwrap();
    assert!(output.status.success(), "{}", words(&output));
}

/// A channel of an EXR file, by the exr crate's own reader.
fn channel(place: &Workplace, file: &str, name: &str) -> Vec<f32> {
    use exr::prelude::{ReadChannels, ReadLayers, read};
    let image = read().no_deep_data().largest_resolution_level().all_channels().first_valid_layer().all_attributes();
    let image = image.from_file(place.path(file)).unwrap();
    let found = image.layer_data.channel_data.list.iter().find(|channel| channel.name.to_string() == name);
    found.expect(name).sample_data.values_as_f32().collect()
}

#[test]
fn layers_hold_what_each_object_gives_alone() {
    let Some(place) = Workplace::new() else { return };
    let objects = ["--object", "left=1", "--object", "right=2", "--layers", "both"];
    rendered(&place, "ids.exr", &objects);
    for (name, number) in [("left", "objects=1"), ("right", "objects=2")] {
        rendered(&place, "alone.exr", &["--set", number]);
        let alone = alpha(&read_picture(&place.path("alone.exr")).unwrap().frame);
        assert!(alone.iter().any(|value| *value > 0.9), "{name} is blank");
        assert_eq!(channel(&place, "ids.exr", &format!("{name}.A")), alone, "{name}");
    }
    rendered(&place, "together.exr", &[]);
    let together = read_picture(&place.path("together.exr")).unwrap().frame;
    assert_eq!(channel(&place, "ids.exr", "A"), alpha(&together));
    let covered = channel(&place, "ids.exr", "crypto_object00.green");
    let most = channel(&place, "ids.exr", "left.A").into_iter().zip(channel(&place, "ids.exr", "right.A"));
    assert!(covered.iter().zip(most).all(|(first, (left, right))| *first == left.max(right).clamp(0.0, 1.0)));
}

#[test]
fn objects_come_out_the_same_on_several_threads_and_files_name_the_model() {
    let Some(place) = Workplace::new() else { return };
    let objects = ["--object", "left=1", "--object", "right=2"];
    rendered(&place, "one.exr", &objects);
    rendered(&place, "two.exr", &[&objects[..], &["--threads", "2"]].concat());
    let bytes = ["one.exr", "two.exr"].map(|name| std::fs::read(place.path(name)).unwrap());
    assert_eq!(bytes[0], bytes[1], "byte for byte");
    assert!(bytes[0].windows(7).any(|window| window == b" on CPU"), "the model and its device");
    let still = read_picture(&place.path("one.exr")).unwrap();
    assert_eq!(still.frame.components(), Components::Rgba);
}
