//! What a page must be like, measured in the page: nothing flows over, nothing is too small for a
//! finger, no rule of accessibility is broken. Keeps pictures for the eye.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::{Browser, axe};

/// What flows over, is hidden under another part, or is too small. Pictures drawn of lines and
/// what only a screen reader reads are no boxes of text.
const BOXES: &str = include_str!("boxes.js");

/// Whether the page has fitted itself; begins anew in a page that came meanwhile.
const SETTLED: &str = r"
if (window.settled === undefined) {
  window.settled = false;
  dispatchEvent(new Event('resize'));
  requestAnimationFrame(() => requestAnimationFrame(() => { window.settled = true; }));
}
return window.settled;
";

/// Rules that depend on a page's size; the others are asked once.
const RULES_OF_SIZE: &str =
    "{ type: 'rule', values: ['color-contrast', 'target-size', 'scrollable-region-focusable'] }";
const ALL_RULES: &str = "{ type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }";

const AXE: &str = r"
axe.run(document, { preload: false, runOnly: RULES, resultTypes: ['violations', 'incomplete'] }).then(
  result => {
    const of = (list, what) => list.flatMap(rule => rule.nodes.map(node => what + rule.id + ': '
      + (node.any.concat(node.all, node.none)[0]?.data?.messageKey || '') + ' ' + node.target.join(' ') + ' ' + node.html.slice(0, 120)));
    done(of(result.violations, 'violated: ').concat(of(result.incomplete, 'undecided: ')));
  },
  cause => done(['axe: ' + cause]));
";

/// How much is asked of a page's accessibility.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// Every rule.
    All,
    /// Those that depend on the page's size.
    OfSize,
}

/// The boxes of a page; what is wrong.
#[track_caller]
pub fn boxes(browser: &Browser) -> Vec<String> {
    // A page that was given another size fits itself into it with its next frame.
    browser.run("delete window.settled");
    browser.until(SETTLED, &Value::Bool(true));
    texts(&browser.run(BOXES))
}

/// The accessibility of a page; what is violated, and what no program can decide.
#[track_caller]
pub fn access(browser: &Browser, rules: Rules) -> Vec<String> {
    if browser.run("return typeof axe") == "undefined" {
        browser.run(axe::script());
    }
    let rules = match rules {
        Rules::All => ALL_RULES,
        Rules::OfSize => RULES_OF_SIZE,
    };
    texts(&browser.run_async(&AXE.replace("RULES", rules)))
}

/// Keeps a picture of the page below the target folder.
pub fn picture(browser: &Browser, folder: &str, name: &str) {
    let folder = target().join(folder);
    fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join(format!("{name}.png"));
    fs::write(file, browser.screenshot()).expect("written");
}

/// The target folder: this program lies in one of its own.
#[must_use]
pub fn target() -> PathBuf {
    let program = std::env::current_exe().expect("this program");
    let target = program
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").exists());
    target.expect("below a target folder").to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().expect("a list").iter();
    list.map(|one| one.as_str().unwrap_or_default().to_owned())
        .collect()
}
