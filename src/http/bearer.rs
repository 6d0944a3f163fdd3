//! The token of a request. Whatever is not exactly one bearer token is no token, and the answer does not say why.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::{FromRequest, HttpRequest};

use super::problem::ApiError;
use crate::access::tokens::MAX_TOKEN_BYTES;
use crate::domain::problem::ProblemCode;

/// The token in `Authorization: Bearer …` (RFC 6750 section 2.1), not verified.
pub struct Bearer(pub String);

impl FromRequest for Bearer {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(token(request.headers()).map(|token| Self(token.to_owned())).ok_or(ProblemCode::Unauthorized.into()))
    }
}

/// The token, if there is exactly one `Authorization` and it is a bearer token of a size worth looking at.
pub fn token(headers: &HeaderMap) -> Option<&str> {
    let mut given = headers.get_all(AUTHORIZATION);
    let (Some(only), None) = (given.next(), given.next()) else { return None };
    let (scheme, token) = only.as_bytes().split_at_checked(SCHEME.len())?;
    let charset = |c: &u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=');
    let shaped = (1..=MAX_TOKEN_BYTES).contains(&token.len()) && token.iter().all(charset);
    if !scheme.eq_ignore_ascii_case(SCHEME) || !shaped {
        return None;
    }
    std::str::from_utf8(token).ok()
}

const SCHEME: &[u8] = b"Bearer ";

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn headers(values: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        headers
    }

    #[test]
    fn only_one_well_formed_header_has_a_token() {
        assert_eq!(token(&headers(&[b"Bearer a.b-c_d.e"])), Some("a.b-c_d.e"));
        assert_eq!(token(&headers(&[b"bearer abc="])), Some("abc="));
        let large = [b"Bearer ".as_slice(), &vec![b'x'; MAX_TOKEN_BYTES + 1]].concat();
        let refused: [&[&[u8]]; 13] = [
            &[],
            &[b""],
            &[b"Bearer"],
            &[b"Bearer "],
            &[b"Bearer  abc"],
            &[b"Bearer abc "],
            &[b"Bearer a b"],
            &[b"Bearer a,b"],
            &[b"Bearer \xc3\xa4"],
            &[b"Basic YWRtaW46YWRtaW4="],
            &[b"abc"],
            &[b"Bearer abc", b"Bearer abc"],
            &[&large],
        ];
        for values in refused {
            assert_eq!(token(&headers(values)), None, "{values:?}");
        }
    }
}
