//! Every route, on one page; the OpenAPI document is made from the same list.

use actix_web::web::{self, ServiceConfig};
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

use super::problem::describe_503;
use super::*;

/// A line is a path with its methods and handlers; each handler's own description carries the same path, and a check
/// compares the two. The first path that fits is taken: what is asked for most stands first, for each path before it is
/// looked at; and a literal segment stands before a parameter in its place.
macro_rules! routes {
    ($($path:literal { $($method:ident $module:ident :: $handler:ident),+ $(,)? })+) => {
        /// Puts every route into an application.
        pub fn configure(app: &mut ServiceConfig) {
            $(app.service(web::resource($path)$(.route(web::$method().to($module::$handler)))+);)+
            docs::configure(app);
        }

        /// Every path and method.
        pub const ALL: &[(&str, &str)] = &[$($(($path, stringify!($method)),)+)+];

        /// Path, method and name of every operation.
        const OPERATIONS: &[(&str, &str, &str)] = &[
            $($(($path, stringify!($method), concat!(stringify!($module), "_", stringify!($handler))),)+)+
        ];

        #[derive(OpenApi)]
        #[openapi(paths($($($module::$handler,)+)+))]
        struct Described;
    };
}

routes! {
    "/api/v1/signals" { get signals::list, post signals::deliver, delete signals::void_by_query }
    "/api/v1/leaderboards/{programme}/{board}" { get leaderboards::board }
    "/api/v1/leaderboards/{programme}/{board}/entries/{subject}" { get leaderboards::entry }
    "/api/v1/leaderboards/{programme}/{board}/history" { get leaderboards::history }
    "/api/v1/leaderboards" { get leaderboards::list }
    "/api/v1/signals/{source}/{key}" { get signals::read, delete signals::void_by_path }
    "/api/v1/signals/{source}/{key}/revisions" { get signals::revisions }
    "/api/v1/leaderboards/{programme}/{board}/stream" { get streams::board }
    "/api/v1/approvals" { get approvals::list }
    "/api/v1/contests" { get contests::list }
    "/api/v1/contests/{programme}/{contest}" { get contests::read }
    "/api/v1/contests/{programme}/{contest}/disqualifications/{subject}" {
        put contests::disqualify, delete contests::requalify,
    }
    "/api/v1/contests/{programme}/{contest}/finalize" { post contests::finalise }
    "/api/v1/budgets" { get budgets::list, post budgets::create }
    "/api/v1/budgets/{budget}" { get budgets::read, patch budgets::change }
    "/api/v1/grants" { get grants::list, post grants::give }
    "/api/v1/grants/{grant}" { get grants::read }
    "/api/v1/grants/{grant}/approve" { post grants::approve }
    "/api/v1/grants/{grant}/cancel" { post grants::cancel }
    "/api/v1/grants/{grant}/reject" { post grants::reject }
    "/api/v1/jobs/{job}" { get jobs::read, delete jobs::cancel }
    "/api/v1/jobs/{job}/result" { get jobs::result }
    "/api/v1/kudos" { get kudos::feed, post kudos::send }
    "/api/v1/kudos/patterns" { get patterns::read }
    "/api/v1/kudos/reports" { get kudos_moderation::queue }
    "/api/v1/kudos/{kudos}" { get kudos::read, delete kudos::retract }
    "/api/v1/kudos/{kudos}/hide" { post kudos_moderation::hide }
    "/api/v1/kudos/{kudos}/reactions" { get kudos_reactions::list }
    "/api/v1/kudos/{kudos}/reactions/{reaction}" { put kudos_reactions::react, delete kudos_reactions::take }
    "/api/v1/kudos/{kudos}/replies" { get kudos_replies::list, post kudos_replies::reply }
    "/api/v1/kudos/{kudos}/replies/{reply}" { delete kudos_replies::remove }
    "/api/v1/kudos/{kudos}/report" { get kudos_moderation::own_report, post kudos_moderation::report }
    "/api/v1/kudos/{kudos}/restore" { post kudos_moderation::restore }
    "/api/v1/measures" { get measures::list, post measures::create }
    "/api/v1/measures/{measure}" { get measures::read, patch measures::change }
    "/api/v1/organization" { get organization::read, patch organization::change }
    "/api/v1/people" { get people::list, post people::create }
    "/api/v1/people/me/stream" { get streams::own }
    "/api/v1/people/me" { get people::me, patch people::change_me }
    "/api/v1/payroll/{month}" { get payroll::read }
    "/api/v1/payroll/{month}/close" { post payroll::close }
    "/api/v1/people/{person}" { get people::read, patch people::change }
    "/api/v1/people/{person}/absences" { get absences::list }
    "/api/v1/people/{person}/absences/{absence}" { put absences::put, delete absences::remove }
    "/api/v1/people/{person}/badges" { get badges::of_person }
    "/api/v1/people/{person}/erase" { post people::erase }
    "/api/v1/people/{person}/certificates" { get certificates::list, post certificates::create }
    "/api/v1/people/{person}/certificates/{certificate}" { get certificates::read, delete certificates::withdraw }
    "/api/v1/people/{person}/memberships" { get memberships::list, post memberships::create }
    "/api/v1/people/{person}/memberships/{membership}" { patch memberships::change }
    "/api/v1/people/{person}/outlook" { get outlook::outlook }
    "/api/v1/people/{person}/roles/{role}" { put roles::grant, delete roles::take }
    "/api/v1/people/{person}/signals" { get signals::of_person }
    "/api/v1/people/{person}/standing" { get standing::standing }
    "/api/v1/people/{person}/transfers" { get transfers::of_person }
    "/api/v1/people/{person}/visibility/{programme}" {
        get visibility::read, put visibility::choose, delete visibility::take_back,
    }
    "/api/v1/programmes" { get programmes::list, post programmes::create }
    "/api/v1/programmes/schema" { get programme_validation::schema }
    "/api/v1/programmes/validate" { post programme_validation::validate }
    "/api/v1/programmes/{programme}" { get programmes::read }
    "/api/v1/programmes/{programme}/back-test" { post programme_back_test::back_test }
    "/api/v1/programmes/{programme}/end" { post programme_ending::end }
    "/api/v1/programmes/{programme}/seasons" { get programme_seasons::list }
    "/api/v1/programmes/{programme}/seasons/{season}" { get programme_seasons::read }
    "/api/v1/programmes/{programme}/seasons/{season}/adjustments" { get programme_seasons::adjustments }
    "/api/v1/programmes/{programme}/seasons/{season}/close" { post programme_seasons::close }
    "/api/v1/programmes/{programme}/versions" { get programme_versions::list, post programme_versions::draft }
    "/api/v1/programmes/{programme}/versions/{version}" {
        get programme_versions::read, put programme_versions::replace, delete programme_versions::withdraw,
    }
    "/api/v1/programmes/{programme}/versions/{version}/activate" { post programme_activation::activate }
    "/api/v1/redemptions" { get redemptions::list, post redemptions::request }
    "/api/v1/redemptions/{redemption}" { get redemptions::read }
    "/api/v1/redemptions/{redemption}/approve" { post redemption_steps::approve }
    "/api/v1/redemptions/{redemption}/cancel" { post redemption_steps::cancel }
    "/api/v1/redemptions/{redemption}/code" { post redemption_steps::code }
    "/api/v1/redemptions/{redemption}/fulfil" { post redemption_steps::fulfil }
    "/api/v1/redemptions/{redemption}/reject" { post redemption_steps::reject }
    "/api/v1/rewards" { get rewards::list, post rewards::create }
    "/api/v1/rewards/{reward}" { get rewards::read, patch rewards::change }
    "/api/v1/stream-tickets" { post streams::give_ticket }
    "/api/v1/teams" { get teams::list, post teams::create }
    "/api/v1/teams/{team}" { get teams::read, patch teams::change }
    "/api/v1/transfers" { get transfers::list }
    "/api/v1/transfers/{transfer}" { get transfers::one }
    "/api/v1/transfers/{transfer}/explanation" { get explanations::explanation }
    "/certificates/{code}" { get certificates_public::verify }
    "/openapi.json" { get operations::openapi }
    "/docs/problems" { get docs::problems }
    "/healthz" { get operations::alive }
    "/readyz" { get operations::ready }
    "/metrics" { get operations::metrics }
}

