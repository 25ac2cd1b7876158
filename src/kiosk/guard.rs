//! What a request must prove before anything looks at it: where it is addressed, where it comes
//! from, how large it is; and what every answer carries. Pure but for the headers it reads.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::config::Kiosk;

/// No form of this program is larger.
pub(super) const LARGEST_FORM: usize = 4 * 1024;

/// Nothing but our own script and style; no markup becomes a script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// Whether a request is addressed to this service by a name that is its own.
pub(super) fn is_ours(headers: &HeaderMap, kiosk: &Kiosk) -> bool {
    let Some(host) = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
    else {
        return false;
    };
    let port = kiosk.listen.port();
    let (name, named) = match host.rsplit_once(':') {
        Some((name, text)) => (name, text.parse::<u16>().ok()),
        None => (host, Some(if kiosk.tls().is_some() { 443 } else { 80 })),
    };
    let address = kiosk.listen.ip().to_string();
    let known = name == "localhost" || name == address || kiosk.hosts.iter().any(|own| own == name);
    known && named == Some(port)
}

/// Whether a change comes from one of our own pages: the browser says so, twice where it can.
pub(super) fn comes_from_us(headers: &HeaderMap, kiosk: &Kiosk) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text(HeaderName::from_static("sec-fetch-site"));
    if site.is_some_and(|site| site != "same-origin") {
        return false;
    }
    let scheme = if kiosk.tls().is_some() {
        "https"
    } else {
        "http"
    };
    match (text(header::ORIGIN), text(header::HOST)) {
        (Some(origin), Some(host)) => origin == format!("{scheme}://{host}"),
        (None, Some(_)) => site == Some("same-origin"),
        (_, None) => false,
    }
}

/// What every answer carries.
pub(super) fn dress(headers: &mut HeaderMap) {
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // A stricter one would have the browser send no Origin with our own forms.
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), usb=(), serial=()",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

/// The cookie's name: bound to this host where TLS proves it.
pub(super) fn cookie_name(kiosk: &Kiosk) -> &'static str {
    if kiosk.tls().is_some() {
        "__Host-station"
    } else {
        "station"
    }
}

/// The browser's id, out of its cookies.
pub(super) fn session_id<'a>(headers: &'a HeaderMap, kiosk: &Kiosk) -> Option<&'a str> {
    let name = cookie_name(kiosk);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, id)| id)
}

/// The cookie that gives a browser its id.
pub(super) fn cookie(id: &str, kiosk: &Kiosk) -> HeaderValue {
    let secure = if kiosk.tls().is_some() {
        "; Secure"
    } else {
        ""
    };
    let text = format!(
        "{}={id}; Path=/; HttpOnly; SameSite=Strict{secure}",
        cookie_name(kiosk)
    );
    // Hexadecimal digits and fixed words are header text.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            let value = HeaderValue::from_str(value).expect("a value");
            (HeaderName::from_static(name), value)
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn only_this_services_own_names_are_answered() {
        let kiosk = Kiosk::default();
        let ours = |host| is_ours(&headers(&[("host", host)]), &kiosk);
        assert!(ours("127.0.0.1:8780") && ours("localhost:8780"));
        assert!(!ours("evil.example:8780") && !ours("localhost:80") && !ours("localhost"));
        assert!(!is_ours(&HeaderMap::new(), &kiosk));
    }

    #[test]
    fn a_change_comes_from_our_own_page_or_not_at_all() {
        let kiosk = Kiosk::default();
        let ours = |pairs: &[(&'static str, &str)]| comes_from_us(&headers(pairs), &kiosk);
        let host = ("host", "localhost:8780");
        assert!(ours(&[host, ("origin", "http://localhost:8780")]));
        assert!(ours(&[host, ("sec-fetch-site", "same-origin")]));
        assert!(!ours(&[host]));
        assert!(!ours(&[host, ("origin", "http://evil.example")]));
        assert!(!ours(&[host, ("origin", "null")]));
        let both = [
            host,
            ("origin", "http://localhost:8780"),
            ("sec-fetch-site", "cross-site"),
        ];
        assert!(!ours(&both));
    }

    #[test]
    fn the_cookie_is_bound_to_the_host_where_tls_is_on() {
        let plain = cookie("ab", &Kiosk::default());
        assert_eq!(plain, "station=ab; Path=/; HttpOnly; SameSite=Strict");
        let tls = Kiosk {
            certificate: Some("c".into()),
            key: Some("k".into()),
            ..Kiosk::default()
        };
        let bound = cookie("ab", &tls);
        assert_eq!(
            bound,
            "__Host-station=ab; Path=/; HttpOnly; SameSite=Strict; Secure"
        );
    }
}
