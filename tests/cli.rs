//! The program, from outside: files and pipes in, bytes and exit codes out.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;

use serde_json::{Value, json};

/// What a run came to.
struct Run {
    stdout: String,
    stderr: String,
    code: i32,
}

impl Run {
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }

    fn lines(&self) -> Vec<Value> {
        let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.stdout.lines().map(parse).collect()
    }
}

fn start(args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_depeche"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

fn run(args: &[&str], stdin: impl AsRef<[u8]>) -> Run {
    let mut child = start(args);
    let mut input = child.stdin.take().unwrap();
    let bytes = stdin.as_ref().to_vec();
    // On a thread of its own: both pipes may fill. A program that does not read its input closes the pipe.
    let writer = thread::spawn(move || drop(input.write_all(&bytes)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Run {
        stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        code: output.status.code().expect("the program ends by itself"),
    }
}

/// A file of this test run; `name` must not be used by another test.
fn file(name: &str, content: impl AsRef<[u8]>) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

const TEXT: &str =
    "Rain over Ghent\n\nThe harbour was closed on Monday, and the ferries stayed at the quay all day.\n";
const HTML: &str =
    "<h1>Rain over Ghent</h1><p>The harbour was closed, and the ferries stayed at the quay.</p>";

fn line(id: &str) -> String {
    let content = "The harbour was closed on Monday, and the ferries stayed at the quay all day.";
    json!({"documentId": id, "title": "Rain over Ghent", "content": content}).to_string() + "\n"
}

#[test]
fn every_input_in_every_output() {
    let inputs = [
        ("text", file("every.txt", TEXT)),
        ("html", file("every.html", HTML)),
        ("jsonl", file("every.jsonl", line("a"))),
    ];
    for (format, path) in &inputs {
        let id = if *format == "jsonl" { "a" } else { path };
        let content = fs::read_to_string(path).unwrap();
        for output in ["pretty", "json", "jsonl"] {
            let by_name = run(&["extract", path, "--output", output], "");
            assert_eq!((by_name.code, &*by_name.stderr), (0, ""), "{format} to {output}");
            let by_flag = run(&["extract", "--input", format, "--output", output], &content);
            assert_eq!((by_flag.code, &*by_flag.stderr), (0, ""), "{format} to {output} from a pipe");
            match output {
                "pretty" => {
                    assert!(by_name.stdout.contains("Rain over"), "{format}: {}", by_name.stdout);
                    assert!(by_name.stdout.contains("language: en"), "{format}: {}", by_name.stdout);
                    assert!(!by_name.stdout.contains('\x1b'), "colours to a pipe");
                }
                _ => {
                    let record = by_name.json();
                    assert_eq!(record["documentId"], id, "{format} to {output}");
                    assert_eq!(record["language"]["languageCode"], "en", "{format} to {output}");
                    assert_eq!(record["offsetEncoding"], "OFFSET_ENCODING_UTF8_BYTES");
                    assert_eq!(by_name.stdout.lines().count() == 1, output == "jsonl");
                    let mut piped = by_flag.json();
                    if *format != "jsonl" {
                        assert_eq!(piped["documentId"], Value::Null, "standard input has no id");
                        piped["documentId"] = json!(id);
                    }
                    assert_eq!(piped, record, "{format} to {output}: a pipe reads as a file");
                }
            }
        }
    }
}

#[test]
fn json_is_the_default_to_a_pipe() {
    let default = run(&["extract", "-"], TEXT);
    assert_eq!(default.stdout, run(&["extract", "--output", "json"], TEXT).stdout);
    assert!(default.stdout.starts_with("{\n"), "{}", default.stdout);
}

#[test]
fn files_come_out_in_the_order_given() {
    let paths: Vec<String> = (0..20).map(|n| file(&format!("order{n}.txt"), TEXT)).collect();
    let mut args = vec!["extract", "--output", "jsonl"];
    args.extend(paths.iter().map(String::as_str));
    args.push("-");
    let lines = run(&args, TEXT).lines();
    let ids: Vec<_> = lines.iter().map(|line| line["documentId"].as_str().unwrap_or_default()).collect();
    assert_eq!(ids[..20], paths);
    assert_eq!(ids[20..], [""]);
}

#[test]
fn lines_keep_their_order_and_survive_bad_neighbours() {
    let bad: [&[u8]; 4] = [
        b"no json\n",
        b"{\"documentId\": \"unknown-field\", \"body\": \"x\"}\n",
        b"{\"documentId\": \"bad-utf8\", \"content\": \"\xff\"}\n",
        b"{\"document_id\": \"no-content\"}\n",
    ];
    let mut input = Vec::new();
    let mut expected = Vec::new();
    for n in 0..500 {
        // Every seventh is bad; an empty line before it is nothing.
        if n % 7 == 3 {
            input.extend_from_slice(b"\n");
            input.extend_from_slice(bad[n / 7 % bad.len()]);
            let id = ["", "unknown-field", "bad-utf8", "no-content"][n / 7 % bad.len()];
            expected.push((id.to_owned(), true));
        } else {
            input.extend_from_slice(line(&format!("d{n}")).as_bytes());
            expected.push((format!("d{n}"), false));
        }
    }
    let args = |threads| ["extract", "--input", "jsonl", "--output", "jsonl", "--threads", threads];
    let first = run(&args("1"), &input);
    assert_eq!((first.code, &*first.stderr), (1, ""));
    let outcome = |line: &Value| {
        (line["documentId"].as_str().unwrap_or_default().to_owned(), line["error"].is_object())
    };
    assert_eq!(first.lines().iter().map(outcome).collect::<Vec<_>>(), expected);
    for threads in ["2", "3", "4", "5", "6", "7", "8"] {
        let other = run(&args(threads), &input);
        assert!(other.stdout == first.stdout, "{threads} threads answer otherwise than one");
        assert_eq!(other.code, 1);
    }
}

#[test]
fn an_error_line_tells_the_line_and_the_fields() {
    let input = format!("\n{}{}", line("a"), "{\"document_id\": \"b\", \"mimeType\": \"image/png\"}\n");
    let lines = run(&["extract", "--input", "jsonl", "--output", "jsonl"], input).lines();
    let expected = json!({
        "documentId": "b",
        "error": {
            "code": 3,
            "reason": "INVALID_REQUEST",
            "message": "standard input line 3: document.content: is required (and 1 more)",
            "fieldViolations": [
                {"field": "document.content", "description": "is required"},
                {"field": "document.mime_type",
                 "description": "\"image/png\" is neither text/plain nor text/html"},
            ],
        },
    });
    assert_eq!(lines[1], expected);
}

#[test]
fn an_error_never_quotes_the_line() {
    let lines: [&[u8]; 6] = [
        b"Marigold",
        b"\"Marigold\"",
        br#"{"content": ["Marigold"]}"#,
        br#"{"publishTime": "Marigold"}"#,
        br#"{"utcOffsetMinutes": "Marigold"}"#,
        b"{\"content\": \"Marigold \xff\"}",
    ];
    let input = lines.join(&b'\n');
    for output in ["pretty", "json", "jsonl"] {
        let run = run(&["extract", "--input", "jsonl", "--output", output], &input);
        assert_eq!(run.code, 1, "{output}");
        let told = run.stdout + &run.stderr;
        assert_eq!(told.lines().count(), lines.len(), "{told}");
        assert!(!told.contains("Marigold"), "{output}: {told}");
        assert!(
            told.contains("standard input line 4: document.publishTime: is not an RFC 3339 time"),
            "{told}"
        );
    }
}

#[test]
fn null_is_a_fields_default() {
    let all = r#"{"content": "A quiet day at the quay.", "title": null, "publishTime": null, "languageCode": null,
        "documentId": null, "mimeType": null, "utcOffsetMinutes": null, "sourceUri": null}"#;
    let records = [&all.replace('\n', ""), r#"{"content": "A quiet day at the quay."}"#]
        .map(|line| run(&["extract", "--input", "jsonl", "--output", "jsonl"], line));
    assert_eq!((records[0].code, &*records[0].stderr), (0, ""));
    assert_eq!(records[0].stdout, records[1].stdout);
}

#[test]
fn publication_times_at_the_edges() {
    let text = "The ferries came back yesterday.";
    for (published, timex) in [
        ("0001-01-01T00:00:00Z", "XXXX-XX-XX"),
        ("0001-01-02", "0001-01-01"),
        ("9999-12-31T23:59:59.999999999Z", "9999-12-30"),
        ("9999-12-31T23:59:59+02:00", "9999-12-30"),
    ] {
        let args = ["extract", "--published", published, "--language", "en", "--types", "date"];
        let record = run(&args, text).json();
        assert_eq!(record["entities"][0]["date"]["timex"], timex, "{published}: {record}");
    }
    for published in ["0000-12-31T23:59:59Z", "-000001-01-01", "9999-12-31T23:59:59-00:01", "10000-01-01"] {
        let run = run(&["extract", "--published", published], text);
        assert_eq!((run.code, &*run.stdout), (64, ""), "{published}: {}", run.stderr);
    }
}

#[test]
fn failures() {
    let too_large = "a ".repeat((4 << 20) + 1);
    let far_too_large = "a ".repeat(5 << 20);
    let cases = [
        ("empty", file("empty.txt", ""), "document.content: is required"),
        ("not UTF-8", file("latin1.txt", b"caf\xe9"), "document.content: is not UTF-8 from byte 3 on"),
        (
            "too large",
            file("large.txt", too_large),
            "document.content: 8388610 bytes with the title, over the limit of 8388608",
        ),
        (
            "not even kept",
            file("larger.txt", far_too_large),
            "document.content: 10485760 bytes with blank lines, over the limit of 8454144",
        ),
        ("a folder", env!("CARGO_TARGET_TMPDIR").to_owned(), "cannot be read: "),
        ("not there", "not/there.txt".to_owned(), "cannot be read: "),
    ];
    let good = file("good.txt", TEXT);
    for (name, path, message) in &cases {
        for output in ["json", "pretty"] {
            let run = run(&["extract", path, &good, "--output", output], "");
            assert_eq!(run.code, 1, "{name}");
            let expected = format!("depeche: {path}: {message}");
            assert!(run.stderr.starts_with(&expected), "{name}: {}", run.stderr);
            assert_eq!(run.stderr.lines().count(), 1, "{name}: {}", run.stderr);
            assert!(run.stdout.contains("good.txt"), "{name}: the next document is lost");
        }
        let run = run(&["extract", path, &good, "--output", "jsonl"], "");
        assert_eq!((run.code, &*run.stderr), (1, ""), "{name}");
        let lines = run.lines();
        assert_eq!(lines[0]["documentId"], **path, "{name}");
        let told = lines[0]["error"]["message"].as_str().unwrap();
        assert!(told.starts_with(&format!("{path}: {message}")), "{name}: {told}");
        assert_eq!(lines[1]["documentId"], *good, "{name}");
    }
}

#[test]
fn exit_codes_of_the_command_line() {
    let cases: [(&str, &[&str], i32); 15] = [
        ("help", &["--help"], 0),
        ("help of a command", &["extract", "--help"], 0),
        ("version", &["--version"], 0),
        ("no command", &[], 64),
        ("unknown command", &["guess"], 64),
        ("unknown flag", &["extract", "--fast"], 64),
        ("unknown format", &["extract", "--output", "xml"], 64),
        ("unknown type", &["extract", "--types", "person,animal"], 64),
        ("no threads", &["extract", "--threads", "0"], 64),
        ("more threads than help", &["extract", "--threads", "5000"], 64),
        ("too sure", &["extract", "--min-confidence", "1.5"], 64),
        ("no language", &["extract", "--language", "x!"], 64),
        ("no time", &["extract", "--published", "yesterday"], 64),
        ("time without offset", &["extract", "--published", "2024-05-03T10:00:00"], 64),
        ("no clock on earth", &["extract", "--published", "2024-05-03T10:00:00+20:00"], 64),
    ];
    for (name, args, code) in cases {
        let run = run(args, TEXT);
        assert_eq!(run.code, code, "{name}: {}", run.stderr);
        let (said, silent) = if code == 0 { (run.stdout, run.stderr) } else { (run.stderr, run.stdout) };
        assert!(!said.is_empty() && silent.is_empty(), "{name}: {said} / {silent}");
    }
}

#[test]
fn a_record_of_a_slow_pipe_comes_at_once() {
    let mut child = start(&["extract", "--input", "jsonl", "--output", "jsonl"]);
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for id in ["a", "b", "c"] {
        input.write_all(line(id).as_bytes()).unwrap();
        let mut record = String::new();
        // The next line is only written once this one is answered.
        output.read_line(&mut record).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&record).unwrap()["documentId"], id);
    }
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_closed_pipe_ends_the_program_quietly() {
    let mut child = start(&["extract", "--input", "jsonl", "--output", "jsonl"]);
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    // Endless input: only the closed pipe can end the program.
    let writer = thread::spawn(move || while input.write_all(line("a").as_bytes()).is_ok() {});
    let mut record = String::new();
    output.read_line(&mut record).unwrap();
    drop(output);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    writer.join().unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "");
}

#[test]
fn flags_fill_what_a_line_leaves_empty() {
    let own = json!({"content": "The ferries stayed at the quay.", "languageCode": "nl"}).to_string();
    let input = format!("{own}\n{}", line("a"));
    let lines = run(&["extract", "--input", "jsonl", "--output", "jsonl", "--language", "fr"], input).lines();
    let codes: Vec<_> = lines.iter().map(|line| &line["language"]["languageCode"]).collect();
    assert_eq!(codes, ["nl", "fr"]);
}

#[test]
fn offsets_in_three_units() {
    // One character outside the basic plane: 4 bytes, 2 units of UTF-16, 1 code point.
    let input = "🛶 Thieves copied 40 GB.";
    for (unit, name, start) in [
        ("utf8", "OFFSET_ENCODING_UTF8_BYTES", 20),
        ("utf16", "OFFSET_ENCODING_UTF16_CODE_UNITS", 18),
        ("utf32", "OFFSET_ENCODING_UNICODE_CODE_POINTS", 17),
    ] {
        let record = run(&["extract", "--offsets", unit, "--types", "data_size"], input).json();
        assert_eq!(record["offsetEncoding"], name);
        assert_eq!(record["entities"].as_array().map(Vec::len), Some(1), "{record}");
        let mention = &record["entities"][0]["mentions"][0];
        assert_eq!(mention["text"], "40 GB", "{unit}");
        assert_eq!(mention["part"], "DOCUMENT_PART_CONTENT", "{unit}");
        assert_eq!(
            (&mention["startOffset"], &mention["endOffset"]),
            (&json!(start), &json!(start + 5)),
            "{unit}"
        );
    }
}

#[test]
fn a_profile_tells_who_reads_names() {
    let article =
        file("profiles.txt", "Angela Merkel met Emmanuel Macron in Paris, said the European Central Bank.");
    let models = |profile: &str| {
        let run = run(&["extract", &article, "--profile", profile], "");
        assert_eq!(run.code, 0, "{profile}: {}", run.stderr);
        let record = run.json();
        let names: Vec<_> =
            record["entities"].as_array().unwrap().iter().map(|entity| &entity["name"]).collect();
        assert_eq!(
            names,
            ["Angela Merkel", "Emmanuel Macron", "Paris", "European Central Bank"],
            "{profile}"
        );
        let models = record["provenance"]["models"].as_array().unwrap().iter();
        models.map(|model| model.as_str().unwrap().split('@').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(models("fast"), ["names/fast"]);
    assert_eq!(models("accurate"), ["names/encoder"]);
    assert!(models("auto").contains(&"names/fast".to_owned()));
    let wrong = run(&["extract", &article, "--profile", "best"], "");
    assert_eq!(wrong.code, 64);
    assert!(wrong.stderr.contains("[possible values: fast, auto, accurate]"), "{}", wrong.stderr);
}

#[test]
fn colours_are_as_asked() {
    let sees_colours = |args: &[&str]| {
        let mut all = vec!["extract", "--output", "pretty"];
        all.extend(args);
        run(&all, TEXT).stdout.contains('\x1b')
    };
    assert!(sees_colours(&["--color", "always"]));
    assert!(!sees_colours(&["--color", "never"]));
    assert!(!sees_colours(&["--color", "auto"]));
}

#[test]
fn detection_of_one_document() {
    let french = "Le port est resté fermé toute la journée, et les bateaux sont restés à quai jusqu'au soir.";
    let found = run(&["detect"], french).json();
    assert_eq!(found["languageCode"], "fr");
    assert_eq!((&found["supported"], &found["reliable"]), (&json!(true), &json!(true)));
    assert_eq!(found["documentId"], Value::Null);
    assert_eq!(run(&["detect"], "1234 5678").json(), json!({"languageCode": "und"}));
    let pretty = run(&["detect", "--output", "pretty"], french);
    assert!(pretty.stdout.starts_with("language: fr, "), "{}", pretty.stdout);
}

#[test]
fn detection_of_several_documents() {
    let path = file("detect.txt", TEXT);
    let lines = run(&["detect", &path, "no.txt", &path, "--output", "jsonl"], "");
    assert_eq!(lines.code, 1);
    let lines = lines.lines();
    let ids: Vec<_> = lines.iter().map(|line| line["documentId"].as_str().unwrap()).collect();
    assert_eq!(ids, [&path, "no.txt", &path]);
    assert_eq!((&lines[0]["languageCode"], &lines[0]), (&json!("en"), &lines[2]));
    assert!(lines[1]["error"].is_object());
    let of_a_line = run(&["detect", "--input", "jsonl", "--output", "jsonl"], line("a")).lines();
    assert_eq!(of_a_line[0]["documentId"], "a");
}

#[test]
fn actors_are_listed_and_shown() {
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_depeche")).arg("actors").args(args).output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (status, list, _) = run(&["list"]);
    assert_eq!(status, Some(0));
    assert!(list.lines().count() > 1_000 && list.lines().any(|line| line.starts_with("LockBit\t")));
    let (status, shown, _) = run(&["show", "storm 0978"]);
    assert_eq!(status, Some(0));
    assert!(shown.starts_with("RomCom") && shown.contains("also: Storm-0978"), "{shown}");
    let (status, _, complaint) = run(&["show", "Nobody In Particular"]);
    assert_eq!(status, Some(1));
    assert_eq!(complaint, "depeche: no catalogued actor is called \"Nobody In Particular\"\n");
    let (status, _, complaint) = run(&["build", "--misp", "missing", "-o", "missing/actors.jsonl"]);
    assert_eq!(status, Some(1));
    assert!(complaint.contains("missing"), "{complaint}");
}
