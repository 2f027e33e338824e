//! Whole files or none.

use super::SequenceError;
use std::fs;
use std::io::{self, BufWriter, Seek, Write};
use std::path::Path;

/// Writes a file through `fill` under a hidden name beside it and renames it when every byte has reached the disk. Makes the folder.
/// Whatever goes wrong, `path` is either untouched or complete, and the hidden file is gone.
pub(super) fn write_whole(
    path: &Path,
    fill: impl FnOnce(&mut dyn WriteSeek) -> Result<(), WriteFailure>,
) -> Result<(), SequenceError> {
    let failed = |source: io::Error| SequenceError::write(path, &source);
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder).map_err(|source| SequenceError::CreateFolder { folder: folder.to_owned(), source })?;
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let prefix = format!(".{name}.");
    let mut options = tempfile::Builder::new();
    options.prefix(&prefix).suffix(".part");
    #[cfg(unix)]
    let options = {
        // As any new file: what the user's umask leaves of rw-rw-rw-, not the owner-only default of temporary files.
        use std::os::unix::fs::PermissionsExt;
        options.permissions(fs::Permissions::from_mode(0o666))
    };
    let mut file = options.tempfile_in(folder).map_err(failed)?;
    let mut writer = BufWriter::with_capacity(1 << 18, file.as_file_mut());
    fill(&mut writer).map_err(|failure| match failure {
        WriteFailure::Io(source) => failed(source),
        WriteFailure::Encode(problem) => SequenceError::Write { path: path.to_owned(), problem },
    })?;
    writer.flush().map_err(failed)?;
    drop(writer);
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Writes bytes as a file, whole or not at all, and makes its folder. A file of this name is replaced.
///
/// # Errors
/// When the folder cannot be made or the file not written.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), SequenceError> {
    write_whole(path, |out| out.write_all(bytes).map_err(WriteFailure::Io))
}

/// What an encoder writes to.
pub(super) trait WriteSeek: Write + Seek {}

impl<T: Write + Seek + ?Sized> WriteSeek for T {}

/// Why an encoder stopped.
#[derive(Debug)]
pub(super) enum WriteFailure {
    /// The system refused.
    Io(io::Error),
    /// The picture does not fit the format.
    Encode(String),
}

impl From<exr::error::Error> for WriteFailure {
    fn from(error: exr::error::Error) -> Self {
        match error {
            exr::error::Error::Io(source) => Self::Io(source),
            other => Self::Encode(other.to_string()),
        }
    }
}

impl From<png::EncodingError> for WriteFailure {
    fn from(error: png::EncodingError) -> Self {
        match error {
            png::EncodingError::IoError(source) => Self::Io(source),
            other => Self::Encode(other.to_string()),
        }
    }
}

impl From<image::ImageError> for WriteFailure {
    fn from(error: image::ImageError) -> Self {
        match error {
            image::ImageError::IoError(source) => Self::Io(source),
            other => Self::Encode(other.to_string()),
        }
    }
}

impl From<tiff::TiffError> for WriteFailure {
    fn from(error: tiff::TiffError) -> Self {
        match error {
            tiff::TiffError::IoError(source) => Self::Io(source),
            other => Self::Encode(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_full_disk_leaves_no_file_and_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("matte.0001.exr");
        let error = write_whole(&path, |out| {
            out.write_all(b"half of it").map_err(WriteFailure::Io)?;
            Err(WriteFailure::Io(io::Error::from(io::ErrorKind::StorageFull)))
        })
        .unwrap_err();
        assert!(matches!(&error, SequenceError::DiskFull { path: named } if *named == path), "{error}");
        assert!(error.to_string().contains("matte.0001.exr"));
        assert_eq!(names(folder.path()), Vec::<String>::new());
    }

    #[test]
    fn a_failed_encoder_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("matte.png");
        fs::write(&path, b"old").unwrap();
        let error = write_whole(&path, |out| {
            out.write_all(&[0; 1 << 20]).map_err(WriteFailure::Io)?;
            Err(WriteFailure::Encode("no".to_owned()))
        });
        assert!(error.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["matte.png"]);
    }

    #[test]
    fn the_name_appears_only_when_the_file_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/matte.png");
        write_whole(&path, |out| {
            out.write_all(b"begin ").map_err(WriteFailure::Io)?;
            assert!(!path.exists());
            out.write_all(b"end").map_err(WriteFailure::Io)
        })
        .unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"begin end");
        assert_eq!(names(path.parent().unwrap()), ["matte.png"]);
    }
}
