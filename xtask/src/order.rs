//! Puts functions into an order in which they compress better.
//!
//! Brotli writes a repetition as a distance and a length, and a short distance in fewer bits. Functions that look alike,
//! such as one generic function for several types, are far apart in what comes from the linker and wasm-opt, and in what
//! comes from wasm-bindgen. Side by side, they make the first load more than one and a half kilobytes smaller.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{CodeSectionReader, FunctionBody, FunctionSectionReader, Parser, Payload, TypeRef};

use crate::compress;

/// So many bytes in a row are a sign of likeness, and none if they stand in more functions than that. Which is best differs
/// from build to build.
const SIGNS: [(usize, usize); 5] = [(5, 80), (6, 40), (6, 80), (6, 100), (6, 120)];

/// What begins the list of functions for the WebAssembly in wasm-bindgen's JavaScript, what ends it, and what stands between
/// the name of a function and its parameters.
pub(crate) const IMPORTS: &str = " = {\n        __proto__: null,\n";
const IMPORTS_END: &str = "\n    };\n";
const FUNCTION: &str = ": function(";

/// Added to the length of a function before its likeness to others is judged by it. Otherwise the shortest would
/// be most like everything.
const ADDED_LENGTH: f64 = 30.0;

/// The same module, with functions that look alike side by side. Of several such orders it is the one that compresses
/// best.
///
/// # Errors
/// It is no WebAssembly.
pub(crate) fn by_likeness(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut imported = 0;
    let mut bodies = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.context("The WebAssembly is not as expected")? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
            _ => {}
        }
    }
    let mut best = None;
    for (piece, most_functions) in SIGNS {
        let order = chain(&likenesses(&bodies, piece, most_functions), bodies.len());
        let module = reorder(wasm, imported, order)?;
        let length = compress::brotli(&module)?.len();
        if best.as_ref().is_none_or(|(least, _)| length < *least) {
            best = Some((length, module));
        }
    }
    best.map(|(_, module)| module)
        .context("There is no order to choose from")
}

/// wasm-bindgen's JavaScript, with the functions for the WebAssembly sorted by what they do, and written in the short form
/// of methods.
///
/// # Errors
/// It is not what wasm-bindgen makes.
pub(crate) fn imports_by_likeness(js: &str) -> Result<String> {
    let (before, rest) = js
        .split_once(IMPORTS)
        .context("wasm-bindgen's JavaScript has no functions for the WebAssembly")?;
    let (functions, after) = rest
        .split_once(IMPORTS_END)
        .context("wasm-bindgen's functions for the WebAssembly have no end")?;
    // For each its name, and its code without that.
    let mut sorted: Vec<(&str, String)> = Vec::new();
    for line in functions.lines() {
        let begins = line
            .split_once(FUNCTION)
            .filter(|(name, _)| is_indented_by(name, 8));
        match (begins, sorted.last_mut()) {
            (Some((name, first_line)), _) => sorted.push((name, format!("({first_line}\n"))),
            (None, Some((_, code))) => *code += &format!("{line}\n"),
            (None, None) => bail!("wasm-bindgen makes something else than functions: {line}"),
        }
    }
    sorted.sort_unstable_by(|(_, one), (_, other)| one.cmp(other));
    let mut result = before.to_owned() + IMPORTS;
    for (name, code) in sorted {
        result += name;
        result += &code;
    }
    Ok(result + IMPORTS_END.trim_start_matches('\n') + after)
}

/// Whether a line begins with so many blanks and no more.
fn is_indented_by(line: &str, blanks: usize) -> bool {
    line.len() - line.trim_start_matches(' ').len() == blanks
}

/// The same module, with its own functions in this order.
fn reorder(wasm: &[u8], imported: u32, order: Vec<usize>) -> Result<Vec<u8>> {
    let mut places = vec![0; order.len()];
    for (place, function) in (imported..).zip(&order) {
        places[*function] = place;
    }
    let mut reordered = Reordered {
        imported,
        order,
        places,
    };
    let mut module = Module::new();
    reordered
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .context("The functions can't be put into another order")?;
    Ok(module.finish())
}

