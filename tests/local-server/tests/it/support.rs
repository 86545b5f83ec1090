//! A server per test, and short words for what tests do with it.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

pub const BINARY: &str = env!("CARGO_BIN_EXE_superserve-local");

/// A running server; terminated when dropped.
pub struct Server {
    pub base_url: String,
    pub api_key: String,
    pub data_dir: PathBuf,
    pub client: Client,
    child: Child,
}

impl Server {
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_with(BINARY.as_ref(), arguments, |_| {})
    }

    pub fn start_with(
        binary: &Path,
        arguments: &[&str],
        prepare: impl FnOnce(&mut Command),
    ) -> Self {
        let own = std::env::temp_dir().join(format!("local-server-test-{}", unique()));
        let given = arguments
            .iter()
            .skip_while(|argument| **argument != "--data-dir")
            .nth(1);
        let data_dir = given.map_or(own, PathBuf::from);
        let mut command = Command::new(binary);
        command
            .args(["--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped());
        if given.is_none() {
            command.arg("--data-dir").arg(&data_dir);
        }
        prepare(&mut command);
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ready: Value = serde_json::from_str(&line).expect("the first line is JSON");
        Self {
            base_url: ready["base_url"].as_str().unwrap().to_owned(),
            api_key: ready["api_key"].as_str().unwrap().to_owned(),
            data_dir,
            client: Client::builder().no_proxy().build().unwrap(),
            child,
        }
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.base_url.rsplit(':').next().unwrap().parse().unwrap()
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        self.base_url.strip_prefix("http://").unwrap()
    }

    /// The most memory that it has had at once.
    pub fn peak_mib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let mut lines = status.lines();
        let line = lines.find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let kib: u64 = line.split_whitespace().next().unwrap().parse().unwrap();
        kib / 1024
    }

    /// Sends a signal and waits for the end.
    pub fn stop(&mut self, signal: Signal) -> ExitStatus {
        kill(self.pid(), signal).unwrap();
        self.child.wait().unwrap()
    }

    pub fn control(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.base_url);
        self.client
            .request(method, url)
            .header("X-API-Key", &self.api_key)
    }

    pub async fn get(&self, path: &str) -> Response {
        self.control(Method::GET, path).send().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: Value) -> Response {
        self.control(Method::POST, path)
            .json(&body)
            .send()
            .await
            .unwrap()
    }

    /// A sandbox made with these fields beside its name.
    pub async fn create_with(&self, mut fields: Value) -> Sandbox<'_> {
        if fields.get("name").is_none() {
            fields["name"] = json!("test");
        }
        let response = self.post("/sandboxes", fields).await;
        let status = response.status();
        let body: Value = response.json().await.unwrap();
        assert_eq!(status, 201, "{body}");
        Sandbox {
            server: self,
            id: text(&body["id"]),
            token: text(&body["access_token"]),
            body,
        }
    }

    pub async fn create(&self) -> Sandbox<'_> {
        self.create_with(json!({})).await
    }
}

/// What tests do with templates.
impl Server {
    pub async fn create_template(&self, name: &str, spec: Value) -> Value {
        let response = self
            .post("/templates", json!({ "name": name, "build_spec": spec }))
            .await;
        let status = response.status();
        let body: Value = response.json().await.unwrap();
        assert_eq!(status, 202, "{body}");
        body
    }

    pub async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    /// The build in its terminal state.
    pub async fn built(&self, template: &Value) -> Value {
        let path = build_path(template);
        let terminal = |build: &Value| {
            ["ready", "failed", "cancelled"].contains(&build["status"].as_str().unwrap())
        };
        eventually("the build ends", async || terminal(&self.json(&path).await)).await;
        self.json(&path).await
    }

    /// A template that is ready.
    pub async fn template(&self, name: &str, spec: Value) -> Value {
        let template = self.create_template(name, spec).await;
        let build = self.built(&template).await;
        assert_eq!(build["status"], "ready", "{build}");
        template
    }

    /// All events of a build's log.
    pub async fn logs(&self, template: &Value) -> Vec<Value> {
        let response = self.get(&format!("{}/logs", build_path(template))).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        events(response).await
    }
}

/// Where the build lies that a template's creation started.
pub fn build_path(template: &Value) -> String {
    format!(
        "/templates/{}/builds/{}",
        text(&template["id"]),
        text(&template["build_id"])
    )
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.try_wait().unwrap().is_none() {
            kill(self.pid(), Signal::SIGTERM).ok();
            let deadline = Instant::now() + Duration::from_secs(10);
            while self.child.try_wait().unwrap().is_none() {
                if Instant::now() > deadline {
                    self.child.kill().ok();
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        std::fs::remove_dir_all(&self.data_dir).ok();
    }
}

/// A sandbox and the token that was current when it was made.
pub struct Sandbox<'a> {
    pub server: &'a Server,
    pub id: String,
    pub token: String,
    /// The answer to its creation.
    pub body: Value,
}

impl Sandbox<'_> {
    pub fn data(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.server.base_url);
        self.server
            .client
            .request(method, url)
            .header("X-Access-Token", &self.token)
    }

    pub async fn exec_response(&self, body: Value) -> Response {
        self.data(Method::POST, "/exec")
            .json(&body)
            .send()
            .await
            .unwrap()
    }

    pub async fn exec(&self, body: Value) -> Value {
        let response = self.exec_response(body).await;
        let status = response.status();
        let text = response.text().await.unwrap();
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    /// The standard output of a command that must succeed.
    pub async fn sh(&self, command: &str) -> String {
        let result = self.exec(json!({ "command": command })).await;
        assert_eq!(result["exit_code"], 0, "{command}: {result}");
        text(&result["stdout"])
    }

    pub async fn stream(&self, body: Value) -> Response {
        let response = self
            .data(Method::POST, "/exec/stream")
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        response
    }

    pub async fn write(&self, path: &str, body: impl Into<reqwest::Body>) -> Response {
        let request = self.data(Method::POST, "/files").query(&[("path", path)]);
        request.body(body).send().await.unwrap()
    }

    pub async fn read(&self, path: &str) -> Response {
        self.data(Method::GET, "/files")
            .query(&[("path", path)])
            .send()
            .await
            .unwrap()
    }

    pub async fn step(&self, action: &str) -> Response {
        self.server
            .post(&format!("/sandboxes/{}/{action}", self.id), json!({}))
            .await
    }

    pub async fn info(&self) -> Value {
        self.server
            .get(&format!("/sandboxes/{}", self.id))
            .await
            .json()
            .await
            .unwrap()
    }

    pub async fn update(&self, body: Value) -> Response {
        let path = format!("/sandboxes/{}", self.id);
        self.server
            .control(Method::PATCH, &path)
            .json(&body)
            .send()
            .await
            .unwrap()
    }

    pub async fn delete(&self) -> Response {
        let path = format!("/sandboxes/{}", self.id);
        self.server
            .control(Method::DELETE, &path)
            .send()
            .await
            .unwrap()
    }
}

