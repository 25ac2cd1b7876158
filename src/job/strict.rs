//! Strict JSON: doubled and unknown keys refused, every refusal with the field's path and never
//! with the value, because the value may be somebody's name.

use serde::Deserialize;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess,
    SeqAccess, VariantAccess, Visitor,
};
use zeroize::Zeroizing;

/// What is wrong with a document, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct ContentError {
    /// The field's path, such as `holder.birth_date`; empty for the whole document.
    pub field: String,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The text is no JSON.
    #[error("no JSON at line {line}, column {column}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// The key stands there twice.
    #[error("stands there twice")]
    Doubled,
    /// Nobody knows this key.
    #[error("is an unknown key")]
    Unknown,
    /// The key is missing.
    #[error("is missing")]
    Missing,
    /// The value has another type.
    #[error("should be {0}")]
    Type(String),
    /// The value is none of the permitted ones.
    #[error("should be one of {0:?}")]
    OneOf(&'static [&'static str]),
    /// The value does not have the form.
    #[error("{0}")]
    Form(String),
}

/// Reads a document of at most `limit` bytes.
///
/// # Errors
/// [`ContentError`] with the first field that is wrong.
pub fn read<T: DeserializeOwned>(json: &[u8], limit: usize) -> Result<T, ContentError> {
    if json.len() > limit {
        return Err(here(Problem::Form(format!("is longer than {limit} bytes"))));
    }
    let tree: Tree = serde_json::from_slice(json).map_err(|error| {
        here(Problem::Syntax {
            line: error.line(),
            column: error.column(),
        })
    })?;
    T::deserialize(tree)
}

fn here(problem: Problem) -> ContentError {
    ContentError {
        field: String::new(),
        problem,
    }
}

impl ContentError {
    fn under(mut self, key: &str) -> ContentError {
        self.field = if self.field.is_empty() {
            key.to_owned()
        } else {
            format!("{key}.{}", self.field)
        };
        self
    }
}

impl de::Error for ContentError {
    fn custom<T: std::fmt::Display>(message: T) -> ContentError {
        here(Problem::Form(message.to_string()))
    }
    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> ContentError {
        here(Problem::Type(expected.to_string()))
    }
    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> ContentError {
        here(Problem::Type(expected.to_string()))
    }
    fn invalid_length(_: usize, expected: &dyn de::Expected) -> ContentError {
        here(Problem::Type(expected.to_string()))
    }
    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> ContentError {
        here(Problem::OneOf(expected))
    }
    fn unknown_field(field: &str, _: &'static [&'static str]) -> ContentError {
        here(Problem::Unknown).under(&shown(field))
    }
    fn missing_field(field: &'static str) -> ContentError {
        here(Problem::Missing).under(field)
    }
    fn duplicate_field(field: &'static str) -> ContentError {
        here(Problem::Doubled).under(field)
    }
}

/// A foreign key as it may be shown: what could be a mistyped field name, nothing else.
fn shown(key: &str) -> String {
    let plain = key.len() <= 40 && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if plain {
        key.to_owned()
    } else {
        "…".to_owned()
    }
}

/// A document that is read but not yet understood; texts are wiped.
enum Tree {
    Null,
    Bool(bool),
    Whole(i64),
    Text(Zeroizing<String>),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Tree, D::Error> {
        deserializer.deserialize_any(Growing)
    }
}

struct Growing;

impl<'de> Visitor<'de> for Growing {
    type Value = Tree;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("null, true, false, a whole number, a text, a list or an object")
    }
    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Whole(value))
    }
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Tree, E> {
        i64::try_from(value).map(Tree::Whole).map_err(E::custom)
    }
    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Text(Zeroizing::new(value.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Tree::Map(entries))
    }
}

