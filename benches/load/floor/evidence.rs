//! The floor of taking evidence in: the same HTTP server and one thread that commits, without rules, tokens and log.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use actix_web::{HttpResponse, web};
use applaus::store::db::DatabaseUrl;
use serde_json::Value;
use tokio::sync::oneshot;

use super::rows::{Earned, Rows};

/// Requests of one transaction at most, as on our server.
pub const GROUP: usize = 256;

type Handed = (Vec<Value>, oneshot::Sender<()>);

/// Serves until it is killed, with at most `group` requests a transaction.
pub fn serve(url: &str, group: usize, earned: Earned) {
    let (sender, receiver) = sync_channel::<Handed>(4_096);
    let mut db = DatabaseUrl::parse(url).unwrap().connect().unwrap();
    let mut rows = Rows::new(&mut db, earned);
    std::thread::spawn(move || {
        while let Some(handed) = take(&receiver, group) {
            let (signals, waiting): (Vec<_>, Vec<_>) = handed.into_iter().unzip();
            rows.keep(&mut db, &signals.concat());
            for answer in waiting {
                let _ = answer.send(());
            }
        }
    });
    super::serve(move |config| {
        config.app_data(web::Data::new(sender.clone())).route("/api/v1/signals", web::post().to(deliver));
    });
}

/// What is waiting, as soon as something is.
fn take(receiver: &Receiver<Handed>, group: usize) -> Option<Vec<Handed>> {
    let mut taken = vec![receiver.recv().ok()?];
    taken.extend(receiver.try_iter().take(group - 1));
    Some(taken)
}

async fn deliver(sender: web::Data<SyncSender<Handed>>, body: web::Bytes) -> HttpResponse {
    let signals = match serde_json::from_slice(&body).unwrap() {
        Value::Array(signals) => signals,
        one => vec![one],
    };
    let (answer, waiting) = oneshot::channel();
    let results: Vec<Value> = signals
        .iter()
        .map(|signal| {
            serde_json::json!({"source": signal["source"], "key": signal["key"], "status": "accepted", "version": 0,
                "awards": [], "sequence": 0})
        })
        .collect();
    sender.send((signals, answer)).unwrap();
    waiting.await.unwrap();
    HttpResponse::Ok().json(results)
}
