module compare

go 1.19

require facenet v0.0.0

replace facenet => ../../bindings/go
