//! Readers of reports that other people wrote. A missing one fails the test and says what to install.

use crate::bed::tools;
use jsonschema::Validator;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use tempfile::NamedTempFile;

/// Runs a command with `text` as its input; what it wrote to stdout, or why it did not end well.
fn fed(command: &mut Command, text: &str) -> Result<String, String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program was found before");
    let mut stdin = child.stdin.take().expect("it is piped");
    let text = text.to_owned();
    let feeding = std::thread::spawn(move || drop(stdin.write_all(text.as_bytes())));
    let output = child.wait_with_output().expect("it ends");
    feeding.join().expect("it ends with its reader");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    match output.status.success() {
        true => Ok(stdout.into_owned()),
        false => Err(format!("{}{stdout}{stderr}", output.status)),
    }
}

/// Whether JUnit XML is well formed and follows `junit.xsd`, by libxml2.
pub fn junit(text: &str) -> Result<(), String> {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/report_formats/junit.xsd");
    let mut command = Command::new(tools::find("xmllint", "libxml2-utils"));
    command.args(["--noout", "--nonet", "--schema"]).arg(schema).arg("-");
    fed(&mut command, text).map(drop)
}

/// What an XPath expression gives in an XML text, by libxml2.
pub fn xpath(text: &str, expression: &str) -> String {
    let mut command = Command::new(tools::find("xmllint", "libxml2-utils"));
    command.args(["--nonet", "--xpath", expression, "-"]);
    fed(&mut command, text).expect("the text is XML").trim_end().to_owned()
}

/// Whether the text format of Prometheus can be read, and its linter has nothing to say.
pub fn prometheus(text: &str) -> Result<(), String> {
    let mut command = Command::new(tools::find("promtool", "prometheus"));
    fed(command.args(["check", "metrics"]), text).map(drop)
}

/// One sample: its name, its labels and its value.
pub type Sample = (String, BTreeMap<String, String>, f64);

const OPENMETRICS: &str = "
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
text = sys.stdin.buffer.read().decode('utf-8')
samples = [s for family in parse(text) for s in family.samples]
json.dump([[s.name, s.labels, s.value] for s in samples], sys.stdout)
";

/// The samples of OpenMetrics text, by the reference parser.
pub fn openmetrics(text: &str) -> Result<Vec<Sample>, String> {
    // Debian's, and not another Python that may come first in the PATH.
    let python = PathBuf::from("/usr/bin/python3");
    let have = Command::new(&python).args(["-c", "import prometheus_client.openmetrics.parser"]).output();
    let have = have.is_ok_and(|output| output.status.success());
    assert!(have, "prometheus_client is missing: apt-get install python3-prometheus-client");
    let samples = fed(Command::new(python).args(["-c", OPENMETRICS]), text)?;
    serde_json::from_str(&samples).map_err(|error| error.to_string())
}

/// The elements that GitHub's Markdown makes of a text, each with how often it is there; and the raw
/// HTML in it.
pub fn markdown(text: &str) -> (BTreeMap<String, usize>, Vec<String>) {
    let mut command = Command::new(tools::find("cmark-gfm", "cmark-gfm"));
    command.args(["--to", "xml", "-e", "table", "-e", "autolink", "-e", "strikethrough"]);
    let xml = fed(&mut command, text).expect("every text is Markdown");
    let (mut elements, mut html) = (BTreeMap::new(), Vec::new());
    for piece in xml.split('<').skip(1) {
        let (tag, content) = piece.split_once('>').expect("cmark-gfm writes XML");
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        if name.is_empty() || name.starts_with(['?', '!']) {
            continue;
        }
        *elements.entry(name.to_owned()).or_default() += 1;
        if name.starts_with("html") {
            html.push(content.replace("&lt;", "<").replace("&gt;", ">"));
        }
    }
    (elements, html)
}

/// Whether JSON follows the published schema of SARIF 2.1.0.
pub fn sarif(text: &str) -> Result<(), String> {
    static VALIDATOR: LazyLock<Validator> =
        LazyLock::new(|| jsonschema::validator_for(&sarif_schema()).expect("a schema"));
    let sarif = serde_json::from_str(text).map_err(|error| error.to_string())?;
    VALIDATOR.validate(&sarif).map_err(|error| format!("{error} at {}", error.instance_path()))
}

/// The schema comes with a package that cargo fetches with the others.
fn sarif_schema() -> Value {
    let mut command = Command::new(env!("CARGO"));
    command.args(["metadata", "--locked", "--format-version", "1", "--manifest-path"]);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
    let metadata = tools::run(&mut command).expect("the packages are there after `cargo fetch --locked`");
    let metadata: Value = serde_json::from_slice(&metadata).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let package =
        packages.iter().find(|package| package["name"] == "serde-sarif").expect("it is in the lock file");
    let manifest = Path::new(package["manifest_path"].as_str().expect("a path"));
    let schema = manifest.with_file_name("src").join("schema.json");
    let schema = std::fs::read_to_string(schema).expect("the schema is there");
    // A pattern for languages, of which we say nothing, has a bracket too many: no validator takes it.
    let (wrong, right) = ("^[a-zA-Z]{2}-[a-zA-Z]{2}]?$", "^[a-zA-Z]{2}-[a-zA-Z]{2}$");
    assert!(schema.contains(wrong), "the schema has been mended: leave this out");
    serde_json::from_str(&schema.replace(wrong, right)).expect("JSON")
}

/// The variables that a shell reads from a file.
pub fn dotenv(text: &str) -> BTreeMap<String, String> {
    let mut file = NamedTempFile::new().expect("a temporary file can be made");
    file.write_all(text.as_bytes()).expect("it is ours");
    let mut command = Command::new("/bin/sh");
    command.args(["-euc", "set -a; . \"$1\"; env", "sh"]).arg(file.path()).env_clear();
    let shown = fed(&mut command, "").expect("a shell reads it");
    let lines = shown.lines().filter_map(|line| line.split_once('='));
    lines
        .filter(|(name, _)| name.starts_with("CROSSDOCK_"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
