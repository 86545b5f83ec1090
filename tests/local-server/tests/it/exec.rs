//! `/exec`: results, environment, timeouts, children left behind.

use std::os::unix::process::CommandExt;
use std::time::Duration;

use nix::sys::signal::{SigHandler, Signal, signal};
use reqwest::Method;
use serde_json::json;
use tokio::time::Instant;

use crate::support::*;

#[tokio::test]
async fn a_result_has_output_and_exit_code() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let result = sandbox
        .exec(json!({ "command": "echo out; echo err >&2; exit 3" }))
        .await;
    assert_eq!(
        result,
        json!({ "stdout": "out\n", "stderr": "err\n", "exit_code": 3 })
    );
    let killed = sandbox.exec(json!({ "command": "kill -TERM $$" })).await;
    assert_eq!(killed["exit_code"], 143);
    let missing = sandbox.exec(json!({ "command": "no-such-program" })).await;
    assert_eq!(missing["exit_code"], 127);
    let bytes = sandbox
        .exec(json!({ "command": r"printf 'a\377\303\251'" }))
        .await;
    assert_eq!(bytes["stdout"], "a\u{fffd}é");
    let input = sandbox.exec(json!({ "command": "cat; echo end" })).await;
    assert_eq!(input["stdout"], "end\n");
    assert_eq!(
        sandbox.sh("ls /proc/self/fd | wc -l").await.trim(),
        "4",
        "descriptors leak"
    );
}

#[tokio::test]
async fn with_args_no_shell_sees_the_command() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let args = json!(["%s-", "a b", "$X", "", "é'\""]);
    let body = json!({ "command": "printf", "args": args, "working_dir": "/tmp" });
    let expected = "a b-$X--é'\"-";
    assert_eq!(
        sandbox.exec(body.clone()).await,
        json!({ "stdout": expected, "stderr": "", "exit_code": 0 })
    );
    let streamed = events(sandbox.stream(body).await).await;
    assert_eq!(joined(&streamed, "stdout"), expected);
    let alone = sandbox.exec(json!({ "command": "pwd", "args": [] })).await;
    assert_eq!(alone["stdout"], "/home/user\n");
    // A program's name is no command line.
    let line = sandbox
        .exec_response(json!({ "command": "echo a", "args": [] }))
        .await;
    assert_plain(line, 400, "cannot start echo a").await;
    for bad in [
        json!("x"),
        json!([1]),
        json!(["a\u{0}"]),
        json!(["a".repeat(131_072)]),
    ] {
        let response = sandbox
            .exec_response(json!({ "command": "echo", "args": bad }))
            .await;
        assert_eq!(response.status(), 400);
    }
}

#[tokio::test]
async fn text_is_utf_8_unless_told_otherwise() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let count = "y=日本; echo $LANG ${#y}";
    let result = sandbox
        .exec(json!({ "command": "bash", "args": ["-c", count] }))
        .await;
    assert_eq!(result["stdout"], "C.UTF-8 2\n");
    let env = json!({ "LANG": "C" });
    let other = sandbox
        .exec(json!({ "command": "bash", "args": ["-c", count], "env": env }))
        .await;
    assert_eq!(other["stdout"], "C 6\n");
}

#[tokio::test]
async fn the_hosts_programs_run() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    assert_eq!(sandbox.sh("python3 -c 'print(6*7)'").await, "42\n");
    assert_eq!(sandbox.sh("node -e 'console.log(6*7)'").await, "42\n");
    assert_eq!(sandbox.sh("yes | head -n1").await, "y\n");
}

#[tokio::test]
async fn directory_and_environment() {
    let server = Server::start(&[]);
    let sandbox = server
        .create_with(json!({ "env_vars": { "A": "sandbox", "B": "sandbox" } }))
        .await;
    assert_eq!(
        sandbox.sh("pwd; echo $HOME; touch here && ls").await,
        "/home/user\n/home/user\nhere\n"
    );
    let body = json!({ "command": "echo $A $B \"$C\"; pwd", "env": { "B": "own", "C": "é\n'" }, "working_dir": "/tmp" });
    assert_eq!(
        sandbox.exec(body).await["stdout"],
        "sandbox own é\n'\n/tmp\n"
    );
    let nowhere = sandbox
        .exec_response(json!({ "command": "pwd", "working_dir": "/no/such" }))
        .await;
    assert_plain(nowhere, 400, "working directory does not exist: /no/such").await;
}

