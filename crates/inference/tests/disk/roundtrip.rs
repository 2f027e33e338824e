//! What is written is read again, by this store and the next, and by nobody under another name.

use std::fs::{self, File};

use inference::{Feature, NeverAbort};
use ndarray::{Array1, ArrayD};

use super::*;

#[test]
fn what_one_store_writes_another_reads_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, reader) = (store(folder.path()), store(folder.path()));
    for (number, length) in [0, 1, 95, 96, 4096, 300_000].into_iter().enumerate() {
        let key = key(number as u64);
        let (plain, packed) = (Plain(content(7, length)), Packed(vec![3; length]));
        writer.write(key, &plain, &NeverAbort);
        writer.write(key, &packed, &NeverAbort);
        assert_eq!((reader.read(key), reader.read(key)), (Some(plain), Some(packed)), "{length} bytes");
    }
    let activity = reader.stats().activity;
    assert_eq!((activity.hits, activity.misses, activity.damaged), (12, 0, 0));
    let report = writer.stats();
    assert_eq!((report.entries, report.temporary, report.foreign, report.problem), (12, 0, 0, None));
    assert_eq!(
        report.kinds.iter().map(|kind| (kind.kind.as_str(), kind.entries)).collect::<Vec<_>>(),
        [("packed-1", 6), ("plain-1", 6)]
    );
    assert_eq!(report.bytes, files(folder.path()).iter().map(|path| path.metadata().unwrap().len()).sum());
}

#[test]
fn packing_shrinks_what_repeats_and_never_grows_what_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    store.write(key(1), &Packed(vec![255; 100_000]), &NeverAbort);
    assert!(store.stats().bytes < 1000);
    store.clear();
    store.write(key(1), &Packed(content(1, 10_000)), &NeverAbort);
    assert_eq!(store.stats().bytes, (HEADER + 10_000) as u64);
    assert_eq!(store.read(key(1)), Some(Packed(content(1, 10_000))));
}

#[test]
fn another_key_or_another_kind_finds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    put(&store, 1, 10);
    assert_eq!((store.read::<Plain>(key(2)), store.read::<Packed>(key(1))), (None, None));
    let activity = store.stats().activity;
    assert_eq!((activity.hits, activity.misses, activity.damaged), (0, 2, 0));
}

#[test]
fn writing_again_replaces() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    store.write(key(1), &Plain(vec![1; 10]), &NeverAbort);
    store.write(key(1), &Plain(vec![2; 20]), &NeverAbort);
    assert_eq!(store.read(key(1)), Some(Plain(vec![2; 20])));
    assert_eq!(files(folder.path()), [place(folder.path(), "plain-1", key(1))]);
}

#[test]
fn features_come_back_bit_for_bit_in_their_precision() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let odd = [f32::NAN, f32::INFINITY, -0.0, 1e-30, 65504.0, 0.1];
    let arrays = || vec![Array1::from(odd.to_vec()).into_dyn(), ArrayD::from_elem(vec![2, 3, 4], 0.1), empty()];
    for (number, feature) in
        [Feature::new(arrays()), Feature::half(arrays()), Feature::new(Vec::new())].iter().enumerate()
    {
        store.write(key(number as u64), feature, &NeverAbort);
        let read: Feature = store.read(key(number as u64)).expect("is there");
        let bits = |feature: &Feature| -> Vec<(Vec<usize>, Vec<u32>)> {
            let bits = |array: &ndarray::CowArray<'_, f32, _>| array.iter().map(|value| value.to_bits()).collect();
            feature.tensors().iter().map(|array| (array.shape().to_vec(), bits(array))).collect()
        };
        assert_eq!(bits(&read), bits(feature));
        assert_eq!(read.byte_size(), feature.byte_size());
    }
}

fn empty() -> ArrayD<f32> {
    ArrayD::zeros(vec![0, 5])
}

#[cfg(unix)]
#[test]
fn entries_have_the_rights_of_any_new_file_so_that_a_group_can_share_them() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    put(&store(folder.path()), 1, 10);
    let usual = folder.path().join("usual");
    File::create(&usual).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&place(folder.path(), "plain-1", key(1))), mode(&usual));
}
