//! How large files and functions are, and that each file says what it is for.

use syn::spanned::Spanned;
use syn::visit::Visit;

use super::{Source, sources};

/// Lines of a file.
const FILE: usize = 500;
/// Lines of a function.
const FUNCTION: usize = 70;
/// Lines of a handler.
const HANDLER: usize = 40;

/// Larger files, each with its reason.
const LARGE_FILES: &[(&str, &str)] = &[
    ("src/domain/problem.rs", "one table, a paragraph for each code in two languages"),
    ("src/store/schema.rs", "one list of the tables, a line for each column"),
];

fn all() -> Vec<Source> {
    ["src", "tests", "benches"].into_iter().flat_map(sources).collect()
}

#[test]
fn files_stay_readable_in_one_go() {
    let large: Vec<String> = all()
        .iter()
        .map(|source| (source.path.clone(), source.text.lines().count()))
        .filter(|(path, lines)| *lines > FILE && !LARGE_FILES.iter().any(|(large, _)| large == path))
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    assert!(large.is_empty(), "{}", large.join("\n"));
}

#[test]
fn each_file_says_what_it_is_for() {
    let silent: Vec<String> =
        all().into_iter().filter(|source| !source.text.starts_with("//! ")).map(|source| source.path).collect();
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

/// Functions longer than they may be.
struct Functions<'a> {
    path: &'a str,
    found: Vec<String>,
}

impl Functions<'_> {
    fn measure(
        &mut self,
        name: &syn::Ident,
        attributes: &[syn::Attribute],
        signature: &syn::Signature,
        block: &syn::Block,
    ) {
        let lines = block.span().end().line + 1 - signature.span().start().line;
        let handler = attributes.iter().any(|attribute| {
            attribute.path().segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>()
                == ["utoipa", "path"]
        });
        let limit = if handler { HANDLER } else { FUNCTION };
        if lines > limit {
            self.found.push(format!("{}: {name} has {lines} lines, {limit} are enough", self.path));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.measure(&item.sig.ident, &item.attrs, &item.sig, &item.block);
        syn::visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.measure(&item.sig.ident, &item.attrs, &item.sig, &item.block);
        syn::visit::visit_impl_item_fn(self, item);
    }
}

fn too_long(path: &str, text: &str) -> Vec<String> {
    let mut functions = Functions { path, found: Vec::new() };
    functions.visit_file(&syn::parse_file(text).unwrap());
    functions.found
}

#[test]
fn functions_fit_on_a_screen() {
    let long: Vec<String> = sources("src").iter().flat_map(|source| too_long(&source.path, &source.text)).collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn a_long_function_is_noticed() {
    let long = |lines: usize| format!("fn f() {{\n{}}}\n", "    let _ = 1;\n".repeat(lines));
    assert!(too_long("x", &long(FUNCTION - 2)).is_empty());
    assert_eq!(too_long("x", &long(FUNCTION)).len(), 1);
    assert_eq!(too_long("x", &format!("#[utoipa::path(get)]\n{}", long(HANDLER))).len(), 1);
}
