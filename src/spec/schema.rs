//! The JSON Schema of a spec, made from the shapes that read it.

use super::shape::SpecShape;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// The JSON Schema (draft 7) of the spec format, for editors and for `crossdock schema spec`.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<SpecShape>();
    schema.insert("title".to_owned(), json!("Crossdock spec"));
    schema.to_value()
}
