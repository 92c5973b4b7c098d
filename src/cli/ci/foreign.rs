//! Files of another tool, as the inputs name them: they mean what the command line would mean.

use crate::ci::input::Inputs;
use crate::cli::import::Foreign;
use clap::Parser;
use std::ffi::OsString;

/// The part of a command line that is about them.
#[derive(Parser)]
#[command(no_binary_name = true, disable_help_flag = true)]
struct Line {
    #[command(flatten)]
    foreign: Foreign,
}

/// What is run in place of a spec, if anything. The error names the input that is wrong.
pub(super) fn of(inputs: &Inputs) -> Result<Option<Foreign>, String> {
    let Some(tool) = &inputs.from else { return Ok(None) };
    let mut words: Vec<OsString> = vec!["--from".into(), tool.into()];
    words.extend(inputs.from_flags.iter().map(OsString::from));
    // What stands behind this is no flag, whatever a file is called.
    words.push("--".into());
    words.extend(inputs.files.iter().map(OsString::from));
    match Line::try_parse_from(words) {
        Ok(Line { foreign }) => Ok(Some(foreign)),
        Err(why) => {
            let text = why.to_string();
            let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
            Err(format!("the input from-flags is wrong: {first}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ci::input::{INPUTS, Kind};
    use crate::import::Tool;

    fn inputs(flags: &[&str]) -> Inputs {
        Inputs {
            from: Some("image-transfer".to_owned()),
            files: vec!["-security.yaml".into(), "rule.yaml".into()],
            from_flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
            ..Inputs::default()
        }
    }

    #[test]
    fn the_input_has_the_tools_that_the_flag_has() {
        let input = INPUTS.iter().find(|input| input.name == "from").expect("it is there");
        let tools: Vec<&str> = Tool::ALL.iter().map(|tool| tool.as_str()).collect();
        assert!(matches!(input.kind, Kind::Choice(words) if words == tools), "{tools:?}");
    }

    #[test]
    fn files_and_flags_are_read_as_on_the_command_line() {
        assert!(of(&Inputs::default()).expect("nothing is wrong").is_none());
        let foreign = of(&inputs(&["--ns=team", "--qps=5"])).expect("good").expect("some");
        assert_eq!(foreign.from, Some(Tool::ImageTransfer));
        assert_eq!(foreign.files.len(), 2);
        let why = of(&inputs(&["--nss=team"])).expect_err("it is wrong");
        assert!(why.starts_with("the input from-flags is wrong: ") && why.contains("--nss"), "{why}");
    }
}
