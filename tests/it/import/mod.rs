//! Files of other tools: what they become, and what is then selected at registries.

mod case;
mod cases;
mod commands;
mod rows;
mod runs;
mod skopeo;
mod walk;
mod world;
