//! The command line. Exit 0 on success, 1 with one clear line on standard error, 2 on wrong usage.

use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;

use applaus::app::{self, AppState};
use applaus::back_test::{Prepared, range, table};
use applaus::backup::{backup, restore};
use applaus::catalogue::Catalogue;
use applaus::clock::Clock;
use applaus::config::{Config, Settings};
use applaus::domain::language::Language;
use applaus::domain::people::Role;
use applaus::domain::problem::Finding;
use applaus::domain::programme::local_date;
use applaus::http::json::parse;
use applaus::http::programmes::document::Document;
use applaus::http::routes;
use applaus::http::serve::{Signals, serve};
use applaus::store::people::{self, PersonRef};
use applaus::store::presence::{Wanted, claim};
use applaus::writer::person::EnsureAdmin;
use applaus::writer::rebuild::Rebuild;
use applaus::writer::{Actor, Writer};
use applaus::{demo, telemetry, verify};
use chrono::{NaiveDate, TimeDelta};
use clap::{Args, Parser, Subcommand};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Recognition and rewards for customer-service organisations
#[derive(Parser)]
#[command(name = "applaus", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Live through three months of a made-up organisation, and serve it
    Demo(demo::Options),
    /// Serve the API
    Serve(Common),
    /// Make the first administrator, or find the person, and print a token
    Admin {
        /// Who
        user_name: String,
        #[command(flatten)]
        common: Common,
    },
    /// Print a token of the built-in issuer
    Token(Token),
    /// Bring the database to the tables of this version
    Migrate(Common),
    /// Check the ledger against the evidence; safe beside a running server
    Verify(Common),
    /// Tell what a programme document would have awarded; writes nothing, safe beside a running server
    BackTest(BackTestArguments),
    /// Rebuild everything derived; no server may run
    Rebuild(Common),
    /// Write the SQLite database and the keys into one file; safe beside a running server
    Backup(BackupFile),
    /// Put the database and the key of a backup where there are none; no server may run
    Restore(BackupFile),
    /// Print the OpenAPI document
    Openapi,
}

