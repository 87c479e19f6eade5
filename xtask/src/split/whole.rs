//! A module as a whole, before it is split.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{
    ElementItems, ExternalKind, FuncType, FunctionBody, Name, NameSectionReader, Operator, Parser, Payload,
    TypeRef,
};

/// What there is to know about a module.
pub(super) struct Whole<'a> {
    pub(super) types: Vec<FuncType>,
    /// The type of each function, those that are imported first.
    pub(super) functions: Vec<u32>,
    pub(super) imported: u32,
    /// The module that it imports from.
    pub(super) imported_from: &'a str,
    pub(super) bodies: Vec<FunctionBody<'a>>,
    /// Those that JavaScript or the table of functions refer to.
    pub(super) referred_to: BTreeSet<u32>,
    pub(super) names: HashMap<u32, &'a str>,
    /// The global that functions change most often: where the stack ends.
    pub(super) stack: u32,
    /// How many slots the table of functions has, and the least memory, in pages.
    pub(super) slots: u64,
    pub(super) pages: u64,
}

impl<'a> Whole<'a> {
    pub(super) fn parse(wasm: &'a [u8]) -> Result<Self> {
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

    pub(super) fn body(&self, function: u32) -> Option<&FunctionBody<'a>> {
        let own = function.checked_sub(self.imported)?;
        self.bodies.get(usize::try_from(own).ok()?)
    }

    pub(super) fn own_functions(&self) -> impl Iterator<Item = (u32, &FunctionBody<'a>)> {
        (self.imported..).zip(&self.bodies)
    }

    pub(super) fn type_of(&self, function: u32) -> Result<u32> {
        let function = usize::try_from(function)?;
        self.functions
            .get(function)
            .copied()
            .context("There is no such function")
    }

    pub(super) fn parameters(&self, function: u32) -> Result<u32> {
        let kind = self.types.get(usize::try_from(self.type_of(function)?)?);
        let parameters = kind.context("There is no such type")?.params().len();
        Ok(u32::try_from(parameters)?)
    }

    /// Whom a function calls, and whether it does without what only the first part has.
    pub(super) fn look_at(&self, body: &FunctionBody<'_>) -> Result<(Vec<u32>, bool)> {
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
