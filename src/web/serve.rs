//! Listens, serves, and stops without cutting anybody off.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::operation::install_metrics;
use super::router;
use crate::app::App;

/// Requests in flight get so long to finish when the server stops.
const GRACE: Duration = Duration::from_secs(25);

/// The web server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken or not ours.
    #[error(
        "cannot listen on {address}: {why}. Choose another address with --listen, or stop what uses this one"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        why: std::io::Error,
    },
    /// The server broke down.
    #[error("the web server stopped: {0}")]
    Broken(#[from] std::io::Error),
}

/// Opens the address people will connect to.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|why| ServeError::Listen { address, why })
}

/// Serves until `stop`, then finishes the requests in flight.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    demo: bool,
    stop: CancellationToken,
) -> Result<(), ServeError> {
    install_metrics();
    let service = router(app, demo, stop.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let stopping = stop.clone();
    let server =
        axum::serve(listener, service).with_graceful_shutdown(async move { stopping.cancelled().await });
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = async { server.await } => Ok(ended?),
        () = overdue => {
            tracing::warn!("some requests did not finish in time and were cut off");
            Ok(())
        }
    }
}
