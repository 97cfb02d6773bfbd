//! The figures of LFW against those that the original programs give for the same embeddings.

use std::collections::HashMap;

use facenet::Metric;
use facenet::evaluate::{CrossValidation, FoldOptions, PairImage, Pairs, RowPair, cross_validate, fold_of};
use ndarray::Array2;
use ndarray_npy::ReadNpyExt;

/// The stored embeddings, and the pairs of LFW's View 2 as rows of them.
fn golden() -> Option<(Array2<f32>, Vec<RowPair>)> {
    let reference = testkit::reference::reference_data()?;
    let file = std::fs::File::open(reference.join("golden/lfw_embeddings_fixed.npy")).expect("the embeddings");
    let vectors = Array2::<f32>::read_npy(file).expect("a matrix");
    let names = std::fs::read_to_string(reference.join("golden/lfw_names.txt")).expect("the names");
    let rows: HashMap<&str, usize> = names.lines().enumerate().map(|(row, name)| (name, row)).collect();
    let list = Pairs::read(reference.join("lfw/pairs.txt")).expect("the pairs");
    let row = |image: &PairImage| rows[image.stem().file_name().and_then(|name| name.to_str()).expect("a name")];
    let count = list.pairs().len();
    let pairs = list.pairs().iter().enumerate().map(|(index, pair)| RowPair {
        a: row(&pair.a),
        b: row(&pair.b),
        same: pair.same,
        fold: fold_of(index, count, 10),
    });
    Some((vectors, pairs.collect()))
}

fn printed(result: &CrossValidation) -> String {
    format!(
        "{:.5} +- {:.5} | {:.5} | {:.4} | {:.4}",
        result.accuracy.mean,
        result.accuracy.deviation,
        result.validation_rate.mean,
        result.area_under_curve,
        result.equal_error_rate
    )
}

/// One image gave no face and was embedded as zeros, so these are plain vectors, not embeddings.
#[test]
fn lfw_is_as_in_the_original() {
    let Some((vectors, pairs)) = golden() else { return };
    let plain = cross_validate(vectors.view(), &pairs, &FoldOptions::default()).unwrap();
    assert_eq!(printed(&plain), "0.98550 +- 0.00489 | 0.93967 | 0.9982 | 0.0130");

    let options = FoldOptions { metric: Metric::Angular, subtract_mean: true, ..FoldOptions::default() };
    let centred = cross_validate(vectors.view(), &pairs, &options).unwrap();
    assert_eq!(printed(&centred), "0.98900 +- 0.00507 | 0.96800 | 0.9985 | 0.0118");
}
