package facenet_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"facenet"
)

func TestDistances(t *testing.T) {
	a, b := vectorOf(t, "obama.jpg"), vectorOf(t, "biden.jpg")
	var squares, dot float64
	for i := range a {
		squares += (float64(a[i]) - float64(b[i])) * (float64(a[i]) - float64(b[i]))
		dot += float64(a[i]) * float64(b[i])
	}
	for metric, want := range map[facenet.Metric]float64{
		facenet.MetricEuclidean:        math.Sqrt(squares),
		facenet.MetricSquaredEuclidean: squares,
		facenet.MetricCosine:           dot,
		facenet.MetricAngular:          math.Acos(dot) / math.Pi,
	} {
		near(t, "distance", float64(must(facenet.Distance(a, b, metric))(t)), want, 1e-6)
	}
	if !facenet.MetricEuclidean.Within(1, 1) || facenet.MetricEuclidean.Within(1.1, 1) ||
		!facenet.MetricCosine.Within(0.9, 0.5) || facenet.MetricCosine.Within(0.4, 0.5) {
		t.Error("Within")
	}
	_, _, embedder := shared(t)
	if thresholds := must(embedder.Thresholds())(t); len(thresholds) == 0 || embedder.Metric() != facenet.MetricEuclidean {
		t.Errorf("%v", thresholds)
	}
}

func TestClusters(t *testing.T) {
	_, _, embedder := shared(t)
	var rows [][]float32
	people := []int64{7, 7, 7, 3, 5}
	for _, name := range []string{"obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg", "astronaut.png"} {
		rows = append(rows, vectorOf(t, name))
	}
	vectors := must(facenet.NewVectors(rows...))(t)
	options := facenet.DefaultClusterOptions()
	options.Threshold = must(embedder.ClusterThreshold(options.Algorithm))(t)
	var told uint64
	clusters := must(facenet.Cluster(context.Background(), vectors, options, func(done, total uint64) { told = total }))(t)
	defer clusters.Close()
	labels := must(clusters.Labels())(t)
	for i := range people {
		for j := range people {
			if (labels[i] == labels[j]) != (people[i] == people[j]) {
				t.Errorf("labels %v", labels)
			}
		}
	}
	bcubed, pairwise, err := clusters.Scores(people)
	if one := (facenet.Agreement{Precision: 1, Recall: 1, F: 1}); err != nil || bcubed != one || pairwise != one {
		t.Errorf("%v %v %v", bcubed, pairwise, err)
	}
	if clusters.Count() != 3 || told != 1000 {
		t.Errorf("%d clusters, %d thousandths", clusters.Count(), told)
	}
	if _, err := facenet.Cluster(context.Background(), vectors, facenet.DefaultClusterOptions(), nil); !errors.Is(err, facenet.ErrInvalidArgument) {
		t.Errorf("no threshold: %v", err)
	}
}

func TestClassifiers(t *testing.T) {
	_, _, embedder := shared(t)
	vectors := must(facenet.NewVectors(vectorOf(t, "biden.jpg"), vectorOf(t, "obama.jpg"), vectorOf(t, "obama2.jpg")))(t)
	options := facenet.DefaultClassifierOptions()
	options.Threshold = 0.4
	options.Strangers = must(facenet.NewVectors(vectorOf(t, "astronaut.png")))(t)
	names := []string{"Joe Biden", "Barack Obama", "Barack Obama"}
	trained := must(facenet.Train(context.Background(), embedder, vectors, names, &options, nil))(t)
	defer trained.Close()
	path := filepath.Join(t.TempDir(), "people.facenet")
	if err := trained.Save(path); err != nil {
		t.Fatal(err)
	}
	classifier := must(facenet.LoadClassifier(path))(t)
	defer classifier.Close()
	if known := must(classifier.Names())(t); len(known) != 2 || known[0] != "Joe Biden" || known[1] != "Barack Obama" {
		t.Errorf("%q", known)
	}
	asked := must(facenet.NewVectors(vectorOf(t, "obama3.jpg"), vectorOf(t, "astronaut.png")))(t)
	said := must(classifier.Predict(embedder, asked))(t)
	if said[0].Person != 1 || said[1].Person != facenet.Nobody || said[0].Score < 0.4 || said[1].Score >= 0.4 {
		t.Errorf("%+v", said)
	}
	if info := must(classifier.Info())(t); !json.Valid(info) {
		t.Errorf("%s", info)
	}
	if _, err := facenet.Train(context.Background(), embedder, vectors, names[:2], nil, nil); !errors.Is(err, facenet.ErrInvalidArgument) {
		t.Errorf("a name too few: %v", err)
	}
}

const pairs = "2\t1\n" +
	"Barack_Obama\t1\t2\nBarack_Obama\t1\tJoe_Biden\t1\n" +
	"Barack_Obama\t1\t3\nJoe_Biden\t1\tEileen_Collins\t1\n"

