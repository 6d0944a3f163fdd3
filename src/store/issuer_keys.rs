//! Public keys of the built-in issuers.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;

use super::db::Db;
use super::row;
use super::schema::issuer_keys;
use crate::domain::issuer::{IssuerKeys, PublicKey};
use crate::domain::time::Instant;

/// Every key that is known.
pub fn all(db: &mut Db) -> QueryResult<IssuerKeys> {
    let rows: Vec<(String, String)> =
        issuer_keys::table.select((issuer_keys::kid, issuer_keys::public_key)).load(db)?;
    let key = |(kid, text): (String, String)| {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(row::corrupt)?;
        Ok((kid, PublicKey::try_from(bytes).map_err(|_| row::corrupt("an issuer's key is not 32 bytes long"))?))
    };
    rows.into_iter().map(key).collect()
}

/// Makes a key known.
pub fn insert(db: &mut Db, kid: &str, key: &PublicKey, now: Instant) -> QueryResult<()> {
    let columns = (
        issuer_keys::kid.eq(kid),
        issuer_keys::public_key.eq(URL_SAFE_NO_PAD.encode(key)),
        issuer_keys::created_at.eq(row::stored(now)),
    );
    diesel::insert_into(issuer_keys::table).values(columns).execute(db).map(drop)
}
