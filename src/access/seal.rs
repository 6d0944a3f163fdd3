//! The key that fulfilment codes are sealed with at rest: made at first start, read afterwards, never in the database.
//!
//! Knows files and nothing of redemptions. Sealed is by AES-256-GCM (NIST SP 800-38D) with a random nonce; what it belongs
//! to is authenticated with it, so that a sealed text opens in its own place alone.

use std::io;
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::keys::{KeyError, read_private, write_new};

/// What the file's line begins with.
const LABEL: &str = "applaus-seal-1 ";
const KEY_BYTES: usize = 32;
/// Bytes of the key's digest that name it: enough to tell keys apart, not a secret.
const ID_BYTES: usize = 8;

/// The key.
pub struct SealKey {
    secret: [u8; KEY_BYTES],
    id: String,
}

/// Why a sealed text does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOpened {
    /// It was sealed with another key.
    OtherKey,
    /// It was changed, belongs elsewhere, or is no sealed text.
    Damaged,
}

impl SealKey {
    /// The key in the file, made now if there is none yet; of several processes that start at once all end up with the
    /// same.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyError> {
        match Self::load(path) {
            Err(KeyError::File { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => {}
            loaded => return loaded,
        }
        let key = Self::generate()?;
        match write_new(directory(path), path, &key.line()) {
            Ok(()) => Ok(key),
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => Self::load(path),
            Err(cause) => Err(KeyError::File { path: path.to_owned(), cause }),
        }
    }

    /// A key that no file holds.
    pub fn generate() -> Result<Self, KeyError> {
        let mut secret = [0; KEY_BYTES];
        rand::fill(&mut secret).map_err(|_| KeyError::Generate)?;
        Ok(Self::of(secret))
    }

    fn of(secret: [u8; KEY_BYTES]) -> Self {
        let hash = digest(&SHA256, &secret);
        let id = URL_SAFE_NO_PAD.encode(hash.as_ref().iter().take(ID_BYTES).copied().collect::<Vec<u8>>());
        Self { secret, id }
    }

    fn load(path: &Path) -> Result<Self, KeyError> {
        let text = read_private(path)?;
        of_line(&text).map(Self::of).ok_or_else(|| KeyError::NotASealKey { path: path.to_owned() })
    }

    fn line(&self) -> String {
        format!("{LABEL}{}\n", STANDARD.encode(self.secret))
    }

    fn cipher(&self) -> Option<RandomizedNonceKey> {
        RandomizedNonceKey::new(&AES_256_GCM, &self.secret).ok()
    }

    /// `text` sealed for what it belongs to: `KEY_ID.NONCE_AND_CIPHERTEXT`. None if this machine cannot.
    pub fn seal(&self, belongs_to: &str, text: &str) -> Option<String> {
        let mut bytes = text.as_bytes().to_vec();
        let nonce = self.cipher()?.seal_in_place_append_tag(Aad::from(belongs_to), &mut bytes).ok()?;
        let sealed: Vec<u8> = nonce.as_ref().iter().copied().chain(bytes).collect();
        Some(format!("{}.{}", self.id, URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// What [`Self::seal`] sealed.
    pub fn open(&self, belongs_to: &str, sealed: &str) -> Result<String, NotOpened> {
        let (id, text) = sealed.split_once('.').ok_or(NotOpened::Damaged)?;
        if id != self.id {
            return Err(NotOpened::OtherKey);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotOpened::Damaged)?;
        let (nonce, cipher) = bytes.split_at_checked(NONCE_LEN).ok_or(NotOpened::Damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| NotOpened::Damaged)?;
        let (mut cipher, key) = (cipher.to_vec(), self.cipher().ok_or(NotOpened::Damaged)?);
        let opened = key.open_in_place(nonce, Aad::from(belongs_to), &mut cipher).map_err(|_| NotOpened::Damaged)?;
        String::from_utf8(opened.to_vec()).map_err(|_| NotOpened::Damaged)
    }
}

impl std::fmt::Debug for SealKey {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The line of the file, a secret; none if there is no such file.
pub fn export(path: &Path) -> Result<Option<String>, KeyError> {
    match SealKey::load(path) {
        Ok(key) => Ok(Some(key.line())),
        Err(KeyError::File { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes `line` the key in the file, where there may be none but the same.
pub fn import(path: &Path, line: &str) -> Result<(), KeyError> {
    match write_new(directory(path), path, line) {
        Ok(()) => SealKey::load(path).map(drop),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
            let same = SealKey::load(path).is_ok_and(|key| key.line() == line);
            if same { Ok(()) } else { Err(KeyError::Taken { path: path.to_owned() }) }
        }
        Err(cause) => Err(KeyError::File { path: path.to_owned(), cause }),
    }
}

fn of_line(text: &str) -> Option<[u8; KEY_BYTES]> {
    let content = text.strip_prefix(LABEL)?.strip_suffix('\n')?;
    STANDARD.decode(content).ok()?.try_into().ok()
}

fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use proptest::prelude::*;

    use super::*;

    const FILE_NAME: &str = "applaus.seal";

    #[test]
    fn the_key_is_made_once_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE_NAME);
        let sealed = SealKey::load_or_create(&path).unwrap().seal("here", "ABCD-1234").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        assert_eq!(SealKey::load_or_create(&path).unwrap().open("here", &sealed).unwrap(), "ABCD-1234");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(SealKey::load_or_create(&path), Err(KeyError::Open { .. })));
        fs::write(&path, "something else").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(SealKey::load_or_create(&path), Err(KeyError::NotASealKey { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "something else");
    }

    #[test]
    fn a_key_moves_as_it_is_and_replaces_no_other() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let [from, to] = [&here, &there].map(|dir| dir.path().join(FILE_NAME));
        assert_eq!(export(&from).unwrap(), None);
        let sealed = SealKey::load_or_create(&from).unwrap().seal("a", "b").unwrap();
        let line = export(&from).unwrap().unwrap();
        for _ in 0..2 {
            import(&to, &line).unwrap();
        }
        assert_eq!(SealKey::load_or_create(&to).unwrap().open("a", &sealed).unwrap(), "b");
        let other = SealKey::generate().unwrap().line();
        assert!(matches!(import(&to, &other), Err(KeyError::Taken { .. })));
    }

    #[test]
    fn only_the_right_key_in_the_right_place_opens() {
        let (key, other) = (SealKey::generate().unwrap(), SealKey::generate().unwrap());
        let sealed = key.seal("here", "code").unwrap();
        assert_ne!(sealed, key.seal("here", "code").unwrap(), "nonces differ");
        assert_eq!(other.open("here", &sealed), Err(NotOpened::OtherKey));
        assert_eq!(key.open("there", &sealed), Err(NotOpened::Damaged));
        assert_eq!(format!("{key:?}"), format!("SealKey {{ id: \"{}\", .. }}", key.id));
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens_unless_it_was_changed(text in "\\PC{0,40}", place in 0_usize..200, by in 1_u8..=255) {
            let key = SealKey::generate().unwrap();
            let sealed = key.seal("r", &text).unwrap();
            prop_assert!(text.is_empty() || !sealed.contains(&text) || text.len() < 4);
            prop_assert_eq!(key.open("r", &sealed), Ok(text));
            let (id, body) = sealed.split_once('.').unwrap();
            let mut bytes = URL_SAFE_NO_PAD.decode(body).unwrap();
            let place = place % bytes.len();
            bytes[place] ^= by;
            let changed = format!("{id}.{}", URL_SAFE_NO_PAD.encode(bytes));
            prop_assert_eq!(key.open("r", &changed), Err(NotOpened::Damaged));
        }

        #[test]
        fn no_text_is_sealed_by_accident(text in "\\PC{0,80}") {
            prop_assert!(SealKey::generate().unwrap().open("r", &text).is_err());
        }
    }
}
