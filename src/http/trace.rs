//! The number that ties together what one request leaves in logs, here and in the systems around us.

use std::fmt;

use actix_web::http::header::HeaderMap;

/// A trace id (W3C Trace Context, section 3.2.2.3): 32 hexadecimal digits, not all zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceId(u128);

impl TraceId {
    /// The one in `traceparent`, else a random one.
    pub fn of(headers: &HeaderMap) -> Self {
        let mut given = headers.get_all("traceparent");
        match (given.next().and_then(|value| value.to_str().ok()), given.next()) {
            (Some(value), None) => Self::parse(value).unwrap_or_else(Self::random),
            _ => Self::random(),
        }
    }

    fn random() -> Self {
        Self(fastrand::u128(1..))
    }

    /// `version-trace-parent-flags`; later versions may append more.
    fn parse(value: &str) -> Option<Self> {
        let mut parts = value.split('-');
        let [version, trace, parent, flags] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
        let hex = |part: &str, digits: usize| {
            part.len() == digits && part.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
        };
        let shaped = hex(version, 2) && hex(trace, 32) && hex(parent, 16) && hex(flags, 2);
        let known = version != "ff" && (version != "00" || parts.next().is_none());
        let zero = |part: &str| part.bytes().all(|c| c == b'0');
        if !shaped || !known || zero(trace) || zero(parent) {
            return None;
        }
        u128::from_str_radix(trace, 16).ok().map(Self)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_well_formed_parent_is_followed() {
        let trace = "0af7651916cd43dd8448eb211c80319c";
        for good in [
            format!("00-{trace}-b7ad6b7169203331-01"),
            format!("00-{trace}-b7ad6b7169203331-00"),
            format!("cc-{trace}-b7ad6b7169203331-01-what-the-future-brings"),
        ] {
            assert_eq!(TraceId::parse(&good).unwrap().to_string(), trace, "{good}");
        }
        for bad in [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert_eq!(TraceId::parse(bad), None, "{bad}");
        }
    }
}
