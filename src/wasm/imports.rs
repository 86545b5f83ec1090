//! What JavaScript offers, a module here for each file there.

pub mod arguments {
    use alloc::string::String;

    use wasm_bindgen::prelude::*;

    use super::stream::Sink;

    #[wasm_bindgen(module = "/src/wasm/js/arguments.js")]
    extern "C" {
        /// What a method was called with.
        pub type Arguments;
        /// Checks arguments and options, and the connection too if they name one; answers with what the request carries.
        #[wasm_bindgen(method, catch)]
        pub fn read(this: &Arguments, connects: bool) -> Result<JsValue, JsValue>;
        /// What goes over the wire, as JSON.
        #[wasm_bindgen(method)]
        pub fn body(this: &Arguments) -> JsValue;
        /// What takes a command's output piece by piece, if the caller wants it so.
        #[wasm_bindgen(method)]
        pub fn sink(this: &Arguments) -> Option<Sink>;
        /// Whether that goes over the wire.
        #[wasm_bindgen(method)]
        pub fn has(this: &Arguments, wire_name: &str) -> bool;
        /// That argument or option, or undefined.
        pub fn local(given: &Arguments, name: &str) -> JsValue;
        /// That argument or option as text, empty where there is none.
        #[wasm_bindgen(js_name = localText)]
        pub fn local_text(given: &Arguments, name: &str) -> String;
        // Those of every call have getters of their own, since a name takes time to cross.
        /// What no error may show.
        #[wasm_bindgen(method, getter)]
        pub fn hidden(this: &Arguments) -> String;
        #[wasm_bindgen(method, getter, js_name = timeoutMs)]
        pub fn timeout_ms(this: &Arguments) -> Option<f64>;
        #[wasm_bindgen(method, getter, js_name = maxOutputBytes)]
        pub fn max_output_bytes(this: &Arguments) -> Option<f64>;
        /// The request that runs a script with those words, and by whose name what it starts is found; empty for no name.
        pub fn exec(given: &Arguments, words: &str, call: &str) -> JsValue;
        /// The request that ends all that the call of that name has started.
        pub fn stopping(call: &str) -> JsValue;
        /// That of the connection.
        #[wasm_bindgen(method, getter, js_name = usualTimeoutMs)]
        pub fn usual_timeout_ms(this: &Arguments) -> Option<f64>;
        /// Whether the sandbox that this makes is paused at its end.
        #[wasm_bindgen(method, getter)]
        pub fn rests(this: &Arguments) -> bool;
        /// What is said of the connection; undefined where that is nothing.
        #[wasm_bindgen(method, getter)]
        pub fn link(this: &Arguments) -> JsValue;
        /// Those of what this package does by itself, on the connection of others: a call of that operation.
        pub fn about(given: &Arguments, number: usize) -> Arguments;

        /// What the surface promises for an answer to the operation of that number.
        #[wasm_bindgen(catch)]
        pub fn decode(number: usize, raw: &JsValue) -> Result<JsValue, JsValue>;
        /// The same of what a script told, as JSON.
        #[wasm_bindgen(catch, js_name = decodeTold)]
        pub fn decode_told(number: usize, json: &[u8]) -> Result<JsValue, JsValue>;
        /// A string that an answer has to have.
        #[wasm_bindgen(catch)]
        pub fn member(raw: &JsValue, name: &str) -> Result<String, JsValue>;
        // Names take time to cross.
        #[wasm_bindgen(catch, js_name = idOf)]
        pub fn id_of(raw: &JsValue) -> Result<String, JsValue>;
        #[wasm_bindgen(catch, js_name = tokenOf)]
        pub fn token_of(raw: &JsValue) -> Result<String, JsValue>;
        #[wasm_bindgen(js_name = hintOf)]
        pub fn hint_of(raw: &JsValue) -> String;
        /// A string that an answer may have; empty where it has none.
        #[wasm_bindgen(js_name = textOf)]
        pub fn text(raw: &JsValue, name: &str) -> String;
        /// A member of what may be an object, or undefined.
        #[wasm_bindgen(js_name = memberOf)]
        pub fn member_of(value: &JsValue, name: &str) -> JsValue;
        /// A member of a value of this package's own.
        pub fn property(object: &JsValue, name: &str) -> JsValue;
        /// The same as text, empty where there is none.
        #[wasm_bindgen(js_name = propertyText)]
        pub fn property_text(object: &JsValue, name: &str) -> String;
        /// The first item of a list, or undefined.
        pub fn first(raw: &JsValue) -> JsValue;
        /// The item of a list that has that id, or undefined; what is no list, as it is.
        #[wasm_bindgen(js_name = ofList)]
        pub fn of_list(raw: &JsValue, id: &str) -> JsValue;
    }
}

