//! Folders of the public SAM2.1 video exports whose memory has a fixed size: which are taken, and what is said of others.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/fixed_bank.rs"]
mod fixed_bank;
#[path = "support/fixtures.rs"]
mod fixtures;
mod support;

#[path = "../../../tests/support/onnx.rs"]
#[allow(dead_code)]
mod onnx;

use std::{fs, path::Path};

use fixed_bank::{NAME, copied, edit, engine_over, models};
use inference::{Ability, NeverAbort};
use onnx::Graph;
use raster::Plane;
use segment::{MemoryKind, Point, Prompt, open};

/// What is said of a changed model by opening it and encoding a picture.
fn told(change: impl Fn(&Path)) -> Option<String> {
    let models = copied();
    change(models.path());
    let engine = engine_over(models.path())?;
    let attempt = || {
        let model = open(&engine, NAME)?;
        let (width, height) = model.input_size(64, 64);
        let picture = model.embed(&Plane::new(width, height, [9; 3]), &NeverAbort)?;
        let points = vec![Point { x: 5.0, y: 5.0, include: true }];
        model.segment(&picture, &Prompt { points, ..Prompt::default() }, &NeverAbort)
    };
    Some(attempt().map(drop).expect_err("refused").to_string())
}

#[test]
fn a_folder_that_is_not_whole_or_not_of_one_export_is_told_by_file_and_tensor() {
    let constants = |models: &Path| models.join(NAME).join("constants.json");
    let graph = |models: &Path, name: &str| models.join(NAME).join("onnx").join(name);
    type Change<'a> = Box<dyn Fn(&Path) + 'a>;
    let changes: [(Change<'_>, &[&str]); 6] = [
        (Box::new(|models| fs::remove_file(constants(models)).unwrap()), &["constants.json", "is missing"]),
        (
            Box::new(|models| fs::write(constants(models), "[1]").unwrap()),
            &["constants.json", "install the model again"],
        ),
        (
            Box::new(|models| edit(models, "\"image_size\": 128", "\"image_size\": 1024")),
            &["vision_encoder.onnx", "\"pixel_values\" is 128", "1024 pixels"],
        ),
        (
            Box::new(|models| edit(models, "\"memory_frames\": 7", "\"memory_frames\": 5")),
            &["memory_attention.onnx", "\"memory\" is 480 rows", "5 memories of 8 x 8 rows", "352 rows"],
        ),
        (
            Box::new(|models| fs::remove_file(graph(models, "pointer_tpos.onnx")).unwrap()),
            &["pointer positions", "pointer_tpos.onnx"],
        ),
        (
            Box::new(|models| {
                let other = fixtures::folder().join("sam2/vision_encoder.onnx");
                fs::copy(other, graph(models, "vision_encoder.onnx")).map(drop).unwrap();
            }),
            &["vision_encoder.onnx", "feats0"],
        ),
    ];
    for (change, words) in changes {
        let Some(told) = told(change) else { return };
        for word in words {
            assert!(told.contains(word), "{word} is missing: {told}");
        }
    }
}

/// Graphs of a public export's shapes without any node, for pictures of so many pixels.
fn public_graphs(side: u64, memories: u64) -> [(&'static str, Vec<u8>); 5] {
    const INT32: u64 = 6;
    let (h, rows) = (side / 16, memories * (side / 16).pow(2) + 16 * 4);
    let levels = [("feats0", 32, 4 * h), ("feats1", 64, 2 * h), ("feats2", 256, h)].map(|(name, channels, side)| {
        let shape = [Some(1), Some(channels), Some(side), Some(side)];
        (name, shape)
    });
    let [_, _, (_, image)] = levels;
    let mask = [Some(1), Some(1), Some(side), Some(side)];
    let (cells, tokens) = ([Some(h * h), Some(1), Some(256)], [Some(h * h), Some(1), Some(64)]);
    let [mut vision, mut decoder, mut encoder, mut attention, mut ages] = [(); 5].map(|()| Graph::default());
    vision.input("pixel_values", &[Some(1), Some(3), Some(side), Some(side)]);
    levels.iter().for_each(|(name, shape)| vision.output(name, shape));
    ["feats2_no_mem", "vision_pos_embed"].iter().for_each(|name| vision.output(name, &image));
    levels[..2].iter().for_each(|(name, shape)| decoder.input(name, shape));
    decoder.input("feats2_cond", &image);
    decoder.input("input_points", &[Some(1), Some(1), None, Some(2)]);
    decoder.input_of("input_labels", INT32, &[Some(1), Some(1), None]);
    decoder.output("low_res_mask", &[Some(1), Some(1), Some(256), Some(256)]);
    decoder.output("high_res_mask", &mask);
    decoder.output("iou", &[Some(1), Some(1)]);
    decoder.output("object_score_logits", &[Some(1), Some(1), Some(1)]);
    decoder.output("object_pointer", &[Some(1), Some(1), Some(256)]);
    encoder.input("feats2", &image);
    encoder.input("high_res_mask", &mask);
    encoder.input("object_score_logits", &[Some(1), Some(1)]);
    encoder.input("binarize", &[]);
    ["memory_tokens", "memory_pos"].iter().for_each(|name| encoder.output(name, &tokens));
    attention.input("current_vision_features", &cells);
    attention.input("current_vision_position_embeddings", &cells);
    ["memory", "memory_pos"].iter().for_each(|name| attention.input(name, &[Some(rows), Some(1), Some(64)]));
    attention.output("conditioned_feats", &image);
    ages.input("normalized_diffs", &[None]);
    ages.output("pointer_pos", &[None, Some(64)]);
    [
        ("vision_encoder", vision),
        ("mask_decoder", decoder),
        ("memory_encoder", encoder),
        ("memory_attention", attention),
        ("pointer_tpos", ages),
    ]
    .map(|(name, graph)| (name, graph.into_model()))
}

/// A folder of such graphs with constants of seven rows.
fn public_export(graphs: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let models = tempfile::tempdir().unwrap();
    let folder = models.path().join(NAME);
    fs::create_dir_all(folder.join("onnx")).unwrap();
    for (name, graph) in graphs {
        fs::write(folder.join("onnx").join(format!("{name}.onnx")), graph).unwrap();
    }
    let rows = vec![vec![0.5; 64]; 7];
    let constants = format!(
        "{{\"image_mean\": [0.4, 0.4, 0.4], \"image_std\": [0.2, 0.2, 0.2], \
         \"memory_temporal_positional_encoding\": {rows:?}}}"
    );
    fs::write(folder.join("constants.json"), constants).unwrap();
    models
}

#[test]
fn exports_of_the_public_sizes_are_recognised_and_mixed_ones_are_told() {
    for (side, memories) in [(1024, 7), (512, 7), (512, 4)] {
        let models = public_export(&public_graphs(side, memories));
        let Some(engine) = engine_over(models.path()) else { return };
        let model = open(&engine, "sam2").unwrap();
        assert_eq!(model.input_size(1920, 1080), (side as usize, side as usize));
        assert_eq!(model.trackers().unwrap().memory(), MemoryKind::Fixed);
    }
    let mut mixed = public_graphs(512, 7);
    mixed[3] = public_graphs(1024, 7)[3].clone();
    let models = public_export(&mixed);
    let Some(engine) = engine_over(models.path()) else { return };
    let told = open(&engine, NAME).map(drop).unwrap_err().to_string();
    for word in ["memory_attention.onnx", "\"memory\" is 28736 rows", "7 memories of 32 x 32 rows", "7232 rows"] {
        assert!(told.contains(word), "{word} is missing: {told}");
    }
}

#[test]
fn a_manifest_need_not_name_the_constants_and_one_from_elsewhere_has_to() {
    let models = copied();
    let graphs = ["vision_encoder", "mask_decoder", "memory_encoder", "memory_attention", "pointer_tpos"];
    let roles = ["encoder", "decoder", "memory_encoder", "memory_attention", "pointer_tpos"];
    let files = graphs
        .iter()
        .zip(roles)
        .map(|(graph, role)| format!("[[files]]\npath = 'onnx/{graph}.onnx'\nrole = '{role}'\n"));
    let manifest = format!("name = 'named'\nfamily = 'sam2-video-fixed-bank'\n{}", files.collect::<String>());
    fs::write(models.path().join(NAME).join("model.toml"), &manifest).unwrap();
    let Some(engine) = engine_over(models.path()) else { return };
    assert_eq!(open(&engine, "named").unwrap().input_size(9, 9), (128, 128));
    let plan = |text: &str| engine.registry().fetch_plan(text, models.path(), None, &NeverAbort).map(drop);
    let told = plan(&manifest).unwrap_err().to_string();
    assert!(told.contains("\"constants\", usually constants.json"), "{told}");
    plan(&format!("{manifest}[[files]]\npath = 'constants.json'\n")).unwrap();
    fs::remove_file(models.path().join(NAME).join("constants.json")).unwrap();
    let told = open(&engine_over(models.path()).unwrap(), "named").map(drop).unwrap_err().to_string();
    assert!(told.contains("constants.json is missing"), "{told}");
}

#[test]
fn installing_carries_the_constants_and_looking_at_the_folder_lists_them() {
    let Some(engine) = engine_over(&models()) else { return };
    let target = tempfile::tempdir().unwrap();
    let source = models().join(NAME);
    let plan = engine.registry().install_plan(&source, target.path(), &NeverAbort).unwrap();
    let names: Vec<_> = plan.files.iter().map(|file| file.path.as_str()).collect();
    assert!(names.contains(&"constants.json") && names.len() == 6, "{names:?}");
    for name in &names {
        engine.registry().install_file(&source, target.path(), name, &NeverAbort).unwrap();
    }
    let installed = engine_over(target.path()).unwrap();
    assert_eq!(open(&installed, NAME).unwrap().family(), "sam2-video-fixed-bank");
    let report = installed.registry().check(&target.path().join(NAME), &NeverAbort).unwrap().unwrap();
    assert_eq!(report.model.abilities, [Ability::Points, Ability::Box, Ability::Video]);
    assert!(report.files.iter().any(|file| file.role.as_deref() == Some("constants") && file.is_right()));
    fs::remove_file(target.path().join(NAME).join("constants.json")).unwrap();
    let report = installed.registry().check(&target.path().join(NAME), &NeverAbort).unwrap().unwrap();
    assert!(report.model.problem.unwrap().contains("constants.json is missing"));
}
