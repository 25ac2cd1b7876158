//! Section `[kiosk]`: where the screens are served, and how large a finger is on them.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

use super::Mistake;

/// The screens.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Kiosk {
    /// Address and port; an address of this machine alone.
    pub listen: SocketAddr,
    /// Names by which a browser may call this service, beside `localhost` and the address.
    pub hosts: Vec<String>,
    /// Certificate chain (PEM); with it and the key the screens are served over TLS.
    pub certificate: Option<PathBuf>,
    /// Its key (PEM).
    pub key: Option<PathBuf>,
    /// A browser left alone for so long is locked, in seconds.
    pub idle_lock_s: u16,
    /// CSS pixels of the counter's screen in a millimetre.
    pub px_per_mm: f64,
}

impl Default for Kiosk {
    fn default() -> Kiosk {
        Kiosk {
            listen: SocketAddr::from(([127, 0, 0, 1], 8780)),
            hosts: Vec::new(),
            certificate: None,
            key: None,
            idle_lock_s: 120,
            px_per_mm: 4.03,
        }
    }
}

impl Kiosk {
    /// Certificate and key, where the screens are served over TLS.
    pub fn tls(&self) -> Option<(&PathBuf, &PathBuf)> {
        self.certificate.as_ref().zip(self.key.as_ref())
    }

    /// The first value that cannot be meant.
    pub(super) fn mistake(&self) -> Option<(&'static str, Mistake)> {
        let checks = [
            (self.listen.ip().is_loopback(), "listen"),
            (self.certificate.is_some() == self.key.is_some(), "key"),
            ((30..=900).contains(&self.idle_lock_s), "idle_lock_s"),
            ((2.0..=12.0).contains(&self.px_per_mm), "px_per_mm"),
        ];
        let wrong = checks.into_iter().find(|(right, _)| !right);
        wrong.map(|(_, key)| (key, Mistake::Limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_screens_are_served_to_this_machine_alone() {
        assert_eq!(Kiosk::default().mistake(), None);
        let open = Kiosk {
            listen: SocketAddr::from(([0, 0, 0, 0], 8780)),
            ..Kiosk::default()
        };
        assert_eq!(open.mistake().map(|(key, _)| key), Some("listen"));
        let half = Kiosk {
            certificate: Some("c.pem".into()),
            ..Kiosk::default()
        };
        assert_eq!(half.mistake().map(|(key, _)| key), Some("key"));
    }
}
