//! Splits the site's WebAssembly in two: what a page needs until somebody does something, and the rest, which follows once
//! the page can be used.
//!
//! A moved function that is still called from the first part leaves a few instructions there, which have the rest loaded if
//! it is not there yet, and call the function through the table of functions. All that one part needs of the other goes
//! through such a table, so that there are no names for it: functions of the first part that the rest calls have slots
//! there from the beginning, and the rest puts its own functions into slots that were left empty for them. Each part
//! has a table of its own with the same functions, since none may be seen by JavaScript: with one that is, Chromium's
//! tools for developers crash when they look for objects. No table changes after that.
//! Which functions stay is said by `first-functions.txt`; see [`FirstFunctions`].

mod list;
mod noting;
mod whole;

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, Result, anyhow, ensure};
use wasm_encoder::reencode::{Error, Reencode, RoundtripReencoder, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, GlobalType, ImportSection, Instruction, MemoryType, Module, RefType,
    StartSection, TableSection, TableType, TypeSection, ValType,
};
use wasmparser::{
    CodeSectionReader, ElementSectionReader, ExportSectionReader, FunctionBody, FunctionSectionReader,
    ImportSectionReader, Operator, Parser, Table, TableInit, TypeSectionReader,
};

pub(crate) use list::FirstFunctions;
pub(crate) use noting::noting_what_runs;
use whole::Whole;

/// By what name the first part imports the function of the JavaScript that loads the rest.
pub(crate) const LOAD: &str = "__load_rest";

/// By what names the first part exports what the rest needs: what is in a slot of its table, a way to put something
/// there, and where the stack ends.
const GET: &str = "__rest_get";
const PUT: &str = "__rest_put";
const STACK: &str = "__rest_stack";

/// From which module, and by what names, the rest imports these and the memory (rest.js).
const FROM_FIRST: [&str; 5] = ["a", "g", "p", "s", "m"];

/// How many functions the rest imports.
const IMPORTED_BY_REST: u32 = 2;

/// The two parts.
pub(crate) struct Parts {
    pub(crate) first: Vec<u8>,
    pub(crate) rest: Vec<u8>,
    /// How many of the functions that should run first are not known by their names: perhaps they have others by now.
    pub(crate) unknown: usize,
}

/// Splits a module that has the names of its functions. Neither part has names or other custom sections any more.
///
/// # Errors
/// It is not what wasm-bindgen makes, or has no names.
pub(crate) fn split(wasm: &[u8], first: &FirstFunctions) -> Result<Parts> {
    let whole = Whole::parse(wasm).context("The WebAssembly can't be split")?;
    let plan = Plan::new(&whole, first)?;
    let mut module = Module::new();
    FirstPart {
        whole: &whole,
        plan: &plan,
    }
    .parse_core_module(&mut module, Parser::new(0), wasm)
    .map_err(|error| anyhow!("{error}"))
    .context("The first part of the WebAssembly can't be written")?;
    let rest = rest(&whole, &plan).context("The rest of the WebAssembly can't be written")?;
    Ok(Parts {
        first: module.finish(),
        rest,
        unknown: first.missing(whole.names.values().copied()),
    })
}

/// Which function goes where.
struct Plan {
    /// The new index in the first part of each function that is there, if only with a call of the moved one.
    first: HashMap<u32, u32>,
    /// The functions of the first part that the rest calls, in the order of their slots.
    called_back: Vec<u32>,
    /// The index in the rest of each that was moved.
    moved: BTreeMap<u32, u32>,
    /// The moved functions that the first part calls, in the order of their slots.
    called: Vec<u32>,
    /// The index in the first part of what has the rest loaded unless it is there.
    ensure: u32,
    /// The slot of each function that is called through the table.
    slot: HashMap<u32, i32>,
    /// How many slots there are.
    slots: u64,
}

