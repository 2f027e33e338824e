//! `sam3roto describe`.

use super::bundle_path::BundleSearch;
use super::describe_page;
use super::error::CommandError;
use super::options::DescribeOptions;
use super::print_out;
use super::table::{Align, table, wrapped};
use super::values::{holds_value, range_words};
use crate::host::{
    Bundle, ClipDescription, Components, ContextDescription, Description, Host, ParamDescription, ParamKind, Profile,
    RenderThreadSafety, Value,
};

/// Width of running text.
const TEXT_WIDTH: usize = 92;

/// Prints what the effects of a bundle say about themselves.
pub(super) fn describe(options: &DescribeOptions) -> Result<(), CommandError> {
    let path = BundleSearch::from_environment(options.bundle.clone()).find()?;
    let host = Host::new(options.host.unwrap_or(Profile::Strict));
    let bundle = Bundle::open(&host, &path)?;
    let available = bundle.effects();
    let wanted = match &options.effect {
        Some(id) if available.contains(id) => vec![id.clone()],
        Some(id) => return Err(CommandError::Unknown { kind: "effect", name: id.clone(), available }),
        None => available,
    };
    let mut effects = Vec::new();
    for id in wanted {
        effects.push(bundle.plugin(&id)?.describe()?);
    }
    if options.json {
        let all = serde_json::json!({ "bundle": path, "effects": effects });
        return print_out(&format!("{}\n", serde_json::to_string_pretty(&all)?));
    }
    if options.markdown {
        return print_out(&describe_page::page(&effects));
    }
    let texts: Vec<String> = effects.iter().map(effect_text).collect();
    print_out(&texts.join("\n\n"))
}

fn effect_text(effect: &Description) -> String {
    let (major, minor) = effect.version;
    let mut out = format!("{}   {} {major}.{minor}   {}\n", effect.label, effect.id, effect.grouping);
    for paragraph in effect.text.split("\n\n") {
        for line in wrapped(paragraph, TEXT_WIDTH) {
            out.push_str(&format!("  {line}\n"));
        }
    }
    let contexts = words(effect.contexts.iter().map(|context| format!("{context:?}")));
    let depths = words(effect.depths.iter().map(|depth| format!("{depth:?}").to_lowercase()));
    let threads = match effect.flags.thread_safety {
        RenderThreadSafety::FullySafe => "any number of frames at once",
        RenderThreadSafety::InstanceSafe => "one frame at a time in each instance",
        RenderThreadSafety::Unsafe => "one frame at a time",
    };
    out.push_str(&format!("\n  contexts {contexts}; depths {depths}; renders {threads}\n"));
    match effect.described.first() {
        Some(context) => {
            out.push_str(&format!("\nClips ({:?})\n{}", context.context, clip_table(&context.clips)));
            out.push_str(&format!("\nParameters\n{}", param_table(context)));
        }
        None => out.push_str("\n  It has no context that this host offers.\n"),
    }
    out
}

fn clip_table(clips: &[ClipDescription]) -> String {
    let rows: Vec<Vec<String>> = clips
        .iter()
        .map(|clip| {
            let traits = [(clip.optional, "optional"), (clip.mask, "mask"), (clip.temporal, "other frames too")];
            let traits = words(traits.iter().filter(|(has, _)| *has).map(|(_, name)| (*name).to_owned()));
            vec![clip.name.clone(), words(clip.components.iter().map(|kind| components_name(*kind).to_owned())), traits]
        })
        .collect();
    table(&[Align::Left; 3], &rows)
}

/// Parameters in the order of definition, each followed by its choices and its hint; groups as headings.
fn param_table(context: &ContextDescription) -> String {
    let listed: Vec<&ParamDescription> =
        context.params.iter().filter(|param| holds_value(param.kind) || param.kind == ParamKind::PushButton).collect();
    let rows: Vec<Vec<String>> = listed.iter().map(|param| param_row(param)).collect();
    let lines = table(&[Align::Left; 5], &rows);
    let mut out = String::new();
    let mut group = String::new();
    for (param, line) in listed.iter().zip(lines.lines()) {
        if param.parent != group {
            group.clone_from(&param.parent);
            let heading = context.params.iter().find(|candidate| candidate.name == group);
            if let Some(heading) = heading {
                out.push_str(&format!("\n  {}\n", heading.label));
            }
        }
        out.push_str(&format!("{line}\n"));
        let choices = param.choices.iter().enumerate().map(|(index, label)| format!("{index} {label}"));
        for text in [words(choices), param.hint.clone()] {
            for line in wrapped(&text, TEXT_WIDTH - 4) {
                out.push_str(&format!("      {line}\n"));
            }
        }
    }
    out
}

fn param_row(param: &ParamDescription) -> Vec<String> {
    let traits =
        [(param.animates && holds_value(param.kind), "keys"), (param.secret, "hidden"), (!param.enabled, "disabled")];
    let name = if param.script_name.is_empty() { &param.name } else { &param.script_name };
    vec![
        name.clone(),
        kind_name(param.kind).to_owned(),
        param.default.as_ref().map(|value| value_text(param, value)).unwrap_or_default(),
        range_words(param).unwrap_or_default(),
        words(traits.iter().filter(|(has, _)| *has).map(|(_, name)| (*name).to_owned())),
    ]
}

/// A value as `--set` takes it.
pub(super) fn value_text(param: &ParamDescription, value: &Value) -> String {
    fn joined<T: ToString>(values: &[T]) -> String {
        values.iter().map(T::to_string).collect::<Vec<_>>().join(",")
    }
    match value {
        Value::Integer(index) if param.kind == ParamKind::Choice => {
            let label = usize::try_from(*index).ok().and_then(|index| param.choices.get(index));
            label.cloned().unwrap_or_else(|| index.to_string())
        }
        Value::Boolean(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Double(value) => value.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::Integer2D(values) => joined(values),
        Value::Integer3D(values) => joined(values),
        Value::Double2D(values) => joined(values),
        Value::Double3D(values) => joined(values),
        Value::Double4D(values) => joined(values),
    }
}

/// What a kind of parameter is called.
pub(super) fn kind_name(kind: ParamKind) -> &'static str {
    match kind {
        ParamKind::Integer => "integer",
        ParamKind::Double => "number",
        ParamKind::Boolean => "switch",
        ParamKind::Choice => "choice",
        ParamKind::Rgba => "colour r,g,b,a",
        ParamKind::Rgb => "colour r,g,b",
        ParamKind::Double2D => "x,y",
        ParamKind::Integer2D => "integers x,y",
        ParamKind::Double3D => "x,y,z",
        ParamKind::Integer3D => "integers x,y,z",
        ParamKind::String => "text",
        ParamKind::Custom => "private text",
        ParamKind::Group => "group",
        ParamKind::Page => "page",
        ParamKind::PushButton => "button",
    }
}

fn components_name(components: Components) -> &'static str {
    match components {
        Components::Rgba => "RGBA",
        Components::Rgb => "RGB",
        Components::Alpha => "Alpha",
    }
}

/// Parts with commas between them.
pub(super) fn words(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}
