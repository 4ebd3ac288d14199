//! The language from outside: text in, command or error out.

mod docs;
mod front_door;
mod properties;
mod shop;
