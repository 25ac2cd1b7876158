//! The service: binds the port, builds the router from the table of routes, runs until it is told
//! to end, and lets a motion end first.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, on};
use axum_server::tls_rustls::RustlsConfig;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;
use tower_governor::key_extractor::GlobalKeyExtractor;

use super::house::House;
use super::routes::{ROUTES, Verb};
use super::state::Stage;
use super::worker::Order;
use super::{guard, handle, worker};
use crate::config::Config;
use crate::station::request::Perform;

/// How often is looked what there is to do while nothing is open.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// Requests in a burst, and how fast they come back: enough for fifty screens that watch.
const BURST: u32 = 400;
const BACK_EACH_MS: u64 = 10;

/// Why the screens cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The port cannot be had, or a file of the certificate cannot be read.
    #[error("the screens cannot be served at {at}")]
    Port {
        /// Where.
        at: SocketAddr,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// Threads or timers cannot be had.
    #[error("the system gives no threads")]
    System(#[source] std::io::Error),
}

/// Serves the screens until a signal comes; `ready` is told the address.
///
/// # Errors
/// [`Error`].
pub fn serve(config: Config, perform: Perform, ready: impl FnOnce(&str)) -> Result<(), Error> {
    let (orders, received) = mpsc::channel();
    let (answers, answered) = mpsc::channel();
    let house = Arc::new(House::new(config, perform, orders, answers));
    let working = Arc::clone(&house);
    let worker = std::thread::Builder::new()
        .name("station".to_owned())
        .spawn(move || worker::work(&working, &received, &answered))
        .map_err(Error::System)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Error::System)?;
    house.order(Order::Look);
    let served = runtime.block_on(run(Arc::clone(&house), ready));
    // No question is asked any more; what moves ends its motion first.
    house.close();
    let ended = worker.join();
    if ended.is_err() {
        tracing::error!("the worker did not end by itself");
    }
    served
}

async fn run(house: Arc<House>, ready: impl FnOnce(&str)) -> Result<(), Error> {
    let kiosk = house.config.kiosk.clone();
    let at = kiosk.listen;
    let failed = |cause| Error::Port { at, cause };
    let listener = std::net::TcpListener::bind(at).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    tokio::spawn(follow(Arc::clone(&house)));
    tokio::spawn(look_again(Arc::clone(&house)));
    let handle = axum_server::Handle::new();
    tokio::spawn(end_on_signal(handle.clone()));
    let service = router(&house).into_make_service();
    match kiosk.tls() {
        None => {
            ready(&format!("http://{at}/"));
            let server = axum_server::from_tcp(listener).map_err(failed)?;
            server.handle(handle).serve(service).await.map_err(failed)
        }
        Some((certificate, key)) => {
            // The second call of a process finds the provider installed already: the same one.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let tls = RustlsConfig::from_pem_file(certificate, key)
                .await
                .map_err(failed)?;
            ready(&format!("https://localhost:{}/", at.port()));
            let server = axum_server::from_tcp_rustls(listener, tls).map_err(failed)?;
            server.handle(handle).serve(service).await.map_err(failed)
        }
    }
}

/// The router, built from the table and from nothing else.
pub(super) fn router(house: &Arc<House>) -> Router {
    let limits = GovernorConfigBuilder::default()
        .per_millisecond(BACK_EACH_MS)
        .burst_size(BURST)
        .key_extractor(GlobalKeyExtractor)
        .finish();
    let mut router = Router::new();
    for route in ROUTES {
        let filter = match route.verb {
            Verb::Get => MethodFilter::GET,
            Verb::Post => MethodFilter::POST,
        };
        let own = Arc::clone(house);
        let answer = move |request: Request| {
            let house = Arc::clone(&own);
            async move { Ok::<Response, Infallible>(handle::answer(route, house, request).await) }
        };
        router = router.route(route.path, on(filter, answer));
    }
    let lost = Arc::clone(house);
    let router = router
        .fallback(move |request: Request| handle::no_page(lost, request))
        .method_not_allowed_fallback(|| async { StatusCode::METHOD_NOT_ALLOWED });
    let router = match limits {
        Some(limits) => router.layer(GovernorLayer::new(limits)),
        None => router,
    };
    router.layer(from_fn_with_state(Arc::clone(house), door))
}

/// In front of everything: our own name, a small body; behind everything: the headers.
async fn door(
    axum::extract::State(house): axum::extract::State<Arc<House>>,
    request: Request,
    next: Next,
) -> Response {
    let kiosk = &house.config.kiosk;
    let mut response = if guard::is_ours(request.headers(), kiosk) {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, Body::empty()).into_response()
    };
    guard::dress(response.headers_mut());
    response
}

/// Takes what the station shows of a card into the state.
async fn follow(house: Arc<House>) {
    let mut snapshots = house.snapshots.subscribe();
    while snapshots.changed().await.is_ok() {
        let snapshot = snapshots.borrow_and_update().clone();
        house.change(|state| {
            state.stop_asked = house.stop_asked.load(std::sync::atomic::Ordering::SeqCst);
            state.snapshot = snapshot;
            state.snapshot_at = house.now();
        });
    }
}

/// Looks what there is to do, as long as somebody is signed in and nothing is open.
async fn look_again(house: Arc<House>) {
    let mut ticks = tokio::time::interval(LOOK_AGAIN);
    loop {
        ticks.tick().await;
        let wanted = house.read(|state| matches!(state.stage, Stage::Idle | Stage::Out(_)));
        let idle = house.idle.load(std::sync::atomic::Ordering::SeqCst);
        if wanted && idle && house.anybody() {
            house.order(Order::Look);
        }
    }
}

async fn end_on_signal(handle: axum_server::Handle<SocketAddr>) {
    use tokio::signal::unix::{SignalKind, signal};
    let both = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    let (Ok(mut interrupt), Ok(mut terminate)) = both else {
        return tracing::warn!("signals are not heard");
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    // Streams never end by themselves.
    handle.graceful_shutdown(Some(Duration::from_millis(300)));
}
