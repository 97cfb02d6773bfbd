use facenet::*;
fn main() {
    let rt = Runtime::new(RuntimeOptions::default()).unwrap();
    let d = Detector::new(&rt, DetectorOptions::default()).unwrap();
    for p in std::env::args().skip(1) {
        let im = Image::open(&p).unwrap();
        for f in d.detect(&im.frame()).unwrap() {
            println!("{p} {:?} {}", f.rect, f.score);
        }
    }
}
