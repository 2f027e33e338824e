use tempfile::TempDir;

use super::*;
use crate::{
    abort::NeverAbort,
    contract::{Dim, Element, TensorSpec},
    counters::Stage,
};
use writer::{FLOAT, INT64, Value};

/// Files of a folder, and what is said of it.
type Case<'a> = (&'a [(&'a str, &'a [u8])], &'a str);

const fn spec(name: &'static str, shape: &'static [Dim]) -> TensorSpec {
    TensorSpec { name, element: Element::F32, shape }
}

static ENCODER: Contract = Contract {
    name: "test encoder",
    stage: Stage::Encode,
    inputs: &[spec("picture", &[Dim::Any, Dim::Is(3)])],
    outputs: &[spec("embedding", &[Dim::Any, Dim::Is(8)])],
};
static DECODER: Contract = Contract {
    name: "test decoder",
    stage: Stage::Decode,
    inputs: &[spec("embedding", &[Dim::Any, Dim::Is(8)]), spec("points", &[Dim::Any, Dim::Is(2)])],
    outputs: &[spec("mask", &[Dim::Any])],
};
static MEMORY: Contract = Contract {
    name: "test memory",
    stage: Stage::Decode,
    inputs: &[spec("mask", &[Dim::Any])],
    outputs: &[spec("memory", &[Dim::Any])],
};

const LAYOUTS: &[Layout] = &[
    Layout {
        family: "sam1",
        roles: &[
            Role::needed("encoder", "encoder.onnx", &ENCODER),
            Role::needed("decoder", "sam.onnx", &DECODER),
            Role::optional("memory", "memory.onnx", &MEMORY),
        ],
        abilities: &[(Ability::Points, &[]), (Ability::Video, &["memory"])],
        usual_licence: Some("Usual-1.0"),
        needs_manifest: false,
        not_run: None,
    },
    Layout {
        family: "odd",
        roles: &[Role::needed("memory", "memory.onnx", &MEMORY)],
        abilities: &[(Ability::Text, &[])],
        usual_licence: None,
        needs_manifest: false,
        not_run: Some("models of this kind are known and not run"),
    },
];

fn encoder() -> Vec<u8> {
    let input = Value { name: "picture", element: FLOAT, shape: &[None, Some(3)] };
    writer::model(&[], &[input], &[Value { name: "embedding", element: FLOAT, shape: &[Some(1), Some(8)] }])
}

fn decoder_with_points(element: u64, columns: u64) -> Vec<u8> {
    let inputs = [
        Value { name: "embedding", element: FLOAT, shape: &[Some(1), Some(8)] },
        Value { name: "points", element, shape: &[None, Some(columns)] },
    ];
    writer::model(&[], &inputs, &[Value { name: "mask", element: FLOAT, shape: &[None] }])
}

fn decoder() -> Vec<u8> {
    decoder_with_points(FLOAT, 2)
}

fn memory() -> Vec<u8> {
    let input = Value { name: "mask", element: FLOAT, shape: &[None] };
    writer::model(&[], &[input], &[Value { name: "memory", element: FLOAT, shape: &[None] }])
}

fn manifest() -> String {
    let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    format!(
        "name = \"MobileSAM\"\nfamily = \"sam1\"\nlicence = \"Apache-2.0\"\nsource = \"a package\"\n\
         package = {{ name = \"elsewhere\" }}\n[[files]]\npath = \"encoder.onnx\"\nbytes = {}\nsha256 = \"{sum}\"\n\
         url = \"passed over\"\n[[files]]\npath = \"other.onnx\"\nrole = \"decoder\"\n",
        encoder().len()
    )
}

fn folder_with(files: &[(&str, &[u8])]) -> TempDir {
    let root = TempDir::new().unwrap();
    for (name, content) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    root
}

fn registry(root: &TempDir) -> Registry {
    Registry::new(vec![root.path().to_owned(), root.path().join("not there")], LAYOUTS)
}

pub fn registry_over(models: &Path) -> Registry {
    Registry::new(vec![models.to_owned()], LAYOUTS)
}

/// A model with a manifest and the checksum of one file, in a folder "sound" of `root`.
pub fn sound_model(root: &Path) -> PathBuf {
    let folder = root.join("sound");
    fs::create_dir_all(folder.join("onnx")).unwrap();
    fs::write(folder.join("onnx/encoder.onnx"), encoder()).unwrap();
    fs::write(folder.join("sam.onnx"), decoder()).unwrap();
    let sum = crate::hash::hash_file(&folder.join("onnx/encoder.onnx"), &NeverAbort).unwrap();
    let manifest = format!(
        "name = 'Sound'\nfamily = 'sam1'\n[[files]]\npath = 'onnx/encoder.onnx'\nrole = 'encoder'\nsha256 = '{sum}'\n\
         [[files]]\npath = 'sam.onnx'\n"
    );
    fs::write(folder.join("model.toml"), manifest).unwrap();
    folder
}