pub mod body {
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen(module = "/src/wasm/js/body.js")]
    extern "C" {
        /// How many bytes a chunk has; throws where its memory is gone.
        #[wasm_bindgen(catch)]
        pub fn size(chunk: &JsValue) -> Result<usize, JsValue>;
        /// Copies what comes after `start` of a chunk; answers with the number of bytes.
        pub fn copy(chunk: &JsValue, start: usize, into: &mut [u8]) -> usize;
    }
}

pub mod call {
    use alloc::string::String;

    use wasm_bindgen::prelude::*;

    use super::arguments::Arguments;
    use super::web::Promise;

    #[wasm_bindgen(module = "/src/wasm/js/call.js")]
    extern "C" {
        /// Where requests go, and for whom, as JavaScript keeps it.
        #[wasm_bindgen(js_name = Route)]
        #[derive(Clone)]
        pub type JsRoute;
        #[wasm_bindgen(constructor, js_class = Route)]
        pub fn new(
            origin: &str,
            credential: u8,
            secret: &str,
            sandbox_id: &str,
            hint: &str,
        ) -> JsRoute;

        /// What of a call runs in JavaScript.
        #[wasm_bindgen(js_name = Call)]
        #[derive(Clone)]
        pub type JsCall;
        #[wasm_bindgen(constructor, js_class = Call)]
        pub fn new(number: usize, given: &Arguments) -> JsCall;
        /// Whether somebody is told of its requests.
        #[wasm_bindgen(method, getter, js_name = isObserved)]
        pub fn is_observed(this: &JsCall) -> bool;
        /// The path of the next request, as its entry has it.
        #[wasm_bindgen(method)]
        pub fn name(this: &JsCall, template: &str);
        /// The request under way has failed with an error of that class; `ran` says that the service may have acted on it.
        #[wasm_bindgen(method)]
        pub fn lost(this: &JsCall, class: u8, code: &str, ran: bool);
        /// The request that failed is sent again after that time.
        #[wasm_bindgen(method)]
        pub fn repeat(this: &JsCall, delay_ms: f64);
        #[wasm_bindgen(method)]
        pub fn arm(this: &JsCall, ms: f64);
        #[wasm_bindgen(method)]
        pub fn unref(this: &JsCall);
        #[wasm_bindgen(method)]
        pub fn end(this: &JsCall);
        #[wasm_bindgen(method)]
        pub fn keep(this: &JsCall, kept: bool);
        #[wasm_bindgen(method)]
        pub fn passes(this: &JsCall, headers: &JsValue);
        #[wasm_bindgen(method)]
        pub fn carry(this: &JsCall, kind: u8, content: &JsValue);
        #[wasm_bindgen(method, js_name = abortRequest)]
        pub fn abort_request(this: &JsCall);
        #[wasm_bindgen(method, catch)]
        pub fn send(
            this: &JsCall,
            route: &JsRoute,
            method: u8,
            target: &str,
            read: u8,
            most: u16,
            max_bytes: f64,
        ) -> Result<Promise, JsValue>;
        #[wasm_bindgen(method, getter)]
        pub fn outcome(this: &JsCall) -> Promise;
        #[wasm_bindgen(method, js_name = mayBeCut)]
        pub fn may_be_cut(this: &JsCall) -> bool;
        #[wasm_bindgen(method, getter)]
        pub fn size(this: &JsCall) -> f64;
        #[wasm_bindgen(method)]
        pub fn rest(this: &JsCall, route: &JsRoute, target: &str) -> Promise;
        #[wasm_bindgen(method)]
        pub fn chunk(this: &JsCall) -> Promise;
        /// What the next chunk has to wait for, if callbacks have much to take.
        #[wasm_bindgen(method, getter)]
        pub fn held(this: &JsCall) -> JsValue;

        pub fn random() -> f64;
        pub fn now() -> f64;
        /// A number as JavaScript writes it.
        #[wasm_bindgen(js_name = textOf)]
        pub fn number_text(value: f64) -> String;
        /// A promise that has settled.
        pub fn settled() -> Promise;
    }
}

