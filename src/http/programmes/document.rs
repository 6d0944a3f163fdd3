//! Programme documents as they arrive: any JSON, so that reading tells what is wrong with it, but no field twice.

use std::fmt;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use utoipa::ToSchema;

use crate::http::json::{self, JSON};
use crate::http::problem::ApiError;

/// A programme document (LANGUAGE.md); `/api/v1/programmes/schema` has its schema.
#[derive(Debug, Clone, PartialEq, ToSchema)]
#[schema(value_type = Object)]
pub struct Document(pub Value);

impl FromRequest for Document {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            json::media_type(request.headers(), &[JSON])?;
            Ok(json::parse(&json::read(&request, &mut payload).await?)?)
        })
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EachOnce).map(Self)
    }
}

/// Takes any JSON in which no object has a field twice: of two, one would be dropped in silence.
struct EachOnce;

impl<'de> Visitor<'de> for EachOnce {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Number::from_f64(number).map(Value::Number).ok_or_else(|| E::custom("a number out of range"))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Document(entry)) = entries.next_element()? {
            list.push(entry);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            let Document(value) = fields.next_value()?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::problem::ProblemCode;

    #[test]
    fn any_json_is_taken_as_it_stands() {
        for document in [json!(null), json!([1, -2, 0.5, "x", true]), json!({ "a": { "b": [{}, []] }, "": null })] {
            let Document(taken) = json::parse(document.to_string().as_bytes()).unwrap();
            assert_eq!(taken, document);
        }
    }

    #[test]
    fn a_field_given_twice_is_refused_with_its_place() {
        for (text, pointer) in [
            (r#"{"a":1,"a":1}"#, "/a"),
            (r#"{"rules":[{},{"limits":[],"on":["x"],"limits":[1]}]}"#, "/rules/1/limits"),
            (r#"{"x":{"a`, expected b":1,"a`, expected b":2}}"#, "/x/a`, expected b"),
        ] {
            let problem = json::parse::<Document>(text.as_bytes()).unwrap_err();
            let [finding] = problem.findings.as_slice() else { panic!("{problem}") };
            assert_eq!((finding.code, finding.pointer.as_str()), (ProblemCode::DuplicateField, pointer));
        }
    }
}
