//! Places on this disk that are no layouts: written for other tools, and read as they wrote them.

mod archives;
mod directory;
mod docker;
mod registry_data;
mod registry_data_killed;