pub mod download {
    use wasm_bindgen::prelude::*;

    use super::call::JsCall;

    #[wasm_bindgen(module = "/src/wasm/js/download.js")]
    extern "C" {
        /// A file that comes piece by piece.
        pub type Download;
        #[wasm_bindgen(constructor)]
        pub fn new(call: &JsCall) -> Download;
        /// An answer came. Answers whether it is one with more of the same file.
        #[wasm_bindgen(method)]
        pub fn opened(this: &Download) -> bool;
        /// Whether the next answer would be known to be of the same file. It has what is left.
        #[wasm_bindgen(method)]
        pub fn resume(this: &Download) -> bool;
        /// Whether nothing is left, at the end of an answer.
        #[wasm_bindgen(method, js_name = isWhole)]
        pub fn is_whole(this: &Download) -> bool;
        /// How many bytes come, as far as is known.
        #[wasm_bindgen(method, getter)]
        pub fn size(this: &Download) -> f64;
        /// A chunk came. Answers with how many bytes have come.
        #[wasm_bindgen(method)]
        pub fn take(this: &Download, chunk: &JsValue) -> f64;
        /// The stream that the caller has.
        #[wasm_bindgen(js_name = streamOf)]
        pub fn stream_of(number: usize) -> JsValue;
    }
}

pub mod errors {
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen(module = "/src/wasm/js/errors.js")]
    extern "C" {
        pub fn make(class: u8, message: &str, status: u16, code: &str, request_id: &str)
        -> JsValue;
        pub fn caused(error: &JsValue, cause: &JsValue);
    }
}

pub mod desktop {
    use wasm_bindgen::prelude::*;

    use super::arguments::Arguments;

    #[wasm_bindgen(module = "/src/wasm/js/desktop.js")]
    extern "C" {
        /// The URL of the page that shows a screen, of that preview, with the token that an answer may have.
        #[wasm_bindgen(js_name = streamPage)]
        pub fn stream_page(url: &str, given: &Arguments, answer: &JsValue) -> JsValue;
    }
}

pub mod failures {
    use alloc::string::String;

    use wasm_bindgen::prelude::*;

    use super::arguments::Arguments;

