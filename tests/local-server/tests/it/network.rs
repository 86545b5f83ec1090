//! What goes out of a sandbox, and the log of it.

use std::io::{Read, Write};
use std::net::{IpAddr, TcpListener, UdpSocket};
use std::path::PathBuf;
use std::process::Stdio;
use std::thread;

use serde_json::{Value, json};

use crate::support::*;

#[tokio::test]
async fn outbound_connections_are_logged() {
    let listeners: Vec<_> = (0..3)
        .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
        .collect();
    let ports = listeners.iter().map(|it| it.local_addr().unwrap().port());
    let ports: Vec<_> = ports.map(|port| format!("--host-port={port}")).collect();
    let server = Server::start(&ports.iter().map(String::as_str).collect::<Vec<_>>());
    let (sandbox, other) = (server.create().await, server.create().await);
    let path = format!("/sandboxes/{}/network", sandbox.id);
    assert_eq!(
        server.json(&path).await,
        json!({ "data": [], "next_cursor": null, "has_more": false })
    );
    for (index, listener) in listeners.iter().enumerate() {
        let port = listener.local_addr().unwrap().port();
        let hold = format!(
            "python3 -c \"import socket,time; s=socket.create_connection(('127.0.0.1',{port})); time.sleep(60)\" >/dev/null 2>&1 &"
        );
        sandbox.exec(json!({ "command": hold })).await;
        eventually("logged", async || {
            server.json(&path).await["data"].as_array().unwrap().len() == index + 1
        })
        .await;
    }
    let all = server.json(&path).await;
    let data = all["data"].as_array().unwrap();
    for (event, listener) in data.iter().zip(listeners.iter().rev()) {
        assert_eq!(
            (&event["kind"], &event["verdict"], &event["dst_ip"]),
            (&json!("connection"), &json!("allowed"), &json!("127.0.0.1"))
        );
        assert_eq!(event["dst_port"], listener.local_addr().unwrap().port());
        assert!(event["id"].is_u64());
        text(&event["ts"]).parse::<jiff::Timestamp>().unwrap();
    }
    // Page by page.
    let mut query = "?limit=2".to_owned();
    let mut pages: Vec<Value> = Vec::new();
    loop {
        let page = server.json(&format!("{path}{query}")).await;
        pages.extend(page["data"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(cursor) => query = format!("?limit=2&before={cursor}"),
            None => break,
        }
    }
    assert_eq!(pages, *data);
    let since = server
        .json(&format!("{path}?since={}", text(&data[1]["ts"])))
        .await;
    assert_eq!(since["data"].as_array().unwrap().len(), 2);
    assert_eq!(
        server.json(&format!("{path}?verdict=blocked")).await["data"],
        json!([])
    );
    assert_eq!(
        server
            .json(&format!("/sandboxes/{}/network", other.id))
            .await["data"],
        json!([])
    );
    for bad in [
        "?limit=0",
        "?limit=1001",
        "?limit=x",
        "?before=yesterday",
        "?verdict=x",
    ] {
        assert_error(
            server.get(&format!("{path}{bad}")).await,
            400,
            "bad_request",
        )
        .await;
    }
}

#[tokio::test]
async fn what_comes_in_or_stays_inside_is_not() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let script = "
import socket, time
listener = socket.create_server(('127.0.0.1', 0))
print(listener.getsockname()[1], flush=True)
inner = socket.create_connection(listener.getsockname())
first, second = listener.accept(), listener.accept()
time.sleep(60)";
    sandbox.write("/tmp/s.py", script).await;
    let port = sandbox.sh("python3 /tmp/s.py > /tmp/port 2>&1 & until test -s /tmp/port; do sleep 0.05; done; cat /tmp/port").await;
    let port: u16 = port.trim().parse().unwrap();
    let mut outer = std::net::TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    write!(
        outer,
        "GET / HTTP/1.1\r\nHost: {port}-{}.localhost\r\n\r\n",
        sandbox.id
    )
    .unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(900)).await;
    assert_eq!(
        server
            .json(&format!("/sandboxes/{}/network", sandbox.id))
            .await["data"],
        json!([])
    );
}

