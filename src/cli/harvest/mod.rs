//! `crossdock harvest`: lists the images that a cluster runs or that files name, and writes a spec of them.
//! Contacts no registry.

mod files;
mod flags;

pub(super) use flags::HarvestArguments;

use super::early::Early;
use super::ending::write_whole;
use super::flags::Format;
use super::setting::Setting;
use crate::cluster::{self, Access, Answer, Question, Trouble, Want};
use crate::harvest::{self, Gathered, Image, Listing, Pins, Variables};
use crate::import::{Fault, Note, NoteKind};
use crate::report::Exit;
use crate::report::escape::{self, foreign};
use crate::transfer::StopCause;
use flags::{ClusterArguments, FilesArguments, Form, Place, Wish};
use serde_json::{Value, json};
use std::path::Path;

/// Why nothing is written.
enum Fruitless {
    /// How the program was called, or the files.
    Early(Early),
    Faults(Vec<Fault>),
    Cluster(Trouble),
    /// The run was stopped.
    Stopped,
}

/// Lists images.
pub(super) async fn harvest(setting: &Setting, HarvestArguments { place }: HarvestArguments) -> Exit {
    let (wish, gathered) = match &place {
        Place::Cluster(arguments) => (&arguments.wish, of_cluster(setting, arguments).await),
        Place::Files(arguments) => (&arguments.wish, of_files(setting, arguments)),
    };
    match gathered.and_then(|(head, gathered)| written(setting, wish, &head, gathered)) {
        Ok(exit) => exit,
        Err(Fruitless::Early(Early::Invalid(message))) => {
            setting.complain(&message);
            Exit::Invalid
        }
        Err(Fruitless::Early(_)) => Exit::Invalid,
        Err(Fruitless::Faults(faults)) => {
            faults.iter().for_each(|fault| setting.complain(&fault.to_string()));
            Exit::Invalid
        }
        Err(Fruitless::Cluster(trouble)) => {
            setting.complain(&trouble.to_string());
            match trouble.want {
                Want::Call => Exit::Invalid,
                Want::Rights => Exit::Denied,
                Want::Cluster => Exit::Failed,
            }
        }
        Err(Fruitless::Stopped) => match setting.stop.cause() {
            Some(StopCause::Interrupted) => Exit::Interrupted,
            Some(StopCause::Terminated) => Exit::Terminated,
            Some(StopCause::Deadline) | None => Exit::Deferred,
        },
    }
}

/// Asks a cluster.
async fn of_cluster(
    setting: &Setting,
    arguments: &ClusterArguments,
) -> Result<(String, Gathered), Fruitless> {
    free(&arguments.wish)?;
    let ClusterArguments { kubeconfig, context, namespaces, selector, wish: _ } = arguments;
    setting.start_deadline().map_err(Fruitless::Early)?;
    let named = namespaces.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let question = Question { namespaces: named.collect(), selector: selector.clone() };
    let environment = |name: &str| setting.variable(name);
    let access =
        Access { kubeconfig: kubeconfig.clone(), context: context.clone(), environment: &environment };
    let asking = async {
        let client = cluster::open(&access).await?;
        cluster::look(&client, &question).await
    };
    let Ok(answer) = setting.stop.or(asking).await else {
        setting.complain("the cluster was not read to its end, so nothing is written");
        return Err(Fruitless::Stopped);
    };
    let Answer { workloads, empty } = answer.map_err(Fruitless::Cluster)?;
    let note = |namespace: &String| Note {
        kind: NoteKind::Changed,
        site: None,
        message: format!("nothing was found in the namespace {namespace}"),
    };
    let notes = empty.iter().map(note).collect();
    let mut head = "Made by `crossdock harvest cluster".to_owned();
    if !question.namespaces.is_empty() {
        head.push_str(&format!(" -n {}", question.namespaces.join(",")));
    }
    if let Some(selector) = &question.selector {
        head.push_str(&format!(" -l {selector}"));
    }
    head.push_str("`.");
    Ok((head, Gathered { workloads, notes, ..Gathered::default() }))
}

/// Reads files.
fn of_files(setting: &Setting, arguments: &FilesArguments) -> Result<(String, Gathered), Fruitless> {
    free(&arguments.wish)?;
    let reading = files::read(&arguments.paths).map_err(Fruitless::Early)?;
    let given = |name: &str| {
        let known = setting.flags().variables.iter().rev().find(|(known, _)| known == name);
        known.map(|(_, value)| value.clone())
    };
    let variables = Variables { given: &given, environment: &|name| setting.spec_variable(name) };
    let mut gathered = harvest::read(&reading.inputs, variables);
    gathered.notes.extend(reading.notes);
    let paths: Vec<String> = arguments.paths.iter().map(|path| path.display().to_string()).collect();
    Ok((format!("Made by `crossdock harvest files {}`.", paths.join(" ")), gathered))
}

