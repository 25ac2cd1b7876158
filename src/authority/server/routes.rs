//! The HTTPS edge: paths, bodies, statuses. Decides nothing; the OpenAPI document comes from here.

use super::Fault;
use super::service::{Authority, Caller};
use super::tls::Peer;
use crate::authority::contract::{
    ACKNOWLEDGED_HEADER, Acknowledged, Checkpoint, ChipKeys, ChipSignature, KeysRequest, Lease,
    LeaseRequest, NumberState, PROBLEM_TYPE, ProblemReport, QueueEntry, Report, SEQUENCE_HEADER,
    SignRequest, StationState,
};
use crate::job::{JobId, strict};
use crate::product::CardNumber;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path, State};
use axum::http::{HeaderValue, StatusCode, header, request::Parts};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// No request is longer.
const BODY_MAX: usize = 64 * 1024;

#[derive(OpenApi)]
#[openapi(info(
    title = "Card authority",
    description = "Grants approved jobs to stations. TLS 1.3 with client certificates; every \
                   request of a station carries X-Journal-Sequence; refusals are problem+json."
))]
struct Document;

/// The service over this authority.
pub fn router(authority: Arc<Authority>) -> Router {
    let (router, document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(station))
        .routes(routes!(queue))
        .routes(routes!(lease))
        .routes(routes!(photo))
        .routes(routes!(sign))
        .routes(routes!(keys))
        .routes(routes!(report))
        .routes(routes!(number))
        .routes(routes!(checkpoint))
        .split_for_parts();
    // Built from our own annotations, so it always serialises.
    let document = document.to_pretty_json().unwrap_or_default();
    router
        .route(
            "/openapi.json",
            axum::routing::get(move || async move {
                ([(header::CONTENT_TYPE, "application/json")], document)
            }),
        )
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(authority)
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let report = self.report();
        if let Fault::Broken(error) = &self {
            tracing::error!(
                error = error as &dyn std::error::Error,
                "the authority failed"
            );
        }
        let status =
            StatusCode::from_u16(report.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(report)).into_response();
        let kind = HeaderValue::from_static(PROBLEM_TYPE);
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Caller, Fault> {
        let peer = parts.extensions.get::<Peer>().ok_or(Fault::NotEnrolled)?;
        let sequence = number_in(parts, SEQUENCE_HEADER, "X-Journal-Sequence")?;
        let acknowledged = number_in(parts, ACKNOWLEDGED_HEADER, "X-Journal-Acknowledged")?;
        Ok(Caller {
            station: peer.station.clone(),
            fingerprint: peer.fingerprint,
            sequence,
            acknowledged,
            now: Timestamp::now(),
        })
    }
}

/// A number in a header; none when the header is not there.
fn number_in(parts: &Parts, header: &str, name: &'static str) -> Result<Option<u64>, Fault> {
    let Some(value) = parts.headers.get(header) else {
        return Ok(None);
    };
    let number = value.to_str().ok().and_then(|text| text.parse().ok());
    number.map(Some).ok_or(Fault::Form(name))
}

type Service = State<Arc<Authority>>;

/// Runs an operation where it may block: the database and the preparing do.
async fn run<T: Send + 'static>(
    State(authority): Service,
    operation: impl FnOnce(&Authority) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(move || operation(&authority))
        .await
        .unwrap_or(Err(Fault::Unprepared))
}

fn body<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Fault> {
    Ok(strict::read(bytes, BODY_MAX)?)
}

fn job_of(text: &str) -> Result<JobId, Fault> {
    JobId::parse(text).map_err(|_| Fault::Form("job"))
}

/// What the authority remembers of the calling station.
#[utoipa::path(get, path = "/v1/station", responses((status = 200, body = StationState)))]
async fn station(service: Service, caller: Caller) -> Result<Json<StationState>, Fault> {
    run(service, move |authority| authority.station(&caller))
        .await
        .map(Json)
}

/// The jobs that wait at the station's office.
#[utoipa::path(get, path = "/v1/queue", responses((status = 200, body = Vec<QueueEntry>)))]
async fn queue(service: Service, caller: Caller) -> Result<Json<Vec<QueueEntry>>, Fault> {
    run(service, move |authority| authority.queue(&caller))
        .await
        .map(Json)
}

