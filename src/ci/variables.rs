//! The environment as it was handed in. An empty variable is an unset one: CIs set what they do not
//! have to nothing.

use std::collections::BTreeMap;
use std::ffi::OsString;

/// The variables of a process. Values that are not UTF-8 are left out.
#[derive(Clone, Default)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Variables, such as `std::env::vars_os()`.
    pub fn of(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let text =
            |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        Self(variables.into_iter().filter_map(text).filter(|(_, value)| !value.is_empty()).collect())
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether a variable is there that says yes.
    pub fn says_yes(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| matches!(value, "1" | "true" | "True" | "TRUE"))
    }

    /// The names of all variables.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// Without the values, of which any may be a secret.
impl std::fmt::Debug for Variables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Variables({} of them)", self.0.len())
    }
}

#[cfg(test)]
impl Variables {
    pub(super) fn made_up(variables: &[(&str, &str)]) -> Self {
        Self::of(variables.iter().map(|(name, value)| ((*name).into(), (*value).into())))
    }
}
