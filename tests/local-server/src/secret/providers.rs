//! Well-known services: how a credential is attached, where it may go, what it looks like.

use serde::Serialize;
use serde_json::{Value, json};

/// One entry of the catalogue.
#[derive(Debug, Clone, Serialize)]
pub struct Provider {
    pub name: &'static str,
    pub display: &'static str,
    pub auth_type: &'static str,
    pub auth_config: Value,
    pub hosts: Vec<&'static str>,
    /// A sample; stand-in values begin as it does.
    pub token_shape: &'static str,
}

/// The whole catalogue, in its order.
pub fn all() -> Vec<Provider> {
    let api_key = |header: &str| json!({ "header": header });
    let provider =
        |name, display, auth_type, auth_config, hosts: &[&'static str], token_shape| Provider {
            name,
            display,
            auth_type,
            auth_config,
            hosts: hosts.to_vec(),
            token_shape,
        };
    let bearer = || json!({});
    vec![
        provider(
            "anthropic",
            "Anthropic",
            "api-key",
            api_key("x-api-key"),
            &["api.anthropic.com"],
            "sk-ant-api03-...",
        ),
        provider(
            "openai",
            "OpenAI",
            "bearer",
            bearer(),
            &["api.openai.com"],
            "sk-proj-...",
        ),
        provider(
            "gemini",
            "Google Gemini",
            "api-key",
            api_key("x-goog-api-key"),
            &["generativelanguage.googleapis.com"],
            "AIza...",
        ),
        provider(
            "mistral",
            "Mistral",
            "bearer",
            bearer(),
            &["api.mistral.ai"],
            "...",
        ),
        provider(
            "groq",
            "Groq",
            "bearer",
            bearer(),
            &["api.groq.com"],
            "gsk_...",
        ),
        provider(
            "openrouter",
            "OpenRouter",
            "bearer",
            bearer(),
            &["openrouter.ai"],
            "sk-or-v1-...",
        ),
        provider(
            "github",
            "GitHub",
            "bearer",
            bearer(),
            &["api.github.com", "github.com"],
            "ghp_...",
        ),
    ]
}

/// An entry by name.
pub fn find(name: &str) -> Option<Provider> {
    all().into_iter().find(|provider| provider.name == name)
}
