//! The rooms' arrows, and the house rules that a text search can check.
