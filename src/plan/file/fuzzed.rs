//! What holds for saved plans, whatever the bytes are.

use super::PlanFile;

/// A plan that is read is written as one that is read as the same; an error is text.
pub fn plan(bytes: &[u8]) -> bool {
    let file = match PlanFile::from_json(bytes) {
        Ok(file) => file,
        Err(why) => {
            assert!(!why.to_string().is_empty());
            return false;
        }
    };
    let text = file.to_json();
    let again = PlanFile::from_json(text.as_bytes()).unwrap_or_else(|why| panic!("{why}: {text}"));
    // What was not written, such as the query of a URL, is not read again: from here on nothing changes.
    assert_eq!(again.to_json(), text);
    assert_eq!(again.plan.counts(), file.plan.counts());
    let references = |file: &PlanFile| -> Vec<_> {
        let entries = file.plan.entries().iter();
        entries.map(|entry| (entry.source.clone(), entry.pin.clone(), entry.targets.clone())).collect()
    };
    assert_eq!(references(&again), references(&file));
    true
}