/// How much any two functions look alike, the most alike first.
fn likenesses(bodies: &[&[u8]], piece: usize, most_functions: usize) -> Vec<(usize, usize)> {
    let mut pieces: Vec<(&[u8], usize)> = Vec::new();
    for (function, body) in bodies.iter().enumerate() {
        pieces.extend(body.windows(piece).map(|piece| (piece, function)));
    }
    pieces.sort_unstable();
    pieces.dedup();
    let mut shared: HashMap<(usize, usize), f64> = HashMap::new();
    for same in pieces.chunk_by(|(one, _), (other, _)| one == other) {
        if same.len() > most_functions {
            continue;
        }
        for (index, (_, one)) in same.iter().enumerate() {
            for (_, other) in &same[index + 1..] {
                // What few have says more than what many have.
                *shared.entry((*one, *other)).or_default() += 1.0 / (same.len() - 1) as f64;
            }
        }
    }
    let mut alike: Vec<_> = shared
        .into_iter()
        .map(|((one, other), pieces)| {
            let shorter = bodies[one].len().min(bodies[other].len()) as f64;
            (pieces / (shorter + ADDED_LENGTH).sqrt(), one, other)
        })
        .collect();
    // The same site is built from the same source: nothing may depend on the order in a hash map.
    alike.sort_unstable_by(|one, other| {
        other
            .0
            .total_cmp(&one.0)
            .then((one.1, one.2).cmp(&(other.1, other.2)))
    });
    alike.into_iter().map(|(_, one, other)| (one, other)).collect()
}

/// Joins pairs into chains, the first pairs first, and the chains into one.
fn chain(pairs: &[(usize, usize)], count: usize) -> Vec<usize> {
    let mut neighbours: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut chains: Vec<usize> = (0..count).collect();
    for &(one, other) in pairs {
        let ends = neighbours[one].len() < 2 && neighbours[other].len() < 2;
        let (first, second) = (root(&mut chains, one), root(&mut chains, other));
        if ends && first != second {
            chains[first] = second;
            neighbours[one].push(other);
            neighbours[other].push(one);
        }
    }
    let mut order = Vec::with_capacity(count);
    let mut placed = vec![false; count];
    for end in (0..count).filter(|function| neighbours[*function].len() < 2) {
        let mut next = Some(end);
        while let Some(function) = next.filter(|function| !placed[*function]) {
            placed[function] = true;
            order.push(function);
            next = neighbours[function]
                .iter()
                .copied()
                .find(|neighbour| !placed[*neighbour]);
        }
    }
    order
}

/// Which chain a function belongs to.
fn root(chains: &mut [usize], mut function: usize) -> usize {
    while chains[function] != function {
        chains[function] = chains[chains[function]];
        function = chains[function];
    }
    function
}

/// Writes a module anew, with its functions in another order.
struct Reordered {
    /// How many functions it imports: those come first, and stay.
    imported: u32,
    /// The functions of its own, as they come from now on.
    order: Vec<usize>,
    /// The new index of each.
    places: Vec<u32>,
}

impl Reordered {
    fn sorted<T, E>(&self, items: impl Iterator<Item = Result<T, E>>) -> Result<Vec<T>, E> {
        let mut items: Vec<Option<T>> = items.map(|item| item.map(Some)).collect::<Result<_, _>>()?;
        Ok(self
            .order
            .iter()
            .filter_map(|function| items.get_mut(*function)?.take())
            .collect())
    }
}

