//! Which of several installed models is used, and what is told of those that are not.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/fixtures.rs"]
mod fixtures;
mod support;

use std::{fs, path::Path, sync::Arc};

use inference::Engine;
use segment::{Choice, SegmentError, choose, choose_for_text};

/// The exporter's tiny models, each in a folder and under the names asked for.
fn models(installed: &[(&str, &str)]) -> tempfile::TempDir {
    let models = tempfile::tempdir().unwrap();
    for (folder, family) in installed {
        let to = models.path().join(folder);
        copy(&fixtures::folder().join(family), &to);
        let manifest = fs::read_to_string(to.join("model.toml")).unwrap();
        let named = manifest.replacen(&format!("name = \"tiny {family} fp32\""), &format!("name = \"{folder}\""), 1);
        assert_ne!(manifest, named, "the name is replaced");
        fs::write(to.join("model.toml"), named).unwrap();
    }
    models
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        if entry.path().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

fn engine(models: &Path) -> Option<Arc<Engine>> {
    support::library().map(|library| fixtures::engine_of(library, models.to_owned(), 1))
}

fn name(choice: Result<Choice, SegmentError>) -> String {
    choice.unwrap_or_else(|error| panic!("{error}")).model.name().to_owned()
}

#[test]
fn a_model_is_found_by_its_name_its_line_or_its_family() {
    let models = models(&[("a clicker", "sam2"), ("b everything", "sam3")]);
    let Some(engine) = engine(models.path()) else { return };
    assert_eq!(name(choose(&engine, "auto")), "b everything");
    assert_eq!(name(choose(&engine, " ")), "b everything");
    assert_eq!(name(choose(&engine, "SAM2")), "a clicker");
    assert_eq!(name(choose(&engine, "sam3")), "b everything");
    assert_eq!(name(choose(&engine, "A Clicker")), "a clicker");
    let words = choose(&engine, "sam1").map(drop).expect_err("no such line").to_string();
    assert_eq!(
        words,
        "no usable model of SAM 1 (SAM, MobileSAM) is installed; found: a clicker, b everything. Install one, or choose \"auto\""
    );
    let words = choose(&engine, "sam3-tracker").map(drop).expect_err("no such family").to_string();
    assert!(words.contains("\"sam3-tracker\" is not installed; found: a clicker, b everything"), "{words}");
}

#[test]
fn what_is_better_and_broken_is_passed_over_and_told() {
    let models = models(&[("clicks", "sam2"), ("texts", "sam3"), ("texts again", "sam3")]);
    fs::write(models.path().join("texts/memory_attention.onnx"), "cut").unwrap();
    fs::create_dir(models.path().join("odd")).unwrap();
    fs::write(models.path().join("odd/some.onnx"), "nothing").unwrap();
    let Some(engine) = engine(models.path()) else { return };
    for (asked, passed_over) in [("auto", &["odd", "texts"][..]), ("sam3", &["texts"]), ("sam2", &[])] {
        let choice = choose(&engine, asked).unwrap_or_else(|error| panic!("{error}"));
        let names: Vec<_> = choice.passed_over.iter().map(|model| model.name.as_str()).collect();
        assert_eq!(names, passed_over, "{asked}");
        for model in &choice.passed_over {
            let words = model.to_string();
            let begin = format!("{} in {} cannot be used: ", model.name, model.folder.display());
            assert!(words.starts_with(&begin) && words.contains(".onnx"), "{words}");
        }
    }
    // By its name nothing else is meant.
    let error = choose(&engine, "texts").map(drop).expect_err("broken");
    assert!(matches!(&error, SegmentError::UnusableModel { name, .. } if name == "texts"), "{error}");

    fs::write(models.path().join("texts again/memory_attention.onnx"), "cut").unwrap();
    let Some(engine) = self::engine(models.path()) else { return };
    let words = choose(&engine, "sam3").map(drop).expect_err("both are broken").to_string();
    assert!(words.starts_with("no usable model of SAM 3 is installed (texts: ") && words.contains("; texts again: "));
    assert_eq!(name(choose(&engine, "")), "clicks");
}

/// Takes the texts out of an installed model: what its manifest says of them.
fn without_texts(folder: &Path) {
    let file = folder.join("model.toml");
    let manifest = fs::read_to_string(&file).unwrap();
    let (before, concepts) = manifest.split_once("[concepts]").unwrap();
    let (_, after) = concepts.split_once("[[files]]").unwrap();
    fs::write(file, format!("{before}[[files]]{after}")).unwrap();
}

#[test]
fn for_a_text_the_best_that_takes_texts_is_chosen_and_what_takes_none_is_told() {
    let models = models(&[("a clicks", "sam3"), ("b texts", "sam3"), ("c clicks", "sam2")]);
    without_texts(&models.path().join("a clicks"));
    let Some(engine) = engine(models.path()) else { return };
    for asked in ["auto", "sam3"] {
        assert_eq!(name(choose(&engine, asked)), "a clicks", "{asked}: nothing changes without a text");
        let choice = choose_for_text(&engine, asked).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(choice.model.name(), "b texts", "{asked}");
        let told = choice.passed_over.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        assert!(told.starts_with("a clicks in ") && told.ends_with("it takes no text as a prompt"), "{told}");
    }
    assert_eq!(name(choose_for_text(&engine, "sam2")), "c clicks", "of this line none takes texts");
    assert_eq!(name(choose_for_text(&engine, "a clicks")), "a clicks", "by its name nothing else is meant");
}