impl Plan {
    fn new(whole: &Whole<'_>, first: &FirstFunctions) -> Result<Self> {
        let (mut moved, mut calls) = (BTreeMap::new(), HashMap::new());
        for (function, body) in whole.own_functions() {
            let (called, is_movable) = whole.look_at(body)?;
            calls.insert(function, called);
            let name = whole.names.get(&function).copied().unwrap_or_default();
            if is_movable && !first.has(name) {
                moved.insert(function, IMPORTED_BY_REST + u32::try_from(moved.len())?);
            }
        }
        let (mut called, mut called_back) = (whole.referred_to.clone(), BTreeMap::<u32, usize>::new());
        for (function, callees) in &calls {
            if moved.contains_key(function) {
                for callee in callees.iter().filter(|callee| !moved.contains_key(callee)) {
                    *called_back.entry(*callee).or_default() += 1;
                }
            } else {
                called.extend(callees);
            }
        }
        let called: Vec<u32> = called
            .into_iter()
            .filter(|function| moved.contains_key(function))
            .collect();
        // Whether the rest is there is seen by the first slot of these.
        ensure!(!called.is_empty(), "Nothing of it would be moved");
        // A low number of a slot takes fewer bytes.
        let mut called_back: Vec<(u32, usize)> = called_back.into_iter().collect();
        called_back.sort_by_key(|(_, calls)| std::cmp::Reverse(*calls));
        let called_back: Vec<u32> = called_back.into_iter().map(|(function, _)| function).collect();

        let is_there =
            |function: &u32| !moved.contains_key(function) || called.binary_search(function).is_ok();
        let mut indices: HashMap<u32, u32> = (0..whole.imported).map(|import| (import, import)).collect();
        // Beside the imports there is one more: what loads the rest.
        let mut next = whole.imported + 1;
        for (function, _) in whole.own_functions().filter(|(function, _)| is_there(function)) {
            indices.insert(function, next);
            next += 1;
        }
        let slot = (i32::try_from(whole.slots)?..)
            .zip(called_back.iter().chain(&called))
            .map(|(slot, function)| (*function, slot))
            .collect();
        let slots = whole.slots + u64::try_from(called_back.len() + called.len())?;
        Ok(Self {
            first: indices,
            called_back,
            moved,
            called,
            ensure: next,
            slot,
            slots,
        })
    }

    /// The slot behind the last one.
    fn last_slot(&self) -> Result<i32> {
        Ok(i32::try_from(self.slots)?)
    }

    fn slot_of(&self, function: u32) -> Result<i32> {
        self.slot
            .get(&function)
            .copied()
            .context("A function has no slot")
    }

    /// The first slot that is empty until the rest is there.
    fn first_empty(&self, whole: &Whole<'_>) -> Result<i32> {
        Ok(i32::try_from(
            whole.slots + u64::try_from(self.called_back.len())?,
        )?)
    }
}

/// Writes the first part.
struct FirstPart<'a> {
    whole: &'a Whole<'a>,
    plan: &'a Plan,
}

/// What goes wrong while a part is written: none of it depends on the module, which has been looked at before.
type Written = Result<(), Error<anyhow::Error>>;

/// The types that both parts have behind those of the whole: without parameters or results, as what loads the rest; and of
/// what gets and puts a function.
fn add_types(types: &mut TypeSection) {
    let function = ValType::Ref(RefType::FUNCREF);
    types.ty().function([], []);
    types.ty().function([ValType::I32], [function]);
    types.ty().function([ValType::I32, function], []);
}

/// The indices of these types.
fn added_types(whole: &Whole<'_>) -> Result<[u32; 3]> {
    let first = u32::try_from(whole.types.len())?;
    Ok([first, first + 1, first + 2])
}

/// Gives what is in a slot.
fn get() -> Function {
    let mut body = Function::new([]);
    body.instruction(&Instruction::LocalGet(0));
    body.instruction(&Instruction::TableGet(0));
    body.instruction(&Instruction::End);
    body
}

/// Puts something into a slot.
fn put() -> Function {
    let mut body = Function::new([]);
    body.instruction(&Instruction::LocalGet(0));
    body.instruction(&Instruction::LocalGet(1));
    body.instruction(&Instruction::TableSet(0));
    body.instruction(&Instruction::End);
    body
}