func TestValidationSaysWhatTheProgramSays(t *testing.T) {
	onnx, _, _ := shared(t)
	folder := people(t)
	list := filepath.Join(folder, "pairs.txt")
	if err := os.WriteFile(list, []byte(pairs), 0o666); err != nil {
		t.Fatal(err)
	}
	central := facenet.DefaultDetectorOptions()
	central.Selection = facenet.SelectCentral
	pipeline := must(facenet.NewPipeline(onnx, &central, nil))(t)
	defer pipeline.Close()
	options := facenet.DefaultEvaluatorOptions()
	options.Folds = 2
	var done, total uint64
	report := must(facenet.ValidateLFW(context.Background(), pipeline, folder, list, &options,
		func(d, of uint64) { done, total = d, of }))(t)
	defer report.Close()
	if done != 5 || total != 5 {
		t.Errorf("%d of %d images were told of", done, total)
	}
	type numbers struct{ Mean, Deviation float64 }
	type said struct {
		CrossValidation struct {
			Accuracy       numbers
			ValidationRate numbers `json:"validation_rate"`
			AreaUnderCurve float64 `json:"area_under_curve"`
		} `json:"cross_validation"`
		Pairs int
	}
	var mine, programs said
	if err := json.Unmarshal(must(report.JSON())(t), &mine); err != nil {
		t.Fatal(err)
	}
	printed := program(t, "validate", "--raw", "--json", "--quiet", "--lfw-pairs", list, folder)
	if err := json.Unmarshal(printed, &programs); err != nil {
		t.Fatal(err)
	}
	if mine != programs || mine.Pairs != 4 {
		t.Errorf("%+v, the program says %+v", mine, programs)
	}
	figures := must(report.Figures())(t)
	if figures.Accuracy != programs.CrossValidation.Accuracy.Mean ||
		figures.AreaUnderCurve != programs.CrossValidation.AreaUnderCurve || figures.Pairs != 4 {
		t.Errorf("%+v", figures)
	}
	if roc := must(report.ROC())(t); len(roc) < 2 || roc[len(roc)-1].FalseNonMatchRate != 0 {
		t.Errorf("%v", roc)
	}
	page := filepath.Join(t.TempDir(), "report.html")
	if err := report.WriteHTML(page, "shipped", "five photos"); err != nil {
		t.Fatal(err)
	}
}

