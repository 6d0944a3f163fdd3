//! Hearing from the database that something was committed elsewhere.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

use super::db::{DatabaseUrl, Db, OpenError};
use super::head::CHANNEL;

/// A connection that listens, and can be read from.
pub struct Listener {
    /// The connection.
    pub db: Db,
    schema: String,
}

#[derive(QueryableByName)]
struct Schema {
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
}

impl Listener {
    /// Connects and listens. SQLite has nothing to listen to; whoever reads it looks.
    pub fn open(url: &DatabaseUrl) -> Result<Self, OpenError> {
        let mut db = url.connect_reading()?;
        let mut schema = String::new();
        if let Db::Postgres(connection) = &mut db {
            let current: Schema = diesel::sql_query("SELECT current_schema()::text AS name").get_result(connection)?;
            schema = current.name.unwrap_or_default();
            // So that it can be told from others among the server's sessions.
            let named =
                "SELECT set_config('application_name', current_setting('application_name') || ' follower', false)";
            diesel::sql_query(named).execute(connection)?;
            diesel::sql_query(format!("LISTEN {CHANNEL}")).execute(connection)?;
        }
        Ok(Self { db, schema })
    }

    /// The highest number of the sequence that was told of since this was last asked, if any was. Does not wait, and
    /// costs no round trip.
    pub fn told(&mut self) -> QueryResult<Option<i64>> {
        let Db::Postgres(connection) = &mut self.db else { return Ok(None) };
        let mut newest = None;
        for notice in connection.notifications_iter() {
            let payload = notice?.payload;
            let told = payload.rsplit_once(':').filter(|(schema, _)| *schema == self.schema);
            newest = newest.max(told.and_then(|(_, sequence)| sequence.parse().ok()));
        }
        Ok(newest)
    }
}
