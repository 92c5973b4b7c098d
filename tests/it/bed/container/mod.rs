//! A container as CIs start one, without a daemon: processes and mounts of its own, the image's files as
//! its root, an environment of its own. It shares the network of the test.
//!
//! Namespaces and mounts need root: the test runs as root, or `sudo` asks nothing.

mod privilege;
mod root;

pub use privilege::privileged;

use super::program::Running;
use super::tools;
use privilege::needs_sudo;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a container has to start before the test fails.
const START_MAX: Duration = Duration::from_secs(60);

/// What makes the surroundings and then becomes the program: the first process of its namespace all along.
const SET_UP: &str = r#"
root=$1 mode=$2
shift 2
mount --bind "$root" "$root"
while [ "$1" != -- ]; do
    inside=$root$2
    if [ -d "$1" ]; then
        mkdir -p "$inside"
    else
        mkdir -p "${inside%/*}"
        [ -e "$inside" ] || : >"$inside"
    fi
    mount --bind "$1" "$inside"
    shift 2
done
shift
mkdir -p "$root/proc" "$root/dev"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
[ "$mode" = writable ] || mount -o remount,bind,ro "$root"
exec "$@"
"#;

/// The two images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Image {
    /// With a shell.
    Full,
    /// Without.
    Bare,
}

/// What is started in the container.
#[derive(Debug, Clone, Copy)]
pub enum Entry<'a> {
    /// The image's entry point, with these arguments.
    Image(&'a [&'a str]),
    /// Another one.
    Other(&'a [&'a str]),
}

/// A container before it starts. Its files are gone when it is dropped.
pub struct Container {
    folder: TempDir,
    root: PathBuf,
    mounts: Vec<(PathBuf, String)>,
    variables: BTreeMap<String, String>,
    user: (u32, u32),
    work: String,
    is_read_only: bool,
}

impl Container {
    /// A container of this image, as root, in `/`.
    pub fn of(image: Image) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let (root, mounts) = root::lay_out(folder.path(), image);
        let path =
            ("PATH".to_owned(), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned());
        let variables = BTreeMap::from([path, ("HOME".to_owned(), "/root".to_owned())]);
        Self { folder, root, mounts, variables, user: (0, 0), work: "/".to_owned(), is_read_only: false }
    }

    /// Sets a variable of its environment.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Runs it as another user and group.
    pub fn user(mut self, user: u32, group: u32) -> Self {
        self.user = (user, group);
        self
    }

    /// Starts in this directory.
    pub fn work(mut self, inside: &str) -> Self {
        self.work = inside.to_owned();
        self
    }

    /// Nothing can be written to but what is mounted.
    pub fn read_only(mut self) -> Self {
        self.is_read_only = true;
        self
    }

    /// A new directory, mounted there, which belongs to this user and group.
    pub fn directory(mut self, inside: &str, user: u32, group: u32) -> Self {
        let host = self.host(inside);
        fs::create_dir_all(&host).expect("a folder can be made");
        self.give(&host, user, group);
        self.mounts.push((host, inside.to_owned()));
        self
    }

    /// Writes a file below a mounted directory. It belongs to whom the directory does.
    pub fn write(&self, inside: &str, text: &str) {
        let path = self.host(inside);
        let parent = path.parent().expect("a file has a folder");
        // Directories of other users can be written to by root only.
        let staged = self.folder.path().join("staged");
        fs::write(&staged, text).expect("a file can be written");
        let moved = privileged("mv").arg(&staged).arg(&path).status().expect("mv is always there");
        assert!(moved.success(), "{inside} is below no mounted directory");
        let owner = fs::metadata(parent).expect("it is there");
        self.give(&path, owner.uid(), owner.gid());
    }

    /// Writes a file of the image itself, as CIs do with those that say how names are found.
    pub fn root_file(&self, name: &str, text: &str) {
        fs::write(self.root.join(name), text).expect("the root is ours");
    }

    /// Reads a file below a mounted directory.
    pub fn read(&self, inside: &str) -> String {
        let read = privileged("cat").arg(self.host(inside)).output().expect("cat is always there");
        assert!(read.status.success(), "{inside}: {}", String::from_utf8_lossy(&read.stderr));
        String::from_utf8(read.stdout).expect("a text")
    }

    /// Every file and directory below a mounted directory, with user and group: what a run left behind.
    pub fn owners(&self, inside: &str) -> Vec<String> {
        let below = self.host(inside);
        let find = privileged("find").arg(&below).args(["-mindepth", "1", "-printf", "%U:%G %P\n"]).output();
        let text = String::from_utf8(find.expect("find is always there").stdout).expect("a text");
        let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
        lines.sort();
        lines
    }

    /// Starts it.
    pub fn start(&self, entry: Entry<'_>) -> Running {
        let unshare = tools::find("unshare", "util-linux");
        let mut command = privileged(&unshare.display().to_string());
        command.args(["--mount", "--pid", "--fork", "--kill-child=KILL", "--propagation", "private"]);
        command.args(["sh", "-eu", "-c", SET_UP, "set-up"]).arg(&self.root);
        command.arg(if self.is_read_only { "read-only" } else { "writable" });
        for (host, inside) in &self.mounts {
            command.arg(host).arg(inside);
        }
        command.args(["--", "env", "-i"]);
        command.args(self.variables.iter().map(|(name, value)| format!("{name}={value}")));
        command
            .arg(&unshare)
            .arg(format!("--root={}", self.root.display()))
            .arg(format!("--wd={}", self.work));
        command.args(["--setgid", &self.user.1.to_string(), "--setuid", &self.user.0.to_string(), "--"]);
        match entry {
            Entry::Image(arguments) => command.arg(root::ENTRY).args(arguments),
            Entry::Other(arguments) => command.args(arguments),
        };
        Running::start(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()))
    }

    /// The place of a path of a mounted directory on this machine.
    fn host(&self, inside: &str) -> PathBuf {
        self.folder.path().join("mounts").join(inside.trim_start_matches('/'))
    }

    fn give(&self, path: &Path, user: u32, group: u32) {
        let given = privileged("chown").arg("-R").arg(format!("{user}:{group}")).arg(path).status();
        assert!(given.expect("chown is always there").success(), "files can be given to {user}:{group}");
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        if needs_sudo() {
            // What root made, only root can clear away.
            let _ = privileged("rm").arg("-rf").arg("--one-file-system").arg(self.folder.path()).status();
        }
    }
}

/// Sends a signal to the first process of a container: what a CI does when it stops one.
pub fn signal_first(running: &Running, name: &str) {
    let started = Instant::now();
    let first = loop {
        match first_process(running.pid()) {
            Some(pid) => break pid,
            None => assert!(started.elapsed() < START_MAX, "the container did not start"),
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let sent = privileged("kill").arg(format!("-{name}")).arg(first.to_string()).status();
    assert!(sent.expect("kill is always there").success(), "no process {first} to signal");
}

/// The process below `pid` that is the first one of another namespace.
fn first_process(pid: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let numbers = status.lines().find_map(|line| line.strip_prefix("NSpid:"))?;
    let mut numbers = numbers.split_whitespace();
    if numbers.clone().count() > 1 && numbers.next_back() == Some("1") {
        return Some(pid);
    }
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
    children.split_whitespace().find_map(|child| first_process(child.parse().ok()?))
}
