//! Keeps what the splitter of the site's features needs to know: where the program refers to functions and
//! data.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is_for = |target| std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == target);
    if std::env::var_os("CARGO_FEATURE_SPLIT").is_some() && is_for("wasm32") {
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
}
