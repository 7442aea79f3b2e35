//! `depeche actors`: builds the catalogue of threat actors and looks into it.

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use depeche::catalog::{Actor, Catalog, Kind, misp};

use super::models::OverlayArgs;

/// Build the catalogue of threat actors, or look into it
#[derive(Debug, Args)]
pub struct ActorsArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Turn a checkout of the MISP galaxy into the catalogue's file of facts
    Build {
        /// The checkout, or a folder that holds its threat-actor.json and ransomware.json
        #[arg(long, value_name = "DIR")]
        misp: PathBuf,
        /// The commit that is checked out, noted in the file's first line
        #[arg(long, value_name = "HASH", default_value = "")]
        commit: String,
        /// The file to write
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// List every catalogued actor: name, kind and aliases
    List {
        #[command(flatten)]
        overlays: OverlayArgs,
    },
    /// Show all that is catalogued under a name, whatever its case and spacing
    Show {
        /// A name or alias
        name: String,
        #[command(flatten)]
        overlays: OverlayArgs,
    },
}

/// Runs the command.
pub fn run(args: &ActorsArgs) -> Result<(), Box<dyn Error>> {
    match &args.command {
        Command::Build { misp, commit, output } => {
            let catalog = misp::build(misp, commit)?;
            fs::write(output, catalog).map_err(|error| format!("{}: {error}", output.display()))?;
            Ok(())
        }
        Command::List { overlays } => list(&overlays.catalog()?),
        Command::Show { name, overlays } => show(&overlays.catalog()?, name),
    }
}

fn list(catalog: &Catalog) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    for actor in catalog.actors() {
        writeln!(out, "{}\t{}\t{}", actor.name, actor.kind, actor.aliases.join(", "))?;
    }
    Ok(())
}

fn show(catalog: &Catalog, name: &str) -> Result<(), Box<dyn Error>> {
    let actors = catalog.find(name);
    if actors.is_empty() {
        return Err(format!("no catalogued actor is called {name:?}").into());
    }
    let mut out = io::stdout().lock();
    for actor in actors {
        write_actor(&mut out, actor)?;
    }
    Ok(())
}

fn write_actor(out: &mut impl Write, actor: &Actor) -> io::Result<()> {
    writeln!(out, "{} ({})", actor.name, actor.kind)?;
    if !actor.aliases.is_empty() {
        writeln!(out, "  also: {}", actor.aliases.join(", "))?;
    }
    for (giver, names) in &actor.named_by {
        writeln!(out, "  named by {giver}: {}", names.join(", "))?;
    }
    for attribution in &actor.attributions {
        let claims = [attribution.country_code.clone(), known(attribution.kind)];
        let claims: Vec<String> = claims.into_iter().filter(|claim| !claim.is_empty()).collect();
        writeln!(out, "  {} (says {})", claims.join(", "), attribution.source)?;
    }
    for reference in &actor.external_references {
        writeln!(out, "  {}: {} {}", reference.source_name, reference.external_id, reference.url)?;
    }
    Ok(())
}

fn known(kind: Kind) -> String {
    if kind == Kind::Unknown { String::new() } else { kind.to_string() }
}
