//! The job as Open Job Description has it: <https://github.com/OpenJobDescription/openjd-specifications>, revision
//! 2023-09.

use super::needs::Needs;
use crate::sequence::describe_frames;
use serde_json::{Value as Json, json};
use std::path::Path;

/// The longest name of a job.
const LONGEST_NAME: usize = 128;
/// How long a task that is cancelled has to finish its frame.
const NOTICE_SECONDS: u32 = 60;

/// A shot: its folder, which machines may have elsewhere, and the name in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The parameter that names the folder.
    pub(super) parameter: String,
    pub(super) folder: String,
    pub(super) name: String,
}

impl Place {
    fn as_folder(&self, flow: &'static str, about: String) -> Folder<'_> {
        Folder { parameter: &self.parameter, path: &self.folder, flow, about }
    }

    /// The whole path, as an argument.
    fn argument(&self) -> String {
        format!("{{{{Param.{}}}}}/{}", self.parameter, self.name)
    }
}

/// A folder of the job.
#[derive(Debug)]
struct Folder<'a> {
    parameter: &'a str,
    path: &'a str,
    flow: &'static str,
    about: String,
}

/// Everything that a template says.
pub(super) struct Template<'a> {
    pub(super) name: String,
    /// The folder of the template.
    pub(super) folder: &'a Path,
    pub(super) source: &'a Place,
    /// Other clips with their names.
    pub(super) clips: &'a [(String, Place)],
    pub(super) output: &'a Place,
    pub(super) cache: &'a str,
    /// None where the effect has nothing to track.
    pub(super) spans: Option<&'a [(i32, i32)]>,
    pub(super) chunks: &'a [&'a [i32]],
    pub(super) needs: Needs,
    /// Further arguments of `render`.
    pub(super) rendering: &'a [&'a str],
}

impl Template<'_> {
    /// The job template.
    pub(super) fn json(&self) -> Json {
        let mut steps = Vec::new();
        if let Some(spans) = self.spans {
            let spans = spans.iter().map(|(first, last)| format!("{first}-{last}")).collect();
            steps.push(self.step("Track", None, Some(("Span", spans)), self.arguments("track", "Span", &[])));
        }
        let chunks = self.chunks.iter().map(|frames| describe_frames(frames)).collect();
        let output = self.output.argument();
        let more: Vec<&str> =
            ["--out", &output, "--overwrite"].into_iter().chain(self.rendering.iter().copied()).collect();
        let after = self.spans.map(|_| "Track");
        steps.push(self.step("Render", after, Some(("Frames", chunks)), self.arguments("render", "Frames", &more)));
        let all: Vec<i32> = self.chunks.concat();
        let list = format!("{{{{Param.{}}}}}/{}.json", self.output.parameter, stem(&self.output.name));
        let verify = ["verify", &output, &format!("--frames={}", describe_frames(&all)), "--list", &list];
        steps.push(self.step("Verify", Some("Render"), None, verify.map(str::to_owned).into()));
        let name: String = self.name.chars().filter(|letter| !letter.is_control()).take(LONGEST_NAME).collect();
        json!({
            "specificationVersion": "jobtemplate-2023-09",
            "name": name,
            "parameterDefinitions": self.parameters(),
            "steps": steps,
        })
    }

    fn folders(&self) -> Vec<Folder<'_>> {
        let mut folders = vec![self.source.as_folder("IN", "The frames of Source.".to_owned())];
        folders.extend(self.clips.iter().map(|(clip, place)| place.as_folder("IN", format!("The frames of {clip}."))));
        folders.push(self.output.as_folder("OUT", "Where rendered frames go.".to_owned()));
        let about = "Results that all machines share.".to_owned();
        folders.push(Folder { parameter: "CacheFolder", path: self.cache, flow: "INOUT", about });
        folders
    }

    /// The path below the template's folder: the specification has no other paths for defaults.
    fn below<'b>(&self, path: &'b str) -> Option<&'b str> {
        let below = Path::new(path).strip_prefix(self.folder).ok()?.to_str()?;
        Some(if below.is_empty() { "." } else { below })
    }

    /// The values of parameters that have no default.
    pub(super) fn values(&self) -> Vec<(String, String)> {
        let outside = self.folders().into_iter().filter(|folder| self.below(folder.path).is_none());
        outside.map(|folder| (folder.parameter.to_owned(), folder.path.to_owned())).collect()
    }

    fn parameters(&self) -> Vec<Json> {
        let mut parameters = vec![
            json!({ "name": "Command", "type": "STRING", "default": "sam3roto",
                "description": "The sam3roto command as the machines call it." }),
            json!({ "name": "JobFile", "type": "PATH", "objectType": "FILE", "dataFlow": "IN", "default": "job.json",
                "description": "Values and keyframes of the effect." }),
        ];
        for Folder { parameter, path, flow, about } in self.folders() {
            let mut folder = json!({ "name": parameter, "type": "PATH", "objectType": "DIRECTORY", "dataFlow": flow,
                "description": about });
            if let Some(below) = self.below(path) {
                folder["default"] = json!(below);
            }
            parameters.push(folder);
        }
        parameters
    }

    /// `sam3roto ACTION` on the part of the shot that a task is about.
    fn arguments(&self, action: &str, part: &str, more: &[&str]) -> Vec<String> {
        let mut arguments = vec![action.to_owned(), "--job".to_owned(), "{{Param.JobFile}}".to_owned()];
        arguments.extend(["--in".to_owned(), self.source.argument()]);
        for (clip, place) in self.clips {
            arguments.extend(["--clip".to_owned(), format!("{clip}={}", place.argument())]);
        }
        arguments.push(format!("--frames={{{{Task.Param.{part}}}}}"));
        arguments.extend(["--cache".to_owned(), "{{Param.CacheFolder}}".to_owned()]);
        arguments.push("--quiet".to_owned());
        arguments.extend(more.iter().map(|text| (*text).to_owned()));
        arguments
    }

    fn step(
        &self,
        name: &str,
        after: Option<&str>,
        tasks: Option<(&str, Vec<String>)>,
        arguments: Vec<String>,
    ) -> Json {
        let mut step = json!({
            "name": name,
            "script": { "actions": { "onRun": {
                "command": "{{Param.Command}}",
                "args": arguments,
                "cancelation": { "mode": "NOTIFY_THEN_TERMINATE", "notifyPeriodInSeconds": NOTICE_SECONDS },
            } } },
        });
        if let Some(after) = after {
            step["dependencies"] = json!([{ "dependsOn": after }]);
        }
        if let Some((parameter, values)) = tasks {
            step["parameterSpace"] =
                json!({ "taskParameterDefinitions": [{ "name": parameter, "type": "STRING", "range": values }] });
            let amounts = self.amounts();
            if !amounts.is_empty() {
                step["hostRequirements"] = json!({ "amounts": amounts });
            }
        }
        step
    }

    fn amounts(&self) -> Vec<Json> {
        let amount = |name: &str, least: u64| json!({ "name": name, "min": least });
        let memory = (self.needs.memory > 0).then(|| amount("amount.worker.memory", self.needs.memory));
        let card = self
            .needs
            .device_memory
            .map(|memory| [amount("amount.worker.gpu", 1), amount("amount.worker.gpu.memory", memory)]);
        memory.into_iter().chain(card.into_iter().flatten()).collect()
    }
}

