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

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::convert::Infallible;
use std::fmt::Write as _;

use anyhow::{Context, Result, anyhow, bail, ensure};
use wasm_encoder::reencode::{Error, Reencode, RoundtripReencoder, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, GlobalType, ImportSection, Instruction, MemArg, MemArgTarget, MemoryType,
    Module, RefType, StartSection, TableSection, TableType, TypeSection, ValType,
};
use wasmparser::{
    CodeSectionReader, ElementItems, ElementSectionReader, ExportSectionReader, ExternalKind, FuncType,
    FunctionBody, FunctionSectionReader, ImportSectionReader, Name, NameSectionReader, Operator, Parser,
    Payload, Table, TableInit, TypeRef, TypeSectionReader,
};

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

/// Names are cut where they are listed: only their digests count.
const LISTED_NAME: usize = 72;

/// The functions that run before anybody does something. A list of digests of their names, since with all their types some names
/// are longer than the functions. Whatever it does not have is moved: at worst, a page asks for the rest too early.
pub(crate) struct FirstFunctions(HashSet<u32>);

impl FirstFunctions {
    /// # Errors
    /// A line does not begin with eight hexadecimal digits.
    pub(crate) fn parse(list: &str) -> Result<Self> {
        let lines = list.lines().filter(|line| !line.starts_with('#'));
        let digests = lines.map(|line| {
            let digest = line.split(' ').next().unwrap_or_default();
            u32::from_str_radix(digest, 16).with_context(|| format!("{line:?} does not begin with a digest"))
        });
        Ok(Self(digests.collect::<Result<_>>()?))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains(&digest(&plain(name)))
    }

    /// The list for functions with these names.
    pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
        let lines: BTreeSet<(String, u32)> = names
            .into_iter()
            .map(|name| {
                let name = plain(name);
                (name.chars().take(LISTED_NAME).collect(), digest(&name))
            })
            .collect();
        let mut list = String::from(
            "# The functions that run before anybody does something with the page: all others are loaded after them.\n\
             # Written by `cargo xtask first-functions`.\n",
        );
        for (name, digest) in lines {
            let _ = writeln!(list, "{}", format!("{digest:08x} {name}").trim_end());
        }
        list
    }
}

/// FNV-1a, of 32 bits.
fn digest(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// A function's name without what a compiler adds: `core[c5930c85a12de822]::mem::take.15` → `core::mem::take`.
fn plain(name: &str) -> String {
    let is_hash = |text: &str| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut plain = String::with_capacity(name.len());
    for (index, piece) in name.split('[').enumerate() {
        match piece.split_once(']') {
            Some((hash, after)) if index > 0 && is_hash(hash) => plain += after,
            _ => {
                if index > 0 {
                    plain.push('[');
                }
                plain += piece;
            }
        }
    }
    if let Some((before, number)) = plain.rsplit_once('.')
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        plain.truncate(before.len());
    }
    plain
}

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
    let known: HashSet<u32> = whole.names.values().map(|name| digest(&plain(name))).collect();
    Ok(Parts {
        first: module.finish(),
        rest,
        unknown: first.0.difference(&known).count(),
    })
}

/// What there is to know about a module.
struct Whole<'a> {
    types: Vec<FuncType>,
    /// The type of each function, those that are imported first.
    functions: Vec<u32>,
    imported: u32,
    /// The module that it imports from.
    imported_from: &'a str,
    bodies: Vec<FunctionBody<'a>>,
    /// Those that JavaScript or the table of functions refer to.
    referred_to: BTreeSet<u32>,
    names: HashMap<u32, &'a str>,
    /// The global that functions change most often: where the stack ends.
    stack: u32,
    /// How many slots the table of functions has, and the least memory, in pages.
    slots: u64,
    pages: u64,
}