/// Leases a job: idempotent by key.
#[utoipa::path(post, path = "/v1/lease", request_body = LeaseRequest, responses(
    (status = 200, body = Lease), (status = 409, body = ProblemReport)))]
async fn lease(service: Service, caller: Caller, bytes: Bytes) -> Result<Json<Lease>, Fault> {
    let request: LeaseRequest = body(&bytes)?;
    run(service, move |authority| authority.lease(&caller, &request))
        .await
        .map(Json)
}

/// The photo of a leased job, as it was approved.
#[utoipa::path(get, path = "/v1/jobs/{job}/attempts/{attempt}/photo",
    params(("job" = String, Path), ("attempt" = u32, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
async fn photo(
    service: Service,
    caller: Caller,
    Path((job, attempt)): Path<(String, u32)>,
) -> Result<Response, Fault> {
    let job = job_of(&job)?;
    let photo = run(service, move |authority| {
        authority.photo(&caller, &job, attempt)
    })
    .await?;
    let kind = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((kind, photo).into_response())
}

/// Signs the chip's data, if the authority prepares the same from the job.
#[utoipa::path(post, path = "/v1/jobs/{job}/attempts/{attempt}/sign",
    params(("job" = String, Path), ("attempt" = u32, Path)), request_body = SignRequest,
    responses((status = 200, body = ChipSignature), (status = 409, body = ProblemReport)))]
async fn sign(
    service: Service,
    caller: Caller,
    Path((job, attempt)): Path<(String, u32)>,
    bytes: Bytes,
) -> Result<Json<ChipSignature>, Fault> {
    let (job, request) = (job_of(&job)?, body(&bytes)?);
    run(service, move |authority| {
        authority.sign(&caller, &job, attempt, &request)
    })
    .await
    .map(Json)
}

/// Releases the keys of one registered blank: the fence.
#[utoipa::path(post, path = "/v1/jobs/{job}/attempts/{attempt}/keys",
    params(("job" = String, Path), ("attempt" = u32, Path)), request_body = KeysRequest,
    responses((status = 200, body = ChipKeys), (status = 409, body = ProblemReport)))]
async fn keys(
    service: Service,
    caller: Caller,
    Path((job, attempt)): Path<(String, u32)>,
    bytes: Bytes,
) -> Result<Response, Fault> {
    let (job, request): (JobId, KeysRequest) = (job_of(&job)?, body(&bytes)?);
    let keys: ChipKeys = run(service, move |authority| {
        authority.keys(&caller, &job, attempt, request.serial)
    })
    .await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(keys)).into_response())
}

/// Takes a report: idempotent by id.
#[utoipa::path(post, path = "/v1/reports", request_body = Report, responses(
    (status = 200, body = Acknowledged), (status = 409, body = ProblemReport)))]
async fn report(
    service: Service,
    caller: Caller,
    bytes: Bytes,
) -> Result<Json<Acknowledged>, Fault> {
    let report: Report = body(&bytes)?;
    run(service, move |authority| authority.report(&caller, &report))
        .await
        .map(Json)
}

/// What is known of a card number.
#[utoipa::path(get, path = "/v1/numbers/{number}", params(("number" = String, Path)),
    responses((status = 200, body = NumberState)))]
async fn number(
    service: Service,
    caller: Caller,
    Path(number): Path<String>,
) -> Result<Json<NumberState>, Fault> {
    let number = CardNumber::parse(&number).map_err(|_| Fault::Form("number"))?;
    run(service, move |authority| authority.number(&caller, &number))
        .await
        .map(Json)
}

/// Keeps the journal's head: never an older one.
#[utoipa::path(put, path = "/v1/checkpoint", request_body = Checkpoint, responses(
    (status = 204), (status = 409, body = ProblemReport)))]
async fn checkpoint(service: Service, caller: Caller, bytes: Bytes) -> Result<StatusCode, Fault> {
    let point: Checkpoint = body(&bytes)?;
    run(service, move |authority| {
        authority.checkpoint(&caller, &point)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
