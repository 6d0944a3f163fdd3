//! Making an issuer's key known to every instance.

use super::{Command, Failure, Tx};
use crate::domain::issuer::PublicKey;
use crate::store::head::ChangeKind;
use crate::store::issuer_keys;

/// Makes the public key of a built-in issuer known. Does nothing if it is.
pub struct RegisterIssuerKey {
    /// What its tokens call it by.
    pub kid: String,
    /// The key.
    pub key: PublicKey,
}

impl Command for RegisterIssuerKey {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        if tx.catalogue()?.issuer_keys.contains_key(&self.kid) {
            return Ok(());
        }
        tx.record(ChangeKind::IssuerKey, &self.kid)?;
        Ok(issuer_keys::insert(tx.db, &self.kid, &self.key, tx.now)?)
    }
}