impl<'a> Whole<'a> {
    fn parse(wasm: &'a [u8]) -> Result<Self> {
        let (mut types, mut functions, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
        let (mut referred_to, mut names) = (BTreeSet::new(), HashMap::new());
        let (mut imported, mut imported_from) = (0, None);
        let (mut changed, mut slots, mut pages) = (BTreeMap::<u32, usize>::new(), None, None);
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(section) => {
                    for kind in section.into_iter_err_on_gc_types() {
                        types.push(kind?);
                    }
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import?;
                        let TypeRef::Func(kind) = import.ty else {
                            bail!("It imports {}, which is no function", import.name);
                        };
                        functions.push(kind);
                        imported += 1;
                        imported_from = Some(import.module);
                    }
                }
                Payload::FunctionSection(section) => {
                    for kind in section {
                        functions.push(kind?);
                    }
                }
                Payload::TableSection(section) => {
                    for table in section {
                        slots = slots.or(Some(table?.ty.initial));
                    }
                }
                Payload::MemorySection(section) => {
                    for memory in section {
                        pages = Some(memory?.initial);
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        if export.kind == ExternalKind::Func {
                            referred_to.insert(export.index);
                        }
                    }
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        let ElementItems::Functions(items) = element?.items else {
                            bail!("Its table of functions has expressions");
                        };
                        for function in items {
                            referred_to.insert(function?);
                        }
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    for operator in body.get_operators_reader()? {
                        if let Operator::GlobalSet { global_index } = operator? {
                            *changed.entry(global_index).or_default() += 1;
                        }
                    }
                    bodies.push(body);
                }
                Payload::CustomSection(section) if section.name() == "name" => {
                    let reader = wasmparser::BinaryReader::new(section.data(), section.data_offset());
                    for subsection in NameSectionReader::new(reader) {
                        if let Name::Function(map) = subsection? {
                            for naming in map {
                                let naming = naming?;
                                names.insert(naming.index, naming.name);
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        ensure!(!names.is_empty(), "Its functions have no names");
        let stack = changed.into_iter().max_by_key(|(_, changes)| *changes);
        let (stack, _) = stack.context("It has no stack")?;
        Ok(Self {
            types,
            functions,
            imported,
            imported_from: imported_from.context("It imports nothing")?,
            bodies,
            referred_to,
            names,
            stack,
            slots: slots.context("It has no table")?,
            pages: pages.context("It has no memory")?,
        })
    }

    fn body(&self, function: u32) -> Option<&FunctionBody<'a>> {
        let own = function.checked_sub(self.imported)?;
        self.bodies.get(usize::try_from(own).ok()?)
    }

    fn own_functions(&self) -> impl Iterator<Item = (u32, &FunctionBody<'a>)> {
        (self.imported..).zip(&self.bodies)
    }

    fn type_of(&self, function: u32) -> Result<u32> {
        let function = usize::try_from(function)?;
        self.functions
            .get(function)
            .copied()
            .context("There is no such function")
    }

    fn parameters(&self, function: u32) -> Result<u32> {
        let kind = self.types.get(usize::try_from(self.type_of(function)?)?);
        let parameters = kind.context("There is no such type")?.params().len();
        Ok(u32::try_from(parameters)?)
    }

    /// Whom a function calls, and whether it does without what only the first part has.
    fn look_at(&self, body: &FunctionBody<'_>) -> Result<(Vec<u32>, bool)> {
        let (mut calls, mut is_movable) = (Vec::new(), true);
        for operator in body.get_operators_reader()? {
            match operator? {
                Operator::Call { function_index } => calls.push(function_index),
                Operator::GlobalGet { global_index } | Operator::GlobalSet { global_index } => {
                    is_movable &= global_index == self.stack;
                }
                Operator::CallIndirect { table_index, .. } => is_movable &= table_index == 0,
                Operator::RefFunc { .. }
                | Operator::ReturnCall { .. }
                | Operator::ReturnCallIndirect { .. }
                | Operator::TableGet { .. }
                | Operator::TableSet { .. }
                | Operator::TableGrow { .. }
                | Operator::TableSize { .. }
                | Operator::TableFill { .. }
                | Operator::TableCopy { .. }
                | Operator::TableInit { .. }
                | Operator::ElemDrop { .. }
                | Operator::MemoryInit { .. }
                | Operator::DataDrop { .. } => is_movable = false,
                _ => {}
            }
        }
        Ok((calls, is_movable))
    }
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

/// A module whose functions note that they have run.
pub(crate) struct Noting {
    pub(crate) wasm: Vec<u8>,
    /// Where in its memory the notes are, a byte for each function of its own, in their order.
    pub(crate) at: u64,
    /// Their names, in the same order.
    pub(crate) names: Vec<String>,
}

/// Where a note is: just at the address.
const NOTE: MemArg = MemArg {
    offset: 0,
    align: 0,
    target: MemArgTarget::Memory(0),
    ordering: None,
};

/// Bytes of a page of memory.
const PAGE: u64 = 65_536;

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

#[cfg(test)]
mod tests {
    use wasm_encoder::{GlobalSection, MemorySection, NameMap, NameSection};

    use super::*;

    /// Imports `play`, and has three functions: `main`, which is exported and calls `later`; `later`, which calls `play`, `main` and
    /// `last`; and `last`, which moves the stack.
    fn module() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], [ValType::I32]);
        types.ty().function([ValType::I32], [ValType::I32]);
        let mut imports = ImportSection::new();
        imports.import("./app_bg.js", "play", EntityType::Function(0));
        let mut functions = FunctionSection::new();
        functions.function(0).function(1).function(0);
        let mut tables = TableSection::new();
        tables.table(TableType {
            element_type: RefType::FUNCREF,
            minimum: 2,
            maximum: Some(2),
            table64: false,
            shared: false,
        });
        let mut memories = MemorySection::new();
        memories.memory(MemoryType {
            minimum: 3,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut globals = GlobalSection::new();
        let global = |mutable| GlobalType {
            val_type: ValType::I32,
            mutable,
            shared: false,
        };
        globals
            .global(global(false), &ConstExpr::i32_const(7))
            .global(global(true), &ConstExpr::i32_const(1024));
        let mut exports = ExportSection::new();
        exports.export("main", ExportKind::Func, 1);
        let mut elements = ElementSection::new();
        elements.active(
            None,
            &ConstExpr::i32_const(1),
            Elements::Functions([1][..].into()),
        );
        let mut code = CodeSection::new();
        for body in [
            &[Instruction::I32Const(5), Instruction::Call(2)][..],
            &[
                Instruction::Call(0),
                Instruction::Call(1),
                Instruction::I32Add,
                Instruction::Call(3),
                Instruction::I32Add,
            ],
            &[
                Instruction::I32Const(8),
                Instruction::GlobalSet(1),
                Instruction::GlobalGet(1),
            ],
        ] {
            code.function(&function(body));
        }
        let mut names = NameMap::new();
        for (index, name) in (0..).zip(["play", "app[0123456789abcdef]::main", "app::later", "app::last"]) {
            names.append(index, name);
        }
        let mut section = NameSection::new();
        section.functions(&names);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions);
        module.section(&tables).section(&memories).section(&globals);
        module.section(&exports).section(&elements).section(&code);
        module.section(&section);
        module.finish()
    }

    fn function(body: &[Instruction<'_>]) -> Function {
        let mut function = Function::new([]);
        for instruction in body.iter().chain([&Instruction::End]) {
            function.instruction(instruction);
        }
        function
    }

    fn bytes(body: &[Instruction<'_>]) -> Vec<u8> {
        function(body).into_raw_body()
    }

    /// What a module has, as far as these tests ask.
    #[derive(Debug, Default)]
    struct Inside {
        imports: Vec<String>,
        exports: Vec<String>,
        slots: u64,
        /// Where each segment begins, and the functions in it.
        elements: Vec<(i32, Vec<u32>)>,
        bodies: Vec<Vec<u8>>,
        has_names: bool,
    }

    fn inside(wasm: &[u8]) -> Inside {
        let mut inside = Inside::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.unwrap() {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import.unwrap();
                        inside.imports.push(format!("{} {}", import.module, import.name));
                    }
                }
                Payload::ExportSection(section) => {
                    let names = section.into_iter().map(|export| export.unwrap().name.to_owned());
                    inside.exports.extend(names);
                }
                Payload::TableSection(section) => {
                    inside.slots = section.into_iter().next().unwrap().unwrap().ty.initial;
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        let element = element.unwrap();
                        let wasmparser::ElementKind::Active { offset_expr, .. } = element.kind else {
                            panic!("a passive segment")
                        };
                        let Operator::I32Const { value } = offset_expr.get_operators_reader().read().unwrap()
                        else {
                            panic!("no number")
                        };
                        let ElementItems::Functions(items) = element.items else {
                            panic!("no functions")
                        };
                        let items = items.into_iter().map(Result::unwrap).collect();
                        inside.elements.push((value, items));
                    }
                }
                Payload::CodeSectionEntry(body) => inside.bodies.push(body.as_bytes().to_vec()),
                Payload::CustomSection(_) => inside.has_names = true,
                _ => {}
            }
        }
        inside
    }

