//! What is taken, what is refused, and in which words.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use inference::Precision;
use proptest::prelude::*;

use super::Settings;
use super::error::{Place, Problem, SettingsError};
use super::sources::{FILE_VARIABLE, Sources};
use super::table::TABLE;

/// Settings of a file with this text and these variables.
fn read(text: &str, variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, text).unwrap();
    let mut all = vec![(FILE_VARIABLE, file.to_str().unwrap())];
    all.extend(variables);
    read_with(&all, &[])
}

fn read_with(variables: &[(&str, &str)], command: &[(String, String)]) -> Result<Settings, SettingsError> {
    let variables: HashMap<&str, OsString> = variables.iter().map(|&(name, value)| (name, value.into())).collect();
    Sources { variables: &|name| variables.get(name).cloned(), command }.read()
}

/// The words of a refusal.
fn refusal(text: &str) -> String {
    read(text, &[]).expect_err(text).to_string()
}

fn says(words: &str, parts: &[&str]) {
    for part in parts {
        assert!(words.contains(part), "\"{part}\" is not in: {words}");
    }
}

#[test]
fn without_file_and_variables_all_is_default() {
    let settings = read_with(&[], &[]).unwrap();
    assert_eq!((settings.threads, settings.features_mb), (None, 512));
    assert!(settings.report().iter().all(|row| row.from == "default"));
}

#[test]
fn every_name_and_variable_stands_once() {
    for (index, row) in TABLE.iter().enumerate() {
        assert!(row.key.split_once('.').is_some_and(|(section, key)| !section.is_empty() && !key.contains('.')));
        assert!(row.variable.starts_with("SAM3ROTO_") && row.meaning.ends_with('.'), "{}", row.key);
        let others = TABLE.iter().skip(index + 1);
        assert!(others.clone().all(|other| other.key != row.key && other.variable != row.variable), "{}", row.key);
    }
}

#[test]
fn the_file_is_taken_and_the_environment_wins_over_it_and_the_command_over_both() {
    let text = "[engine]\nthreads = 2\n\n[cache]\nfeatures_mb = 64 # of memory\n";
    let settings = read(text, &[("SAM3ROTO_THREADS", "8")]).unwrap();
    assert_eq!((settings.threads, settings.features_mb), (Some(8), 64));
    let from = |key: &str| settings.report().into_iter().find(|row| row.setting == key).unwrap();
    assert_eq!(
        (from("engine.threads").value, from("engine.threads").from),
        ("8".into(), "environment variable SAM3ROTO_THREADS".into())
    );
    assert_eq!(from("cache.features_mb").from, "settings file, line 5");
    assert_eq!(from("log.file").from, "default");
    let command = [("engine.threads".to_owned(), "3".to_owned())];
    let settings = read_with(&[("SAM3ROTO_THREADS", "8")], &command).unwrap();
    assert_eq!(settings.threads, Some(3));
}

#[test]
fn a_value_out_of_range_is_refused_with_its_line_and_what_is_allowed() {
    let words = refusal("[engine]\n# many\nthreads = 900\n");
    says(
        &words,
        &[
            "settings.toml, line 3",
            "engine.threads is 900",
            "a whole number from 1 to 256, or \"auto\"",
            "Correct the line",
        ],
    );
    says(&refusal("[engine]\nthreads = -1"), &["engine.threads is -1"]);
    says(
        &refusal("engine.threads = 99999999999999999999999"),
        &["line 1", "engine.threads is 99999999999999999999999"],
    );
    says(&refusal("[engine]\nthreads = 0x1000"), &["engine.threads is 0x1000"]);
}

#[test]
fn a_value_of_another_type_is_refused() {
    says(&refusal("[engine]\nthreads = \"4\""), &["engine.threads is \"4\""]);
    says(&refusal("[engine]\nthreads = 2.5"), &["engine.threads is 2.5"]);
    says(&refusal("[engine]\nthreads = true"), &["engine.threads is true"]);
    says(&refusal("[engine.threads]\ncount = 4"), &["engine.threads is a section"]);
    says(&refusal("[engine]\nlibrary = 7"), &["engine.library is 7", "an absolute path"]);
    says(&refusal("[engine]\nmodels = \"/a\""), &["engine.models is \"/a\"", "a list of absolute folders"]);
    says(&refusal("[engine]\nmodels = [\"/a\", 3]"), &["[\"/a\", 3]"]);
    says(&refusal("engine = 4"), &["engine is 4", "a section, written as [engine]"]);
    says(&refusal("[[engine]]\nthreads = 4"), &["engine is ["]);
}