/// The OpenAPI 3.1 document.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Described::openapi();
    document.info.title = "Applaus".to_owned();
    document.info.description = Some(include_str!("introduction.md").to_owned());
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::Http(bearer.build()));
    name_operations(&mut document);
    describe_what_passes(&mut document);
    describe_versions(&mut document);
    document.security = Some(vec![utoipa::openapi::SecurityRequirement::new::<_, [&str; 0], &str>("token", [])]);
    document
}

/// Any request may come while the database is gone, or too much waits.
fn describe_what_passes(document: &mut utoipa::openapi::OpenApi) {
    let paths = document.paths.paths.iter_mut().filter(|(path, _)| path.starts_with("/api/"));
    for (_, item) in paths {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            describe_503(
                operation,
                "`unavailable`, `overloaded`: it passes, and nothing was done but what a retry finds",
            );
        }
    }
}

/// Any read may be told which write it must show.
fn describe_versions(document: &mut utoipa::openapi::OpenApi) {
    let paths = document.paths.paths.iter_mut().filter(|(path, _)| path.starts_with("/api/"));
    paths.filter_map(|(_, item)| item.get.as_mut()).for_each(visible::describe);
}

/// Handlers of different resources share names; operations may not.
fn name_operations(document: &mut utoipa::openapi::OpenApi) {
    for (path, method, name) in OPERATIONS {
        let Some(item) = document.paths.paths.get_mut(*path) else { continue };
        let operation = match *method {
            "get" => &mut item.get,
            "post" => &mut item.post,
            "put" => &mut item.put,
            "patch" => &mut item.patch,
            _ => &mut item.delete,
        };
        if let Some(operation) = operation {
            operation.operation_id = Some((*name).to_owned());
        }
    }
}
