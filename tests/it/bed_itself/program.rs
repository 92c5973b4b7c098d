//! The program runs in a place of its own, can be stopped, and its words can be compared.

use crate::bed::memory::{Behaviour, Call, Moment, Registry, Rule};
use crate::bed::program::{Program, signal};
use crate::bed::wire::Ask;

#[test]
fn the_program_runs_in_its_own_folder() {
    let program = Program::new().variable("CROSSDOCK_SPEC", "spec.yaml");
    program.write("deep/spec.yaml", "version: 1\n");
    program.write_home(".docker/config.json", "{}");
    assert_eq!(program.read("deep/spec.yaml"), "version: 1\n");
    program.run(&["--version"]);
    assert_eq!(program.files(), ["home/.docker/config.json", "work/deep/spec.yaml"]);
}

#[test]
fn a_measured_run_tells_its_peak_of_memory() {
    let (finished, peak_kib) = Program::new().run_measured(&["--version"]);
    finished.expect_code(0);
    assert!((500..500_000).contains(&peak_kib), "{peak_kib} KiB");
}

#[test]
fn nothing_of_the_machine_reaches_the_program() {
    let program = Program::of("/usr/bin/env").variable("EXTRA", "1");
    let seen = program.run(&[]).expect_code(0).stdout;
    let mut names: Vec<&str> = seen.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    names.retain(|name| *name != "LLVM_PROFILE_FILE");
    names.sort_unstable();
    assert_eq!(names, ["EXTRA", "HOME", "PATH", "TMPDIR"]);
    assert!(seen.contains(&format!("HOME={}", program.home().display())), "{seen}");
}

#[test]
fn a_program_that_was_started_can_be_signalled_and_waited_for() {
    let sleeper = Program::of("/bin/sleep");
    let mut running = sleeper.spawn(&["600"]);
    assert!(!running.has_ended());
    running.signal("TERM");
    let finished = running.wait();
    assert_eq!((finished.code, finished.signal), (None, Some(15)));
    let running = sleeper.spawn(&["600"]);
    let pid = running.pid();
    drop(running);
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists(), "dropping it kills it");
}

#[test]
fn a_registry_can_kill_a_program_at_a_chosen_moment() {
    let registry = Registry::start();
    let running = Program::of("/bin/sleep").spawn(&["600"]);
    let pid = running.pid();
    let kill = Call::new(move || signal(pid, "KILL"));
    registry.rule(Rule::any().nth(2).then(Behaviour::Call(Moment::Before, kill)));
    for _ in 0..2 {
        Ask::new("GET", "/v2/").send(&registry.host()).expect("an answer");
    }
    assert_eq!(running.wait().signal, Some(9));
}

#[test]
fn texts_are_the_same_after_every_run() {
    let program = Program::new();
    let digest = |digit: &str| format!("sha256:{}", digit.repeat(64));
    let text = format!(
        "{}/x from 127.0.0.1:45001 and localhost:5000 and 127.0.0.1:45002/app in 12.5 ms\n\
         at 2026-01-02T03:04:05.678Z: {}, {}, {} is aaaaaaaaaaaa\r\n\
         \"durationMs\": 17, \"id\": \"0123456789abcdef\", 9f0f1a6e-0000-4000-8000-000000000000",
        program.work().display(),
        digest("a"),
        digest("b"),
        digest("a"),
    );
    let normal = program.normal().text("127.0.0.1:45002", "[TARGET]").digests();
    assert_eq!(
        normal.of(&text),
        "[DIR]/x from 127.0.0.1:[PORT] and localhost:[PORT] and [TARGET]/app in [DURATION]\n\
         at [TIME]: [DIGEST-1], [DIGEST-2], [DIGEST-1] is [DIGEST-1]\n\
         \"durationMs\": \"[DURATION]\", \"id\": \"[ID]\", [ID]"
    );
}
