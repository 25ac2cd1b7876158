//! Texts of others on the screens: what anybody wrote is shown and never run.

use super::counter::clerk_at;
use crate::rig::Rig;

const PAYLOADS: [&str; 6] = [
    "<script>pwn=1</script>",
    "\"><img src=x onerror=pwn=1>",
    "'><svg onload=pwn=1>",
    "</input><iframe srcdoc='<script>parent.pwn=1</script>'>",
    "javascript:pwn=1",
    "{{constructor.constructor('pwn=1')()}}",
];

#[test]
fn what_anybody_wrote_is_shown_and_never_run() {
    let rig = Rig::stocked(2);
    rig.approve("1-landing", &[]);
    let counter = clerk_at(rig, "");
    for payload in PAYLOADS {
        let coded: String = payload.bytes().map(|byte| format!("%{byte:02X}")).collect();
        counter.goto(&format!("/queue?find={coded}&page={coded}"));
        counter.browser.wait("#rows .empty");
        assert!(counter.browser.text("#rows").contains(payload), "{payload}");
        let ran = counter.browser.run("return typeof pwn");
        assert_eq!(ran, "undefined", "{payload}");
        assert!(
            !counter
                .browser
                .has("main script, main img, main svg, main iframe")
        );
    }
    counter.close();
}
