//! JSON objects as lists of their fields, in their order and with their values verbatim: what is not
//! changed on purpose stays as it was, whatever it is.

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;
use std::fmt;

/// The fields of an object.
#[derive(Debug, Clone)]
pub(super) struct Fields(Vec<(String, Box<RawValue>)>);

impl Fields {
    /// Sets a field where it stands, or behind all others.
    pub(super) fn set(&mut self, name: &str, value: &impl Serialize) {
        let Ok(value) = serde_json::value::to_raw_value(value) else { return };
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Whether there is such a field.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// Leaves fields out.
    pub(super) fn remove(&mut self, names: &[&str]) {
        self.0.retain(|(name, _)| !names.contains(&name.as_str()));
    }

    /// The value of a field, where it is there and of this type.
    pub(super) fn get<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Option<T> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        serde_json::from_str(value.get()).ok()
    }

    /// The object as compact JSON; values that were not set keep their spaces.
    pub(super) fn bytes(&self) -> bytes::Bytes {
        serde_json::to_vec(self).unwrap_or_default().into()
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields: Vec<(String, Box<RawValue>)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    if fields.iter().any(|(known, _)| *known == name) {
                        return Err(de::Error::custom(format!("the field `{name}` is there twice")));
                    }
                    fields.push((name, value));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Read)
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_stays_as_it_was() {
        let text = r#"{"z":1.50,"a":{"c" : [1,2],"b":"\u00e9"},"n":null}"#;
        let mut fields: Fields = serde_json::from_str(text).expect("an object");
        assert_eq!(fields.bytes(), text);
        fields.set("n", &7);
        fields.set("new", &"x");
        fields.remove(&["z"]);
        assert_eq!(fields.bytes(), r#"{"a":{"c" : [1,2],"b":"\u00e9"},"n":7,"new":"x"}"#);
        assert_eq!(
            (fields.get::<u8>("n"), fields.get::<u8>("new"), fields.get::<u8>("z")),
            (Some(7), None, None)
        );
    }

    #[test]
    fn a_field_that_is_there_twice_is_refused() {
        assert!(serde_json::from_str::<Fields>(r#"{"a":1,"a":2}"#).is_err());
    }
}
