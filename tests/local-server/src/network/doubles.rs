//! What stands on a sandbox's loopback for something on this machine's: its resolver, ports that
//! were asked for.

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

use super::log::Verdict;
use super::own::{Place, Policy, listen};
use super::plan::{Double, MTU, Transport};
use super::relay::relay;

const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// Serves one until it is aborted.
pub fn serve(double: Double, end: OwnedFd, policy: Arc<Policy>) -> io::Result<AbortHandle> {
    let address = double.address;
    let task = match double.transport {
        Transport::Tcp => tokio::spawn(streams(listen(end)?, address, policy)),
        Transport::Udp => {
            let socket = std::net::UdpSocket::from(end);
            socket.set_nonblocking(true)?;
            let socket = Arc::new(UdpSocket::from_std(socket)?);
            tokio::spawn(questions(socket, address, policy))
        }
    };
    Ok(task.abort_handle())
}

async fn streams(listener: TcpListener, address: SocketAddr, policy: Arc<Policy>) {
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            Ok((inside, _)) = listener.accept() => {
                if let Some(place) = policy.place() {
                    tasks.spawn(stream(inside, address, policy.clone(), place));
                }
            }
            Some(_) = tasks.join_next() => {}
        }
    }
}

async fn stream(inside: TcpStream, address: SocketAddr, policy: Arc<Policy>, _place: Place) {
    // Taken before it is known whether it may be: a reset says that it may not.
    let refuse = |inside: TcpStream| inside.set_zero_linger().ok();
    let Some(mut connection) = policy.admit(address) else {
        refuse(inside);
        return;
    };
    match TcpStream::connect(address).await {
        Ok(outside) => {
            let traffic = policy.log.open(connection);
            relay(inside, outside, &traffic).await;
        }
        Err(_) => {
            connection.verdict = Verdict::Failed;
            policy.log.open(connection);
            refuse(inside);
        }
    }
}

/// Datagrams to a resolver, each with one answer.
async fn questions(inside: Arc<UdpSocket>, address: SocketAddr, policy: Arc<Policy>) {
    let mut tasks = JoinSet::new();
    let mut buffer = vec![0; usize::from(MTU)];
    loop {
        tokio::select! {
            Ok((length, from)) = inside.recv_from(&mut buffer) => {
                let Some(place) = policy.place() else { continue };
                let question = buffer.get(..length).unwrap_or_default().to_vec();
                let (inside, policy) = (inside.clone(), policy.clone());
                tasks.spawn(async move {
                    let _held = place;
                    let answer = timeout(ANSWER_LIMIT, ask(address, &question));
                    if let Ok(Ok(answer)) = answer.await {
                        policy.learn(&answer);
                        inside.send_to(&answer, from).await.ok();
                    }
                });
            }
            Some(_) = tasks.join_next() => {}
        }
    }
}

async fn ask(resolver: SocketAddr, question: &[u8]) -> io::Result<Vec<u8>> {
    let own = if resolver.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    };
    let socket = UdpSocket::bind(own).await?;
    socket.connect(resolver).await?;
    socket.send(question).await?;
    let mut answer = vec![0; usize::from(MTU)];
    let length = socket.recv(&mut answer).await?;
    answer.truncate(length);
    Ok(answer)
}