impl<'de> Deserializer<'de> for Tree {
    type Error = ContentError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ContentError> {
        match self {
            Tree::Null => visitor.visit_unit(),
            Tree::Bool(value) => visitor.visit_bool(value),
            Tree::Whole(value) => visitor.visit_i64(value),
            Tree::Text(text) => visitor.visit_str(&text),
            Tree::List(items) => {
                let mut items = Items {
                    rest: items.into_iter(),
                    at: 0,
                };
                let value = visitor.visit_seq(&mut items)?;
                match items.rest.next() {
                    None => Ok(value),
                    Some(_) => Err(here(Problem::Type(format!("a list of {} items", items.at)))),
                }
            }
            Tree::Map(entries) => {
                if let Some(key) = doubled(&entries) {
                    return Err(here(Problem::Doubled).under(&shown(key)));
                }
                visitor.visit_map(Entries {
                    rest: entries.into_iter(),
                    value: None,
                })
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ContentError> {
        match self {
            Tree::Null => visitor.visit_none(),
            tree @ (Tree::Bool(_)
            | Tree::Whole(_)
            | Tree::Text(_)
            | Tree::List(_)
            | Tree::Map(_)) => visitor.visit_some(tree),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ContentError> {
        let word = || here(Problem::Type("a word or an object with one key".to_owned()));
        match self {
            Tree::Text(name) => visitor.visit_enum(Choice {
                name: name.to_string(),
                value: None,
            }),
            Tree::Map(entries) => {
                let [(name, value)] = <[_; 1]>::try_from(entries).map_err(|_| word())?;
                visitor.visit_enum(Choice {
                    name,
                    value: Some(value),
                })
            }
            Tree::Null | Tree::Bool(_) | Tree::Whole(_) | Tree::List(_) => Err(word()),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ContentError> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

fn doubled(entries: &[(String, Tree)]) -> Option<&str> {
    let mut seen = std::collections::BTreeSet::new();
    entries
        .iter()
        .map(|(key, _)| key.as_str())
        .find(|key| !seen.insert(*key))
}

struct Items {
    rest: std::vec::IntoIter<Tree>,
    at: usize,
}

impl<'de> SeqAccess<'de> for &mut Items {
    type Error = ContentError;
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ContentError> {
        let Some(item) = self.rest.next() else {
            return Ok(None);
        };
        let at = self.at.to_string();
        self.at += 1;
        seed.deserialize(item)
            .map(Some)
            .map_err(|error| error.under(&at))
    }
}

struct Entries {
    rest: std::vec::IntoIter<(String, Tree)>,
    value: Option<(String, Tree)>,
}

impl<'de> MapAccess<'de> for Entries {
    type Error = ContentError;
    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ContentError> {
        let Some((key, value)) = self.rest.next() else {
            return Ok(None);
        };
        let read = seed.deserialize(key.as_str().into_deserializer()).map(Some);
        self.value = Some((key, value));
        read
    }
    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, ContentError> {
        let Some((key, value)) = self.value.take() else {
            return Err(here(Problem::Missing));
        };
        seed.deserialize(value)
            .map_err(|error| error.under(&shown(&key)))
    }
}

struct Choice {
    name: String,
    value: Option<Tree>,
}

impl<'de> EnumAccess<'de> for Choice {
    type Error = ContentError;
    type Variant = Held;
    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Held), ContentError> {
        let read = seed.deserialize(self.name.as_str().into_deserializer())?;
        Ok((read, Held(self.value)))
    }
}

/// What stands beside a variant's name.
struct Held(Option<Tree>);

impl<'de> VariantAccess<'de> for Held {
    type Error = ContentError;
    fn unit_variant(self) -> Result<(), ContentError> {
        match self.0 {
            None => Ok(()),
            Some(_) => Err(here(Problem::Type("a word alone".to_owned()))),
        }
    }
    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, ContentError> {
        seed.deserialize(self.0.ok_or_else(|| here(Problem::Missing))?)
    }
    fn tuple_variant<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ContentError> {
        self.0
            .ok_or_else(|| here(Problem::Missing))?
            .deserialize_any(visitor)
    }
    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ContentError> {
        self.0
            .ok_or_else(|| here(Problem::Missing))?
            .deserialize_any(visitor)
    }
}

/// Dates as `YYYY-MM-DD` and nothing else; the refusal does not repeat the value.
pub mod date {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Reads the one form.
    pub fn parse(text: &str) -> Option<Date> {
        let date: Date = text.parse().ok()?;
        (date.to_string() == text).then_some(date)
    }

    /// For `serde(with)`.
    ///
    /// # Errors
    /// When the text is no date.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        let text = zeroize::Zeroizing::new(String::deserialize(deserializer)?);
        parse(&text).ok_or_else(|| D::Error::custom("should be a date such as 2026-04-01"))
    }

    /// For `serde(with)`.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(date)
    }

    /// The same for a date that may be absent.
    pub mod option {
        use super::Date;
        use serde::{Deserialize, Deserializer, Serializer, de::Error};

        /// For `serde(with)`.
        ///
        /// # Errors
        /// When the text is no date.
        pub fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Date>, D::Error> {
            let Some(text) = Option::<String>::deserialize(deserializer)? else {
                return Ok(None);
            };
            let wrong = || D::Error::custom("should be a date such as 2026-04-01");
            super::parse(&text).map(Some).ok_or_else(wrong)
        }

        /// For `serde(with)`.
        ///
        /// # Errors
        /// Those of the serializer.
        pub fn serialize<S: Serializer>(
            date: &Option<Date>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            match date {
                Some(date) => serializer.collect_str(date),
                None => serializer.serialize_none(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        name: String,
        inner: Option<Inner>,
        pair: [u8; 2],
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[serde(with = "date")]
        day: jiff::civil::Date,
        kind: Kind,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Plain,
        Heavy(u8),
    }

    fn problem(json: &str) -> (String, Problem) {
        let error = read::<Sample>(json.as_bytes(), 4096).unwrap_err();
        assert!(!error.to_string().contains("SECRET"));
        (error.field, error.problem)
    }

    #[test]
    fn a_good_document_is_read() {
        let json = r#"{"name":"x","inner":{"day":"2026-04-01","kind":{"heavy":3}},"pair":[1,2]}"#;
        let sample: Sample = read(json.as_bytes(), 4096).unwrap();
        assert_eq!(sample.inner.unwrap().kind, Kind::Heavy(3));
        let plain = r#"{"name":"x","inner":{"day":"2026-04-01","kind":"plain"},"pair":[1,2]}"#;
        assert_eq!(
            read::<Sample>(plain.as_bytes(), 4096)
                .unwrap()
                .inner
                .unwrap()
                .kind,
            Kind::Plain
        );
    }

    #[test]
    fn each_fault_names_its_field_and_no_value() {
        let doubled =
            problem(r#"{"name":"x","inner":{"kind":"plain","kind":"plain"},"pair":[1,2]}"#);
        assert_eq!(doubled, ("inner.kind".to_owned(), Problem::Doubled));
        let unknown = problem(r#"{"name":"x","surname":"SECRET","pair":[1,2]}"#);
        assert_eq!(unknown, ("surname".to_owned(), Problem::Unknown));
        let missing = problem(r#"{"name":"x"}"#);
        assert_eq!(missing, ("pair".to_owned(), Problem::Missing));
        let typed = problem(r#"{"name":7,"pair":[1,2]}"#);
        assert_eq!(typed.0, "name");
        let day = problem(r#"{"name":"x","inner":{"day":"SECRET","kind":"plain"},"pair":[1,2]}"#);
        assert_eq!(day.0, "inner.day");
        let kind =
            problem(r#"{"name":"x","inner":{"day":"2026-04-01","kind":"SECRET"},"pair":[1,2]}"#);
        assert_eq!(
            kind,
            ("inner.kind".to_owned(), Problem::OneOf(&["plain", "heavy"]))
        );
        let longer = problem(r#"{"name":"x","pair":[1,2,3]}"#);
        assert_eq!(longer.0, "pair");
        assert!(matches!(problem(r#"{"name":"#).1, Problem::Syntax { .. }));
        assert!(matches!(
            problem(r#"{"name":"x","pair":[1.5,2]}"#).1,
            Problem::Syntax { .. }
        ));
    }

    #[test]
    fn a_long_document_is_not_read() {
        assert!(read::<Sample>(&[b' '; 100], 99).is_err());
    }

    #[test]
    fn a_document_of_the_greatest_length_is_read() {
        let json = br#"{"name":"x","pair":[1,2]}"#;
        assert!(read::<Sample>(json, json.len()).is_ok());
        assert!(read::<Sample>(json, json.len() - 1).is_err());
    }

    #[test]
    fn a_foreign_key_is_shown_only_where_it_could_be_a_mistyped_field() {
        let (longest, longer) = ("k".repeat(40), "k".repeat(41));
        let rows = [
            ("sur_name", "sur_name"),
            (longest.as_str(), longest.as_str()),
            (longer.as_str(), "…"),
            ("MIHON TARO", "…"),
            ("見本", "…"),
        ];
        for (key, shown) in rows {
            let json = format!(r#"{{"name":"x","{key}":1,"pair":[1,2]}}"#);
            assert_eq!(problem(&json), (shown.to_owned(), Problem::Unknown));
        }
    }

    #[test]
    fn a_list_names_the_item_that_is_wrong_and_how_many_there_should_be() {
        assert_eq!(problem(r#"{"name":"x","pair":["a",2]}"#).0, "pair.0");
        assert_eq!(problem(r#"{"name":"x","pair":[1,"b"]}"#).0, "pair.1");
        let three = problem(r#"{"name":"x","pair":[1,2,3]}"#).1;
        assert_eq!(three, Problem::Type("a list of 2 items".to_owned()));
    }

    #[test]
    fn a_word_that_stands_alone_holds_nothing_and_a_date_has_one_form() {
        let of = |day: &str, kind: &str| {
            let inner = format!(r#"{{"day":"{day}","kind":{kind}}}"#);
            problem(&format!(r#"{{"name":"x","inner":{inner},"pair":[1,2]}}"#)).0
        };
        assert_eq!(of("2026-04-01", r#"{"plain":1}"#), "inner.kind");
        assert_eq!(of("2026-04-01", r#""heavy""#), "inner.kind");
        assert_eq!(of("20260401", r#""plain""#), "inner.day");
        assert_eq!(of("2026-04-01T00:00", r#""plain""#), "inner.day");
    }

    #[test]
    fn a_doubled_key_is_refused_whatever_the_document_is_read_into() {
        use std::collections::BTreeMap;
        let map = |json: &str| read::<BTreeMap<String, u8>>(json.as_bytes(), 4096);
        assert_eq!(map(r#"{"a":1,"b":2}"#).unwrap().len(), 2);
        let doubled = map(r#"{"a":1,"b":2,"a":3}"#).unwrap_err();
        assert_eq!(
            (doubled.field.as_str(), doubled.problem),
            ("a", Problem::Doubled)
        );
    }
}
