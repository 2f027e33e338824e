//! What a plugin reports as JSON through `Sam3RotoReport`, understood by shape alone: this command knows no plugin's insides.

use super::table::{Align, table};
use serde_json::Value as Json;

/// The entry point that plugins may export.
pub const REPORT_SYMBOL: &str = "Sam3RotoReport";

/// A step of the plugin's work: any object with `count` and `total_ms`.
#[derive(Debug, Clone, PartialEq)]
pub struct StageRow {
    /// Its `name`, else the key that it stands under.
    pub name: String,
    /// How often.
    pub count: u64,
    /// Milliseconds of all runs.
    pub total_ms: f64,
}

/// All steps that were run, in the order of the report.
pub fn stage_rows(report: &Json) -> Vec<StageRow> {
    let mut rows = Vec::new();
    walk(report, "", &mut |key, value| {
        let count = value.get("count").and_then(Json::as_u64).filter(|count| *count > 0);
        if let (Some(count), Some(total_ms)) = (count, value.get("total_ms").and_then(Json::as_f64)) {
            let name = value.get("name").and_then(Json::as_str).unwrap_or(key);
            rows.push(StageRow { name: name.replace('_', " "), count, total_ms });
        }
    });
    rows
}

/// Counters that are not 0: whole numbers outside of the steps.
pub fn counter_rows(report: &Json) -> Vec<(String, u64)> {
    let mut rows = Vec::new();
    walk(report, "", &mut |_, value| {
        let Some(fields) = value.as_object().filter(|fields| !fields.contains_key("total_ms")) else { return };
        for (name, number) in fields {
            if let Some(number) = number.as_u64().filter(|number| *number > 0) {
                rows.push((name.replace('_', " "), number));
            }
        }
    });
    rows
}

/// What is needed and not there: a `library` with a `problem`; `models` of which none is without one; everything in a list of
/// `problems`.
pub fn needed_and_missing(report: &Json) -> Vec<String> {
    let mut missing = Vec::new();
    walk(report, "", &mut |key, value| match key {
        "library" => missing.extend(problem(value).map(|words| format!("library: {words}"))),
        "models" => {
            let models = value.as_array().map(Vec::as_slice).unwrap_or_default();
            if models.iter().all(|model| problem(model).is_some()) {
                let words: Vec<&str> = models.iter().filter_map(problem).collect();
                missing.push(match words.is_empty() {
                    true => "models: none was found".to_owned(),
                    false => format!("models: none can be used: {}", words.join("; ")),
                });
            }
        }
        "problems" => {
            let words = value.as_array().map(Vec::as_slice).unwrap_or_default();
            missing.extend(words.iter().filter_map(Json::as_str).map(str::to_owned));
        }
        _ => {}
    });
    missing
}

fn problem(value: &Json) -> Option<&str> {
    value.get("problem").and_then(Json::as_str)
}

/// Visits every object and list with the key that it stands under; entries of a list stand under no key.
fn walk<'a>(value: &'a Json, key: &'a str, visit: &mut impl FnMut(&'a str, &'a Json)) {
    match value {
        Json::Object(fields) => {
            visit(key, value);
            fields.iter().for_each(|(key, value)| walk(value, key, visit));
        }
        Json::Array(entries) => {
            visit(key, value);
            entries.iter().for_each(|entry| walk(entry, "", visit));
        }
        _ => {}
    }
}

/// Any report as indented text: plain fields in columns, then what they hold inside.
pub fn report_text(report: &Json) -> String {
    let mut out = String::new();
    write_fields(report, 1, &mut out);
    out
}

