//! Compiles `proto/` and embeds the data: language packs and catalogue, with the digest over all of it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use sha2::{Digest, Sha256};

const PACKS: &str = "src/language/packs";
const CATALOG: [&str; 4] = ["actors.jsonl", "ordinary.txt", "schemes.toml", "spellings.toml"];

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    embed_data(&out);
    #[cfg(feature = "server")]
    compile_protos(&out);
}

/// Writes `data.rs`: every pack file as text, and `DATA_DIGEST`, the SHA-256 over names and contents of all data.
fn embed_data(out: &Path) {
    println!("cargo::rerun-if-changed={PACKS}");
    println!("cargo::rerun-if-changed=src/catalog");
    let mut digest = Sha256::new();
    let mut code = String::from(
        "/// Every language pack: its code, and its files by name.\npub static PACKS: &[(&str, &[(&str, &str)])] = &[\n",
    );
    for pack in sorted_entries(Path::new(PACKS)) {
        writeln!(code, "    ({:?}, &[", file_name(&pack)).unwrap();
        for file in sorted_entries(&pack) {
            feed(&mut digest, &file);
            let path = fs::canonicalize(&file).expect("a pack file has a path");
            writeln!(code, "        ({:?}, include_str!({path:?})),", file_name(&file)).unwrap();
        }
        code.push_str("    ]),\n");
    }
    code.push_str("];\n");
    for file in CATALOG {
        feed(&mut digest, &Path::new("src/catalog").join(file));
    }
    let hex = digest.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    writeln!(
        code,
        "/// SHA-256 over every pack file and the catalogue.\npub const DATA_DIGEST: &str = {hex:?};"
    )
    .unwrap();
    fs::write(out.join("data.rs"), code).expect("OUT_DIR can be written");
}

fn feed(digest: &mut Sha256, file: &Path) {
    let content = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    digest.update(file.to_string_lossy().replace('\\', "/").as_bytes());
    digest.update(content.len().to_le_bytes());
    digest.update(content);
}

fn sorted_entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a folder lists its entries").path()).collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> String {
    path.file_name().expect("an entry has a name").to_string_lossy().into_owned()
}

/// Generates messages, services and the protobuf JSON mapping, with no system `protoc`.
#[cfg(feature = "server")]
fn compile_protos(out: &Path) {
    println!("cargo::rerun-if-changed=proto");
    let mut compiler = protox::Compiler::new(["proto"]).expect("proto/ is there");
    compiler.include_imports(true).include_source_info(true);
    compiler
        .open_files(["catalog", "entity", "extraction"].map(|name| format!("depeche/v1/{name}.proto")))
        .unwrap_or_else(|error| panic!("{error:?}"));
    let encoded = compiler.encode_file_descriptor_set();
    fs::write(out.join("descriptors.bin"), &encoded).expect("OUT_DIR can be written");
    tonic_prost_build::configure()
        .compile_well_known_types(true)
        .extern_path(".google.protobuf", "::pbjson_types")
        .compile_fds(compiler.file_descriptor_set())
        .expect("the service compiles");
    pbjson_build::Builder::new()
        .register_descriptors(&encoded)
        .expect("the descriptors are readable")
        .build(&[".depeche.v1"])
        .expect("the JSON mapping compiles");
}
