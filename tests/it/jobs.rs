//! Long work: started through the state, for no address starts any yet; followed over HTTP.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::body::{MessageBody, to_bytes};
use actix_web::test::TestRequest;
use applaus::domain::people::Role;
use applaus::domain::problem::ProblemCode;
use applaus::http::jobs::answering;
use applaus::http::problem::ApiError;
use applaus::jobs::{Job, MOST_KEPT, MOST_RUNNING, MOST_WAITING, Outcome};
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::client::Client;

fn address(job: &Job) -> String {
    format!("/jobs/{}", job.id)
}

/// What is told of a job once it has ended.
fn ended(client: &Client, job: &Job) -> Value {
    for _ in 0..500 {
        let told = client.get(&address(job)).expect(200).body;
        if told["state"] != "running" {
            return told;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("a job that does not end")
}

/// Jobs that go on until the gate is opened or they are cancelled.
struct Gate {
    open: mpsc::Sender<()>,
    opened: Arc<Mutex<mpsc::Receiver<()>>>,
}

impl Gate {
    fn new() -> Self {
        let (open, opened) = mpsc::channel();
        Self { open, opened: Arc::new(Mutex::new(opened)) }
    }

    fn start(&self, app: &TestApp, owner: &str) -> Result<Arc<Job>, ApiError> {
        let opened = self.opened.clone();
        app.state.jobs.start(app.person_id(owner), "test", move |progress, _| {
            while opened.lock().unwrap().recv_timeout(Duration::from_millis(5)).is_err() {
                progress.reached(1, 4)?;
            }
            Ok(json!("through"))
        })
    }
}

/// An agent who may follow what they start.
fn start() -> (TestApp, Client) {
    let app = TestApp::start();
    let anna = app.agent("anna");
    (app, anna)
}

#[test]
fn a_job_is_followed_to_its_result_by_who_started_it() {
    let (app, anna) = start();
    let gate = Gate::new();
    let job = gate.start(&app, "anna").unwrap();
    while job.progress.steps().is_none() {
        std::thread::yield_now();
    }
    let under_way = json!({ "id": job.id, "kind": "test", "state": "running", "progress": { "done": 1, "total": 4 },
        "result": null, "problem": null, "created_at": "2026-11-18T12:00:00Z", "finished_at": null });
    assert_eq!(anna.get(&address(&job)).expect(200).body, under_way);
    anna.get(&format!("{}/result", address(&job))).problem(409, "unfit_state");
    app.clock.advance(chrono::TimeDelta::seconds(5));
    gate.open.send(()).unwrap();
    let told = ended(&anna, &job);
    assert_eq!((&told["state"], &told["result"]), (&json!("done"), &json!("through")));
    assert_eq!(told["finished_at"], "2026-11-18T12:00:05Z");
    let path = address(&job);
    for stranger in [app.admin(), app.agent("otto")] {
        let hidden = stranger.get(&path).problem(404, "not_found");
        assert_eq!(hidden.text, stranger.get("/jobs/x").text);
        stranger.get(&format!("{path}/result")).problem(404, "not_found");
        stranger.delete(&path).problem(404, "not_found");
    }
    app.narrowed("anna", &[Role::Hr]).get(&path).problem(403, "forbidden");
    app.anonymous().get(&path).problem(401, "unauthorized");
}

#[test]
fn work_reads_the_data_and_cannot_write() {
    use applaus::store::people::{PersonRef, find};
    let (app, anna) = start();
    let reference = PersonRef::Id(app.person_id("anna"));
    let work = move |_: &_, db: &mut _| Ok(json!(find(db, &reference)?.map(|row| row.user_name)));
    let job = app.state.jobs.start(app.person_id("anna"), "test", work).unwrap();
    assert_eq!(ended(&anna, &job)["result"], "anna");
    let write = |_: &_, db: &mut _| {
        applaus::store::head::write(db, 7)?;
        Ok(json!(null))
    };
    let job = app.state.jobs.start(app.person_id("anna"), "test", write).unwrap();
    assert_eq!(ended(&anna, &job)["problem"]["code"], "unavailable");
}

#[test]
fn what_fails_says_so_in_the_readers_language() {
    let (app, anna) = start();
    let owner = app.person_id("anna");
    let refuses = |_: &_, _: &mut _| Err::<Value, _>(ProblemCode::EmptyText.into());
    let job = app.state.jobs.start(owner, "test", refuses).unwrap();
    let told = ended(&anna.with("accept-language", "de"), &job);
    assert_eq!((&told["state"], &told["problem"]["title"]), (&json!("failed"), &json!("Leerer Text")));
    anna.get(&format!("{}/result", address(&job))).problem(422, "empty_text");
    let panics = |_: &_, _: &mut _| -> Result<Value, ApiError> { panic!("a secret of the server") };
    let job = app.state.jobs.start(owner, "test", panics).unwrap();
    let told = ended(&anna, &job);
    let detail = told["problem"]["detail"].as_str().unwrap();
    assert!(detail.contains(&job.id.to_string()) && !detail.contains("secret"), "{detail}");
}

#[test]
fn a_result_is_told_as_it_is_asked_for() {
    let (app, anna) = start();
    let work = |_: &_, _: &mut _| Ok(Outcome { json: json!([1]), csv: Some("n\n1\n".to_owned()) });
    let job = app.state.jobs.start(app.person_id("anna"), "test", work).unwrap();
    ended(&anna, &job);
    let path = format!("{}/result", address(&job));
    assert_eq!(anna.get(&path).expect(200).body, json!([1]));
    let table = anna.with("accept", "text/csv").get(&path).expect(200);
    assert_eq!((table.text.as_str(), table.header("content-type").unwrap()), ("n\n1\n", "text/csv; charset=utf-8"));
    let plain = app.state.jobs.start(app.person_id("anna"), "test", |_, _| Ok(json!([2]))).unwrap();
    ended(&anna, &plain);
    let path = format!("{}/result", address(&plain));
    assert_eq!(anna.with("accept", "text/csv").get(&path).expect(200).body, json!([2]), "there is no table of it");
}

#[test]
fn a_job_is_cancelled_while_it_runs_and_while_it_waits() {
    let (app, anna) = start();
    let gate = Gate::new();
    let jobs: Vec<_> = (0..=MOST_RUNNING).map(|_| gate.start(&app, "anna").unwrap()).collect();
    let waiting = jobs.last().unwrap();
    anna.delete(&address(waiting)).expect(204);
    let told = anna.get(&address(waiting)).body;
    assert_eq!((&told["state"], &told["progress"]), (&json!("cancelled"), &Value::Null), "at once");
    anna.delete(&address(&jobs[0])).expect(204);
    assert_eq!(ended(&anna, &jobs[0])["state"], "cancelled");
    anna.get(&format!("{}/result", address(&jobs[0]))).problem(409, "cancelled");
    gate.open.send(()).unwrap();
    assert_eq!(ended(&anna, &jobs[1])["state"], "done");
    anna.delete(&address(&jobs[1])).expect(204);
    assert_eq!(anna.get(&address(&jobs[1])).body["state"], "done", "what ended stays as it is");
}

#[test]
fn few_run_at_once_some_wait_and_more_are_refused() {
    let (app, anna) = start();
    let gate = Gate::new();
    let jobs: Vec<_> = (0..MOST_RUNNING + MOST_WAITING).map(|_| gate.start(&app, "anna").unwrap()).collect();
    let refused = gate.start(&app, "anna").unwrap_err();
    assert_eq!(refused.problem().code, ProblemCode::Overloaded);
    while jobs[..MOST_RUNNING].iter().any(|job| job.progress.steps().is_none()) {
        std::thread::yield_now();
    }
    assert!(jobs[MOST_RUNNING..].iter().all(|job| job.progress.steps().is_none()), "the others wait");
    for _ in &jobs {
        gate.open.send(()).unwrap();
    }
    for job in &jobs {
        assert_eq!(ended(&anna, job)["state"], "done");
    }
    let job = gate.start(&app, "anna").unwrap();
    gate.open.send(()).unwrap();
    assert_eq!(ended(&anna, &job)["state"], "done", "there is room again");
}

#[test]
fn the_oldest_that_ended_is_forgotten() {
    let (app, anna) = start();
    let gate = Gate::new();
    let running = gate.start(&app, "anna").unwrap();
    let mut jobs = Vec::new();
    for n in 0..MOST_KEPT {
        let job = app.state.jobs.start(app.person_id("anna"), "test", move |_, _| Ok(json!(n))).unwrap();
        ended(&anna, &job);
        jobs.push(job);
    }
    anna.get(&address(&jobs[0])).problem(404, "not_found");
    for job in [&running, &jobs[1], &jobs[MOST_KEPT - 1]] {
        anna.get(&address(job)).expect(200);
    }
    gate.open.send(()).unwrap();
}

/// Status, headers that matter, and body of the answer to a request that started a job.
fn answered(prefer: &str, job: &Job) -> Result<(u16, Option<String>, Option<String>, Value), ApiError> {
    actix_web::rt::System::new().block_on(async {
        let request = TestRequest::post().insert_header(("prefer", prefer)).to_http_request();
        let response = answering(&request, job).await?;
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (location, applied) = (header("location"), header("preference-applied"));
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body().boxed()).await.unwrap();
        Ok((status, location, applied, serde_json::from_slice(&body).unwrap()))
    })
}

#[test]
fn who_prefers_to_wait_gets_the_result_if_it_comes_in_time() {
    let (app, anna) = start();
    let owner = app.person_id("anna");
    let quick = app.state.jobs.start(owner, "test", |_, _| Ok(json!(7))).unwrap();
    assert_eq!(answered("wait=10", &quick).unwrap(), (200, None, Some("wait=10".to_owned()), json!(7)));
    assert_eq!(answered("wait=99", &quick).unwrap().2.unwrap(), "wait=10", "no longer than that");
    let fails = |_: &_, _: &mut _| Err::<Value, _>(ProblemCode::EmptyText.into());
    let failing = app.state.jobs.start(owner, "test", fails).unwrap();
    assert_eq!(answered("wait=10", &failing).unwrap_err().problem().code, ProblemCode::EmptyText);
    let gate = Gate::new();
    let slow = gate.start(&app, "anna").unwrap();
    for prefer in ["wait=0", "wait=1", "respond-async"] {
        let (status, location, applied, body) = answered(prefer, &slow).unwrap();
        assert_eq!((status, location.unwrap(), applied), (202, format!("/api/v1{}", address(&slow)), None));
        assert_eq!((&body["id"], &body["state"]), (&json!(slow.id), &json!("running")));
    }
    gate.open.send(()).unwrap();
    assert_eq!(ended(&anna, &slow)["state"], "done");
}
