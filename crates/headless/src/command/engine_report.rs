//! What a plugin reports as JSON through `Sam3RotoReport`, understood by shape alone: this command knows no plugin's insides.

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
}