fn write_fields(value: &Json, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth - 1);
    match value {
        Json::Object(fields) => {
            let plain: Vec<Vec<String>> = fields
                .iter()
                .filter_map(|(key, value)| Some(vec![key.replace('_', " "), plain_text(key, value)?]))
                .collect();
            for line in table(&[Align::Left, Align::Left], &plain).lines() {
                out.push_str(&format!("{indent}{line}\n"));
            }
            let told = |(key, value): &(&String, &Json)| plain_text(key, value).is_none() && !is_idle(value);
            for (key, inner) in fields.iter().filter(told) {
                out.push_str(&format!("{indent}  {}\n", key.replace('_', " ")));
                write_fields(inner, depth + 1, out);
            }
        }
        Json::Array(entries) => {
            if let Some(rows) = same_rows(entries) {
                rows.lines().for_each(|line| out.push_str(&format!("{indent}{line}\n")));
                return;
            }
            for entry in entries {
                match plain_text("", entry) {
                    Some(text) => out.push_str(&format!("{indent}  {text}\n")),
                    None => {
                        let mut inner = String::new();
                        write_fields(entry, depth + 1, &mut inner);
                        // The first line of an entry carries a dash.
                        let marked =
                            inner.strip_prefix(&format!("{indent}    ")).map(|rest| format!("{indent}  - {rest}"));
                        out.push_str(&marked.unwrap_or(inner));
                    }
                }
            }
        }
        other => out.push_str(&format!("{indent}  {other}\n")),
    }
}

/// Objects that all have the same plain fields as a table with a head; none where they do not, or a line would be too long.
fn same_rows(entries: &[Json]) -> Option<String> {
    let rows: Vec<Vec<(String, String)>> = entries.iter().map(cells).collect::<Option<_>>()?;
    let head: Vec<String> = rows.first()?.iter().map(|(name, _)| name.clone()).collect();
    let is_same = |row: &Vec<(String, String)>| row.iter().map(|(name, _)| name).eq(head.iter());
    if head.len() < 2 || !rows.iter().all(is_same) {
        return None;
    }
    let is_amount = |row: &Vec<(String, String)>, column: usize| {
        row.get(column).is_none_or(|(_, text)| text == "-" || text.starts_with(|first: char| first.is_ascii_digit()))
    };
    let align = |column| if rows.iter().all(|row| is_amount(row, column)) { Align::Right } else { Align::Left };
    let aligns: Vec<Align> = (0..head.len()).map(align).collect();
    let body = rows.into_iter().map(|row| row.into_iter().map(|(_, text)| text).collect());
    let text = table(&aligns, &std::iter::once(head).chain(body).collect::<Vec<_>>());
    text.lines().all(|line| line.chars().count() <= MOST_COLUMNS).then_some(text)
}

/// The widest table, in letters: what terminals show without breaking lines.
const MOST_COLUMNS: usize = 130;

/// The plain fields of an object by name, with those of an object inside it.
fn cells(entry: &Json) -> Option<Vec<(String, String)>> {
    let mut cells = Vec::new();
    for (key, value) in entry.as_object()? {
        match (plain_text(key, value), value.as_object()) {
            (Some(text), _) => cells.push((key.replace('_', " "), text)),
            (None, Some(inner)) => {
                for (name, value) in inner {
                    cells.push((format!("{key} {name}").replace('_', " "), plain_text(name, value)?));
                }
            }
            (None, None) => return None,
        }
    }
    Some(cells)
}

/// Whether it holds nothing but zeros: counters of what has not happened yet say nothing to a reader.
fn is_idle(value: &Json) -> bool {
    match value {
        Json::Object(fields) => fields.values().all(is_idle),
        Json::Number(number) => number.as_f64() == Some(0.0),
        _ => false,
    }
}

/// A value on one line; none for what holds other values.
fn plain_text(key: &str, value: &Json) -> Option<String> {
    match value {
        Json::Null => Some("-".to_owned()),
        Json::Bool(value) => Some(if *value { "yes" } else { "no" }.to_owned()),
        Json::Number(number) => Some(match number.as_u64() {
            Some(bytes) if key.ends_with("bytes") => byte_text(bytes),
            _ => number.to_string(),
        }),
        Json::String(text) => Some(text.clone()),
        Json::Array(entries) if entries.is_empty() => Some("none".to_owned()),
        Json::Object(fields) if fields.is_empty() => Some("none".to_owned()),
        Json::Array(_) | Json::Object(_) => None,
    }
}