impl FirstPart<'_> {
    fn load_type(&self) -> Result<u32> {
        Ok(added_types(self.whole)?[0])
    }

    /// Has the rest loaded if need be, and calls a function of it.
    fn passed_on(&self, function: u32) -> Result<Function> {
        let mut body = Function::new([]);
        body.instruction(&Instruction::Call(self.plan.ensure));
        for parameter in 0..self.whole.parameters(function)? {
            body.instruction(&Instruction::LocalGet(parameter));
        }
        body.instruction(&Instruction::I32Const(self.plan.slot_of(function)?));
        body.instruction(&Instruction::CallIndirect {
            type_index: self.whole.type_of(function)?,
            table_index: 0,
        });
        body.instruction(&Instruction::End);
        Ok(body)
    }

    /// Has the rest loaded unless its first slot is taken.
    fn ensure(&self) -> Result<Function> {
        let mut body = Function::new([]);
        body.instruction(&Instruction::I32Const(self.plan.first_empty(self.whole)?));
        body.instruction(&Instruction::TableGet(0));
        body.instruction(&Instruction::RefIsNull);
        body.instruction(&Instruction::If(BlockType::Empty));
        body.instruction(&Instruction::Call(self.whole.imported));
        body.instruction(&Instruction::End);
        body.instruction(&Instruction::End);
        Ok(body)
    }

    fn own_functions(&self) -> impl Iterator<Item = (u32, &FunctionBody<'_>)> {
        let is_there = |function: &u32| self.plan.first.contains_key(function);
        self.whole
            .own_functions()
            .filter(move |(function, _)| is_there(function))
    }
}

impl Reencode for FirstPart<'_> {
    type Error = anyhow::Error;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Self::Error>> {
        let index = self.plan.first.get(&function).copied();
        index
            .context("A function is called that is not there")
            .map_err(Error::UserError)
    }

    fn parse_type_section(&mut self, types: &mut TypeSection, section: TypeSectionReader<'_>) -> Written {
        utils::parse_type_section(self, types, section)?;
        add_types(types);
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Written {
        utils::parse_import_section(self, imports, section)?;
        let load = self.load_type().map_err(Error::UserError)?;
        imports.import(self.whole.imported_from, LOAD, EntityType::Function(load));
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        _: FunctionSectionReader<'_>,
    ) -> Written {
        for (function, _) in self.own_functions() {
            functions.function(self.whole.type_of(function).map_err(Error::UserError)?);
        }
        for kind in added_types(self.whole).map_err(Error::UserError)? {
            functions.function(kind);
        }
        Ok(())
    }

    fn parse_table(&mut self, tables: &mut TableSection, table: Table<'_>) -> Written {
        if tables.is_empty() && matches!(table.init, TableInit::RefNull) {
            let mut kind = utils::table_type(self, table.ty)?;
            (kind.minimum, kind.maximum) = (self.plan.slots, Some(self.plan.slots));
            tables.table(kind);
            return Ok(());
        }
        utils::parse_table(self, tables, table)
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: ExportSectionReader<'_>,
    ) -> Written {
        utils::parse_export_section(self, exports, section)?;
        exports.export(GET, ExportKind::Func, self.plan.ensure + 1);
        exports.export(PUT, ExportKind::Func, self.plan.ensure + 2);
        exports.export(STACK, ExportKind::Global, self.whole.stack);
        Ok(())
    }

    fn parse_element_section(
        &mut self,
        elements: &mut ElementSection,
        section: ElementSectionReader<'_>,
    ) -> Written {
        utils::parse_element_section(self, elements, section)?;
        let first_slot = i32::try_from(self.whole.slots).map_err(|error| Error::UserError(error.into()))?;
        let called_back = self.plan.called_back.clone();
        let called_back = called_back
            .into_iter()
            .map(|function| self.function_index(function))
            .collect::<Result<Vec<_>, _>>()?;
        elements.active(
            None,
            &ConstExpr::i32_const(first_slot),
            Elements::Functions(called_back.into()),
        );
        Ok(())
    }

    fn parse_code_section(&mut self, code: &mut CodeSection, _: CodeSectionReader<'_>) -> Written {
        for (function, body) in self.whole.own_functions() {
            if !self.plan.first.contains_key(&function) {
                continue;
            }
            if self.plan.moved.contains_key(&function) {
                code.function(&self.passed_on(function).map_err(Error::UserError)?);
            } else {
                utils::parse_function_body(self, code, body.clone())?;
            }
        }
        code.function(&self.ensure().map_err(Error::UserError)?);
        code.function(&get());
        code.function(&put());
        Ok(())
    }

    fn parse_custom_section(&mut self, _: &mut Module, _: wasmparser::CustomSectionReader<'_>) -> Written {
        Ok(())
    }
}

