//! Tokens that no server may accept, made from its own key: one list, for the library and for every address.

use applaus::domain::time::Instant;
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// Makes tokens by hand, good ones and others, with the key of a server.
pub struct Forge {
    pair: Ed25519KeyPair,
    kid: String,
    now: i64,
}

impl Forge {
    /// With the server's key as PKCS#8 PEM, its name, and the server's time.
    pub fn new(pem: &str, kid: &str, now: Instant) -> Self {
        let content: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        let pair = Ed25519KeyPair::from_pkcs8(&STANDARD.decode(content).unwrap()).unwrap();
        Self { pair, kid: kid.to_owned(), now: now.timestamp() }
    }

    /// A header as the server writes it.
    pub fn header(&self) -> Value {
        json!({ "typ": "JWT", "alg": "EdDSA", "kid": self.kid })
    }

    /// Claims as the server writes them.
    pub fn claims(&self) -> Value {
        json!({ "iss": "applaus", "aud": "applaus", "sub": "anna", "iat": self.now, "exp": self.now + 900 })
    }

    /// Both of them, signed.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(self.pair.sign(message.as_bytes())))
    }

    /// The claims with `name` set to `value`, or without it if that is null.
    pub fn with_claim(&self, name: &str, value: Value) -> String {
        self.sign(&self.header(), &set(self.claims(), name, value))
    }

    /// The header with `name` set to `value`, or without it if that is null.
    pub fn with_header(&self, name: &str, value: Value) -> String {
        self.sign(&set(self.header(), name, value), &self.claims())
    }

    /// The public key as PEM (RFC 8410 section 4).
    fn public_pem(&self) -> String {
        let mut spki = vec![0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        spki.extend_from_slice(self.pair.public_key().as_ref());
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(spki))
    }
}

fn encoded(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

fn message(header: &Value, claims: &Value) -> String {
    format!("{}.{}", encoded(header), encoded(claims))
}

fn set(mut object: Value, name: &str, value: Value) -> Value {
    if value.is_null() {
        object.as_object_mut().unwrap().remove(name);
    } else {
        object[name] = value;
    }
    object
}

/// Every forgery, with what is wrong with it. The key `pem` is the server's own, `now` its time.
pub fn forged_tokens(pem: &str, kid: &str, now: Instant) -> Vec<(&'static str, String)> {
    let forge = Forge::new(pem, kid, now);
    let mut forged = wrong_algorithms(&forge);
    forged.extend(wrong_headers(&forge));
    forged.extend(wrong_claims(&forge));
    forged.extend(wrong_times(&forge));
    forged.extend(tampered(&forge));
    forged.extend(misshapen(&forge));
    forged
}

fn wrong_algorithms(forge: &Forge) -> Vec<(&'static str, String)> {
    let alg = |name: &str| set(forge.header(), "alg", json!(name));
    let hmac_with = |secret: &[u8]| {
        let message = message(&alg("HS256"), &forge.claims());
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    vec![
        ("alg none", format!("{}.", message(&alg("none"), &forge.claims()))),
        ("alg None", format!("{}.", message(&alg("None"), &forge.claims()))),
        ("alg none with a good signature", forge.sign(&alg("none"), &forge.claims())),
        ("alg EdDSA without a signature", format!("{}.", message(&forge.header(), &forge.claims()))),
        ("HMAC with the public key", hmac_with(forge.pair.public_key().as_ref())),
        ("HMAC with the public key as PEM", hmac_with(forge.public_pem().as_bytes())),
        ("HMAC with the name of the key", hmac_with(forge.kid.as_bytes())),
        ("HMAC with an empty secret", hmac_with(b"")),
        ("alg RS256", forge.sign(&alg("RS256"), &forge.claims())),
        ("alg ES256", forge.sign(&alg("ES256"), &forge.claims())),
        ("alg HS256 with a good signature", forge.sign(&alg("HS256"), &forge.claims())),
        ("alg eddsa", forge.sign(&alg("eddsa"), &forge.claims())),
        ("alg a number", forge.sign(&set(forge.header(), "alg", json!(1)), &forge.claims())),
        ("no alg", forge.with_header("alg", Value::Null)),
    ]
}

fn wrong_headers(forge: &Forge) -> Vec<(&'static str, String)> {
    let stranger = Forge { pair: Ed25519KeyPair::generate().unwrap(), kid: forge.kid.clone(), now: forge.now };
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(stranger.pair.public_key()) });
    vec![
        ("no kid", forge.with_header("kid", Value::Null)),
        ("unknown kid", forge.with_header("kid", json!("another"))),
        ("empty kid", forge.with_header("kid", json!(""))),
        ("kid as a path", forge.with_header("kid", json!("../../dev/null"))),
        ("kid a number", forge.with_header("kid", json!(1))),
        ("crit", forge.with_header("crit", json!(["exp"]))),
        (
            "crit with b64",
            forge.sign(&set(set(forge.header(), "crit", json!(["b64"])), "b64", json!(false)), &forge.claims()),
        ),
        ("empty crit", forge.with_header("crit", json!([]))),
        ("crit a text", forge.with_header("crit", json!("exp"))),
        ("typ JWS", forge.with_header("typ", json!("JWS"))),
        ("typ of an identity token", forge.with_header("typ", json!("id_token+jwt"))),
        ("typ of a logout token", forge.with_header("typ", json!("logout+jwt"))),
        ("typ empty", forge.with_header("typ", json!(""))),
        ("typ a number", forge.with_header("typ", json!(1))),
        ("another key with the right kid", stranger.sign(&stranger.header(), &stranger.claims())),
        ("another key that it brings along", stranger.with_header("jwk", jwk)),
    ]
}