/// Bytes as people read them, in powers of 1000 as disks, file managers and the plugin's settings count.
pub(super) fn byte_text(bytes: u64) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB"];
    let mut amount = bytes as f64;
    let mut unit = 0;
    // What would be shown as 1000 is 1.0 of the next unit.
    while amount >= 999.5 && unit + 1 < units.len() {
        amount /= 1000.0;
        unit += 1;
    }
    let digits = usize::from(unit > 0 && amount < 99.95);
    format!("{amount:.digits$} {}", units.get(unit).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn steps_and_counters_are_found_wherever_they_stand() {
        let report = json!({
            "engine": { "encoder_runs": 3, "failed_runs": 0, "stages": {
                "load_session": { "count": 0, "total_ms": 0.0 },
                "encode": { "count": 3, "total_ms": 600.5, "longest_ms": 250.0 } } },
            "plugin": [ { "name": "model_picture", "count": 2, "total_ms": 12.0 } ]
        });
        let rows = stage_rows(&report);
        let names: Vec<(&str, u64, f64)> =
            rows.iter().map(|row| (row.name.as_str(), row.count, row.total_ms)).collect();
        assert_eq!(names, [("encode", 3, 600.5), ("model picture", 2, 12.0)]);
        assert_eq!(counter_rows(&report), [("encoder runs".to_owned(), 3)]);
    }

    #[test]
    fn counters_of_what_has_not_happened_are_left_out_of_the_text() {
        let report = json!({ "counters": { "runs": 0, "stages": { "encode": { "count": 0 } } }, "cache": { "entries": 0, "budget": 5 } });
        let text = report_text(&report);
        assert!(!text.contains("runs") && !text.contains("encode"), "{text}");
        assert!(text.contains("entries"), "{text}");
    }

    #[test]
    fn what_is_missing_is_told_and_what_is_merely_there_is_not() {
        let healthy =
            json!({ "library": { "problem": null }, "models": [ { "problem": "cut" }, { "problem": null } ] });
        assert_eq!(needed_and_missing(&healthy), Vec::<String>::new());
        let sick =
            json!({ "engine": { "library": { "problem": "not there" }, "models": [] }, "problems": ["no disk"] });
        assert_eq!(needed_and_missing(&sick), ["library: not there", "models: none was found", "no disk"]);
        let broken = json!({ "models": [ { "problem": "cut short" } ] });
        assert_eq!(needed_and_missing(&broken), ["models: none can be used: cut short"]);
    }

    #[test]
    fn objects_of_one_shape_are_told_in_a_table() {
        let report = json!({ "rows": [
            { "name": "a", "bytes": 1000, "memory": { "total": 5 } }, { "name": "longer", "bytes": 20_000_000, "memory": { "total": 64 } } ] });
        let expected = "  rows
    name      bytes  memory total
    a        1.0 kB             5
    longer  20.0 MB            64
";
        assert_eq!(report_text(&report), expected);
    }

    #[test]
    fn any_report_reads_as_text() {
        let report = json!({
            "library": { "path": "/a/b.so", "version": null },
            "budgets": { "feature_bytes": 1_500_000_000_u64, "intra_threads": 2 },
            "models": [ { "name": "MobileSAM", "files": [] }, { "name": "other", "files": [ "x" ] } ],
            "sessions": []
        });
        let expected = "  \
  sessions  none
  library
    path     /a/b.so
    version  -
  budgets
    feature bytes  1.5 GB
    intra threads  2
  models
    - name   MobileSAM
      files  none
    - name  other
      files
        x
";
        assert_eq!(report_text(&report), expected);
    }
}
