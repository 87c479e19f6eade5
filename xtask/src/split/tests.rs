//! Small modules, split and looked into.

use wasm_encoder::{GlobalSection, MemorySection, NameMap, NameSection};
use wasmparser::{ElementItems, Payload};

use super::list::plain;
use super::noting::{NOTE, PAGE};
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
    let all = FirstFunctions::list(["app::main", "app::later", "app::last"]);
    let all = FirstFunctions::parse(&all).unwrap();
    assert!(split(&module(), &all).is_err(), "there is no rest");
    assert!(FirstFunctions::parse("main").is_err());
}
