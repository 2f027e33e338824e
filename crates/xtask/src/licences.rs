//! Which licences may be linked: the list in deny.toml, applied to SPDX expressions.

use crate::metadata::Metadata;
use crate::workspace::Workspace;
use serde::Deserialize;
use std::fs;

#[derive(Deserialize)]
struct Deny {
    licenses: Licenses,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

/// Whether an SPDX expression can be met with the licences allowed: AND binds closer than OR; "/" is cargo's old OR.
fn permits(allowed: &[String], expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    either(allowed, &mut rest) && rest.is_empty()
}

fn either(allowed: &[String], rest: &mut &[&str]) -> bool {
    let mut met = both(allowed, rest);
    while rest.first() == Some(&"OR") {
        *rest = &rest[1..];
        met |= both(allowed, rest);
    }
    met
}

fn both(allowed: &[String], rest: &mut &[&str]) -> bool {
    let mut met = single(allowed, rest);
    while rest.first() == Some(&"AND") {
        *rest = &rest[1..];
        met &= single(allowed, rest);
    }
    met
}

fn single(allowed: &[String], rest: &mut &[&str]) -> bool {
    let Some((first, others)) = rest.split_first() else { return false };
    *rest = others;
    if *first == "(" {
        let met = either(allowed, rest);
        let closed = rest.first() == Some(&")");
        *rest = rest.get(1..).unwrap_or_default();
        return met && closed;
    }
    let mut name = (*first).to_owned();
    if let ["WITH", exception, others @ ..] = *rest {
        name = format!("{name} WITH {exception}");
        *rest = others;
    }
    allowed.contains(&name)
}

#[test]
fn expressions_are_read_as_spdx_means_them() {
    let allowed: Vec<String> =
        ["MIT", "Apache-2.0", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"].map(String::from).into();
    for met in [
        "MIT",
        "GPL-3.0 OR MIT",
        "GPL-3.0/MIT",
        "(MIT OR GPL-3.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
    ] {
        assert!(permits(&allowed, met), "{met}");
    }
    for unmet in ["GPL-3.0", "MIT AND GPL-3.0", "(MIT AND GPL-3.0) OR AGPL-3.0", "MIT WITH Some-exception", "", "(MIT"]
    {
        assert!(!permits(&allowed, unmet), "{unmet}");
    }
}

#[test]
fn nothing_outside_the_list_of_licences_is_linked() {
    let workspace = Workspace::find().unwrap();
    let deny: Deny = toml::from_str(&fs::read_to_string(workspace.path("deny.toml")).unwrap()).unwrap();
    let metadata = Metadata::with_dependencies(&workspace.path("")).unwrap();
    let linked = metadata.linked_into(&["sam3roto", "headless"]);
    assert!(linked.iter().any(|package| package.name == "ort"), "the tree was read");
    let outside: Vec<String> = linked
        .iter()
        .filter(|package| !package.license.as_deref().is_some_and(|licence| permits(&deny.licenses.allow, licence)))
        .map(|package| format!("{} {}: {:?}", package.name, package.version, package.license))
        .collect();
    assert!(outside.is_empty(), "{outside:#?}");
}
