//! Files that are not what they should be: what is told names the file, what was expected, what was found and what to
//! do, and nothing else happens.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/fixtures.rs"]
mod fixtures;
mod support;

#[path = "../../../tests/support/onnx.rs"]
#[allow(dead_code)]
mod onnx;

use std::{fs, path::Path};

use inference::NeverAbort;
use onnx::Graph;
use raster::Plane;
use segment::{Point, Prompt, open};

/// What is said of the only model of a folder, by opening it, by encoding, or by decoding.
fn told(models: &Path) -> Option<String> {
    let engine = fixtures::engine_of(support::library()?, models.to_owned(), 1);
    let attempt = || {
        let model = open(&engine, "m")?;
        let (width, height) = model.input_size(64, 64);
        let embedding = model.embed(&Plane::new(width, height, [9; 3]), &NeverAbort)?;
        let points = vec![Point { x: 5.0, y: 5.0, include: true }];
        model.segment(&embedding, &Prompt { points, ..Prompt::default() }, &NeverAbort)
    };
    Some(attempt().map(drop).expect_err("refused").to_string())
}

/// The exporter's tiny model of a family under the name "m", with one thing changed.
fn changed(family: &str, change: impl Fn(&Path)) -> tempfile::TempDir {
    let models = tempfile::tempdir().unwrap();
    let folder = models.path().join("m");
    fs::create_dir(&folder).unwrap();
    for entry in fs::read_dir(fixtures::folder().join(family)).unwrap().flatten() {
        fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    edit(&folder, &format!("name = \"tiny {family} fp32\""), "name = \"m\"");
    change(&folder);
    models
}

fn edit(folder: &Path, from: &str, to: &str) {
    let manifest = fs::read_to_string(folder.join("model.toml")).unwrap();
    assert!(manifest.contains(from), "{from}");
    fs::write(folder.join("model.toml"), manifest.replacen(from, to, 1)).unwrap();
}

fn assert_tells(models: &tempfile::TempDir, words: &[&str]) {
    let Some(told) = told(models.path()) else { return };
    for word in words {
        assert!(told.contains(word), "{word} is missing: {told}");
    }
}

#[test]
fn a_file_with_another_checksum_is_told_with_both() {
    let models = changed("sam2", |folder| {
        let path = folder.join("vision_encoder.onnx");
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(path, bytes).unwrap();
    });
    let manifest = fs::read_to_string(models.path().join("m/model.toml")).unwrap();
    let declared = manifest.split("sha256 = \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let found = inference::ContentHash::of_bytes(&fs::read(models.path().join("m/vision_encoder.onnx")).unwrap());
    let words = ["vision_encoder.onnx is damaged", &declared, &found.to_string(), "install the model again"];
    assert_tells(&models, &words);
}

#[test]
fn a_graph_of_another_family_is_told_by_its_tensor() {
    let models = changed("sam3", |folder| {
        let other = fixtures::folder().join("sam2/vision_encoder.onnx");
        let bytes = fs::metadata(&other).unwrap().len();
        fs::copy(other, folder.join("vision_encoder.onnx")).unwrap();
        let manifest = fs::read_to_string(folder.join("model.toml")).unwrap();
        let entry = manifest.split("[[files]]").nth(1).unwrap().to_owned();
        let exchanged = format!("\npath = \"vision_encoder.onnx\"\nrole = \"vision_encoder\"\nbytes = {bytes}\n\n");
        edit(folder, &entry, &exchanged);
    });
    assert_tells(
        &models,
        &[
            "vision_encoder.onnx is not a SAM3 vision encoder",
            "expected output \"trunk\" f32[",
            "found outputs \"high_res_0\"",
            "put the file that belongs to this model in its place",
        ],
    );
}

#[test]
fn weights_beside_a_graph_that_are_cut_short_are_told_with_both_sizes() {
    let models = tempfile::tempdir().unwrap();
    let folder = models.path().join("m");
    fs::create_dir(&folder).unwrap();
    let mut graph = Graph::default();
    graph.input("pixel_values", &[None, Some(3), Some(1008), Some(1008)]);
    for (name, channels, grid) in
        [("image_embeddings.0", 32, 288), ("image_embeddings.1", 64, 144), ("image_embeddings.2", 256, 72)]
    {
        graph.output(name, &[None, Some(channels), Some(grid), Some(grid)]);
    }
    graph.floats_beside("weights", &[1000], "encoder.onnx_data");
    fs::write(folder.join("encoder.onnx"), graph.into_model()).unwrap();
    fs::write(folder.join("encoder.onnx_data"), vec![0; 3999]).unwrap();
    let mut decoder = Graph::default();
    decoder.input("input_points", &[Some(1), None, None, Some(2)]);
    decoder.wholes_input("input_labels", &[Some(1), None, None]);
    decoder.input("input_boxes", &[Some(1), None, Some(4)]);
    for (name, channels, grid) in
        [("image_embeddings.0", 32, 288), ("image_embeddings.1", 64, 144), ("image_embeddings.2", 256, 72)]
    {
        decoder.input(name, &[Some(1), Some(channels), Some(grid), Some(grid)]);
    }
    decoder.output("iou_scores", &[Some(1), Some(1), Some(3)]);
    decoder.output("pred_masks", &[Some(1), Some(1), Some(3), Some(288), Some(288)]);
    decoder.output("object_score_logits", &[Some(1), Some(1), Some(1)]);
    fs::write(folder.join("decoder.onnx"), decoder.into_model()).unwrap();
    assert_tells(
        &models,
        &[
            "encoder.onnx_data has 3999 bytes and encoder.onnx needs 4000",
            "cut short or exchanged",
            "install the model again",
        ],
    );
    fs::remove_file(folder.join("encoder.onnx_data")).unwrap();
    assert_tells(&models, &["encoder.onnx_data is missing; install the model again"]);
}

#[test]
fn absurd_sizes_in_a_manifest_are_told_with_what_is_possible() {
    for (from, to, words) in [
        ("image_size = 112", "image_size = 1000000000", "model.image_size is 1000000000, expected 16 to 4096"),
        ("memory_channels = 16", "memory_channels = 99999999", "model.memory_channels is 99999999, expected 1 to 4096"),
        ("memory_frames = 7", "memory_frames = 4000000000", "tracker.memory_frames is 4000000000, expected 1 to 256"),
        ("image_size = 112", "image_size = -1", "image_size"),
        ("image_size = 112", "image_size = 99999999999999999999", "image_size"),
    ] {
        assert_tells(&changed("sam3", |folder| edit(folder, from, to)), &[words, "export or install the model again"]);
    }
    // Possible, and not what the graph has.
    let models = changed("sam3", |folder| edit(folder, "image_size = 112", "image_size = 1008"));
    assert_tells(&models, &["vision_encoder.onnx is not a SAM3 vision encoder", "1008, 1008]", "112, 112]", "choose"]);
}

#[test]
fn absurd_sizes_in_a_graph_are_refused_before_anything_is_allocated() {
    let models = changed("sam2", |folder| {
        let huge = 1 << 40;
        let mut graph = Graph::default();
        graph.input("pixel_values", &[None, Some(3), Some(128), Some(128)]);
        graph.output("high_res_0", &[None, Some(4), Some(32), Some(32)]);
        graph.output("high_res_1", &[None, Some(8), Some(16), Some(16)]);
        graph.output("image_embed", &[None, Some(32), Some(8), Some(8)]);
        // Four terabytes by its shape, four bytes by its content.
        graph.floats("weights", &[huge], &[1.0]);
        for name in ["high_res_0", "high_res_1", "image_embed"] {
            graph.node(name, "Identity", &["weights"], &[]);
        }
        let bytes = graph.into_model();
        let manifest = fs::read_to_string(folder.join("model.toml")).unwrap();
        let entry = manifest.split("[[files]]").nth(1).unwrap().to_owned();
        let exchanged =
            format!("\npath = \"vision_encoder.onnx\"\nrole = \"vision_encoder\"\nbytes = {}\n\n", bytes.len());
        edit(folder, &entry, &exchanged);
        fs::write(folder.join("vision_encoder.onnx"), bytes).unwrap();
    });
    assert_tells(&models, &["vision_encoder.onnx", "SAM2.1 vision encoder"]);
}
