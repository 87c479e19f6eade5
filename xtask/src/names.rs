//! Shortens the names by which the site's WebAssembly and its JavaScript know each other.
//!
//! What wasm-bindgen calls `__wbg_addTrack_1cef520939f279e4` stands in both files, and the digits don't compress. Nobody
//! reads them there, so they become `a`, `b`, `c`, …, which makes the first load some seven kilobytes smaller.

use std::{collections::HashMap, ops::Range};

use anyhow::{Context, Result, bail, ensure};

/// The sections of a WebAssembly file that hold names (WebAssembly Core Specification, section 5.5).
const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;

/// The one kind of import that wasm-bindgen makes.
const FUNCTION: u8 = 0;

/// What the module is called that the WebAssembly imports from.
const MODULE: &str = "a";

/// The two files with short names.
///
/// # Errors
/// They are not what wasm-bindgen makes.
pub(crate) fn shorten(wasm: &[u8], js: &str) -> Result<(Vec<u8>, String)> {
    let mut short = Short::default();
    let wasm = short.wasm(wasm).context("The WebAssembly is not as expected")?;
    let js = short
        .js(js)
        .context("wasm-bindgen's JavaScript is not as expected")?;
    Ok((wasm, js))
}

/// The short name for each long one.
#[derive(Default)]
struct Short {
    modules: Vec<String>,
    imports: HashMap<String, String>,
    exports: HashMap<String, String>,
}

impl Short {
    fn wasm(&mut self, wasm: &[u8]) -> Result<Vec<u8>> {
        let mut reader = Reader { bytes: wasm, at: 0 };
        let mut shortened = reader.take(8)?.to_vec();
        while reader.at < wasm.len() {
            let id = reader.byte()?;
            let content = reader.length_and_bytes()?;
            let replaced = match id {
                IMPORTS => self.import_section(content)?,
                EXPORTS => self.export_section(content)?,
                _ => content.to_vec(),
            };
            shortened.push(id);
            put_bytes(&mut shortened, &replaced);
        }
        Ok(shortened)
    }

    fn import_section(&mut self, content: &[u8]) -> Result<Vec<u8>> {
        let mut reader = Reader {
            bytes: content,
            at: 0,
        };
        let mut section = Vec::new();
        let count = reader.number()?;
        put_number(&mut section, count);
        for index in 0..count {
            let (module, name) = (reader.name()?, reader.name()?);
            ensure!(
                reader.byte()? == FUNCTION,
                "It imports {name}, which is no function"
            );
            if !self.modules.contains(&module) {
                self.modules.push(module);
            }
            put_bytes(&mut section, MODULE.as_bytes());
            put_bytes(&mut section, nth_name(index).as_bytes());
            section.push(FUNCTION);
            put_number(&mut section, reader.number()?);
            self.imports.insert(name, nth_name(index));
        }
        Ok(section)
    }

    fn export_section(&mut self, content: &[u8]) -> Result<Vec<u8>> {
        let mut reader = Reader {
            bytes: content,
            at: 0,
        };
        let mut section = Vec::new();
        let count = reader.number()?;
        put_number(&mut section, count);
        for index in 0..count {
            let name = reader.name()?;
            // `memory` and the like are words that JavaScript may use for other things.
            let is_generated = name.starts_with("__") || name.starts_with("wasm_bindgen__");
            if is_generated {
                put_bytes(&mut section, nth_name(index).as_bytes());
                self.exports.insert(name, nth_name(index));
            } else {
                put_bytes(&mut section, name.as_bytes());
            }
            section.push(reader.byte()?);
            put_number(&mut section, reader.number()?);
        }
        Ok(section)
    }

    fn js(&self, js: &str) -> Result<String> {
        let [module] = self.modules.as_slice() else {
            bail!("The WebAssembly imports from {} modules", self.modules.len());
        };
        let quoted = format!("\"{module}\"");
        ensure!(js.matches(&quoted).count() == 1, "It must say {quoted} once");
        let js = js.replace(&quoted, &format!("\"{MODULE}\""));

        let mut shortened = String::with_capacity(js.len());
        let (mut copied, mut imported) = (0, 0);
        for word in words(&js) {
            // An import is the key of a function, and an export is a property. (An export's name may be that of a
            // function of the JavaScript as well, which is another matter.)
            let (before, after) = (&js[..word.start], &js[word.end..]);
            let name = &js[word.clone()];
            let short = if after.starts_with(':') {
                let import = self.imports.get(name);
                imported += usize::from(import.is_some());
                import
            } else if before.ends_with('.') {
                self.exports.get(name)
            } else {
                None
            };
            if let Some(short) = short {
                shortened += &js[copied..word.start];
                shortened += short;
                copied = word.end;
            }
        }
        ensure!(
            imported == self.imports.len(),
            "It has {imported} of the {} functions that the WebAssembly imports",
            self.imports.len()
        );
        Ok(shortened + &js[copied..])
    }
}

