//! Commands that share a transaction: what befalls one of them is nobody else's answer (SEMANTICS S48).

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

use applaus::domain::problem::ProblemCode;
use applaus::store::db::Db;
use applaus::writer::{Actor, Command, Failure, Tx};
use diesel::prelude::*;
use futures_util::future::join3;

use crate::support::app::TestApp;

/// Keeps the writer busy until the test lets it go on.
struct Busy(Mutex<Receiver<()>>);

impl Command for Busy {
    type Output = ();

    fn run(&self, _: &mut Tx<'_>) -> Result<(), Failure> {
        // Let go once; when it is run again, there is nobody to wait for.
        self.0.lock().unwrap().recv().ok();
        Ok(())
    }
}

/// One of two commands of a kind.
enum Neighbour {
    /// Can be done.
    Innocent,
    /// Is refused, and just then the connection is lost, so that not even the rollback succeeds.
    RefusedAndCutOff(String),
}

impl Command for Neighbour {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let Self::RefusedAndCutOff(elsewhere) = self else { return Ok(()) };
        match tx.db {
            Db::Postgres(connection) => {
                diesel::sql_query("SELECT pg_terminate_backend(pg_backend_pid())").execute(connection).ok();
            }
            Db::Sqlite(_) => *tx.db = Db::Sqlite(SqliteConnection::establish(elsewhere).unwrap()),
        }
        Err(ProblemCode::KudosToOneself.into())
    }
}

#[test]
fn nobody_is_answered_with_the_refusal_of_another() {
    let app = TestApp::start();
    let writer = &app.state.writer;
    let (go_on, wait) = channel();
    let elsewhere = app.database.dir.path().join("elsewhere.db").to_str().unwrap().to_owned();
    let busy = writer.run(Actor::Operator, Busy(Mutex::new(wait)));
    let first = writer.run(Actor::Operator, Neighbour::Innocent);
    // Only once both wait behind the busy command, and so come into one group.
    let second = async {
        let second = writer.run(Actor::Operator, Neighbour::RefusedAndCutOff(elsewhere));
        let release = async {
            std::thread::sleep(std::time::Duration::from_millis(100));
            go_on.send(()).unwrap();
        };
        futures_util::future::join(second, release).await.0
    };
    let (_, first, _) = actix_web::rt::System::new().block_on(join3(busy, first, second));
    let refused = matches!(&first, Err(Failure::Refused(_)));
    assert!(!refused, "the innocent one was answered {first:?}");
}
