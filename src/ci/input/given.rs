//! What was given for each input, and where. Reads no meaning into it.

use super::table::{INPUTS, Input, OF_THE_SCRIPT};
use crate::ci::Variables;
use crate::spec::nearest_name;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;

/// The variable with all inputs of an action as one JSON object.
const JSON_VARIABLE: &str = "CROSSDOCK_INPUTS";

/// The value of one input. Its text may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Given {
    /// The value; never empty.
    pub value: String,
    /// Where it was given.
    pub origin: Origin,
}

/// Where an input was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In `CROSSDOCK_INPUTS`, the inputs of an action as JSON.
    Json,
    /// In a variable of this name.
    Variable(String),
}

/// Something wrong with an input. Never holds the value of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The name of the input.
    pub input: String,
    /// Where it was given, if it was.
    pub origin: Option<Origin>,
    /// What is wrong, and what is allowed.
    pub why: String,
}

/// What was given, by the names of the inputs, and what cannot be read at all.
///
/// The JSON goes before `INPUT_…`, that before `PLUGIN_…`, and that before `CROSSDOCK_…`; what is empty
/// counts as not given.
pub fn gather(variables: &Variables) -> (BTreeMap<&'static str, Given>, Vec<Wrong>) {
    let mut wrong = Vec::new();
    let json = read_json(variables, &mut wrong);
    let mut given = BTreeMap::new();
    for input in &INPUTS {
        let found = json.get(input.name).map(|value| Given { value: value.clone(), origin: Origin::Json });
        if let Some(found) = found.or_else(|| in_variables(input, variables)) {
            given.insert(input.name, found);
        }
    }
    (given, wrong)
}

fn in_variables(input: &Input, variables: &Variables) -> Option<Given> {
    let upper = input.name.to_ascii_uppercase();
    let snake = upper.replace('-', "_");
    // Runners keep the hyphens of an action's inputs; people who write variables cannot.
    let names = [
        format!("INPUT_{upper}"),
        format!("INPUT_{snake}"),
        format!("PLUGIN_{snake}"),
        format!("CROSSDOCK_{snake}"),
    ];
    names.into_iter().find_map(|name| {
        let value = variables.get(&name).filter(|value| !value.trim().is_empty())?.to_owned();
        Some(Given { value, origin: Origin::Variable(name) })
    })
}

fn read_json(variables: &Variables, wrong: &mut Vec<Wrong>) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    // Not the words of the parser: they repeat pieces of the text.
    let refuse = |why: String| Wrong { input: JSON_VARIABLE.to_owned(), origin: None, why };
    let object = match variables.get(JSON_VARIABLE).map(serde_json::from_str::<Value>) {
        None | Some(Ok(Value::Null)) => Map::new(),
        Some(Ok(Value::Object(object))) => object,
        Some(Ok(_)) => {
            wrong.push(refuse("it is no JSON object of inputs".to_owned()));
            Map::new()
        }
        Some(Err(why)) => {
            wrong.push(refuse(format!("it is not JSON: see line {}, column {}", why.line(), why.column())));
            Map::new()
        }
    };
    for (name, value) in object {
        if Input::named(&name).is_none() {
            if !OF_THE_SCRIPT.contains(&name.as_str()) {
                let why = unknown(&name);
                wrong.push(Wrong { input: name, origin: Some(Origin::Json), why });
            }
            continue;
        }
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text,
            Value::Bool(_) | Value::Number(_) | Value::Array(_) => value.to_string(),
            Value::Object(_) => {
                let why = "it is an object; write a text".to_owned();
                wrong.push(Wrong { input: name, origin: Some(Origin::Json), why });
                continue;
            }
        };
        if !text.trim().is_empty() {
            values.insert(name, text);
        }
    }
    values
}

fn unknown(name: &str) -> String {
    let names = INPUTS.map(|input| input.name);
    match nearest_name(name, &names) {
        Some(near) => format!("there is no such input; did you mean `{near}`?"),
        None => format!("there is no such input; there is: {}", names.join(", ")),
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json => f.write_str(JSON_VARIABLE),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { input, origin, why } = self;
        match origin {
            Some(origin) => write!(f, "the input {input} (from {origin}) is wrong: {why}"),
            None if input == JSON_VARIABLE => write!(f, "the variable {input} is wrong: {why}"),
            None => write!(f, "the input {input} is wrong: {why}"),
        }
    }
}

/// Without the value, which may be a secret.
impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Given(from {})", self.origin)
    }
}
