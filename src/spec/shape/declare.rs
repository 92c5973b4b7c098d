//! The macros that declare shapes. Each key is written once, with its description and an example.

/// Declares a mapping with known keys, each `required` or `optional`, and perhaps the keys of another
/// shape beside them.
macro_rules! shape {
    (
        $(#[doc = $doc:literal])+
        $name:ident is $what:literal $(, $unknown:ident)? {
            $($(#[doc = $key_doc:literal])+ $need:ident $field:ident: $type:ty = $example:tt,)+
        }
        $(with $rest:ident: $Rest:ty)?
    ) => {
        $(#[doc = $doc])+
        pub(in crate::spec) struct $name {
            $(pub $field: $crate::spec::shape::Field<$type>,)+
            $(pub $rest: $Rest,)?
        }

        impl $crate::spec::shape::object::Object for $name {
            const WHAT: &'static str = $what;
            const DESCRIPTION: &'static str = concat!($($doc, "\n"),+);
            const UNKNOWN_KEYS: $crate::spec::shape::object::UnknownKeys = shape!(@unknown $($unknown)?);

            fn keys() -> Vec<$crate::spec::shape::object::KeySpec> {
                #[allow(unused_mut, reason = "only some shapes have the keys of another beside theirs")]
                let mut keys = vec![$($crate::spec::shape::object::KeySpec {
                    key: stringify!($field).trim_start_matches("r#"),
                    description: concat!($($key_doc, "\n"),+),
                    example: || serde_json::json!($example),
                    required: shape!(@$need),
                    schema: <$type as schemars::JsonSchema>::json_schema,
                },)+];
                $(keys.extend(<$Rest as $crate::spec::shape::object::Object>::keys());)?
                keys
            }

            fn take(
                pairs: &[$crate::spec::node::Pair],
                slips: &[&str],
                reading: &mut $crate::spec::shape::Reading<'_>,
            ) -> Self {
                Self {
                    $($field: $crate::spec::shape::Field::take(
                        pairs, slips, stringify!($field).trim_start_matches("r#"), reading,
                    ),)+
                    $($rest: <$Rest as $crate::spec::shape::object::Object>::take(pairs, slips, reading),)?
                }
            }
        }

        impl $crate::spec::shape::Shape for $name {
            fn read_sound(
                node: &$crate::spec::node::Node,
                reading: &mut $crate::spec::shape::Reading<'_>,
            ) -> Option<Self> {
                $crate::spec::shape::object::read(node, reading)
            }
        }

        inline_schema!($name, |generator| $crate::spec::shape::object::schema::<Self>(generator));
    };
    (@unknown) => { $crate::spec::shape::object::UnknownKeys::Refused };
    (@unknown $unknown:ident) => { $crate::spec::shape::object::UnknownKeys::$unknown };
    (@required) => { true };
    (@optional) => { false };
}

/// Implements `JsonSchema` so that it is written in place, never behind a `$ref`.
macro_rules! inline_schema {
    ($name:ident<$(const $parameter:ident),+>, |$generator:ident| $schema:expr) => {
        impl<$(const $parameter: u32),+> schemars::JsonSchema for $name<$($parameter),+> {
            inline_schema!(@body |$generator| $schema);
        }
    };
    (@body |$generator:ident| $schema:expr) => {
        fn inline_schema() -> bool {
            true
        }

        fn schema_name() -> std::borrow::Cow<'static, str> {
            std::any::type_name::<Self>().into()
        }

        fn json_schema($generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
            $schema
        }
    };
    ($($name:ident)::+ $(<$parameter:ident>)?, |$generator:ident| $schema:expr) => {
        impl $(<$parameter: schemars::JsonSchema>)? schemars::JsonSchema for $($name)::+ $(<$parameter>)? {
            inline_schema!(@body |$generator| $schema);
        }
    };
}

/// Makes an enum without fields a choice of words: read, printed and serialised by the same word.
macro_rules! choice {
    ($name:ident { $($variant:ident = $word:literal,)+ }) => {
        impl $name {
            /// The word in the spec.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl $crate::spec::shape::Choice for $name {
            const CHOICES: &'static [(&'static str, Self)] = &[$(($word, Self::$variant),)+];
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
