//! TLS 1.3 with client certificates only; puts the certificate's station into each request.

use super::home::{Error, Home};
use super::secrets::file;
use crate::job::{Digest, StationId};
use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_layer::Layer as _;

/// Who is at the other end: what its verified certificate says.
#[derive(Clone, Debug)]
pub struct Peer {
    pub(super) station: StationId,
    pub(super) fingerprint: Digest,
}

/// The TLS side of the service, from the authority's folder.
///
/// # Errors
/// [`Error::Tls`] when keys and certificates do not go together.
pub fn config(home: &Home) -> Result<RustlsConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(home.read(file::STATION_CA)?.to_vec()))
        .map_err(Error::Tls)?;
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(|_| Error::Key(file::STATION_CA))?;
    let key = PrivatePkcs8KeyDer::from(home.read(file::SERVER_KEY)?.to_vec());
    let chain = vec![CertificateDer::from(home.read(file::SERVER)?.to_vec())];
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(Error::Tls)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, PrivateKeyDer::Pkcs8(key))
        .map_err(Error::Tls)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}

/// Accepts TLS connections and names the station behind each.
#[derive(Clone, Debug)]
pub struct StationAcceptor(RustlsAcceptor);

impl StationAcceptor {
    /// Accepts with that configuration.
    pub fn new(config: RustlsConfig) -> StationAcceptor {
        StationAcceptor(RustlsAcceptor::new(config))
    }
}

type Accepting<S, I> = Pin<Box<dyn Future<Output = io::Result<(S, I)>> + Send>>;

impl<I, S> Accept<I, S> for StationAcceptor
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Send + 'static,
{
    type Stream = <RustlsAcceptor as Accept<I, S>>::Stream;
    type Service = AddExtension<<RustlsAcceptor as Accept<I, S>>::Service, Peer>;
    type Future = Accepting<Self::Stream, Self::Service>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let accepting = self.0.accept(stream, service);
        Box::pin(async move {
            let (stream, service) = accepting.await?;
            let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
            let peer = certificates
                .first()
                .and_then(|der| peer(der))
                .ok_or_else(|| {
                    io::Error::new(
                        io::ErrorKind::PermissionDenied,
                        "the certificate names no station",
                    )
                })?;
            Ok((stream, Extension(peer).layer(service)))
        })
    }
}

/// The station that a verified certificate names.
fn peer(der: &[u8]) -> Option<Peer> {
    let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
    let name = certificate
        .subject()
        .iter_common_name()
        .next()?
        .as_str()
        .ok()?;
    let station = StationId::parse(name).ok()?;
    Some(Peer {
        station,
        fingerprint: Digest::of(der),
    })
}
