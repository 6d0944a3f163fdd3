//! Checks of Applaus from outside: over real HTTP, on the database that the environment names.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod backups;
mod connections;
mod constraints;
mod conventions;
mod database_faults;
mod demo;
mod explanations;
mod groups;
mod histories;
mod house;
mod instances;
mod jobs;
mod kudos;
mod leaderboards;
mod measures;
mod operations;
mod organization;
mod outages;
mod people;
mod periods;
mod programme_fuzz;
mod programmes;
mod promises;
mod rules;
mod seasons;
mod service_desk;
mod signals;
mod situations;
mod standing;
mod starting;
mod stopping;
mod support;
mod teams;
mod tokens;
mod two_writers;
