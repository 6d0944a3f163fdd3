//! Looking for texts in everything that is kept: each text of each table, whatever tables there are, and the files.

use applaus::store::db::{DatabaseUrl, Db};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use unicode_normalization::UnicodeNormalization;

use crate::support::database::TestDatabase;

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
}

#[derive(QueryableByName)]
struct Cell {
    #[diesel(sql_type = Nullable<Text>)]
    text: Option<String>,
}

/// Every column of every table.
fn columns(db: &mut Db) -> Vec<Column> {
    let query = match db {
        Db::Sqlite(_) => {
            "SELECT m.name AS table_name, c.name AS column_name FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table'"
        }
        Db::Postgres(_) => {
            "SELECT table_name::text, column_name::text FROM information_schema.columns \
             WHERE table_schema = current_schema()"
        }
    };
    let columns: Vec<Column> = diesel::sql_query(query).load(db).unwrap();
    assert!(columns.len() > 150, "{} columns", columns.len());
    columns
}

/// In one form: composed or not, large or small, escaped or not, a text is the same.
fn plain(text: &str) -> String {
    let unescaped = text.replace("\\\"", "\"").replace("\\\\", "\\").replace("\\/", "/");
    unescaped.nfkd().flat_map(char::to_lowercase).collect()
}

/// Where in the database one of some texts stands; each place as `table.column: text`.
pub fn traces(database: &TestDatabase, markers: &[String]) -> Vec<String> {
    let mut db = database.url.connect().unwrap();
    let markers: Vec<String> = markers.iter().map(|marker| plain(marker)).collect();
    let mut found = Vec::new();
    for Column { table_name, column_name } in columns(&mut db) {
        let query = format!("SELECT CAST(\"{column_name}\" AS TEXT) AS text FROM \"{table_name}\"");
        let cells: Vec<Cell> = diesel::sql_query(query).load(&mut db).unwrap();
        for text in cells.into_iter().filter_map(|cell| cell.text) {
            let looked_in = plain(&text);
            if markers.iter().any(|marker| looked_in.contains(marker)) {
                found.push(format!("{table_name}.{column_name}: {text}"));
            }
        }
    }
    found
}

/// In which files of a SQLite database one of some texts stands, in any case.
pub fn traces_in_files(database: &TestDatabase, markers: &[String]) -> Vec<String> {
    let DatabaseUrl::Sqlite(path) = &database.url else { return Vec::new() };
    let mut found = Vec::new();
    for file in [path.clone(), format!("{path}-wal")] {
        let Ok(bytes) = std::fs::read(&file) else { continue };
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        for marker in markers {
            if let Some(at) = text.find(&marker.to_lowercase()) {
                let around: String = text[at..].chars().take(80).collect();
                found.push(format!("{file}: {around:?}"));
            }
        }
    }
    found
}