fn list(root: &TempDir) -> Vec<FoundModel> {
    registry(root).list()
}

#[test]
fn a_manifest_gives_name_roles_and_checksums() {
    let root = folder_with(&[
        ("m/model.toml", manifest().as_bytes()),
        ("m/encoder.onnx", &encoder()),
        ("m/other.onnx", &decoder()),
        ("notes/readme.txt", b"no model"),
    ]);
    let found = list(&root);
    assert_eq!(found.len(), 1);
    let model = &found[0];
    assert_eq!((model.name.as_str(), model.family.as_deref(), &model.problem), ("MobileSAM", Some("sam1"), &None));
    assert_eq!(model.abilities, [Ability::Points]);
    let file = model.file("encoder").unwrap();
    assert_eq!(file.bytes, file.declared_bytes);
    assert!(file.declared_sha256.is_some());
    assert_eq!(model.file("decoder").unwrap().path, root.path().join("m").join("other.onnx"));
}

#[test]
fn a_folder_without_manifest_is_known_by_its_tensors_whatever_the_files_are_called() {
    let root = folder_with(&[
        ("dropped/onnx/a.onnx", &decoder()),
        ("dropped/onnx/b.onnx", &encoder()),
        ("dropped/onnx/c.onnx", &memory()),
        ("dropped/config.json", b"{}"),
    ]);
    let found = list(&root);
    let model = &found[0];
    assert_eq!((model.name.as_str(), model.family.as_deref()), ("dropped", Some("sam1")));
    assert_eq!(model.problem, None);
    assert_eq!(model.licence.as_deref(), Some("Usual-1.0"));
    assert_eq!(model.abilities, [Ability::Points, Ability::Video]);
    assert!(model.file("encoder").unwrap().path.ends_with("dropped/onnx/b.onnx"));
}

#[test]
fn full_precision_goes_before_half_and_quantised_is_never_chosen_unasked() {
    let root = folder_with(&[
        ("m/encoder_q4.onnx", &encoder()),
        ("m/encoder.onnx", &encoder()),
        ("m/encoder_fp16.onnx", &encoder()),
        ("m/decoder_fp16.onnx", &decoder()),
        ("m/decoder_int8.onnx", &decoder()),
    ]);
    let model = &list(&root)[0];
    assert_eq!(model.problem, None);
    assert!(model.file("encoder").unwrap().path.ends_with("encoder.onnx"));
    assert_eq!(model.file("decoder").unwrap().weights, Some(Weights::Half));

    fs::remove_file(root.path().join("m/decoder_fp16.onnx")).unwrap();
    let problem = list(&root)[0].problem.clone().unwrap();
    assert!(problem.contains("decoder_int8.onnx is quantised"), "{problem}");
}

#[test]
fn two_files_for_one_role_are_refused_rather_than_mixed() {
    let root =
        folder_with(&[("m/tiny.onnx", &encoder()), ("m/large.onnx", &encoder()), ("m/tiny_decoder.onnx", &decoder())]);
    let problem = list(&root)[0].problem.clone().unwrap();
    assert!(problem.contains("large.onnx and tiny.onnx are both a test encoder"), "{problem}");
}

#[test]
fn every_problem_is_told_with_the_file() {
    let (encoder, decoder) = (encoder(), decoder());
    let manifest = manifest();
    let unknown = writer::sines(1);
    let cut = &encoder[..encoder.len() - 20];
    let whole_numbers = decoder_with_points(INT64, 2);
    let three_columns = decoder_with_points(FLOAT, 3);
    let cases: [Case<'_>; 14] = [
        (&[("m/encoder.onnx", &encoder)], "no file is the test decoder, usually sam.onnx"),
        (&[("m/encoder.onnx", &encoder), ("m/sam.onnx", b"")], "sam.onnx cannot be used: it holds no graph"),
        (&[("m/encoder.onnx", cut), ("m/sam.onnx", &decoder)], "encoder.onnx cannot be used: it is cut short"),
        (&[("m/encoder.onnx", b"x"), ("m/sam.onnx", b"y")], "encoder.onnx cannot be used"),
        (&[("m/unet.onnx", &unknown)], "no file with the tensors of a known family (sam1, odd): unet.onnx takes \"x\""),
        (
            &[("m/a.onnx", &encoder), ("m/b.onnx", &whole_numbers)],
            "b.onnx is not a test decoder: expected input \"points\" f32[?, 2], found \"points\" i64[?, 2]",
        ),
        (
            &[("m/a.onnx", &encoder), ("m/b.onnx", &three_columns)],
            "expected input \"points\" f32[?, 2], found \"points\" f32[?, 3]",
        ),
        (&[("m/a.onnx", &memory())], "known and not run"),
        (
            &[("m/model.toml", manifest.as_bytes()), ("m/encoder.onnx", cut), ("m/other.onnx", &decoder)],
            "it is cut short or exchanged",
        ),
        (
            &[("m/model.toml", manifest.as_bytes()), ("m/encoder.onnx", &encoder), ("m/other.onnx", &encoder)],
            "other.onnx is not a test decoder: expected input \"embedding\"",
        ),
        (&[("m/model.toml", b"name = ")], "is not valid"),
        (&[("m/model.toml", b"name = 'x'\nfamily = 'raft'")], "\"raft\" is not known; known: sam1"),
        (&[("m/model.toml", b"name = 'x'\nfamily = 'sam1'")], "names no file for \"encoder\""),
        (&[("m/model.toml", &[0xff, 0xfe, 0x00])], "cannot be read"),
    ];
    for (files, words) in cases {
        let found = list(&folder_with(files));
        assert_eq!(found.len(), 1, "{words}");
        let problem = found[0].problem.as_deref().unwrap_or("no problem");
        assert!(problem.contains(words), "{problem} <> {words}");
    }
}