/// A name without the number's place and the ending: "matte" of "matte.%04d.exr".
fn stem(name: &str) -> &str {
    let end = name.find(['%', '#']).unwrap_or(name.len());
    match name.get(..end).unwrap_or(name).trim_end_matches(['.', '_', '-']) {
        "" => "frames",
        stem => stem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(parameter: &str) -> Place {
        Place { parameter: parameter.to_owned(), folder: "/shots/a".to_owned(), name: "matte.%04d.exr".to_owned() }
    }

    fn template(spans: Option<&[(i32, i32)]>, needs: Needs) -> Json {
        let chunks: [&[i32]; 2] = [&[1, 2, 3], &[4]];
        let (source, output) = (place("SourceFolder"), place("OutputFolder"));
        let name = "n".repeat(500);
        let template = Template {
            name,
            folder: Path::new("/jobs/a"),
            source: &source,
            clips: &[],
            output: &output,
            cache: "/c",
            spans,
            chunks: &chunks,
            needs,
            rendering: &[],
        };
        template.json()
    }

    const SMALL: Needs = Needs { memory: 512, device_memory: None };

    #[test]
    fn rendering_waits_for_tracking_and_verifying_for_both() {
        let job = template(Some(&[(-4, 2)]), SMALL);
        let names: Vec<&str> =
            job["steps"].as_array().into_iter().flatten().filter_map(|step| step["name"].as_str()).collect();
        assert_eq!(names, ["Track", "Render", "Verify"]);
        assert_eq!(job["steps"][1]["dependencies"][0]["dependsOn"], "Track");
        assert_eq!(job["steps"][2]["dependencies"][0]["dependsOn"], "Render");
        assert_eq!(job["steps"][0]["parameterSpace"]["taskParameterDefinitions"][0]["range"][0], "-4-2");
    }

    #[test]
    fn an_effect_that_tracks_nothing_has_no_such_step() {
        let job = template(None, SMALL);
        assert_eq!(job["steps"][0]["name"], "Render");
        assert!(job["steps"][0]["dependencies"].is_null());
    }

    #[test]
    fn requirements_are_those_that_were_measured() {
        let needs = Needs { memory: 2048, device_memory: Some(1024) };
        let amounts = &template(None, needs)["steps"][0]["hostRequirements"]["amounts"];
        assert_eq!(amounts[0], json!({ "name": "amount.worker.memory", "min": 2048 }));
        assert_eq!(amounts[1], json!({ "name": "amount.worker.gpu", "min": 1 }));
        let none = template(None, Needs { memory: 0, device_memory: None });
        assert!(none["steps"][0]["hostRequirements"].is_null(), "nothing known, nothing asked");
    }

    #[test]
    fn names_are_as_short_as_the_specification_wants_them() {
        assert_eq!(template(None, SMALL)["name"].as_str().map(str::len), Some(128));
    }

    #[test]
    fn only_folders_below_the_template_have_defaults() {
        let source = place("SourceFolder");
        let output = Place { folder: "/jobs/a".to_owned(), ..place("OutputFolder") };
        let template = Template {
            name: String::new(),
            folder: Path::new("/jobs/a"),
            source: &source,
            clips: &[],
            output: &output,
            cache: "/jobs/a/cache",
            spans: None,
            chunks: &[],
            needs: SMALL,
            rendering: &[],
        };
        assert_eq!(template.values(), [("SourceFolder".to_owned(), "/shots/a".to_owned())]);
        let defaults: Vec<Json> =
            template.parameters().into_iter().map(|parameter| parameter["default"].clone()).collect();
        assert_eq!(defaults, [json!("sam3roto"), json!("job.json"), Json::Null, json!("."), json!("cache")]);
    }

    #[test]
    fn the_list_is_named_after_the_frames() {
        assert_eq!(stem("matte.%04d.exr"), "matte");
        assert_eq!(stem("####.exr"), "frames");
    }
}