impl Reencode for Reordered {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Self::Error>> {
        let own = function
            .checked_sub(self.imported)
            .and_then(|own| self.places.get(usize::try_from(own).ok()?));
        Ok(own.copied().unwrap_or(function))
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        for kind in self.sorted(section.into_iter())? {
            functions.function(self.type_index(kind)?);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        let bodies: Vec<FunctionBody<'_>> = self.sorted(section.into_iter())?;
        for body in bodies {
            utils::parse_function_body(self, code, body)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        EntityType, ExportKind, ExportSection, Function, ImportSection, Instruction, TypeSection, ValType,
    };

    use super::*;

    /// An import, and functions that return what such a list says: a number, or what another function returns.
    fn module(functions: &[&[Instruction<'_>]]) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], [ValType::I32]);
        let mut imports = ImportSection::new();
        imports.import("a", "a", EntityType::Function(0));
        let mut kinds = FunctionSection::new();
        let mut exports = ExportSection::new();
        let mut code = CodeSection::new();
        for (index, (instructions, name)) in functions.iter().zip(["one", "two", "three", "four"]).enumerate()
        {
            kinds.function(0);
            exports.export(name, ExportKind::Func, 1 + u32::try_from(index).unwrap());
            let mut function = Function::new([]);
            for instruction in *instructions {
                function.instruction(instruction);
            }
            function.instruction(&Instruction::End);
            code.function(&function);
        }
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&kinds);
        module.section(&exports).section(&code);
        module.finish()
    }

    /// The code of each function in its order, and which of them each export is, the import not counted.
    fn inside(wasm: &[u8]) -> (Vec<Vec<u8>>, Vec<(String, usize)>) {
        let (mut bodies, mut exports) = (Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.unwrap() {
                Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes().to_vec()),
                Payload::ExportSection(section) => exports.extend(section.into_iter().map(|export| {
                    let export = export.unwrap();
                    (export.name.to_owned(), export.index as usize - 1)
                })),
                _ => {}
            }
        }
        (bodies, exports)
    }

    #[test]
    fn what_looks_alike_stands_together_and_keeps_its_name() {
        let long = |first, rest| {
            let mut instructions = vec![Instruction::I32Const(first)];
            for number in 0..20 {
                instructions.push(Instruction::I32Const(rest + number));
                instructions.push(Instruction::I32Add);
            }
            instructions
        };
        let functions = [long(1, 100), long(2, 7000), long(3, 100), long(4, 7000)];
        let functions: Vec<_> = functions.iter().map(Vec::as_slice).collect();
        let before = module(&functions);
        let after = by_likeness(&before).unwrap();
        let ((bodies, exports), (new_bodies, new_exports)) = (inside(&before), inside(&after));
        assert_ne!(bodies, new_bodies, "the order is another one");
        for ((name, index), (new_name, new_index)) in exports.iter().zip(&new_exports) {
            assert_eq!((name, &bodies[*index]), (new_name, &new_bodies[*new_index]));
        }
        let place = |index: usize| new_exports[index].1;
        assert_eq!(place(0).abs_diff(place(2)), 1);
        assert_eq!(place(1).abs_diff(place(3)), 1);
        assert_eq!(by_likeness(&before).unwrap(), after, "the same every time");
    }

    #[test]
    fn calls_follow_the_functions() {
        let order = vec![2, 0, 1];
        let call = |index| [Instruction::Call(index)];
        let number = [Instruction::I32Const(7)];
        // The second calls the third, the third the import.
        let before = module(&[&number, &call(3), &call(0)]);
        let after = reorder(&before, 1, order).unwrap();
        // Now the third comes first, so the second, which is the last now, calls the first.
        let (bodies, exports) = inside(&after);
        let (expected, _) = inside(&module(&[&call(0), &number, &call(1)]));
        assert_eq!(bodies, expected);
        assert_eq!(
            exports,
            [
                ("one".to_owned(), 1),
                ("two".to_owned(), 2),
                ("three".to_owned(), 0)
            ]
        );
    }

    #[test]
    fn each_function_is_there_once() {
        let mut order = chain(&[(0, 3), (3, 5), (5, 0), (1, 3), (2, 4)], 7);
        assert!(
            order
                .windows(3)
                .any(|three| three == [0, 3, 5] || three == [5, 3, 0])
        );
        order.sort_unstable();
        assert_eq!(order, [0, 1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn functions_that_do_the_same_stand_together() {
        let js = "\
function get_imports() {
    const import0 = {
        __proto__: null,
        a: function(arg0) {
            const sizes = {
                a: function() { return 1; },
            };
            return arg0.width;
        },
        b: function() { return handleError(function (arg0) {
            arg0.close();
        }, arguments); },
        c: function(arg0) {
            return arg0.height;
        },
    };
    return import0;
}
";
        let expected = "\
function get_imports() {
    const import0 = {
        __proto__: null,
        b() { return handleError(function (arg0) {
            arg0.close();
        }, arguments); },
        a(arg0) {
            const sizes = {
                a: function() { return 1; },
            };
            return arg0.width;
        },
        c(arg0) {
            return arg0.height;
        },
    };
    return import0;
}
";
        assert_eq!(imports_by_likeness(js).unwrap(), expected);
        assert!(imports_by_likeness("").is_err());
        assert!(imports_by_likeness(&js.replace("        a: function(arg0) {\n", "")).is_err());
    }

    #[test]
    fn what_is_no_module_is_an_error() {
        assert!(by_likeness(b"no module").is_err());
    }
}
