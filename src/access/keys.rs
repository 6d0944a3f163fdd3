//! The built-in issuer's Ed25519 key: made at first start, read afterwards; and how files keep keys.
//!
//! Knows files and nothing of tokens.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::domain::issuer::PublicKey;

/// The file that holds the key, inside the directory given.
pub const FILE_NAME: &str = "issuer.pem";

const PEM_BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const PEM_END: &str = "-----END PRIVATE KEY-----";
/// An Ed25519 key takes some 120 bytes; whatever is larger is another file.
const MAX_FILE_BYTES: u64 = 4096;
/// Bytes of the public key's digest that name it: enough to tell keys apart, not a secret.
const KID_BYTES: usize = 8;

/// Why the key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("the key {path} cannot be used: {cause}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// Others on this machine could read the key.
    #[error("the key {path} is open to others (mode {mode:04o}); run `chmod 600` on it, or remove it for a new key")]
    Open {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Another key is there.
    #[error("there is another key at {path}: move it away first")]
    Taken {
        /// Which file.
        path: PathBuf,
    },
    /// The file holds something else.
    #[error(
        "the issuer's key {path} is not an Ed25519 private key in PKCS#8 PEM; restore it, or remove it for a new key"
    )]
    NotAKey {
        /// Which file.
        path: PathBuf,
    },
    /// The file holds something else than a key that seals.
    #[error("the key {path} is not one that codes are sealed with; restore it: no other opens what it sealed")]
    NotASealKey {
        /// Which file.
        path: PathBuf,
    },
    /// No key could be made.
    #[error("no key could be made on this machine")]
    Generate,
}

/// The key that signs the tokens of the built-in issuer.
pub struct IssuerKey {
    pkcs8: Vec<u8>,
    public: PublicKey,
    kid: String,
}

impl IssuerKey {
    /// The key in `dir`, made now if there is none yet.
    ///
    /// The file appears complete or not at all, readable by its owner only; of several processes that start at once all
    /// end up with the same key.
    pub fn load_or_create(dir: &Path) -> Result<Self, KeyError> {
        let path = dir.join(FILE_NAME);
        match Self::load(&path) {
            Err(KeyError::File { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => {}
            loaded => return loaded,
        }
        let key = Self::generate()?;
        match write_new(dir, &path, &key.pem()) {
            Ok(()) => Ok(key),
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => Self::load(&path),
            Err(cause) => Err(KeyError::File { path, cause }),
        }
    }

    /// A key that no file holds.
    pub fn generate() -> Result<Self, KeyError> {
        // PKCS#8 version 1: the form that OpenSSL writes and that every tool reads.
        let pair = Ed25519KeyPair::generate().map_err(|_| KeyError::Generate)?;
        let document = pair.to_pkcs8v1().map_err(|_| KeyError::Generate)?;
        Self::of(document.as_ref().to_vec(), &pair).ok_or(KeyError::Generate)
    }

    /// Names the key in the header of its tokens.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The private key as PKCS#8 (RFC 5208), a secret.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    fn of(pkcs8: Vec<u8>, pair: &Ed25519KeyPair) -> Option<Self> {
        let public = PublicKey::try_from(pair.public_key().as_ref()).ok()?;
        let hash = digest(&SHA256, &public);
        let kid = URL_SAFE_NO_PAD.encode(hash.as_ref().iter().take(KID_BYTES).copied().collect::<Vec<u8>>());
        Some(Self { pkcs8, public, kid })
    }

    fn load(path: &Path) -> Result<Self, KeyError> {
        let text = read_private(path)?;
        let not_a_key = || KeyError::NotAKey { path: path.to_owned() };
        let pkcs8 = of_pem(&text).ok_or_else(not_a_key)?;
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|_| not_a_key())?;
        Self::of(pkcs8, &pair).ok_or_else(not_a_key)
    }

    /// The private key as PEM (RFC 7468); its one line of content is short enough never to need a second.
    fn pem(&self) -> String {
        format!("{PEM_BEGIN}\n{}\n{PEM_END}\n", STANDARD.encode(&self.pkcs8))
    }
}

impl std::fmt::Debug for IssuerKey {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuerKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// The private key in `dir` as PEM, a secret.
pub fn export(dir: &Path) -> Result<String, KeyError> {
    Ok(IssuerKey::load(&dir.join(FILE_NAME))?.pem())
}

/// Makes `pem` the key in `dir`, where there may be none but the same.
pub fn import(dir: &Path, pem: &str) -> Result<(), KeyError> {
    let path = dir.join(FILE_NAME);
    match write_new(dir, &path, pem) {
        Ok(()) => IssuerKey::load(&path).map(drop),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
            let same = IssuerKey::load(&path).is_ok_and(|key| key.pem() == pem);
            if same { Ok(()) } else { Err(KeyError::Taken { path }) }
        }
        Err(cause) => Err(KeyError::File { path, cause }),
    }
}

fn of_pem(text: &str) -> Option<Vec<u8>> {
    let inner = text.trim().strip_prefix(PEM_BEGIN)?.strip_suffix(PEM_END)?;
    let content: String = inner.split_ascii_whitespace().collect();
    STANDARD.decode(content).ok()
}

pub(super) fn read_private(path: &Path) -> Result<String, KeyError> {
    let failed = |cause| KeyError::File { path: path.to_owned(), cause };
    // Mode and content are asked of the same open file, so nobody can exchange it in between.
    let file = File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeyError::Open { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    file.take(MAX_FILE_BYTES).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

/// Writes `content` to `path` unless something is there: a temporary file of mode 0600 is filled, flushed to the disk
/// and then linked under its name, which fails if the name is taken.
pub(super) fn write_new(dir: &Path, path: &Path, content: &str) -> io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(".key-")
        .permissions(std::fs::Permissions::from_mode(0o600))
        .tempfile_in(dir)?;
    file.write_all(content.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|refused| refused.error)?;
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn it_is_made_once_for_its_owner_only_and_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let made = IssuerKey::load_or_create(dir.path()).unwrap();
        let path = dir.path().join(FILE_NAME);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        let found = IssuerKey::load_or_create(dir.path()).unwrap();
        assert_eq!((made.kid(), made.public(), made.pkcs8()), (found.kid(), found.public(), found.pkcs8()));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn starting_at_once_ends_with_one_key() {
        let dir = tempfile::tempdir().unwrap();
        let kids: Vec<String> = std::thread::scope(|scope| {
            let starts: Vec<_> =
                (0..8).map(|_| scope.spawn(|| IssuerKey::load_or_create(dir.path()).unwrap().kid)).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(kids.iter().all(|kid| *kid == kids[0]), "{kids:?}");
    }

    #[test]
    fn a_key_open_to_others_is_refused_with_the_remedy() {
        let dir = tempfile::tempdir().unwrap();
        IssuerKey::load_or_create(dir.path()).unwrap();
        let path = dir.path().join(FILE_NAME);
        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = IssuerKey::load_or_create(dir.path()).unwrap_err().to_string();
            assert!(refused.contains("chmod 600"), "{refused}");
        }
    }

    #[test]
    fn another_file_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE_NAME);
        for content in ["", "not a key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            assert!(matches!(IssuerKey::load_or_create(dir.path()), Err(KeyError::NotAKey { .. })), "{content}");
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
    }

    #[test]
    fn keys_differ_and_their_secret_is_not_shown() {
        let (one, other) = (IssuerKey::generate().unwrap(), IssuerKey::generate().unwrap());
        assert_ne!(one.kid(), other.kid());
        assert_eq!(format!("{one:?}"), format!("IssuerKey {{ kid: \"{}\", .. }}", one.kid()));
    }
}
