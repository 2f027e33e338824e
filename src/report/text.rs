//! The doctor's report for people.

use inference::{
    CacheStatistics, Device, DeviceReport, DiskReport, EngineReport, FoundModel, MemoryReport, SessionReport,
};

use super::{Doctor, SettingsState};
use crate::logging::LogState;

/// The report as text, section by section.
pub(super) fn text_of(doctor: &Doctor) -> String {
    let mut out = String::new();
    let mut section = |title: &str, rows: Vec<Vec<String>>| {
        if !rows.is_empty() {
            out.push_str(&format!("\n{title}\n{}", columns(&rows)));
        }
    };
    if let Some(engine) = &doctor.engine {
        section("ONNX Runtime", library(engine));
        section("Devices, in the order in which they are tried", devices(engine));
        section("Models", models(engine));
        section("Loaded now", engine.sessions.iter().map(session).collect());
        section("Memory", memory(&engine.memory));
        section("Caches in memory", caches(doctor, engine));
        section("Results on disk", disk(engine.disk.as_ref()));
    }
    section("Log", log(&doctor.log));
    let title = match &doctor.settings.file {
        Some(file) if file.exists() => format!("Settings, with those of {}", file.display()),
        Some(file) => format!("Settings; there is no file {}", file.display()),
        None => "Settings".to_owned(),
    };
    section(&title, settings(&doctor.settings));
    out
}

fn library(engine: &EngineReport) -> Vec<Vec<String>> {
    let library = &engine.library;
    let state = match (&library.version, &library.problem) {
        (_, Some(problem)) => problem.clone(),
        (Some(version), None) => version.clone(),
        (None, None) => "not loaded".to_owned(),
    };
    vec![vec![state, library.path.display().to_string()]]
}

fn devices(engine: &EngineReport) -> Vec<Vec<String>> {
    let row = |device: &DeviceReport| {
        if let Some(problem) = &device.problem {
            return vec![device.name.clone(), format!("not used: {problem}")];
        }
        let threads = (device.device == Device::Cpu).then(|| format!("{} threads", engine.budgets.threads));
        let memory =
            device.memory.map(|memory| format!("{} of memory, {} free", bytes(memory.total), bytes(memory.available)));
        let facts: Vec<String> = [threads, memory].into_iter().flatten().collect();
        vec![device.name.clone(), format!("works: {}", facts.join(", "))]
    };
    engine.devices.iter().map(row).collect()
}

/// Each model; of those with one name, only the first found is used.
fn models(engine: &EngineReport) -> Vec<Vec<String>> {
    let row = |(index, model): (usize, &FoundModel)| {
        let same = |earlier: &&FoundModel| earlier.name == model.name && earlier.problem.is_none();
        let state = match (&model.problem, engine.models.iter().take(index).find(same)) {
            (Some(problem), _) => format!("cannot be used: {problem}"),
            (None, Some(_)) => "not used: the one above comes first".to_owned(),
            (None, None) => model.licence.as_ref().map_or_else(String::new, |licence| format!("licence {licence}")),
        };
        vec![model.name.clone(), model.folder.display().to_string(), state]
    };
    engine.models.iter().enumerate().map(row).collect()
}

fn session(session: &SessionReport) -> Vec<String> {
    let idle = if session.in_use { "in use".to_owned() } else { format!("idle for {} s", session.idle_seconds) };
    vec![session.model.to_owned(), format!("on {}", session.device), bytes(session.bytes), idle]
}

fn memory(memory: &MemoryReport) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for place in memory.places.iter().filter(|place| place.figures.is_some()) {
        let budgets = format!(
            "at most {} so far, of {} allowed; caches shrink from {}, or when {} % of the {} is in use",
            bytes(place.peak_bytes),
            bytes(place.hard_budget_bytes),
            bytes(place.soft_budget_bytes),
            memory.pressure_percent,
            place.place
        );
        rows.push(vec![place.place.to_string(), bytes(place.in_ledger_bytes), budgets]);
    }
    for row in memory.rows.iter().filter(|row| row.peak_bytes > 0) {
        let most = format!("at most {} so far", bytes(row.peak_bytes));
        rows.push(vec![format!("  {}", row.owner), bytes(row.charged_bytes), most]);
    }
    if let Some(resident) = memory.process_resident_bytes {
        rows.push(vec!["this process".to_owned(), bytes(resident), String::new()]);
    }
    rows
}

