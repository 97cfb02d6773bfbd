//! Networks: what they refuse, and that sharing, panics and forks do them no harm.

use std::panic::{AssertUnwindSafe, catch_unwind};

use facenet::runtime::{Network, NetworkOptions};

use facenet::{ErrorKind, Runtime, RuntimeOptions};
use testkit::runtime::{FLOAT, INT64, Model, relu, runtime};

fn load(runtime: &Runtime, bytes: &[u8]) -> facenet::Result<Network> {
    Network::from_bytes(runtime, "test", bytes, NetworkOptions::default())
}

#[test]
fn a_model_runs_and_tells_its_shapes() {
    let Some(runtime) = runtime(RuntimeOptions::default()) else { return };
    let shape = [0, 2, 2, 2];
    let model = Model::default()
        .node("Mul", &["x", "two"], "y")
        .constant("two", &[1], &[2.0])
        .input("x", FLOAT, &shape)
        .output("y", FLOAT, &shape)
        .metadata("key", "value")
        .build();
    let network = load(&runtime, &model).expect("it loads");
    assert_eq!(network.name(), "test");
    assert_eq!(network.input_shape(), [None, Some(2), Some(2), Some(2)]);
    assert_eq!(network.output_shape(), [None, Some(2), Some(2), Some(2)]);
    assert_eq!(network.metadata("key"), Some("value"));
    assert_eq!(network.metadata("other"), None);

    let input: Vec<f32> = (0..16).map(|i| i as f32).collect();
    let output = network.run([2, 2, 2, 2], &input, |shape, values| {
        assert_eq!(shape, [2, 2, 2, 2]);
        values.to_vec()
    });
    assert_eq!(output.expect("it runs"), input.iter().map(|x| 2.0 * x).collect::<Vec<_>>());
}

#[test]
fn input_of_another_shape_is_refused() {
    let Some(runtime) = runtime(RuntimeOptions::default()) else { return };
    let network = load(&runtime, &relu()).expect("it loads");
    let zeros = vec![0.0; 48];
    for shape in [
        [1, 3, 4, 3],
        [1, 4, 4, 3],
        [1, 3, 0, 4],
        [0, 3, 4, 4],
        [usize::MAX, 3, 4, 4],
        [1 << 32, 3, 1 << 32, 1],
        [1, 3, usize::MAX, usize::MAX],
    ] {
        let error = network.run(shape, &zeros, |_, _| ()).expect_err("a refusal");
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{shape:?}");
        assert!(error.to_string().contains("network test"), "{error}");
    }
    assert!(network.run([1, 3, 4, 4], &zeros, |_, _| ()).is_ok());
}

#[test]
fn options_out_of_range_are_refused() {
    let Some(runtime) = runtime(RuntimeOptions::default()) else { return };
    let good = NetworkOptions::default();
    for options in [
        NetworkOptions { sessions: 0, ..good },
        NetworkOptions { sessions: 1025, ..good },
        NetworkOptions { intra_threads: 0, ..good },
        NetworkOptions { intra_threads: usize::MAX, ..good },
    ] {
        let error = Network::from_bytes(&runtime, "test", &relu(), options).expect_err("a refusal");
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{options:?}");
    }
}