/// This machine's address on a network that is not its loopback.
fn outside() -> IpAddr {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    // No packet is sent: the kernel only chooses the way.
    socket.connect("192.0.2.254:9").expect("a network");
    socket.local_addr().unwrap().ip()
}

/// Answers each connection with what it says, as a stream ends.
fn echo(address: IpAddr) -> u16 {
    let listener = TcpListener::bind((address, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || {
                let mut said = Vec::new();
                stream.read_to_end(&mut said).unwrap();
                stream.write_all(&said).unwrap();
            });
        }
    });
    port
}

/// What comes back of that many bytes, or the error.
async fn say(sandbox: &Sandbox<'_>, host: &str, port: u16, length: usize) -> String {
    let script = format!(
        "
import socket
try:
    s = socket.create_connection(('{host}', {port}), 10)
    s.sendall(b'x' * {length}); s.shutdown(socket.SHUT_WR)
    print(sum(len(part) for part in iter(lambda: s.recv(65536), b'')), end='')
except OSError as error: print(type(error).__name__, end='')"
    );
    sandbox.write("/tmp/say.py", script).await;
    sandbox.sh("python3 /tmp/say.py").await
}

async fn log(sandbox: &Sandbox<'_>) -> Vec<Value> {
    let path = format!("/sandboxes/{}/network", sandbox.id);
    let log = sandbox.server.json(&path).await;
    log["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn rules_are_kept_and_bytes_are_counted() {
    let (address, server) = (outside(), Server::start(&[]));
    let (port, ip) = (echo(address), address.to_string());
    let denied = json!({ "deny_out": ["0.0.0.0/0"] });
    let sandbox = server.create_with(json!({ "network": denied })).await;
    assert_eq!(say(&sandbox, &ip, port, 1).await, "ConnectionRefusedError");
    let rules = json!({ "allow_out": [format!("{ip}/32")], "deny_out": ["0.0.0.0/0"] });
    assert_eq!(
        sandbox.update(json!({ "network": rules })).await.status(),
        204
    );
    assert_eq!(say(&sandbox, &ip, port, 3_000_000).await, "3000000");
    let unused = TcpListener::bind((address, 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    assert_eq!(
        say(&sandbox, &ip, unused, 1).await,
        "ConnectionRefusedError"
    );
    let events: Vec<_> = log(&sandbox)
        .await
        .into_iter()
        .map(|mut event| {
            event
                .as_object_mut()
                .unwrap()
                .retain(|key, _| !["ts", "id", "host"].contains(&key.as_str()));
            event
        })
        .collect();
    let event = |port: u16, verdict: &str, rule: &str, bytes: u32| {
        json!({
            "kind": "connection", "dst_ip": ip, "dst_port": port, "verdict": verdict,
            "match_rule": rule, "bytes_sent": bytes, "bytes_recv": bytes
        })
    };
    let rule = format!("{ip}/32");
    assert_eq!(
        events,
        [
            event(unused, "failed", &rule, 0),
            event(port, "allowed", &rule, 3_000_000),
            event(port, "blocked", "0.0.0.0/0", 0),
        ]
    );
    // Not even without rules: here clouds keep the credentials of their machines.
    let free = server.create().await;
    assert_eq!(
        say(&free, "169.254.169.254", 80, 1).await,
        "ConnectionRefusedError"
    );
}

/// A resolver to whom every name has one address.
fn resolver(address: &str, answer: IpAddr) {
    let socket = UdpSocket::bind((address, 53)).unwrap();
    let IpAddr::V4(answer) = answer else {
        panic!("{answer}")
    };
    thread::spawn(move || {
        let mut question = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut question) {
            let name = question[12..length]
                .iter()
                .position(|byte| *byte == 0)
                .unwrap()
                + 13;
            // The question and nothing after it, as an answer without an error.
            let mut message = question[..name + 4].to_vec();
            message[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0]);
            if question[name + 1] == 1 {
                message[7] = 1;
                message.extend([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4]);
                message.extend(answer.octets());
            }
            socket.send_to(&message, from).unwrap();
        }
    });
}

#[tokio::test]
async fn names_are_looked_up_at_a_resolver_on_loopback_and_rules_are_kept_by_them() {
    let (address, ip) = (outside(), outside().to_string());
    let port = echo(address);
    resolver("127.53.7.1", address);
    let configuration = TemporaryFile::new("nameserver 127.53.7.1\n");
    let server = Server::start_with(BINARY.as_ref(), &[], |command| {
        with_files(command, &[(configuration.0.clone(), "/etc/resolv.conf")]);
    });
    let rules = json!({ "allow_out": ["good.test", "*.pages.test"], "deny_out": ["0.0.0.0/0"] });
    let sandbox = server.create_with(json!({ "network": rules })).await;
    for (host, outcome) in [
        (ip.as_str(), "ConnectionRefusedError"),
        ("evil.test", "ConnectionRefusedError"),
        ("pages.test", "ConnectionRefusedError"),
        ("a.pages.test", "1"),
    ] {
        assert_eq!(say(&sandbox, host, port, 1).await, outcome, "{host}");
    }
    let last = &log(&sandbox).await[0];
    assert_eq!(
        (&last["host"], &last["match_rule"]),
        (&json!("a.pages.test"), &json!("*.pages.test"))
    );
    // What one sandbox has looked up is no key for another.
    let other = server.create_with(json!({ "network": rules })).await;
    assert_eq!(say(&other, &ip, port, 1).await, "ConnectionRefusedError");
    assert_eq!(say(&other, "good.test", port, 1).await, "1");
}

#[tokio::test]
async fn datagrams_go_out_and_answers_come_back() {
    let address = outside();
    let socket = UdpSocket::bind((address, 0)).unwrap();
    let port = socket.local_addr().unwrap().port();
    thread::spawn(move || {
        let mut said = vec![0; 65_536];
        while let Ok((length, from)) = socket.recv_from(&mut said) {
            socket.send_to(&said[..length], from).unwrap();
        }
    });
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let script = format!(
        "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(10)
for length in (0, 1, 60000):
    s.sendto(b'x' * length, ('{address}', {port})); print(len(s.recvfrom(65536)[0]), end=' ')"
    );
    sandbox.write("/tmp/say.py", script).await;
    assert_eq!(sandbox.sh("python3 /tmp/say.py").await, "0 1 60000 ");
    let event = &log(&sandbox).await[0];
    assert_eq!(
        (&event["verdict"], &event["dst_port"], &event["bytes_recv"]),
        (&json!("allowed"), &json!(port), &json!(60_001))
    );
}

#[tokio::test]
async fn where_there_is_no_device_the_machines_network_is_shared_and_the_server_says_so() {
    let address = outside();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut errors = None;
    let server = Server::start_with(BINARY.as_ref(), &[], |command| {
        with_files(command, &[(PathBuf::from("/dev/null"), "/dev/net/tun")]);
        let (read, write) = std::io::pipe().unwrap();
        command.stderr(Stdio::from(write));
        errors = Some(read);
    });
    let sandbox = server.create().await;
    let hold = format!(
        "python3 -c \"import socket,time; s=socket.create_connection(('127.0.0.1',{port})); time.sleep(60)\" >/dev/null 2>&1 &"
    );
    sandbox.exec(json!({ "command": hold })).await;
    eventually("logged", async || {
        log(&sandbox)
            .await
            .first()
            .is_some_and(|event| event["dst_port"] == port)
    })
    .await;
    assert_eq!(
        say(&sandbox, &address.to_string(), echo(address), 1).await,
        "1"
    );
    drop(server);
    let mut said = String::new();
    errors.unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("no network of their own"), "{said}");
}
