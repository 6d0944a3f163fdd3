//! What the demo prints when it is ready: lines to be pasted into a shell.

use std::fmt::Write;
use std::net::SocketAddr;

use super::DemoError;
use super::life::Lived;
use super::organization::{NAME, TEAMS};
use super::script::Script;
use crate::access::tokens::MAX_LIFETIME;
use crate::app::AppState;

/// A token for each: variable, user name, and who that is.
const CALLERS: [(&str, &str, &str); 6] = [
    ("AGENT", "anna.schmidt", "Anna Schmidt, agent in the team Billing"),
    ("LEAD", "katrin.vogel", "Katrin Vogel, lead of the team Billing"),
    ("HR", super::HR, "Maria Sommer, HR"),
    ("SOURCE", "qa", "the quality tool, which delivers the source qa"),
    ("AUDITOR", "georg.adler", "Georg Adler, auditor"),
    ("ADMIN", "vera.kraft", "Vera Kraft, administrator"),
];

/// The address, the tokens, and what to try next.
pub fn greeting(state: &AppState, script: &Script, lived: &Lived, address: SocketAddr) -> Result<String, DemoError> {
    let now = state.clock.now();
    let (people, teams, signals, kudos) = (script.people.len(), TEAMS.len(), lived.signals(), lived.kudos);
    let redemptions = lived.redemptions;
    let until = (now + MAX_LIFETIME).format("%Y-%m-%d %H:%M UTC");
    let mut text = format!(
        "applaus serves http://{address}\n\n\
         # {NAME}, made up: {people} people in {teams} teams, {signals} signals, {kudos} kudos, {redemptions} rewards asked for.\n\
         # One token per role, valid until {until}. Paste these lines into a shell:\n\
         export API=http://{address}/api/v1\n"
    );
    for (variable, user_name, who) in CALLERS {
        let token = state.issuer.mint(user_name, MAX_LIFETIME, &[], now)?;
        // Writing to a string does not fail.
        let _ = write!(text, "# {who}\nexport {variable}={token}\n");
    }
    text.push_str(
        "\n# Then try: the season's board around Anna, where she stands, and everything else at /docs.\n\
         curl -s -H \"Authorization: Bearer $AGENT\" \"$API/leaderboards/service-excellence/season?around=me&limit=5\"\n\
         curl -s -H \"Authorization: Bearer $AGENT\" \"$API/people/me/standing\"\n",
    );
    let _ = write!(text, "curl -s http://{address}/docs/");
    Ok(text)
}