#[test]
fn files_that_are_no_model_are_told_apart() {
    let Some(runtime) = runtime(RuntimeOptions::default()) else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let whole = Model::default()
        .node("Add", &["x", "bias"], "y")
        .constant("bias", &[1000], &[0.5; 1000])
        .input("x", FLOAT, &[0, 1, 1, 1000])
        .output("y", FLOAT, &[0, 1, 1, 1000])
        .build();
    let cases: [(&str, &[u8], &str); 8] = [
        ("empty", b"", "is empty"),
        ("pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "Git LFS pointer"),
        ("page", b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
        ("checkpoint", b"PK\x03\x04rest", "zip archive"),
        ("noise", &[0xff; 5000], "no ONNX model"),
        ("text", b"this is no model", "no ONNX model"),
        ("half", &whole[..2000], "breaks off"),
        ("almost", &whole[..whole.len() - 1], "breaks off"),
    ];
    for (name, bytes, reason) in cases {
        let path = folder.path().join(format!("{name}.onnx"));
        std::fs::write(&path, bytes).expect("the file is written");
        let from_file = Network::load(&runtime, &path, NetworkOptions::default()).expect_err("a refusal");
        let from_bytes = load(&runtime, bytes).expect_err("a refusal");
        for error in [from_file, from_bytes] {
            assert_eq!(error.kind(), ErrorKind::ModelInvalid, "{name}: {error}");
            assert!(error.to_string().contains(reason), "{name}: {error}");
        }
        let error = Network::load(&runtime, &path, NetworkOptions::default()).expect_err("a refusal");
        assert!(error.to_string().contains(path.to_str().expect("a name in UTF-8")), "{error}");
    }
    assert!(load(&runtime, &whole).is_ok());

    let absent = Network::load(&runtime, folder.path().join("absent.onnx"), NetworkOptions::default());
    assert_eq!(absent.expect_err("no such file").kind(), ErrorKind::NotFound);
    let a_folder = Network::load(&runtime, folder.path(), NetworkOptions::default());
    assert_eq!(a_folder.expect_err("no file").kind(), ErrorKind::Io);
}

#[test]
fn models_of_another_kind_are_refused() {
    let Some(runtime) = runtime(RuntimeOptions::default()) else { return };
    let shape = [1, 3, 2, 2];
    let cases = [
        ("two inputs", Model::default().node("Add", &["x", "z"], "y").input("z", FLOAT, &shape), &shape[..], FLOAT),
        ("no image", Model::default().node("Relu", &["x"], "y"), &shape[..2], FLOAT),
        ("whole numbers", Model::default().node("Abs", &["x"], "y"), &shape[..], INT64),
    ];
    for (name, model, shape, element) in cases {
        let bytes = model.input("x", element, shape).output("y", element, shape).build();
        let error = load(&runtime, &bytes).expect_err(name);
        assert_eq!(error.kind(), ErrorKind::ModelUnsupported, "{name}: {error}");
        assert!(error.to_string().contains("must have one input"), "{name}: {error}");
    }
    let two_outputs = Model::default()
        .node("Relu", &["x"], "y")
        .node("Neg", &["x"], "z")
        .input("x", FLOAT, &shape)
        .output("y", FLOAT, &shape)
        .output("z", FLOAT, &shape)
        .build();
    let error = load(&runtime, &two_outputs).expect_err("two outputs");
    assert_eq!(error.kind(), ErrorKind::ModelUnsupported);
    assert!(error.to_string().contains("must have one output") && error.to_string().contains('z'), "{error}");

    let unknown = Model::default().node("Frobnicate", &["x"], "y").input("x", FLOAT, &shape).output("y", FLOAT, &shape);
    let error = load(&runtime, &unknown.build()).expect_err("no such operator");
    assert_eq!(error.kind(), ErrorKind::ModelUnsupported);
    assert!(error.to_string().contains("Frobnicate"), "{error}");
}

#[test]
fn results_do_not_depend_on_who_else_runs() {
    let Some(runtime) = runtime(RuntimeOptions::default()) else { return };
    // A convolution of 3 planes to 2 with a kernel of 3 x 3, as something that has intermediate memory.
    let weights: Vec<f32> = (0..54).map(|i| (i as f32 * 0.37).sin()).collect();
    let model = Model::default()
        .node("Conv", &["x", "w"], "c")
        .node("Relu", &["c"], "y")
        .constant("w", &[2, 3, 3, 3], &weights)
        .input("x", FLOAT, &[0, 3, 0, 0])
        .output("y", FLOAT, &[0, 2, 0, 0])
        .build();
    let options = NetworkOptions { sessions: 3, ..NetworkOptions::default() };
    let network = Network::from_bytes(&runtime, "test", &model, options).expect("it loads");
    let run = |seed: usize| {
        let shape = [1, 3, 8 + seed % 13, 8 + seed % 7];
        let input: Vec<f32> = (0..shape.iter().product()).map(|i: usize| ((i * 31 + seed) as f32).cos()).collect();
        network.run(shape, &input, |_, values| values.to_vec()).expect("it runs")
    };
    let alone: Vec<Vec<f32>> = (0..50).map(run).collect();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| alone.iter().enumerate().for_each(|(seed, expected)| assert_eq!(&run(seed), expected)));
        }
    });
}

#[test]
fn a_panic_in_the_reader_harms_nobody_else() {
    let Some(runtime) = runtime(RuntimeOptions::default()) else { return };
    let network = load(&runtime, &relu()).expect("it loads");
    let input = [1.0, -1.0, 2.0];
    for _ in 0..3 {
        let panic =
            catch_unwind(AssertUnwindSafe(|| network.run([1, 3, 1, 1], &input, |_, _| panic!("of the reader"))));
        assert!(panic.is_err());
    }
    assert_eq!(network.run([1, 3, 1, 1], &input, |_, y| y.to_vec()).expect("it runs"), [1.0, 0.0, 2.0]);
}

#[test]
fn memory_given_back_does_not_change_results() {
    let Some(runtime) = runtime(RuntimeOptions::default()) else { return };
    let options = NetworkOptions { keep_memory_up_to: 0, ..NetworkOptions::default() };
    let network = Network::from_bytes(&runtime, "test", &relu(), options).expect("it loads");
    for side in [1usize, 500, 3, 200] {
        let input: Vec<f32> = (0..3 * side * side).map(|i| i as f32 - 4.0).collect();
        let output = network.run([1, 3, side, side], &input, |_, y| y.to_vec()).expect("it runs");
        assert!(output.iter().zip(&input).all(|(y, x)| *y == x.max(0.0)), "side {side}");
    }
}