/// The rest: memory and stack of the first part, a table, and functions.
fn rest(whole: &Whole<'_>, plan: &Plan) -> Result<Vec<u8>> {
    let mut types = TypeSection::new();
    for kind in &whole.types {
        let values = |values: &[wasmparser::ValType]| -> Result<Vec<ValType>> {
            let values = values.iter().map(|value| RoundtripReencoder.val_type(*value));
            values
                .collect::<Result<_, _>>()
                .context("A type is not as expected")
        };
        types
            .ty()
            .function(values(kind.params())?, values(kind.results())?);
    }
    add_types(&mut types);
    let [start_type, get_type, put_type] = added_types(whole)?;
    let [module, get, put, stack, memory] = FROM_FIRST;
    let mut imports = ImportSection::new();
    let memory_type = MemoryType {
        minimum: whole.pages,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    };
    let table_type = TableType {
        element_type: RefType::FUNCREF,
        minimum: plan.slots,
        maximum: Some(plan.slots),
        table64: false,
        shared: false,
    };
    let stack_type = GlobalType {
        val_type: ValType::I32,
        mutable: true,
        shared: false,
    };
    imports
        .import(module, get, EntityType::Function(get_type))
        .import(module, put, EntityType::Function(put_type))
        .import(module, stack, stack_type)
        .import(module, memory, memory_type);
    let mut tables = TableSection::new();
    tables.table(table_type);
    let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
    for function in plan.moved.keys() {
        functions.function(whole.type_of(*function)?);
        let body = whole.body(*function).context("A function has no body")?;
        code.function(&moved(whole, plan, body)?);
    }
    functions.function(start_type);
    code.function(&start(plan.first_empty(whole)?, plan.last_slot()?));
    let start = StartSection {
        function_index: IMPORTED_BY_REST + u32::try_from(plan.moved.len())?,
    };
    let index = |function: &u32| {
        plan.moved
            .get(function)
            .copied()
            .context("A function is not there")
    };
    let called = plan.called.iter().map(index).collect::<Result<Vec<_>>>()?;
    let mut elements = ElementSection::new();
    elements.active(
        None,
        &ConstExpr::i32_const(plan.first_empty(whole)?),
        Elements::Functions(called.into()),
    );
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions);
    module
        .section(&tables)
        .section(&start)
        .section(&elements)
        .section(&code);
    Ok(module.finish())
}

/// Fills what is empty in both tables: takes what the first part has, and gives what the rest has.
fn start(first_empty: i32, last: i32) -> Function {
    const SLOT: u32 = 0;
    let mut body = Function::new([(1, ValType::I32)]);
    let mut for_each_until = |end: i32, what: [Instruction<'_>; 4]| {
        body.instruction(&Instruction::Loop(BlockType::Empty));
        for instruction in &what {
            body.instruction(instruction);
        }
        body.instruction(&Instruction::LocalGet(SLOT));
        body.instruction(&Instruction::I32Const(1));
        body.instruction(&Instruction::I32Add);
        body.instruction(&Instruction::LocalTee(SLOT));
        body.instruction(&Instruction::I32Const(end));
        body.instruction(&Instruction::I32LtU);
        body.instruction(&Instruction::BrIf(0));
        body.instruction(&Instruction::End);
    };
    let (get, put) = (Instruction::Call(0), Instruction::Call(1));
    let slot = || Instruction::LocalGet(SLOT);
    for_each_until(first_empty, [slot(), slot(), get, Instruction::TableSet(0)]);
    for_each_until(last, [slot(), slot(), Instruction::TableGet(0), put]);
    body.instruction(&Instruction::End);
    body
}

/// The same function, which calls what stayed through the table, and knows the one global by its new index.
fn moved(whole: &Whole<'_>, plan: &Plan, body: &FunctionBody<'_>) -> Result<Function> {
    let mut locals = Vec::new();
    for local in body.get_locals_reader()? {
        let (count, kind) = local?;
        let kind = RoundtripReencoder
            .val_type(kind)
            .context("A local is not as expected")?;
        locals.push((count, kind));
    }
    let mut function = Function::new(locals);
    for operator in body.get_operators_reader()? {
        let instruction = match operator? {
            Operator::Call { function_index } => match plan.moved.get(&function_index) {
                Some(index) => Instruction::Call(*index),
                None => {
                    function.instruction(&Instruction::I32Const(plan.slot_of(function_index)?));
                    Instruction::CallIndirect {
                        type_index: whole.type_of(function_index)?,
                        table_index: 0,
                    }
                }
            },
            Operator::GlobalGet { .. } => Instruction::GlobalGet(0),
            Operator::GlobalSet { .. } => Instruction::GlobalSet(0),
            other => RoundtripReencoder
                .instruction(other)
                .context("An instruction is not as expected")?,
        };
        function.instruction(&instruction);
    }
    Ok(function)
}

#[cfg(test)]
mod tests;