    #[wasm_bindgen(module = "/src/wasm/js/failures.js")]
    extern "C" {
        #[wasm_bindgen(js_name = isFinal)]
        pub fn is_final(thrown: &JsValue) -> bool;
        #[wasm_bindgen(js_name = isRefused)]
        pub fn is_refused(thrown: &JsValue) -> bool;
        #[wasm_bindgen(js_name = isSyntaxError)]
        pub fn is_syntax_error(thrown: &JsValue) -> bool;
        #[wasm_bindgen(js_name = isSilence)]
        pub fn is_silence(thrown: &JsValue) -> bool;
        #[wasm_bindgen(js_name = wordsOf)]
        pub fn words_of(thrown: &JsValue) -> String;
        #[wasm_bindgen(js_name = msUntil)]
        pub fn ms_until(date: &str) -> f64;
        /// What was thrown, or an error that says the same without the secrets.
        pub fn bare(cause: &JsValue, secrets: &str) -> JsValue;
        pub fn describe(error: &JsValue, given: &Arguments, sandbox_id: &str, secrets: &str);
        pub fn stamp(error: &JsValue, given: &Arguments, sandbox_id: &str, secrets: &str);

        /// An answer that does not bring what was asked for.
        pub type Refused;
        #[wasm_bindgen(method, getter)]
        pub fn status(this: &Refused) -> u16;
        #[wasm_bindgen(method, getter)]
        pub fn text(this: &Refused) -> String;
        #[wasm_bindgen(method, getter, js_name = retryAfter)]
        pub fn retry_after(this: &Refused) -> String;
        #[wasm_bindgen(method, getter, js_name = requestId)]
        pub fn request_id(this: &Refused) -> String;
        #[wasm_bindgen(method)]
        pub fn document(this: &Refused) -> JsValue;
    }
}

pub mod forward {
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen(module = "/src/wasm/js/forward.js")]
    extern "C" {
        /// What the relay knows of a sandbox: origin of its own host, its token and routing hint, whether that is over, and
        /// those before.
        pub fn facts(origin: &str, token: &str, hint: &str, is_over: bool, last: &str) -> JsValue;
        /// Notes when an answer asked to try again.
        pub fn note(error: &JsValue, retry_after_ms: f64);
    }
}

pub mod module {
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen(module = "/src/wasm/js/module.js")]
    extern "C" {
        /// Told once what the module exports.
        pub fn begin(exports: &JsValue);
    }
}

pub mod object {
    use alloc::string::String;

    use wasm_bindgen::prelude::*;

    use super::arguments::Arguments;

    #[wasm_bindgen(module = "/src/wasm/js/object.js")]
    extern "C" {
        #[wasm_bindgen(js_name = create)]
        /// The object keeps the connection of `given` with it, not here: what a callback refers to, the object itself most
        /// often, could never be collected.
        pub fn create_js(
            operation: usize,
            handle: usize,
            fields: &JsValue,
            given: &Arguments,
        ) -> JsValue;
        /// Notes in a template's fields the build that an answer began. Answers with the newest that is known.
        #[wasm_bindgen(js_name = noteBuild)]
        pub fn note_build(fields: &JsValue, build: &str) -> String;
        /// A preview URL with a token in it.
        pub fn signed(url: &str, token: &JsValue) -> JsValue;
        /// The plain object of `resolveConfig`.
        pub fn config(
            api_key: &str,
            base_url: &str,
            sandbox_host: &str,
            sandbox_url: Option<String>,
        ) -> JsValue;
        /// The error for an object that has no handle.
        #[wasm_bindgen(js_name = notOurs)]
        pub fn not_ours() -> JsValue;
    }
}

pub mod relay {
    use wasm_bindgen::prelude::*;

    use super::arguments::Arguments;
    use super::web::Promise;

    #[wasm_bindgen(module = "/src/wasm/js/relay.js")]
    extern "C" {
        /// What checked options say of the ticket and the relay.
        #[wasm_bindgen(catch)]
        pub fn read(given: &Arguments) -> Result<JsValue, JsValue>;
        /// Throws for a file that is larger than the ticket allows.
        #[wasm_bindgen(catch, js_name = permitFile)]
        pub fn permit_file(ticket: &JsValue, content: &JsValue) -> Result<(), JsValue>;
        /// What a ticket says.
        #[wasm_bindgen(catch, js_name = claimsOf)]
        pub fn claims_of(ticket: &JsValue) -> Result<JsValue, JsValue>;
        /// When a routing hint ends, by the clock for durations; infinite where it does not say.
        #[wasm_bindgen(js_name = endOf)]
        pub fn end_of(hint: &str) -> f64;
        /// What the caller's way to the next ticket gives.
        pub fn ask(refresh: &JsValue) -> Promise;
    }
}