/// Where the identifiers of a text are.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes[at..].iter().position(|byte| is_part(*byte))?;
        let length = bytes[start..].iter().position(|byte| !is_part(*byte));
        at = length.map_or(bytes.len(), |length| start + length);
        Some(start..at)
    })
}

/// `a`, `b`, …, `z`, `aa`, `ab`, …
fn nth_name(mut index: u32) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'a' + u8::try_from(index % 26).unwrap_or(0)));
        match (index / 26).checked_sub(1) {
            Some(rest) => index = rest,
            None => return letters.into_iter().rev().collect(),
        }
    }
}

/// Reads the binary format (WebAssembly Core Specification, section 5).
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let end = self.at.checked_add(count).context("A length is too large")?;
        let taken = self.bytes.get(self.at..end).context("It ends too early")?;
        self.at = end;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    /// An unsigned LEB128 of 32 bits.
    fn number(&mut self) -> Result<u32> {
        let mut number = 0;
        for shift in (0..32).step_by(7) {
            let byte = self.byte()?;
            number |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        bail!("A number is too long")
    }

    fn length_and_bytes(&mut self) -> Result<&'a [u8]> {
        let length = self.number()?;
        self.take(usize::try_from(length)?)
    }

    fn name(&mut self) -> Result<String> {
        let bytes = self.length_and_bytes()?;
        Ok(str::from_utf8(bytes).context("A name is not UTF-8")?.to_owned())
    }
}

fn put_number(into: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        into.push(u8::try_from(number & 0x7f).unwrap_or(0) | 0x80);
        number >>= 7;
    }
    into.push(u8::try_from(number).unwrap_or(0));
}

fn put_bytes(into: &mut Vec<u8>, bytes: &[u8]) {
    put_number(into, u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    into.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module that imports and exports functions with these names, and has a section that means nothing.
    fn module(imports: &[(&str, &str)], exports: &[&str]) -> Vec<u8> {
        let mut import_section = Vec::new();
        put_number(&mut import_section, imports.len() as u32);
        for (module, name) in imports {
            put_bytes(&mut import_section, module.as_bytes());
            put_bytes(&mut import_section, name.as_bytes());
            import_section.extend([FUNCTION, 5]);
        }
        let mut export_section = Vec::new();
        put_number(&mut export_section, exports.len() as u32);
        for name in exports {
            put_bytes(&mut export_section, name.as_bytes());
            export_section.extend([FUNCTION, 7]);
        }
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        for (id, section) in [
            (IMPORTS, import_section),
            (EXPORTS, export_section),
            (10, vec![1; 300]),
        ] {
            module.push(id);
            put_bytes(&mut module, &section);
        }
        module
    }

    const JS: &str = r#"
        const imports = {"./app_bg.js": {__wbg_play_01: function(arg0) { arg0.play(); }, __wbg_stop_02: stop}};
        function wasm_bindgen__invoke(arg0) { wasm.wasm_bindgen__invoke(arg0, wasm.memory, wasm.__wbindgen_free); }
    "#;

    fn app() -> Vec<u8> {
        module(
            &[("./app_bg.js", "__wbg_play_01"), ("./app_bg.js", "__wbg_stop_02")],
            &["memory", "wasm_bindgen__invoke", "__wbindgen_free"],
        )
    }

    #[test]
    fn both_files_get_the_same_short_names() {
        let (wasm, js) = shorten(&app(), JS).unwrap();
        assert_eq!(wasm, module(&[("a", "a"), ("a", "b")], &["memory", "b", "c"]));
        assert_eq!(
            js,
            r#"
        const imports = {"a": {a: function(arg0) { arg0.play(); }, b: stop}};
        function wasm_bindgen__invoke(arg0) { wasm.b(arg0, wasm.memory, wasm.c); }
    "#
        );
    }

    #[test]
    fn javascript_that_lacks_an_import_is_refused() {
        let error = format!(
            "{:#}",
            shorten(&app(), &JS.replace("stop_02", "halt")).unwrap_err()
        );
        assert!(error.contains("1 of the 2 functions"), "{error}");
        let error = format!(
            "{:#}",
            shorten(&app(), &JS.replace("app_bg", "other")).unwrap_err()
        );
        assert!(error.contains("\"./app_bg.js\""), "{error}");
    }

    #[test]
    fn webassembly_that_is_cut_off_is_refused() {
        for length in [0, 7, 12, 50] {
            assert!(shorten(&app()[..length], JS).is_err());
        }
    }

    #[test]
    fn every_index_has_a_name_of_its_own() {
        assert_eq!(
            [0, 1, 25, 26, 27, 701, 702].map(nth_name),
            ["a", "b", "z", "aa", "ab", "zz", "aaa"]
        );
    }

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for number in [0, 1, 127, 128, 300, 16_384, u32::MAX] {
            let mut bytes = Vec::new();
            put_number(&mut bytes, number);
            assert_eq!(Reader { bytes: &bytes, at: 0 }.number().unwrap(), number);
        }
    }
}
