//! Which model answers a text, where the best one takes none.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use std::path::Path;

use headless::host::{Instance, Profile, RenderRequest, Value};
use support::workplace::{again, is_inside};
use support::*;

/// The exporter's tiny SAM3 twice: first without texts, then whole.
fn install(models: &Path) {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/export/fixtures/sam3");
    for name in ["a clicks", "b texts"] {
        let folder = models.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        for file in std::fs::read_dir(&fixture).unwrap().flatten() {
            std::fs::copy(file.path(), folder.join(file.file_name())).unwrap();
        }
        let manifest = std::fs::read_to_string(folder.join("model.toml")).unwrap();
        let named = manifest.replacen("tiny sam3 fp32", name, 1);
        let (before, concepts) = named.split_once("[concepts]").unwrap();
        let (_, files) = concepts.split_once("[[files]]").unwrap();
        let clicks = format!("{before}[[files]]{files}");
        std::fs::write(folder.join("model.toml"), if name == "a clicks" { &clicks } else { &named }).unwrap();
    }
}

fn matte(instance: &Instance) -> Vec<f32> {
    alpha(&render(instance, &RenderRequest::at(0.0)).frame)
}

fn status(instance: &Instance) -> String {
    // Anything the user does lets the panel catch up.
    instance.set("invert", Value::Boolean(false)).unwrap();
    let Value::Text(line) = instance.get("status").unwrap() else { panic!("the status is no text") };
    line
}

#[test]
fn a_text_takes_the_model_that_takes_texts_and_the_status_says_so() {
    const TEST: &str = "a_text_takes_the_model_that_takes_texts_and_the_status_says_so";
    if !is_inside(TEST) {
        let models = tempfile::tempdir().unwrap();
        install(models.path());
        again(TEST, &[("SAM3ROTO_MODELS", models.path().to_str().unwrap())]);
        return;
    }
    let (_bundle, plugin) = open(Profile::Strict).expect("the bundle was there outside");
    let instance = float_instance_on(&plugin, striped_frame(320, 180, 3));
    instance.set("textThreshold", Value::Double(0.1)).unwrap();
    place_point(&instance, 1, [160.0, 90.0], true);
    let clicked = matte(&instance);
    assert!(status(&instance).contains("a clicks on CPU"), "{}", status(&instance));
    for choice in [0, 1] {
        instance.set("model", Value::Integer(choice)).unwrap();
        instance.set("text", Value::Text("cat".into())).unwrap();
        matte(&instance);
        let told = status(&instance);
        assert!(told.contains("b texts on CPU") && told.contains("a clicks in "), "{told}");
        assert!(told.contains("it takes no text as a prompt"), "{told}");
        instance.set("text", Value::Text(String::new())).unwrap();
        assert!(matte(&instance) == clicked, "without the text all is as before");
        assert!(status(&instance).contains("a clicks on CPU"), "{}", status(&instance));
    }
    instance.destroy().unwrap();
}
