//! Texts of others in every field of every screen, as a page is loaded and as the stream brings it:
//! they are shown, and never markup. The page's tree must be that of a harmless text.

use serde_json::Value;

use super::parts::Texts;
use super::specimens;
use super::{Gallery, drawn, viewer, with_view};
use crate::kiosk::screens::{Page, Screen, main, page, regions};
use crate::kiosk::words::Lang;

/// What would run where markup is made of text.
const CORES: [&str; 15] = [
    "<script>pwn=1</script>",
    "<img src=x onerror=pwn=1>",
    "<svg onload=pwn=1>",
    "<svg><script>pwn=1</script></svg>",
    "<iframe srcdoc='<script>parent.pwn=1</script>'></iframe>",
    "<details open ontoggle=pwn=1>",
    "<input autofocus onfocus=pwn=1>",
    "<form action=javascript:pwn=1><button>x</button></form>",
    "<a href=javascript:pwn=1>x</a>",
    "<math><mtext><style><img src=x onerror=pwn=1></style></mtext></math>",
    "<template><img src=x onerror=pwn=1></template>",
    "<object data=javascript:pwn=1></object>",
    "<base href=//example.invalid/>",
    "<meta http-equiv=refresh content='0;url=javascript:pwn=1'>",
    "<link rel=stylesheet href=//example.invalid/x.css>",
];

/// What would end the place in which a text stands.
const ENDS: [&str; 8] = [
    "",
    "\">",
    "'>",
    "</span></p></section>",
    "</title></textarea>",
    "</script></style>",
    "-->",
    "]]>",
];

/// What is dangerous by itself: attributes, schemes, encodings, templates, odd characters.
const OTHERS: [&str; 24] = [
    "\" onmouseover=pwn=1 x=\"",
    "' onfocus='pwn=1' autofocus '",
    " onclick=pwn=1 ",
    "\" style=\"background:url(javascript:pwn=1)\" x=\"",
    "javascript:pwn=1",
    "data:text/html,<script>pwn=1</script>",
    "&lt;script&gt;pwn=1&lt;/script&gt;",
    "&#60;script&#62;pwn=1&#60;/script&#62;",
    "&#x3c;img src=x onerror=pwn=1&#x3e;",
    "\u{ff1c}script\u{ff1e}pwn=1\u{ff1c}/script\u{ff1e}",
    "+ADw-script+AD4-pwn=1+ADw-/script+AD4-",
    "{{constructor.constructor('pwn=1')()}}",
    "${pwn=1}",
    "<%= pwn=1 %>",
    "`-pwn=1-`",
    "';pwn=1;//",
    "\\u003cscript\\u003epwn=1\\u003c/script\\u003e",
    "<scr\u{0}ipt>pwn=1</script>",
    "<<script>script>pwn=1<</script>/script>",
    "<img\u{b}src=x\u{c}onerror=pwn=1>",
    "\u{202e}<script>pwn=1</script>",
    "<script\r\n>pwn=1</script\r\n>",
    "line\n\ndata: <img src=x onerror=pwn=1>\n\nevent: screen",
    "<!--<img src=\"--><img src=x onerror=pwn=1>\">",
];

/// Screens that between them show every text of others.
const SCREENS: [&str; 29] = [
    "sign-in",
    "locked",
    "out",
    "queue",
    "queue-none-found",
    "job-all-wrong",
    "making-cold",
    "old-card-collect",
    "ready",
    "hand-over",
    "stop-seven",
    "stopped",
    "remove-by-hand",
    "approve",
    "approve-withdraw",
    "tech-watching",
    "tech-readings",
    "tech-log",
    "tech-bundle",
    "tech-stopped",
    "supplies",
    "supplies-stopped",
    "load-ribbon-wrong",
    "load-blanks-refused",
    "destroy-cards",
    "recorded",
    "approve-destroy-ribbons",
    "shift-differs",
    "shift-closed",
];

