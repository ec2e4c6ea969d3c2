package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// each explains what the command names and hands the findings on in the order of the paths.
func (x *explainCmd) each(env *environment, ex *explainer, got func(*explained)) error {
	if x.Path == "-" {
		data, err := io.ReadAll(io.LimitReader(env.in, ex.max+1))
		if err != nil {
			return fmt.Errorf("reading standard input: %w", err)
		}
		if int64(len(data)) > ex.max {
			return fmt.Errorf("standard input: the limit of a message is %d bytes (limits.message)", ex.max)
		}
		got(ex.explain("-", bytes.NewReader(data), int64(len(data))))
		return nil
	}
	st, err := os.Stat(x.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return usagef("%s does not exist: expected a mail, a folder with mails, or - for standard input", x.Path)
	}
	if err != nil {
		return fmt.Errorf("reading mails: %w", err)
	}
	if !st.IsDir() {
		got(ex.explainFile(x.Path))
		return nil
	}
	paths, unread := filesBelow(x.Path)
	for _, e := range unread {
		got(e)
	}
	return inOrder(env.ctx.Done(), paths, ex.explainFile, got)
}

// filesBelow lists every file below dir, sorted by path, and what could not be looked into.
func filesBelow(dir string) (paths []string, unread []*explained) {
	// The function given to WalkDir returns no error, so neither does WalkDir.
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			unread = append(unread, &explained{File: path, Error: err.Error()})
		case d.Type().IsRegular():
			paths = append(paths, path)
		case d.Type()&fs.ModeSymlink != 0:
			if st, err := os.Stat(path); err != nil {
				unread = append(unread, &explained{File: path, Error: err.Error()})
			} else if st.Mode().IsRegular() {
				paths = append(paths, path)
			}
		}
		return nil
	})
	slices.Sort(paths)
	return paths, unread
}

// errStopped is what a command returns that was interrupted.
var errStopped = errors.New("interrupted")

// inOrder calls f on all cores and hands the results on in the order of in, as soon as they are there. It waits for its
// goroutines.
func inOrder[T, R any](stop <-chan struct{}, in []T, f func(T) R, got func(R)) error {
	type job struct {
		in  T
		out chan R
	}
	workers := min(len(in), runtime.GOMAXPROCS(0))
	jobs, queue := make(chan job), make(chan chan R, 16*workers+1)
	for range workers {
		go func() {
			for j := range jobs {
				j.out <- f(j.in)
			}
		}()
	}
	stopped := false
	go func() {
		defer close(queue)
		defer close(jobs)
		for _, v := range in {
			j := job{v, make(chan R, 1)}
			select {
			case <-stop:
				stopped = true
				return
			case queue <- j.out:
			}
			jobs <- j
		}
	}()
	for out := range queue {
		got(<-out)
	}
	if stopped { // written before queue was closed
		return errStopped
	}
	return nil
}
