//! Plain requests to servers. An error is the exception's name.

use js_sys::Promise;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestCache, RequestInit, Response};

use super::{exception, page};

/// Asks for an address.
///
/// # Errors
/// There is no answer.
pub async fn get(address: &str, cache: RequestCache) -> Result<Response, String> {
    let init = RequestInit::new();
    init.set_cache(cache);
    answer(page::window().fetch_with_str_and_init(address, &init)).await
}

/// The answer to a request that was made already.
///
/// # Errors
/// There is none.
pub async fn answer(request: Promise) -> Result<Response, String> {
    let answer = JsFuture::from(request).await;
    answer
        .map(JsCast::unchecked_into)
        .map_err(|thrown| exception::name_of(&thrown))
}

/// The text of an answer.
///
/// # Errors
/// It breaks off.
pub async fn text(answer: &Response) -> Result<String, String> {
    let text = match answer.text() {
        Ok(promise) => JsFuture::from(promise).await,
        Err(thrown) => Err(thrown),
    };
    // It is one.
    text.map(|text| text.as_string().unwrap_or_default())
        .map_err(|thrown| exception::name_of(&thrown))
}