#[test]
fn devices_are_one_or_a_list() {
    let order = |text: &str| read(text, &[]).unwrap().devices.to_string();
    assert_eq!(order("[engine]\ndevice = \"auto\""), "auto");
    assert_eq!(order("[engine]\ndevice = \"cuda:1\""), "cuda:1, cpu");
    assert_eq!(order("[engine]\ndevice = [\"cuda:1\", \"cuda:0\"]"), "cuda:1, cuda:0, cpu");
    let settings = read_with(&[("SAM3ROTO_DEVICE", "webgpu,cpu")], &[]).unwrap();
    assert_eq!(settings.devices.to_string(), "webgpu, cpu");
    for wrong in ["\"gpu\"", "[]", "[\"cpu\", 1]", "7", "\"\""] {
        says(&refusal(&format!("[engine]\ndevice = {wrong}")), &["engine.device is", "directml"]);
    }
}

#[test]
fn switches_are_true_or_false() {
    assert!(!read("[cache]\nhalf_precision = false", &[]).unwrap().features_in_half);
    assert!(!read_with(&[("SAM3ROTO_CACHE_HALF_PRECISION", "Off")], &[]).unwrap().features_in_half);
    says(&refusal("[cache]\nhalf_precision = 1"), &["cache.half_precision is 1", "true or false"]);
    says(&refusal("[cache]\nhalf_precision = \"on\""), &["true or false"]);
}

#[test]
fn precision_is_one_of_two_words() {
    assert_eq!(read("[engine]\nprecision = \"f16\"", &[]).unwrap().precision, Precision::F16);
    says(&refusal("[engine]\nprecision = 16"), &["engine.precision is 16", "\"f32\" or \"f16\""]);
}

#[test]
fn a_soft_budget_above_the_hard_one_is_refused() {
    let words = refusal("[memory]\nhost_soft_mb = 900\nhost_hard_mb = 800\n");
    says(&words, &["line 2", "memory.host_soft_mb is 900", "at most memory.host_hard_mb, which is 800"]);
    assert!(read("[memory]\nhost_soft_mb = 800\nhost_hard_mb = 800\n", &[]).is_ok());
}

#[test]
fn an_empty_folder_is_none() {
    assert_eq!(read("[cache]\nfolder = \"\"", &[]).unwrap().cache_folder, None);
}

#[test]
fn relative_paths_are_refused() {
    says(&refusal("[engine]\nlibrary = \"lib/onnx.so\""), &["engine.library is \"lib/onnx.so\"", "an absolute path"]);
    says(&refusal("[cache]\nfolder = \"~/cache\""), &["cache.folder is \"~/cache\""]);
}

#[test]
fn unknown_names_are_refused_with_the_nearest() {
    says(
        &refusal("[engine]\nthread = 2"),
        &["line 2", "no setting engine.thread", "did you mean engine.threads (threads below [engine])?"],
    );
    says(&refusal("[engin]\nthreads = 2"), &["line 2", "engin.threads", "did you mean engine.threads"]);
    says(&refusal("threads = 2"), &["line 1", "did you mean engine.threads"]);
    says(&refusal("[colours]\nlut = 2"), &["no setting colours.lut", "docs/settings.md"]);
    says(&refusal("[colours]"), &["no setting colours"]);
    says(&refusal("[engine]\n\"thr\\nead\" = 2"), &["no setting"]);
}

#[test]
fn what_is_no_toml_is_refused_with_its_line() {
    says(&refusal("[engine]\nthreads = 2\nthreads 4\n"), &["line 3"]);
    says(&refusal("[engine]\nthreads = 2\nthreads = 4\n"), &["line 3", "duplicate"]);
    says(&refusal("[engine\n"), &["line 1"]);
}

#[test]
fn everything_wrong_is_told_at_once_in_the_order_of_the_lines() {
    let error = read("[log]\nfile = 3\n[engine]\nthreads = 0\nmodel = 1\n", &[("SAM3ROTO_LOG", "loud")]).unwrap_err();
    let lines: Vec<Option<usize>> = error
        .problems()
        .iter()
        .map(|problem| match problem {
            Problem::Value { place: Place::File { line, .. }, .. } => Some(*line),
            Problem::Unknown { place: Place::File { line, .. }, .. } => Some(*line),
            _ => None,
        })
        .collect();
    assert_eq!(lines, [Some(2), Some(4), Some(5), None]);
    says(&error.to_string(), &["environment variable SAM3ROTO_LOG", "\"loud\"", "start the host again"]);
}

#[test]
fn a_flood_of_problems_is_cut_short() {
    let many: String = (0..1000).map(|number| format!("unknown{number} = 1\n")).collect();
    let words = refusal(&many);
    assert!(words.lines().count() < 10 && words.contains("995 more"), "{words}");
    let long = refusal(&format!("[engine]\nlibrary = \"{}\"", "x".repeat(100_000)));
    assert!(long.len() < 1000, "{} letters", long.len());
    let long = refusal(&format!("{} = 1", "y".repeat(100_000)));
    assert!(long.len() < 1000, "{} letters", long.len());
}

