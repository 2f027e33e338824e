//! `sam3roto describe --markdown`: what the effects say about themselves as a page for people to read.

use std::collections::HashSet;
use std::fmt::Write;

use super::describe::{kind_name, value_text, words};
use super::values::{holds_value, range_words};
use crate::host::{ContextDescription, Description, ParamDescription, ParamKind};

/// One chapter for each effect, one section for each group of parameters.
pub(super) fn page(effects: &[Description]) -> String {
    let mut page = String::from("# Parameters\n");
    for effect in effects {
        let _ = write!(page, "\n## {} (`{}`)\n\n{}\n", effect.label, effect.id, effect.text);
        if let Some(context) = effect.described.first() {
            page.push_str(&clips(context));
            page.push_str(&parameters(context));
        }
    }
    page
}

fn clips(context: &ContextDescription) -> String {
    let named = context.clips.iter().filter(|clip| clip.name != "Output");
    let words = words(named.map(|clip| {
        let optional = if clip.optional { " (optional)" } else { "" };
        format!("**{}**{optional}", clip.name)
    }));
    format!("\nInputs: {words}.\n")
}

fn parameters(context: &ContextDescription) -> String {
    let (mut out, mut group, mut told) = (String::new(), "", HashSet::new());
    let shown = context.params.iter().filter(|param| !param.secret && param.kind != ParamKind::Custom);
    for param in shown.filter(|param| holds_value(param.kind) || param.kind == ParamKind::PushButton) {
        if !told.insert(of_any_slot(script_name(param))) {
            continue;
        }
        if param.parent != group {
            group = &param.parent;
            let heading = context.params.iter().find(|candidate| candidate.name == group);
            let _ = write!(out, "\n### {}\n\n", heading.map_or(group, |heading| &heading.label));
        }
        out.push_str(&entry(param));
    }
    out
}

/// A name without the number of its slot, which stands inside it: the first slot speaks for all.
fn of_any_slot(name: &str) -> String {
    let inside = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let without: String = inside.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    without + &name[inside.len()..]
}

fn entry(param: &ParamDescription) -> String {
    let value = param.default.as_ref().map(|value| value_text(param, value));
    let facts = [
        Some(format!("`{}`", script_name(param))),
        Some(kind_name(param.kind).to_owned()),
        range_words(param).filter(|_| param.choices.is_empty()),
        value.map(|value| format!("default {value}")),
        (param.animates && holds_value(param.kind)).then(|| "can be keyed".to_owned()),
    ];
    let facts = words(facts.into_iter().flatten());
    let choices = if param.choices.is_empty() { String::new() } else { format!(" *{}*.", param.choices.join("*, *")) };
    format!("* **{}** ({facts}).{choices} {}\n", param.label, param.hint)
}

fn script_name(param: &ParamDescription) -> &str {
    if param.script_name.is_empty() { &param.name } else { &param.script_name }
}