func TestPairsOfVectors(t *testing.T) {
	options := facenet.DefaultEvaluatorOptions()
	options.Folds = 2
	evaluator := must(facenet.NewEvaluator(&options))(t)
	defer evaluator.Close()
	for i := 0; i < 20; i++ {
		// Nearly the same, or nearly at right angles.
		sine, cosine := math.Sincos(float64(i%10) / 1000)
		b := []float32{float32(cosine), float32(sine)}
		if i%2 == 1 {
			b[0], b[1] = b[1], b[0]
		}
		if err := evaluator.AddPair([]float32{1, 0}, b, i%2 == 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := evaluator.AddPair([]float32{1}, []float32{1}, true); !errors.Is(err, facenet.ErrDimensionMismatch) {
		t.Errorf("%v", err)
	}
	report := must(evaluator.Report())(t)
	defer report.Close()
	if figures := must(report.Figures())(t); figures.Accuracy != 1 || figures.Pairs != 20 {
		t.Errorf("%+v", figures)
	}
}

func TestFoldersAndStops(t *testing.T) {
	onnx, _, embedder := shared(t)
	photos, aligned, exported := people(t), t.TempDir(), t.TempDir()

	// Stopped after the first image, taken up, then nothing is left to do.
	ctx, cancel := context.WithCancel(context.Background())
	options := facenet.DefaultAlignFolderOptions()
	_, err := onnx.AlignFolder(ctx, photos, aligned, nil, &options, func(done, total uint64) { cancel() })
	if !errors.Is(err, context.Canceled) || !errors.Is(err, facenet.ErrCancelled) {
		t.Fatalf("%v", err)
	}
	summary := must(onnx.AlignFolder(context.Background(), photos, aligned, nil, nil, nil))(t)
	if summary.Images != 5 || summary.DoneBefore+summary.Aligned != 5 {
		t.Errorf("%+v", summary)
	}
	if again := must(onnx.AlignFolder(context.Background(), photos, aligned, nil, nil, nil))(t); again.DoneBefore != 5 {
		t.Errorf("%+v", again)
	}
	if _, err := facenet.ExportFolder(ctx, embedder, aligned, exported, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if export := must(facenet.ExportFolder(context.Background(), embedder, aligned, exported, nil))(t); export.Faces != 5 {
		t.Errorf("%+v", export)
	}
	named := facenet.DefaultExportOptions()
	named.LabelsName = "people.npy"
	renamed := t.TempDir()
	must(facenet.ExportFolderWith(context.Background(), embedder, aligned, renamed, &named, nil))(t)
	must(os.Stat(filepath.Join(renamed, "people.npy")))(t)
	named.PartSize = 0
	_, err = facenet.ExportFolderWith(context.Background(), embedder, aligned, renamed, &named, nil)
	if !errors.Is(err, facenet.ErrInvalidArgument) {
		t.Errorf("%v", err)
	}
}

func TestPanicOfProgress(t *testing.T) {
	_, _, embedder := shared(t)
	defer func() {
		if said := recover(); said != "enough" {
			t.Errorf("%v", said)
		}
	}()
	_, err := facenet.ExportFolder(context.Background(), embedder, people(t), t.TempDir(), func(done, total uint64) { panic("enough") })
	t.Errorf("went on, %v", err)
}

func TestModels(t *testing.T) {
	models, err := filepath.Glob("../../models/facenet-*.onnx")
	if err != nil || len(models) == 0 {
		t.Fatal("no model", err)
	}
	info := must(facenet.ModelInfo(models[0]))(t)
	if !json.Valid(info) {
		t.Errorf("%s", info)
	}
	copied := filepath.Join(t.TempDir(), "copy.onnx")
	options := facenet.DefaultModelImportOptions()
	options.Name = "copy"
	if err := facenet.ImportModel(models[0], copied, options); err != nil {
		t.Fatal(err)
	}
	onnx, _, _ := shared(t)
	embedder := must(facenet.NewEmbedder(onnx, &facenet.EmbedderOptions{Model: copied, BatchSize: 4}))(t)
	defer embedder.Close()
	if embedder.Dimension() != 512 {
		t.Errorf("%d values", embedder.Dimension())
	}
}

func TestCalibration(t *testing.T) {
	_, _, embedder := shared(t)
	// Eight people at right angles, of each four pictures that are alike: nothing is near a stranger.
	var rows [][]float32
	var people []uint32
	for i := 0; i < 32; i++ {
		row := make([]float32, embedder.Dimension())
		row[i/4], row[100+i] = 1, 0.1
		rows, people = append(rows, row), append(people, uint32(i/4)*10)
	}
	vectors := must(facenet.NewVectors(rows...))(t)
	rates := []float64{0.2, 1e-6}
	found := must(facenet.Calibrate(context.Background(), vectors, people, facenet.MetricCosine, rates, nil))(t)
	if len(found) != 2 || !math.IsNaN(float64(found[1].Distance)) || found[0].FalseMatchRate > 0.2 {
		t.Fatalf("%+v", found)
	}
	if found[0].FalseNonMatchRate != 0 || found[0].Distance > 0.99 {
		t.Errorf("%+v", found[0])
	}
	path := filepath.Join(t.TempDir(), "profile.json")
	if err := embedder.WriteProfile(path, facenet.MetricCosine, found[:1], "made up"); err != nil {
		t.Fatal(err)
	}
	metric, read, err := embedder.ReadProfile(path)
	if err != nil || metric != facenet.MetricCosine || len(read) != 1 || read[0] != found[0] {
		t.Errorf("%v %+v %v", metric, read, err)
	}
	if _, err := facenet.Calibrate(context.Background(), vectors, people[1:], facenet.MetricCosine, rates, nil); !errors.Is(err, facenet.ErrDimensionMismatch) {
		t.Errorf("%v", err)
	}
	if _, _, err := embedder.ReadProfile("no such file"); !errors.Is(err, facenet.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

func TestModelsInMemory(t *testing.T) {
	onnx, pipeline, embedder := shared(t)
	read := func(name string) []byte { return must(os.ReadFile(filepath.Join("../../models", name)))(t) }
	detector, model := facenet.DefaultDetectorOptions(), facenet.DefaultEmbedderOptions()
	detector.Selection = facenet.SelectLargest
	detector.Networks = [3][]byte{read("mtcnn-pnet.onnx"), read("mtcnn-rnet.onnx"), read("mtcnn-onet.onnx")}
	files := must(filepath.Glob("../../models/facenet-*.onnx"))(t)
	model.ModelBytes = read(filepath.Base(files[0]))
	given := must(facenet.NewPipeline(onnx, &detector, &model))(t)
	defer given.Close()
	found, want := must(given.ProcessFile(photo("biden.jpg")))(t), must(pipeline.ProcessFile(photo("biden.jpg")))(t)
	if len(found) != 1 || found[0].Face != want[0].Face {
		t.Fatalf("%+v, want %+v", found, want)
	}
	for i, value := range found[0].Vector {
		if value != want[0].Vector[i] {
			t.Fatalf("value %d: %v, want %v", i, value, want[0].Vector[i])
		}
	}
	with := must(given.Embedder())(t)
	defer with.Close()
	if must(with.Fingerprint())(t) != must(embedder.Fingerprint())(t) {
		t.Error("fingerprint")
	}
	model.ModelBytes = []byte{}
	if _, err := facenet.NewEmbedder(onnx, &model); !errors.Is(err, facenet.ErrInvalidArgument) {
		t.Errorf("no bytes: %v", err)
	}
	detector.Networks[1] = []byte("no model")
	if _, err := facenet.NewDetector(onnx, &detector); err == nil {
		t.Error("bytes that are no model")
	}
}