/// Refuses a file that is there already, before anybody is asked.
fn free(wish: &Wish) -> Result<(), Fruitless> {
    let taken = wish.output.as_deref().filter(|path| !wish.force && path.symlink_metadata().is_ok());
    match taken {
        Some(path) => Err(Fruitless::Early(Early::Invalid(format!(
            "{} is there already: name another file, or give --force",
            path.display()
        )))),
        None => Ok(()),
    }
}

/// Writes what was found.
fn written(setting: &Setting, wish: &Wish, head: &str, gathered: Gathered) -> Result<Exit, Fruitless> {
    let pins = if wish.pin { Pins::Running } else { Pins::Written };
    if wish.pin && wish.form == Form::Images {
        let message = "images.json has no digests: leave out `--pin`, or write a spec";
        return Err(Fruitless::Early(Early::Invalid(message.to_owned())));
    }
    let found = gathered.workloads.len();
    let listing = harvest::list(gathered, wish.target.as_deref(), pins).map_err(Fruitless::Faults)?;
    let (text, notes) = match wish.form {
        Form::Spec => {
            let env = |name: &str| setting.spec_variable(name);
            let imported = listing.spec(head, &env).map_err(Fruitless::Faults)?;
            (imported.text, imported.notes)
        }
        Form::Images => listing.images_json(),
    };
    let printed = match setting.format() {
        Format::Text => text.clone(),
        Format::Json => escape::json(&format!("{:#}\n", document(&text, &notes, &listing))),
    };
    if let Some(path) = &wish.output
        && let Err(why) = write_whole(path, text.as_bytes())
    {
        setting.complain(&format!("{} cannot be written: {why}", path.display()));
        return Ok(Exit::Failed);
    }
    if wish.output.is_none() || setting.format() == Format::Json {
        setting.print(&printed);
    }
    if setting.format() == Format::Text && !setting.is_quiet() {
        tell(setting, found, &listing, &notes, wish);
    }
    Ok(Exit::Ok)
}

/// Says what is not as one could think, and what is to be done now.
fn tell(setting: &Setting, found: usize, listing: &Listing, notes: &[Note], wish: &Wish) {
    for note in notes {
        setting.show(&format!("note: {}", foreign(note.to_string())));
    }
    let tags: usize = listing.images.iter().map(|image| image.tags.len()).sum();
    let repositories = listing.images.len();
    let counted =
        |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let (tags, repositories) =
        (counted(tags, "tag", "tags"), counted(repositories, "repository", "repositories"));
    setting.show(&format!("found {tags} of {repositories} in {}", counted(found, "place", "places")));
    if let Some(path) = wish.output.as_deref().map(Path::display) {
        let path = foreign(path.to_string());
        let next = match wish.form {
            Form::Spec => format!("crossdock plan --spec {path}"),
            Form::Images => format!("crossdock plan --from image-migrator {path}"),
        };
        setting.show(&format!("wrote {path}; next: {next}"));
    }
}

fn document(text: &str, notes: &[Note], listing: &Listing) -> Value {
    let note = |Note { kind, site, message }: &Note| {
        let (file, line) = match site {
            Some(site) => (json!(&*site.file), json!(site.line)),
            None => (Value::Null, Value::Null),
        };
        json!({ "kind": kind.as_str(), "file": file, "line": line, "message": message })
    };
    let image = |image: &Image| {
        let tag = |(tag, tagged): (&crate::oci::Tag, &harvest::Tagged)| {
            let runs: Vec<String> = tagged.runs.iter().map(ToString::to_string).collect();
            let pin = tagged.pin.as_ref().map(ToString::to_string);
            json!({ "tag": tag.to_string(), "pin": pin, "runs": runs, "found": tagged.places })
        };
        let tags: Vec<Value> = image.tags.iter().map(tag).collect();
        json!({ "source": image.source.to_string(), "target": image.target, "tags": tags })
    };
    let notes: Vec<Value> = notes.iter().map(note).collect();
    let images: Vec<Value> = listing.images.iter().map(image).collect();
    json!({ "text": text, "notes": notes, "images": images })
}