#[derive(Args)]
struct Common {
    /// A file of settings (TOML)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args)]
struct Token {
    /// For whom
    user_name: String,
    /// How long it is valid, e.g. 15m or 8h; at most a day
    #[arg(long, default_value = "15m", value_parser = lifetime)]
    ttl: TimeDelta,
    /// Roles to narrow it to; without it, all that the person holds
    #[arg(long, value_delimiter = ',', value_parser = role)]
    scope: Vec<Role>,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct BackTestArguments {
    /// The document (JSON)
    #[arg(value_name = "FILE")]
    document: PathBuf,
    /// The first day, by the programme's clock
    #[arg(long, value_name = "DATE", value_parser = day)]
    from: NaiveDate,
    /// The day after the last
    #[arg(long, value_name = "DATE", value_parser = day)]
    until: NaiveDate,
    /// Print the table of people as comma-separated values
    #[arg(long)]
    csv: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct BackupFile {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    common: Common,
}

impl Common {
    fn config(self) -> Result<Config, applaus::config::ConfigError> {
        Config::assemble(self.config.as_deref(), self.settings)
    }
}

fn lifetime(text: &str) -> Result<TimeDelta, String> {
    let unfit = || "give a number with s, m or h, such as 15m".to_owned();
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(unfit)?;
    let number: i64 = number.parse().map_err(|_| unfit())?;
    let lifetime = match unit {
        "s" => TimeDelta::try_seconds(number),
        "m" => TimeDelta::try_minutes(number),
        "h" => TimeDelta::try_hours(number),
        _ => None,
    };
    lifetime.filter(|lifetime| *lifetime > TimeDelta::zero()).ok_or_else(unfit)
}

fn day(text: &str) -> Result<NaiveDate, String> {
    local_date("", text).map_err(|finding| finding.detail(Language::En))
}

fn role(text: &str) -> Result<Role, String> {
    Role::of_name(text).ok_or_else(|| "agent, lead, hr, source, auditor or admin".to_owned())
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be closed; there is nobody left to tell then.
            let _ = writeln!(std::io::stderr(), "applaus: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Outcome {
    match command {
        Command::Demo(options) => Ok(demo::run(&options)?),
        Command::Serve(common) => serve_until_stopped(&common.config()?),
        Command::Admin { user_name, common } => admin(&common.config()?, user_name),
        Command::Token(token) => print_token(token),
        Command::Migrate(common) => migrate(&common.config()?),
        Command::Verify(common) => check(&common.config()?),
        Command::BackTest(arguments) => back_test(arguments),
        Command::Rebuild(common) => rebuild(&common.config()?),
        Command::Backup(BackupFile { file, common }) => Ok(backup(&common.config()?, &file)?),
        Command::Restore(BackupFile { file, common }) => Ok(restore(&common.config()?, &file)?),
        Command::Openapi => say(&routes::document().to_pretty_json()?),
    }
}

/// Prints a line of result.
fn say(text: &str) -> Outcome {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

fn serve_until_stopped(config: &Config) -> Outcome {
    let _log = telemetry::log(&config.log)?;
    app::prepare_data_dir(config)?;
    let _presence = claim(&config.database, Wanted::Shared)?;
    let state = AppState::open(config, Clock::System)?;
    let listener =
        TcpListener::bind(config.listen).map_err(|error| format!("cannot listen on {}: {error}", config.listen))?;
    let address = listener.local_addr()?;
    actix_web::rt::System::new().block_on(async move {
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        let (server, signals) = (serve(state.clone(), listener, workers)?, Signals::take()?);
        say(&format!("applaus serves http://{address}"))?;
        server.until(signals).await;
        state.writer.drain().await;
        Ok(())
    })
}

fn admin(config: &Config, user_name: String) -> Outcome {
    let state = AppState::open(config, Clock::System)?;
    state
        .writer
        .run_blocking(Actor::Operator, EnsureAdmin { user_name: user_name.clone() })
        .map_err(|e| e.to_string())?;
    say(&state.issuer.mint(&user_name, TimeDelta::hours(8), &[], state.clock.now())?)
}

fn print_token(token: Token) -> Outcome {
    let config = token.common.config()?;
    config.database.expect_there()?;
    let state = AppState::open(&config, Clock::System)?;
    let reference = PersonRef::UserName(token.user_name.clone());
    let found = state.read_here(|db| Ok(people::find(db, &reference)?)).map_err(|e| e.to_string())?;
    if !found.is_some_and(|person| person.active) {
        return Err(format!("nobody active is called {}", token.user_name).into());
    }
    say(&state.issuer.mint(&token.user_name, token.ttl, &token.scope, state.clock.now())?)
}

fn migrate(config: &Config) -> Outcome {
    app::prepare_data_dir(config)?;
    let _presence = claim(&config.database, Wanted::Alone)?;
    Ok(app::migrate(config)?)
}

fn check(config: &Config) -> Outcome {
    config.database.expect_there()?;
    let mut db = config.database.connect()?;
    let report = verify::verify(&mut db).map_err(|failure| failure.to_string())?;
    say(&report.to_string())?;
    if report.is_clean() { Ok(()) } else { Err("the ledger is not what the evidence says".into()) }
}

fn back_test(arguments: BackTestArguments) -> Outcome {
    let config = arguments.common.config()?;
    config.database.expect_there()?;
    let path = arguments.document.display();
    let text = std::fs::read(&arguments.document).map_err(|error| format!("cannot read {path}: {error}"))?;
    let Document(document) = parse(&text).map_err(|problem| format!("{path}: {problem}"))?;
    let days = range(arguments.from, arguments.until).map_err(|finding| lines(&[finding]))?;
    let mut db = config.database.connect_reading()?;
    let catalogue = db.snapshot(Catalogue::load)?;
    let prepared = Prepared::of_own_document(&catalogue, &document, days, Clock::System.now());
    let prepared = prepared.map_err(|findings| lines(&findings))?;
    let found = prepared
        .run(&mut db, Language::En, |_, _| Ok(()))
        .map_err(|error| format!("{error}{}", error.cause().map(|cause| format!(" ({cause})")).unwrap_or_default()))?;
    if arguments.csv {
        let mut out = std::io::stdout().lock();
        out.write_all(table::people(&found).as_bytes())?;
        return Ok(out.flush()?);
    }
    say(&serde_json::to_string_pretty(&found)?)
}

/// What is wrong, one finding a line.
fn lines(findings: &[Finding]) -> String {
    let line = |finding: &Finding| format!("{}: {}", finding.pointer, finding.detail(Language::En));
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn rebuild(config: &Config) -> Outcome {
    app::prepare_data_dir(config)?;
    let _presence = claim(&config.database, Wanted::Alone)?;
    app::migrate(config)?;
    let writer = Writer::start(&config.database, Clock::System)?;
    let rebuilt = writer.run_blocking(Actor::Operator, Rebuild).map_err(|failure| failure.to_string())?.output;
    say(&format!(
        "rebuilt: {} balances mended, {} live awards put right, {} entries appended",
        rebuilt.balances, rebuilt.awards, rebuilt.appended
    ))
}
