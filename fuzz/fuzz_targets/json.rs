//! JSON, read field by field.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use visavis_fuzz::is_bounded;
use visavis_protocol::json::{JsonError, Object, to_text};

/// Asks for every kind of field, as no message does.
fn read(object: &Object) -> Result<String, JsonError> {
    object.has_only(&["text", "number", "truth", "list", "object", "objects"])?;
    let mut said: String = object.get::<Option<_>>("text")?.unwrap_or_default();
    said += &to_text(&object.get::<Option<u64>>("number")?);
    said += &to_text(&object.get::<Option<i32>>("number")?);
    said += &to_text(&object.get::<Option<bool>>("truth")?);
    said += &object
        .get::<Option<Vec<String>>>("list")?
        .unwrap_or_default()
        .concat();
    said += &object.object("object", read)?.unwrap_or_default();
    said += &object.objects("objects", read)?.unwrap_or_default().concat();
    Ok(said)
}

fuzz_target!(|text: &str| {
    match Object::parse(text).and_then(|object| read(&object)) {
        Ok(said) => is_bounded(&said, text),
        Err(error) => is_bounded(&error.to_string(), text),
    }
    // Any text survives as a text.
    let written = format!("{{\"text\":{}}}", to_text(&text));
    is_bounded(&written, text);
    let again = Object::parse(&written).and_then(|object| object.get::<String>("text"));
    assert_eq!(again.as_deref(), Ok(text));
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    visavis_fuzz::mutate::json(data, size, max_size, seed)
});
