//! The network log: connections that the server can see.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::support::*;

#[tokio::test]
async fn outbound_connections_are_logged() {
    let server = Server::start(&[]);
    let (sandbox, other) = (server.create().await, server.create().await);
    let path = format!("/sandboxes/{}/network", sandbox.id);
    assert_eq!(
        server.json(&path).await,
        json!({ "data": [], "next_cursor": null, "has_more": false })
    );
    let listeners: Vec<_> = (0..3)
        .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
        .collect();
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
    let _outer = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(900)).await;
    assert_eq!(
        server
            .json(&format!("/sandboxes/{}/network", sandbox.id))
            .await["data"],
        json!([])
    );
}
