//! The spec: YAML text becomes a checked value, or every problem with its place. Reads no files.