/// Whether something ran, what the policy forbade, how often the text is shown, and the page's tree:
/// its elements with the names of their attributes, summed up. What a parser of HTML makes of odd
/// characters is told apart from what it must show.
const TOLD: &str = r"
const plain = text => text.replace(/[\s\p{Cc}\ufffd]/gu, '');
const own = ['style', 'class', 'hidden', 'inert', 'data-seen'];
const tree = [...document.querySelectorAll('*')].map(e => e.tagName + e.getAttributeNames().filter(n => !own.includes(n)));
let sum = tree.length;
for (const c of tree.join()) sum = Math.imul(sum, 31) + c.codePointAt(0) | 0;
return [typeof pwn, sessionStorage.csp || '', plain(document.body.textContent).split(plain(TEXT)).length - 1, tree.length, sum];
";

/// So many stand side by side in each field; where one were markup, the tree would be another.
const AT_ONCE: usize = 6;

fn payloads() -> Vec<String> {
    let cored = CORES
        .iter()
        .flat_map(|core| ENDS.iter().map(move |end| format!("{end}{core}")));
    cored
        .chain(OTHERS.iter().map(|one| (*one).to_owned()))
        .collect()
}

/// Every region of every screen on one page that shows this text wherever somebody else writes:
/// as it is loaded, and as the stream brings it.
fn pages(text: &str) -> (String, String) {
    let texts = Texts::all(text);
    let mut specimens = specimens::all(&texts);
    specimens.retain(|one| SCREENS.contains(&one.name));
    assert_eq!(specimens.len(), SCREENS.len());
    let mut all = Vec::new();
    for specimen in &specimens {
        let viewer = viewer(specimen, &texts, Lang::En, false);
        with_view(specimen, &viewer, |view| {
            let screen = drawn(specimen, view);
            all.extend(regions(&screen, view));
            all.extend(screen.regions);
        });
    }
    let specimen = specimens.remove(0);
    let viewer = viewer(&specimen, &texts, Lang::En, false);
    with_view(&specimen, &viewer, |view| {
        let mut screen = Screen {
            page: Page::Help,
            title: text.to_owned(),
            regions: all,
        };
        // Nothing here has to fit into anything.
        let flat = |html: String| html.replace(" data-fold", "");
        let loaded = flat(page(&screen, view).into_string());
        screen.page = Page::Done;
        (loaded, flat(main(&screen, view).into_string()))
    })
}

impl Gallery {
    /// Shows this text everywhere; the trees of the page as loaded and as the stream brought it.
    #[track_caller]
    fn attacked(&self, text: &str) -> [(Value, Value); 2] {
        let (loaded, brought) = pages(text);
        self.bring(None);
        self.show(loaded, &[]);
        let tree = self.told(text);
        self.bring(Some(brought));
        self.browser.wait("#app[data-page='done']");
        [tree, self.told(text)]
    }

    #[track_caller]
    fn told(&self, text: &str) -> (Value, Value) {
        // A busy machine parses for a while; the last element says that the tree is whole.
        self.browser.wait("#lost");
        let literal = serde_json::to_string(text).expect("a text");
        let told = self.browser.run(&TOLD.replace("TEXT", &literal));
        assert_eq!(told[0], "undefined", "it ran: {text}");
        assert_eq!(told[1], "", "only the policy kept it from running: {text}");
        let shown = told[2].as_u64().unwrap_or_default();
        assert!(shown >= 40, "it is shown {shown} times: {text}");
        (told[3].clone(), told[4].clone())
    }
}

#[test]
fn what_others_write_is_shown_everywhere_and_is_markup_nowhere() {
    assert!(payloads().len() > 100);
    let gallery = Gallery::open("attack");
    let harmless = gallery.attacked("SPECIMEN");
    let elements = harmless[0].0.as_u64();
    assert!(
        elements.is_some_and(|elements| elements > 500),
        "{elements:?}"
    );
    for payloads in payloads().chunks(AT_ONCE) {
        let payload = payloads.join(" ∥ ");
        let trees = gallery.attacked(&payload);
        for (tree, harmless) in trees.iter().zip(&harmless) {
            assert_eq!(tree, harmless, "another tree: {payload}");
        }
    }
}
