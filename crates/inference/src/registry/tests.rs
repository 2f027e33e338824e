use tempfile::TempDir;

use super::*;

const LAYOUTS: &[Layout] = &[Layout { family: "sam1", files: &[("encoder", "encoder.onnx"), ("decoder", "sam.onnx")] }];

const MANIFEST_TEXT: &str = r#"
name = "MobileSAM"
family = "sam1"
licence = "Apache-2.0"
source = "a package"
package = { name = "elsewhere" }
[[files]]
path = "encoder.onnx"
bytes = 3
sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
url = "passed over"
[[files]]
path = "other.onnx"
role = "decoder"
"#;

fn folder_with(files: &[(&str, &str)]) -> TempDir {
    let root = TempDir::new().unwrap();
    for (name, text) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

fn list(root: &TempDir) -> Vec<FoundModel> {
    Registry::new(vec![root.path().to_owned(), root.path().join("not there")], LAYOUTS).list()
}

#[test]
fn a_manifest_gives_name_roles_and_checksums() {
    let root = folder_with(&[
        ("m/model.toml", MANIFEST_TEXT),
        ("m/encoder.onnx", "abc"),
        ("m/other.onnx", "d"),
        ("notes/readme.txt", "no model"),
    ]);
    let found = list(&root);
    assert_eq!(found.len(), 1);
    let model = &found[0];
    assert_eq!((model.name.as_str(), model.family.as_deref(), &model.problem), ("MobileSAM", Some("sam1"), &None));
    let encoder = model.file("encoder").unwrap();
    assert_eq!((encoder.bytes, encoder.declared_bytes), (Some(3), Some(3)));
    assert!(encoder.declared_sha256.is_some());
    assert_eq!(model.file("decoder").unwrap().path, root.path().join("m").join("other.onnx"));
}

#[test]
fn a_folder_without_manifest_is_known_by_its_file_names() {
    let root = folder_with(&[("mobilesam/encoder.onnx", "e"), ("mobilesam/sam.onnx", "d")]);
    let found = list(&root);
    assert_eq!((found[0].name.as_str(), found[0].family.as_deref()), ("mobilesam", Some("sam1")));
    assert_eq!(found[0].problem, None);
}

#[test]
fn every_problem_is_told_with_the_file() {
    let cases: [(&[(&str, &str)], &str); 7] = [
        (&[("m/encoder.onnx", "e")], "sam.onnx is missing"),
        (&[("m/encoder.onnx", "e"), ("m/sam.onnx", "")], "sam.onnx is empty"),
        (&[("m/unet.onnx", "e")], "neither model.toml nor"),
        (
            &[("m/model.toml", MANIFEST_TEXT), ("m/encoder.onnx", "ab"), ("m/other.onnx", "d")],
            "has 2 bytes, 3 expected",
        ),
        (&[("m/model.toml", "name = ")], "is not valid"),
        (&[("m/model.toml", "name = 'x'\nfamily = 'raft'")], "\"raft\" is not known; known: sam1"),
        (&[("m/model.toml", "name = 'x'\nfamily = 'sam1'")], "names no file for \"encoder\""),
    ];
    for (files, words) in cases {
        let found = list(&folder_with(files));
        assert_eq!(found.len(), 1, "{words}");
        let problem = found[0].problem.as_deref().unwrap_or("no problem");
        assert!(problem.contains(words), "{problem} <> {words}");
    }
}

#[test]
fn a_manifest_cannot_point_outside_its_folder() {
    for path in ["../secret.onnx", "/etc/passwd", "a/../../b", ""] {
        let text = format!("name = 'x'\nfamily = 'sam1'\n[[files]]\npath = '{path}'\nrole = 'encoder'");
        let found = list(&folder_with(&[("m/model.toml", &text)]));
        assert!(found[0].problem.as_deref().unwrap().contains("within the folder"), "{path}");
    }
}

#[test]
fn a_manifest_that_is_no_text_is_a_problem_not_a_crash() {
    let root = folder_with(&[("m/sam.onnx", "x")]);
    fs::write(root.path().join("m/model.toml"), [0xff, 0xfe, 0x00]).unwrap();
    assert!(list(&root)[0].problem.as_deref().unwrap().contains("cannot be read"));
}
