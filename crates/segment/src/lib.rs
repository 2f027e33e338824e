//! Prompts to masks: the SAM families behind one trait