    fn call_through_table(type_index: u32) -> Instruction<'static> {
        Instruction::CallIndirect {
            type_index,
            table_index: 0,
        }
    }

    #[test]
    fn what_does_not_run_first_is_moved_and_called_through_the_table() {
        let list = FirstFunctions::parse(&FirstFunctions::list(["app::main", "app::gone"])).unwrap();
        let Parts { first, rest, unknown } = split(&module(), &list).unwrap();
        assert_eq!(unknown, 1);
        let (first, rest) = (inside(&first), inside(&rest));

        // The table had two slots; behind them are those for `play` and `main`, which `later` calls, and one for `later`.
        assert_eq!(first.slots, 5);
        assert_eq!(first.elements, [(1, vec![2]), (2, vec![0, 2])]);
        assert_eq!(rest.elements, [(4, vec![2])]);
        assert_eq!(rest.slots, 5);

        assert_eq!(first.imports, ["./app_bg.js play", "./app_bg.js __load_rest"]);
        assert_eq!(first.exports, ["main", GET, PUT, STACK]);
        let main = bytes(&[Instruction::I32Const(5), Instruction::Call(3)]);
        let later = bytes(&[
            Instruction::Call(4),
            Instruction::LocalGet(0),
            Instruction::I32Const(4),
            call_through_table(1),
        ]);
        let ensure = bytes(&[
            Instruction::I32Const(4),
            Instruction::TableGet(0),
            Instruction::RefIsNull,
            Instruction::If(BlockType::Empty),
            Instruction::Call(1),
            Instruction::End,
        ]);
        assert_eq!(first.bodies[..3], [main, later, ensure]);
        assert_eq!(first.bodies[3..], [get().into_raw_body(), put().into_raw_body()]);

        assert_eq!(rest.imports, ["a g", "a p", "a s", "a m"]);
        let later = bytes(&[
            Instruction::I32Const(2),
            call_through_table(0),
            Instruction::I32Const(3),
            call_through_table(0),
            Instruction::I32Add,
            Instruction::Call(3),
            Instruction::I32Add,
        ]);
        let last = bytes(&[
            Instruction::I32Const(8),
            Instruction::GlobalSet(0),
            Instruction::GlobalGet(0),
        ]);
        assert_eq!(rest.bodies, [later, last, start(4, 5).into_raw_body()]);
        assert!(!first.has_names && !rest.has_names);
    }

    #[test]
    fn each_function_notes_that_it_ran() {
        let noting = noting_what_runs(&module()).unwrap();
        assert_eq!(noting.at, 3 * PAGE, "behind all other memory");
        assert_eq!(noting.names[1..], ["app::later", "app::last"]);
        let last = bytes(&[
            Instruction::I32Const(3 * 65_536 + 2),
            Instruction::I32Const(1),
            Instruction::I32Store8(NOTE),
            Instruction::I32Const(8),
            Instruction::GlobalSet(1),
            Instruction::GlobalGet(1),
        ]);
        assert_eq!(inside(&noting.wasm).bodies[2], last);
    }

    #[test]
    fn names_are_known_without_what_a_compiler_adds() {
        assert_eq!(plain("core[c5930c85a12de822]::mem::take.15"), "core::mem::take");
        assert_eq!(
            plain("<[u8; 4] as alloc[3ca501edff3f0c7c]::A>::b"),
            "<[u8; 4] as alloc::A>::b"
        );
        let list = FirstFunctions::list(["b::b", "a[0123456789abcdef]::a", "a::a"]);
        let lines: Vec<&str> = list.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(lines.len(), 2, "{list}");
        assert!(
            lines[0].ends_with(" a::a") && lines[1].ends_with(" b::b"),
            "{list}"
        );
        let known = FirstFunctions::parse(&list).unwrap();
        assert!(known.has("a::a") && known.has("b[fedcba9876543210]::b.2") && !known.has("c::c"));
    }

    #[test]
    fn what_can_not_be_split_is_an_error() {
        let list = FirstFunctions::parse("").unwrap();
        assert!(split(b"no module", &list).is_err());
        assert!(split(&Module::new().finish(), &list).is_err(), "it has no names");
        assert!(FirstFunctions::parse("main").is_err());
    }
}
