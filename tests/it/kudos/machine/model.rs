//! What kudos come to, told as simply as can be: lists, loops, and a table of who may do what written a second time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Act, GRACE, To, When};

/// Something the model does wrong, to see that it would be noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// A withdrawal returns nothing to the allowance.
    ForgetsToReturn,
    /// A withdrawal returns to this month what an old one gave.
    ReturnsToThisMonth,
    /// Points may be given beyond the cap of a pair.
    IgnoresPairs,
    /// What was taken back counts among the kudos that were sent.
    CountsWhatIsGone,
    /// Hiding takes the points back.
    HidingReverses,
    /// Leads and HR moderate what they received themselves.
    ModeratesOnesOwn,
    /// A team is thanked with the teams below it.
    ThanksBelow,
}

/// Who there is: name, home, whether lead of a team and the ones below, whether HR.
pub const CAST: [(&str, Option<&str>, Option<&str>, bool); 7] = [
    ("anna", Some("north"), None, false),
    ("ben", Some("north"), None, false),
    ("cem", Some("south"), None, false),
    ("dora", None, None, false),
    ("lena", Some("north"), Some("site"), false),
    ("luis", Some("south"), Some("south"), false),
    ("hr", None, None, true),
];

/// `north` is below `site`, where nobody is at home.
pub const TEAMS: [&str; 3] = ["north", "south", "site"];

/// Whether a lead of one team leads another.
fn reaches(led: &str, home: &str) -> bool {
    led == home || (led == "site" && home == "north")
}

/// Points and kudos a month: of `north`, of leads, of everybody; caps of a receiver and a pair; receivers of one kudos.
pub const NORTH: (i64, Option<u32>) = (30, Some(3));
pub const LEADS: (i64, Option<u32>) = (10, None);
pub const ALL: (i64, Option<u32>) = (20, Some(2));
pub const CAPS: (i64, i64) = (25, 12);
pub const MOST: usize = 3;

/// A kudos.
#[derive(Debug, Clone)]
pub struct Kudos {
    pub sender: usize,
    pub receivers: Vec<(usize, i64)>,
    pub visibility: &'static str,
    pub state: &'static str,
    pub hidden: bool,
    sent_at: DateTime<Utc>,
    month: String,
}

/// A reply: to which, by whom, whether it is there.
#[derive(Debug, Clone, Copy)]
pub struct Reply {
    pub kudos: usize,
    pub author: usize,
    pub there: bool,
}