fn caches(doctor: &Doctor, engine: &EngineReport) -> Vec<Vec<String>> {
    let head = ["", "entries", "size", "of", "from memory", "from disk", "computed"].map(str::to_owned).to_vec();
    let row = |(name, cache): (&str, &CacheStatistics)| {
        let counts = [cache.hits, cache.disk_hits, cache.misses].map(|count| count.to_string());
        let size = [cache.entries.to_string(), bytes(cache.bytes), bytes(cache.budget_bytes)];
        std::iter::once(name.to_owned()).chain(size).chain(counts).collect()
    };
    let named = [
        Some(("encoded pictures", &engine.features)),
        doctor.pictures.as_ref().map(|cache| ("model pictures", cache)),
        doctor.masks.as_ref().map(|cache| ("masks", cache)),
        doctor.mattes.as_ref().map(|cache| ("mattes", cache)),
        doctor.flow_pictures.as_ref().map(|cache| ("flow pictures", cache)),
        doctor.motions.as_ref().map(|cache| ("motion", cache)),
    ];
    std::iter::once(head).chain(named.into_iter().flatten().map(row)).collect()
}

fn disk(disk: Option<&DiskReport>) -> Vec<Vec<String>> {
    let Some(disk) = disk else { return vec![vec!["none: the setting cache.folder is empty".to_owned()]] };
    let mut rows = vec![vec![
        disk.folder.display().to_string(),
        format!("{} entries, {} of {}", disk.entries, bytes(disk.bytes), bytes(disk.max_bytes)),
    ]];
    rows.extend(disk.problem.iter().map(|problem| vec![String::new(), problem.clone()]));
    rows
}

fn log(log: &LogState) -> Vec<Vec<String>> {
    match (&log.file, &log.problem) {
        (None, _) => vec![vec!["no file".to_owned()]],
        (Some(file), None) => vec![vec![file.display().to_string()]],
        (Some(file), Some(problem)) => vec![vec![file.display().to_string(), format!("not written: {problem}")]],
    }
}

fn settings(settings: &SettingsState) -> Vec<Vec<String>> {
    settings.values.iter().map(|row| vec![row.setting.to_owned(), row.value.clone(), row.from.clone()]).collect()
}

/// Rows with columns of one width, two blanks apart.
fn columns(rows: &[Vec<String>]) -> String {
    // The last cell of a row is as long as it likes.
    let inner = |row: &Vec<String>, column: usize| column + 1 < row.len();
    let width = |column: usize| {
        let cells = rows.iter().filter(|row| inner(row, column)).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let mut out = String::new();
    for row in rows {
        let cells = row.iter().enumerate().map(|(column, cell)| format!("  {cell:<width$}", width = width(column)));
        out.push_str(cells.collect::<String>().trim_end());
        out.push('\n');
    }
    out
}

/// Bytes as people read them, in powers of 1000 as disks, file managers and our settings count.
fn bytes(count: u64) -> String {
    /// More than any machine has: a budget that is none.
    const NO_LIMIT: u64 = 1 << 60;
    let units = ["bytes", "kB", "MB", "GB", "TB"];
    let mut amount = count as f64;
    let mut unit = 0;
    // What would be shown as 1000 is 1.0 of the next unit.
    while amount >= 999.5 && unit + 1 < units.len() {
        amount /= 1000.0;
        unit += 1;
    }
    let digits = usize::from(unit > 0 && amount < 99.95);
    match count {
        NO_LIMIT.. => "no limit".to_owned(),
        _ => format!("{amount:.digits$} {}", units.get(unit).copied().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_read_well() {
        for (count, text) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1000, "1.0 kB"),
            (512_000_000, "512 MB"),
            (999_999_999, "1.0 GB"),
            (u64::MAX, "no limit"),
        ] {
            assert_eq!(bytes(count), text);
        }
    }

    #[test]
    fn columns_line_up_and_the_last_may_be_long() {
        let rows = [vec!["a".into(), "b".into(), "x".into()], vec!["long".into(), "and much longer".into()]];
        assert_eq!(columns(&rows), "  a     b  x\n  long  and much longer\n");
    }
}