#[tokio::test]
async fn bad_requests_are_refused_in_plain_text() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    for bad in [
        json!({}),
        json!({ "command": "" }),
        json!({ "command": 1 }),
        json!({ "command": "a\u{0}b" }),
        json!({ "command": "x".repeat(1 << 17) }),
        json!({ "command": "true", "timeout_s": 0 }),
        json!({ "command": "true", "timeout_s": -1 }),
        json!({ "command": "true", "env": { "A=": "x" } }),
    ] {
        for path in ["/exec", "/exec/stream"] {
            let response = sandbox
                .data(Method::POST, path)
                .json(&bad)
                .send()
                .await
                .unwrap();
            assert_plain(response, 400, "").await;
        }
    }
    let longest = format!("echo {}", "x".repeat((1 << 17) - 6));
    assert_eq!(sandbox.sh(&longest).await.len(), (1 << 17) - 5);
    let wrong_method = sandbox.data(Method::GET, "/exec").send().await.unwrap();
    assert_plain(wrong_method, 405, "").await;
}

#[tokio::test]
async fn a_timeout_kills_the_whole_process_group() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let start = Instant::now();
    let command = "echo before; (sleep 5; touch /tmp/survived) & sleep 900.5";
    let result = sandbox
        .exec(json!({ "command": command, "timeout_s": 1 }))
        .await;
    assert!(start.elapsed() < Duration::from_secs(3));
    assert_eq!(result["exit_code"], 124);
    assert_eq!(result["stdout"], "before\n");
    assert_eq!(
        result["stderr"],
        "command timed out after 1 s and was killed\n"
    );
    let sleeping = async || sandbox.sh("pgrep -c sleep || true").await.trim() != "0";
    eventually("the whole group is gone", async || !sleeping().await).await;
    assert_eq!(processes_with("sleep\x00900.5"), 0);
}

#[tokio::test]
async fn a_background_child_with_the_pipe_open_holds_nothing_up() {
    let server = Server::start(&["--max-output-bytes", "100000"]);
    let sandbox = server.create().await;
    let start = Instant::now();
    let result = sandbox
        .exec(json!({ "command": "(sleep 0.6; echo late; touch /tmp/lived) & echo now" }))
        .await;
    assert!(
        start.elapsed() < Duration::from_millis(600),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(result["stdout"], "now\n");
    // Writing to the pipe that nobody waits for any more did not kill it.
    eventually("the child lived", async || {
        sandbox.read("/tmp/lived").await.status() == 200
    })
    .await;
    let noisy = sandbox.exec(json!({ "command": "yes & echo $! > /tmp/pid" }));
    let result = tokio::time::timeout(Duration::from_secs(5), noisy)
        .await
        .unwrap();
    assert_eq!(result["exit_code"], 0);
    sandbox.sh("kill $(cat /tmp/pid)").await;
}

#[tokio::test]
async fn long_output_comes_whole_and_is_cut_at_the_limit() {
    let server = Server::start(&["--max-output-bytes", "3000000"]);
    let sandbox = server.create().await;
    let whole = sandbox.exec(json!({ "command": "head -c 2999999 /dev/zero | tr '\\0' a; head -c 2000000 /dev/zero | tr '\\0' b >&2" })).await;
    assert_eq!(whole["stdout"].as_str().unwrap().len(), 2_999_999);
    assert_eq!(whole["stderr"].as_str().unwrap().len(), 2_000_000);
    assert!(whole.get("truncated").is_none());
    let cut = sandbox
        .exec(json!({ "command": "head -c 3000001 /dev/zero | tr '\\0' a" }))
        .await;
    assert_eq!(cut["stdout"].as_str().unwrap().len(), 3_000_000);
    assert_eq!(cut["truncated"], true);
    assert_eq!(cut["exit_code"], 0);
}

#[tokio::test]
async fn deleting_the_sandbox_ends_its_commands() {
    let server = Server::start(&[]);
    let sandbox = server.create().await;
    let running = sandbox.exec(json!({ "command": "echo begun; sleep 77.25" }));
    let delete = async {
        eventually("running", async || processes_with("sleep\x0077.25") == 1).await;
        assert_eq!(sandbox.delete().await.status(), 204);
    };
    let (result, ()) = tokio::join!(running, delete);
    assert_eq!(result["exit_code"], 137);
    assert_eq!(result["stdout"], "begun\n");
    assert_eq!(processes_with("sleep\x0077.25"), 0);
}

#[tokio::test]
async fn no_signal_is_ignored_whatever_the_server_ignores() {
    let ignore = |command: &mut std::process::Command| {
        // SAFETY: only system calls are made between fork and exec.
        unsafe {
            command.pre_exec(|| {
                signal(Signal::SIGHUP, SigHandler::SigIgn)?;
                signal(Signal::SIGUSR1, SigHandler::SigIgn)?;
                Ok(())
            })
        };
    };
    let server = Server::start_with(BINARY.as_ref(), &[], ignore);
    let sandbox = server.create().await;
    let mask = sandbox
        .sh("sed -n 's/SigIgn:\\t//p' /proc/self/status")
        .await;
    let ignored = u64::from_str_radix(mask.trim(), 16).unwrap();
    // Beyond those with a name are the C library's own.
    assert_eq!(ignored & 0x7fff_ffff, 0, "{mask}");
}
