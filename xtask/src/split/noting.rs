//! Has functions note that they have run.

use std::convert::Infallible;

use anyhow::{Context, Result, ensure};
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, Instruction, MemArg, MemArgTarget, MemoryType, Module};
use wasmparser::{FunctionBody, Parser};

use super::whole::Whole;

/// A module whose functions note that they have run.
pub(crate) struct Noting {
    pub(crate) wasm: Vec<u8>,
    /// Where in its memory the notes are, a byte for each function of its own, in their order.
    pub(crate) at: u64,
    /// Their names, in the same order.
    pub(crate) names: Vec<String>,
}

/// Where a note is: just at the address.
pub(super) const NOTE: MemArg = MemArg {
    offset: 0,
    align: 0,
    target: MemArgTarget::Memory(0),
    ordering: None,
};

/// Bytes of a page of memory.
pub(super) const PAGE: u64 = 65_536;

/// A module with names, whose functions note that they have run, in memory of their own.
///
/// # Errors
/// It is not what wasm-bindgen makes, or has no names.
pub(crate) fn noting_what_runs(wasm: &[u8]) -> Result<Noting> {
    let whole = Whole::parse(wasm).context("The WebAssembly is not as expected")?;
    let at = whole.pages * PAGE;
    ensure!(
        u64::try_from(whole.bodies.len())? <= PAGE,
        "There are too many functions for one page of notes"
    );
    let mut module = Module::new();
    WithNotes {
        next: i32::try_from(at)?,
    }
    .parse_core_module(&mut module, Parser::new(0), wasm)
    .context("The functions can't be made to note what they do")?;
    let names = whole
        .own_functions()
        .map(|(function, _)| (*whole.names.get(&function).unwrap_or(&"")).to_owned())
        .collect();
    Ok(Noting {
        wasm: module.finish(),
        at,
        names,
    })
}

/// Writes a module whose functions make notes.
struct WithNotes {
    /// Where the next function makes its note.
    next: i32,
}

impl Reencode for WithNotes {
    type Error = Infallible;

    fn memory_type(&mut self, memory: wasmparser::MemoryType) -> Result<MemoryType, Error<Self::Error>> {
        let mut memory = utils::memory_type(self, memory);
        memory.minimum += 1;
        Ok(memory)
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), Error<Self::Error>> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        function.instruction(&Instruction::I32Const(self.next));
        function.instruction(&Instruction::I32Const(1));
        function.instruction(&Instruction::I32Store8(NOTE));
        self.next += 1;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            function.instruction(&self.parse_instruction(&mut operators)?);
        }
        code.function(&function);
        Ok(())
    }

    fn parse_custom_section(
        &mut self,
        _: &mut Module,
        _: wasmparser::CustomSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        Ok(())
    }
}
