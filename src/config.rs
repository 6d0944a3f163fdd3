//! Settings: defaults, then a file, then the environment, then the command line; checked as a whole at start.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::store::db::{DatabaseUrl, OpenError};

/// What every setting is called in the environment, after this prefix.
const PREFIX: &str = "APPLAUS_";

/// Settings as they are given; what is not given is left to the next source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, clap::Args)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Where keys, and the SQLite database, are kept
    #[arg(long, value_name = "DIRECTORY")]
    pub data_dir: Option<PathBuf>,
    /// sqlite:PATH or postgres://USER@HOST/NAME
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// A read replica of a PostgreSQL database: postgres://USER@HOST/NAME
    #[arg(long, value_name = "URL")]
    pub replica_url: Option<String>,
    /// The key that codes of rewards are sealed with, if not applaus.seal in the data directory: for several instances
    #[arg(long, value_name = "FILE")]
    pub seal_key_file: Option<PathBuf>,
    /// How much to log: error, warn, info, debug, or a filter such as applaus=debug
    #[arg(long, value_name = "FILTER")]
    pub log: Option<String>,
    /// Reading connections to the database
    #[arg(long, value_name = "NUMBER")]
    pub readers: Option<u32>,
    /// Where the world reaches this server, for addresses on certificates: https://applaus.example
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
}

/// Settings with nothing left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where keys, and the SQLite database, are kept.
    pub data_dir: PathBuf,
    /// Where the data lies.
    pub database: DatabaseUrl,
    /// A copy of it that may be read.
    pub replica: Option<DatabaseUrl>,
    /// Where the key lies that codes of rewards are sealed with, if not in the data directory.
    pub seal_key_file: Option<PathBuf>,
    /// How much to log.
    pub log: String,
    /// Reading connections to the database.
    pub readers: u32,
    /// Where the world reaches this server, without a slash at its end.
    pub public_url: String,
}

