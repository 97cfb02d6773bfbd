module facenet

go 1.19