fn wrong_claims(forge: &Forge) -> Vec<(&'static str, String)> {
    vec![
        ("no iss", forge.with_claim("iss", Value::Null)),
        ("iss of another", forge.with_claim("iss", json!("somebody"))),
        ("iss in capitals", forge.with_claim("iss", json!("Applaus"))),
        ("iss an array", forge.with_claim("iss", json!(["applaus"]))),
        ("iss a number", forge.with_claim("iss", json!(1))),
        ("no aud", forge.with_claim("aud", Value::Null)),
        ("aud of another", forge.with_claim("aud", json!("another"))),
        ("aud with more around it", forge.with_claim("aud", json!("applaus.evil"))),
        ("aud of others", forge.with_claim("aud", json!(["another", "third"]))),
        ("aud empty", forge.with_claim("aud", json!([]))),
        ("aud a number", forge.with_claim("aud", json!(1))),
        ("aud with a number", forge.with_claim("aud", json!(["applaus", 1]))),
        ("aud an object", forge.with_claim("aud", json!({ "applaus": true }))),
        ("no sub", forge.with_claim("sub", Value::Null)),
        ("sub empty", forge.with_claim("sub", json!(""))),
        ("sub a number", forge.with_claim("sub", json!(1))),
        ("sub an array", forge.with_claim("sub", json!(["anna"]))),
        ("scope an array", forge.with_claim("scope", json!(["agent"]))),
        ("scope a number", forge.with_claim("scope", json!(1))),
        ("scope null", null_claim(forge, "scope")),
    ]
}