#[test]
fn variables_are_refused_like_lines_and_empty_ones_are_not_there() {
    for (variable, value, allowed) in [
        ("SAM3ROTO_THREADS", "four", "1 to 256"),
        ("SAM3ROTO_THREADS", "0", "1 to 256"),
        ("SAM3ROTO_FEATURE_CACHE_MB", "1GB", "a whole number"),
        ("SAM3ROTO_ONNXRUNTIME", "onnxruntime.so", "an absolute path"),
        ("SAM3ROTO_MODELS", "models", "absolute folders"),
        ("SAM3ROTO_LOG", "inference=", "one of off, error"),
    ] {
        let words = read_with(&[(variable, value)], &[]).expect_err(value).to_string();
        says(&words, &[variable, value, allowed, "start the host again"]);
        assert!(read_with(&[(variable, "")], &[]).is_ok());
    }
    assert_eq!(read_with(&[("SAM3ROTO_THREADS", " auto ")], &[]).unwrap().threads, None);
    assert_eq!(read_with(&[("SAM3ROTO_LOG", "warn,inference=debug")], &[]).unwrap().log_level, "warn,inference=debug");
}

#[cfg(unix)]
#[test]
fn folders_are_separated_as_in_path() {
    let settings = read_with(&[("SAM3ROTO_MODELS", "/a:/b c::")], &[]).unwrap();
    assert_eq!(settings.models, [PathBuf::from("/a"), PathBuf::from("/b c")]);
    let settings = read("[engine]\nmodels = [\"/x\"]", &[]).unwrap();
    assert_eq!(settings.models, [PathBuf::from("/x")]);
}

#[cfg(unix)]
#[test]
fn a_path_that_is_no_text_is_a_path_all_the_same() {
    use std::os::unix::ffi::OsStringExt;
    let odd = OsString::from_vec(b"/mnt/\xff".to_vec());
    let variables = |name: &str| (name == "SAM3ROTO_ONNXRUNTIME").then(|| odd.clone());
    let settings = Sources { variables: &variables, command: &[] }.read().unwrap();
    assert_eq!(settings.library, Some(PathBuf::from(odd.clone())));
}

#[test]
fn files_that_cannot_be_read_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: &Path| read_with(&[(FILE_VARIABLE, path.to_str().unwrap())], &[]).unwrap_err().to_string();
    says(&refused(&folder.path().join("none.toml")), &["none.toml", "does not exist", FILE_VARIABLE]);
    says(&refused(folder.path()), &["cannot be read"]);
    let picture = folder.path().join("picture.png");
    std::fs::write(&picture, [0x89, b'P', b'N', b'G', 0xff, 0xfe]).unwrap();
    says(&refused(&picture), &["picture.png", "no UTF-8"]);
    let film = folder.path().join("film.mov");
    std::fs::write(&film, vec![b' '; (1 << 20) + 1]).unwrap();
    says(&refused(&film), &["film.mov", "no settings file"]);
}

#[test]
fn a_file_of_windows_is_read() {
    let settings = read("\u{feff}[engine]\r\nthreads = 2\r\n", &[]).unwrap();
    assert_eq!(settings.threads, Some(2));
    says(&refusal("[engine]\r\n\r\nthreads = 0\r\n"), &["line 3"]);
}

/// Text that looks like settings, with known and unknown names and values of every type.
fn almost_settings() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        prop::sample::select(TABLE.iter().map(|row| row.key.to_owned()).collect::<Vec<_>>()),
        "[a-z_.\"\\[\\]]{0,12}",
    ];
    let value = prop_oneof![
        "-?[0-9_.xe]{0,24}",
        "\"[^\"]{0,20}\"",
        "\\[[\"a-z0-9, /]{0,16}\\]",
        "\\{[a-z= ]{0,9}\\}",
        "\\PC{0,12}"
    ];
    let line = prop_oneof![
        4 => (name, value).prop_map(|(name, value)| format!("{name} = {value}")),
        1 => "\\[{0,2}[a-z. ]{0,9}\\]{0,2}",
        1 => "\\PC{0,20}",
    ];
    prop::collection::vec(line, 0..12).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn no_text_makes_reading_panic(text in prop_oneof![any::<String>(), almost_settings()]) {
        let lines = text.bytes().filter(|byte| *byte == b'\n').count() + 1;
        if let Err(error) = read(&text, &[]) {
            prop_assert!(!error.problems().is_empty());
            for problem in error.problems() {
                prop_assert!(problem.to_string().len() < 2000);
                if let Problem::Value { place: Place::File { line, .. }, .. } = problem {
                    prop_assert!((1..=lines).contains(line));
                }
            }
        }
    }

    #[test]
    fn no_variable_makes_reading_panic(index in 0..TABLE.len(), value in any::<String>()) {
        let variable = TABLE[index].variable;
        let read = Sources { variables: &|name| (name == variable).then(|| value.clone().into()), command: &[] }.read();
        if let Err(error) = read {
            prop_assert!(error.to_string().contains(variable));
        }
    }
}