/// The events of a stream that has come to its end.
pub async fn events(response: Response) -> Vec<Value> {
    let text = response.text().await.unwrap();
    assert!(text.ends_with("\n\n"));
    let parse = |event: &str| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap();
    text.split_terminator("\n\n").map(parse).collect()
}

/// One stream's text of all events together.
pub fn joined(events: &[Value], stream: &str) -> String {
    events
        .iter()
        .filter_map(|event| event[stream].as_str())
        .collect()
}

/// Asserts an error of the control plane, with its envelope.
pub async fn assert_error(response: Response, status: u16, code: &str) -> String {
    assert_eq!(response.status(), status);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["code"], code, "{body}");
    let message = text(&body["error"]["message"]);
    assert!(!message.is_empty());
    message
}

/// Asserts an error of the data plane, in plain text.
pub async fn assert_plain(response: Response, status: u16, words: &str) {
    assert_eq!(response.status(), status);
    assert!(
        response.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/plain")
    );
    let body = response.text().await.unwrap();
    assert!(body.contains(words), "{body:?} lacks {words:?}");
}

/// Asserts an error of file work.
pub async fn assert_file_error(response: Response, status: u16, words: &str) {
    assert_eq!(response.status(), status);
    let body: Value = response.json().await.unwrap();
    let message = text(&body["error"]);
    assert!(message.contains(words), "{message:?} lacks {words:?}");
}

pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no string"))
        .to_owned()
}

pub fn unique() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// Waits until something holds; fails after ten seconds.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds().await {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// How many host processes have the marker in their command line.
pub fn processes_with(marker: &str) -> usize {
    pids_with(marker).len()
}

/// Host processes whose command line holds the marker.
pub fn pids_with(marker: &str) -> Vec<Pid> {
    let holds = |pid: &i32| {
        std::fs::read(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|line| String::from_utf8_lossy(&line).contains(marker))
    };
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(holds).map(Pid::from_raw).collect()
}

/// Lets the program see other files in the place of this machine's; needs root.
pub fn with_files(command: &mut Command, files: &[(PathBuf, &'static str)]) {
    use nix::mount::{MsFlags, mount};
    use nix::sched::{CloneFlags, unshare};
    let files = files.to_vec();
    let mount = |from: Option<&Path>, to: &str, flags| {
        Ok::<_, std::io::Error>(mount(from, to, None::<&str>, flags, None::<&str>)?)
    };
    // SAFETY: only system calls are made between fork and exec.
    unsafe {
        command.pre_exec(move || {
            unshare(CloneFlags::CLONE_NEWNS)?;
            mount(None, "/", MsFlags::MS_REC | MsFlags::MS_PRIVATE)?;
            files
                .iter()
                .try_for_each(|(from, to)| mount(Some(from), to, MsFlags::MS_BIND))
        });
    }
}

/// A file with this content, for as long as the test.
pub struct TemporaryFile(pub PathBuf);

impl TemporaryFile {
    pub fn new(content: &str) -> Self {
        let path = std::env::temp_dir().join(format!("local-server-file-{}", unique()));
        std::fs::write(&path, content).unwrap();
        Self(path)
    }

    pub fn text(&self) -> String {
        std::fs::read_to_string(&self.0).unwrap()
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).ok();
    }
}

/// Runs the binary as a user without rights, from a place where that user may read it.
pub fn as_nobody(command: &mut Command) {
    if nix::unistd::geteuid().is_root() {
        command.uid(65534).gid(65534);
    }
}

/// A copy of the binary in a directory that every user may write.
pub struct PublicCopy(pub PathBuf);

impl PublicCopy {
    pub fn new() -> Self {
        use std::os::unix::fs::PermissionsExt;
        let directory = std::env::temp_dir().join(format!("local-server-copy-{}", unique()));
        std::fs::create_dir(&directory).unwrap();
        std::fs::set_permissions(&directory, PermissionsExt::from_mode(0o777)).unwrap();
        // By a process of its own: what a test beside this one forks meanwhile would have the file
        // open for writing, and nobody can run it as long as that is so.
        let copied = Command::new("cp").arg(BINARY).arg(&directory).status();
        assert!(copied.unwrap().success());
        Self(directory)
    }

    pub fn binary(&self) -> PathBuf {
        self.0.join("superserve-local")
    }
}

impl Drop for PublicCopy {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}