fn wrong_times(forge: &Forge) -> Vec<(&'static str, String)> {
    let at = |name: &str, offset: i64| forge.with_claim(name, json!(forge.now + offset));
    let year = set(forge.claims(), "exp", json!(forge.now + 365 * 86_400));
    vec![
        ("no exp", forge.with_claim("exp", Value::Null)),
        ("exp a text", forge.with_claim("exp", json!((forge.now + 900).to_string()))),
        ("exp null", null_claim(forge, "exp")),
        ("exp beyond all time", forge.with_claim("exp", json!(1e300))),
        ("exp at the largest integer", forge.with_claim("exp", json!(u64::MAX))),
        ("exp at the smallest integer", forge.with_claim("exp", json!(i64::MIN))),
        ("expired an hour ago", set_times(forge, -7200, -3600)),
        ("expired this second", set_times(forge, -900, 0)),
        ("no iat", forge.with_claim("iat", Value::Null)),
        ("iat a text", forge.with_claim("iat", json!(forge.now.to_string()))),
        ("iat in the future", at("iat", 300)),
        ("nbf in the future", at("nbf", 300)),
        ("nbf a text", forge.with_claim("nbf", json!(forge.now.to_string()))),
        ("nbf null", null_claim(forge, "nbf")),
        ("lives a year", forge.sign(&forge.header(), &year)),
        ("lives for ever", forge.with_claim("exp", json!(253_402_300_799_i64))),
        ("lives a day and a second", set_times(forge, 0, 86_401)),
        ("issued long ago", at("iat", -30 * 86_400)),
    ]
}

fn tampered(forge: &Forge) -> Vec<(&'static str, String)> {
    let good = forge.sign(&forge.header(), &forge.claims());
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = parts[..] else { unreachable!() };
    let promoted = encoded(&set(forge.claims(), "sub", json!("admin")));
    let other_header = encoded(&set(forge.header(), "typ", json!("at+jwt")));
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    bytes[10] ^= 1;
    let flipped = URL_SAFE_NO_PAD.encode(&bytes);
    let of_another = forge.with_claim("sub", json!("berta"));
    let borrowed = of_another.rsplit('.').next().unwrap();
    vec![
        ("tampered payload", format!("{header}.{promoted}.{signature}")),
        ("tampered header", format!("{other_header}.{payload}.{signature}")),
        ("tampered signature", format!("{header}.{payload}.{flipped}")),
        ("signature of another token", format!("{header}.{payload}.{borrowed}")),
        ("signature cut short", format!("{header}.{payload}.{}", &signature[..signature.len() - 4])),
        ("signature of zeros", format!("{header}.{payload}.{}", URL_SAFE_NO_PAD.encode([0; 64]))),
        ("signature with padding", format!("{good}==")),
        ("payload in the other base64", format!("{header}.{}=.{signature}", payload)),
    ]
}

fn misshapen(forge: &Forge) -> Vec<(&'static str, String)> {
    let good = forge.sign(&forge.header(), &forge.claims());
    let twice = |part: &str| URL_SAFE_NO_PAD.encode(part);
    let raw = |header: &str, payload: &str| {
        let message = format!("{}.{}", twice(header), twice(payload));
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(forge.pair.sign(message.as_bytes())))
    };
    let claims = forge.claims().to_string();
    let header = forge.header().to_string();
    let double_sub = claims.replacen('{', r#"{"sub":"admin","#, 1);
    let deep = "[".repeat(2000);
    vec![
        ("empty", String::new()),
        ("garbage", "garbage".to_owned()),
        ("dots", "..".to_owned()),
        ("two parts", good.rsplit_once('.').unwrap().0.to_owned()),
        ("four parts", format!("{good}.e30")),
        ("five parts, as encrypted ones have", format!("{good}.e30.e30")),
        ("space inside", good.replacen('.', ". ", 1)),
        ("9 KiB", forge.with_claim("padding", json!("x".repeat(9 * 1024)))),
        ("the same claim twice", raw(&header, &double_sub)),
        ("payload no object", raw(&header, "[]")),
        ("payload no JSON", raw(&header, "{")),
        ("payload deep", raw(&header, &deep)),
        ("header no object", raw("[]", &claims)),
        ("header deep", raw(&deep, &claims)),
    ]
}

/// A claim that is there and is null.
fn null_claim(forge: &Forge, name: &str) -> String {
    let mut claims = forge.claims();
    claims[name] = Value::Null;
    forge.sign(&forge.header(), &claims)
}

fn set_times(forge: &Forge, iat: i64, exp: i64) -> String {
    let claims = set(forge.claims(), "iat", json!(forge.now + iat));
    forge.sign(&forge.header(), &set(claims, "exp", json!(forge.now + exp)))
}