/// Everything.
pub struct Model {
    fault: Fault,
    pub homes: [Option<&'static str>; 7],
    pub active: [bool; 7],
    pub kudos: Vec<Kudos>,
    pub replies: Vec<Reply>,
    pub reactions: BTreeSet<(usize, usize, &'static str)>,
    pub reports: BTreeMap<(usize, usize), &'static str>,
    /// In the order they came.
    pub open_reports: Vec<(usize, usize)>,
    pub wallets: [i64; 7],
    /// What is left, of whom, in which month.
    pub allowances: BTreeMap<(usize, String), i64>,
}

/// What is answered: a status, and for 422 why.
pub type Answer = (u16, &'static str);

impl Model {
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            homes: CAST.map(|(_, home, ..)| home),
            active: [true; 7],
            kudos: Vec::new(),
            replies: Vec::new(),
            reactions: BTreeSet::new(),
            reports: BTreeMap::new(),
            open_reports: Vec::new(),
            wallets: [0; 7],
            allowances: BTreeMap::new(),
        }
    }

    fn leads(&self, who: usize, whom: usize) -> bool {
        CAST[who].2.zip(self.homes[whom]).is_some_and(|(led, home)| reaches(led, home))
    }

    fn leads_receiver(&self, who: usize, kudos: &Kudos) -> bool {
        kudos.receivers.iter().any(|(receiver, _)| self.leads(who, *receiver))
    }

    fn received(who: usize, kudos: &Kudos) -> bool {
        kudos.receivers.iter().any(|(receiver, _)| *receiver == who)
    }

    fn leads_sender(&self, who: usize, kudos: &Kudos) -> bool {
        kudos.state == "sent" && kudos.visibility != "private" && self.leads(who, kudos.sender)
    }

    /// Whether somebody sees a kudos at all.
    pub fn sees(&self, who: usize, kudos: &Kudos) -> bool {
        if kudos.sender == who || CAST[who].3 || self.leads_receiver(who, kudos) || self.leads_sender(who, kudos) {
            return true;
        }
        if kudos.state != "sent" {
            return false;
        }
        let mut involved = vec![kudos.sender];
        involved.extend(kudos.receivers.iter().map(|(receiver, _)| *receiver));
        let near = |other: &usize| {
            (self.homes[who].is_some() && self.homes[who] == self.homes[*other]) || self.leads(who, *other)
        };
        let published = match kudos.visibility {
            "public" => true,
            "team" => involved.iter().any(near),
            _ => false,
        };
        Self::received(who, kudos) || (published && !kudos.hidden)
    }

    /// Whether somebody may hide a kudos, or show it again.
    pub fn moderates(&self, who: usize, kudos: &Kudos) -> bool {
        let own = kudos.sender == who || (Self::received(who, kudos) && self.fault != Fault::ModeratesOnesOwn);
        !own && (CAST[who].3 || self.leads_receiver(who, kudos) || self.leads_sender(who, kudos))
    }

    /// Those whose message somebody reads.
    pub fn reads(&self, who: usize, kudos: &Kudos) -> bool {
        !kudos.hidden || kudos.sender == who || self.moderates(who, kudos)
    }

    /// The open reports that somebody decides, in order.
    pub fn queue(&self, who: usize) -> Vec<(usize, usize)> {
        let decides = |(kudos, _): &&(usize, usize)| self.moderates(who, &self.kudos[*kudos]);
        self.open_reports.iter().filter(decides).copied().collect()
    }

    fn quota(&self, who: usize) -> (i64, Option<u32>) {
        match (self.homes[who], CAST[who].2) {
            (Some("north"), _) => NORTH,
            (_, Some(_)) => LEADS,
            _ => ALL,
        }
    }

    /// What an act comes to, and its answer.
    pub fn does(&mut self, act: &Act, now: DateTime<Utc>, month: &str) -> Answer {
        match act {
            Act::Pass(When::Minutes(_) | When::AlmostNextMonth) => (0, ""),
            Act::Leave(who) => {
                (self.active[*who], self.homes[*who]) = (false, None);
                (0, "")
            }
            act if !self.active[act.who()] => (401, ""),
            Act::Send { who, to, points, visibility } => self.send(*who, to, *points, visibility, (now, month)),
            Act::Reply(..) | Act::React(..) | Act::Unreact(..) | Act::Report(..) => self.answer(act),
            Act::Hide(who, kudos) => self.moderate(*who, *kudos, true),
            Act::Restore(who, kudos) => self.moderate(*who, *kudos, false),
            Act::Retract(who, kudos) => self.retract(*who, *kudos, now, month),
            Act::Withdraw(_) => unreachable!("it is done as a retraction by the sender"),
            Act::Unreply(who, reply) => self.unreply(*who, *reply),
        }
    }

    fn send(
        &mut self,
        who: usize,
        to: &[To],
        points: i64,
        visibility: &'static str,
        (now, month): (DateTime<Utc>, &str),
    ) -> Answer {
        let Some(receivers) = self.receivers(who, to) else { return (422, "receivers") };
        let (in_points, in_kudos) = self.quota(who);
        let of_month = |kudos: &&Kudos| kudos.month == month && kudos.state == "sent";
        let counted =
            |kudos: &&Kudos| of_month(kudos) || (self.fault == Fault::CountsWhatIsGone && kudos.month == month);
        let sent = self.kudos.iter().filter(|kudos| kudos.sender == who).filter(counted).count();
        if in_kudos.is_some_and(|most| sent >= most as usize) {
            return (422, "kudos_used_up");
        }
        let given: Vec<i64> = receivers
            .iter()
            .map(|receiver| {
                let so_far = |kudos: &Kudos| -> i64 {
                    kudos.receivers.iter().filter(|(other, _)| other == receiver).map(|(_, points)| points).sum()
                };
                let in_month: Vec<&Kudos> = self.kudos.iter().filter(of_month).collect();
                let all: i64 = in_month.iter().map(|kudos| so_far(kudos)).sum();
                let pair: i64 = in_month.iter().filter(|kudos| kudos.sender == who).map(|kudos| so_far(kudos)).sum();
                let fits = pair + points <= CAPS.1 || self.fault == Fault::IgnoresPairs;
                if all + points <= CAPS.0 && fits { points } else { 0 }
            })
            .collect();
        let (key, charged) = ((who, month.to_owned()), given.iter().sum::<i64>());
        let left = self.allowances.get(&key).copied().unwrap_or(in_points);
        if charged > left {
            return (422, "allowance_exhausted");
        }
        if charged > 0 {
            self.allowances.insert(key, left - charged);
        }
        let receivers: Vec<(usize, i64)> = receivers.into_iter().zip(given).collect();
        for (receiver, points) in &receivers {
            self.wallets[*receiver] += points;
        }
        let (sent_at, month, state, hidden) = (now, month.to_owned(), "sent", false);
        self.kudos.push(Kudos { sender: who, receivers, visibility, state, hidden, sent_at, month });
        (201, "")
    }

    fn receivers(&self, who: usize, to: &[To]) -> Option<Vec<usize>> {
        let mut receivers = Vec::new();
        for to in to {
            if let To::Person(person) = to {
                if *person == who || !self.active[*person] || receivers.contains(person) {
                    return None;
                }
                receivers.push(*person);
            }
        }
        for to in to {
            if let To::Team(team) = to {
                let below = self.fault == Fault::ThanksBelow;
                let there = |home: &&str| *home == *team || (below && reaches(team, home));
                let members: Vec<usize> =
                    (0..7).filter(|person| *person != who && self.homes[*person].as_ref().is_some_and(there)).collect();
                if members.is_empty() {
                    return None;
                }
                receivers.extend(members);
            }
        }
        let each: BTreeSet<usize> = receivers.into_iter().collect();
        (to.len() <= MOST && (1..=MOST).contains(&each.len())).then(|| each.into_iter().collect())
    }

    /// Reactions, replies and reports.
    fn answer(&mut self, act: &Act) -> Answer {
        let (who, at) = (act.who(), act.kudos().unwrap());
        let Some(kudos) = self.kudos.get(at) else { return (404, "") };
        if !self.sees(who, kudos) {
            return (404, "");
        }
        let open = kudos.state == "sent" && !kudos.hidden;
        match act {
            Act::Report(..) if kudos.sender == who => (403, ""),
            // Whoever leads another receiver sees it still, and received nothing any more that they could report.
            Act::Report(..) if Self::received(who, kudos) && kudos.state != "sent" => (403, ""),
            Act::Unreact(_, _, reaction) => {
                self.reactions.remove(&(at, who, reaction));
                (204, "")
            }
            _ if !open => (409, ""),
            Act::React(_, _, reaction) => {
                self.reactions.insert((at, who, reaction));
                (204, "")
            }
            Act::Report(..) if self.reports.contains_key(&(at, who)) => (409, ""),
            Act::Report(..) => {
                self.reports.insert((at, who), "open");
                self.open_reports.push((at, who));
                (201, "")
            }
            _ => {
                self.replies.push(Reply { kudos: at, author: who, there: true });
                (201, "")
            }
        }
    }

    fn unreply(&mut self, who: usize, at: usize) -> Answer {
        let Some(reply) = self.replies.get(at).copied() else { return (404, "") };
        let kudos = &self.kudos[reply.kudos];
        let may = reply.author == who || self.moderates(who, kudos);
        match (may, self.sees(who, kudos)) {
            _ if !reply.there => (404, ""),
            (true, _) => {
                self.replies[at].there = false;
                (204, "")
            }
            (false, true) => (403, ""),
            (false, false) => (404, ""),
        }
    }

    fn decide(&mut self, at: usize, from: &[&str], state: &'static str) {
        for ((kudos, _), report) in &mut self.reports {
            if *kudos == at && from.contains(report) {
                *report = state;
            }
        }
        self.open_reports.retain(|(kudos, _)| *kudos != at);
    }

    fn moderate(&mut self, who: usize, at: usize, hide: bool) -> Answer {
        let Some(kudos) = self.kudos.get(at) else { return (404, "") };
        if !self.sees(who, kudos) {
            return (404, "");
        }
        if !self.moderates(who, kudos) {
            return (403, "");
        }
        if kudos.state != "sent" {
            return (409, "");
        }
        if hide && self.fault == Fault::HidingReverses && !kudos.hidden {
            for (receiver, points) in kudos.receivers.clone() {
                self.wallets[receiver] -= points;
            }
        }
        self.kudos[at].hidden = hide;
        self.decide(at, &["open", "upheld"], if hide { "upheld" } else { "dismissed" });
        (204, "")
    }

    fn retract(&mut self, who: usize, at: usize, now: DateTime<Utc>, month: &str) -> Answer {
        let Some(kudos) = self.kudos.get(at).cloned() else { return (404, "") };
        if !self.sees(who, &kudos) {
            return (404, "");
        }
        let sent = kudos.sender == who;
        let removes = !sent && !Self::received(who, &kudos) && (CAST[who].3 || self.leads_receiver(who, &kudos));
        if !sent && !removes {
            return (403, "");
        }
        if kudos.state != "sent" {
            return (204, "");
        }
        if sent && now >= kudos.sent_at + TimeDelta::seconds(GRACE) {
            return (409, "");
        }
        let charged: i64 = kudos.receivers.iter().map(|(_, points)| points).sum();
        for (receiver, points) in &kudos.receivers {
            self.wallets[*receiver] -= points;
        }
        let month = if self.fault == Fault::ReturnsToThisMonth { month.to_owned() } else { kudos.month };
        if charged > 0 && self.fault != Fault::ForgetsToReturn {
            *self.allowances.entry((kudos.sender, month)).or_default() += charged;
        }
        self.kudos[at].state = if sent { "withdrawn" } else { "removed" };
        self.decide(at, &["open"], if sent { "withdrawn" } else { "upheld" });
        (204, "")
    }
}
