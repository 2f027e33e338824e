//! Info.plist of the bundle.

/// Fills in the template of `bundle/Info.plist`.
pub fn info_plist(template: &str, version: &str) -> String {
    template.replace("{{version}}", &escaped(version))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Workspace;

    #[test]
    fn the_template_names_the_executable_and_takes_the_version() {
        let template = std::fs::read_to_string(Workspace::find().unwrap().path("bundle/Info.plist")).unwrap();
        let plist = info_plist(&template, "1.2.3");
        assert!(plist.contains("<key>CFBundleExecutable</key>\n\t<string>Sam3Roto.ofx</string>"));
        assert_eq!(plist.matches("<string>1.2.3</string>").count(), 2);
        assert!(plist.contains("<string>BNDL</string>") && !plist.contains("{{"));
    }

    #[test]
    fn a_version_cannot_break_the_markup() {
        assert_eq!(info_plist("<string>{{version}}</string>", "1<2&3"), "<string>1&lt;2&amp;3</string>");
    }
}