pub mod runtime {
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen(module = "/src/wasm/js/runtime.js")]
    extern "C" {
        pub fn begin(version: &str) -> bool;
    }
}

pub mod session {
    use wasm_bindgen::prelude::*;

    use super::arguments::Arguments;
    use super::call::JsCall;
    use super::web::Promise;

    #[wasm_bindgen(module = "/src/wasm/js/session.js")]
    extern "C" {
        #[derive(Clone)]
        pub type Line;
        /// Whether the caller or the runtime has WebSockets.
        #[wasm_bindgen(js_name = hasWebSocket)]
        pub fn has_web_socket(given: &Arguments) -> bool;
        /// Dials. Fails where the runtime does not let anybody.
        #[wasm_bindgen(catch)]
        pub fn dial(
            call: &JsCall,
            url: &str,
            is_terminal: bool,
            kind: &str,
            token: &str,
            hint: &str,
        ) -> Result<Line, JsValue>;
        /// The session that the line is for, which speaks first.
        pub fn begin(line: &Line, given: &Arguments) -> JsValue;
        /// Resolves once the connection is made.
        #[wasm_bindgen(method)]
        pub fn opened(this: &Line) -> Promise;
        /// Gives up a dial.
        #[wasm_bindgen(method, js_name = giveUp)]
        pub fn give_up(this: &Line);
        #[wasm_bindgen(method)]
        pub fn close(this: &Line);
        /// Tells the other side that it is no longer wanted.
        #[wasm_bindgen(method, js_name = hangUp)]
        pub fn hang_up(this: &Line);
        /// What the session comes to.
        #[wasm_bindgen(method, getter)]
        pub fn over(this: &Line) -> Promise;
        /// What `wait` answers.
        #[wasm_bindgen(method, setter)]
        pub fn set_result(this: &Line, result: &Promise);
    }
}

pub mod stream {
    use wasm_bindgen::prelude::*;

    use super::call::JsCall;

    #[wasm_bindgen(module = "/src/wasm/js/stream.js")]
    extern "C" {
        /// Takes the output of a streaming command.
        pub type Sink;
        /// Answers whether the last event came.
        #[wasm_bindgen(method, catch)]
        pub fn take(
            this: &Sink,
            narrow: &[u8],
            wide: &[u16],
            pieces: &[u32],
            kinds: u8,
            call: &JsCall,
        ) -> Result<bool, JsValue>;
        #[wasm_bindgen(method)]
        pub fn result(this: &Sink) -> JsValue;
    }
}

pub mod task {
    use wasm_bindgen::prelude::*;

    use super::web::Promise;

    #[wasm_bindgen(module = "/src/wasm/js/task.js")]
    extern "C" {
        /// The promise of a task, which it polls. Of one that is `shared` a rejection may go unheard.
        pub fn open(id: usize, shared: bool) -> Promise;
        pub fn close(id: usize, failed: bool, value: &JsValue);
        /// Takes no notice of a rejection.
        pub fn ignore(promise: &Promise);
        /// Lets a task go on once a promise has settled.
        #[wasm_bindgen(catch)]
        pub fn follow(promise: &Promise, id: usize) -> Result<(), JsValue>;
        /// Lets a task go on at once, whatever it waits for.
        pub fn interrupt(id: usize);
    }
}

pub mod template {
    use wasm_bindgen::prelude::*;

    use super::call::JsCall;

    #[wasm_bindgen(module = "/src/wasm/js/template.js")]
    extern "C" {
        #[wasm_bindgen(js_name = buildError)]
        pub fn build_error(code: &str, message: &str, build_id: &str, template_id: &str)
        -> JsValue;
        /// Gives an event of a build log to the callback. Answers whether it was the last.
        #[wasm_bindgen(catch)]
        pub fn deliver(
            data: &[u8],
            number: usize,
            on_event: &JsValue,
            call: &JsCall,
        ) -> Result<bool, JsValue>;
    }
}

pub mod web {
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen]
    extern "C" {
        #[derive(Clone)]
        pub type Promise;
    }
}