#[test]
fn weights_beside_a_graph_are_found_and_missed_when_they_are_cut() {
    // A weight of the graph (field 7, 5) in "w.bin" (13), 8 bytes from byte 4, outside of the file (14).
    let external: &[u8] = &[
        0x3a, 58, 0x2a, 56, 0x6a, 17, 0x0a, 8, b'l', b'o', b'c', b'a', b't', b'i', b'o', b'n', 0x12, 5, b'w', b'.',
        b'b', b'i', b'n', 0x6a, 11, 0x0a, 6, b'o', b'f', b'f', b's', b'e', b't', 0x12, 1, b'4', 0x6a, 11, 0x0a, 6,
        b'l', b'e', b'n', b'g', b't', b'h', 0x12, 1, b'8', 0x70, 1, 0x42, 1, b'w', 0x08, 2, 0x10, 1, 0x4a, 0,
    ];
    let encoder = [encoder(), external.to_vec()].concat();
    let root = folder_with(&[("m/e.onnx", &encoder), ("m/w.bin", &[0; 12]), ("m/d.onnx", &decoder())]);
    let model = &list(&root)[0];
    assert_eq!((&model.problem, model.file("encoder.data").unwrap().bytes), (&None, Some(12)));
    assert_eq!(model.file("encoder").unwrap().weights, Some(Weights::Full));
    assert!(model.model_file("encoder", &ENCODER).unwrap().data.is_some());
    fs::write(root.path().join("m/w.bin"), [0; 11]).unwrap();
    let problem = list(&root)[0].problem.clone().unwrap();
    assert!(problem.contains("w.bin has 11 bytes and e.onnx needs 12"), "{problem}");
    fs::remove_file(root.path().join("m/w.bin")).unwrap();
    assert!(list(&root)[0].problem.as_deref().unwrap().contains("w.bin is missing"));
}

#[test]
fn an_exchanged_file_is_seen_at_the_next_look() {
    let root = folder_with(&[("m/a.onnx", &encoder()), ("m/b.onnx", &encoder())]);
    let registry = registry(&root);
    assert!(registry.list()[0].problem.is_some());
    fs::write(root.path().join("m/b.onnx"), decoder()).unwrap();
    assert_eq!(registry.list()[0].problem, None);
}

#[test]
fn a_check_tells_roles_misfits_and_checksums() {
    let root = folder_with(&[
        ("m/model.toml", manifest().as_bytes()),
        ("m/encoder.onnx", &encoder()),
        ("m/other.onnx", &decoder_with_points(INT64, 3)),
        ("m/spare_q4.onnx", &memory()),
    ]);
    let registry = registry(&root);
    let report = registry.check(&root.path().join("m"), &NeverAbort).unwrap().unwrap();
    let [encoder, decoder, spare] = report.files.as_slice() else { panic!("{:?}", report.files) };
    assert_eq!((encoder.role.as_deref(), encoder.checksum_right), (Some("encoder"), Some(false)));
    assert!(encoder.misfits.is_empty() && !encoder.is_right());
    assert_eq!(decoder.misfits.len(), 1);
    assert_eq!(decoder.misfits[0].found, "\"points\" i64[?, 3]");
    assert_eq!((spare.role.as_deref(), spare.weights), (None, Some(Weights::Quantised)));
    assert_eq!(registry.check(root.path(), &NeverAbort).unwrap(), None);
}

#[test]
fn a_manifest_cannot_point_outside_its_folder() {
    for path in ["../secret.onnx", "/etc/passwd", "a/../../b", ""] {
        let text = format!("name = 'x'\nfamily = 'sam1'\n[[files]]\npath = '{path}'\nrole = 'encoder'");
        let found = list(&folder_with(&[("m/model.toml", text.as_bytes())]));
        assert!(found[0].problem.as_deref().unwrap().contains("within the folder"), "{path}");
    }
}