/// Why the settings do not hold together.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file says something that is no setting.
    #[error("{path}: {error}")]
    Syntax {
        /// Which.
        path: PathBuf,
        /// What.
        error: Box<toml::de::Error>,
    },
    /// The environment names a setting that there is not.
    #[error("the environment sets {0}, which is no setting; known are {1}")]
    Unknown(String, String),
    /// A setting of the environment cannot be read.
    #[error("the environment sets {name}={value}, which is not {expected}")]
    Unfit {
        /// The variable.
        name: String,
        /// What it says.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The number of reading connections is not usable.
    #[error("readers is {0}; it may be 1 to 100")]
    Readers(u32),
    /// The public address is not one.
    #[error("public_url is {0}; it should be like https://applaus.example, without query or user")]
    PublicUrl(String),
    /// A replica of what has none.
    #[error("replica_url needs PostgreSQL: both database_url and replica_url must be postgres://…")]
    Replica,
    /// The database's URL is not understood.
    #[error(transparent)]
    Database(#[from] OpenError),
}

impl Config {
    /// The file with the key that codes of rewards are sealed with.
    pub fn seal_key(&self) -> PathBuf {
        self.seal_key_file.clone().unwrap_or_else(|| self.data_dir.join("applaus.seal"))
    }

    /// Puts the sources together, the command line before the environment before the file.
    pub fn assemble(file: Option<&Path>, given: Settings) -> Result<Self, ConfigError> {
        let from_file = file.map(Settings::from_file).transpose()?.unwrap_or_default();
        given.over(Settings::from_environment(environment())?.over(from_file)).close()
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one home of the environment")]
fn environment() -> Vec<(String, String)> {
    std::env::vars().collect()
}

impl Settings {
    fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::File { path: path.to_owned(), error })?;
        toml::from_str(&text).map_err(|error| ConfigError::Syntax { path: path.to_owned(), error: Box::new(error) })
    }

    fn from_environment(variables: Vec<(String, String)>) -> Result<Self, ConfigError> {
        const KNOWN: [&str; 9] = [
            "LISTEN",
            "DATA_DIR",
            "DATABASE_URL",
            "REPLICA_URL",
            "SEAL_KEY_FILE",
            "LOG",
            "READERS",
            "PUBLIC_URL",
            "TEST_DATABASE_URL",
        ];
        let mut settings = Self::default();
        let known: BTreeSet<&str> = KNOWN.into();
        for (name, value) in variables {
            let Some(setting) = name.strip_prefix(PREFIX) else { continue };
            let unfit = |expected| ConfigError::Unfit { name: name.clone(), value: value.clone(), expected };
            match setting {
                "LISTEN" => {
                    settings.listen = Some(value.parse().map_err(|_| unfit("an address such as 127.0.0.1:8080"))?)
                }
                "DATA_DIR" => settings.data_dir = Some(value.into()),
                "DATABASE_URL" => settings.database_url = Some(value),
                "REPLICA_URL" => settings.replica_url = Some(value),
                "SEAL_KEY_FILE" => settings.seal_key_file = Some(value.into()),
                "LOG" => settings.log = Some(value),
                "READERS" => settings.readers = Some(value.parse().map_err(|_| unfit("a number"))?),
                "PUBLIC_URL" => settings.public_url = Some(value),
                other if known.contains(other) => {}
                _ => {
                    let list: Vec<String> = KNOWN.iter().map(|known| format!("{PREFIX}{known}")).collect();
                    return Err(ConfigError::Unknown(name, list.join(", ")));
                }
            }
        }
        Ok(settings)
    }

    fn over(self, below: Self) -> Self {
        Self {
            listen: self.listen.or(below.listen),
            data_dir: self.data_dir.or(below.data_dir),
            database_url: self.database_url.or(below.database_url),
            replica_url: self.replica_url.or(below.replica_url),
            seal_key_file: self.seal_key_file.or(below.seal_key_file),
            log: self.log.or(below.log),
            readers: self.readers.or(below.readers),
            public_url: self.public_url.or(below.public_url),
        }
    }

    fn close(self) -> Result<Config, ConfigError> {
        let data_dir = self.data_dir.unwrap_or_else(|| PathBuf::from("."));
        let database = match &self.database_url {
            Some(url) => DatabaseUrl::parse(url)?,
            None => DatabaseUrl::Sqlite(data_dir.join("applaus.db").to_string_lossy().into_owned()),
        };
        let replica = self.replica_url.as_deref().map(DatabaseUrl::parse).transpose()?;
        if replica.as_ref().is_some_and(|replica| !(replica.is_postgres() && database.is_postgres())) {
            return Err(ConfigError::Replica);
        }
        let readers = self.readers.unwrap_or(4);
        if !(1..=100).contains(&readers) {
            return Err(ConfigError::Readers(readers));
        }
        let listen = self.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        Ok(Config {
            public_url: self.public_url.map_or_else(|| Ok(format!("http://{listen}")), |url| public_url(&url))?,
            listen,
            data_dir,
            database,
            replica,
            seal_key_file: self.seal_key_file,
            log: self.log.unwrap_or_else(|| "info".to_owned()),
            readers,
        })
    }
}

/// An address to which paths are appended.
fn public_url(url: &str) -> Result<String, ConfigError> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    let fits = |c: u8| c.is_ascii_alphanumeric() || b"-._~:/[]%".contains(&c);
    if rest.is_empty() || rest.starts_with('/') || url.len() > 200 || !rest.bytes().all(fits) {
        return Err(ConfigError::PublicUrl(url.to_owned()));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(pairs: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        Settings::from_environment(
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        )
    }

    #[test]
    fn the_nearer_source_wins() {
        let given = Settings { readers: Some(2), ..Settings::default() };
        let environment = from(&[("APPLAUS_READERS", "3"), ("APPLAUS_LOG", "debug"), ("HOME", "/")]).unwrap();
        let file =
            Settings { readers: Some(4), log: Some("warn".into()), data_dir: Some("/d".into()), ..Settings::default() };
        let config = given.over(environment.over(file)).close().unwrap();
        assert_eq!((config.readers, config.log.as_str()), (2, "debug"));
        assert_eq!(config.database, DatabaseUrl::Sqlite("/d/applaus.db".into()));
    }

    #[test]
    fn the_public_address_is_one_or_that_of_listening() {
        let close = |url: Option<&str>| Settings { public_url: url.map(str::to_owned), ..Settings::default() }.close();
        assert_eq!(close(None).unwrap().public_url, "http://127.0.0.1:8080");
        assert_eq!(close(Some("https://a.example/applaus/")).unwrap().public_url, "https://a.example/applaus");
        for unfit in
            ["", "a.example", "https://", "https:///x", "ftp://a", "https://u@a", "https://a?b", "https://a\"b"]
        {
            assert!(matches!(close(Some(unfit)), Err(ConfigError::PublicUrl(_))), "{unfit}");
        }
    }

    #[test]
    fn what_is_no_setting_refuses_to_start() {
        assert!(matches!(from(&[("APPLAUS_LISTN", "x")]), Err(ConfigError::Unknown(..))));
        assert!(matches!(from(&[("APPLAUS_LISTEN", "x")]), Err(ConfigError::Unfit { .. })));
        assert!(toml::from_str::<Settings>("listn = 1").is_err());
        let url = |url: &str| Settings { database_url: Some(url.into()), ..Settings::default() }.close();
        assert!(matches!(url("mysql://x"), Err(ConfigError::Database(_))));
        assert!(url("postgres://x/y").is_ok());
        let replica = |database: Option<&str>, replica: &str| {
            let (database_url, replica_url) = (database.map(str::to_owned), Some(replica.to_owned()));
            Settings { database_url, replica_url, ..Settings::default() }.close()
        };
        assert!(matches!(replica(None, "postgres://x/y"), Err(ConfigError::Replica)));
        assert!(matches!(replica(Some("postgres://x/y"), "sqlite:z"), Err(ConfigError::Replica)));
        assert!(replica(Some("postgres://x/y"), "postgres://z/y").unwrap().replica.is_some());
        assert!(Settings { readers: Some(0), ..Settings::default() }.close().is_err());
    }
}
