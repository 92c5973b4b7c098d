//! The walk of a new user: the files that a tool documents, the command of our page or the tool's own, and a finished
//! run. The names in the files are real, and lead to registries here.

use super::case::Case;
use crate::bed::cloud::Cloud;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Locations, Options, Registry};
use crate::bed::program::Program;
use crossdock::import::Tool;
use std::collections::BTreeSet;
use std::path::Path;

/// A tool, the case with its documented files, how its own command line begins, and the rest of that.
type Walk = (Tool, &'static str, &'static str, &'static str);

const WALKS: [Walk; 3] = [
    (
        Tool::ImageTransfer,
        "normal_mode",
        "./image-transfer",
        "--routines=5 --securityFile=./security.yaml --ruleFile=./rule.yaml --ns=default \
         --registry=grant-test.tencentcloudcr.com --retry=2 --qps=100",
    ),
    (
        Tool::ImageSyncer,
        "two_files",
        "./image-syncer",
        "--proc=6 --auth=./auth.json --images=./images.json --retries=3",
    ),
    (
        Tool::ImageMigrator,
        "documented_example",
        "./image-migrator-linux-amd64",
        "--workers=5 --auth=./auth.json --images=./images.json --namespace=test \
         --registry=swr.cn-north-4.myhuaweicloud.com --retries=2",
    ),
];

/// Where the documented files write to.
const TARGETS: [&str; 4] =
    ["grant-test.tencentcloudcr.com", "swr.cn-north-4.myhuaweicloud.com", "quay.io", "harbor.example.com"];

/// The first command of our page about a tool that reads two files.
fn command_of_the_page(tool: Tool, files: &[&str]) -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/import.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let begins = format!("crossdock sync --from {} ", tool.as_str());
    let mut lines = page.lines().filter_map(|line| line.strip_prefix(&begins));
    let rest = lines.find(|rest| {
        rest.split(' ').filter(|word| word.contains(".yaml") || word.contains(".json")).count() == 2
    });
    let rest = rest.unwrap_or_else(|| panic!("the page has no command with two files of {}", tool.as_str()));
    let mut words: Vec<String> = rest.split(' ').map(|word| word.replace("NAME.", "grant-test.")).collect();
    // The page may say .yaml where the documented files are .json.
    for word in words.iter_mut().filter(|word| word.contains(".yaml") || word.contains(".json")) {
        let stem = word.split('.').next().unwrap_or_default().to_owned();
        *word = files.iter().find(|file| file.starts_with(&stem)).expect("a file of that name").to_string();
    }
    words
}

/// Runs a command to its end between registries that stand for all that the files name; what is tagged then.
fn walked(tool: Tool, case: &Case, words: &[String]) -> BTreeSet<String> {
    let target = Options::new().locations(Locations::Relative).start();
    let source = Registry::start();
    let image = one_platform(1, Format::Docker);
    let mut hosts = BTreeSet::new();
    for line in &case.selects {
        let (from, to) = line.split_once(" -> ").expect("a source and a target");
        let (repository, tag) = from.rsplit_once(':').expect("a tag");
        let (host, path) = repository.split_once('/').expect("a host");
        source.seed(&image, path, &[tag]);
        hosts.extend([host.to_owned(), to.split('/').next().expect("a host").to_owned()]);
    }
    let writes = |host: &&str| case.selects.iter().any(|line| line.contains(&format!(" -> {host}/")));
    let mut routes: Vec<(&str, &Registry)> =
        TARGETS.iter().copied().filter(writes).map(|host| (host, &target)).collect();
    routes.push(("", &source));
    let cloud = Cloud::routing(&routes, |_| None);
    let mut program = Program::new().variable("http_proxy", &cloud.url());
    for (name, value) in &case.variables {
        program = program.variable(name, value);
    }
    for file in &case.files {
        program.write(&file.name, &file.text);
    }
    let mut arguments = vec!["sync", "--from", tool.as_str(), "--progress", "none"];
    arguments.extend(words.iter().map(String::as_str));
    // The one thing that is not as it would be: nobody here has certificates for these names.
    let plain: Vec<String> = hosts.iter().map(|host| format!("--plain-http={host}")).collect();
    arguments.extend(plain.iter().map(String::as_str));
    let finished = program.run(&arguments).expect_code(0);
    assert!(!format!("{}{}", finished.stdout, finished.stderr).contains("s3cr3t"), "{}", finished.stderr);
    let repositories = target.repositories();
    let tags =
        |name: &String| target.tags(name).into_keys().map(|tag| format!("{name}:{tag}")).collect::<Vec<_>>();
    repositories.iter().flat_map(tags).collect()
}

#[test]
fn s1_01_s2_02_s4_01_documented_files_and_commands_lead_to_a_finished_run() {
    for (tool, name, program, flags) in WALKS {
        let case = Case::of(tool, name);
        let expected: BTreeSet<String> = case
            .selects
            .iter()
            .map(|line| line.split_once(" -> ").expect("a target").1)
            .map(|target| target.split_once('/').expect("a host").1.to_owned())
            .collect();
        let files: Vec<&str> = case.files.iter().map(|file| file.name.as_str()).collect();
        let of_page = command_of_the_page(tool, &files);
        let own: Vec<String> = flags.split_whitespace().map(str::to_owned).collect();
        for words in [of_page, own] {
            assert_eq!(walked(tool, &case, &words), expected, "{program} {words:?}");
        }
    }
}
