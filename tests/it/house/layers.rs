//! Who may import whom.

use super::{Source, sources};

/// A layer: where its files lie, what of this crate they may name, and which crates are not for them.
struct Layer {
    prefix: &'static str,
    may_name: &'static [&'static str],
    not_for_them: &'static [&'static str],
}

/// Crates that speak to the outside.
const OUTSIDE: &[&str] =
    &["diesel", "actix_web", "tokio", "utoipa", "jsonwebtoken", "metrics", "tracing", "jiff", "aws_lc_rs"];

const LAYERS: &[Layer] = &[
    Layer { prefix: "src/domain/", may_name: &["domain"], not_for_them: OUTSIDE },
    Layer { prefix: "src/engine/", may_name: &["domain", "engine"], not_for_them: OUTSIDE },
    Layer {
        prefix: "src/store/",
        may_name: &["domain", "store"],
        not_for_them: &["actix_web", "utoipa", "jsonwebtoken", "tokio"],
    },
    Layer {
        prefix: "src/catalogue.rs",
        may_name: &["domain", "engine", "store"],
        not_for_them: &["actix_web", "utoipa"],
    },
    Layer {
        prefix: "src/writer/",
        may_name: &["domain", "engine", "store", "clock", "catalogue", "boards", "writer"],
        not_for_them: &["actix_web", "utoipa", "jsonwebtoken"],
    },
    Layer {
        prefix: "src/boards/",
        may_name: &["domain", "engine", "store", "catalogue", "boards"],
        not_for_them: &["actix_web", "utoipa", "jsonwebtoken"],
    },
    Layer { prefix: "src/access/", may_name: &["domain", "access"], not_for_them: &["actix_web", "utoipa", "diesel"] },
    Layer { prefix: "src/follower.rs", may_name: &["store", "writer"], not_for_them: &["actix_web", "utoipa"] },
    Layer { prefix: "src/replica.rs", may_name: &["domain", "http", "store"], not_for_them: &["actix_web", "utoipa"] },
    Layer { prefix: "src/clock.rs", may_name: &["domain"], not_for_them: &["actix_web", "diesel"] },
    Layer { prefix: "src/config.rs", may_name: &["store"], not_for_them: &["actix_web", "diesel"] },
];

/// What a line of code names that its layer may not.
fn trespass(source: &Source, line: &str) -> Option<String> {
    let layer = LAYERS.iter().find(|layer| source.path.starts_with(layer.prefix))?;
    for part in line.split("crate::").skip(1) {
        let name: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let is_module = part[name.len()..].starts_with("::");
        if is_module && !layer.may_name.contains(&name.as_str()) {
            return Some(format!("crate::{name}"));
        }
    }
    let period = source.path.starts_with("src/domain/period");
    let crates = layer.not_for_them.iter().filter(|name| !(period && **name == "jiff"));
    let names = |name: &&&str| {
        line.match_indices(&format!("{name}::")).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':')
        })
    };
    crates.clone().find(names).map(|name| format!("{name}::"))
}

#[test]
fn each_layer_knows_only_what_is_below_it() {
    let mut found = Vec::new();
    for source in sources("src").iter().filter(|source| !source.is_test()) {
        for (number, line) in source.code() {
            found.extend(trespass(source, line).map(|what| format!("{}:{number} names {what}", source.path)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn tables_are_named_by_the_store_alone() {
    let strangers: Vec<String> = sources("src")
        .into_iter()
        .filter(|source| !source.path.starts_with("src/store/"))
        .filter(|source| source.code().any(|(_, line)| line.contains("store::schema")))
        .map(|source| source.path)
        .collect();
    assert!(strangers.is_empty(), "{strangers:?}");
}

#[test]
fn a_trespass_is_noticed() {
    let noticed = |path: &str, line: &str| {
        let source = Source { path: path.to_owned(), text: String::new() };
        trespass(&source, line).is_some()
    };
    assert!(noticed("src/domain/kudos.rs", "use crate::store::people;"));
    assert!(noticed("src/engine/fold.rs", "    let x = crate::clock::Clock::System;"));
    assert!(noticed("src/domain/points.rs", "use diesel::prelude::*;"));
    assert!(noticed("src/domain/points.rs", "use jiff::Zoned;"));
    assert!(noticed("src/writer/ingest.rs", "use crate::http::json;"));
    assert!(noticed("src/boards/index.rs", "fn f(x: actix_web::HttpRequest) {}"));
    assert!(!noticed("src/domain/period/zone.rs", "use jiff::tz::TimeZone;"));
    assert!(!noticed("src/writer/ingest.rs", "use crate::domain::ids::PersonId;"));
    assert!(!noticed("src/http/people.rs", "use crate::store::people;"));
}
