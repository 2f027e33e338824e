//! Where a model is fetched from: the address of its `model.toml`, and of the files beside it.

use super::error::CommandError;
use std::fmt::Write;

/// The manifest's file name.
const MANIFEST: &str = "model.toml";

/// The address of a model's manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// All up to and with the last slash before the manifest's name.
    folder: String,
    /// The manifest's name as the address spells it.
    manifest: String,
    /// From the question mark on, or empty: it goes with every file.
    query: String,
}

impl Address {
    /// Whether something is meant as an address, not as a folder.
    pub fn is_meant(source: &str) -> bool {
        source.contains("://")
    }

    /// An address that is fit to be fetched from.
    ///
    /// # Errors
    /// [`CommandError::Address`].
    pub fn of(source: &str) -> Result<Self, CommandError> {
        let refuse = |reason| CommandError::Address { address: source.to_owned(), reason };
        let (scheme, rest) = source.split_once("://").ok_or_else(|| refuse("it has no http:// or https://"))?;
        if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return Err(refuse("only http:// and https:// are fetched from"));
        }
        if rest.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(refuse("it holds spaces or characters that no address has: write them as %20 and the like"));
        }
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let (path, query) =
            rest.split_once('?').map_or((rest, String::new()), |(path, query)| (path, format!("?{query}")));
        let (folder, manifest) = path.rsplit_once('/').ok_or_else(|| refuse("it ends at the host"))?;
        if folder.is_empty() || folder.starts_with('/') {
            return Err(refuse("it names no host"));
        }
        if folder.split('/').next().is_some_and(|host| host.contains('@')) {
            return Err(refuse(
                "names and passwords do not belong into an address, which others can see: put them into ~/.netrc",
            ));
        }
        if manifest != MANIFEST && !manifest.is_empty() {
            return Err(refuse("it is to end in model.toml, which names the files that lie beside it, or in a slash"));
        }
        Ok(Self { folder: format!("{scheme}://{folder}/"), manifest: MANIFEST.to_owned(), query })
    }

    /// That of the manifest.
    pub fn manifest(&self) -> String {
        format!("{}{}{}", self.folder, self.manifest, self.query)
    }

    /// That of a file beside it, which is a path with slashes.
    pub fn file(&self, path: &str) -> String {
        let mut address = self.folder.clone();
        for byte in path.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => address.push(byte.into()),
                // Writing to a text never fails.
                other => drop(write!(address, "%{other:02X}")),
            }
        }
        address + &self.query
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_lie_beside_the_manifest_and_keep_its_query() {
        let address = Address::of("https://example.org/models/sam/model.toml?download=true#top").unwrap();
        assert_eq!(address.manifest(), "https://example.org/models/sam/model.toml?download=true");
        let file = "https://example.org/models/sam/onnx/a%20b%25.onnx_data?download=true";
        assert_eq!(address.file("onnx/a b%.onnx_data"), file);
        let folder = Address::of("HTTP://127.0.0.1:80/m/").unwrap();
        assert_eq!(folder.manifest(), "HTTP://127.0.0.1:80/m/model.toml");
    }

    #[test]
    fn what_is_no_address_of_a_manifest_is_refused_with_what_is_expected() {
        for (source, words) in [
            ("file:///etc/model.toml", "only http:// and https://"),
            ("ftp://example.org/model.toml", "only http:// and https://"),
            ("https://example.org", "ends at the host"),
            ("https:///model.toml", "names no host"),
            ("https://example.org/model.zip", "end in model.toml"),
            ("https://example.org/a b/model.toml", "%20"),
            ("https://me:secret@example.org/model.toml", ".netrc"),
        ] {
            assert!(Address::is_meant(source));
            let error = Address::of(source).expect_err(source).to_string();
            assert!(error.contains(words), "{error}");
        }
        assert!(!Address::is_meant("/models/sam") && !Address::is_meant("C:\\models\\sam"));
    }
}
