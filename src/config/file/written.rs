//! Values that say more than their text: where they stand, a span of time, a size, a header or none, a secret or its place.

use std::{borrow::Cow, fmt, ops::Range};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor, value::MapAccessDeserializer},
};
use toml::Spanned;

/// A value and its place in the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::config) struct At<T>(Spanned<T>);

impl<T> At<T> {
    pub(in crate::config) fn span(&self) -> Range<usize> {
        self.0.span()
    }

    pub(in crate::config) fn value(&self) -> &T {
        self.0.get_ref()
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// A span of time as written.
#[derive(Clone, Debug)]
pub(in crate::config) struct SpanText(pub String);

impl<'de> Deserialize<'de> for SpanText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text("a span of time in quotes, as in \"8h\" or \"30d\"")).map(Self)
    }
}

impl JsonSchema for SpanText {
    fn schema_name() -> Cow<'static, str> {
        "span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A span of time, as in \"30s\", \"8h\" or \"30d\".",
            "type": "string",
            "pattern": r"^(off|\s*(\d+(\.\d+)?\s*[a-zµ]+[\s,]*)+)$",
        })
    }
}

/// A size in bytes as written.
#[derive(Clone, Debug)]
pub(in crate::config) struct SizeText(pub String);

impl<'de> Deserialize<'de> for SizeText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text("a size in quotes, as in \"512KiB\" or \"1MiB\"")).map(Self)
    }
}

impl JsonSchema for SizeText {
    fn schema_name() -> Cow<'static, str> {
        "size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A size, as in \"512KiB\" or \"1MiB\".",
            "type": "string",
            "pattern": r"^(off|\s*\d+\s*[KM]iB\s*)$",
        })
    }
}

/// A header's name, or false.
#[derive(Clone, Debug)]
pub(in crate::config) enum HeaderWord {
    Name(String),
    Off,
}

impl<'de> Deserialize<'de> for HeaderWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Word;
        impl Visitor<'_> for Word {
            type Value = HeaderWord;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a header's name, or false for no such header")
            }

            fn visit_bool<E: de::Error>(self, on: bool) -> Result<HeaderWord, E> {
                if on {
                    Err(E::invalid_value(de::Unexpected::Bool(true), &self))
                } else {
                    Ok(HeaderWord::Off)
                }
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<HeaderWord, E> {
                Ok(HeaderWord::Name(name.to_owned()))
            }
        }
        deserializer.deserialize_any(Word)
    }
}

impl JsonSchema for HeaderWord {
    fn schema_name() -> Cow<'static, str> {
        "header".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "string" }, { "const": false }] })
    }
}

/// A secret, or where it is. Prints as nothing.
#[derive(Clone)]
pub(in crate::config) enum Secret {
    Here(String),
    Elsewhere(SecretTable),
}

/// Where a secret is: exactly one of these.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "secret")]
pub(in crate::config) struct SecretTable {
    /// A file that holds nothing else.
    pub file: Option<String>,
    /// A variable of the environment.
    pub env: Option<String>,
    /// A file in systemd's credential directory.
    pub credential: Option<String>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Where;
        impl<'de> Visitor<'de> for Where {
            type Value = Secret;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or a table such as { file = \"…\" }")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Secret, E> {
                Ok(Secret::Here(text.to_owned()))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Secret, A::Error> {
                SecretTable::deserialize(MapAccessDeserializer::new(map)).map(Secret::Elsewhere)
            }
        }
        deserializer.deserialize_any(Where)
    }
}

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "secret_or_text".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<SecretTable>();
        json_schema!({ "anyOf": [{ "type": "string" }, table] })
    }
}

/// Reads a text, and says what was wanted where there is none.
pub(super) struct Text(pub(super) &'static str);

impl Visitor<'_> for Text {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
}
